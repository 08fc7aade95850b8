"""--release and --build: the same number is another message in another release."""

import json

import pytest


def message(number):
    return (16).to_bytes(4, "little").hex() + "00" * 8 + number.to_bytes(2, "little").hex() + "0000"


def types_of(jitrig, numbers, *options):
    lines = "".join(message(number) + "\n" for number in numbers)
    result = jitrig.run("decode", "--json", *options, "-", stdin=lines)
    assert (result.status, result.stderr) == (0, "")
    return [decoded["type"] for decoded in result.objects]


@pytest.mark.parametrize(
    "release, numbers",
    [("0.20.0", (5, 6, 7, 8)), ("0.29.1", (5, 6, 7, 8)), ("0.30.0", (6, 7, 8, 9)), ("0.43.0", (6, 7, 8, 9)),
     ("0.44.0", (8, 9, 10, 11)), ("0.60.0", (8, 9, 10, 11)), ("head", (8, 9, 10, 11))],
)  # fmt: skip
def test_the_numbers_of_the_release(jitrig, release, numbers):
    names = ("compilationRequest", "compilationInterrupted", "clientSessionTerminate", "connectionTerminate")
    assert types_of(jitrig, numbers, "--release", release) == list(names)
    for number, name in zip(numbers, names, strict=True):
        encoded = jitrig.run("encode", "--release", release, json.dumps({"type": name, "data": []}))
        assert (encoded.status, encoded.lines) == (0, [message(number)])


def test_the_types_without_a_body_are_those_of_the_release(jitrig):
    with_stale_count = message(6)[:28] + "1a00"
    assert jitrig.run("decode", "--release", "0.20.0", with_stale_count).stdout == "compilationInterrupted()\n"
    assert jitrig.run("decode", with_stale_count).status == 3, "at head, 6 is a type with a body"


def test_the_j9_build_numbers_differently(jitrig):
    openjdk = types_of(jitrig, range(200))
    j9 = types_of(jitrig, range(200), "--build", "j9")
    assert openjdk[:9] == j9[:9]
    assert openjdk != j9
    shifted = j9.index("ClassEnv_classFlagsValue")
    assert openjdk.index("ClassEnv_classFlagsValue") == 180 != shifted
    encoded = jitrig.run("encode", "--build", "j9", '{"type":"ClassEnv_classFlagsValue","data":[]}')
    assert encoded.lines == [message(shifted)]


def test_a_number_that_no_release_has(jitrig):
    for number in (305, 65535):
        line = jitrig.run("decode", "--json", message(number)).stdout
        assert line == f'{{"type":"#{number}","number":{number},"version":0,"config":0,"data":[]}}\n'
        assert jitrig.run("encode", line).lines == [message(number)]
        assert jitrig.run("decode", message(number)).stdout == f"#{number}()\n"


def test_a_line_of_another_release_is_refused_where_it_contradicts(jitrig):
    line = jitrig.run("decode", "--json", "--release", "0.20.0", message(5)).stdout
    result = jitrig.run("encode", line)
    assert result.status == 3
    assert "type and number contradict each other: compilationRequest is 8, and 5 is " in result.stderr
    assert "release head, openjdk build" in result.stderr
