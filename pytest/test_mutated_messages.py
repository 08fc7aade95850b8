"""Goldens and lines damaged at random, by fixed seeds, tens of thousands in one run: every message is read and written as
the oracle does, every line is converted or refused, nothing crashes. test_oracle.py looks deeper into fewer messages."""

import random
import re
import struct

import wire_codec as wire
from wire_json import BODYLESS, from_json

MUTATED_MESSAGES = 20_000
MUTATED_LINES = 10_000
MAX_MESSAGE_SIZE = 1500
INTERESTING_BYTES = bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x7F, 0x80, 0xFF])


def mutate_byte(draw, data):
    data[draw.randrange(len(data))] = draw.choice(INTERESTING_BYTES)


def flip_bit(draw, data):
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def change_descriptor(draw, data):
    """Descriptors lie on multiples of 4."""
    data[draw.randrange(4, max(5, len(data) // 4)) * 4 % len(data)] = draw.randrange(13)


def insert(draw, data):
    at = draw.randrange(4, len(data) // 4 + 1) * 4
    data[at:at] = draw.randbytes(4 * draw.randrange(1, 4))


def cut_out(draw, data):
    at = draw.randrange(4, len(data) // 4 + 1) * 4
    del data[at : at + 4 * draw.randrange(1, 4)]


def truncate(draw, data):
    del data[draw.randrange(16, len(data) + 1) :]


def repeat(draw, data):
    at = draw.randrange(16, len(data) + 1)
    data += data[at : at + 64]


MUTATIONS = [mutate_byte, flip_bit, flip_bit, change_descriptor, insert, cut_out, truncate, repeat]


def mutated(draw, message):
    data = bytearray(message)
    for _ in range(draw.randrange(1, 4)):
        draw.choice(MUTATIONS)(draw, data)
        if len(data) < 17:
            break
    if draw.random() < 0.9 and len(data) >= 16:
        # Otherwise hardly any would get beyond the size field.
        data[0:4] = struct.pack("<I", len(data))
    return bytes(data)


def refused(result):
    """The numbers of the lines that had an error; each error is one line, with offset and field."""
    numbers = []
    for line in result.error_lines:
        match = re.fullmatch(r"line (\d+): offset \d+: .+", line)
        assert match, line
        numbers.append(int(match.group(1)))
    assert result.status == (3 if numbers else 0)
    assert numbers == sorted(set(numbers))
    return numbers


def joined(lines):
    return "".join(f"{line}\n" for line in lines)


def as_the_oracle_reads(messages):
    """Those that it accepts, and the line numbers of those that it refuses."""
    accepted, refused_lines = [], []
    for number, data in enumerate(messages, start=1):
        try:
            accepted.append(wire.decode(data, BODYLESS["head"]))
        except wire.Refused:
            refused_lines.append(number)
    return accepted, refused_lines


def check_against_the_oracle(jitrig, messages):
    """Read alike, written alike, and the same in the text form; returns how many were accepted."""
    lines = joined(message.hex() for message in messages)
    decoded = jitrig.run("decode", "--json", "-", stdin=lines)
    accepted, refused_lines = as_the_oracle_reads(messages)
    assert refused(decoded) == refused_lines
    assert [from_json(line) for line in decoded.lines] == accepted

    text = jitrig.run("decode", "-", stdin=lines)
    assert (len(text.lines), text.stderr) == (len(decoded.lines), decoded.stderr)

    encoded = jitrig.run("encode", "-", stdin=decoded.stdout)
    assert (encoded.status, encoded.stderr) == (0, "")
    assert encoded.lines == [wire.encode(message, BODYLESS["head"]).hex() for message in accepted]
    return len(accepted)


def test_mutated_messages(jitrig, goldens):
    draw = random.Random(20260801)
    originals = [bytes.fromhex(golden["bytes"]) for golden in goldens]
    originals = [message for message in originals if len(message) <= MAX_MESSAGE_SIZE]
    accepted = check_against_the_oracle(jitrig, [mutated(draw, draw.choice(originals)) for _ in range(MUTATED_MESSAGES)])
    # Both kinds are there, or this would be no test.
    assert MUTATED_MESSAGES / 10 < accepted < MUTATED_MESSAGES * 9 / 10


def test_mutated_lines_of_json(jitrig, goldens):
    draw = random.Random(20260802)
    lines = jitrig.run("decode", "--json", "-", stdin=joined(golden["bytes"] for golden in goldens)).lines
    lines = [line.encode() for line in lines if len(line) <= MAX_MESSAGE_SIZE]
    characters = b'{}[]",:0123456789abcdefghilmnoprstuvy_\\#-. \x00\x7f\xc3\xa9\xff'
    mutants = []
    for _ in range(MUTATED_LINES):
        data = bytearray(draw.choice(lines))
        for _ in range(draw.choice([1, 1, 2, 3])):
            at = draw.randrange(len(data))
            end = at + draw.choice([0, 1, 1, 1, 1, 10])
            data[at:end] = bytes(draw.choice(characters) for _ in range(draw.choice([0, 1, 1, 1, 2])))
        mutants.append(bytes(data))

    encoded = jitrig.run("encode", "-", stdin=b"".join(mutant + b"\n" for mutant in mutants))
    errors = refused(encoded)
    assert len(encoded.lines) + len(errors) == MUTATED_LINES
    assert len(encoded.lines) > MUTATED_LINES / 30 and len(errors) > MUTATED_LINES / 10
    decoded = jitrig.run("decode", "--json", "-", stdin=encoded.stdout)
    assert (decoded.status, decoded.stderr) == (0, "")
    assert jitrig.run("encode", "-", stdin=decoded.stdout).stdout == encoded.stdout


def test_random_bytes(jitrig):
    draw = random.Random(20260803)
    messages = []
    for _ in range(5_000):
        size = draw.randrange(1, 80)
        data = bytearray(draw.randbytes(size))
        if size >= 16 and draw.random() < 0.8:
            data[0:4] = struct.pack("<I", size)
        messages.append(bytes(data))
    check_against_the_oracle(jitrig, messages)
