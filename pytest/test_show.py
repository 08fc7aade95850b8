"""jitrig show: recorded conversations of the real code, filters, files with something wrong."""

import collections
import random
import re

import pytest

import wire_bytes as wire
from pcap_bytes import Conversation, pcap, records

# Messages per connection, client and server.
CAPTURES = {
    "plain_1conn_3compiles": [(156, 155), (1, 0)],
    "tour_all_queries": [(228, 227), (1, 0)],
    "concurrent_4conns": [(156, 155), (154, 153), (154, 153), (154, 153), (1, 0)],
    "interrupt_then_reconnect": [(75, 74), (52, 51), (1, 0)],
    "fin_mid_compile": [(21, 21), (52, 51), (1, 0)],
    "big_messages": [(119, 118), (1, 0)],
    "version_mismatch_1_104": [(1, 1)],
}


def show_json(jitrig, file, *options):
    result = jitrig.run("show", "--json", *options, file)
    assert (result.status, result.stderr) == (0, "")
    return result.objects


def counts(messages):
    """[(client, server), …] by connection."""
    counted = collections.Counter((message["connection"], message["direction"]) for message in messages)
    connections = range(max(connection for connection, _ in counted) + 1)
    return [(counted[connection, "client"], counted[connection, "server"]) for connection in connections]


@pytest.fixture
def plain(captures):
    return captures / "plain_1conn_3compiles.pcap"


@pytest.mark.parametrize("name", CAPTURES)
def test_messages_per_connection(jitrig, captures, name):
    found = counts(show_json(jitrig, captures / f"{name}.pcap"))
    if name == "concurrent_4conns":  # which of the four is the first is chance
        assert sorted(found) == sorted(CAPTURES[name])
    else:
        assert found == CAPTURES[name]


def test_messages_per_connection_where_only_sums_are_known(jitrig, captures):
    assert len(show_json(jitrig, captures / "long_session_50compiles.pcap")) == 5106
    assert len(counts(show_json(jitrig, captures / "aot_hit_and_store_and_failure.pcap"))) == 7
    pipelined = counts(show_json(jitrig, captures / "interrupt_same_conn_pipelined.pcap"))
    assert pipelined[:5] == [(125, 123), (1, 0), (23, 21), (52, 51), (1, 0)]
    assert len(pipelined) == 19


def test_the_fields_of_a_line(jitrig, plain):
    messages = show_json(jitrig, plain)
    times = [message["time_ns"] for message in messages]
    assert times == sorted(times) and 0 < times[0] < times[-1] < 10**9
    keys = ["connection", "time_ns", "direction", "type", "number", "version", "config", "data"]
    assert all(list(message) == keys for message in messages)
    first = messages[0]
    assert (first["connection"], first["direction"], first["type"]) == (0, "client", "compilationRequest")
    assert (first["version"], first["config"], len(first["data"])) == (0x01006900, 0x3011, 26)
    assert messages[-1]["type"] == "clientSessionTerminate"
    # Query and reply have one type and alternate.
    first_compilation = messages[1 : [message["type"] for message in messages].index("compilationCode")]
    for query, reply in zip(first_compilation[::2], first_compilation[1::2], strict=True):
        assert (query["direction"], reply["direction"]) == ("server", "client")
        assert query["type"] == reply["type"]


def test_its_lines_can_be_encoded(jitrig, captures):
    for file in sorted(captures.glob("*.pcap")):
        shown = jitrig.run("show", "--json", file)
        encoded = jitrig.run("encode", "-", stdin=shown.stdout)
        assert (encoded.status, encoded.stderr) == (0, "")
        decoded = jitrig.run("decode", "--json", "-", stdin=encoded.stdout)
        without_place = [re.sub(r'^\{"connection":\d+,"time_ns":\d+,"direction":"\w+",', "{", line) for line in shown.lines]
        assert decoded.lines == without_place


def test_filters(jitrig, captures):
    file = captures / "interrupt_then_reconnect.pcap"
    everything = show_json(jitrig, file)

    def expect(predicate, *options):
        expected = [message for message in everything if predicate(message)]
        assert expected
        assert show_json(jitrig, file, *options) == expected

    expect(lambda m: m["connection"] == 1, "--connection", 1)
    expect(lambda m: m["connection"] != 0, "--connection", 1, "--connection", 2)
    expect(lambda m: m["direction"] == "client", "--direction", "client")
    expect(lambda m: m["direction"] == "server", "--direction", "server")
    expect(lambda m: m["type"] == "compilationRequest", "--type", "compilationRequest")
    expect(lambda m: m["number"] in (8, 10), "--type", "compilationRequest", "--type", "#10")
    expect(
        lambda m: m["connection"] == 0 and m["direction"] == "client" and m["type"] == "VM_isClassArray",
        "--connection", "0", "--direction", "client", "--type", "VM_isClassArray",
    )  # fmt: skip
    assert show_json(jitrig, file, "--connection", 2, "--direction", "server") == []


def test_a_connection_that_is_not_there(jitrig, plain):
    result = jitrig.run("show", "--connection", 2, plain)
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.endswith("has no connection 2; it has 2 of them, counted from 0\n")


def test_the_text_is_a_table(jitrig, plain):
    result = jitrig.run("show", plain)
    assert (result.status, result.stderr) == (0, "")
    head, table = result.stdout.split("\n\n")
    assert re.fullmatch(
        r"connection 0: client 127\.0\.0\.1:\d+, server 127\.0\.0\.1:38400, 156 and 155 messages\n"
        r"connection 1: client 127\.0\.0\.1:\d+, server 127\.0\.0\.1:38400, 1 and 0 messages",
        head,
    )
    lines = table.splitlines()
    assert len(lines) == 312 + 4, "and the ends of both sides of two connections"
    row = re.compile(r"([01])  (\d\.\d{6})  (client|server)  ( *\d*)  (\w+)(\[version 1\.105, config 0x3011\])?(\(.*\))?")
    rows = [row.fullmatch(line) for line in lines]
    assert all(rows)
    assert len({match.start(5) for match in rows}) == 1, "the messages are aligned"
    assert [match.group(5) for match in rows if match.group(3) == "client"][0] == "compilationRequest"
    assert [match.group(5) for match in rows].count("closes") == 4
    assert "\x1b" not in result.stdout
    assert all(len(line) < 4500 for line in lines)


def test_full_text_is_that_of_decode(jitrig, plain):
    shown = jitrig.run("show", "--full", plain)
    texts = [line for line in shown.stdout.split("\n\n")[1].splitlines() if not line.endswith("closes")]
    hexadecimal = jitrig.run("encode", "-", stdin=jitrig.run("show", "--json", plain).stdout)
    decoded = jitrig.run("decode", "-", stdin=hexadecimal.stdout)
    for text, line in zip(texts, decoded.lines, strict=True):
        assert text.endswith(line)


def test_colors_only_when_asked_for(jitrig, plain):
    coloured = jitrig.run("show", "--color", "always", plain).stdout
    assert "\x1b[36m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == jitrig.run("show", "--color", "never", plain).stdout
    assert jitrig.run("show", "--color", "auto", plain).stdout == jitrig.run("show", "--color", "never", plain).stdout


def test_tls_is_named_and_skipped(jitrig, captures):
    for options in ([], ["--json"]):
        result = jitrig.run("show", *options, captures / "tls_1conn_2compiles.pcap")
        assert (result.status, result.stdout) == (0, "")
        assert len(result.error_lines) == 2
        for number, line in enumerate(result.error_lines):
            assert re.fullmatch(
                rf"jitrig show: .*tls_1conn_2compiles\.pcap: connection {number} "
                r"\(127\.0\.0\.1:\d+ → 127\.0\.0\.1:38422\) skipped: TLS",
                line,
            )


def test_other_protocols_are_skipped_whatever_their_port(jitrig, tmp_path):
    packets = []
    Conversation(packets, 40001).open().client(b"GET / HTTP/1.1\r\n\r\n").server(b"HTTP/1.1 200 OK\r\n\r\n").close()
    Conversation(packets, 40002).open().close()
    query = wire.message(wire.data_point(wire.OBJECT, bytes(8)))
    reply = wire.message(wire.data_point(wire.BOOL, b"\1"))
    Conversation(packets, 40003, 80).open().client(wire.message(number=8)).server(query).client(reply).close()
    file = tmp_path / "mixed.pcap"
    file.write_bytes(pcap(packets))

    result = jitrig.run("show", "--json", file)
    assert result.status == 0
    assert [line.split(") ")[-1] for line in result.error_lines] == ["skipped: HTTP", "skipped: no data"]
    assert [(m["connection"], m["direction"], m["type"]) for m in result.objects] == [
        (2, "client", "compilationRequest"), (2, "server", "VM_isClassArray"), (2, "client", "VM_isClassArray"),
    ]  # fmt: skip
    assert result.objects[0]["time_ns"] == 15_000_000


def test_the_numbers_are_those_of_the_release(jitrig, tmp_path):
    packets = []
    Conversation(packets).open().client(wire.message(number=5)).close()
    file = tmp_path / "old.pcap"
    file.write_bytes(pcap(packets))
    assert show_json(jitrig, file, "--release", "0.20.0")[0]["type"] == "compilationRequest"
    assert show_json(jitrig, file)[0]["type"] != "compilationRequest"


def test_without_a_syn_the_client_is_who_sends_the_request(jitrig, plain, tmp_path):
    header, packets = records(plain.read_bytes())
    file = tmp_path / "without_syn.pcap"
    file.write_bytes(header + b"".join(packets[3:]))
    shown = jitrig.run("show", "--json", file)
    whole = jitrig.run("show", "--json", plain)
    assert [(m["direction"], m["type"]) for m in shown.objects] == [(m["direction"], m["type"]) for m in whole.objects]


def check_damaged(result, whole, words):
    """What is whole, a warning, and status 3."""
    assert result.status == 3
    assert 0 < len(result.lines) < len(whole.lines)
    assert "warning: " in result.stderr and words in result.stderr
    known = set(whole.lines)
    assert all(line in known for line in result.lines)


def test_a_truncated_file(jitrig, plain, tmp_path):
    data = plain.read_bytes()
    file = tmp_path / "truncated.pcap"
    whole = jitrig.run("show", "--json", plain)
    for size in (len(data) // 2, len(data) // 2 + 7, len(data) - 5_000):
        file.write_bytes(data[:size])
        check_damaged(jitrig.run("show", "--json", file), whole, "")


def test_a_lost_packet(jitrig, plain, tmp_path):
    header, packets = records(plain.read_bytes())
    with_data = [number for number, packet in enumerate(packets) if len(packet) > 16 + 14 + 20 + 32]
    lost = with_data[40]
    file = tmp_path / "lost.pcap"
    file.write_bytes(header + b"".join(packets[:lost] + packets[lost + 1 :]))
    result = jitrig.run("show", "--json", file)
    check_damaged(result, jitrig.run("show", "--json", plain), "lost")


@pytest.mark.parametrize(
    "content, words",
    [(None, "No such file"), (b"", "empty"), (b"hello, this is no capture at all", "not a readable pcap")],
    ids=["missing", "empty", "text"],
)
def test_a_file_that_is_no_capture(jitrig, tmp_path, content, words):
    file = tmp_path / "file.pcap"
    if content is not None:
        file.write_bytes(content)
    result = jitrig.run("show", file)
    assert (result.status, result.stdout) == (3, "")
    assert len(result.error_lines) == 1
    assert result.stderr.startswith("jitrig show: ") and str(file) in result.stderr and words in result.stderr


def test_a_folder_is_no_capture(jitrig, tmp_path):
    result = jitrig.run("show", tmp_path)
    assert (result.status, result.stdout) == (3, "")
    assert str(tmp_path) in result.stderr


def test_the_standard_input(jitrig, plain):
    with open(plain, "rb") as stdin:
        piped = jitrig.run("show", "--json", "-", stdin=stdin)
    assert (piped.status, piped.stdout) == (0, jitrig.run("show", "--json", plain).stdout)


def test_damaged_bytes_never_crash(jitrig, captures, tmp_path):
    draw = random.Random(20260804)
    data = (captures / "fin_mid_compile.pcap").read_bytes()
    file = tmp_path / "damaged.pcap"
    for _ in range(30):
        damaged = bytearray(data)
        for _ in range(draw.randrange(1, 20)):
            damaged[draw.randrange(24, len(damaged))] = draw.randrange(256)
        file.write_bytes(damaged)
        result = jitrig.run("show", "--json", file)
        assert result.status in (0, 3)
        assert (result.status == 3) == ("warning: " in result.stderr)
