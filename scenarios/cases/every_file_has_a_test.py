#!/usr/bin/python3
"""Compares the scenarios that jitrig reads with the tests that ctest has.

usage: every_file_has_a_test.py <jitrig> <ctest> <build folder> [without-grpc]

Prints one line per difference and exits with 1 if there are any: a file that cannot be read, a file or a runtime
without a test, a test without a file. In builds where a test is a whole folder, the same of folders; in those without
gRPC nothing of the runtimes grpc and grpc_tls.
"""

import json
import subprocess
import sys


def wanted_tests(jitrig):
    """The tests that there should be, and what jitrig says of files that it cannot read."""
    listed = subprocess.run([jitrig, "scenario", "list", "--json"], capture_output=True, text=True, check=False)
    scenarios = [json.loads(line) for line in listed.stdout.splitlines()]
    tests = {f"cases.{scenario['name']}.{runtime}" for scenario in scenarios for runtime in scenario["runtimes"]}
    complaints = listed.stderr.splitlines()
    if listed.returncode != 0 and not complaints:
        complaints = [f"jitrig scenario list ended with status {listed.returncode}"]
    return tests, complaints


def registered_tests(ctest, build):
    shown = subprocess.run(
        [ctest, "--test-dir", build, "--show-only=json-v1", "-R", r"^cases\."], capture_output=True, text=True, check=True
    )
    names = {test["name"] for test in json.loads(shown.stdout)["tests"]}
    return names - {"cases.every_file_has_a_test"}


def of_folders(tests):
    """cases.<folder>.<runtime> of cases.<folder>/<file>.<runtime>."""
    return {test.rpartition("/")[0] + "." + test.rpartition(".")[2] for test in tests}


def main(arguments):
    if len(arguments) not in (3, 4) or arguments[3:] not in ([], ["without-grpc"]):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    jitrig, ctest, build = arguments[:3]
    wanted, complaints = wanted_tests(jitrig)
    if arguments[3:]:
        wanted = {test for test in wanted if not test.rpartition(".")[2].startswith("grpc")}
    registered = registered_tests(ctest, build)
    if not any("/" in test for test in registered):
        wanted = of_folders(wanted)
    complaints += [f"{name}: no such test is registered" for name in sorted(wanted - registered)]
    complaints += [f"{name}: a test without a scenario of that name and runtime" for name in sorted(registered - wanted)]
    for complaint in complaints:
        print(complaint)
    print(f"{len(wanted)} tests wanted, {len(registered)} registered")
    return 1 if complaints or not wanted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
