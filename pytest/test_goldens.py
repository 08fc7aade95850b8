"""Every message that the real code wrote: decoded to what was in it, encoded to its bytes."""

import json

import pytest

from golden_values import ANY_BYTE, BODYLESS, canonical, expected_json, fill


def decode_all(jitrig, messages):
    result = jitrig.run("decode", "--json", "-", stdin="".join(f"{bytes(m).hex()}\n" for m in messages))
    assert (result.status, result.stderr) == (0, "")
    return result.lines


def encode_all(jitrig, lines):
    result = jitrig.run("encode", "-", stdin="".join(f"{line}\n" for line in lines))
    assert (result.status, result.stderr) == (0, "")
    return result.lines


def without_any_bytes(expected, data):
    """Where anything may stand, what does stand there."""
    return [found if wanted == ANY_BYTE else wanted for wanted, found in zip(expected, data, strict=True)]


def test_there_are_goldens_of_every_wire_type(goldens):
    assert len(goldens) == 83
    found = {descriptor["type"] for golden in goldens for descriptor in golden["descriptors"]}
    assert found == {"INT32", "INT64", "UINT32", "UINT64", "BOOL", "STRING", "OBJECT", "VECTOR", "SIMPLE_VECTOR",
                     "EMPTY_VECTOR", "TUPLE"}  # fmt: skip


def test_decode_gives_type_version_and_values(jitrig, goldens):
    lines = decode_all(jitrig, [bytes.fromhex(golden["bytes"]) for golden in goldens])
    for golden, line in zip(goldens, lines, strict=True):
        message = json.loads(line)
        assert list(message) == ["type", "number", "version", "config", "data"]
        assert message["type"] == golden["message_type"], golden["name"]
        assert message["number"] == golden["message_type_number"], golden["name"]
        assert (message["version"], message["config"]) == (golden["version"], golden["config"]), golden["name"]
        expected = [expected_json(argument["type"], argument["value"]) for argument in golden["args"]]
        if golden["message_type"] in BODYLESS:
            expected = []
        assert message["data"] == without_any_bytes(expected, message["data"]), golden["name"]


def test_encode_is_the_inverse(jitrig, goldens):
    encoded = encode_all(jitrig, decode_all(jitrig, [bytes.fromhex(golden["bytes"]) for golden in goldens]))
    for golden, line in zip(goldens, encoded, strict=True):
        assert line == canonical(golden).hex(), golden["name"]


def test_filler_and_padding_mean_nothing(jitrig, goldens):
    lines = decode_all(jitrig, [fill(golden, 0xA5) for golden in goldens])
    assert lines == decode_all(jitrig, [fill(golden, 0) for golden in goldens])


def test_the_text_form_begins_with_the_type(jitrig, goldens):
    result = jitrig.run("decode", "-", stdin="".join(golden["bytes"] + "\n" for golden in goldens))
    assert (result.status, result.stderr) == (0, "")
    for golden, line in zip(goldens, result.lines, strict=True):
        assert line.startswith(golden["message_type"] + ("[version 1.105, config 0x3011](" if golden["version"] else "("))
        assert line.endswith(")")


@pytest.mark.parametrize("option", [["--release", "head"], ["--build", "openjdk"]])
def test_the_defaults_can_be_given(jitrig, goldens, option):
    message = goldens[0]["bytes"]
    assert jitrig.run("decode", *option, message).stdout == jitrig.run("decode", message).stdout
