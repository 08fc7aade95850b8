"""jitrig scenario: good and bad input, what a failing run prints, repeating it, programs in place of a persona."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

RESET = """\
description: The connection is reset when the code is due.
faults:
  - {action: reset, from: server, type: compilationCode, compilation: 2}
"""
RESET_EXPECTED = RESET + "expect: {compiled: 2, terminated: 1, faults: 1}\n"


@pytest.fixture
def scenario_file(tmp_path):
    """Writes a scenario and gives its path."""

    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


# ---- run ------------------------------------------------------------------------------------------------


def test_a_scenario_that_holds_passes(jitrig, scenario_file):
    path = scenario_file(RESET_EXPECTED)
    result = jitrig.run("scenario", "run", path)
    assert (result.status, result.stderr) == (0, "")
    assert result.lines == [f"passed  {path}  simulation, seeds 1 to 3"]


def test_the_log_has_the_lines_of_both_sides(jitrig, scenario_file):
    path = scenario_file(RESET_EXPECTED)
    result = jitrig.run("scenario", "run", path, "--seed", 1, "--log")
    assert result.status == 0
    assert result.lines[0] == f"jitrig scenario run {path} --runtime simulation --seed 1:"
    assert result.lines[-1] == f"passed  {path}  simulation, seed 1"
    told = [re.sub(r" after .*", "", line) for line in result.lines]
    assert [line for line in told if line.startswith("server: compilation")][:3] == [
        f"server: compilation {number}: compiled" for number in (1, 2, 3)
    ]
    assert re.search(r"(?m)^vm: compilation 2, thread 1: .*: terminated after .* connection reset", result.stdout)


@pytest.mark.parametrize("runtime", ["simulation", "simulated_tls", "loopback", "tls"])
def test_every_runtime(jitrig, scenario_file, runtime):
    result = jitrig.run("scenario", "run", scenario_file(RESET_EXPECTED), "--runtime", runtime)
    assert result.status == 0, result.stdout


# ---- budgets --------------------------------------------------------------------------------------------

BUDGETS = sorted((pathlib.Path(__file__).parent.parent / "testdata/budgets").glob("*.txt"))


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda path: path.stem)
def test_our_workloads_cost_what_they_did(jitrig, budget, tmp_path):
    command = re.search(r"^# (jitrig scenario run .*)$", budget.read_text(encoding="utf-8"), re.MULTILINE)[1]
    arguments = shlex.split(command)[1:]
    result = jitrig.run(*arguments, "--budget", budget)
    assert result.status == 0, result.stdout
    again = tmp_path / "again.txt"
    assert jitrig.run(*arguments, "--write-budget", again).status == 0
    assert again.read_text(encoding="utf-8") == budget.read_text(encoding="utf-8"), f"less now: {command} --write-budget"


def test_one_more_question_is_more_than_the_budget(jitrig, scenario_file, tmp_path):
    script = "description: Queries.\nservers: [{script: {compilations: [{queries: [%s]}]}}]\n"
    run = ["--runtime", "simulation", "--seed", 1]
    budget = tmp_path / "budget.txt"
    path = scenario_file(script % "VM_isClassArray")
    assert jitrig.run("scenario", "run", path, *run, "--write-budget", budget).status == 0
    assert jitrig.run("scenario", "run", path, *run, "--budget", budget).status == 0
    path = scenario_file(script % "VM_isClassArray, VM_isClassArray")
    result = jitrig.run("scenario", "run", path, *run, "--budget", budget)
    assert result.status == 1
    assert f"{path}: budget: VM_isClassArray of the server: " in result.stdout
    assert f"{path}: budget: all together: " in result.stdout


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        (["--budget", "nowhere.txt", "--seed", "1"], 3, "--budget: nowhere.txt: No such file or directory"),
        (["--budget", "/", "--seed", "1"], 3, "--budget: /: not a regular file"),
        (["--budget", "/dev/zero", "--seed", "1"], 3, "--budget: /dev/zero: not a regular file"),
        (["--budget", __file__, "--seed", "1"], 3, "line 1: expected 'version 0x01006900'"),
        (["--budget", __file__], 2, "--budget and --write-budget are for one run"),
        (["--budget", __file__, "--seed", "1", "--capture", "x.pcap"], 2, "--capture excludes --budget"),
        (["--write-budget", "/nowhere/x.txt", "--seed", "1"], 3, "--write-budget: /nowhere/x.txt cannot be written"),
    ],
)
def test_a_budget_that_makes_no_sense(jitrig, scenario_file, arguments, status, words):
    result = jitrig.run("scenario", "run", scenario_file(RESET_EXPECTED), "--runtime", "simulation", *arguments)
    assert (result.status, result.stdout) == (status, "")
    assert words in result.stderr


def test_a_failing_run_says_what_and_how_to_repeat_it(jitrig, scenario_file):
    path = scenario_file(RESET)
    result = jitrig.run("scenario", "run", path, "--seed", 7)
    assert result.status == 1
    assert result.lines[0] == f"failed  {path}  simulation, seed 7"
    assert "expected all 3" in result.stdout
    [command] = {line.strip() for line in result.lines if "jitrig scenario run " in line}
    command = command[command.index("jitrig scenario run ") :]
    again = jitrig.run(*shlex.split(command)[1:])
    assert (again.status, again.stdout) == (1, result.stdout)


def test_the_same_seed_gives_the_same_run(jitrig, scenario_file):
    path = scenario_file(RESET_EXPECTED)
    first = jitrig.run("scenario", "run", path, "--json", "--seeds", 5)
    assert [run["seed"] for run in first.objects] == [1, 2, 3, 4, 5]
    assert first.stdout == jitrig.run("scenario", "run", path, "--json", "--seeds", 5).stdout
    assert len({run["schedule_digest"] for run in first.objects}) == 5


def test_json_has_counts_findings_and_what_was_reported(jitrig, scenario_file):
    [run] = jitrig.run("scenario", "run", scenario_file(RESET), "--seed", 1, "--json").objects
    assert (run["outcome"], run["runtime"], run["seed"]) == ("failed", "simulation", 1)
    assert (run["counts"]["compiled"], run["counts"]["terminated"], run["counts"]["faults"]) == (2, 1, 1)
    assert [finding["checker"] for finding in run["findings"]] == ["expect"]
    assert any("[injected: reset]" in detail for detail in run["details"])
    assert re.fullmatch(r"[0-9a-f]{16}", run["logical_digest"])


def test_each_kind_of_expectation_is_looked_at(jitrig, scenario_file):
    for wrong in (
        "compiled: 3",
        "terminated: at least 2",
        "faults: at most 0",
        "server.stream_failures: 7 to 9",
        "{compiled: 2, details: [never said]}",
        "{compiled: 2, absent_details: ['[injected: reset]']}",
        "{compiled: 2, ends_within_ms: 1}",
    ):
        text = RESET + (f"expect: {wrong}\n" if wrong.startswith("{") else f"expect:\n  compiled: any\n  {wrong}\n")
        if wrong == "compiled: 3":
            text = RESET + "expect: {compiled: 3}\n"
        result = jitrig.run("scenario", "run", scenario_file(text), "--seed", 1)
        assert result.status == 1, wrong


def test_a_capture_of_the_run(jitrig, scenario_file, tmp_path):
    capture = tmp_path / "run.pcap"
    path = scenario_file(RESET_EXPECTED + "fresh_client: false\n")
    result = jitrig.run("scenario", "run", path, "--runtime", "simulation", "--seed", 1, "--capture", capture)
    assert result.status == 0, result.stderr
    # It holds the half of a message that the reset cut off, of which show complains with status 3.
    assert jitrig.run("show", capture).stdout.count("compilationRequest") == 3
    refused = jitrig.run("scenario", "run", path, "--capture", capture)
    assert refused.status == 2
    assert "--capture holds one run" in refused.stderr


def test_junit(jitrig, scenario_file, tmp_path):
    report = tmp_path / "report.xml"
    good = scenario_file(RESET_EXPECTED, "good.yaml")
    bad = scenario_file(RESET, "bad.yaml")
    assert jitrig.run("scenario", "run", good, bad, "--junit", report).status == 1
    suite = ElementTree.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failure = suite.findall("testcase")[1].find("failure")
    assert "expected all 3" in failure.text
    assert "jitrig scenario run" in failure.text


def test_of_many_those_made_for_the_runtime_are_run(jitrig, scenario_file, tmp_path):
    both = scenario_file("runtimes: [simulation, loopback]\n" + RESET_EXPECTED, "both.yaml")
    scenario_file(RESET_EXPECTED, "simulated.yaml")
    result = jitrig.run("scenario", "run", tmp_path, "--runtime", "loopback")
    assert result.status == 0, result.stdout
    assert result.lines == [f"passed  {both}  loopback"]


# ---- programs in place of a persona ---------------------------------------------------------------------


def test_a_program_in_place_of_the_server(jitrig, jitrig_path, scenario_file):
    path = scenario_file("description: x\n")
    program = f"{shlex.quote(jitrig_path)} fakecompiler --port {{port}} --health-port off"
    result = jitrig.run("scenario", "run", path, "--server-command", program)
    assert result.status == 0, result.stdout + result.stderr


def test_a_program_in_place_of_the_client(jitrig, jitrig_path, scenario_file):
    path = scenario_file("description: x\n")
    program = f"{shlex.quote(jitrig_path)} fakevm --server {{host}}:{{port}} --compilations 3"
    result = jitrig.run("scenario", "run", path, "--client-command", program)
    assert result.status == 0, result.stdout + result.stderr


def test_a_program_that_does_not_implement_it(jitrig, scenario_file):
    path = scenario_file("description: x\n")
    result = jitrig.run("scenario", "run", path, "--client-command", "exit 89")
    assert result.status == 0, result.stdout
    assert result.lines[0].startswith(f"skipped  {path}  loopback: ")


def test_a_program_that_fails_is_reported(jitrig, scenario_file):
    path = scenario_file("description: x\n")
    result = jitrig.run("scenario", "run", path, "--client-command", "exit 3")
    assert result.status == 1
    assert "3" in result.stdout


# ---- list, explain, faults, misbehaviours ---------------------------------------------------------------


def test_list(jitrig):
    scenarios = jitrig.run("scenario", "list", "--json").objects
    names = [scenario["name"] for scenario in scenarios]
    assert names == sorted(names)
    assert "good/plain" in names
    for scenario in scenarios:
        assert pathlib.Path(scenario["path"]).is_file()
        assert scenario["description"].endswith("."), scenario["name"]
        assert len(scenario["description"]) < 160, scenario["name"]
        assert scenario["runtimes"]
    assert jitrig.run("scenario", "list", "good/pl*").lines[0].startswith("good/plain  ")


def test_every_scenario_is_explained(jitrig):
    names = [scenario["name"] for scenario in jitrig.run("scenario", "list", "--json").objects]
    result = jitrig.run("scenario", "explain", *names)
    assert (result.status, result.stderr) == (0, "")
    for name in names:
        assert f"{name}: " in result.stdout


def test_explain_in_words(jitrig, scenario_file):
    result = jitrig.run("scenario", "explain", scenario_file("covers: [R2]\n" + RESET_EXPECTED))
    for words in (
        "The connection is reset when the code is due.",
        "about: R2",
        "server 'server', port 38400, release head",
        "VM 'vm'",
        "when the server sends compilationCode, in the 2nd compilation of all; before_message; once",
        "terminated: 1",
        "simulation, 3 seeds",
    ):
        assert words in result.stdout


def test_faults(jitrig):
    faults = {fault["name"]: fault for fault in jitrig.run("scenario", "faults", "--json").objects}
    assert {"close", "reset", "stall", "black_hole", "tls_alert", "kill"} <= set(faults)
    assert all(fault["sentence"].endswith(".") for fault in faults.values())
    [duration] = faults["stall"]["parameters"]
    assert duration["name"] == "duration_ms"
    text = jitrig.run("scenario", "faults").stdout
    assert all(f"{name}: {fault['sentence']}" in text for name, fault in faults.items())
    assert "inside_header" in text
    assert jitrig.run("scenario", "faults", "black*").stdout.startswith("black_hole: ")


def test_misbehaviours(jitrig):
    found = jitrig.run("scenario", "misbehaviours", "--json").objects
    assert len(found) >= 40
    assert {entry["persona"] for entry in found} == {"vm", "server"}
    assert all(entry["sentence"].endswith(".") for entry in found)
    text = jitrig.run("scenario", "misbehaviours", "reply_*").stdout
    assert "reply_wrong_type" in text
    assert "request_" not in text


# ---- wrong usage, unreadable files ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["scenario"], "expected a verb: run, list, explain, faults, misbehaviours"),
        (["scenario", "rn"], "unknown verb or option 'rn'"),
        (["scenario", "run"], "scenario is required"),
        (["scenario", "run", "good/plian"], "there is no file and no scenario 'good/plian'; the nearest: good/plain"),
        (["scenario", "explain", "zzzzzzzz"], "jitrig scenario list shows all"),
        (["scenario", "list", "zzzzzzzz"], "no scenario fits zzzzzzzz"),
        (["scenario", "run", "good/plain", "--runtime", "real"], "'real' is no runtime; expected simulation"),
        (["scenario", "run", "good/plain", "--seed", "x"], "--seed"),
        (["scenario", "run", "good/plain", "--seeds", "0"], "--seeds"),
        (["scenario", "run", "good/plain", "--seed", "1", "--seeds", "2"], "--seed"),
        (["scenario", "run", "good/plain", "--runtime", "simulation", "--server-command", "x"], "good/plain: "),
    ],
)
def test_wrong_usage(jitrig, arguments, words):
    result = jitrig.run(*arguments)
    assert result.status == 2, result.stderr
    assert words in result.stderr


@pytest.mark.parametrize(
    "text, error",
    [
        ("", ":1: expected one YAML document, found 0"),
        ("faults: []", ":1: a scenario needs 'description'"),
        (RESET.replace("faults", "falts"), ":2: unknown key 'falts'; known here: description, "),
        (RESET.replace("action: reset", "action: rest"), ":3: "),
        (RESET.replace("compilationCode", "compilationCod"), ":3: 'compilationCod' is no message type"),
        ("description: x\nvms:\n  - misbehaviours:\n      - reply_wrong_typ\n", ":4: "),
        ("description: x\nvms: " + 100_000 * "[", ":2: nested more than 32 deep"),
        ("description: x\nservers: [{script: none.yaml}]\n", ":2: script: there is no file"),
    ],
)
def test_an_unreadable_file(jitrig, scenario_file, text, error):
    path = scenario_file(text)
    for verb in ("run", "explain"):
        result = jitrig.run("scenario", verb, path)
        assert result.status == 3, result.stderr
        assert f"jitrig scenario {verb}: {path}{error}" in result.stderr


def test_an_unreadable_file_among_good_ones_is_listed_as_such(jitrig_path, scenario_file, tmp_path):
    scenario_file("description: x\n", "good.yaml")
    scenario_file("faults: 3\n", "bad.yaml")
    environment = dict(os.environ, JITRIG_SCENARIOS=str(tmp_path))
    command = [jitrig_path, "scenario", "list", "--json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["good"]
    assert "bad.yaml:1: a scenario needs 'description'" in result.stderr


def test_a_junit_file_that_cannot_be_written(jitrig, scenario_file):
    result = jitrig.run("scenario", "run", scenario_file(RESET_EXPECTED), "--junit", "/nowhere/x.xml")
    assert result.status == 3
    assert "--junit: /nowhere/x.xml cannot be written" in result.stderr
