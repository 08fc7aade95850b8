"""The second implementation of the values: against the bytes that the real code wrote, with its own types, and with what
does not fit them."""

import json
import pathlib
from typing import Any

import pytest

from carried_types import CarriedType, object_type, scalar, tuple_of, vector_of
from carried_values import StreamArityMismatch, StreamTypeMismatch, Value, from_data, to_data, zero
from compile_signatures import signatures
from protocol.grpc.compile_service_pb2 import AnyData, J9ServerMessage

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "testdata" / "goldens_protobuf.jsonl"
SHAPES = {"int32", "uint32", "int64", "uint64", "bool", "string"}
OBJECT_SIZES = {"float": 4, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "double": 8}
UINT32, UINT64, STRING = scalar("uint32"), scalar("uint64"), scalar("string")
POINTER = object_type("J9Class *", 8, has_layout=False)
PAIR = tuple_of([STRING, POINTER])


def golden_type(name: str, tag: int) -> CarriedType:
    """A type as the goldens spell it. Their tags are those of one build: fixed ones are ours, too."""
    outer, _, inner = name.removesuffix(">").partition("<")
    if name in SHAPES:
        return scalar(name)
    if outer == "vector":
        return vector_of(golden_type(inner, 0))
    if outer == "tuple":
        cpp_type = tuple_of([golden_type(member, 0) for member in inner.replace("vector<pointer>", "pointers").split(",")])
        return CarriedType(name, tag, cpp_type.member, container="tuple", elements=cpp_type.elements)
    if name == "pointers":
        return vector_of(POINTER)
    if name in ("pointer", "void"):
        return POINTER if name == "pointer" else object_type("JITServer::Void", 1, has_layout=False)
    if name == "enum":
        return CarriedType("an enumeration", tag, "uint64_v", 4)
    size_bytes = int(inner) if outer == "object" else OBJECT_SIZES[name]
    ours = object_type(f"{name}_t" if name.startswith(("int", "uint")) else name, size_bytes, has_layout=True)
    return ours if name in OBJECT_SIZES else CarriedType("an object", tag, "bytes_v", size_bytes)


def golden_value(cpp_type: CarriedType, value: Any) -> Value:
    if cpp_type.container == "vector":
        return [golden_value(cpp_type.elements[0], part) for part in value]
    if cpp_type.container == "tuple":
        return tuple(golden_value(member, part) for member, part in zip(cpp_type.elements, value, strict=True))
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(value, str):
        return value.encode()
    if cpp_type.member == "bytes_v":
        return bytes.fromhex("0000c03f") if value == 1.5 else int(value).to_bytes(cpp_type.size_bytes, "little")
    return False if value is None else value


def test_goldens_both_ways() -> None:
    """A message of the sockets has its values as one of gRPC has them: type, data."""
    goldens = [json.loads(line) for line in GOLDENS.read_text("utf-8").splitlines()]
    assert len(goldens) > 20
    for golden in goldens:
        data = J9ServerMessage.FromString(bytes.fromhex(golden["bytes"])[4:]).data
        types = [golden_type(one["type"], one["tag"]) for one in golden["args"]]
        values = tuple(golden_value(cpp, one["value"]) for cpp, one in zip(types, golden["args"], strict=True))
        assert from_data(data, types) == values, golden["name"]
        assert to_data(types, values).SerializeToString() == data.SerializeToString(), golden["name"]


def test_every_message_of_the_catalogue() -> None:
    for name, signature in signatures().items():
        for types in (signature.request, signature.reply):
            if types is not None:
                values = tuple(map(zero, types))
                assert from_data(AnyData.FromString(to_data(types, values).SerializeToString()), types) == values, name


def test_a_vector_of_tuples_has_tags_in_the_tuples_only() -> None:
    pairs = vector_of(PAIR)
    data = to_data([pairs], [[(b"a", 1), (b"b", 2)]])
    element = data.data[0].vector_v.data[1]
    assert (element.extendedTypeTag, [part.extendedTypeTag for part in element.vector_v.data]) == (0, [6, 7])
    assert from_data(data, [pairs]) == ([(b"a", 1), (b"b", 2)],)


@pytest.mark.parametrize(
    ("sent", "value", "expected", "says"),
    [
        (UINT64, 1, POINTER, r"^data\[0\]: received uint64_v with tag 3, expected J9Class \*: uint64_v with tag 7$"),
        (STRING, b"abc", UINT32, r"^data\[0\]: received bytes_v of 3 bytes with tag 6, expected uint32_t: uint32_v with tag 1$"),
        (PAIR, (b"", 1), vector_of(POINTER), r"expected std::vector<J9Class \*>: vector_v with tag 19$"),
        (vector_of(UINT32), [1], vector_of(UINT64), r"with tag 18, expected std::vector<uint64_t>"),
        (CarriedType("", 16, "bytes_v"), b"123", object_type("float", 4, has_layout=True), r"bytes_v of 3 bytes with tag 16"),
        (CarriedType("", 18, "vector_v", 0, "vector", (STRING,)), [b"12345"], vector_of(UINT32), r"^data\[0\]\[0\]: received"),
    ],
)
def test_type_mismatch(sent: CarriedType, value: Value, expected: CarriedType, says: str) -> None:
    with pytest.raises(StreamTypeMismatch, match=says):
        from_data(to_data([sent], [value]), [expected])


def test_a_tag_in_a_vector() -> None:
    data = to_data([vector_of(UINT32)], [[1]])
    data.data[0].vector_v.data[0].extendedTypeTag = 1
    with pytest.raises(StreamTypeMismatch, match=r"^data\[0\]\[0\]: a vector's element has tag 1$"):
        from_data(data, [vector_of(UINT32)])


def test_arity_mismatch() -> None:
    with pytest.raises(StreamArityMismatch, match="^data: received 2 values, expected 1$"):
        from_data(to_data([UINT32, UINT32], [1, 2]), [UINT32])
    three = CarriedType("", PAIR.tag, "vector_v", 0, "tuple", (STRING, POINTER, POINTER))
    with pytest.raises(StreamArityMismatch, match=r"^data\[0\]: received 3 values, expected 2$"):
        from_data(to_data([three], [(b"", 1, 2)]), [PAIR])
