"""jitrig replay: each side of a capture, against the other persona and against itself."""

import struct

import pytest
from pcap_bytes import payload_of, records

COMPILATION_REQUEST = 8  # of head

PLAYABLE = [
    "aot_hit_and_store_and_failure",
    "big_messages",
    "concurrent_4conns",
    "fin_mid_compile",
    "interrupt_same_conn_pipelined",
    "interrupt_then_reconnect",
    "long_session_50compiles",
    "plain_1conn_3compiles",
    "tour_all_queries",
    "version_mismatch_1_104",
]


@pytest.mark.parametrize("name", PLAYABLE)
def test_both_sides_in_one_process(jitrig, captures, name):
    replayed = jitrig.run("replay", "--json", captures / f"{name}.pcap")
    assert replayed.status == 0, replayed.stdout
    assert not [event for event in replayed.objects if "difference" in event or event.get("as_recorded") is False]


@pytest.mark.parametrize("name", PLAYABLE)
def test_the_client_side_against_the_server_side(jitrig, captures, name):
    capture = captures / f"{name}.pcap"
    server = jitrig.start("replay", "--json", "--side", "server", "--port", "0", capture)
    listening = server.read_object()
    client = jitrig.run("replay", "--json", "--side", "client", "--server", f"127.0.0.1:{listening['port']}", capture)
    assert client.status == 0, client.stdout
    summary = client.objects[-1]
    assert summary["differences"] == 0
    shown = jitrig.run("show", "--json", capture).objects
    assert summary["messages_sent"] + summary["messages_received"] == len(shown)
    server.stop()


def test_a_server_that_a_defect_closed_is_noted(jitrig, captures):
    capture = captures / "interrupt_same_conn_pipelined.pcap"
    server = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off", "--script", capture)
    listening = server.read_object()
    client = jitrig.run("replay", "--json", "--side", "client", "--server", f"127.0.0.1:{listening['port']}", capture)
    notes = [event["detail"] for event in client.objects if event["event"] == "note"]
    assert len(notes) == 3
    assert all("would go on" in note for note in notes)
    server.stop()


def test_a_difference_is_found_and_named(jitrig, captures):
    recorded = captures / "plain_1conn_3compiles.pcap"
    server = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off")
    listening = server.read_object()
    client = jitrig.run("replay", "--json", "--side", "client", "--server", f"127.0.0.1:{listening['port']}", recorded)
    assert client.status == 1
    differences = [event["detail"] for event in client.objects if event["event"] == "difference"]
    assert differences and "recorded" in differences[0] and "received" in differences[0]
    server.stop()


def test_a_cut_recovers_and_is_recorded(jitrig, captures, tmp_path):
    recording = tmp_path / "broken.pcap"
    capture = captures / "plain_1conn_3compiles.pcap"
    replayed = jitrig.run("replay", "--json", capture, "--cut", "2:25", "--record", recording)
    assert replayed.status == 0
    results = [event["result"] for event in replayed.objects if "thread" in event]
    assert results == ["compiled", "terminated", "compiled"]
    as_recorded = {event["number"]: event["as_recorded"] for event in replayed.objects if "as_recorded" in event}
    assert as_recorded == {1: True, 2: False, 3: True}
    shown = jitrig.run("show", "--json", recording)
    assert shown.status == 0 and shown.stderr == ""
    first = [message for message in shown.objects if message["connection"] == 0]
    # The whole first compilation, and half of the second: its request and 24 queries with replies.
    assert len([message for message in first if message["type"] == "compilationRequest"]) == 2
    assert jitrig.run("replay", recording).status == 0, "a recording can be replayed like any capture"


def test_what_ended_otherwise_than_recorded_is_named(jitrig, captures, tmp_path):
    """A size in the middle of the second compilation is damaged: the client's messages end there, the server's go on."""
    header, packets = records((captures / "plain_1conn_3compiles.pcap").read_bytes())
    of_client = [(at, payload) for at, (is_client, payload) in enumerate(map(payload_of, packets))
                 if is_client and payload < len(packets[at])]  # fmt: skip
    requests = [at for at, payload in of_client if struct.unpack_from("<H", packets[at], payload + 12) == (COMPILATION_REQUEST,)]
    assert len(requests) == 3
    replies = [(at, payload) for at, payload in of_client if requests[1] < at < requests[2]]
    at, payload = replies[len(replies) // 2]
    packets[at] = packets[at][:payload] + struct.pack("<I", 1 << 20) + packets[at][payload + 4 :]
    damaged = tmp_path / "damaged.pcap"
    damaged.write_bytes(header + b"".join(packets))

    replayed = jitrig.run("replay", "--json", damaged)
    assert replayed.status == 1
    as_recorded = {event["number"]: event["as_recorded"] for event in replayed.objects if "as_recorded" in event}
    assert as_recorded == {1: True, 2: False}
    ends = [line for line in jitrig.run("replay", damaged).stdout.splitlines() if "the recorded one ended otherwise" in line]
    assert len(ends) == 1 and ends[0].startswith("server: compilation 2: ")


def test_a_cut_that_is_never_reached_is_an_error(jitrig, captures):
    replayed = jitrig.run("replay", captures / "plain_1conn_3compiles.pcap", "--cut", "99:1")
    assert replayed.status == 1
    assert "never" in replayed.stderr


def test_encrypted_and_foreign_files_are_refused_in_words(jitrig, captures, tmp_path):
    for protocol in ("jitserver", "jitaas"):  # whose frames may begin as TLS does
        capture = (captures / "tls_1conn_2compiles.pcap", "--protocol", protocol)
        encrypted = jitrig.run("replay", *capture)
        assert encrypted.status == 3 and encrypted.stderr.count("skipped: TLS") == 2
        shown = jitrig.run("show", *capture)
        assert shown.status == 0 and shown.stderr.count("skipped: TLS") == 2
    foreign = tmp_path / "notes.txt"
    foreign.write_text("no capture")
    refused = jitrig.run("replay", foreign)
    assert refused.status == 3 and str(foreign) in refused.stderr


def test_a_file_that_cannot_be_written_is_named(jitrig, captures, tmp_path):
    replayed = jitrig.run("replay", captures / "plain_1conn_3compiles.pcap", "--record", tmp_path / "no" / "file.pcap")
    assert replayed.status == 3
    assert "--record" in replayed.stderr and "file.pcap" in replayed.stderr
