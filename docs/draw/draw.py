#!/usr/bin/env python3
"""Draws docs/pictures/*.svg. What they show of bytes and conversations is read from testdata.

usage: draw.py [--check]     --check: writes nothing, and fails if a picture is not what would be drawn
"""

import pathlib
import sys
import tempfile

import compilation
import house
import wire_layout

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"


def draw(folder):
    wire_layout.draw(ROOT / "testdata" / "goldens.jsonl", folder)
    house.draw(folder)
    compilation.draw(ROOT / "testdata" / "captures", ROOT / "protocol" / "catalogue" / "data" / "head.txt", folder)


def read_all(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.svg")}


def check():
    """The names of the pictures that are missing, too many or different."""
    with tempfile.TemporaryDirectory() as folder:
        draw(pathlib.Path(folder))
        drawn = read_all(pathlib.Path(folder))
    committed = read_all(PICTURES)
    return sorted(name for name in drawn.keys() | committed.keys() if drawn.get(name) != committed.get(name))


def main(arguments):
    if arguments == ["--check"]:
        outdated = check()
        if outdated:
            sys.exit(f"docs/pictures is out of date: {', '.join(outdated)}; docs/draw/draw.py draws it")
    elif arguments:
        sys.exit(__doc__)
    else:
        draw(PICTURES)


if __name__ == "__main__":
    main(sys.argv[1:])
