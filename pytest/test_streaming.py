"""decode and encode as links of a pipe: long lines, many lines, a reader who leaves, a writer who waits."""

import json
import struct
import subprocess

from jitrig_program import TIMEOUT_S

GOOD = "1c0000000000000000000000ab0001000000000004000000feffffff"
GOOD_TEXT = "CompInfo_getInvocationCount(int32(-2))"
MAX_MESSAGE_SIZE = 64 << 20
MAX_DECODE_LINE = 2 * MAX_MESSAGE_SIZE + 64


def test_each_line_is_answered_before_the_next_comes(jitrig):
    decode = jitrig.start("decode", "--json", "-")
    encode = jitrig.start("encode", "-")
    for _ in range(3):
        decode.write_line(GOOD)
        encode.write_line(decode.read_line())
        assert encode.read_line() == GOOD
    for process in (decode, encode):
        process.close_input()
        result = process.wait()
        assert (result.status, result.stdout, result.stderr) == (0, "", "")


def test_a_reader_who_leaves_early(jitrig_path, tmp_path):
    """As in: jitrig decode - | head -1"""
    file = tmp_path / "messages.txt"
    file.write_text((GOOD + "\n") * 200_000)
    with open(file, "rb") as stdin:
        process = subprocess.Popen(
            [jitrig_path, "decode", "-"], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout.readline() == GOOD_TEXT.encode() + b"\n"
        process.stdout.close()
        status = process.wait(TIMEOUT_S)
        errors = process.stderr.read()
        process.stderr.close()
    assert (status, errors) == (0, b"")


def test_many_lines(jitrig):
    count = 100_000
    result = jitrig.run("decode", "-", stdin=(GOOD + "\n") * count)
    assert (result.status, result.stderr) == (0, "")
    assert result.stdout == (GOOD_TEXT + "\n") * count


def test_a_message_of_more_than_a_pipe_holds(jitrig):
    size = 3 << 20
    line = json.dumps({"type": "VM_isClassArray", "data": [{"string": "x" * size}]})
    encoded = jitrig.run("encode", "-", stdin=line + "\n")
    assert (encoded.status, encoded.stderr) == (0, "")
    header = struct.pack("<IIIHH", 16 + 8 + size, 0, 0, 67, 1)
    descriptor = struct.pack("<BBBBI", 5, 0, 0, 0, size)
    assert encoded.stdout.startswith((header + descriptor + b"xx").hex())
    decoded = jitrig.run("decode", "--json", "-", stdin=encoded.stdout)
    assert decoded.objects[0]["data"] == [{"string": "x" * size}]


def test_a_line_beyond_the_limit_is_passed_over(jitrig, tmp_path):
    file = tmp_path / "long.txt"
    with open(file, "wb") as out:
        out.write(GOOD.encode() + b"\n")
        out.truncate(MAX_DECODE_LINE + 10_000_000)  # a hole of zeros, which takes no space
        out.seek(0, 2)
        out.write(b"\n" + GOOD.encode() + b"\n")
    with open(file, "rb") as stdin:
        result = jitrig.run("decode", "-", stdin=stdin)
    assert (result.status, result.lines) == (3, [GOOD_TEXT] * 2)
    assert result.stderr == f"line 2: longer than {MAX_DECODE_LINE} bytes (max_line_bytes)\n"
