"""Values of known C++ types to the AnyData of a message and back. What does not fit its type is refused."""

from collections.abc import Sequence
from typing import Union

from carried_types import CarriedType
from protocol.grpc.compile_service_pb2 import Any, AnyData

# Integers, pointers and enumerations are int; strings and objects bytes; vectors lists; tuples tuples. Void is False.
Value = Union[int, bool, bytes, list["Value"], tuple["Value", ...]]


class StreamTypeMismatch(Exception):
    """Another member, tag or size than the type has."""


class StreamArityMismatch(Exception):
    """Not as many values as there are types."""


def zero(cpp_type: CarriedType) -> Value:
    if cpp_type.container == "vector":
        return []
    if cpp_type.container == "tuple":
        return tuple(zero(member) for member in cpp_type.elements)
    if cpp_type.member == "bytes_v":
        return bytes(cpp_type.size_bytes)
    return False if cpp_type.member == "bool_v" else 0


def to_data(types: Sequence[CarriedType], values: Sequence[Value]) -> AnyData:
    """The values of a message, or of a tuple: each with its tag."""
    data = AnyData()
    for cpp_type, value in zip(types, values, strict=True):
        part = data.data.add()
        part.extendedTypeTag = cpp_type.tag
        set_content(part, cpp_type, value)
    return data


def set_content(part: Any, cpp_type: CarriedType, value: Value) -> None:
    if cpp_type.container == "tuple":
        part.vector_v.CopyFrom(to_data(cpp_type.elements, as_sequence(value)))
    elif cpp_type.container == "vector":
        part.vector_v.SetInParent()  # an empty one is there, too
        for element in as_sequence(value):
            set_element(part.vector_v.data.add(), cpp_type.elements[0], element)
    elif cpp_type.member == "bytes_v":
        part.bytes_v = as_bytes(value)
    else:
        setattr(part, cpp_type.member, value)


def set_element(part: Any, cpp_type: CarriedType, value: Value) -> None:
    """Of a vector: without a tag, and numbers as they lie in memory."""
    if cpp_type.container or cpp_type.member == "bytes_v":
        set_content(part, cpp_type, value)
    else:
        part.bytes_v = as_number(value).to_bytes(cpp_type.size_bytes, "little", signed=is_signed(cpp_type))


def from_data(data: AnyData, types: Sequence[CarriedType], where: str = "data") -> tuple[Value, ...]:
    if len(data.data) != len(types):
        raise StreamArityMismatch(f"{where}: received {len(data.data)} values, expected {len(types)}")
    return tuple(
        tagged_value(part, cpp_type, f"{where}[{index}]")
        for index, (part, cpp_type) in enumerate(zip(data.data, types, strict=True))
    )


def tagged_value(part: Any, cpp_type: CarriedType, where: str) -> Value:
    if part.extendedTypeTag != cpp_type.tag:
        raise mismatch(part, cpp_type, where)
    return content(part, cpp_type, where)


def content(part: Any, cpp_type: CarriedType, where: str) -> Value:
    if part.WhichOneof("type") != cpp_type.member:
        raise mismatch(part, cpp_type, where)
    if cpp_type.container == "tuple":
        return from_data(part.vector_v, cpp_type.elements, where)
    if cpp_type.container == "vector":
        elements = enumerate(part.vector_v.data)
        return [element(one, cpp_type.elements[0], f"{where}[{index}]") for index, one in elements]
    if cpp_type.member == "bytes_v" and cpp_type.size_bytes not in (0, len(part.bytes_v)):
        raise mismatch(part, cpp_type, where)
    value: int | bool | bytes = getattr(part, cpp_type.member)
    return value


def element(part: Any, cpp_type: CarriedType, where: str) -> Value:
    if part.extendedTypeTag != 0:
        raise StreamTypeMismatch(f"{where}: a vector's element has tag {part.extendedTypeTag}")
    if cpp_type.container or cpp_type.member == "bytes_v":
        return content(part, cpp_type, where)
    if part.WhichOneof("type") != "bytes_v" or len(part.bytes_v) != cpp_type.size_bytes:
        raise mismatch(part, cpp_type, where)
    return int.from_bytes(part.bytes_v, "little", signed=is_signed(cpp_type))


def mismatch(part: Any, cpp_type: CarriedType, where: str) -> StreamTypeMismatch:
    size = f" of {len(part.bytes_v)} bytes" if part.WhichOneof("type") == "bytes_v" else ""
    return StreamTypeMismatch(
        f"{where}: received {part.WhichOneof('type')}{size} with tag {part.extendedTypeTag}, "
        f"expected {cpp_type.name}: {cpp_type.member} with tag {cpp_type.tag}"
    )


def is_signed(cpp_type: CarriedType) -> bool:
    return cpp_type.member in ("int32_v", "int64_v")


def as_sequence(value: Value) -> Sequence[Value]:
    assert isinstance(value, (list, tuple)), value
    return value


def as_bytes(value: Value) -> bytes:
    assert isinstance(value, bytes), value
    return value


def as_number(value: Value) -> int:
    assert isinstance(value, int), value
    return value
