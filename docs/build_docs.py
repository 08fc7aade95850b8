#!/usr/bin/env python3
"""Builds the documentation of the interfaces, and fails if anything about it is wrong: a warning of Doxygen, a public
declaration without a comment, a link that leads nowhere.

usage: build_docs.py <output folder>     the pages are then <output folder>/html/index.html

Exit status: 0 fine, 1 something is wrong, 77 there is no Doxygen.
"""

import pathlib
import shutil
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parent
ROOT = DOCS.parent


def run_doxygen(output):
    for part in ("html", "xml"):
        shutil.rmtree(output / part, ignore_errors=True)  # pages of headers that are gone
    output.mkdir(parents=True, exist_ok=True)
    settings = (DOCS / "Doxyfile").read_text(encoding="utf-8") + f'\nOUTPUT_DIRECTORY = "{output}"\n'
    result = subprocess.run(["doxygen", "-"], input=settings, cwd=ROOT, text=True, check=False)
    return result.returncode == 0


def check(script, folder):
    return subprocess.run([sys.executable, DOCS / script, folder], cwd=ROOT, check=False).returncode == 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if shutil.which("doxygen") is None:
        print("build_docs.py: skipped, there is no doxygen; ./dev docs installs it", file=sys.stderr)
        sys.exit(77)
    output = pathlib.Path(sys.argv[1]).resolve()
    passed = [run_doxygen(output), check("undocumented.py", output / "xml"), check("broken_links.py", output / "html")]
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
