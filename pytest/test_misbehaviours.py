"""fakecompiler and fakevm that misbehave: what the other one, which behaves, says of it."""

import pytest

from test_personas import compilations_of, run_vm, start_compiler, summary_of


@pytest.mark.parametrize(
    "name, words",
    [
        ("reply_wrong_type", "expected a reply to"),
        ("reply_nested_lie", "descriptorPastEnd"),
        ("request_too_many_data_points", "expected 26 data points, found 27"),
        ("reply_request", "received compilationRequest"),
    ],
)
def test_a_client_that_misbehaves_is_told_of_and_served_again(jitrig, name, words):
    compiler, listening = start_compiler(jitrig)
    vm = run_vm(jitrig, listening, "--compilations", "3", "--misbehave", f"{name}:2")
    assert vm.status == 1
    results = [event["result"] for event in compilations_of(vm)]
    assert results[0] == "compiled"
    assert results[1] in ("failed", "terminated")
    assert results[2] == "compiled"
    assert compilations_of(vm)[1]["misbehaved"] == name
    assert run_vm(jitrig, listening).status == 0  # a fresh client
    events = compiler.stop().objects
    assert any(words in event.get("detail", "") for event in events)


@pytest.mark.parametrize(
    "name, words",
    [
        ("query_unknown_type", "received #60000 from the server"),
        ("final_too_few_data_points", "compilationCode: expected 12 data points, found 11"),
        ("query_descriptor_beyond_end", "descriptorPastEnd"),
        ("failure_unknown_status", "status 7777 (unknown)"),
    ],
)
def test_a_server_that_misbehaves_is_told_of(jitrig, name, words):
    compiler, listening = start_compiler(jitrig, "--misbehave", f"{name}:2")
    vm = run_vm(jitrig, listening, "--compilations", "3")
    results = [event["result"] for event in compilations_of(vm)]
    assert results[0] == results[2] == "compiled"
    assert words in compilations_of(vm)[1]["detail"]
    assert summary_of(vm)["compiled"] == 2
    events = compiler.stop().objects
    assert any(event.get("misbehaved") == name for event in events)


def test_several_misbehaviours_at_once(jitrig):
    compiler, listening = start_compiler(jitrig)
    vm = run_vm(jitrig, listening, "--misbehave", "request_dirty_padding", "--misbehave", "reply_byte_by_byte:1")
    assert vm.status == 0
    assert compilations_of(vm)[0]["misbehaved"] == "request_dirty_padding, reply_byte_by_byte"
    assert compiler.stop().status == 0


@pytest.mark.parametrize("verb", ["fakevm", "fakecompiler"])
def test_a_name_that_does_not_exist_is_told_the_nearest(jitrig, verb):
    name, nearest = {"fakevm": ("reply_twise", "reply_twice"), "fakecompiler": ("final_twise", "final_twice")}[verb]
    result = jitrig.run(verb, "--misbehave", name)
    assert result.status == 2
    assert f"--misbehave: no misbehaviour is called '{name}'; nearest: {nearest}" in result.stderr


@pytest.mark.parametrize("text", ["reply_twice:", "reply_twice:0", "reply_twice:x"])
def test_a_number_that_is_none_is_wrong_usage(jitrig, text):
    result = jitrig.run("fakevm", "--misbehave", text)
    assert result.status == 2
    assert "reply_twice" in result.stderr
