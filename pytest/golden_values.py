"""What a golden's C++ arguments look like in jitrig's JSON form: derived here a second time, from the rules of the
wire format alone, so that a mistake in the program is not repeated by its test."""

import struct

from wire_json import is_printable

BODYLESS = ("compilationInterrupted", "connectionTerminate")

# Everything that is trivially copyable and has no wire type of its own travels as its bytes.
OBJECT_FORMATS = {
    "pointer": "<Q",
    "enum8": "<B", "enum16": "<H", "enum32": "<I", "enum64": "<Q",
    "uint8": "<B", "int8": "<b", "uint16": "<H", "int16": "<h", "char": "<B",
    "float": "<f", "double": "<d",
    "ulonglong": "<Q", "longlong": "<q",
}  # fmt: skip
SCALAR_FORMATS = {"int32": "<i", "int64": "<q", "uint32": "<I", "uint64": "<Q"}
LARGEST_SIMPLE_ELEMENT = 255

# A Void is one byte whose value means nothing.
ANY_BYTE = {"object": "any byte"}


def template_arguments(cpp_type):
    """["string", "vector<pointer>"] of "tuple<string,vector<pointer>>"."""
    arguments, depth, current = [], 0, ""
    for character in cpp_type[cpp_type.index("<") + 1 : -1]:
        if character == "," and depth == 0:
            arguments.append(current)
            current = ""
            continue
        depth += {"<": 1, ">": -1}.get(character, 0)
        current += character
    return [*arguments, current]


def string_bytes(value):
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode("utf-8")


def trivial_bytes(cpp_type, value):
    """The bytes of a trivially copyable type; None for any other."""
    if cpp_type in OBJECT_FORMATS:
        return struct.pack(OBJECT_FORMATS[cpp_type], value)
    if cpp_type in SCALAR_FORMATS:
        return struct.pack(SCALAR_FORMATS[cpp_type], value)
    if cpp_type.startswith("object<"):
        data = bytes.fromhex(value["hex"])
        assert len(data) == int(cpp_type[7:-1])
        return data
    return None


def expected_vector(element_type, values):
    if not values:
        return {"empty_vector": True}
    elements = [trivial_bytes(element_type, value) for value in values]
    if elements[0] is None or len(elements[0]) > LARGEST_SIMPLE_ELEMENT:
        return {"vector": [expected_json(element_type, value) for value in values]}
    return {"simple_vector": {"element_size": len(elements[0]), "hex": b"".join(elements).hex()}}


def expected_json(cpp_type, value):
    """One data point."""
    if cpp_type == "bool" or cpp_type in SCALAR_FORMATS:
        return {cpp_type: value}
    if cpp_type == "string":
        data = string_bytes(value)
        return {"string": data.decode("utf-8") if is_printable(data) else {"hex": data.hex()}}
    if cpp_type == "void":
        return ANY_BYTE
    if cpp_type.startswith("vector<"):
        (element_type,) = template_arguments(cpp_type)
        return expected_vector(element_type, value)
    if cpp_type.startswith("tuple<"):
        types = template_arguments(cpp_type)
        assert len(types) == len(value)
        return {"tuple": [expected_json(*element) for element in zip(types, value)]}
    data = trivial_bytes(cpp_type, value)
    assert data is not None, f"no such type: {cpp_type}"
    return {"object": data.hex()}


def filler_ranges(golden):
    """Filler before and padding behind payloads, as (start, end): what the encoder must write as zeros. Holes inside
    objects are not among them, since the wire format does not know them."""
    for descriptor in golden["descriptors"]:
        payload = descriptor["payload_off"]
        end = payload + descriptor["payload_len"]
        yield payload - descriptor["data_offset"], payload
        yield end, end + descriptor["pad"]


def fill(golden, byte):
    """The golden's bytes with this byte in all filler and padding."""
    data = bytearray.fromhex(golden["bytes"])
    for start, end in filler_ranges(golden):
        data[start:end] = bytes([byte]) * (end - start)
    return data


def canonical(golden):
    """Its bytes with filler and padding zero, and without the stale count of the types that have no body."""
    data = fill(golden, 0)
    if golden["message_type"] in BODYLESS:
        data[14:16] = b"\0\0"
    return bytes(data)
