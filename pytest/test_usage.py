"""The command line itself: help, versions, exit statuses."""

import os
import re
import subprocess

import pytest

VERBS = ["decode", "encode", "show", "fakecompiler", "fakevm", "replay", "catalogue"]
GOOD = "1c0000000000000000000000ab0001000000000004000000feffffff"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(jitrig, verb):
    result = jitrig.run(verb, "--help")
    assert (result.status, result.stderr) == (0, "")
    assert re.search(rf"^Examples?:\n  jitrig {verb} ", result.stdout, re.MULTILINE)
    assert "--json" in result.stdout
    assert "Exit status: 0 " in result.stdout


def test_the_help_lists_the_verbs(jitrig):
    result = jitrig.run("--help")
    assert result.status == 0
    assert "Example:\n  jitrig " in result.stdout
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", result.stdout, re.MULTILINE)


def test_version(jitrig):
    result = jitrig.run("--version")
    assert (result.status, result.stderr) == (0, "")
    assert re.fullmatch(r"jitrig \d+\.\d+\.\d+\n", result.stdout)


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ([], "jitrig: expected a verb: decode, encode, show"),
        (["undo"], "jitrig: unknown verb or option 'undo'; expected a verb: decode"),
        (["--loud"], "jitrig: unknown verb or option '--loud'"),
        (["decode"], "jitrig decode: message is required"),
        (["decode", "--loud", GOOD], "jitrig decode: unknown option '--loud'\n"),
        (["decode", "--relaese", "0.60.0"], "jitrig decode: unknown option '--relaese'; near are --release\n"),
        (["fakevm", "--thread=2"], "jitrig fakevm: unknown option '--thread'; near are --threads\n"),
        (["decode", "--release"], "jitrig decode: --release"),
        (["decode", "--release", "0.61.0", GOOD], "jitrig decode: --release: unknown release '0.61.0'; the nearest is 0."),
        (["decode", "--build", "jdk17", GOOD], "jitrig decode: --build: unknown build 'jdk17'; expected openjdk or j9"),
        (["decode", GOOD, "-"], "jitrig decode: - (the standard input) must be the only argument"),
        (["encode"], "jitrig encode: message is required"),
        (["encode", "--release", "", "{}"], "jitrig encode: --release: unknown release ''"),
        (["show"], "jitrig show: file is required"),
        (["show", "a.pcap", "b.pcap"], "jitrig show: The following argument was not expected: b.pcap"),
        (["show", "--type", "VM_isKlass", "a.pcap"], "jitrig show: --type: release head, openjdk build, has no message type"),
        (["show", "--type", "#70000", "a.pcap"], "jitrig show: --type: "),
        (["show", "--direction", "up", "a.pcap"], "jitrig show: --direction: unknown word 'up'; expected client or server"),
        (["show", "--color", "red", "a.pcap"], "jitrig show: --color: unknown word 'red'"),
        (["decode", "--release", "0.61", GOOD], "jitrig decode: --release: unknown release '0.61'; the nearest is 0.60.0;"),
        (["catalogue"], "jitrig catalogue: expected a verb: releases, list, show"),
        (["catalogue", "lists"], "jitrig catalogue: unknown verb or option 'lists'; expected a verb: releases, list, show"),
        (["catalogue", "show"], "jitrig catalogue show: name is required\nSee jitrig catalogue show --help."),
        (["show", "--connection", "x", "a.pcap"], "jitrig show: "),
        (["show", "--connection", "-1", "a.pcap"], "jitrig show: "),
    ],
)  # fmt: skip
def test_wrong_usage(jitrig, arguments, expected):
    result = jitrig.run(*arguments)
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.startswith(expected), result.stderr


def test_a_full_disk_is_said(jitrig_path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([jitrig_path, "decode", GOOD], stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    assert done.stderr == "jitrig decode: cannot write to the standard output: No space left on device\n"


def test_nobody_needs_to_hear_the_errors(jitrig_path):
    done = subprocess.run(
        [jitrig_path, "decode", "00", GOOD], stdout=subprocess.PIPE, preexec_fn=lambda: os.close(2), check=False, text=True
    )
    assert (done.returncode, done.stdout) == (3, "CompInfo_getInvocationCount(int32(-2))\n")


def test_a_closed_input_is_no_input(jitrig_path):
    done = subprocess.run([jitrig_path, "decode", "-"], preexec_fn=lambda: os.close(0), capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "jitrig decode: cannot read the standard input: Bad file descriptor\n"
