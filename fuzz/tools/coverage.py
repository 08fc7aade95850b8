#!/usr/bin/python3
"""Which regions of the sources corpora and findings reach, and which they do not and why.

usage: coverage.py <fuzz_driver, built with clang's coverage> <folder for what it writes>

Runs every target on its corpus and its findings, as the ctests do but for the changed inputs. A region is clang's: code
that runs as a whole or not at all; that of a template counts as reached if any instantiation of it is. Headers do not
count, so neither do templates, which live there.

What no target reaches stands in fuzz/unreached.txt below its reason, a line of the source as often as lines with its text
have such regions; the status is 1 if a region is neither reached nor explained, if an explanation has become wrong, or if a
room falls below its bound.
"""

import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
CODE = 0  # llvm-cov's kinds of regions; others are gaps, expansions of macros, what the preprocessor skipped

# What the bounds are for: a bound in percent, and the sources.
ROOMS = {
    "protocol/wire": (98, None),
    "protocol/stream, readers": (90, "aot_record byte_stream client_stream communication_stream "
                                     "compilation_request_layout server_stream"),
    "capture, readers": (90, "capture_file captured_connection conversation direction_messages packet packet_file "
                             "tcp_direction tcp_reassembly"),
}  # fmt: skip
NOT_SOURCES = ("_test.cc", "_testing.cc", "_test_support.cc", "allocation_watch.cc", "golden_messages.cc", "random_values.cc")


def sources(room):
    folder = room.split(",")[0]
    names = ROOMS[room][1]
    if names:
        return [f"{folder}/{name}.cc" for name in names.split()]
    paths = sorted((ROOT / folder).glob("*.cc"))
    return [str(path.relative_to(ROOT)) for path in paths if not path.name.endswith(NOT_SOURCES)]


def profile(driver, target, folder):
    raw = folder / f"{target}.profraw"
    inputs = [FUZZ / "corpora" / f"{target}.hex", FUZZ / "findings" / target]
    subprocess.run([driver, target, *inputs], check=True, stdout=subprocess.DEVNULL, env={"LLVM_PROFILE_FILE": str(raw)})
    return raw


def regions(driver, raws, folder, name):
    """{source: {(first line, column, last line, column): how often it ran}}"""
    merged = folder / f"{name}.profdata"
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", *raws, "-o", merged], check=True)
    paths = [ROOT / source for room in ROOMS for source in sources(room)]
    exported = subprocess.run(["llvm-cov-19", "export", "-instr-profile", merged, driver, *paths],
                              check=True, capture_output=True).stdout  # fmt: skip
    found = {str(path.relative_to(ROOT)): {} for path in paths}
    for function in json.loads(exported)["data"][0]["functions"]:
        for *place, count, file, _, kind in function["regions"]:
            path = pathlib.Path(function["filenames"][file])
            source = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else ""
            if kind == CODE and source in found:
                found[source][tuple(place)] = max(count, found[source].get(tuple(place), 0))
    return found


def share(found, room):
    counts = [count for source in sources(room) for count in found[source].values()]
    reached = sum(1 for count in counts if count)
    return reached, len(counts), 100 * reached / len(counts)


def unreached(found):
    """{"source: the text of the line where a region begins": {its places}}. A place is a line."""
    places = collections.defaultdict(set)
    for source, its_regions in found.items():
        lines = (ROOT / source).read_text().splitlines()
        for place, count in sorted(its_regions.items()):
            if count == 0:
                places[f"{source}: {lines[place[0] - 1].strip()}"].add(f"{source}:{place[0]}")
    return places


def explained():
    """{"source: line": how many places with this text are explained}: as many as it stands there."""
    lines = (FUZZ / "unreached.txt").read_text().splitlines()
    return collections.Counter(line for line in lines if line and not line.startswith("# "))


def judge(found):
    """What is wrong, in words."""
    for room, (bound, _) in ROOMS.items():
        reached, all_of_them, percent = share(found, room)
        print(f"{room:26} {percent:6.2f} % of {all_of_them} regions, {all_of_them - reached} not reached")
        if percent < bound:
            yield f"{room}: {percent:.2f} %, expected {bound} %"
    reasons, missed = explained(), unreached(found)
    for line in sorted(reasons | missed):
        places, expected = sorted(missed.get(line, ())), reasons[line]
        if len(places) > expected:
            yield f"{', '.join(places)}: not reached, and {expected} of {len(places)} times in fuzz/unreached.txt: {line}"
        elif len(places) < expected:
            yield f"fuzz/unreached.txt: {expected - len(places)} of {expected} times reached, or not there any more: {line}"


def main(driver, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run([driver, "--list"], check=True, capture_output=True, text=True).stdout.split()
    raws = {target: profile(driver, target, folder) for target in listed}
    for target, raw in raws.items():
        found = regions(driver, [raw], folder, target)
        print(f"{target:30}" + "".join(f"  {room} {share(found, room)[2]:.0f} %" for room in ROOMS))
    wrong = list(judge(regions(driver, raws.values(), folder, "all")))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
