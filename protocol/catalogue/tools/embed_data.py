#!/usr/bin/env python3
"""Writes the C++ source that holds data/*.txt as string literals, oldest release first, head last.

    tools/embed_data.py OUTPUT.cc FILE.txt...
"""

import os
import sys

DELIMITER = "jitrig_data"


def release_order(path):
    name = os.path.basename(path).removesuffix(".txt")
    return [float("inf")] if name == "head" else [int(part) for part in name.split(".")]


def main(output, files):
    lines = [
        "// Written by protocol/catalogue/tools/embed_data.py.",
        '#include "protocol/catalogue/built_in_data.h"',
        "",
        "namespace jitrig {",
        "",
        "namespace {",
        "",
        "// sv: its length is known; measuring it at compile time exceeds clang's limit of steps.",
        "using std::string_view_literals::operator\"\"sv;",
        "",
        "constexpr NamedText kReleases[] = {",
    ]
    for path in sorted(files, key=release_order):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if f'){DELIMITER}"' in text:
            sys.exit(f"{path} contains the delimiter of the string literals")
        name = os.path.basename(path).removesuffix(".txt")
        lines.append(f'{{"{name}", R"{DELIMITER}({text}){DELIMITER}"sv}},')
    lines += [
        "};",
        "",
        "}  // namespace",
        "",
        "std::span<const NamedText> builtInData() { return kReleases; }",
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
