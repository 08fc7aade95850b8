"""jitrig simulate: seeds, campaigns, what they print, and what they refuse."""

import json

import pytest

SANITIZED_HANG = "120"


def simulate(jitrig, *arguments):
    return jitrig.run("simulate", "--hang-after", SANITIZED_HANG, *arguments)


def test_the_seed_comes_first_then_what_it_stands_for(jitrig):
    run = simulate(jitrig, "--seed", "7", "--profile", "calm")
    assert run.status == 0, run.stdout
    assert run.lines[0] == "seed 7, profile calm"
    assert run.lines[1].startswith("runtime: ")
    assert run.lines[2].startswith("network: latency ")
    assert run.lines[3].startswith("server: release ")
    assert any(line.startswith("vm1: ") for line in run.lines)
    assert run.lines[-2].startswith("passed: ")
    assert run.lines[-1].startswith("logical digest ")


def test_the_same_seed_prints_the_same(jitrig):
    first = simulate(jitrig, "--seed", "11", "--profile", "network")
    second = simulate(jitrig, "--seed", "11", "--profile", "network")
    assert first.stdout == second.stdout
    assert first.status == second.status


def test_any_number_of_jobs_prints_the_same(jitrig):
    outputs = [simulate(jitrig, "--runs", "12", "--jobs", jobs, "--max-failures", "100") for jobs in ("1", "2")]
    assert outputs[0].stdout == outputs[1].stdout
    assert "runs/s" in outputs[0].stderr
    assert "runs/s" not in outputs[0].stdout


def test_a_campaign_as_json(jitrig):
    run = simulate(jitrig, "--seed", "5", "--runs", "3", "--profile", "calm", "--json")
    assert run.status == 0, run.stdout
    assert [outcome["seed"] for outcome in run.objects] == [5, 6, 7]
    assert all(outcome["passed"] and outcome["messages"] > 0 for outcome in run.objects)


def test_a_commit_is_a_seed(jitrig):
    run = simulate(jitrig, "--seed", "0000000000000007" + "ab" * 12, "--profile", "calm")
    assert run.lines[0] == "seed 7, profile calm"


def test_digests_of_two_runs_are_compared(jitrig):
    run = simulate(jitrig, "--seed", "3", "--profile", "calm", "--check-digests")
    assert run.status == 0, run.stdout
    assert run.lines[-1].endswith("both equal in a second run")


def test_traces_captures_and_the_scenario_are_written(jitrig, tmp_path):
    trace, text, capture, scenario = (tmp_path / name for name in ("t.json", "t.txt", "c.pcap", "s.yaml"))
    run = simulate(
        jitrig, "--seed", "7", "--profile", "calm", "--trace", trace, "--trace-text", text,
        "--capture", capture, "--write", scenario)
    assert run.status == 0, run.stdout
    events = json.loads(trace.read_text())["traceEvents"]
    assert {event["ph"] for event in events} >= {"M", "X"}
    assert text.read_text().count("\n") > 100
    assert len(jitrig.run("show", capture).lines) > 100
    again = jitrig.run("scenario", "run", scenario, "--runtime", "simulation", "--seed", "7")
    assert again.status == 0, again.stdout + again.stderr


def test_what_passes_is_not_made_smaller(jitrig, tmp_path):
    run = simulate(jitrig, "--seed", "7", "--profile", "calm", "--shrink", "--write", tmp_path / "s.yaml")
    assert run.status == 0, run.stdout
    assert "nothing to make smaller" in run.stdout
    assert not (tmp_path / "s.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "abc"], ["--seed", "'abc'", "decimal", "40"]),
        (["--seed", "18446744073709551616"], ["--seed", "2^64"]),
        (["--profile", "clam"], ["--profile", "'clam'", "calm", "hostile"]),
        (["--runs", "0"], ["--runs"]),
        (["--jobs", "2"], ["--jobs", "--runs"]),
        (["--runs", "2", "--shrink"], ["--shrink", "--runs"]),
        (["--runs", "2", "--trace", "x"], ["--trace", "one seed"]),
        (["--expect-reached", "x"], ["--expect-reached", "--runs"]),
        (["surplus"], ["surplus"]),
    ],
)
def test_wrong_usage_is_explained(jitrig, arguments, words):
    run = jitrig.run("simulate", *arguments)
    assert run.status == 2
    assert run.stdout == ""
    for word in words:
        assert word in run.stderr


def test_a_list_of_unknown_situations_is_unreadable(jitrig, tmp_path):
    listed = tmp_path / "reached.txt"
    listed.write_text("# rare\n\nno such thing\n")
    run = simulate(jitrig, "--runs", "1", "--profile", "calm", "--expect-reached", listed)
    assert run.status == 3
    assert f"{listed}:3: 'no such thing'" in run.stderr
    run = simulate(jitrig, "--runs", "1", "--expect-reached", tmp_path / "missing")
    assert run.status == 3
    run = simulate(jitrig, "--runs", "1", "--expect-reached", tmp_path)
    assert (run.status, run.stderr) == (3, f"jitrig simulate: --expect-reached: {tmp_path}: not a regular file\n")


def test_a_listed_situation_that_is_not_reached_is_a_failure(jitrig, tmp_path):
    listed = tmp_path / "reached.txt"
    listed.write_text("tls: the peer does not speak it\n")
    run = simulate(jitrig, "--runs", "1", "--profile", "calm", "--expect-reached", listed)
    assert run.status == 1
    assert "never reached, and must be: tls: the peer does not speak it" in run.stdout


def test_files_that_cannot_be_written_are_named(jitrig, tmp_path):
    run = simulate(jitrig, "--seed", "7", "--profile", "calm", "--trace", tmp_path / "no" / "folder")
    assert run.status == 1
    assert "cannot be written" in run.stderr
