"""The older generation: what the real socket code wrote, decoded to what was in it and encoded to its bytes; and what is
wrong with lines."""

import json

import pytest

from conftest import TESTDATA

FORMAT = ("--format", "jitaas")
TAGS = {"uint32": 1, "uint64": 3, "bool": 4, "string": 6, "pointer": 7, "vector<pointer>": 19}
BYTES = {"uint16": 2, "int8": 1, "uint8": 1, "uint32": 4, "pointer": 8}
GOOD = "0b00000008c90112060a0408043801"
GOOD_TEXT = "VM_isClassLibraryMethod(bool(true))"


@pytest.fixture(scope="module")
def protobuf_goldens():
    with open(TESTDATA / "goldens_protobuf.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def members(types):
    """Split at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in types:
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def element(cpp_type, value):
    """In a vector all is bytes."""
    if cpp_type == "string":
        return {"object": value.encode().hex()}
    return {"object": value.to_bytes(BYTES[cpp_type], "little").hex()}


def content(cpp_type, value):
    """A value as jitrig's JSON has it, without its tag."""
    name, _, inner = cpp_type.removesuffix(">").partition("<")
    if name == "vector":
        return {"vector": [element(inner, part) for part in value]}
    if name == "tuple":
        parts = zip(members(inner), value, strict=True)
        return {"tuple": [{"tag": TAGS[part], **content(part, of_part)} for part, of_part in parts]}
    if name in ("pointer", "enum"):
        return {"uint64": value}
    if name == "void":
        return {"bool": False}
    if name == "object":
        return {"object": value["hex"]}
    if name == "float":
        return {"object": {1.5: "0000c03f"}[value]}
    if name in ("uint16", "int8"):
        return element(name, value)
    return {name: value}


def test_decode_gives_type_version_and_values(jitrig, protobuf_goldens):
    stdin = "".join(golden["bytes"] + "\n" for golden in protobuf_goldens)
    result = jitrig.run("decode", "--json", *FORMAT, "-", stdin=stdin)
    assert (result.status, result.stderr) == (0, "")
    for golden, message in zip(protobuf_goldens, result.objects, strict=True):
        assert list(message) == ["type", "number", "version", "data"]
        assert message["type"] == golden["message_type"], golden["name"]
        assert message["number"] == golden["message_type_number"], golden["name"]
        assert message["version"] == golden["version"], golden["name"]
        expected = [{"tag": part["tag"], **content(part["type"], part["value"])} for part in golden["args"]]
        assert message["data"] == expected, golden["name"]


def test_encode_is_the_inverse(jitrig, protobuf_goldens):
    frames = "".join(golden["bytes"] + "\n" for golden in protobuf_goldens)
    lines = jitrig.run("decode", "--json", *FORMAT, "-", stdin=frames).stdout
    result = jitrig.run("encode", *FORMAT, "-", stdin=lines)
    assert (result.status, result.stderr, result.stdout) == (0, "", frames)


def test_the_text_form_is_the_raw_generations(jitrig, protobuf_goldens):
    result = jitrig.run("decode", *FORMAT, "-", stdin="".join(golden["bytes"] + "\n" for golden in protobuf_goldens))
    assert (result.status, result.stderr) == (0, "")
    for golden, line in zip(protobuf_goldens, result.lines, strict=True):
        assert line.startswith(golden["message_type"] + ("[version 0.1, config 0x100b](" if golden["version"] else "("))
    assert GOOD_TEXT in result.lines


def test_numbers_are_those_of_the_release(jitrig):
    """298 was VM_getNewArrayTypeFromClass, until it was nothing."""
    message = "0500000008aa021200"
    assert jitrig.run("decode", *FORMAT, message).stdout == "VM_getNewArrayTypeFromClass()\n"
    assert jitrig.run("decode", *FORMAT, "--release", "0.19.0", message).stdout == "#298()\n"
    named = '{"type":"ResolvedMethod_dynamicConstant"}'
    assert jitrig.run("encode", *FORMAT, "--release", "0.19.0", named).stdout == "05000000089c011200\n"
    assert "unknown message type" in jitrig.run("encode", *FORMAT, named).stderr


@pytest.mark.parametrize(
    "verb, line, error",
    [
        ("decode", "0b", "offset 0: size: 1 bytes; expected the 4 of a size"),
        ("decode", GOOD[:-2], "offset 0: size: 11 bytes, but 10 follow"),
        ("decode", "0b00000008c90112060a0408043811", None),
        ("decode", "0b00000008c90112060a0508043801", "offset 10: data: a length of 5 bytes, but only 4 are left"),
        ("decode", "0900000008c90112040a020804", "offset 11: data[0]: a value without content"),
        ("decode", "04000004" + "00" * 8, "(max_message_size_bytes)"),
        ("decode", "0x" + GOOD, "offset 0: hex: 0x does not belong to a message"),
        ("encode", '{"type":"VM_no"}', 'offset 8: type: unknown message type "VM_no" (release 0.18.0)'),
        ("encode", '{"number":201,"data":[{"tag":4}]}', "offset 22: data[0]: a value without content"),
        ("encode", '{"number":201,"data":[{"simple_vector":1}]}', "data[0].simple_vector: no type of a value"),
    ],
)
def test_a_bad_line_is_named_and_the_others_go_on(jitrig, verb, line, error):
    good = GOOD if verb == "decode" else '{"number":201,"data":[{"tag":4,"bool":true}]}'
    result = jitrig.run(verb, *FORMAT, "-", stdin=f"{good}\n{line}\n{good}\n")
    if error is None:
        assert (result.status, len(result.lines)) == (0, 3)
        return
    assert result.status == 3
    assert result.lines == [GOOD_TEXT if verb == "decode" else GOOD] * 2
    assert len(result.error_lines) == 1
    assert result.error_lines[0].startswith(f"jitrig {verb}: line 2: ") or result.error_lines[0].startswith("line 2: ")
    assert error in result.error_lines[0]


def test_nesting_is_limited(jitrig):
    def nested(depth):
        return '{"number":1,"data":[' + '{"tuple":[' * depth + '{"tag":1,"bool":true}' + "]}" * depth + "]}"

    deepest = jitrig.run("encode", *FORMAT, nested(49))
    assert deepest.status == 0
    assert jitrig.run("decode", *FORMAT, deepest.stdout.strip()).status == 0
    assert "(max_nesting)" in jitrig.run("encode", *FORMAT, nested(50)).stderr


@pytest.mark.parametrize(
    "arguments, error",
    [
        (["--format", "grpc"], "--format: unknown format 'grpc'; expected jitserver or jitaas"),
        ([*FORMAT, "--build", "j9"], "--build: with --format jitaas all builds number alike"),
        ([*FORMAT, "--release", "0.20.0"], "there is no release '0.20.0'; the nearest is 0.19.0; known are grpc_2019, 0.16.0, "),
        ([*FORMAT, "--release", "head"], "there is no release 'head'"),
    ],
)
@pytest.mark.parametrize("verb", ["decode", "encode"])
def test_wrong_usage(jitrig, verb, arguments, error):
    result = jitrig.run(verb, *arguments, GOOD)
    assert (result.status, result.stdout) == (2, "")
    assert error in result.stderr
