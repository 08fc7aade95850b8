"""Messages and streams of the captures in testdata: clean ones of a loopback interface, without loss or disorder."""

import pathlib
import struct


def packets(data):
    at = 24
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        yield data[at + 16 : at + 16 + size]
        at += 16 + size


def streams(path):
    """(client's bytes, server's bytes) of each connection, in the order of their first packets."""
    found = {}
    for frame in packets(pathlib.Path(path).read_bytes()):
        header_size = (frame[14] & 15) * 4
        (total,) = struct.unpack_from(">H", frame, 16)
        tcp = frame[14 + header_size : 14 + total]
        source, destination = struct.unpack_from(">HH", tcp)
        payload = tcp[(tcp[12] >> 4) * 4 :]
        client = source if tcp[13] & 2 and not tcp[13] & 16 else None
        if client:
            found[source] = (bytearray(), bytearray())
        elif source in found:
            found[source][0].extend(payload)
        elif destination in found:
            found[destination][1].extend(payload)
    return [(bytes(client), bytes(server)) for client, server in found.values()]


def messages(stream):
    at = 0
    while len(stream) - at >= 16:
        (size,) = struct.unpack_from("<I", stream, at)
        if size < 16 or at + size > len(stream):
            return
        yield stream[at : at + size]
        at += size
