"""Whatever is wrong with a line is said in one line, with offset and field; the other lines are converted."""

import os
import re
import struct

import pytest

import wire_bytes as wire
from wire_bytes import data_point, message

GOOD = message(data_point(wire.BOOL, b"\1")).hex()
GOOD_TEXT = "VM_isClassArray(bool(true))"
UINT32_COUNT_1 = data_point(wire.UINT32, struct.pack("<I", 1))

# A name, the bytes, and what the error has to say.
BAD_MESSAGES = [
    ("no bytes of a header", b"\x1c\0\0", "messageTooSmall"),
    ("size below a header", message(size=15), "messageTooSmall"),
    ("size beyond the bytes", message(size=20), "sizeMismatch"),
    ("size before their end", message(data_point(wire.BOOL, b"\1"), size=16), "sizeMismatch"),
    ("two messages in one", message() + message(), "sizeMismatch"),
    ("size beyond the limit", message(size=(64 << 20) + 4), "messageTooLarge"),
    ("size with its bytes swapped", struct.pack(">IIIHH", 16, 0, 0, 67, 0), "bigEndianPeer"),
    ("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP"),
    ("TLS", bytes.fromhex("16030100c2010000be0303") + bytes(32), "TLS"),
    ("count beyond the end", message(count=1), "offset 14: data point count"),
    ("count before the end", message(data_point(wire.BOOL, b"\1"), count=0), "trailingBytes"),
    ("half a descriptor", message(b"\0\0\0\0", count=1), "descriptorPastEnd"),
    ("size of a descriptor", message(data_point(wire.STRING, b"abcd", size=8)), "descriptorPastEnd"),
    ("the largest size of a descriptor", message(data_point(wire.STRING, b"abcd", size=0xFFFFFFFC)), "descriptorPastEnd"),
    ("ENUM", message(data_point(wire.ENUM, bytes(4))), "unknownDataType"),
    ("type 12", message(data_point(12, bytes(4))), "unknownDataType"),
    ("type 255", message(data_point(255, bytes(4))), "unknownDataType"),
    ("padding 4", message(data_point(wire.STRING, b"abcd", padding=4)), "paddingTooLarge"),
    ("data offset 8", message(data_point(wire.STRING, b"abcd", data_offset=8)), "badDataOffset"),
    ("size 6", message(data_point(wire.STRING, b"abcdef", padding=0) + bytes(2), count=1), "sizeNotAligned"),
    ("padding beyond the size", message(struct.pack("<BBBBI", wire.STRING, 3, 0, 0, 0)), "sizeTooSmall"),
    ("INT32 of 8 bytes", message(data_point(wire.INT32, bytes(8))), "payloadLength"),
    ("UINT64 of 4 bytes", message(data_point(wire.UINT64, bytes(4))), "payloadLength"),
    ("BOOL of 4 bytes", message(data_point(wire.BOOL, bytes(4))), "payloadLength"),
    ("TUPLE with data offset", message(data_point(wire.TUPLE, b"", data_offset=4)), "containerWithPadding"),
    ("EMPTY_VECTOR with data", message(data_point(wire.EMPTY_VECTOR, bytes(4))), "emptyVectorWithData"),
    ("element size 0", message(data_point(wire.SIMPLE_VECTOR, bytes(4))), "elementSize"),
    ("element size 3 of 4", message(data_point(wire.SIMPLE_VECTOR, bytes(4), element_size=3)), "elementSize"),
    ("VECTOR without count", message(data_point(wire.VECTOR, b"")), "vectorCount"),
    ("VECTOR with an INT32", message(data_point(wire.VECTOR, data_point(wire.INT32, bytes(4)))), "vectorCount"),
    ("VECTOR with fewer elements", message(data_point(wire.VECTOR, UINT32_COUNT_1)), "vectorNotFilled"),
    ("VECTOR with more elements", message(data_point(wire.VECTOR, UINT32_COUNT_1 + 2 * UINT32_COUNT_1)), "vectorNotFilled"),
    ("nested string beyond its tuple", message(data_point(wire.TUPLE, data_point(wire.STRING, b"", size=4))), "descriptorPastEnd"),
    ("a body where there is none", message(data_point(wire.BOOL, b"\1"), number=9), "bodyNotAllowed"),
]  # fmt: skip

BAD_HEX = [
    ("an odd number of digits", GOOD + "0", f"offset {len(GOOD) + 1}: hex: an odd number"),
    ("no digit", GOOD[:6] + "g" + GOOD[7:], 'offset 6: hex: "g" is no hexadecimal digit'),
    ("0x", "0x" + GOOD, "offset 0: hex: 0x does not belong to a message"),
    ("a blank inside", GOOD[:4] + " " + GOOD[4:], "offset 4: hex: "),
    ("a line of NUL", "\0\0\0\0", 'offset 0: hex: "\\x00" is no hexadecimal digit'),
    ("an umlaut behind two blanks", "  ü", "offset 2: hex: "),
]

BAD_JSON = [
    ("nothing but a word", "hello", "offset 0: "),
    ("an array", "[]", "offset 0: found an array; expected an object"),
    ("an open object", '{"number":67', "offset 12: "),
    ("no type", '{"data":[]}', "offset 0: expected the key type, or number"),
    ("no data", '{"number":67}', "offset 0: expected the key data"),
    ("an unknown type", '{"type":"VM_isKlass","data":[]}', 'offset 8: type: unknown message type "VM_isKlass" (release head'),
    ("a contradiction", '{"type":"VM_isClassArray","number":68,"data":[]}', "contradict each other"),
    ("an unknown key", '{"number":67,"date":[]}', "offset 13: date: unknown key"),
    ("a key given twice", '{"number":67,"number":67,"data":[]}', "given twice"),
    ("a number too large", '{"number":65536,"data":[]}', "offset 10: number: 65536 is not between 0 and 65535"),
    ("a version too large", '{"number":67,"version":4294967296,"data":[]}', "version: 4294967296 is not between"),
    ("int32 too large", '{"number":67,"data":[{"int32":2147483648}]}', "offset 30: data[0].int32: 2147483648 is not between"),
    ("uint64 too large", '{"number":67,"data":[{"uint64":18446744073709551616}]}', "data[0].uint64: "),
    ("uint64 as float", '{"number":67,"data":[{"uint64":1e3}]}', "data[0].uint64: "),
    ("bool as number", '{"number":67,"data":[{"bool":1}]}', "data[0].bool: found a number; expected true or false"),
    ("an unknown wire type", '{"number":67,"data":[{"int16":1}]}', "data[0].int16: "),
    ("two wire types", '{"number":67,"data":[{"int32":1,"int64":1}]}', "data[0]"),
    ("no wire type", '{"number":67,"data":[{}]}', "data[0]: "),
    ("odd hex", '{"number":67,"data":[{"object":"0a0"}]}', "data[0].object: "),
    ("string with other keys", '{"number":67,"data":[{"string":{"text":"a"}}]}', "data[0].string"),
    ("element size 256", '{"number":67,"data":[{"simple_vector":{"element_size":256,"hex":""}}]}', "element_size: 256 is not between"),
    ("element size 0", '{"number":67,"data":[{"simple_vector":{"element_size":0,"hex":""}}]}', "simple_vector"),
    ("element size 3 of 4", '{"number":67,"data":[{"simple_vector":{"element_size":3,"hex":"00000000"}}]}', "multiple of the element size 3"),
    ("no hex", '{"number":67,"data":[{"simple_vector":{"element_size":8}}]}', "simple_vector"),
    ("empty_vector false", '{"number":67,"data":[{"empty_vector":false}]}', "data[0].empty_vector: expected true"),
    ("nested", '{"number":67,"data":[{"vector":[{"tuple":[{"int32":null}]}]}]}', "data[0].vector[0].tuple[0].int32: expected an integer"),
    ("a body where there is none", '{"type":"connectionTerminate","data":[{"bool":true}]}', "connectionTerminate has no body"),
    ("something behind", '{"number":67,"data":[]}{', "offset 23: "),
    ("invalid UTF-8", b'{"number":67,"data":[{"string":"\xff"}]}', "not valid UTF-8"),
    ("deep nesting of nothing", '{"number":67,"data":' + "[" * 100_000, "data[0]"),
    ("deep nesting of tuples", '{"number":67,"data":[' + '{"tuple":[' * 65 + "]}" * 65 + "]}", "max_nesting"),
]  # fmt: skip


def case_ids(cases):
    return [case[0].replace(" ", "_") for case in cases]


def check_one_bad_line(result, expected, good_line):
    """The second of three lines is bad."""
    assert result.status == 3
    assert result.lines == [good_line, good_line]
    assert len(result.error_lines) == 1, result.stderr
    assert result.error_lines[0].startswith("line 2: offset "), result.stderr
    assert expected in result.error_lines[0], result.stderr


@pytest.mark.parametrize("data, expected", [case[1:] for case in BAD_MESSAGES], ids=case_ids(BAD_MESSAGES))
def test_a_bad_message(jitrig, data, expected):
    result = jitrig.run("decode", "-", stdin=f"{GOOD}\n{data.hex()}\n{GOOD}\n")
    check_one_bad_line(result, expected, GOOD_TEXT)
    assert re.match(r"line 2: offset \d+: [^:]+: ", result.error_lines[0]), "it names the field"


@pytest.mark.parametrize("line, expected", [case[1:] for case in BAD_HEX], ids=case_ids(BAD_HEX))
def test_bad_hexadecimal(jitrig, line, expected):
    check_one_bad_line(jitrig.run("decode", "-", stdin=f"{GOOD}\n{line}\n{GOOD}\n"), expected, GOOD_TEXT)


@pytest.mark.parametrize("line, expected", [case[1:] for case in BAD_JSON], ids=case_ids(BAD_JSON))
def test_bad_json(jitrig, line, expected):
    good = b'{"number":67,"data":[{"bool":true}]}\n'
    line = line.encode() if isinstance(line, str) else line
    check_one_bad_line(jitrig.run("encode", "-", stdin=good + line + b"\n" + good), expected, GOOD)


def test_deep_nesting_up_to_the_limit(jitrig):
    line = '{"number":67,"data":[' + '{"tuple":[' * 64 + "]}" * 64 + "]}"
    encoded = jitrig.run("encode", line)
    assert encoded.status == 0, encoded.stderr
    decoded = jitrig.run("decode", "--json", encoded.stdout.strip())
    assert decoded.objects[0]["data"] == [eval_nested(64)]
    too_deep = message(*[nested_tuples(65)]).hex()
    assert "nestingTooDeep" in jitrig.run("decode", too_deep).stderr


def eval_nested(depth):
    value = {"tuple": []}
    for _ in range(depth - 1):
        value = {"tuple": [value]}
    return value


def nested_tuples(depth):
    data = b""
    for _ in range(depth):
        data = data_point(wire.TUPLE, data)
    return data


def test_arguments_are_counted_as_arguments(jitrig):
    result = jitrig.run("decode", GOOD, "00", GOOD, "zz")
    assert (result.status, result.lines) == (3, [GOOD_TEXT, GOOD_TEXT])
    assert [line.split(":")[0] for line in result.error_lines] == ["argument 2", "argument 4"]
    result = jitrig.run("encode", "{}", '{"number":67,"data":[{"bool":true}]}')
    assert (result.status, result.lines) == (3, [GOOD])
    assert result.stderr.startswith("argument 1: offset 0: ")


def test_blank_lines_and_line_endings_do_not_matter(jitrig):
    result = jitrig.run("decode", "-", stdin=f"\r\n{GOOD}\r\n\n  \t\n \t{GOOD.upper()} \t\n{GOOD}")
    assert (result.status, result.lines, result.stderr) == (0, [GOOD_TEXT] * 3, "")
    assert jitrig.run("decode", "-", stdin=f"\n\nxx\n{GOOD}").error_lines[0].startswith("line 3: ")


def test_no_input_is_no_error(jitrig):
    for verb in ("decode", "encode"):
        result = jitrig.run(verb, "-", stdin="")
        assert (result.status, result.stdout, result.stderr) == (0, "", "")


def test_input_that_cannot_be_read(jitrig, tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    result = jitrig.run("decode", "-", stdin=folder)
    os.close(folder)
    assert (result.status, result.stdout) == (3, "")
    assert result.stderr == "jitrig decode: cannot read the standard input: Is a directory\n"


def test_accepted_though_not_canonical(jitrig):
    """Read as the canonical form, which encode then writes."""
    cases = [
        (message(data_point(wire.BOOL, b"\7")), [{"bool": True}], message(data_point(wire.BOOL, b"\1"))),
        (message(data_point(wire.INT32, bytes(4), element_size=9)), [{"int32": 0}], message(data_point(wire.INT32, bytes(4)))),
        (message(data_point(wire.STRING, b"abcd", data_offset=4)), [{"string": "abcd"}], message(data_point(wire.STRING, b"abcd"))),
        (message(data_point(wire.INT32, bytes(4)), data_point(wire.UINT64, bytes(8))), [{"int32": 0}, {"uint64": 0}],
         message(data_point(wire.INT32, bytes(4)), data_point(wire.UINT64, bytes(8), data_offset=4))),
        (message(data_point(wire.VECTOR, data_point(wire.UINT32, bytes(4)))), [{"vector": []}], message(data_point(wire.EMPTY_VECTOR))),
        (message(data_point(wire.VECTOR, UINT32_COUNT_1 + data_point(wire.INT32, bytes(4)))), [{"vector": [{"int32": 0}]}],
         message(data_point(wire.SIMPLE_VECTOR, bytes(4), element_size=4))),
        (message(number=11, count=26), [], message(number=11)),
    ]  # fmt: skip
    for given, expected, canonical in cases:
        decoded = jitrig.run("decode", "--json", given.hex())
        assert (decoded.status, decoded.objects[0]["data"]) == (0, expected)
        assert jitrig.run("encode", decoded.lines[0]).lines == [canonical.hex()]
