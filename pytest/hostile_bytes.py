"""What a hostile or broken peer may send first, row by row of the wire format's rules, and the words that ours must have
for it. Offsets are those of the message: 0 is its size, 16 its first data point."""

import dataclasses
import struct

import wire_bytes as w

POINTER = bytes(8)


@dataclasses.dataclass(frozen=True)
class Hostile:
    name: str
    data: bytes
    words: tuple
    ends: bool = False  # the peer closes behind it; otherwise ours must not wait for more


def hostile(name, data, *words, ends=False):
    return Hostile(name, data, words, ends)


def uint32(value):
    return w.data_point(w.UINT32, struct.pack("<I", value))


def vector(count, *elements, size=None):
    body = uint32(count) + b"".join(elements)
    return struct.pack("<BBBBI", w.VECTOR, 0, 0, 0, len(body) if size is None else size) + body


def container(kind, *elements, padding=0, data_offset=0, size=None):
    body = b"".join(elements)
    return struct.pack("<BBBBI", kind, padding, data_offset, 0, len(body) if size is None else size) + body


def unpadded(payload):
    return w.data_point(w.STRING, payload, padding=0)


def nested(depth):
    point = uint32(1)
    for _ in range(depth):
        point = container(w.TUPLE, point)
    return point


def malformed(number):
    """Messages of that type, each with one thing wrong that the type does not matter for."""

    def message(*data_points, **header):
        return w.message(*data_points, number=number, **header)

    one = uint32(1)
    return [
        hostile("size_below_a_header", message(one, size=15), "offset 0: message size", "15 bytes", "16"),
        hostile("size_zero", message(one, size=0), "offset 0: message size", "0 bytes", "16"),
        hostile("size_beyond_the_limit", message(one, size=0x7FFFFFFF), "offset 0: message size", "2147483647"),
        hostile("size_that_never_arrives", message(one, size=4096), "after 28 of 4096 bytes", ends=True),
        hostile("end_inside_the_size", b"\x1c\0", "after 2", ends=True),
        hostile("end_inside_the_header", message(one)[:9], "after 9 of 28 bytes", ends=True),
        hostile("count_too_high", message(one, count=2), "offset 14: data point count", "2"),
        hostile("count_much_too_high", message(one, count=65535), "offset 14: data point count", "65535"),
        hostile("count_too_low", message(one, one, count=1), "offset 28: bytes after the last data point: 12"),
        hostile("half_a_descriptor", message(one, b"\0\0\0\0"), "offset"),
        hostile("descriptor_past_the_end", message(w.data_point(w.UINT32, POINTER[:4], size=0xFFFFFFF0)), "offset 20"),
        hostile("type_enum", message(w.data_point(w.ENUM, POINTER[:4])), "offset 16: data type: 7"),
        hostile("type_beyond_the_last", message(w.data_point(12, POINTER[:4])), "offset 16: data type: 12"),
        hostile("padding_above_3", message(w.data_point(w.STRING, b"abcd", padding=4)), "offset 17: padding: 4"),
        hostile("data_offset_of_2", message(w.data_point(w.STRING, b"abcd", data_offset=2, padding=2)), "offset 18"),
        hostile("size_not_a_multiple_of_4", message(unpadded(b"abc"), unpadded(b"abcde")), "offset 20"),
        hostile("padding_beyond_the_size", message(w.data_point(w.STRING, size=0)[:1] + b"\3" + bytes(6)), "offset 20"),
        hostile("int32_of_8_bytes", message(w.data_point(w.INT32, POINTER)), "offset 20"),
        hostile("uint64_of_4_bytes", message(w.data_point(w.UINT64, POINTER[:4])), "offset 20"),
        hostile("bool_of_4_bytes", message(w.data_point(w.BOOL, POINTER[:4])), "offset"),
        hostile("empty_vector_with_a_body", message(w.data_point(w.EMPTY_VECTOR, POINTER)), "offset"),
        hostile("vector_of_elements_of_0_bytes", message(w.data_point(w.SIMPLE_VECTOR, POINTER)), "offset 19"),
        hostile(
            "vector_that_its_elements_do_not_divide",
            message(w.data_point(w.SIMPLE_VECTOR, POINTER, element_size=3)),
            "offset 19",
        ),
        hostile("vector_without_a_count", message(container(w.VECTOR, w.data_point(w.STRING, b"abcd"))), "offset"),
        hostile("vector_longer_than_its_data", message(vector(0x7FFFFFFF, w.data_point(w.STRING, b"abcd"))), "offset"),
        hostile("vector_shorter_than_its_data", message(vector(0, w.data_point(w.STRING, b"abcd"))), "offset"),
        hostile("container_with_padding", message(container(w.TUPLE, one, padding=1)), "offset 17"),
        hostile("container_with_a_data_offset", message(container(w.TUPLE, one, data_offset=4)), "a container has none"),
        hostile(
            "string_larger_than_its_tuple",
            message(container(w.TUPLE, w.data_point(w.STRING, b"abcd", size=12)), w.data_point(w.STRING, b"abcd")),
            "offset 28",
        ),
        hostile(
            "vector_larger_than_its_tuple",
            message(container(w.TUPLE, vector(1, one, size=36)), w.data_point(w.STRING, b"abcd")),
            "offset 28",
        ),
        hostile("tuple_larger_than_its_message", message(container(w.TUPLE, one, size=64)), "offset 20"),
        hostile("nesting_without_end", message(nested(3000)), "nest"),
        hostile("http", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP"),
        hostile("http_answer", b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        hostile("tls_hello", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(64), "TLS"),
        hostile("proxy_header", b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 38400\r\n", "PROXY"),
        hostile("ssh_banner", b"SSH-2.0-OpenSSH_9.2\r\n", "offset 0: message size"),
        hostile("zeros", bytes(4096), "offset 0: message size"),
        hostile("big_endian", struct.pack(">IIIHH", 28, 0x01006900, 0x3011, number, 1) + bytes(12), "big-endian"),
    ]


def first_messages(request):
    """What may not be the first message of a connection, though it is one; `request` is a good one."""
    number = {"code": 0, "interrupted": 9, "session_terminate": 10, "reply": 67, "unknown": 9999}
    return [
        hostile("code_first", w.message(uint32(1), number=number["code"]), "received compilationCode"),
        hostile("interruption_first", w.message(number=number["interrupted"]), "received compilationInterrupted"),
        hostile("goodbye_with_too_much", w.message(uint32(1), uint32(2), number=number["session_terminate"]),
                "clientSessionTerminate: offset 14: data point count: received 2, expected 1"),
        hostile("goodbye_of_another_type", w.message(uint32(1), number=number["session_terminate"]),
                "clientSessionTerminate: offset 16: data point: received UINT32"),
        hostile("reply_first", w.message(uint32(1), number=number["reply"]), "received VM_isClassArray"),
        hostile("unknown_type", w.message(uint32(1), number=number["unknown"]), "received #9999"),
        hostile("too_few_data_points", w.message(uint32(1), number=8), "expected 26 data points, found 1"),
        hostile("no_data_points", w.message(number=8), "expected 26 data points, found 0"),
        hostile("wrong_type_of_a_data_point", retyped(request), "data point 0: expected uint64"),
    ]


def retyped(request):
    """The client's UID as an int64."""
    return request[:16] + bytes([w.INT64]) + request[17:]


def large_message(number, empty_strings):
    """A message of one data point, whose size says little of what its values would take in memory."""
    return w.message(container(w.TUPLE, w.data_point(w.STRING) * empty_strings), number=number)


def frame(hexadecimal_digits):
    """Of the older generation: its size, and a message of protobuf."""
    body = bytes.fromhex(hexadecimal_digits)
    return struct.pack("<I", len(body)) + body


def of_the_older_generation():
    """What may come first at a port of the older generation. Field 1 is the type, 2 the values."""
    return [
        hostile("size_beyond_the_limit", bytes.fromhex("ffffff7f08051200"), "offset 0: message size: 2147483647 bytes"),
        hostile("size_that_never_arrives", frame("08051200")[:6], "after 6 of 8 bytes", ends=True),
        hostile("end_inside_the_size", b"\4\0", "after 2", ends=True),
        hostile("length_beyond_the_end", frame("0805127f"), "offset 7: message: a length of 127 bytes"),
        hostile("field_0", frame("08050001"), "offset 6: message", "no field number"),
        hostile("group", frame("08051b1c"), "offset 7: message: wire type 3"),
        hostile("number_without_end", frame("08" + "ff" * 11), "offset", "number"),
        hostile("value_without_content", frame("080512020a00"), "without content"),
        hostile("type_below_0", frame("08fbffffffffffffffff011200"), "type -5: no message has this number"),
        hostile("type_beyond_the_last", frame("08808004"), "type 65536: no message has this number"),
        hostile("unknown_type", frame("08e7071200"), "received #999"),
        hostile("request_without_values", frame("08051200"), "received 0 values"),
        hostile("interruption_first", frame("08061200"), "received compilationInterrupted"),
        hostile("message_of_jitserver", w.message(uint32(1), number=5), "a message of JITServer looks like that"),
        hostile("http", b"GET / HTTP/1.1\r\n\r\n", "HTTP"),
        hostile("tls_hello_of_197_bytes", bytes.fromhex("16030100c0010000bc0303") + bytes(186), "a TLS handshake"),
        hostile("tls_hello_of_517_bytes", bytes.fromhex("1603010200010001fc0303") + bytes(506), "a TLS handshake"),
        hostile("tls_alert", bytes.fromhex("15030300020228"), "a TLS alert"),
        hostile("proxy_header", b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 38400\r\n", "PROXY"),
    ]
