"""fakecompiler, fakevm and replay over TLS with each other: what they agree on, what they say when they do not, and what
they say to keys and certificates that are missing or wrong."""

import os
import socket
import stat

import pytest

from test_personas import compilations_of, run_vm, server_of, start_compiler, summary_of
from tls_certificates import Certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trust(certificates):
    return ("--ssl-root-certs", certificates.authority.certificate)


def tls_events(objects):
    return [event for event in objects if event["event"] == "tls"]


def ends_of(result):
    return [event for event in result.objects if event["event"] == "stream_end" and event["failure"]]


def next_failure(compiler):
    """What the server says of the next connection that failed. Stopped before it has, it would not tell of it."""
    while True:
        event = compiler.read_object()
        if event["event"] == "stream_end" and event["failure"]:
            return event


def read_until_goodbye(compiler):
    """What the server says up to the end of the client session."""
    events = [compiler.read_object()]
    while events[-1].get("detail") != "the client session ends":
        events.append(compiler.read_object())
    return events


def failed_connection(jitrig, listening, *arguments):
    """Of a fakevm that gets no connection: what it prints on the standard error."""
    client = run_vm(jitrig, listening, *arguments)
    assert client.status == 4, client.stdout
    assert [event["result"] for event in compilations_of(client)] == ["local"]
    assert summary_of(client)["stream_failures"] == 1
    assert client.stderr.count("\n") == 1
    return client.stderr


def test_both_personas_agree_on_what_happened(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server)
    assert listening["tls"] is True
    client = run_vm(jitrig, listening, *trust, "--compilations", "7", "--threads", "3")
    served = read_until_goodbye(compiler)
    server = compiler.stop()
    assert (client.status, client.stderr, server.status, server.stderr) == (0, "", 0, "")
    assert summary_of(client)["compiled"] == summary_of(server)["compiled"] == 7
    # Each connection is announced on both sides: those of the threads, and the goodbye's.
    assert len(tls_events(client.objects)) == len(tls_events(served))
    for event in tls_events(client.objects) + tls_events(served):
        assert list(event) == ["event", "stream", "version", "cipher", "resumed", "peer"]
        assert event["version"] == "TLSv1.3" and event["cipher"].startswith("TLS_")
        assert str(listening["port"]) in event["stream"]
    assert {event["peer"] for event in tls_events(client.objects)} == {"CN=server"}
    assert {event["peer"] for event in tls_events(served)} == {""}
    assert tls_events(client.objects)[-1]["resumed"] is True
    assert summary_of(server)["failed_handshakes"] == 0


def test_it_is_said_in_words_too(jitrig, certificates, trust):
    compiler = jitrig.start("fakecompiler", "--port", "0", "--health-port", "off", *certificates.server)
    line = compiler.read_line()
    assert line.startswith("listening on 127.0.0.1:") and line.endswith(" (health off) with TLS")
    server = line.split()[2]
    client = jitrig.run("fakevm", "--server", server, *trust)
    assert client.status == 0
    assert f"-> {server}: TLSv1.3, TLS_AES_256_GCM_SHA384, peer CN=server" in client.lines[0]
    assert "TLSv1.3, TLS_AES_256_GCM_SHA384, resumed, peer CN=server" in client.lines[2]
    ended = compiler.stop()
    assert ended.lines[0].startswith(f"{server} -> 127.0.0.1:")
    assert ended.lines[-1].endswith("; TLS: 0 failed handshakes, 0 dropped, 0 probes")


def test_a_capture_is_replayed_over_tls(jitrig, certificates, trust, captures):
    capture = captures / "tour_all_queries.pcap"
    both = jitrig.run("replay", "--json", *certificates.server, *trust, capture)
    assert both.status == 0, both.stdout + both.stderr
    assert len(tls_events(both.objects)) >= 4, "two connections, told by both sides"
    server = jitrig.start("replay", "--json", "--side", "server", "--port", "0", *certificates.server, capture)
    listening = server.read_object()
    client = jitrig.run("replay", "--json", "--side", "client", "--server", server_of(listening), *trust, capture)
    assert client.status == 0, client.stdout + client.stderr
    assert client.objects[-1]["differences"] == 0
    server.stop()



@pytest.mark.parametrize("recorder", ["fakevm", "fakecompiler", "replay"])
def test_a_recording_holds_plaintext(jitrig, certificates, trust, captures, tmp_path, recorder):
    capture = captures / "plain_1conn_3compiles.pcap"
    recording = tmp_path / "recording.pcap"
    if recorder == "replay":
        assert jitrig.run("replay", *certificates.server, *trust, "--record", recording, capture).status == 0
    else:
        record = {recorder: ("--record", recording)}
        compiler, listening = start_compiler(
            jitrig, *certificates.server, "--script", capture, "--compilations", "3", *record.get("fakecompiler", ())
        )
        client = run_vm(
            jitrig, listening, *trust, "--replies", capture, "--compilations", "3", *record.get("fakevm", ())
        )
        assert client.status == 0, client.stdout
        assert compiler.wait().status == 0
    shown = jitrig.run("show", "--json", recording)
    assert (shown.status, shown.stderr) == (0, "")
    recorded = jitrig.run("show", "--json", capture).objects
    said = [(message["direction"], message["type"]) for message in shown.objects]
    assert said[: len(recorded) - 2] == [(message["direction"], message["type"]) for message in recorded][:-2]
    answers = [message["data"] for message in shown.objects if message["direction"] == "server"]
    assert answers == [message["data"] for message in recorded if message["direction"] == "server"]


def test_a_cut_recovers_over_tls(jitrig, certificates, trust, captures):
    capture = captures / "plain_1conn_3compiles.pcap"
    replayed = jitrig.run("replay", "--json", *certificates.server, *trust, "--cut", "2:25", capture)
    assert replayed.status == 0, replayed.stdout + replayed.stderr
    assert [event["result"] for event in replayed.objects if "thread" in event] == ["compiled", "terminated", "compiled"]


def test_the_secrets_go_where_wireshark_finds_them(jitrig, certificates, trust, captures, tmp_path):
    log = tmp_path / "keys.log"
    environment = {**os.environ, "SSLKEYLOGFILE": str(log)}
    capture = captures / "plain_1conn_3compiles.pcap"
    replayed = jitrig.run("replay", *certificates.server, *trust, capture, env=environment)
    assert replayed.status == 0, replayed.stderr
    labels = {line.split()[0] for line in log.read_text().splitlines() if not line.startswith("#")}
    assert {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} <= labels


def test_the_secrets_cannot_be_written(jitrig, certificates, tmp_path):
    environment = {**os.environ, "SSLKEYLOGFILE": str(tmp_path / "no" / "keys.log")}
    refused = jitrig.run("fakecompiler", "--port", "0", "--health-port", "off", *certificates.server, env=environment)
    assert refused.status == 3
    assert str(tmp_path / "no" / "keys.log") in refused.stderr


# ---- peers that do not match -----------------------------------------------------------------------------------------


def test_an_unknown_authority(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server_of_other_authority)
    error = failed_connection(jitrig, listening, *trust)
    assert "unable to get local issuer certificate" in error and "CN=server of another authority" in error
    end = next_failure(compiler)
    ended = compiler.stop()
    assert ended.status == 1, "the run found something"
    assert summary_of(ended)["failed_handshakes"] == summary_of(ended)["stream_failures"] == 1
    assert end["detail"].startswith("TLS handshake ") and end["stream"] in end["detail"]
    assert "the peer refused with alert 48, unknown CA (tls)" in end["detail"]
    assert ended.stderr == ""


def test_an_expired_certificate(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.expired_server)
    assert "certificate has expired" in failed_connection(jitrig, listening, *trust)
    assert "the peer refused with alert 45, certificate expired" in next_failure(compiler)["detail"]
    compiler.stop()


def test_a_certificate_for_another_host(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server_of_other_host)
    error = failed_connection(jitrig, listening, *trust)
    assert "IP address mismatch" in error and "connected to 127.0.0.1" in error
    name = f"localhost:{listening['port']}"
    by_name = jitrig.run("fakevm", "--server", name, *trust)
    assert by_name.status == 4 and "hostname mismatch" in by_name.stderr
    assert run_vm(jitrig, listening, *trust, "--ssl-no-host-check").status == 0
    compiler.stop()


def test_the_name_that_was_connected_to_counts(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server)
    assert jitrig.run("fakevm", "--server", f"localhost:{listening['port']}", *trust).status == 0
    compiler.stop()


def test_the_system_does_not_trust_our_authority(jitrig, certificates):
    """With an identity and without root certificates it is TLS all the same, and the system's roots count."""
    compiler, listening = start_compiler(jitrig, *certificates.server)
    assert "unable to get local issuer certificate" in failed_connection(jitrig, listening, *certificates.client)
    compiler.stop()


def assert_refused_after_handshake(client, alert):
    """In TLS 1.3 a client's handshake is over before the server has looked at its certificate. So the alert comes when
    the client reads, unless the server has closed before the client wrote its request."""
    (compilation,) = compilations_of(client)
    assert compilation["result"] == "terminated"
    assert alert in compilation["detail"] or "writing compilationRequest" in compilation["detail"]


def test_client_certificates(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server, *trust)
    for identity, peer in (((), ""), (certificates.client, "CN=client")):
        assert run_vm(jitrig, listening, *trust, *identity).status == 0, "asked for, not required"
        assert {event["peer"] for event in tls_events(read_until_goodbye(compiler))} == {peer}
    wrong = run_vm(jitrig, listening, *trust, *certificates.client_of_other_authority)
    assert wrong.status == 1
    assert_refused_after_handshake(wrong, "the peer refused with alert 48, unknown CA (tls)")
    end = next_failure(compiler)
    assert "unable to get local issuer certificate" in end["detail"]
    assert "CN=client of another authority" in end["detail"]
    compiler.stop()


def test_a_client_certificate_is_required(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server, *trust, "--ssl-require-client-cert")
    refused = run_vm(jitrig, listening, *trust)
    assert refused.status == 1
    assert_refused_after_handshake(refused, "the peer refused with alert 116, certificate required")
    assert "peer did not return a certificate" in next_failure(compiler)["detail"]
    assert run_vm(jitrig, listening, *trust, *certificates.client).status == 0
    compiler.stop()


def test_a_plain_client_at_a_tls_server(jitrig, certificates):
    compiler, listening = start_compiler(jitrig, *certificates.server)
    client = run_vm(jitrig, listening)
    assert client.status == 1
    (compilation,) = compilations_of(client)
    assert compilation["result"] == "terminated"
    assert compilation["detail"].endswith("; a server that expects TLS does so")
    assert "this is not TLS: the peer's first byte is" in next_failure(compiler)["detail"]
    compiler.stop()


def test_a_tls_client_at_a_plain_server(jitrig, trust):
    compiler, listening = start_compiler(jitrig)
    assert listening["tls"] is False
    error = failed_connection(jitrig, listening, *trust)
    assert "TLS handshake" in error and error.endswith("; a server without TLS does so\n")
    assert "this is a TLS handshake" in next_failure(compiler)["detail"]
    compiler.stop()


def test_an_alert_to_a_plain_client_is_named(jitrig):
    """What a TLS server of another make answers to plaintext."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = jitrig.start("fakevm", "--json", "--server", f"127.0.0.1:{server.getsockname()[1]}")
        connection, _ = server.accept()
        with connection:
            connection.sendall(bytes.fromhex("15030300020246"))
            event = client.read_object()
    assert event["result"] == "terminated" and "this is a TLS alert" in event["detail"]
    assert client.wait().status == 1


def test_probes_are_silent(jitrig, certificates, trust):
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "0", *certificates.server)
    listening = compiler.read_object()
    for _ in range(20):
        socket.create_connection((listening["host"], listening["port"]), timeout=10).close()
    with socket.create_connection((listening["host"], listening["health_port"]), timeout=10) as probe:
        assert probe.recv(1) == b"", "the health port is plain"
    # Probes were accepted before this client, and end without waiting for anything.
    assert run_vm(jitrig, listening, *trust).status == 0
    ended = compiler.stop()
    assert (ended.status, ended.stderr) == (0, "")
    assert {event["event"] for event in ended.objects} == {"tls", "compilation", "stream_end", "summary"}
    assert not ends_of(ended)
    assert summary_of(ended)["failed_handshakes"] == 0


def test_a_silent_client_delays_nobody_and_ends_with_the_timeout(jitrig, certificates, trust):
    compiler, listening = start_compiler(jitrig, *certificates.server, "--timeout", "200")
    with socket.create_connection((listening["host"], listening["port"]), timeout=60) as silent:
        assert silent.recv(1) == b""
    event = compiler.read_object()
    assert "the deadline passed after 0 bytes of the peer's handshake (timedOut)" in event["detail"]
    compiler.stop()

    compiler, listening = start_compiler(jitrig, *certificates.server)
    with socket.create_connection((listening["host"], listening["port"]), timeout=60):
        assert run_vm(jitrig, listening, *trust, "--compilations", "10", "--threads", "3").status == 0
        assert compiler.stop().status == 0, "it does not wait for who is in a handshake"


# ---- keys and certificates -------------------------------------------------------------------------------------------


def refused_files(jitrig, *arguments):
    refused = jitrig.run("fakecompiler", "--port", "0", "--health-port", "off", *arguments)
    assert (refused.status, refused.stdout) == (3, "")
    assert refused.stderr.count("\n") == 1
    return refused.stderr


def test_a_missing_file_is_named(jitrig, certificates, tmp_path):
    missing = tmp_path / "missing.pem"
    server = certificates.server
    for option, arguments in {
        "--ssl-key": ("--ssl-key", missing, "--ssl-cert", server.certificate),
        "--ssl-cert": ("--ssl-key", server.key, "--ssl-cert", missing),
        "--ssl-root-certs": (*server, "--ssl-root-certs", missing),
    }.items():
        error = refused_files(jitrig, *arguments)
        assert f"{option}: {missing}: " in error and "No such file or directory" in error
    client = jitrig.run("fakevm", "--ssl-root-certs", missing)
    assert client.status == 3 and f"--ssl-root-certs: {missing}: " in client.stderr


@pytest.mark.parametrize("path", ["", "/", "/dev/null", "/dev/zero"])
def test_what_is_no_file_with_a_key_is_refused(jitrig, certificates, path):
    arguments = ["--health-port", "off", "--ssl-cert", certificates.server.certificate, f"--ssl-key={path}"]
    refused = jitrig.run("fakecompiler", "--port", "0", *arguments)
    assert refused.status in (2, 3) and "--ssl-key" in refused.stderr
    assert refused.stdout == "", "never a plain server instead"


def test_wrong_contents_are_named_but_not_shown(jitrig, certificates, tmp_path):
    server = certificates.server
    error = refused_files(jitrig, "--ssl-key", server.certificate, "--ssl-cert", server.certificate)
    assert f"--ssl-key: {server.certificate}: " in error and "private key" in error
    error = refused_files(jitrig, "--ssl-key", server.key, "--ssl-cert", server.key)
    assert f"--ssl-cert: {server.key}: " in error and "a certificate in PEM was expected" in error
    error = refused_files(jitrig, "--ssl-key", certificates.client.key, "--ssl-cert", server.certificate)
    assert str(certificates.client.key) in error and "does not belong to the certificate" in error
    secret = tmp_path / "secret.txt"
    secret.write_text("xyzzy plugh\n")
    assert "xyzzy" not in refused_files(jitrig, "--ssl-key", secret, "--ssl-cert", server.certificate)
    large = tmp_path / "large.pem"
    with open(large, "wb") as file:
        file.truncate(1 << 30)
    assert "larger than" in refused_files(jitrig, "--ssl-key", large, "--ssl-cert", server.certificate)


def test_a_key_that_may_only_be_read_is_enough(jitrig, certificates):
    mode = certificates.server.key.stat().st_mode
    certificates.server.key.chmod(stat.S_IRUSR)
    try:
        compiler, _ = start_compiler(jitrig, *certificates.server)
        assert compiler.stop().status == 0
    finally:
        certificates.server.key.chmod(mode)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("fakecompiler", "--ssl-key", "k"), "--ssl-key: its certificate is missing; see --ssl-cert"),
        (("fakecompiler", "--ssl-cert", "c"), "--ssl-cert: its private key is missing; see --ssl-key"),
        (("fakecompiler", "--ssl-root-certs", "r"), "--ssl-root-certs: a server needs --ssl-key and --ssl-cert as well"),
        (("fakecompiler", "--ssl-require-client-cert"), "--ssl-root-certs must say which"),
        (("fakecompiler", "--ssl-no-host-check"), "--ssl-no-host-check"),
        (("fakevm", "--ssl-key", "k", "--ssl-root-certs", "r"), "--ssl-key: its certificate is missing"),
        (("fakevm", "--ssl-no-host-check"), "--ssl-no-host-check: there is no TLS without --ssl-root-certs"),
        (("fakevm", "--ssl-require-client-cert"), "--ssl-require-client-cert"),
        (("replay", "CAPTURE", "--ssl-root-certs", "r"), "--side both: TLS needs --ssl-key and --ssl-cert for the server"),
        (("replay", "CAPTURE", "--side", "client", "--ssl-require-client-cert"), "only a server can require one"),
        (("replay", "CAPTURE", "--side", "server", "--ssl-no-host-check"), "only a client checks the host"),
    ],
)
def test_wrong_usage(jitrig, captures, arguments, words):
    capture = captures / "plain_1conn_3compiles.pcap"
    refused = jitrig.run(*[capture if argument == "CAPTURE" else argument for argument in arguments])
    assert (refused.status, refused.stdout) == (2, "")
    assert words in refused.stderr
