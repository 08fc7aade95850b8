"""What hypothesis draws: messages of every shape, their bytes in every acceptable layout, and bytes with lies in them.

Everything shrinks: numbers to 0, lists to nothing, layouts to the plainest, damage to a single lie. A draw is what
costs the time here, far more than asking the program; so bytes come from patterns, choices from rows of bytes that are
drawn at once, and one message is damaged in several ways.
"""

import dataclasses

from hypothesis import strategies as st

import wire_codec as wire
from wire_damage import damaged
from wire_layout import choices_of, message_bytes, raw_data_point

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

# ---- bytes ----------------------------------------------------------------------------------------------------

DAMAGED_COPIES = 12
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


@st.composite
def damaged_messages(draw, bodyless):
    """The bytes of one message, damaged in several ways."""
    message = draw(messages)
    if message.number in bodyless and draw(st.booleans()):
        message = dataclasses.replace(message, values=())
    layout, fill = draw(choice_rows), draw(fills)
    rows = draw(st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=DAMAGED_COPIES))
    return [damaged(message, layout, fill, row) for row in rows]
