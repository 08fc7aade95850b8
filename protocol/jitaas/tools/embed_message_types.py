#!/usr/bin/env python3
"""Writes the C++ source that holds data/*.txt as tables, oldest release first.

    tools/embed_message_types.py OUTPUT.cc FILE.txt...
"""

import os
import sys


def release_of(path):
    return os.path.basename(path).removesuffix(".txt")


def release_order(path):
    """Those of the gRPC backend have no number, and came before."""
    release = release_of(path)
    return [int(part) for part in release.split(".")] if release[0].isdigit() else []


def read_release(path):
    """The minor number of the protocol, whose major one is 0, and pairs of number and name in the order of the
    numbers."""
    minor = None
    types = []
    with open(path, encoding="utf-8") as file:
        for line_number, line in enumerate(file, start=1):
            if line.startswith("#"):
                continue
            words = line.split()
            if len(words) == 2 and words[0] == "protocol" and words[1].startswith("0."):
                minor = int(words[1].removeprefix("0."))
            elif len(words) == 2 and words[0].isdigit():
                types.append((int(words[0]), words[1]))
            else:
                sys.exit(f"{path}:{line_number}: expected a number and a name, or protocol 0.N")
    if types != sorted(types) or len({number for number, _ in types}) != len(types):
        sys.exit(f"{path}: expected ascending numbers, each once")
    if minor is None:
        sys.exit(f"{path}: expected a line protocol 0.N")
    return minor, types


def main(output, files):
    files = sorted(files, key=release_order)
    releases = [read_release(path) for path in files]
    lines = [
        "// Written by protocol/jitaas/tools/embed_message_types.py.",
        '#include "protocol/jitaas/jitaas_message_types.h"',
        "",
        "namespace jitrig {",
        "namespace {",
        "",
    ]
    for index, (_, types) in enumerate(releases):
        lines.append(f"constexpr JitaasMessageType kTypes{index}[] = {{")
        lines += [f'    {{{number}, "{name}"}},' for number, name in types]
        lines += ["};", ""]
    lines.append("constexpr JitaasMessageTypes kReleases[] = {")
    lines += [
        f'    {{"{release_of(path)}", {minor}, kTypes{index}}},'
        for index, (path, (minor, _)) in enumerate(zip(files, releases))
    ]
    lines += [
        "};",
        "",
        "}  // namespace",
        "",
        "std::span<const JitaasMessageTypes> jitaasReleases() { return kReleases; }",
        "",
        "}  // namespace jitrig",
        "",
    ]
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
