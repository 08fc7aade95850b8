"""The older generation as programs: both personas, captures of what they say, strangers at the server's door, and the
same scenarios as JITServer's."""

import json
import socket

import pytest

from conftest import TESTDATA

PROTOCOL = ("--protocol", "jitaas")
INTERRUPTED = bytes.fromhex("0400000008061200")


def start_compiler(jitrig, *arguments):
    process = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off", *PROTOCOL, *arguments)
    listening = process.read_object()
    return process, f"127.0.0.1:{listening['port']}", listening["port"]


def summary_of(result):
    return result.objects[-1]


def golden(name):
    with open(TESTDATA / "goldens_protobuf.jsonl", encoding="utf-8") as file:
        return next(bytes.fromhex(line["bytes"]) for line in map(json.loads, file) if line["name"] == name)


@pytest.mark.parametrize("release", ["0.16.0", "0.17.0", "0.18.0", "0.19.0"])
def test_both_personas_compile(jitrig, release):
    compiler, server, _ = start_compiler(jitrig, "--release", release)
    client = jitrig.run(
        "fakevm", "--json", "--server", server, *PROTOCOL, "--release", release, "--compilations", "5", "--threads", "2"
    )
    assert client.status == 0, client.stdout
    assert (summary_of(client)["compiled"], summary_of(client)["failed"]) == (5, 0)
    assert summary_of(compiler.stop())["compiled"] == 5


def test_a_recorded_conversation_is_shown_and_replayed(jitrig, tmp_path):
    capture = tmp_path / "jitaas.pcap"
    compiler, server, _ = start_compiler(jitrig)
    client = jitrig.run("fakevm", "--server", server, *PROTOCOL, "--compilations", "3", "--record", capture)
    assert client.status == 0, client.stdout
    compiler.stop()

    shown = jitrig.run("show", "--json", *PROTOCOL, capture)
    assert shown.status == 0, shown.stderr
    messages = shown.objects
    assert [message["type"] for message in messages].count("compilationRequest") == 3
    assert [message["type"] for message in messages].count("compilationCode") == 3
    assert messages[0]["direction"] == "client"

    for side in ([], ["--side", "server", "--port", "0"]):
        if not side:
            replayed = jitrig.run("replay", "--json", *PROTOCOL, capture)
            assert replayed.status == 0, replayed.stdout
            continue
        recorded = jitrig.start("replay", "--json", *side, *PROTOCOL, capture)
        at = f"127.0.0.1:{recorded.read_object()['port']}"
        client = jitrig.run("replay", "--json", "--side", "client", "--server", at, *PROTOCOL, capture)
        assert client.status == 0, client.stdout
        assert summary_of(client)["differences"] == 0
        assert summary_of(client)["messages_sent"] + summary_of(client)["messages_received"] == len(messages)
        recorded.stop()


def test_a_capture_of_the_other_generation_is_named(jitrig, captures, tmp_path):
    capture = tmp_path / "jitaas.pcap"
    _, server, _ = start_compiler(jitrig)
    jitrig.run("fakevm", "--server", server, *PROTOCOL, "--record", capture)
    for verb in ("show", "replay"):
        taken_for_the_other = jitrig.run(verb, capture)
        assert taken_for_the_other.status == 3
        assert "not JITServer" in taken_for_the_other.stderr
        assert "It looks like the older generation: try --protocol jitaas" in taken_for_the_other.stderr
    other = jitrig.run("show", *PROTOCOL, captures / "plain_1conn_3compiles.pcap")
    assert other.status == 3
    assert "no protobuf; a message of JITServer looks like that" in other.stderr
    assert "It looks like JITServer: try --protocol jitserver" in other.stderr


def read_all(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


STRANGERS = {
    "a request with other tags": golden("compilationRequest_with_version"),
    "a request with too few values": golden("compilationRequest_no_version"),
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "two gigabytes announced": bytes.fromhex("ffffff7f08051200"),
    "a message of JITServer": bytes.fromhex("10000000006900011130000005000000"),
    "a length beyond the end": bytes.fromhex("040000000805127f"),
    "another message than a request": golden("bool_true"),
    "an interruption": INTERRUPTED,
    "half a frame": golden("clientSessionTerminate")[:9],
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_does_not_disturb_the_next_client(jitrig, name):
    compiler, server, port = start_compiler(jitrig)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(STRANGERS[name])
            connection.shutdown(socket.SHUT_WR)
            read_all(connection)
        except OSError:
            pass  # closed or reset while bytes were on their way
    client = jitrig.run("fakevm", "--json", "--server", server, *PROTOCOL, "--compilations", "2")
    assert summary_of(client)["compiled"] == 2, client.stdout
    assert summary_of(compiler.stop())["compiled"] == 2


def test_another_generation_s_client_fails_and_says_so(jitrig):
    _, server, _ = start_compiler(jitrig)
    client = jitrig.run("fakevm", "--json", "--server", server, "--timeout", "60000")
    assert client.status != 0
    assert summary_of(client)["compiled"] == 0


def test_releases_differ_in_their_version(jitrig):
    _, server, _ = start_compiler(jitrig, "--release", "0.19.0")
    client = jitrig.run("fakevm", "--json", "--server", server, *PROTOCOL)
    assert client.status != 0
    assert "VersionIncompatible" in client.stdout


@pytest.mark.parametrize("ignore", [[], ["--ignore-tags"]])
def test_the_goldens_signature_needs_ignored_tags(jitrig, ignore):
    """Of a peer whose build knows other values than ours by that request: with tags it is refused, and without them
    it is up to whoever reads its values."""
    compiler, _, port = start_compiler(jitrig, *ignore)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(golden("compilationRequest_with_version"))
        connection.shutdown(socket.SHUT_WR)
        try:
            read_all(connection)
        except OSError:
            pass
    ended = compiler.stop()
    assert ("expected TR_OptimizationPlan (tag" in ended.stdout) == (not ignore), ended.stdout


@pytest.mark.parametrize(
    "arguments, error",
    [
        (["--protocol", "grpc"], "--protocol: unknown protocol 'grpc'; expected jitserver or jitaas"),
        (["--ignore-tags"], "--ignore-tags: only with --protocol jitaas"),
        ([*PROTOCOL, "--build", "j9"], "--build: with --protocol jitaas all builds number alike"),
        ([*PROTOCOL, "--release", "0.60.0"], "no release '0.60.0' of jitaas; the nearest is 0.19.0; known are "),
    ],
)
def test_wrong_usage(jitrig, arguments, error):
    result = jitrig.run("fakevm", *arguments)
    assert (result.status, result.stdout) == (2, "")
    assert error in result.stderr


def test_a_scenario_file_names_the_protocol(jitrig, tmp_path):
    scenario = tmp_path / "older.yaml"
    scenario.write_text(
        "description: Two releases of the older generation.\n"
        "servers:\n  - {protocol: jitaas, release: 0.19.0, accept_any_version: true}\n"
        "vms:\n  - {compilations: 3}\n  - {name: other, release: 0.18.0, compilations: 2}\n"
        "expect: {compiled: 5}\n"
    )
    run = jitrig.run("scenario", "run", scenario, "--runtime", "simulation")
    assert run.status == 0, run.stdout + run.stderr
    assert "jitaas 0.19.0" in jitrig.run("scenario", "explain", scenario).stdout


@pytest.mark.parametrize("runtime", ["loopback", "tls"])
def test_a_scenario_on_real_sockets(jitrig, runtime):
    run = jitrig.run("scenario", "run", "good/plain", "--runtime", runtime, *PROTOCOL)
    assert run.status == 0, run.stdout + run.stderr


def test_simulated_worlds(jitrig):
    campaign = jitrig.run("simulate", *PROTOCOL, "--runs", "5", "--profile", "calm")
    assert campaign.status == 0, campaign.stdout + campaign.stderr
    one = jitrig.run("simulate", *PROTOCOL, "--seed", "3")
    assert one.status == 0, one.stdout + one.stderr


@pytest.mark.parametrize("sweep", ["break", "interruption", "goodbye", "segmentation"])
def test_streams_broken_at_every_step(jitrig, sweep):
    swept = jitrig.run("scenario", "sweep", sweep, *PROTOCOL, "--one-in", "61")
    assert swept.status == 0, swept.stdout + swept.stderr
    assert "0 found something" in swept.stdout
