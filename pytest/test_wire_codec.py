"""The oracle itself: against what the real code wrote, and against the sentences of the wire format."""

import json

import pytest

import wire_bytes
import wire_codec as wire
from golden_values import ANY_BYTE, canonical, expected_json, fill
from wire_bytes import data_point, message
from wire_codec import (Bool, EmptyVector, Int32, Int64, Message, Object, SimpleVector, String, Tuple, Uint32, Uint64,
                        Vector)  # fmt: skip
from wire_json import BODYLESS, NotTypeExact, from_json, to_json, values_from_json

HEAD = BODYLESS["head"]


def golden_message(golden):
    """What is in it, from its C++ types and values; the one byte of a Void is read from its bytes."""
    arguments = [] if golden["message_type_number"] in HEAD else golden["args"]
    values = [expected_json(argument["type"], argument["value"]) for argument in arguments]
    top_level = [descriptor for descriptor in golden["descriptors"] if descriptor["depth"] == 0]
    for at, value in enumerate(values):
        if value == ANY_BYTE:
            payload = top_level[at]["payload_off"]
            values[at] = {"object": golden["bytes"][2 * payload : 2 * payload + 2]}
    return Message(golden["message_type_number"], values_from_json(values), golden["version"], golden["config"])


def test_goldens_are_decoded_to_what_was_in_them(goldens):
    for golden in goldens:
        assert wire.decode(bytes.fromhex(golden["bytes"]), HEAD) == golden_message(golden), golden["name"]
        assert wire.decode(fill(golden, 0xA5), HEAD) == golden_message(golden), golden["name"]


def test_goldens_are_encoded_to_their_bytes(goldens):
    for golden in goldens:
        assert wire.encode(golden_message(golden), HEAD) == canonical(golden), golden["name"]


def test_goldens_survive_json(goldens):
    for golden in goldens:
        assert from_json(to_json(golden_message(golden))) == golden_message(golden), golden["name"]


def test_goldens_cut_off_anywhere_are_refused(goldens):
    for golden in goldens:
        data = bytes.fromhex(golden["bytes"])[:600]
        for length in range(16, len(data), 4):
            with pytest.raises(wire.Refused):
                wire.decode(length.to_bytes(4, "little") + data[4:length], HEAD)


@pytest.mark.parametrize(
    "values, expected",
    [
        ([Int32(-2)], "00000000 04000000 feffffff"),
        ([Uint32(1)], "02000000 04000000 01000000"),
        # At 16 a payload starts at 24, a multiple of 8; four bytes further on it needs filler.
        ([Int64(-1)], "01000000 08000000 ffffffffffffffff"),
        ([Bool(True), Int64(-1)], "04030000 04000000 01000000 01000400 0c000000 00000000 ffffffffffffffff"),
        ([Bool(True), Uint64(1)], "04030000 04000000 01000000 03000400 0c000000 00000000 0100000000000000"),
        ([Bool(False), Object(bytes(4))], "04030000 04000000 00000000 06000000 04000000 00000000"),
        ([Bool(False), Object(bytes(5))], "04030000 04000000 00000000 06030400 0c000000 00000000 0000000000000000"),
        ([Bool(False), SimpleVector(4, b"abcd")], "04030000 04000000 00000000 09000004 04000000 61626364"),
        ([Bool(False), SimpleVector(5, b"abcde")],
         "04030000 04000000 00000000 09030405 0c000000 00000000 6162636465000000"),
        ([String(b"")], "05000000 00000000"),
        ([String(b"abc")], "05010000 04000000 61626300"),
        ([EmptyVector()], "0a000000 00000000"),
        ([SimpleVector(8, b"")], "0a000000 00000000"),
        ([Vector(())], "0a000000 00000000"),
        ([Vector((String(b"a"),))], "08000000 18000000 02000000 04000000 01000000 05030000 04000000 61000000"),
        ([Vector((Uint32(1), Uint32(2)))], "09000004 08000000 01000000 02000000"),
        ([Vector((Object(b"a"), Object(b"b")))], "09020001 04000000 61620000"),
        ([Vector((Bool(True),))], "08000000 18000000 02000000 04000000 01000000 04030000 04000000 01000000"),
        ([Tuple((Int32(1), Uint64(2)))],
         "0b000000 20000000 00000000 04000000 01000000 03000400 0c000000 00000000 0200000000000000"),
    ],
)  # fmt: skip
def test_layout(values, expected):
    data = wire.encode(Message(67, tuple(values)))
    assert data[16:].hex() == expected.replace(" ", "")
    assert wire.decode(data) == wire.canonical_message(Message(67, tuple(values)))


def test_255_bytes_are_the_largest_element_of_a_simple_vector():
    assert wire.canonical(Vector((Object(bytes(255)),))) == SimpleVector(255, bytes(255))
    assert wire.canonical(Vector((Object(bytes(256)),))) == Vector((Object(bytes(256)),))


def test_types_without_a_body():
    for bodyless in BODYLESS.values():
        for number in bodyless:
            assert wire.decode(message(number=number, count=26), bodyless) == Message(number)
            assert wire.encode(Message(number), bodyless) == message(number=number)
            with pytest.raises(wire.Refused):
                wire.decode(message(data_point(wire_bytes.BOOL, b"\1"), number=number), bodyless)
            with pytest.raises(wire.Refused):
                wire.encode(Message(number, (Bool(True),)), bodyless)


@pytest.mark.parametrize(
    "values",
    [
        [Int32(1 << 31)], [Int32(-(1 << 31) - 1)], [Uint32(-1)], [Int64(1 << 63)], [Uint64(1 << 64)], [Uint64(-1)],
        [SimpleVector(0, b"")], [SimpleVector(256, bytes(256))], [SimpleVector(3, bytes(4))],
        [Vector((Uint32(1 << 32),))], [Bool(True)] * 65536,
    ],
)  # fmt: skip
def test_values_that_cannot_be_sent(values):
    with pytest.raises(wire.Refused):
        wire.encode(Message(67, tuple(values)))


@pytest.mark.parametrize(
    "data",
    [
        '{"int32":true}', '{"int32":1.0}', '{"int32":"1"}', '{"bool":1}', '{"string":{"hex":"61"}}', '{"string":"\\n"}',
        '{"object":"0A"}', '{"object":"0"}', '{"empty_vector":false}', '{"int32":1,"int64":1}', '{"int16":1}',
        '{"simple_vector":{"element_size":1.0,"hex":""}}', '{"int32":1,"int32":1}', '{"vector":{}}',
    ],
)  # fmt: skip
def test_json_that_is_not_type_exact(data):
    with pytest.raises(NotTypeExact):
        from_json(f'{{"number":67,"version":0,"config":0,"data":[{data}]}}')


def test_integers_of_different_types_are_different():
    for value in (Int32(1), Int64(1), Uint32(1), Uint64(1)):
        (read,) = from_json(to_json(Message(67, (value,)))).values
        assert type(read) is type(value) and read == value
        assert all(read != cls(1) for cls in (Int32, Int64, Uint32, Uint64) if cls is not type(value))
        assert json.loads(to_json(Message(67, (value,))))["data"] == [{type(value).__name__.lower(): 1}]
