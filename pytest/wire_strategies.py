"""What hypothesis draws: messages of every shape, their bytes in every acceptable layout, and bytes with lies in them.

Everything shrinks: numbers to 0, lists to nothing, layouts to the plainest, damage to a single lie. A draw is what
costs the time here, far more than asking the program; so bytes come from patterns, choices from rows of bytes that are
drawn at once, and one message is damaged in several ways.
"""

import dataclasses
import itertools
import struct

from hypothesis import strategies as st

import wire_codec as wire

# ---- values --------------------------------------------------------------------------------------------------

RANGES = {
    wire.Int32: (-(1 << 31), (1 << 31) - 1),
    wire.Int64: (-(1 << 63), (1 << 63) - 1),
    wire.Uint32: (0, (1 << 32) - 1),
    wire.Uint64: (0, (1 << 64) - 1),
}

# Text that is shown as text, control characters that are not, and bytes that are no UTF-8 at all.
TEXTS = [b"java/lang/String", b'"\\/', "é😀".encode(), b"\n", "\x85".encode(), b"\x7f", "\x9f".encode(), "\xa0".encode(), b"\xed\xa0\x80", b"\xc0\x80",
         b"\xf4\x90\x80\x80", "\ufffe\u2028".encode(), b"a\0b"]  # fmt: skip


def integers_of(cls):
    low, high = RANGES[cls]
    return st.one_of(st.integers(low, high), st.sampled_from((low, high, 0))).map(cls)


def repeated(pattern, count):
    return (pattern * count)[:count]


patterns = st.sampled_from((b"a", b"\0", b"\xff\1", b"0123456789", b"\1\0\0\0"))
# Around the sizes at which something changes: alignment, the largest element of a SIMPLE_VECTOR.
byte_rows = st.builds(repeated, patterns, st.one_of(st.integers(0, 12), st.sampled_from((4, 5, 16, 255, 256, 257, 300))))
bools = st.booleans().map(wire.Bool)
strings = st.one_of(byte_rows, st.sampled_from(TEXTS)).map(wire.String)
objects = byte_rows.map(wire.Object)
integers = [integers_of(cls) for cls in RANGES]
element_sizes = st.one_of(st.integers(1, 9), st.sampled_from((16, 254, 255)))


def simple_vector(element_size, count, pattern):
    return wire.SimpleVector(element_size, repeated(pattern, element_size * count))


simple_vectors = st.builds(simple_vector, element_sizes, st.integers(0, 6), patterns)
big_values = st.one_of(
    st.builds(simple_vector, element_sizes, st.integers(0, 400), patterns),
    st.builds(repeated, patterns, st.integers(0, 20_000)).map(wire.String),
    st.builds(repeated, patterns, st.integers(0, 20_000)).map(wire.Object),
    st.builds(lambda value, count: wire.Vector((value,) * count), st.one_of(strings, *integers), st.integers(0, 300)),
)
leaves = st.one_of(*integers, bools, strings, objects, simple_vectors, st.just(wire.EmptyVector()))


def objects_of_one_size(element_size):
    return st.lists(st.integers(0, 255).map(lambda byte: wire.Object(bytes([byte]) * element_size)), min_size=1, max_size=4)


# What a real peer's vector<T> would hold.
elements_alike = st.one_of(
    *(st.lists(elements, min_size=1, max_size=5) for elements in [*integers, bools, strings, simple_vectors]),
    st.one_of(element_sizes, st.sampled_from((0, 256, 257))).flatmap(objects_of_one_size),
).map(tuple)


# What none would hold, though it looks like it.
mixed_elements = st.one_of(
    *(st.lists(elements, min_size=2, max_size=3) for elements in (st.one_of(*integers), st.one_of(objects, *integers)))
).map(lambda elements: wire.Vector(tuple(elements)))


def containers(elements):
    rows = st.lists(elements, max_size=4).map(tuple)
    return st.one_of(
        rows.map(wire.Tuple), rows.map(wire.Vector), rows.map(wire.Tuple), elements_alike.map(wire.Vector), mixed_elements
    )


def one_of_both(one, other):
    """One half each; one_of alone would give each of their own alternatives the same chance."""
    return st.one_of(one.map(lambda value: value), other.map(lambda value: value))


kinds = st.sampled_from((wire.Tuple, wire.Vector))


def nested(value, containers_outwards):
    for kind in containers_outwards:
        value = kind((value,))
    return value


nested_deeply = st.builds(
    lambda value, depth, kind, outer: nested(value, [kind] * depth + outer),
    leaves,
    st.integers(wire.MAX_NESTING - 3, wire.MAX_NESTING + 1),
    kinds,
    st.lists(kinds, max_size=3),
)

one_level = one_of_both(leaves, containers(leaves))
two_levels = one_of_both(leaves, containers(one_level))
values = one_of_both(two_levels, containers(two_levels))
# The smallest in which one data point can reach beyond its container and still end where another does.
nested_and_followed = st.builds(
    lambda outer, inner, first, last, after: (outer((inner((*first, last)), after)),),
    kinds, kinds, st.lists(leaves, max_size=1), one_of_both(strings, leaves), leaves,
)  # fmt: skip
few_values = st.lists(values, max_size=5)
many_leaves = st.lists(leaves, min_size=1, max_size=8)
# Twice: the last two take more time.
rows_of_values = st.one_of(
    few_values, few_values, many_leaves, many_leaves, st.lists(st.one_of(big_values, leaves), max_size=2),
    st.lists(nested_deeply, min_size=1, max_size=1), nested_and_followed,
).map(tuple)  # fmt: skip

# What cannot be sent, whoever asks.
wrong_values = st.one_of(
    *(st.builds(cls, st.one_of(st.integers(max_value=low - 1), st.integers(high + 1))) for cls, (low, high) in RANGES.items()),
    st.builds(wire.SimpleVector, st.sampled_from((0, 256, 1000)), st.just(b"")),
    st.builds(wire.SimpleVector, st.integers(0, 300), byte_rows),
)
rows_with_a_wrong_value = st.tuples(one_level, st.one_of(wrong_values, containers(wrong_values)))

# ---- messages ------------------------------------------------------------------------------------------------

# 6 to 11: those that have no body in one release or another, and their neighbours.
numbers = st.one_of(st.just(67), st.integers(6, 11), st.integers(0, 0xFFFF))
words = st.one_of(st.just(0), st.sampled_from((0x01006900, 0x3011, 0xFFFFFFFF)), st.integers(0, 0xFFFFFFFF))


def messages_of(rows):
    return st.builds(wire.Message, numbers, rows, words, words)


messages = messages_of(rows_of_values)
unsendable_messages = messages_of(rows_with_a_wrong_value)

# ---- bytes in any acceptable layout --------------------------------------------------------------------------


@dataclasses.dataclass
class RawDataPoint:
    """A descriptor's fields, and what follows it: `payload`, or data points in `inner`; after the padding a `tail`, which
    is counted in the size. What is `claimed` stands in the descriptor, though the bytes are as the fields say."""

    code: int
    payload: bytes = b""
    inner: list = None
    padding: int = 0
    data_offset: int = 0
    element_size: int = 0
    tail: bytes = b""
    claimed: dict = dataclasses.field(default_factory=dict)

    def to_bytes(self, fill):
        payload = self.payload if self.inner is None else b"".join(point.to_bytes(fill) for point in self.inner)
        body = fill * self.data_offset + payload + fill * self.padding + self.tail
        says = {"padding": self.padding, "data_offset": self.data_offset, "size": len(body)} | self.claimed
        descriptor = (self.code, says["padding"], says["data_offset"], self.element_size, says["size"] & 0xFFFFFFFF)
        return wire.DESCRIPTOR.pack(*descriptor) + body

    def size(self):
        return len(self.to_bytes(b"\0")) - wire.DESCRIPTOR.size

    def all_points(self):
        yield self
        for point in self.inner or ():
            yield from point.all_points()


def plain_payload(value, choice):
    """Code, element size and payload. `choice` gives any true BOOL but 1."""
    if isinstance(value, wire.Bool):
        return wire.BOOL, choice(), bytes([1 + choice() % 255 if value.value else 0])
    if isinstance(value, wire.String):
        return wire.STRING, choice(), value.data
    if isinstance(value, wire.Object):
        return wire.OBJECT, choice(), value.data
    if isinstance(value, wire.SimpleVector):
        return wire.SIMPLE_VECTOR, value.element_size, value.data
    code, layout = wire.INTEGERS[type(value)]
    return code, choice(), struct.pack(layout, value.value)


def raw_data_point(value, choice):
    """`choice()` gives a number below 256; with 0 each time the layout is the plainest."""
    if isinstance(value, wire.EmptyVector):
        return RawDataPoint(wire.EMPTY_VECTOR, element_size=choice())
    if isinstance(value, wire.Tuple):
        inner = [raw_data_point(element, choice) for element in value.elements]
        return RawDataPoint(wire.TUPLE, inner=inner, element_size=choice())
    if isinstance(value, wire.Vector):
        counted = (wire.Uint32(len(value.elements)), *value.elements)
        return RawDataPoint(wire.VECTOR, inner=[raw_data_point(element, choice) for element in counted], element_size=choice())
    code, element_size, payload = plain_payload(value, choice)
    return RawDataPoint(
        code, payload, padding=-len(payload) % 4, data_offset=4 * (choice() % 2), element_size=element_size
    )


def message_bytes(message, points, fill, count):
    body = b"".join(point.to_bytes(fill) for point in points)
    size = wire.HEADER.size + len(body)
    return wire.HEADER.pack(size, message.version, message.config, message.number, count & 0xFFFF) + body


def choices_of(row):
    """A function for what a drawn row holds, over and over."""
    return itertools.cycle(row).__next__


fills = st.sampled_from((b"\0", b"\xa5", b"\xff", b"\1"))
choice_rows = st.one_of(st.just(b"\0"), st.binary(min_size=13, max_size=13))


@st.composite
def laid_out_messages(draw, bodyless):
    """A message that a reader accepts, and its bytes as no real peer may have laid them out."""
    message = draw(messages)
    count = len(message.values)
    if message.number in bodyless:
        message, count = dataclasses.replace(message, values=()), draw(st.integers(0, 0xFFFF))
    choice = choices_of(draw(choice_rows))
    points = [raw_data_point(value, choice) for value in message.values]
    return message, message_bytes(message, points, draw(fills), count)


# ---- bytes with lies in them ---------------------------------------------------------------------------------


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
DAMAGED_COPIES = 12
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


@st.composite
def damaged_messages(draw, bodyless):
    """The bytes of one message, damaged in several ways."""
    message = draw(messages)
    if message.number in bodyless and draw(st.booleans()):
        message = dataclasses.replace(message, values=())
    layout, fill = draw(choice_rows), draw(fills)
    rows = draw(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=DAMAGED_COPIES))
    return [damaged(message, layout, fill, row) for row in rows]
