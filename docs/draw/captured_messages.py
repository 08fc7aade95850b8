"""The messages of a capture in testdata, read without jitrig: who sent what, when, and how large it was.

Only for the captures there: pcap with nanoseconds or microseconds, Ethernet, IPv4, nothing lost, nothing out of
order. Whatever is not so is an error, so that no picture is drawn from a half-read file.
"""

import re
import struct
from dataclasses import dataclass

FIN, SYN, RST = 1, 2, 4


@dataclass
class Message:
    connection: int  # from 0, by first packet
    time_ns: int     # since the first packet; of the last byte
    sender: str      # "client", who opened the connection, or "server"
    name: str        # the message type; "closes" for the end of what a side sends
    size: int        # in bytes; 0 for an end
    version: int = 0


def type_names(head):
    """Number → name, from the catalogue's file of the release (openjdk build)."""
    text = head.read_text(encoding="utf-8").split("[messages]\n", 1)[1]
    names, number = {}, 0
    for line in text.splitlines():
        words = line.split()
        if words and words[0] == "number":
            number = int(words[1])
        elif words and words[0] in ("client", "server", "query", "both", "unknown") and "[j9 only]" not in line:
            names[number] = words[1]
            number += 1
    return names


def segments(data):
    """(nanoseconds, source, destination, sequence number, flags, payload) of each packet."""
    unit = {b"\x4d\x3c\xb2\xa1": 1, b"\xd4\xc3\xb2\xa1": 1000}.get(data[:4])
    if unit is None or struct.unpack_from("<I", data, 20)[0] != 1:
        raise ValueError("not a little-endian pcap file of Ethernet")
    offset = 24
    while offset < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, offset)
        packet = data[offset + 16:offset + 16 + captured]
        offset += 16 + captured
        if captured != length or packet[12:14] != b"\x08\x00" or packet[23] != 6:
            raise ValueError("a packet that is cut off, or not TCP over IPv4")
        total = struct.unpack_from(">H", packet, 16)[0]
        tcp = 14 + (packet[14] & 15) * 4
        source, destination, sequence = struct.unpack_from(">HHI", packet, tcp)
        payload = packet[tcp + (packet[tcp + 12] >> 4) * 4:14 + total]
        yield seconds * 10**9 + fraction * unit, source, destination, sequence, packet[tcp + 13], payload


def captured_messages(path, names):
    connections, messages, began = {}, [], None
    for time_ns, source, destination, sequence, flags, payload in segments(path.read_bytes()):
        began = time_ns if began is None else began
        ports = frozenset((source, destination))
        if ports not in connections:
            connections[ports] = {"index": len(connections), "client": source, "next": {}, "bytes": {}}
        connection = connections[ports]
        if flags & SYN:
            connection["next"][source], connection["bytes"][source] = (sequence + 1) % 2**32, b""
            continue
        if payload or flags & (FIN | RST):
            if sequence != connection["next"][source]:
                raise ValueError(f"{path.name}: a lost or repeated segment at {time_ns - began} ns")
            connection["next"][source] = (sequence + len(payload)) % 2**32
        buffer = connection["bytes"][source] + payload
        said = connection["index"], time_ns - began, "client" if source == connection["client"] else "server"
        while len(buffer) >= 16 and len(buffer) >= (size := struct.unpack_from("<I", buffer)[0]):
            version, number = struct.unpack_from("<I4xH", buffer, 4)
            messages.append(Message(*said, names[number], size, version))
            buffer = buffer[size:]
        connection["bytes"][source] = buffer
        if flags & (FIN | RST):
            messages.append(Message(*said, "closes", 0))
    return messages
