"""The wire codec a second time: bytes to values and back, written from the wire format's description alone and without
a look at protocol/wire. It is the oracle that the program is compared with (test_oracle.py): where both agree, either
both are right or two people misread the same sentence; the goldens are there against that.

So it is written to be checked against the description by eye, and is neither fast nor gentle: what must be refused
raises Refused, with a reason for people that nobody compares.
"""

import dataclasses
import struct

HEADER = struct.Struct("<IIIHH")
DESCRIPTOR = struct.Struct("<BBBBI")

INT32, INT64, UINT32, UINT64, BOOL, STRING, OBJECT, ENUM, VECTOR, SIMPLE_VECTOR, EMPTY_VECTOR, TUPLE = range(12)

# Elements beyond this size travel as data points of their own.
LARGEST_SIMPLE_ELEMENT = 255
# Limits of ours, not of the format: containers within containers, and bytes of a message.
MAX_NESTING = 64
MAX_MESSAGE_SIZE = 64 << 20


class Refused(Exception):
    """Bytes that are no message, or values that cannot be one."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


# ---- values: a class for each wire type, so that an int32 never equals a uint32 ------------------------------


@dataclasses.dataclass(frozen=True)
class Int32:
    value: int


@dataclasses.dataclass(frozen=True)
class Int64:
    value: int


@dataclasses.dataclass(frozen=True)
class Uint32:
    value: int


@dataclasses.dataclass(frozen=True)
class Uint64:
    value: int


@dataclasses.dataclass(frozen=True)
class Bool:
    value: bool


@dataclasses.dataclass(frozen=True)
class String:
    data: bytes


@dataclasses.dataclass(frozen=True)
class Object:
    data: bytes


@dataclasses.dataclass(frozen=True)
class SimpleVector:
    element_size: int
    data: bytes


@dataclasses.dataclass(frozen=True)
class EmptyVector:
    pass


@dataclasses.dataclass(frozen=True)
class Vector:
    elements: tuple


@dataclasses.dataclass(frozen=True)
class Tuple:
    elements: tuple


@dataclasses.dataclass(frozen=True)
class Message:
    """`values` are the top-level data points. Whether a type has a body depends on the release, hence the parameter
    `bodyless` below: the numbers of the two types that have none."""

    number: int
    values: tuple = ()
    version: int = 0
    config: int = 0


INTEGERS = {Int32: (INT32, "<i"), Int64: (INT64, "<q"), Uint32: (UINT32, "<I"), Uint64: (UINT64, "<Q")}
INTEGERS_BY_CODE = {code: (cls, layout) for cls, (code, layout) in INTEGERS.items()}


# ---- bytes to values -----------------------------------------------------------------------------------------


def decode(data, bodyless=frozenset()):
    """The Message that these bytes are. What is acceptable but not canonical is shown as it came."""
    require(len(data) >= HEADER.size, "shorter than a header")
    size, version, config, number, count = HEADER.unpack_from(data)
    require(size == len(data), f"says {size} bytes, has {len(data)}")
    require(size <= MAX_MESSAGE_SIZE, "beyond the limit")
    if number in bodyless:
        require(size == HEADER.size, "a body where there is none")
        return Message(number, (), version, config)  # the count is stale
    values = read_sequence(data, HEADER.size, size, nesting=0)
    require(len(values) == count, f"{count} data points announced, {len(values)} found")
    return Message(number, values, version, config)


def read_sequence(data, start, end, nesting):
    """The data points that fill data[start:end] exactly."""
    values = []
    while start < end:
        value, start = read_data_point(data, start, end, nesting)
        values.append(value)
    return tuple(values)


def read_data_point(data, start, end, nesting):
    """The data point at `start` in a message or container that ends at `end`; and where the next one begins."""
    require(end - start >= DESCRIPTOR.size, "half a descriptor")
    code, padding, data_offset, element_size, size = DESCRIPTOR.unpack_from(data, start)
    body_start = start + DESCRIPTOR.size
    body_end = body_start + size
    require(body_end <= end, "a data point larger than what it is in")
    require(size % 4 == 0, "a size that is no multiple of 4")
    require(padding <= 3, "padding above 3")
    require(data_offset in (0, 4), "a data offset other than 0 and 4")
    if code in (VECTOR, TUPLE, EMPTY_VECTOR):
        require(padding == 0 and data_offset == 0, "a container with padding or data offset")
        return read_container(code, data, body_start, body_end, nesting + 1), body_end
    require(data_offset + padding <= size, "padding and data offset beyond the size")
    return read_payload(code, data[body_start + data_offset : body_end - padding], element_size), body_end


def read_container(code, data, start, end, nesting):
    if code == EMPTY_VECTOR:
        require(start == end, "an EMPTY_VECTOR with a body")
        return EmptyVector()
    require(nesting <= MAX_NESTING, "nested too deeply")
    values = read_sequence(data, start, end, nesting)
    if code == TUPLE:
        return Tuple(values)
    require(values and isinstance(values[0], Uint32), "a VECTOR without a count")
    require(len(values) - 1 == values[0].value, "a VECTOR that its elements do not fill")
    return Vector(values[1:])


def read_payload(code, payload, element_size):
    if code in INTEGERS_BY_CODE:
        cls, layout = INTEGERS_BY_CODE[code]
        require(len(payload) == struct.calcsize(layout), "an integer of the wrong size")
        return cls(*struct.unpack(layout, payload))
    if code == BOOL:
        require(len(payload) == 1, "a BOOL of the wrong size")
        return Bool(payload != b"\0")
    if code == STRING:
        return String(bytes(payload))
    if code == OBJECT:
        return Object(bytes(payload))
    require(code == SIMPLE_VECTOR, f"no such type: {code}")
    return checked(SimpleVector(element_size, bytes(payload)))


def checked(vector):
    """A SIMPLE_VECTOR, if there can be such a one."""
    require(1 <= vector.element_size <= LARGEST_SIMPLE_ELEMENT, f"an element size of {vector.element_size}")
    require(len(vector.data) % vector.element_size == 0, "a SIMPLE_VECTOR that its elements do not divide")
    return vector


# ---- values to bytes -----------------------------------------------------------------------------------------


def encode(message, bodyless=frozenset()):
    """The canonical bytes: what a real peer writes for these values, with everything zero that has no meaning."""
    for limit, numbers in ((0xFFFF, (message.number,)), (0xFFFFFFFF, (message.version, message.config))):
        require(all(0 <= number <= limit for number in numbers), "a header field out of its range")
    require(message.number not in bodyless or not message.values, "a body where there is none")
    require(len(message.values) <= 0xFFFF, "too many data points")
    out = bytearray(HEADER.size)
    for value in message.values:
        write(out, canonical(value))
    require(len(out) <= MAX_MESSAGE_SIZE, "beyond the limit")
    HEADER.pack_into(out, 0, len(out), message.version, message.config, message.number, len(message.values))
    return bytes(out)


def canonical_message(message):
    return dataclasses.replace(message, values=tuple(canonical(value) for value in message.values))


def canonical(value, nesting=0):
    """The value as a real peer would send it: any empty vector is an EMPTY_VECTOR, and a vector of trivially copyable
    elements a SIMPLE_VECTOR."""
    if isinstance(value, SimpleVector):
        return value if checked(value).data else EmptyVector()
    if not isinstance(value, (Vector, Tuple)):
        return value
    require(nesting < MAX_NESTING, "nested too deeply")
    elements = tuple(canonical(element, nesting + 1) for element in value.elements)
    if isinstance(value, Tuple):
        return Tuple(elements)
    return canonical_vector(elements)


def canonical_vector(elements):
    if not elements:
        return EmptyVector()
    # A C++ vector has one element type. Other mixtures, and BOOL, are nothing that a real peer sends in any form.
    kinds = {(type(element), len(trivial_bytes(element))) for element in elements}
    _, size = next(iter(kinds))
    if len(kinds) > 1 or not 1 <= size <= LARGEST_SIMPLE_ELEMENT:
        return Vector(elements)
    return SimpleVector(size, b"".join(trivial_bytes(element) for element in elements))


def trivial_bytes(value):
    """What one element of a SIMPLE_VECTOR would hold; nothing if it cannot be one."""
    if isinstance(value, Object):
        return value.data
    return integer_bytes(value) if type(value) in INTEGERS else b""


def integer_bytes(value):
    try:
        return struct.pack(INTEGERS[type(value)][1], value.value)
    except struct.error as error:
        raise Refused(f"{value} is out of its range") from error


def write(out, value):
    """Appends one data point; `out` is the message up to here, so that its length is the position."""
    if isinstance(value, Bool):
        write_payload(out, BOOL, b"\1" if value.value else b"\0")
    elif isinstance(value, String):
        write_payload(out, STRING, value.data)
    elif isinstance(value, Object):
        write_payload(out, OBJECT, value.data, is_wide=len(value.data) > 4)
    elif isinstance(value, SimpleVector):
        write_payload(out, SIMPLE_VECTOR, value.data, is_wide=value.element_size > 4, element_size=value.element_size)
    elif isinstance(value, EmptyVector):
        write_payload(out, EMPTY_VECTOR, b"")
    elif isinstance(value, Tuple):
        write_container(out, TUPLE, value.elements)
    elif isinstance(value, Vector):
        write_container(out, VECTOR, (Uint32(len(value.elements)), *value.elements))
    else:
        write_payload(out, INTEGERS[type(value)][0], integer_bytes(value), is_wide=isinstance(value, (Int64, Uint64)))


def write_payload(out, code, payload, *, is_wide=False, element_size=0):
    """`is_wide`: the payload starts on a multiple of 8, if need be behind four bytes of filler."""
    data_offset = 4 if is_wide and (len(out) + DESCRIPTOR.size) % 8 != 0 else 0
    padding = -len(payload) % 4
    out += DESCRIPTOR.pack(code, padding, data_offset, element_size, data_offset + len(payload) + padding)
    out += bytes(data_offset) + payload + bytes(padding)


def write_container(out, code, values):
    start = len(out)
    out += bytes(DESCRIPTOR.size)
    for value in values:
        write(out, value)
    DESCRIPTOR.pack_into(out, start, code, 0, 0, 0, len(out) - start - DESCRIPTOR.size)
