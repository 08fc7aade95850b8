"""Fixtures of all black-box tests. They run the program that the environment variable JITRIG names."""

import json
import os
import pathlib

import pytest

from jitrig_program import Jitrig

TESTDATA = pathlib.Path(__file__).resolve().parent.parent / "testdata"


@pytest.fixture(scope="session")
def jitrig_path():
    path = os.environ.get("JITRIG", "")
    if not os.access(path, os.X_OK):
        pytest.exit(f"the environment variable JITRIG must name the built program, not '{path}'", returncode=2)
    return path


@pytest.fixture
def jitrig(jitrig_path):
    program = Jitrig(jitrig_path)
    yield program
    program.kill_all()


@pytest.fixture(scope="session")
def goldens():
    """Messages that the real code wrote, with what is in them."""
    with open(TESTDATA / "goldens.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="session")
def captures():
    """The folder of recorded conversations of the real code."""
    return TESTDATA / "captures"
