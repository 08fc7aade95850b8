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
    yield f"schedule {data[:1].hex()}, manner {data[1:2].hex()}"
    yield from stream(data[2:])


def text(data):
    yield from data.decode("utf-8", "backslashreplace").splitlines()


def raw(data):
    for at in range(0, len(data), 32):
        yield f"{at:6}: {data[at : at + 32].hex(' ', 4)}"


KINDS = {"message": message, "stream": stream, "framed": framed, "session": session, "text": text, "bytes": raw}


def describe(kind, data, most_lines=60):
    lines = list(KINDS[kind](data))
    more = [f"… {len(lines) - most_lines} more lines"] if len(lines) > most_lines else []
    return "\n".join(lines[:most_lines] + more)
