#!/usr/bin/env python3
"""run_twin.py <jitrig_with_defects> <twin>: the run must pass as it is, and fail for the reason given with the defect."""

import os
import pathlib
import subprocess
import sys

import twin


ROOT = pathlib.Path(__file__).resolve().parents[2]


def command(program, arguments):
    """`pytest …` is a test of the program from outside."""
    if arguments[0] == "pytest":
        file, *rest = arguments[1:]
        return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(ROOT / "pytest" / file), *rest]
    return [program, *arguments]


def run(program, arguments, planted):
    environment = {**os.environ, "JITRIG": program, "PYTHONDONTWRITEBYTECODE": "1"}
    if planted is not None:
        environment["JITRIG_PLANT"] = planted
    done = subprocess.run(
        command(program, arguments), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def problem(program, tested):
    said = ("" if tested.run[0] == "pytest" else "jitrig ") + " ".join(tested.run)
    status, output = run(program, tested.run, None)
    if status != 0:
        return f"without the defect `{said}` ends with {status}, expected 0:\n{output}"
    status, output = run(program, tested.run, tested.name)
    if status == 0:
        return f"nothing notices the defect: {tested.defect}\n`{said}` passes:\n{output}"
    if tested.caught_by not in output:
        return f"`{said}` ends with {status}, expected it to say '{tested.caught_by}':\n{output}"
    return None


def main(program, file):
    found = problem(os.path.abspath(program), twin.Twin(file))
    if found:
        sys.exit(f"{file}: {found}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except twin.TwinError as error:
        sys.exit(str(error))
