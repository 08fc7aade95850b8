"""What a corpus begins with: bytes of the real code and of our own tests, as each target wants them."""

import json
import pathlib

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


def messages():
    return goldens() + captured_messages()


def framed():
    """A number of segment lengths, the lengths, the stream."""
    beginnings = [b"\0", b"\1\0", b"\3\x0f\3\xff", b"\5\xff\0\1\2\x80"]
    streams = [b"".join(goldens()[at : at + 6]) for at in range(0, 80, 6)]
    streams += [b"GET / HTTP/1.1\r\n\r\n", b"\x16\3\1\2\0\1", b"PROXY TCP4 ", b"\0\0\0\x20\0\x69\0\1", bytes(16)]
    for path in CAPTURES:
        for both in captured.streams(path)[:2]:
            streams += [stream[:2000] for stream in both]
    return [beginning + stream for stream in streams for beginning in beginnings]


def drawn():
    """Decisions: the numbers of all bytes, shifted."""
    return [bytes((first + step * at) % 256 for at in range(64)) for first in range(12) for step in (1, 7, 11)]


SEEDS = {
    "message_reencodes": messages,
    "typed_read_fits": messages,
    "edited_message_is_handled": messages,
    "framer_ignores_segmentation": framed,
    "values_round_trip": drawn,
}
