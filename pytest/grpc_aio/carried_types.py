"""C++ types as the older generation carries them: in which member of Any, with which tag. Written a second time, from
the description of the values; protocol/jitaas has the first."""

import dataclasses
import re
from collections.abc import Sequence

# extendedTypeTag of the types that have a fixed one. All pointers have the same.
FIXED_TAGS = {
    "int32_t": 0, "uint32_t": 1, "int64_t": 2, "uint64_t": 3, "bool": 4, "JITServer::Void": 5, "std::string": 6,
    "uint8_t": 12, "int8_t": 13, "uint16_t": 14, "int16_t": 15, "float": 16, "double": 17, "char": 22,
}  # fmt: skip
POINTER_TAG = 7
# Of vectors, by the tag of the elements.
FIXED_VECTOR_TAGS = {FIXED_TAGS["uint32_t"]: 18, POINTER_TAG: 19, FIXED_TAGS["uint8_t"]: 20, FIXED_TAGS["std::string"]: 21}

# What travels in a member of its own: by wire shape, the tag's name, the member of Any, the size in bytes.
SCALARS = {
    "int32": ("int32_t", "int32_v", 4),
    "uint32": ("uint32_t", "uint32_v", 4),
    "int64": ("int64_t", "int64_v", 8),
    "uint64": ("uint64_t", "uint64_v", 8),
    "bool": ("bool", "bool_v", 1),
    "string": ("std::string", "bytes_v", 0),
}


@dataclasses.dataclass(frozen=True)
class CarriedType:
    name: str
    tag: int
    member: str  # of Any, at the top of a message and in a tuple
    size_bytes: int = 0  # in memory; 0: of any size, or a container
    container: str = ""  # "vector" (one element type) or "tuple" (its members)
    elements: tuple["CarriedType", ...] = ()


def fnv1a(text: str) -> int:
    hashed = 0xCBF29CE484222325
    for byte in text.encode():
        hashed = hashed_with(hashed, byte)
    return hashed


def hashed_with(hashed: int, number: int) -> int:
    return (hashed ^ number) * 0x100000001B3 % 2**64


def tag_of_hash(hashed: int) -> int:
    """Above the fixed ones; at most three bytes on the wire."""
    return 128 + (hashed ^ hashed >> 32) % (2**21 - 128)


def scalar(shape: str) -> CarriedType:
    name, member, size_bytes = SCALARS[shape]
    return CarriedType(name, FIXED_TAGS[name], member, size_bytes)


def object_type(name: str, size_bytes: int, has_layout: bool) -> CarriedType:
    """A type that is neither a number, a string nor a container. One of four bytes without a layout is an enumeration."""
    if name.endswith("*"):
        return CarriedType(name, POINTER_TAG, "uint64_v", 8)
    tag = FIXED_TAGS.get(name, tag_of_hash(fnv1a(name)))
    if name == "JITServer::Void":
        return CarriedType(name, tag, "bool_v", 1)
    is_enumeration = size_bytes == 4 and not has_layout and name not in FIXED_TAGS
    return CarriedType(name, tag, "uint64_v" if is_enumeration else "bytes_v", size_bytes)


def vector_of(element: CarriedType) -> CarriedType:
    tag = FIXED_VECTOR_TAGS.get(element.tag, tag_of_hash(hashed_with(fnv1a("vector"), element.tag)))
    return CarriedType(f"std::vector<{element.name}>", tag, "vector_v", container="vector", elements=(element,))


def tuple_of(members: Sequence[CarriedType]) -> CarriedType:
    hashed = fnv1a("tuple")
    for member in members:
        hashed = hashed_with(hashed, member.tag)
    name = f"std::tuple<{', '.join(member.name for member in members)}>"
    return CarriedType(name, tag_of_hash(hashed), "vector_v", container="tuple", elements=tuple(members))


OBJECT_SHAPE = re.compile(r"object\((\d+)\)")
