"""Corpora as they are kept in git: one file per target, one input per line in hexadecimal, sorted by length. libFuzzer
wants a folder with a file per input."""

import hashlib
import pathlib


def read(path):
    """The inputs of a packed corpus; none if there is no such file."""
    path = pathlib.Path(path)
    return [bytes.fromhex(line) for line in path.read_text().splitlines()] if path.exists() else []


def write(path, inputs):
    lines = sorted(set(inputs), key=lambda data: (len(data), data))
    pathlib.Path(path).write_text("".join(data.hex() + "\n" for data in lines))


def unpack(inputs, folder):
    """Named as libFuzzer names its own finds, so that what is there already is not doubled."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)


def files(folder):
    folder = pathlib.Path(folder)
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()] if folder.is_dir() else []
