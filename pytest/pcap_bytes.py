"""Capture files by hand: a pcap of TCP packets on a loopback interface, and real ones with something wrong."""

import dataclasses
import struct

SYN, ACK, FIN = 0x02, 0x10, 0x01
CLIENT_PORT, SERVER_PORT = 40000, 38400
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)  # nanoseconds, Ethernet


@dataclasses.dataclass
class Conversation:
    """One connection; each call is one packet, a millisecond after the one before."""

    packets: list
    client_port: int = CLIENT_PORT
    server_port: int = SERVER_PORT

    def __post_init__(self):
        self.sequence = {"client": 1000, "server": 5000}

    def _packet(self, sender, flags, payload=b""):
        other = "server" if sender == "client" else "client"
        ports = (self.client_port, self.server_port) if sender == "client" else (self.server_port, self.client_port)
        acknowledgement = self.sequence[other] if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", *ports, self.sequence[sender], acknowledgement, 5 << 4, flags, 65535, 0, 0)
        total = 20 + len(tcp) + len(payload)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, 0, 0, 64, 6, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
        frame = bytes(12) + b"\x08\x00" + ip + tcp + payload
        time_ns = len(self.packets) * 1_000_000
        self.packets.append(struct.pack("<IIII", 0, time_ns, len(frame), len(frame)) + frame)
        self.sequence[sender] = (self.sequence[sender] + len(payload) + (1 if flags & (SYN | FIN) else 0)) % (1 << 32)

    def open(self):
        self._packet("client", SYN)
        self._packet("server", SYN | ACK)
        self._packet("client", ACK)
        return self

    def client(self, payload):
        self._packet("client", ACK, payload)
        return self

    def server(self, payload):
        self._packet("server", ACK, payload)
        return self

    def close(self):
        self._packet("client", FIN | ACK)
        self._packet("server", FIN | ACK)
        return self


def pcap(packets):
    return FILE_HEADER + b"".join(packets)


def records(data):
    """A little-endian pcap file as its header and its packets, each with its record header."""
    header, packets, at = data[:24], [], 24
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        packets.append(data[at : at + 16 + size])
        at += 16 + size
    return header, packets


def payload_of(packet):
    """Of a packet with its record header, TCP over IPv4: whether the client sends it, and where its payload begins."""
    ip = 16 + 14
    tcp = ip + (packet[ip] & 15) * 4
    (source,) = struct.unpack_from(">H", packet, tcp)
    return source != SERVER_PORT, tcp + (packet[tcp + 12] >> 4) * 4
