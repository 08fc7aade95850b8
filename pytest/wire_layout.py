"""Messages laid out as no real peer does: every field of every descriptor can be chosen, right or wrong."""

import dataclasses
import itertools
import struct

import wire_codec as wire


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
