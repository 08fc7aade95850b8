#!/usr/bin/env python3
"""Writes the C++ source that holds data/*.txt as tables, oldest release first.

    tools/embed_message_types.py OUTPUT.cc FILE.txt...
"""

import os
import sys


def release_of(path):
    return os.path.basename(path).removesuffix(".txt")


def release_order(path):
    return [int(part) for part in release_of(path).split(".")]


def read_types(path):
    """Pairs of number and name, in the order of the numbers."""
    types = []
    with open(path, encoding="utf-8") as file:
        for line_number, line in enumerate(file, start=1):
            if line.startswith("#"):
                continue
            words = line.split()
            if len(words) != 2 or not words[0].isdigit():
                sys.exit(f"{path}:{line_number}: expected a number and a name")
            types.append((int(words[0]), words[1]))
    if types != sorted(types) or len({number for number, _ in types}) != len(types):
        sys.exit(f"{path}: expected ascending numbers, each once")
    return types


def main(output, files):
    files = sorted(files, key=release_order)
    lines = [
        "// Written by protocol/jitaas/tools/embed_message_types.py.",
        '#include "protocol/jitaas/jitaas_message_types.h"',
        "",
        "namespace jitrig {",
        "namespace {",
        "",
    ]
    for index, path in enumerate(files):
        lines.append(f"constexpr JitaasMessageType kTypes{index}[] = {{")
        lines += [f'    {{{number}, "{name}"}},' for number, name in read_types(path)]
        lines += ["};", ""]
    lines.append("constexpr JitaasMessageTypes kReleases[] = {")
    lines += [f'    {{"{release_of(path)}", kTypes{index}}},' for index, path in enumerate(files)]
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
