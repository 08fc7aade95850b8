"""The frame and the data point, drawn; and real messages, byte for byte, from testdata/goldens.jsonl."""

import json

from svg import MARGIN, WIDTH, Picture

ROOM = WIDTH - 2 * MARGIN
BYTE = ROOM / 16

HEADER = (("total size", 4, "u32"), ("version", 4, "u32"), ("configuration", 4, "u32"), ("type", 2, "u16"),
          ("count", 2, "u16"))
DESCRIPTOR = (("type", 1, "u8"), ("padding", 1, "0–3"), ("data offset", 1, "0 or 4"), ("element size", 1, "u8"),
              ("size", 4, "u32"))


def fields(picture, y, byte_width, row, role):
    """A row of fields with their offsets above; returns where it ends."""
    offset = 0
    for name, size, kind in row:
        x = MARGIN + offset * byte_width
        width = size * byte_width
        picture.text(x + 2, y - 6, str(offset), "muted", "start", 12, mono=True)
        picture.rect(x, y, width, 46, role, 0)
        picture.text(x + width / 2, y + 20, name, size=12, bold=True, room=width)
        picture.text(x + width / 2, y + 37, kind, "muted", size=12, mono=True, room=width)
        offset += size
    picture.text(MARGIN + ROOM, y - 6, str(offset), "muted", "end", 12, mono=True)
    return y + 46


def draw_frame(picture):
    """Returns where the next picture may begin."""
    y = 32
    picture.text(MARGIN, y, "A message", anchor="start", size=15, bold=True)
    picture.text(MARGIN + ROOM, y, "little-endian; offsets in bytes", "muted", "end", 12)
    y += 14
    widths = (("header, 16 bytes", 250, "blue"), ("data point 1", 150, "green"), ("data point 2", 150, "green"),
              ("…", 62, "plain"), ("data point n", 140, "green"))
    x = MARGIN
    for name, width, role in widths:
        picture.rect(x, y, width, 34, role, 0)
        picture.text(x + width / 2, y + 22, name, room=width)
        x += width
    first_point = MARGIN + 250
    y += 34

    picture.line(MARGIN, y, MARGIN, y + 34, dashed=True)
    picture.line(first_point, y, MARGIN + ROOM, y + 34, dashed=True)
    y = fields(picture, y + 54, BYTE, HEADER, "blue")
    return picture.paragraph(MARGIN, y + 20, "total size counts itself. version and configuration are 0 once the peers "
                             "know each other. count is that of the top level; it is stale in the two types without a body.",
                             ROOM) + 20


def draw_data_point(picture, y):
    picture.text(MARGIN, y, "A data point", anchor="start", size=15, bold=True)
    y += 14
    x = MARGIN
    parts = (("descriptor, 8 bytes", 250, "violet"), ("filler, 0 or 4", 130, "plain"), ("payload", 242, "green"),
             ("padding, 0–3", 130, "plain"))
    for name, width, role in parts:
        picture.rect(x, y, width, 34, role, 0)
        picture.text(x + width / 2, y + 22, name, room=width)
        x += width
    y += 34
    bracket = MARGIN + 250
    picture.line(bracket + 2, y + 8, MARGIN + ROOM, y + 8, "plain-line")
    for end in (bracket + 2, MARGIN + ROOM):
        picture.line(end, y + 3, end, y + 13, "plain-line")
    picture.text(MARGIN + ROOM, y + 26, "size bytes, a multiple of 4", "muted", "end", 12)

    picture.line(MARGIN, y, MARGIN, y + 46, dashed=True)
    picture.line(bracket, y + 8, MARGIN + ROOM, y + 46, dashed=True)
    y = fields(picture, y + 66, ROOM / 8, DESCRIPTOR, "violet")
    return picture.paragraph(MARGIN, y + 20, "data offset is the length of the filler, which puts 64-bit payloads on "
                             "multiples of 8. element size is that of a SIMPLE_VECTOR. Filler and padding mean nothing: "
                             "written as zeros, never compared. The payload of a TUPLE is data points; that of a VECTOR is a "
                             "UINT32 data point, its count, then one data point per element.", ROOM)


def draw_message(path):
    picture = Picture("A message of the JITServer protocol",
                      "A header of 16 bytes, then data points. A data point is a descriptor of 8 bytes, then filler, "
                      "payload and padding.")
    picture.save(path, draw_data_point(picture, draw_frame(picture)) + 2)


# ---- real bytes ----------------------------------------------------------------------------------------------

CELL, CELL_HEIGHT = 43, 28
LABEL_HEIGHT = 42  # below a row of bytes


def load_golden(goldens, name):
    with open(goldens, encoding="utf-8") as lines:
        for line in lines:
            if f'"name": "{name}"' in line:
                return json.loads(line)
    raise ValueError(f"{goldens}: no golden {name!r}")


def number(data, offset, size):
    return int.from_bytes(data[offset:offset + size], "little")


def value_text(descriptor, payload):
    kind = descriptor["type"]
    if kind == "STRING":
        return json.dumps(payload.decode("ascii"))
    if kind == "BOOL":
        return "true" if payload[0] else "false"
    if kind == "OBJECT":
        return hex(int.from_bytes(payload, "little"))
    return str(int.from_bytes(payload, "little", signed=kind.startswith("INT")))


def segments(golden):
    """(offset, size, role, label, small label) of every part of the message, in order."""
    data = bytes.fromhex(golden["bytes"])
    yield 0, 4, "blue", "total size", str(number(data, 0, 4))
    yield 4, 4, "blue", "version", str(number(data, 4, 4))
    yield 8, 4, "blue", "configuration", str(number(data, 8, 4))
    yield 12, 2, "blue", "type", str(number(data, 12, 2))
    yield 14, 2, "blue", "count", str(number(data, 14, 2))
    for descriptor in golden["descriptors"]:
        offset = descriptor["off"]
        container = descriptor["type"] in ("TUPLE", "VECTOR")
        role = "amber" if container else "violet"
        for at, size, label, value in ((0, 1, "type", descriptor["type"]), (1, 1, "padding", str(data[offset + 1])),
                                       (2, 1, "offset", str(data[offset + 2])),
                                       (3, 1, "elem.", "–"), (4, 4, "size", str(number(data, offset + 4, 4)))):
            yield offset + at, size, role, label, value
        if container:
            continue
        if descriptor["data_offset"]:
            yield offset + 8, descriptor["data_offset"], "plain", "filler", ""
        start, size = descriptor["payload_off"], descriptor["payload_len"]
        yield start, size, "green", "payload", value_text(descriptor, data[start:start + size])
        if descriptor["pad"]:
            yield start + size, descriptor["pad"], "plain", "padding", ""


def row_pieces(offset, size):
    """The part cut at the ends of rows of 16: (offset, size)."""
    while size:
        here = min(size, 16 - offset % 16)
        yield offset, here
        offset, size = offset + here, size - here


def label_piece(picture, x, y, width, label, value):
    """What a run of bytes is and says, in two lines below it."""
    narrow = width < CELL * 1.5
    picture.text(x + width / 2, y + 14, "pad." if narrow and label == "padding" else label, "muted", size=11,
                 room=width + 6)
    if value:
        picture.text(x + width / 2, y + 29, value, size=11, mono=True, bold=not narrow, room=width + 6)


def draw_bytes(path, golden, title, words):
    data = bytes.fromhex(golden["bytes"])
    picture = Picture(title, f"The {len(data)} bytes of {golden['message_type']}: {data.hex(' ')}. {words}")
    top = 32
    picture.text(MARGIN, top, title, anchor="start", size=15, bold=True)
    top = picture.paragraph(MARGIN, top + 21, words, ROOM)
    left = MARGIN + ROOM - 16 * CELL
    row_height = CELL_HEIGHT + LABEL_HEIGHT
    for row in range(0, len(data), 16):
        picture.text(left - 12, top + row // 16 * row_height + 19, str(row), "muted", "end", 12, mono=True)
    for offset, size, role, label, value in segments(golden):
        for piece, (start, length) in enumerate(row_pieces(offset, size)):
            x, y = left + start % 16 * CELL, top + start // 16 * row_height
            picture.rect(x, y, length * CELL, CELL_HEIGHT, role, 0)
            for index in range(length):
                picture.text(x + (index + 0.5) * CELL, y + 19, f"{data[start + index]:02x}", size=13, mono=True)
            if piece == 0:
                label_piece(picture, x, y + CELL_HEIGHT, length * CELL, label, value)
    picture.save(path, top + -(-len(data) // 16) * row_height + 8)


def draw(goldens, folder):
    draw_message(folder / "message.svg")
    draw_bytes(folder / "message_bytes.svg", load_golden(goldens, "align_str3_ptr"),
               "A query as a real server wrote it: VM_getClassFromSignature, 48 bytes",
               "Two data points: a string of three characters, and a pointer. One byte of padding fills the string up; four "
               "bytes of filler put the pointer on a multiple of 8. Both may hold whatever was in the sender's buffer before.")
    draw_bytes(folder / "nested_bytes.svg", load_golden(goldens, "tuple_flat"),
               "A reply with a tuple: VM_getMemberNameMethodInfo, 80 bytes",
               "One data point at the top, a std::tuple<uint32_t, uint64_t, bool, std::string>. Its size covers the four "
               "nested ones, which are not in the header's count.")
