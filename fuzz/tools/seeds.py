"""What a corpus begins with: bytes of the real code and of our own tests, as each target wants them."""

import itertools
import json
import pathlib
import re
import struct

import captured

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = [path for path in sorted((ROOT / "testdata/captures").glob("*.pcap")) if "tls" not in path.name]


def goldens():
    return [bytes.fromhex(json.loads(line)["bytes"]) for line in (ROOT / "testdata/goldens.jsonl").open()]


def captured_messages():
    """One of each type and number of bytes."""
    found = {}
    for path in CAPTURES:
        for stream in (stream for both in captured.streams(path) for stream in both):
            for message in captured.messages(stream):
                found.setdefault((message[12:14], len(message)), message)
    return list(found.values())


def data_point(kind, payload, padding=0, data_offset=0, element_size=0):
    return struct.pack("<BBBBI", kind, padding, data_offset, element_size, len(payload)) + payload


def message_of(*points, number=100):
    body = b"".join(points)
    return struct.pack("<IIIHH", 16 + len(body), 0, 0, number, len(points)) + body


UINT32, BOOL, STRING, VECTOR, TUPLE = 2, 4, 5, 8, 11
COMPILATION_REQUEST, IS_CLASS_ARRAY = 8, 67  # of head


def nested(depth):
    point = data_point(UINT32, bytes(4))
    for _ in range(depth):
        point = data_point(TUPLE, point)
    return message_of(point)


def at_the_limits():
    """As deep as may be, and deeper; with more elements than there may be."""
    long_vector = data_point(VECTOR, data_point(UINT32, struct.pack("<I", 0x7FFFFFFF)))
    return [*map(nested, (8, 63, 64, 65, 80)), message_of(long_vector)]


def messages():
    return goldens() + captured_messages() + at_the_limits()


def framed():
    """A number of segment lengths, the lengths, the stream."""
    beginnings = [b"\0", b"\1\0", b"\3\x0f\3\xff", b"\5\xff\0\1\2\x80"]
    streams = [b"".join(goldens()[at : at + 6]) for at in range(0, 80, 6)]
    streams += [b"GET / HTTP/1.1\r\n\r\n", b"\x16\3\1\2\0\1", b"PROXY TCP4 ", b"\0\0\0\x20\0\x69\0\1", bytes(16)]
    for path in CAPTURES:
        for both in captured.streams(path)[:2]:
            streams += [stream[:2000] for stream in both]
    return [beginning + stream for stream in streams for beginning in beginnings] + half_taken_out()


def half_taken_out():
    """Short messages, then one that is longer than the buffer in which it begins."""
    long_message = message_of(data_point(STRING, bytes(4300)))
    short = b"".join(message for message in goldens() if len(message) < 60)[:160]
    first = bytes([len(goldens()[0]) - 1])
    return [bytes([len(lengths)]) + lengths + stream
            for stream in (short + long_message, b"".join(goldens()[:3]) + long_message)
            for lengths in (b"\xff" * 20, b"\xff" * 15 + b"\x3f" * 8, first * 10 + b"\xff" * 20)]  # fmt: skip


def jitaas_frames():
    """The real code's, and what it would not have sent."""
    goldens = [bytes.fromhex(json.loads(line)["bytes"]) for line in (ROOT / "testdata/goldens_protobuf.jsonl").open()]
    bodies = (b"", b"\x12\0", b"\x0a\0", b"\x08\x01", b"\x12\x02\x0a\0", b"\x12\x04\x0a\x02\x10\x01", b"\x22\0", b"\x0b", b"\x80" * 11,
              b"\x12\x05\x0a\x02\x10\x01", b"\x25\0\0\0\0", b"\x21" + bytes(8), b"\x12\x08\x0a\x06\x10\x01\x32\x01\x61\x3d", b"\0")  # fmt: skip
    deep = [nested_jitaas(depth) for depth in (2, 48, 49, 50)]
    return goldens + [struct.pack("<I", len(body)) + body for body in (*bodies, *deep)]


def nested_jitaas(depth):
    def field(number, content):
        length = len(content)
        return bytes([number << 3 | 2]) + (bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])) + content

    any_value = b"\x28\x01"
    for _ in range(depth):
        any_value = field(8, field(1, any_value))
    return field(2, field(1, any_value))


def sent_jitaas_frames():
    """Who sends it, and a frame: the real code's, and of a conversation of ours."""
    frames = [frame for frame in jitaas_frames() if len(frame) < 2000]
    spoken = [bytes([side]) + frame for side, said in enumerate(older_conversation()) for frame in said]
    return [bytes([side]) + frame for frame in frames for side in (0, 1)] + spoken


def grpc_messages():
    """A type, a client's or a server's message: what stands in a frame, with a status before it or without."""
    bodies = [frame[4:] for frame in jitaas_frames() if len(frame) < 700] + [b"\x08\1\x12\0", b"\x08\0", b"\x12\6\x0a\4\x08\1\x18\1", b"\0\1\2\3", b""]
    return [bytes([number]) + body for body in bodies for number in (0, 5, 6)]


def jitaas_framed():
    """A number of segment lengths, the lengths, the stream."""
    frames = [frame for frame in jitaas_frames() if len(frame) < 700]
    streams = [b"".join(frames[at : at + 5]) for at in range(0, len(frames), 5)] + [b"\xff\xff\xff\xff", bytes(4), bytes(9), b"\1\0"]
    return [beginning + stream for stream in streams for beginning in (b"\0", b"\1\0", b"\3\x0f\3\xff", b"\5\xff\0\1\2\x80")]


def drawn():
    """Decisions: the numbers of all bytes, shifted."""
    return [bytes((first + step * at) % 256 for at in range(64)) for first in range(12) for step in (1, 7, 11)]


def value_texts():
    return [line.encode() for line in (
        "int32(-2)  int64(7), uint32(7), uint64(18446744073709551615), bool(true)",
        "int32(-2147483648), int64(-9223372036854775808), uint32(4294967295), bool(false)",
        'string("abc\\"\\\\\\x00é"), object(0a0b), simple_vector(8: 0102030405060708), empty_vector',
        'vector(string("a"), string("b")), tuple(int32(1), bool(false)), vector(), tuple()',
        "tuple(tuple(tuple(vector(empty_vector, simple_vector(1: ff)))))",
        "tuple(" * 64 + ")" * 64, "tuple(" * 70 + ")" * 70)]  # fmt: skip


def message_jsons():
    return [line.encode() for line in (
        '{"type":"VM_isClassArray","number":67,"version":0,"config":0,"data":[{"object":"0a0b0c0d0e0f0000"}]}',
        '{"type":"#305","data":[{"int32":-2},{"int64":7},{"uint32":4294967295},{"uint64":18446744073709551615}]}',
        '{"number":67,"data":[{"bool":true},{"string":"abc\\n\\u00e9\\ud83d\\ude00"},{"string":{"hex":"00ff"}}]}',
        '{"connection":0,"time_ns":12,"direction":"client","type":"connectionTerminate","data":[]}',
        '{"type":"#1","data":[{"simple_vector":{"element_size":8,"hex":"0102030405060708"}},{"empty_vector":true}]}',
        '{ "type" : "#1" , "data" : [ {"vector":[{"tuple":[{"string":""}]}]}, {"tuple":[]} ] }',
        '{"type":"#1","data":' + '[{"tuple":' * 70 + "[]" + "}]" * 70 + "}",
        '{"connection":' + "[" * 150 + "]" * 150 + "}", '{"connection":' + '{"a":' * 150, '{"connection":?}', '{"connection":[?]}',
        '{"connection":{"a":?}}', '{"type":"#1","data":[{"string":{}}]}', '{"type":"#1","data":[{"string":{"hex":"0","hex":"1"}}]}',
        '{"type":"#1","data":[{"string":{"hex":"00","more":1}}]}', '{"type":"#1","data":[{"string":"a\\u0001\\u007f\\udead"}]}',
        '{"type":"#1","data":[{"simple_vector":{}}]}', '{"type":"#1","data":[{"simple_vector":[]}]}',
        '{"type":"#1","data":[{"empty_vector":false}]}', '{"type":"#1","data":[{"string":[')]  # fmt: skip


def scenarios():
    """Those that name no other file, and one with scripts, faults and misbehaviours of all kinds."""
    return [path.read_bytes() for path in sorted((ROOT / "scenarios/cases").rglob("*.yaml"))]


def scripts():
    return [("compilations:\n" + text).encode() for text in (
        "  - {queries: [VM_isClassArray], end: AOTCache_failure, data: 'bool(true), bool(false)'}\n",
        "  - queries: [{ask: VM_isClassArray, times: 3}, VM_getVMInfo]\n    code_size: 240\n",
        "  - {queries: [], end: failure, status: 33}\n    times: 2\n",
        "  - &one {queries: [{ask: VM_getClassFromSignature, data: 'string(\"I\"), object(0000000000000000)'}]}\n  - *one\n")
    ]  # fmt: skip


def releases():
    data = sorted((ROOT / "protocol/catalogue/data").glob("*.txt"), key=lambda path: path.stat().st_size)
    texts = [path.read_text() for path in data if path.stat().st_size < 3000]
    head = (ROOT / "protocol/catalogue/data/head.txt").read_text().split("\n[")
    texts.append("\n[".join("\n".join(part.splitlines()[:6]) for part in head) + "\n")
    # Of the others the target has only the oldest.
    renamed = (re.sub(r"(?m)^release .*", "release 9.9.9", text) for text in texts)
    return [re.sub(r" like .*", " like 0.20.0", text).encode() for text in renamed]


def ethernet(packet):
    return bytes(12) + b"\x08\x00" + packet


NULL, ETHERNET, RAW, COOKED, COOKED_2 = 0, 1, 101, 113, 276  # pcap's numbers of link layers
LINKS = {
    ETHERNET: ethernet,
    RAW: lambda packet: packet,
    NULL: lambda packet: b"\2\0\0\0" + packet,
    COOKED: lambda packet: bytes(14) + b"\x08\x00" + packet,
    COOKED_2: lambda packet: b"\x08\x00" + bytes(18) + packet,
}


def ip_packets(client, server):
    """A connection: its handshake, a message each way, its end."""
    numbers = {40000: 1000, 38400: 5000}
    for source, flags, payload in ((40000, SYN, b""), (38400, SYN | ACK, b""), (40000, ACK, client), (38400, ACK, server),
                                   (40000, FIN | ACK, b""), (38400, FIN | ACK, b"")):  # fmt: skip
        other = 38400 if source == 40000 else 40000
        sent = segment(numbers[source], flags, payload, numbers[other], source=source, destination=other)
        yield ipv4(sent, addresses=LOCAL)
        numbers[source] += len(payload) + (1 if flags & (FIN | SYN) else 0)


def pcap(link, packets, magic=0xA1B23C4D):
    records = (struct.pack("<IIII", 0, at * 1000, len(frame), len(frame)) + frame for at, frame in enumerate(packets))
    return struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, link) + b"".join(records)


FIN, SYN, RST, ACK = 1, 2, 4, 16
LOCAL = 2 * bytes([127, 0, 0, 1])  # both addresses


def segment(sequence=7, flags=ACK, payload=b"", acknowledged=9, options=b"", source=40000, destination=38400):
    size = 5 + len(options) // 4 << 4
    return struct.pack(">HHIIBBHHH", source, destination, sequence, acknowledged, size, flags, 512, 0, 0) + options + payload


def answer(*fields):
    return segment(*fields, source=38400, destination=40000)


def ipv4(body, options=b"", fragment=0, protocol=6, length=None, addresses=bytes([10, 0, 0, 1, 10, 0, 0, 2])):
    size = 20 + len(options)
    length = size + len(body) if length is None else length
    return struct.pack(">BBHHHBBH", 0x40 + size // 4, 0, length, 0, fragment, 64, protocol, 0) + addresses + options + body


def ipv6(body, next_header=6, length=None):
    length = len(body) if length is None else length
    return struct.pack(">IHBB", 6 << 28, length, next_header, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + body


def extension(next_header, length, rest):
    return bytes([next_header, length]) + rest


def ip_variants(body):
    """What a segment may be in: with options and extension headers, in fragments, of an open length, and what is none."""
    chain = extension(43, 0, bytes(6)) + extension(51, 1, bytes(14)) + extension(44, 4, bytes(22)) + extension(6, 9, bytes(6))
    return [
        ipv4(body), ipv4(body, bytes(8)), ipv4(body, length=0), ipv4(body, length=999), ipv4(body + b"padding", length=44 + len(body)),
        ipv4(body, fragment=0x2000), ipv4(body, fragment=1), ipv4(body, fragment=0x4000), ipv4(body, protocol=17),
        ipv6(body), ipv6(chain + body, 0), ipv6(body, length=0), ipv6(body, length=999), ipv6(body, 17), ipv6(body, 17, 999),
        *(ipv6(extension(6, 1, bytes(14)) + body, rare) for rare in (60, 135, 139, 140)),
        *(ipv6(extension(6, 0, struct.pack(">H", offset) + bytes(4)) + body, 44) for offset in (1, 6, 8)),
        ipv6(extension(60, 0, b"\0\1" + bytes(4)) + body, 44), ipv6(extension(17, 0, bytes(6)) + body, 60, 999)]  # fmt: skip


def link_packets():
    """(link layer, packet)"""
    body = segment(payload=b"compile me", options=bytes(4))
    found = [(RAW, packet) for packet in ip_variants(body)]
    found += [(RAW, ipv4(segment(flags=1 << bit, payload=b"flag"))) for bit in range(8)]
    found += [(link, wrap(ipv4(body))) for link, wrap in LINKS.items()]
    found += [(link, wrap(ipv6(body))) for link, wrap in LINKS.items()]  # of the wrong version, but for raw
    for tags in (b"\x81\0\0\5", b"\x88\xa8\0\6\x81\0\0\5", b"\x91\0\0\7"):
        found.append((ETHERNET, bytes(12) + tags + b"\x86\xdd" + ipv6(body)))
        found.append((ETHERNET, bytes(12) + tags[:-1]))
    found += [(link, bytes(size) + b"\x86\xdd" + ipv4(body)) for link, size in ((ETHERNET, 12), (COOKED, 14))]
    found.append((COOKED_2, b"\x86\xdd" + bytes(18) + ipv6(body)))
    found += [(NULL, bytes([family, 0, 0, 0]) + ipv6(body)) for family in (10, 24, 28, 30)]
    return found + [(NULL, family + ipv4(body)) for family in (b"\0\0\0\2", b"\2\0\1\0", b"\2\0\0\1")]


def peeled():
    """Behind the link layer and the length on the wire."""
    order = [ETHERNET, COOKED, COOKED_2, NULL, RAW]
    found = [struct.pack("<BH", order.index(link), 0) + packet for link, packet in link_packets()]
    cut = ipv4(segment(payload=b"compile me", options=bytes(8)))
    return found + [struct.pack("<BH", order.index(RAW), length) + cut[:-missing]
                    for length in (len(cut), len(cut) - 1) for missing in (1, 4, 14, 19)]  # fmt: skip


def pcapng(packets):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    beginning = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
    return beginning + b"".join(
        block(6, struct.pack("<IIIII", 0, 0, at, len(frame), len(frame)) + frame) for at, frame in enumerate(packets))


def rare_orders():
    """Segments of connections that hardly ever come so."""
    tiny = [segment(9 + 16 * at, ACK, bytes(8)) for at in range(30)]
    known, unknown = message_of(data_point(BOOL, b"\1\0\0\0", 3), number=IS_CLASS_ARRAY), message_of(number=60000)
    broken = message_of(data_point(99, b""))
    return [
        [segment(1, SYN, source=port) for port in range(1, 19)],
        [segment(1, SYN), segment(2, RST), segment(1, SYN), segment(1, SYN)],
        [segment(1, flags, b"a", source=38400) for flags in (SYN, ACK, RST, SYN)],
        [segment(0, SYN), *tiny, segment(17, ACK, bytes(4)), segment(19, ACK, b"1" * 20)],
        [*tiny[:9], segment(0, SYN)],
        [segment(0, SYN), segment(1, ACK, b"abcd"), segment(1, ACK, b"abXd"), segment(9, ACK, b"e"), segment(8, ACK, b"ff")],
        [segment(1, 0, b"a"), segment(2, RST), answer(1, 0, b"a"), segment(900, ACK, b"a"), segment(1, 0, b"a")],
        [segment(95, ACK, b"0123456789", 500), answer(499, SYN | ACK, b"", 100)],
        [segment(1, ACK, unknown + known), answer(1, ACK, known + unknown), segment(1 + len(unknown + known), ACK, known)],
        [segment(1, ACK, known), answer(1, ACK, known)],
        [segment(1, ACK, known + unknown), answer(1, ACK, known), segment(1 + len(known + unknown), ACK, known)],
        [answer(1, ACK, b"behind"), answer(7, ACK, known)],
        [segment(0, SYN), segment(1, ACK, 7 * broken)],
        [segment(0, ACK, bytes(3100))],
    ]  # fmt: skip


def captures():
    found = []
    short = [message for message in goldens() if len(message) < 200]
    for at, (link, wrap) in enumerate(LINKS.items()):
        packets = [wrap(packet) for packet in ip_packets(short[at], short[-1 - at])]
        found += [pcap(link, packets), pcap(link, packets, 0xA1B2C3D4), pcap(link, packets[2:])]
    for client, server in ((b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200"), (b"\x16\3\1\2\0\1", b"\x16\3\3\0\x31\2")):
        found.append(pcap(ETHERNET, [ethernet(packet) for packet in ip_packets(client, server)]))
    found.append(pcapng([ethernet(packet) for packet in ip_packets(short[0], short[1])]))
    found += [pcap(link, [packet]) for link, packet in link_packets()]
    found += [pcap(RAW, [ipv4(each, addresses=LOCAL) for each in segments]) for segments in rare_orders()]
    client, server = older_conversation()
    for said, answered in ((client, server), (client[1:5], server[:4]), ([client[4], b"\3\0\0\0abc"], server[4:]), ([], server)):
        found.append(pcap(ETHERNET, [ethernet(packet) for packet in ip_packets(b"".join(said), b"".join(answered))]))
    return found


def sized(body):
    return struct.pack("<Q", len(body) + 8) + body


def text_of(text):
    return struct.pack("<Q", len(text)) + text


def aot_records():
    numbers = struct.pack("<4Q", 3, 8, 16, 9)
    records = [sized(struct.pack("<Q", 8 + kind) + numbers + text_of(b"java/lang/Object")) for kind in range(6)]
    method = sized(struct.pack("<QQI", 11, 13, 7) + numbers + text_of(b"A.b()V") + text_of(bytes(24)))
    lies = [struct.pack("<Q", 7) + method[8:], method + b"1", method[:40], sized(method[8:36] + b"\xff" * 16), b"", b"\1"]
    return [*records, method, *lies]


def conversations(side):
    """What one side of real conversations said, behind the bytes that choose schedule and manner."""
    found = []
    for path in CAPTURES:
        for both in captured.streams(path)[:3]:
            stream = b"".join(message for message in itertools.islice(captured.messages(both[side]), 12))
            found += [beginning + stream for beginning in (b"\0\0", b"\1\0", b"\2\xff")]
    return found


def typed_visits():
    """A request, then what may come instead of the answers."""
    requests = (message for message in captured_messages() if message[12] == COMPILATION_REQUEST)
    request = min(requests, key=len)
    answers = [message_of(data_point(BOOL, b"\1\0\0\0", 3), number=IS_CLASS_ARRAY), message_of(number=IS_CLASS_ARRAY),
               message_of(data_point(STRING, b"abcd"), number=IS_CLASS_ARRAY), message_of(number=9), message_of(number=11),
               message_of(number=68)]  # fmt: skip
    goes_on = [request + answers[0] + more for more in (answers[0] * 2, answers[1], answers[0] + request, b"")]
    wrong_requests = [message_of(number=COMPILATION_REQUEST), message_of(data_point(STRING, b"abcd"), number=COMPILATION_REQUEST)]
    return [manner + said for said in [request + each for each in answers] + goes_on + wrong_requests
            for manner in (b"\1\0", b"\2\1", b"\3\x20", b"\4\xfe")] + conversations(0)  # fmt: skip


def older_conversation():
    """Of `jitrig fakevm --protocol jitaas --record`: the frames of the client, those of the server."""
    for line in (pathlib.Path(__file__).parent / "older_conversation.hex").read_text().splitlines():
        stream, frames = bytes.fromhex(line), []
        while stream:
            size = 4 + struct.unpack_from("<I", stream)[0]
            frames.append(stream[:size])
            stream = stream[size:]
        yield frames


def older_frame(number, *values):
    """A message of 128 types or more."""
    data = b"".join(b"\x0a" + bytes([len(value)]) + value for value in values)
    body = b"\x08" + bytes([number & 127 | 128, number >> 7]) + b"\x12" + bytes([len(data)]) + data
    return struct.pack("<I", len(body)) + body


def older(beginnings, streams):
    """Behind a schedule whose highest bit is set."""
    single = [b"\x81\0" + frame for frame in jitaas_frames() if len(frame) < 600]
    return [beginning + b"".join(frames) for frames in streams for beginning in beginnings] + single


def older_clients():
    """A request, and answers to what server_session.cc asks: VM_isClassArray, VM_getClassFromSignature."""
    client, _ = older_conversation()
    request, array = client[0], older_frame(205, b"\x08\4\x38\1")
    answers = ([], [array], [array, older_frame(217, b"\x08\7\x10\1")], [older_frame(205)], [older_frame(205, b"\x08\4\x38\1" * 2)],
               [older_frame(205, b"\x08\6\x32\1a")], [client[-1]], [b"\4\0\0\0\x08\6\x12\0"])  # fmt: skip
    streams = [[request, *more] for more in answers] + [client, [request, *answers[2], request, *answers[2]]]
    return older((b"\x80\0", b"\x81\1", b"\x83\xfe"), streams)


def older_servers():
    _, server = older_conversation()
    streams = [server, server[:2], server[-1:], server[1:], server[:1] + server[-1:], [*server, *server]]
    return older((b"\x80\0", b"\x81\1", b"\x83\xfe"), streams)


def server_visits():
    return conversations(0) + older_clients() + [b"\1\0" + message for message in messages() if len(message) < 600]


def client_visits():
    return conversations(1) + older_servers() + [b"\1\0" + message for message in messages() if len(message) < 600]


def tls_beginnings():
    data = (ROOT / "testdata/captures/tls_1conn_2compiles.pcap").read_bytes()
    payloads = [frame[66:] for frame in captured.packets(data) if len(frame) > 66]
    return [b"\1\0" + payload for payload in payloads[:12]] + [b"\1\1" + payload[:40] for payload in payloads[:12]]


SEEDS = {
    "message_reencodes": messages,
    "typed_read_fits": messages,
    "edited_message_is_handled": messages,
    "framer_ignores_segmentation": framed,
    "values_round_trip": drawn,
    "jitaas_message_reencodes": jitaas_frames,
    "jitaas_framer_ignores_segmentation": jitaas_framed,
    "jitaas_frames_become_messages": sent_jitaas_frames,
    "grpc_frames_bring_message_back": grpc_messages,
    "generations_hold_same_values": drawn,
    "value_text_reads_back": value_texts,
    "message_json_reads_back": message_jsons,
    "scenario_is_written_back": scenarios,
    "script_is_written_back": scripts,
    "release_text_is_read": releases,
    "capture_is_read": captures,
    "packet_is_peeled_by_the_rules": peeled,
    "reassembly_restores_stream": drawn,
    "server_survives_client": server_visits,
    "client_survives_server": client_visits,
    "tls_server_survives_bytes": tls_beginnings,
    "typed_server_survives_client": typed_visits,
    "aot_record_reads_back": aot_records,
    "faults_pass_checkers": drawn,
}

# Right or wrong by the values that come out, not by the way that leads there: libFuzzer would leave most of them out.
KEPT = {"packet_is_peeled_by_the_rules"}
