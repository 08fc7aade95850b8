"""Damage to messages. Lies are told by one data point, and its surroundings know nothing of them: sizes of containers and
counts are as if it were true. Edits change the bytes afterwards."""

import struct

import wire_codec as wire
from wire_layout import choices_of, message_bytes, raw_data_point


def lie_about_code(point, other, amount):
    point.code = amount % 14 if amount < 250 else amount


def lie_about_padding(point, other, amount):
    point.padding = amount % 8 if amount < 250 else amount


def shift_padding(point, other, amount):
    """The bytes stay, only what is payload and what is padding changes."""
    difference = 1 + amount % 3
    point.padding, point.tail = point.padding + difference, b""
    point.payload = point.payload[:-difference]


def lie_about_data_offset(point, other, amount):
    point.data_offset = amount % 9 if amount < 250 else amount


def lie_about_element_size(point, other, amount):
    point.element_size = 0 if amount % 2 else amount


def claim_another_padding(point, other, amount):
    point.claimed["padding"] = amount % 5


def claim_another_data_offset(point, other, amount):
    point.claimed["data_offset"] = (4, 0, 8)[amount % 3]


def claim_another_size(point, other, amount):
    differences = (-4, 4, 8, -8, 1, -1, 3, 64, -len(point.payload), 0x7FFFFFFC, 0xFFFFFFFC, 0x80000000)
    point.claimed["size"] = point.size() + differences[amount % len(differences)]


def swallow_another(point, other, amount):
    """The size covers another data point, too; behind its own container if that is the next."""
    if point is not other:
        point.claimed["size"] = point.size() + wire.DESCRIPTOR.size + other.size()


def shift_a_boundary(point, other, amount):
    """Both sizes are no multiple of 4, but their sum is."""
    point.tail, other.tail = bytes(1 + amount % 3), bytes(3 - amount % 3)


def add_a_tail(point, other, amount):
    point.tail = bytes((4, 8, 1, 2, 12)[amount % 5])


def shorten_the_payload(point, other, amount):
    point.payload = point.payload[: -1 - amount % 8]
    point.padding = -len(point.payload) % 4


def lengthen_the_payload(point, other, amount):
    point.payload += bytes(1 + amount % 8)
    point.padding = -len(point.payload) % 4


def another_payload(point, other, amount):
    """Of a VECTOR's count this is the length of the VECTOR."""
    point.payload = bytes([amount]) + point.payload[1:]


def drop_an_inner_data_point(point, other, amount):
    if point.inner:
        del point.inner[amount % len(point.inner)]


def repeat_an_inner_data_point(point, other, amount):
    if point.inner:
        at = amount % len(point.inner)
        point.inner.insert(at, point.inner[at])


def swap_codes(point, other, amount):
    point.code, other.code = other.code, point.code


def swap_descriptors(point, other, amount):
    for field in ("code", "padding", "data_offset", "element_size"):
        mine, yours = getattr(point, field), getattr(other, field)
        setattr(point, field, yours)
        setattr(other, field, mine)


def swap_bodies(point, other, amount):
    if point.inner is None and other.inner is None:
        point.payload, other.payload = other.payload, point.payload


LIES = [lie_about_code, lie_about_padding, shift_padding, lie_about_data_offset, lie_about_element_size,
        claim_another_padding, claim_another_data_offset, claim_another_size, swallow_another, shift_a_boundary,
        add_a_tail, shorten_the_payload, lengthen_the_payload, another_payload, drop_an_inner_data_point,
        repeat_an_inner_data_point, swap_codes, swap_descriptors, swap_bodies]  # fmt: skip


# Edits know only bytes, and that most things lie on multiples of 4.


def flip_a_bit(data, at, amount):
    data[at % len(data)] ^= 1 << amount % 8


def set_a_byte(data, at, amount):
    data[at % len(data)] = amount


def truncate(data, at, amount):
    del data[max(1, len(data) - 1 - at % 40) :]


def extend(data, at, amount):
    data += bytes([amount]) * (1 + at % 16)


def swap_words(data, at, amount):
    """Words of 8 bytes: descriptors and payloads."""
    one, other = 4 * (at % (len(data) // 4)), 4 * (amount % (len(data) // 4))
    if abs(one - other) >= 8 and max(one, other) + 8 <= len(data):
        data[one : one + 8], data[other : other + 8] = data[other : other + 8], data[one : one + 8]


def cut_out_a_word(data, at, amount):
    start = 4 * (at % (len(data) // 4))
    del data[start : max(start + 4, 5)]


def lie_about_the_count(data, at, amount):
    data[14:16] = struct.pack("<H", max(0, int.from_bytes(data[14:16], "little") + (1, -1, amount)[at % 3]) & 0xFFFF)


EDITS = [flip_a_bit, set_a_byte, truncate, extend, swap_words, cut_out_a_word, lie_about_the_count]
# Twice, since lies get further than edits.
STEPS = [*LIES, *LIES, *EDITS]


def liars(points, at, other):
    """A data point to lie about, and another: any, or the next in the message, or the next behind its container."""
    everyone = [inner for point in points for inner in point.all_points()]
    pairs = list(zip(everyone, everyone[1:]))
    last_ones = {id(point.inner[-1]) for point in everyone if point.inner}
    across = [pair for pair in pairs if id(pair[0]) in last_ones and pair[0].inner is None]
    if other % 3 == 1 and across:
        return across[at % len(across)]
    if other % 3 == 2 and pairs:
        return pairs[at % len(pairs)]
    return everyone[at % len(everyone)], everyone[other // 3 % len(everyone)]


def damaged(message, layout, fill, row):
    """The bytes of a message with the damage that eight bytes describe: one or two steps, lies before edits; and
    seldom a size field that was left as it was, for which alone most would be refused."""
    points = [raw_data_point(value, choices_of(layout)) for value in message.values]
    first, second = row[:4], row[4:]
    steps = [(STEPS[kind % len(STEPS)], *rest) for kind, *rest in ([first, second] if second[0] % 2 else [first])]
    for apply, at, other, amount in steps:
        if apply in LIES and points:
            apply(*liars(points, at, other), amount)
    data = bytearray(message_bytes(message, points, fill, len(points)))
    size = len(data)
    for apply, at, other, amount in steps:
        if apply in EDITS and len(data) >= 16:
            apply(data, at + 256 * other, amount)
    if len(data) >= 4 and (len(data) == size or row[0] % 8):
        data[:4] = struct.pack("<I", len(data))
    return bytes(data)
