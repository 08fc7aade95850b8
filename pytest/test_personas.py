"""fakecompiler and fakevm as programs: what they print, how they end, and what they say to bad input."""

import contextlib
import signal
import socket
import struct

import pytest

HEAD_VERSION = 0x01006900
CONFIG_JDK17 = 0x3011


def start_compiler(jitrig, *arguments):
    """A fake compiler on a free port: the process and the event of its first line."""
    process = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off", *arguments)
    listening = process.read_object()
    assert listening["event"] == "listening"
    return process, listening


def server_of(listening):
    return f"{listening['host']}:{listening['port']}"


def run_vm(jitrig, listening, *arguments):
    return jitrig.run("fakevm", "--json", "--server", server_of(listening), *arguments)


def summary_of(result):
    assert result.objects[-1]["event"] == "summary"
    return result.objects[-1]


def compilations_of(result):
    return [event for event in result.objects if event["event"] == "compilation"]


def test_the_first_line_says_where_it_listens(jitrig):
    compiler = jitrig.start("fakecompiler", "--port", "0", "--health-port", "0")
    words = compiler.read_line().split()
    assert words[:2] == ["listening", "on"]
    assert words[3] == "(health"
    host, port = words[2].split(":")
    assert host == "127.0.0.1"
    for number in (port, words[4].rstrip(")")):
        with socket.create_connection((host, int(number)), timeout=10):
            pass
    assert compiler.stop().status == 0


def test_the_first_json_line_has_both_ports(jitrig):
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "0")
    listening = compiler.read_object()
    assert list(listening) == ["event", "host", "port", "health_port", "tls"]
    assert listening["port"] != listening["health_port"]
    with socket.create_connection((listening["host"], listening["health_port"]), timeout=10) as probe:
        assert probe.recv(1) == b""  # accepted, and closed at once
    assert compiler.stop(signal.SIGINT).status == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order_with_a_summary(jitrig, number):
    compiler, _ = start_compiler(jitrig)
    ended = compiler.stop(number)
    assert ended.status == 0
    assert summary_of(ended) == {
        "event": "summary",
        "compiled": 0,
        "failed": 0,
        "interrupted": 0,
        "stream_failures": 0,
        "messages_received": 0,
        "messages_sent": 0,
    }


def test_both_personas_agree_on_what_happened(jitrig):
    compiler, listening = start_compiler(jitrig, "--compilations", "7")
    client = run_vm(jitrig, listening, "--compilations", "7", "--threads", "3")
    server = compiler.wait()
    assert (client.status, server.status) == (0, 0)
    assert summary_of(client) == {"event": "summary", "compiled": 7, "failed": 0, "local": 0, "stream_failures": 0}
    assert sorted(event["number"] for event in compilations_of(client)) == list(range(1, 8))
    assert {event["result"] for event in compilations_of(client)} == {"compiled"}
    assert summary_of(server)["compiled"] == 7
    assert len({event["client_uid"] for event in compilations_of(server)}) == 1


def test_it_serves_no_more_than_it_was_asked_for(jitrig):
    compiler, listening = start_compiler(jitrig, "--compilations", "2")
    client = run_vm(jitrig, listening, "--compilations", "3")
    assert client.status == 1
    assert summary_of(client)["compiled"] == 2
    assert summary_of(compiler.wait())["compiled"] == 2


def test_recorded_conversations_are_played(jitrig, captures):
    capture = captures / "tour_all_queries.pcap"
    compiler, listening = start_compiler(jitrig, "--script", capture, "--compilations", "1")
    client = run_vm(jitrig, listening, "--replies", capture)
    assert client.status == 0, client.stdout
    assert compilations_of(client)[0]["queries"] == 226
    assert compiler.wait().status == 0


def test_every_query_is_answered_without_a_recording(jitrig, captures):
    compiler, listening = start_compiler(jitrig, "--script", captures / "tour_all_queries.pcap", "--compilations", "1")
    client = run_vm(jitrig, listening)
    assert client.status == 0, client.stdout
    assert compilations_of(client)[0]["queries"] == 226
    assert compiler.wait().status == 0


def test_a_cut_terminates_one_compilation_and_the_next_ones_compile(jitrig, captures, tmp_path):
    capture = captures / "plain_1conn_3compiles.pcap"
    compiler, listening = start_compiler(jitrig, "--script", capture)
    recording = tmp_path / "cut.pcap"
    client = run_vm(jitrig, listening, "--replies", capture, "--compilations", "3", "--cut", "2:25", "--record", recording)
    server = compiler.stop()
    assert client.status == 1
    assert [event["result"] for event in compilations_of(client)] == ["compiled", "terminated", "compiled"]
    assert summary_of(client) == {"event": "summary", "compiled": 2, "failed": 1, "local": 0, "stream_failures": 1}
    assert [event["result"] for event in compilations_of(server)] == ["compiled", "stream_failure", "compiled"]
    assert server.status == 1
    shown = jitrig.run("show", "--json", recording).objects
    requests = [message["connection"] for message in shown if message["type"] == "compilationRequest"]
    assert requests == [0, 0, 1]
    assert shown[-1]["type"] == "clientSessionTerminate"


def test_a_script_by_hand(jitrig, tmp_path):
    script = tmp_path / "script.yaml"
    script.write_text(
        """
compilations:
  - queries:
      - ask: VM_isClassArray
        data: object(0011223344556677)
        times: 2
    end: code
    code_size_bytes: 1000
  - end: failure
    status: compilationLowPhysicalMemory
  - queries: [VM_isClassArray]
    end: close
"""
    )
    compiler, listening = start_compiler(jitrig, "--script", script, "--compilations", "3")
    client = run_vm(jitrig, listening, "--compilations", "3")
    first, second, third = compilations_of(client)
    assert (first["result"], first["queries"], first["code_size_bytes"]) == ("compiled", 2, 1000)
    assert (second["result"], second["status"]) == ("failed", 33)
    assert third["result"] == "terminated"
    server = compiler.wait()
    assert server.status == 0, "everything ended as the script wants"
    assert (summary_of(server)["compiled"], summary_of(server)["failed"]) == (1, 2)


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("compilations: []", 1, "at least one"),
        ("compilations:\n  - querys: []", 2, "unknown key 'querys'"),
        ("compilations:\n  - queries:\n      - VM_isNoQuery", 3, "'VM_isNoQuery' is no query of release head"),
        ("compilations:\n  - queries:\n      - ask: VM_isClassArray\n        data: object(0", 4, "data: offset"),
        ("compilations:\n  - end: sometime", 2, "'sometime'"),
        ("compilations:\n  - end: failure\n    status: noSuchStatus", 3, "no status 'noSuchStatus'"),
        ("compilations: [", 1, ""),
    ],
)
def test_a_bad_script_is_refused_with_its_line(jitrig, tmp_path, text, line, words):
    script = tmp_path / "bad.yaml"
    script.write_text(text)
    refused = jitrig.run("fakecompiler", "--port", "0", "--health-port", "off", "--script", script)
    assert refused.status == 3
    assert f"{script}:{line}: " in refused.stderr or text == "compilations: ["
    assert words in refused.stderr


def test_a_missing_file_is_named(jitrig, tmp_path):
    missing = tmp_path / "missing.pcap"
    for arguments in (
        ("fakecompiler", "--script", missing),
        ("fakevm", "--replies", missing),
        ("replay", missing),
    ):
        refused = jitrig.run(*arguments)
        assert refused.status == 3
        assert str(missing) in refused.stderr and "No such file" in refused.stderr


def test_a_server_that_is_not_there(jitrig):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        client = jitrig.run("fakevm", "--json", "--server", f"127.0.0.1:{taken.getsockname()[1]}", "--compilations", "5")
    assert client.status == 4
    assert "refused" in client.stderr
    assert summary_of(client)["compiled"] == 0


def test_a_client_that_lives_as_the_real_one_compiles_itself_without_a_server(jitrig):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        server = f"127.0.0.1:{taken.getsockname()[1]}"
        client = jitrig.run(
            "fakevm", "--json", "--server", server, "--compilations", "5", "--as-real", "--reconnect-wait", "60000"
        )
    assert client.status == 4
    assert "refused" in client.stderr
    results = [(event["number"], event.get("attempt", 1), event["result"]) for event in compilations_of(client)]
    assert results == [(1, 1, "terminated"), *[(n, 2 if n == 1 else 1, "local") for n in range(1, 6)]]
    (told,) = [event for event in client.objects if event["event"] == "server"]
    assert told["log"].endswith(" Could not connect to a server. Next attempt in 120000 ms.")
    summary = summary_of(client)
    assert (summary["local"], summary["stream_failures"], summary["tried_again"]) == (5, 1, 1)


def test_a_client_that_lives_as_the_real_one_tries_again(jitrig):
    compiler, listening = start_compiler(jitrig)
    client = run_vm(jitrig, listening, "--compilations", "3", "--cut", "2:2", "--as-real")
    compiler.stop()
    assert client.status == 0
    results = [(event["number"], event.get("attempt", 1), event["result"]) for event in compilations_of(client)]
    assert results == [(1, 1, "compiled"), (2, 1, "terminated"), (2, 2, "compiled"), (3, 1, "compiled")]
    (told,) = [event for event in client.objects if event["event"] == "server"]
    assert " Connected to a server (serverUID=" in told["log"]


def test_a_client_that_requires_its_server_ends_with_it(jitrig):
    compiler, listening = start_compiler(jitrig)
    client = run_vm(jitrig, listening, "--compilations", "9", "--cut", "2:2", "--require-jitserver")
    compiler.stop()
    assert client.status == 1
    assert "a server is required, and compilation 2 lost its stream" in client.stderr
    assert "a server is required" in summary_of(client)["fatal"]
    assert [event["result"] for event in compilations_of(client)] == ["compiled", "terminated"]


def test_a_taken_port(jitrig):
    compiler, listening = start_compiler(jitrig)
    for arguments in (
        ("--port", listening["port"], "--health-port", "off"),
        ("--port", "0", "--health-port", listening["port"]),
    ):
        refused = jitrig.run("fakecompiler", *arguments)
        assert refused.status == 4
        assert str(listening["port"]) in refused.stderr
    assert compiler.stop().status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--jdk", "11"),
        ("--no-compressed-refs",),
        ("--arch", "arm64"),
        ("--release", "0.60.0"),
        ("--config", "0x3015"),
    ],
)
def test_a_client_that_announces_something_else_is_refused(jitrig, arguments):
    compiler, listening = start_compiler(jitrig)
    client = run_vm(jitrig, listening, *arguments)
    server = compiler.stop()
    assert client.status == 1
    assert compilations_of(client)[0]["status"] == 52
    ends = [event for event in server.objects if event["event"] == "stream_end" and event["failure"]]
    assert len(ends) == 1 and "client" in ends[0]["detail"] and "server" in ends[0]["detail"]
    assert server.status == 1


def test_any_version_is_accepted_on_request(jitrig):
    compiler, listening = start_compiler(jitrig, "--accept-any-version", "--compilations", "1")
    assert run_vm(jitrig, listening, "--config", "0x3008").status == 0
    assert compiler.wait().status == 0


@pytest.mark.parametrize("release, build", [("0.20.0", "openjdk"), ("0.30.0", "j9"), ("0.44.0", "openjdk"), ("head", "j9")])
def test_other_releases_talk_to_each_other(jitrig, release, build):
    speak = ("--release", release, "--build", build)
    compiler, listening = start_compiler(jitrig, "--compilations", "2", *speak)
    assert run_vm(jitrig, listening, "--compilations", "2", *speak).status == 0
    assert compiler.wait().status == 0


HOSTILE = {
    "an HTTP request": b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a TLS hello": bytes.fromhex("160301020001000 1fc0303".replace(" ", "")) + bytes(64),
    "a size below a header": struct.pack("<I", 15) + bytes(11),
    "a size beyond the limit": struct.pack("<I", 0xFFFFFFF0) + bytes(60),
    "65535 data points and none": struct.pack("<IIIHH", 16, 0, 0, 8, 65535),
    "a big-endian peer": struct.pack(">IIIHH", 28, HEAD_VERSION, CONFIG_JDK17, 8, 1) + bytes(12),
    "a message cut off": struct.pack("<IIIHH", 4096, 0, 0, 8, 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_client_is_named_and_closed_and_others_are_served(jitrig, name):
    compiler, listening = start_compiler(jitrig)
    with socket.create_connection((listening["host"], listening["port"]), timeout=30) as hostile:
        hostile.sendall(HOSTILE[name])
        hostile.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            assert hostile.recv(1) == b""
    end = compiler.read_object()
    assert end["event"] == "stream_end" and end["failure"] is True and end["detail"]
    assert run_vm(jitrig, listening).status == 0
    ended = compiler.stop()
    assert summary_of(ended)["stream_failures"] == 1 and summary_of(ended)["compiled"] == 1


def test_an_incompatible_first_message_is_answered_as_the_real_server_does(jitrig):
    compiler, listening = start_compiler(jitrig)
    with socket.create_connection((listening["host"], listening["port"]), timeout=30) as client:
        client.sendall(struct.pack("<IIIHHBBBBIi", 28, 0x01006800, CONFIG_JDK17, 8, 1, 0, 0, 0, 0, 4, 7))
        answer = b""
        while chunk := client.recv(4096):
            answer += chunk
    decoded = jitrig.run("decode", "--json", answer.hex()).objects[0]
    assert decoded["type"] == "compilationFailure"
    assert decoded["data"] == [{"uint32": 52}, {"uint64": 0xFFFFFFFFFFFFFFFF}]
    assert "1.104" in compiler.read_object()["detail"]
    compiler.stop()


def test_a_vm_opposite_a_server_that_is_none(jitrig):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = jitrig.start("fakevm", "--json", "--server", f"127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            event = client.read_object()
    assert event["result"] == "terminated" and "HTTP" in event["detail"]
    assert client.wait().status == 1


def test_a_silent_server_ends_with_the_timeout(jitrig):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = jitrig.run("fakevm", "--json", "--server", f"127.0.0.1:{server.getsockname()[1]}", "--timeout", "50")
    assert client.status == 1
    assert compilations_of(client)[0]["result"] == "terminated"
    assert "50 ms" in compilations_of(client)[0]["detail"]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("fakevm", "--server", "nowhere"), "expected HOST:PORT"),
        (("fakevm", "--server", "localhost:0"), "port 0"),
        (("fakevm", "--server", "localhost:65536"), "65535"),
        (("fakevm", "--compilations", "0"), "--compilations"),
        (("fakevm", "--threads", "1000"), "--threads"),
        (("fakevm", "--cut", "2"), "2:25"),
        (("fakevm", "--reconnect-wait", "5"), "--as-real"),
        (("fakevm", "--config", "0x3011", "--jdk", "8"), "--jdk"),
        (("fakecompiler", "--health-port", "on"), "off"),
        (("fakecompiler", "--port", "65536"), "--port"),
        (("fakecompiler", "--release", "0.61.0"), "0.60.0"),
        (("replay", "x.pcap", "--side", "left"), "--side"),
        (("replay", "x.pcap", "--side", "client", "--cut", "1:1"), "--cut"),
    ],
)
def test_wrong_usage_names_the_option_and_what_was_expected(jitrig, arguments, words):
    refused = jitrig.run(*arguments)
    assert refused.status == 2
    assert words in refused.stderr
    assert refused.stdout == ""
