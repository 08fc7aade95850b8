"""The situations of the command line that JITServer's own test has, as programs: what is not a scenario already
(scenarios/cases/situations, whose table says which)."""

import signal
import socket

import pytest

from tls_certificates import Certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def run_vm(jitrig, port, *arguments, host="127.0.0.1"):
    return jitrig.run("fakevm", "--json", "--server", f"{host}:{port}", *arguments)


def test_port_zero_is_told_in_words_and_leads_to_the_server(jitrig):
    compiler = jitrig.start("fakecompiler", "--port", "0", "--health-port", "0")
    words = compiler.read_line().split()
    port, health_port = int(words[2].split(":")[1]), int(words[4].rstrip(")"))
    assert port != 0 and health_port != 0, "the port that was bound, not the one that was asked for"
    client = run_vm(jitrig, port)
    assert client.status == 0, f"nobody is at the port that was told: {client.stderr}"
    with socket.create_connection(("127.0.0.1", health_port), timeout=30) as probe:
        assert probe.recv(1) == b"", "accepted, and closed at once"
    assert compiler.stop().status == 0


def test_port_zero_is_told_to_machines_and_leads_to_the_server(jitrig):
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off")
    client = run_vm(jitrig, compiler.read_object()["port"])
    assert client.status == 0, f"nobody is at the port that machines are told: {client.stderr}"
    assert compiler.stop().status == 0


def test_a_bad_host_is_named_and_everything_is_compiled_locally(jitrig):
    host = "no-such-host-" + "x" * 64  # longer than a name may be: no server of names is asked
    client = run_vm(jitrig, 38400, "--compilations", "3", "--as-real", host=host)
    assert client.status == 4
    assert host in client.stderr
    assert [event["result"] for event in client.objects if event["event"] == "compilation"].count("local") == 3


def test_a_health_port_that_is_taken_ends_the_server(jitrig):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        compiler = jitrig.run("fakecompiler", "--port", "0", "--health-port", str(taken.getsockname()[1]))
    assert compiler.status == 4
    assert "already in use" in compiler.stderr.lower()
    assert compiler.stdout == ""


@pytest.mark.parametrize("what", ["missing", "empty", "folder", "huge"])
def test_a_key_that_cannot_be_read_never_means_plain(jitrig, certificates, tmp_path, what):
    key = tmp_path / f"{what}.pem"
    if what == "empty":
        key.touch()
    elif what == "folder":
        key.mkdir()
    elif what == "huge":
        with open(key, "wb") as file:
            file.truncate(1 << 30)
    compiler = jitrig.start(
        "fakecompiler", "--port", "0", "--health-port", "off",
        "--ssl-key", key, "--ssl-cert", certificates.server.certificate,
    )
    try:
        line = compiler.read_line()
    except AssertionError as ended:
        assert "it ended with status 3" in str(ended) and str(key) in str(ended)
    else:
        raise AssertionError(f"a server where there must be none: {line}")


@pytest.mark.parametrize("active", [0, 1, 50])
def test_a_server_that_is_told_to_end_tells_of_all_it_did(jitrig, active):
    """However far its clients are: each compilation that began has an end, and the summary comes last."""
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "off", "--threads", "50")
    port = compiler.read_object()["port"]
    client = None
    if active:
        client = jitrig.start(
            "fakevm", "--json", "--server", f"127.0.0.1:{port}", "--compilations", str(active), "--threads", str(active),
            "--misbehave", "reply_not_at_all", "--timeout", "60000",
        )  # fmt: skip
    ended = compiler.stop(signal.SIGTERM)
    if client:
        client.stop()
    assert ended.status in (0, 1)
    summary = ended.objects[-1]
    assert summary["event"] == "summary"
    compilations = [event for event in ended.objects if event["event"] == "compilation"]
    assert summary["compiled"] == 0 and len(compilations) <= active
    assert all(event["result"] == "stream_failure" for event in compilations), compilations
    assert summary["stream_failures"] >= len(compilations)
