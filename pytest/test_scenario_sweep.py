"""jitrig scenario sweep: one thing done at every place."""

import pytest

SWEEPS = ["break", "interruption", "goodbye", "first-message", "wrong-peer", "segmentation"]
SAMPLE = {"segmentation": "2003", "break": "401", "first-message": "211"}


def test_the_sweeps_and_their_axes_are_in_the_help(jitrig):
    told = jitrig.run("scenario", "sweep", "--help")
    assert told.status == 0
    assert all(f"  {name} " in told.stdout for name in SWEEPS)
    for axis in ["--message", "--place", "--action", "--direction"]:
        assert axis in jitrig.run("scenario", "sweep", "break", "--help").stdout


@pytest.mark.parametrize("tls", [[], ["--tls"]], ids=["plain", "tls"])
@pytest.mark.parametrize("name", SWEEPS)
def test_a_sample_finds_nothing(jitrig, name, tls):
    swept = jitrig.run("scenario", "sweep", name, "--one-in", SAMPLE.get(name, "29"), "--json", *tls)
    assert swept.status == 0, swept.stdout
    summary = swept.objects[-1]
    assert summary["sweep"] == name and summary["failures"] == 0 and summary["runs"] > 0


def test_one_point_of_a_capture(jitrig, captures):
    point = ["--message", "3", "--place", "inside_header", "--action", "reset", "--direction", "server"]
    swept = jitrig.run("scenario", "sweep", "break", captures / "long_session_50compiles.pcap", "--compilation", "7", *point)
    assert swept.status == 0, swept.stdout
    assert "break: 1 runs" in swept.lines[-1]
    assert "compilation 7 of long_session_50compiles.pcap" in swept.lines[-1]


def test_the_same_seed_prints_the_same(jitrig):
    arguments = ["scenario", "sweep", "break", "--messages", "12", "--one-in", "5", "--seed", "9", "--json"]
    assert jitrig.run(*arguments).stdout == jitrig.run(*arguments).stdout


@pytest.mark.parametrize(
    "arguments, status, told",
    [
        (["break", "--place", "in_the_middle"], 2, "expected one of before_message, inside_size"),
        (["break", "--message", "1000"], 2, "--message 1000: expected one of 1, 2"),
        (["break", "--query", "1"], 2, "--query"),
        (["burst"], 2, "expected a verb: break, interruption"),
        (["break", "/no/such.pcap"], 3, "/no/such.pcap"),
        (["break", "--compilation", "3"], 3, "expected a number from 1 to 2"),
    ],
)
def test_what_is_wrong_is_told(jitrig, arguments, status, told):
    swept = jitrig.run("scenario", "sweep", *arguments)
    assert swept.status == status
    assert told in swept.stderr
