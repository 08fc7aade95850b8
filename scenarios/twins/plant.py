#!/usr/bin/env python3
"""plant.py <source root> <file> <output>: the file with every defect that a twin has for it, each off until asked for."""

import pathlib
import sys

import twin


def main(root, file, output):
    text = (pathlib.Path(root) / file).read_text(encoding="utf-8")
    for planted in twin.all_twins(pathlib.Path(__file__).parent):
        text = planted.apply(file, text)
    pathlib.Path(output).write_text(f'#include "scenarios/twins/planted.h"\n#line 1 "{file}"\n{text}', encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except twin.TwinError as error:
        sys.exit(str(error))
