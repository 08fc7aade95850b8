"""An input for people: messages data point by data point, whatever is wrong with them; text as text. Written from the
wire format's description alone, so that it does not stumble where the reader stumbled."""

import struct

NAMES = "INT32 INT64 UINT32 UINT64 BOOL STRING OBJECT ENUM VECTOR SIMPLE_VECTOR EMPTY_VECTOR TUPLE".split()
LAYOUTS = {"INT32": "<i", "INT64": "<q", "UINT32": "<I", "UINT64": "<Q", "BOOL": "<?"}
CONTAINERS = ("VECTOR", "TUPLE")


def data_points(data, start, end, indent):
    while start < end:
        if end - start < 8:
            yield f"{indent}{start}: {data[start:end].hex()} (half a descriptor)"
            return
        code, padding, data_offset, element_size, size = struct.unpack_from("<BBBBI", data, start)
        name = NAMES[code] if code < len(NAMES) else f"type {code}"
        body, stop = start + 8, start + 8 + size
        line = f"{indent}{start}: {name} padding {padding} data offset {data_offset} element size {element_size} size {size}"
        if stop > end:
            line += f" ({stop - end} bytes more than there are)"
        if name in CONTAINERS:
            yield line
            yield from data_points(data, body, min(stop, end), indent + "  ")
        else:
            payload = data[body + data_offset : max(body, min(stop, end) - padding)]
            yield line + ": " + value(name, payload)
        start = stop


def value(name, payload):
    layout = LAYOUTS.get(name)
    if layout and len(payload) == struct.calcsize(layout):
        return str(struct.unpack(layout, payload)[0])
    if name == "STRING":
        return repr(payload[:200])
    return payload[:64].hex() + ("…" if len(payload) > 64 else "")


def message(data):
    if len(data) < 16:
        yield f"{data.hex()} (shorter than a header)"
        return
    size, version, config, number, count = struct.unpack_from("<IIIHH", data)
    yield f"message of {len(data)} bytes: size {size} version {version:#x} config {config:#x} type {number} data points {count}"
    yield from data_points(data, 16, len(data), "  ")


def stream(data):
    while data:
        size = struct.unpack_from("<I", data)[0] if len(data) >= 4 else 0
        size = size if 16 <= size <= len(data) else len(data)
        yield from message(data[:size])
        data = data[size:]


def framed(data):
    lengths = data[0] % 32 if data else 0
    yield f"segments of {[length + 1 for length in data[1 : 1 + lengths]]} bytes, then the rest"
    yield from stream(data[1 + lengths :])


def session(data):
    older = data[:1] >= b"\x80"
    yield f"schedule {data[:1].hex()}, manner {data[1:2].hex()}" + (", the older generation" if older else "")
    yield from jitaas(data[2:]) if older else stream(data[2:])


def text(data):
    yield from data.decode("utf-8", "backslashreplace").splitlines()


def raw(data):
    for at in range(0, len(data), 32):
        yield f"{at:6}: {data[at : at + 32].hex(' ', 4)}"


JITAAS_FIELDS = {
    "message": {1: "type", 2: "data", 3: "version"},
    "AnyData": {1: "data"},
    "Any": dict(enumerate("extendedTypeTag uint64_v uint32_v int64_v int32_v bytes_v bool_v vector_v".split(), 1)),
}


def varint(data, at, end):
    """The number and where it ends; None where it does not."""
    number = shift = 0
    while at < end and shift < 70:
        number |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return number, at
    return None, at


def protobuf_fields(data, at, end, kind, indent):
    while at < end:
        start = at
        key, at = varint(data, at, end)
        field, wire = ((key or 0) >> 3, (key or 0) & 7)
        line = f"{indent}{start}: {JITAAS_FIELDS[kind].get(field, f'field {field}')}"
        if key is None or wire in (3, 4, 6, 7):
            yield f"{line} wire type {wire}: {data[start:end].hex()} (cannot be read)"
            return
        if wire == 2:
            length, at = varint(data, at, end)
            if length is None or length > end - at:
                yield f"{line} of {length} bytes, of which there are {end - at}: {data[at:end].hex()}"
                return
            inner = inner_kind(kind, field)
            yield f"{line} of {length} bytes" + ("" if inner else f": {data[at : at + min(length, 64)].hex()}")
            if inner:
                yield from protobuf_fields(data, at, at + length, inner, indent + "  ")
            at += length
            continue
        if wire == 0:
            number, at = varint(data, at, end)
        else:
            size = 8 if wire == 1 else 4
            number, at = data[at : min(at + size, end)].hex(), at + size
        yield f"{line}: {number}"


def inner_kind(kind, field):
    return {("message", 2): "AnyData", ("AnyData", 1): "Any", ("Any", 8): "AnyData"}.get((kind, field))


def jitaas(data):
    while data:
        announced = struct.unpack_from("<I", data)[0] if len(data) >= 4 else 0
        size = min(announced + 4, len(data))
        missing = f" ({announced + 4 - size} bytes are missing)" if announced + 4 > size else ""
        yield f"frame of {size} bytes: size {announced}{missing}"
        yield from protobuf_fields(data, min(4, size), size, "message", "  ")
        data = data[size:]


def jitaas_framed(data):
    lengths = data[0] % 32 if data else 0
    yield f"segments of {[length + 1 for length in data[1 : 1 + lengths]]} bytes, then the rest"
    yield from jitaas(data[1 + lengths :])


KINDS = {"message": message, "stream": stream, "framed": framed, "session": session, "text": text, "bytes": raw,
         "jitaas": jitaas, "jitaas_framed": jitaas_framed}  # fmt: skip


def describe(kind, data, most_lines=60):
    lines = list(KINDS[kind](data))
    more = [f"… {len(lines) - most_lines} more lines"] if len(lines) > most_lines else []
    return "\n".join(lines[:most_lines] + more)
