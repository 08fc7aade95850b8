#!/usr/bin/python3
"""Checks that includes run downwards only, that heavy third-party headers stay in .cc files, and that code
above the Runtime includes no standard header for waiting or for chance.

usage: include_layers.py <root of the repository>

Prints one line per violation, "file:line: why", and exits with 1 if there are any.
"""

import pathlib
import re
import sys

# The two houses of the Runtime. Code above the Runtime must not know in which one it lives; its tests choose.
HOUSES = {"protocol/runtime/os", "protocol/runtime/simulation"}

# What tests are written with, although it stands above the rooms that they test.
FOR_TESTS = {"scenarios/dialogue"}

# Each room, and the rooms that it may include besides itself. A file belongs to the longest matching room.
ROOMS = {
    "protocol/wire": set(),
    "protocol/catalogue": {"protocol/wire"},
    "protocol/runtime": set(),
    "protocol/runtime/os": {"protocol/runtime"},
    "protocol/runtime/simulation": {"protocol/runtime"},
    "protocol/stream": {"protocol/wire", "protocol/catalogue", "protocol/runtime"},
    "protocol/jitaas": {"protocol/wire", "protocol/catalogue", "protocol/runtime", "protocol/stream"},
    "protocol/grpc": {  # on the operating system only
        "protocol/wire", "protocol/catalogue", "protocol/runtime", "protocol/runtime/os", "protocol/stream", "protocol/jitaas",
    },
}
# The older generation can be left out of a build (JITRIG_JITAAS, JITRIG_GRPC).
PROTOCOL = set(ROOMS) - HOUSES - {"protocol/jitaas", "protocol/grpc"}
ROOMS["capture"] = PROTOCOL
ROOMS["fakevm"] = PROTOCOL | {"capture"}
ROOMS["fakecompiler"] = PROTOCOL | {"capture"}
ROOMS["scenarios/fault"] = PROTOCOL | {"capture"}
ROOMS["scenarios/dialogue"] = PROTOCOL | {"capture"}
ROOMS["scenarios/record"] = PROTOCOL | {"capture", "fakevm", "fakecompiler", "scenarios/fault"}
ROOMS["scenarios/checkers"] = ROOMS["scenarios/record"] | {"scenarios/record"}
ROOMS["scenarios/file"] = PROTOCOL | {"protocol/jitaas", "capture", "fakevm", "fakecompiler", "scenarios/fault"}
ROOMS["scenarios/system"] = {"protocol/runtime", "protocol/runtime/os"}
# Where a scenario is run, the house of the Runtime is chosen.
ROOMS["scenarios/run"] = set(ROOMS)
ROOMS["scenarios/sweeps"] = set(ROOMS)
ROOMS["scenarios/simulate"] = set(ROOMS)
ROOMS["scenarios"] = set(ROOMS) - HOUSES
ROOMS["fuzz"] = set(ROOMS)
ROOMS["cli"] = set(ROOMS) - {"fuzz"}

# Not even the tests of these know of a Runtime.
ROOMS_WITHOUT_RUNTIME = {"protocol/wire", "protocol/catalogue"}

# Third-party headers that would make every file that includes ours slow to compile.
HEAVY_HEADERS = re.compile(r"(spdlog|yaml-cpp|CLI|nlohmann|pcap|grpc|grpcpp|google/protobuf|boost)(/|\.h)")
# Libraries that one room wraps for all others; there they may be in headers, elsewhere nowhere.
WRAPPED_BY = {"boost": "protocol/runtime/simulation"}

# These rooms wait, and draw random numbers, through the Runtime only: the simulation must see it all. libm and
# the standard distributions differ between machines; std::regex needs more stack than a fiber has.
ABOVE_THE_RUNTIME = {
    "protocol/wire", "protocol/catalogue", "protocol/stream", "protocol/jitaas", "capture", "fakevm", "fakecompiler", "scenarios", "scenarios/fault", "scenarios/dialogue",
    "scenarios/record", "scenarios/checkers", "scenarios/file", "scenarios/run", "scenarios/sweeps", "scenarios/simulate",
}
BEHIND_THE_RUNTIME = {
    "barrier", "cmath", "condition_variable", "future", "latch", "pthread.h", "random", "regex", "semaphore",
    "shared_mutex", "stop_token", "thread",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The room of a file named from the root, or None."""
    found = [room for room in ROOMS if path.startswith(room + "/")]
    return max(found, key=len, default=None)


def may_include(room, other, is_test):
    if other == room or other in ROOMS[room]:
        return True
    return is_test and other in HOUSES | FOR_TESTS and room not in ROOMS_WITHOUT_RUNTIME


def violation(path, bracket, header):
    """Why the file at `path` must not include `header`, or None."""
    room = room_of(path)
    is_test = path.endswith("_test.cc")
    other = room_of(header)
    if header.endswith(".pb.h") and path.endswith(".h"):
        return f'"{header}": what protobuf generates belongs into .cc files, in a header it slows down every includer'
    if other is not None:
        if bracket == "<":
            return f'<{header}> is ours: include it as "{header}"'
        if not may_include(room, other, is_test):
            allowed = ", ".join(sorted(ROOMS[room])) or "no other room"
            return f"{room} must not include {other} ({header}); it may use {allowed}"
        return None
    if bracket == '"' and "/" not in header:
        return f'"{header}": include by the path from the root of the repository'

    if header in BEHIND_THE_RUNTIME and room in ABOVE_THE_RUNTIME and not is_test:
        return f"<{header}>: above the Runtime this goes through protocol/runtime/runtime.h"

    heavy = HEAVY_HEADERS.match(header)
    if heavy is None:
        return None
    library = heavy.group(1)
    if library in WRAPPED_BY:
        if room == WRAPPED_BY[library]:
            return None
        return f"<{header}>: {library} is used only in {WRAPPED_BY[library]}"
    if path.endswith(".h"):
        return f"<{header}>: {library} belongs into .cc files, in a header it slows down every includer"
    return None


def check(root):
    """The violations below `root` as "file:line: why" in the order of files and lines, and how many files."""
    violations = []
    tops = sorted({room.split("/")[0] for room in ROOMS})
    files = [file for top in tops for file in (root / top).rglob("*") if file.suffix in (".h", ".cc")]
    for file in sorted(files):
        path = file.relative_to(root).as_posix()
        if room_of(path) is None:
            violations.append(f"{path}:1: lies in no room; the rooms are {', '.join(sorted(ROOMS))}")
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            include = INCLUDE.match(line)
            why = violation(path, *include.groups()) if include else None
            if why:
                violations.append(f"{path}:{number}: {why}")
    return violations, len(files)


def main(arguments):
    if len(arguments) != 1 or not (pathlib.Path(arguments[0]) / "protocol").is_dir():
        print(__doc__.strip(), file=sys.stderr)
        return 2
    violations, count = check(pathlib.Path(arguments[0]))
    for line in violations:
        print(line)
    print(f"{count} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
