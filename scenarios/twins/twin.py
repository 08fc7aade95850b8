"""Reads a twin: a defect that really happened, as a change of our source, and what must notice it."""

import pathlib
import re


class TwinError(Exception):
    """What is wrong with a twin's file, and where."""


class Twin:
    """One file `<entry>_<what is wrong>.twin`; README.md describes the format."""

    HEADER = ("defect", "caught by", "run")

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.name = self.path.stem
        self.entry = self.name.split("_", 1)[0]
        self.header = {}
        self.changes = []  # (file, old text, new text)
        self._read()

    def _fail(self, line, what):
        raise TwinError(f"{self.path}:{line}: {what}")

    def _read(self):
        lines = self.path.read_text(encoding="utf-8").splitlines()
        if not re.fullmatch(r"[A-Z][0-9]+_[a-z0-9_]+", self.name):
            self._fail(1, "expected a name like F1_surplus_is_refused: the entry, then what is wrong")
        number = 0
        file = None
        while number < len(lines):
            line = lines[number]
            number += 1
            if not line.strip() or line.startswith("#"):
                continue
            key, colon, value = line.partition(":")
            if not colon:
                self._fail(number, f"expected `key: value`, found '{line}'")
            if key in self.HEADER:
                if key in self.header:
                    self._fail(number, f"a second '{key}'")
                self.header[key] = value.strip()
            elif key == "file":
                file = value.strip()
            elif key in ("replace", "with"):
                if file is None:
                    self._fail(number, f"'{key}' before 'file'")
                begin = number
                while number < len(lines) and (lines[number].startswith("    ") or not lines[number].strip()):
                    number += 1
                block = "\n".join(text[4:] for text in lines[begin:number]).strip("\n")
                if not block:
                    self._fail(begin, f"'{key}': expected lines of code, indented by four more")
                if key == "replace":
                    self.changes.append([file, block, None])
                elif not self.changes or self.changes[-1][2] is not None:
                    self._fail(begin, "'with' without a 'replace' before it")
                else:
                    self.changes[-1][2] = block
            else:
                self._fail(number, f"unknown key '{key}'; there are {', '.join(self.HEADER)}, file, replace, with")
        for key in self.HEADER:
            if key not in self.header:
                self._fail(1, f"'{key}' is missing")
        if not self.changes or self.changes[-1][2] is None:
            self._fail(len(lines), "expected at least one 'file', 'replace', 'with'")
        if not any("PLANTED" in new for _, _, new in self.changes):
            self._fail(len(lines), "no 'with' asks PLANTED, so the defect would always be there")

    @property
    def defect(self):
        return self.header["defect"]

    @property
    def caught_by(self):
        """What the program says of it: words of its output."""
        return self.header["caught by"]

    @property
    def run(self):
        """Arguments for jitrig."""
        return self.header["run"].split()

    def apply(self, file, text):
        """`text`, the source `file`, with this twin's changes."""
        for where, old, new in self.changes:
            if where != file:
                continue
            if text.count(old) != 1:
                raise TwinError(
                    f"{self.path}: {file} has this {text.count(old)} times, expected once; has it changed?\n{old}")
            text = text.replace(old, new.replace("PLANTED", f'planted("{self.name}")'))
        return text


def all_twins(folder):
    return [Twin(path) for path in sorted(pathlib.Path(folder).glob("*.twin"))]
