#!/usr/bin/env python3
"""run_twin.py <jitrig_with_defects> <twin>: the run must pass as it is, and fail for the reason given with the defect."""

import os
import subprocess
import sys

import twin


def run(program, arguments, planted):
    environment = dict(os.environ)
    if planted is not None:
        environment["JITRIG_PLANT"] = planted
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def problem(program, tested):
    command = "jitrig " + " ".join(tested.run)
    status, output = run(program, tested.run, None)
    if status != 0:
        return f"without the defect `{command}` ends with {status}, expected 0:\n{output}"
    status, output = run(program, tested.run, tested.name)
    if status == 0:
        return f"nothing notices the defect: {tested.defect}\n`{command}` passes:\n{output}"
    if tested.caught_by not in output:
        return f"`{command}` ends with {status}, expected it to say '{tested.caught_by}':\n{output}"
    return None


def main(program, file):
    found = problem(program, twin.Twin(file))
    if found:
        sys.exit(f"{file}: {found}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except twin.TwinError as error:
        sys.exit(str(error))
