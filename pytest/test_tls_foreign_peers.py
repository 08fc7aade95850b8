"""TLS with peers that are not ours: the openssl command line and Python's ssl module, on either side of the protocol, in
TLS 1.2 and 1.3. What travels are messages that the real code wrote."""

import socket
import ssl
import struct
import subprocess
import threading

import pytest

from jitrig_program import TIMEOUT_S, BackgroundProcess
from test_personas import compilations_of, server_of, start_compiler
from tls_certificates import Certificates

CONNECTION_TERMINATE = "connectionTerminate"
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
OPENSSL_OPTIONS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
HEADER = struct.Struct("<IIIHH")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trust(certificates):
    return ("--ssl-root-certs", certificates.authority.certificate)


@pytest.fixture
def request_bytes(goldens):
    """A compilationRequest that the real client wrote, with version and configuration."""
    golden = next(golden for golden in goldens if golden["name"] == "true_compilationRequest_seq0_with_version")
    return bytes.fromhex(golden["bytes"])


@pytest.fixture
def encode(jitrig):
    def message(name, *data):
        text = '{"type":"%s","data":[%s]}' % (name, ",".join(data))
        return bytes.fromhex(jitrig.run("encode", text).lines[0])

    return message


@pytest.fixture
def failing_script(tmp_path):
    """A server that answers each request with one message."""
    script = tmp_path / "failing.yaml"
    script.write_text("compilations:\n  - end: failure\n    status: 6\n")
    return script


def messages_in(data):
    """The whole messages at the beginning of the bytes."""
    found = []
    while len(data) >= HEADER.size:
        (size,) = struct.unpack_from("<I", data)
        assert size >= HEADER.size
        if size > len(data):
            break
        found.append(data[:size])
        data = data[size:]
    return found


def decoded(jitrig, message):
    return jitrig.run("decode", "--json", message.hex()).objects[0]


def receive_message(connection):
    data = b""
    while not messages_in(data):
        part = connection.recv(1 << 16)
        assert part, f"the end, after {len(data)} bytes"
        data += part
    return data


# ---- clients ---------------------------------------------------------------------------------------------------------


def python_client(certificates, version, identity=None):
    context = ssl.create_default_context(cafile=certificates.authority.certificate)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    if identity:
        context.load_cert_chain(identity.certificate, identity.key)
    return context


@pytest.mark.parametrize("version", VERSIONS)
def test_openssl_s_client_has_a_request_answered(jitrig, certificates, request_bytes, encode, failing_script, version):
    compiler, listening = start_compiler(jitrig, *certificates.server, "--script", failing_script)
    # The goodbye ends the connection, and so s_client.
    done = subprocess.run(
        ["openssl", "s_client", "-connect", server_of(listening), "-quiet", "-ign_eof", "-verify_return_error",
         "-CAfile", certificates.authority.certificate, "-verify_ip", "127.0.0.1", OPENSSL_OPTIONS[version]],
        input=request_bytes + encode(CONNECTION_TERMINATE), capture_output=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (answer,) = messages_in(done.stdout)
    assert answer == done.stdout
    assert decoded(jitrig, answer)["type"] == "compilationFailure"
    assert decoded(jitrig, answer)["data"][0] == {"uint32": 6}
    ended = compiler.stop()
    assert ended.status == 0, ended.stdout
    tls, compilation, end, _ = ended.objects
    assert (tls["version"], compilation["result"], end["failure"]) == (version, "failed", False)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_python_client_has_requests_answered(jitrig, certificates, request_bytes, encode, failing_script, version):
    compiler, listening = start_compiler(jitrig, *certificates.server, "--script", failing_script)
    context = python_client(certificates, version)
    with socket.create_connection((listening["host"], listening["port"]), timeout=TIMEOUT_S) as plain:
        with context.wrap_socket(plain, server_hostname=listening["host"]) as connection:
            assert connection.version() == version
            for _ in range(3):
                connection.sendall(request_bytes)
                assert decoded(jitrig, receive_message(connection))["type"] == "compilationFailure"
            connection.sendall(encode(CONNECTION_TERMINATE))
            assert connection.recv(1) == b"", "TLS says goodbye before TCP does"
    assert [event["event"] for event in compiler.stop().objects].count("compilation") == 3


def test_a_request_right_behind_the_handshake_is_not_overlooked(
    jitrig, certificates, request_bytes, encode, failing_script
):
    """The client's last handshake bytes and its request in one segment: TLS holds the request, no Selector sees it."""
    compiler, listening = start_compiler(jitrig, *certificates.server, "--script", failing_script)
    context = python_client(certificates, "TLSv1.3")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=listening["host"])
    with socket.create_connection((listening["host"], listening["port"]), timeout=TIMEOUT_S) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(1 << 16))
        tls.write(request_bytes)
        tls.write(encode(CONNECTION_TERMINATE))
        plain.sendall(outgoing.read())  # Finished, request and goodbye at once
        answer = b""
        while not messages_in(answer):
            try:
                answer += tls.read(1 << 16)
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(1 << 16))
    assert decoded(jitrig, answer)["type"] == "compilationFailure"
    assert compiler.stop().status == 0


def test_a_python_client_with_a_certificate(jitrig, certificates, trust, request_bytes, encode, failing_script):
    compiler, listening = start_compiler(
        jitrig, *certificates.server, *trust, "--ssl-require-client-cert", "--script", failing_script
    )
    context = python_client(certificates, "TLSv1.2", certificates.client)
    with socket.create_connection((listening["host"], listening["port"]), timeout=TIMEOUT_S) as plain:
        with context.wrap_socket(plain, server_hostname=listening["host"]) as connection:
            connection.sendall(request_bytes)
            receive_message(connection)
            connection.sendall(encode(CONNECTION_TERMINATE))
            assert connection.recv(1) == b""
    with socket.create_connection((listening["host"], listening["port"]), timeout=TIMEOUT_S) as plain:
        with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE|alert handshake failure"):
            python_client(certificates, "TLSv1.2").wrap_socket(plain, server_hostname=listening["host"])
    ended = compiler.stop()
    assert [event["peer"] for event in ended.objects if event["event"] == "tls"] == ["CN=client"]


def test_a_client_that_refuses_the_certificate(jitrig, certificates):
    compiler, listening = start_compiler(jitrig, *certificates.server_of_other_host)
    context = python_client(certificates, "TLSv1.3")
    with socket.create_connection((listening["host"], listening["port"]), timeout=TIMEOUT_S) as plain:
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname=listening["host"])
    event = compiler.read_object()
    assert event["event"] == "stream_end" and event["failure"] is True
    assert "the peer refused with alert 42, bad certificate (tls)" in event["detail"]
    compiler.stop()


# ---- servers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_vm_opposite_openssl_s_server(jitrig, certificates, trust, encode, version):
    server = BackgroundBytes(
        ["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "2", "-key", certificates.server.key,
         "-cert", certificates.server.certificate, OPENSSL_OPTIONS[version]]
    )  # fmt: skip
    try:
        address = server.read_until(lambda output: address_in(output))
        client = jitrig.start("fakevm", "--json", "--server", address, *trust)
        assert client.read_object()["version"] == version
        request = server.read_until(lambda output: request_in(output))
        assert decoded(jitrig, request)["type"] == "compilationRequest"
        server.write(encode("compilationFailure", '{"uint32":6}', '{"uint64":18446744073709551615}'))
        event = client.read_object()
        assert (event["result"], event["status"]) == ("failed", 6)
        ended = client.wait()
        assert ended.status == 1 and ended.stderr == ""
        server.wait()  # two connections: the compilation, and the goodbye
        assert encode("connectionTerminate") in server.output
    finally:
        server.kill()


def address_in(output):
    """Of "ACCEPT 127.0.0.1:34567"."""
    before, found, after = output.partition(b"ACCEPT ")
    return after.split(b"\n")[0].decode() if found and b"\n" in after else None


def request_in(output):
    """The first message with the version word of head: s_server prints words of its own before it."""
    at = output.find(struct.pack("<I", 0x01006900)) - 4
    return (messages_in(output[at:]) or [None])[0] if at >= 0 else None


class BackgroundBytes:
    """A program whose output is bytes, which are read as they come."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.output = b""

    def read_until(self, wanted):
        timer = threading.Timer(TIMEOUT_S, self.process.kill)
        timer.start()
        try:
            while not (found := wanted(self.output)):
                part = self.process.stdout.read(1 << 16)
                assert part, f"it ended with {self.process.wait()} after {self.output!r}"
                self.output += part
            return found
        finally:
            timer.cancel()

    def write(self, data):
        self.process.stdin.write(data)

    def wait(self):
        """Reads all the rest."""
        timer = threading.Timer(TIMEOUT_S, self.process.kill)
        timer.start()
        while part := self.process.stdout.read(1 << 16):
            self.output += part
        timer.cancel()
        assert self.process.wait() == 0

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class PythonServer:
    """A compile server that answers each request with one message, until both sides have said goodbye."""

    def __init__(self, context, answer):
        self._context = context
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(TIMEOUT_S)
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.versions, self.messages, self.errors = [], [], []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        """Two connections: the compilation, and the goodbye."""
        for _ in range(2):
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            plain.settimeout(TIMEOUT_S)
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self._converse(connection)
            except (OSError, ssl.SSLError) as error:
                self.errors.append(str(error))

    def _converse(self, connection):
        self.versions.append(connection.version())
        data = b""
        while part := connection.recv(1 << 16):
            data += part
            for message in messages_in(data):
                data = data[len(message) :]
                self.messages.append(message)
                if struct.unpack_from("<H", message, 12)[0] == 8:
                    connection.sendall(self._answer)

    def wait(self):
        """Until both connections have ended."""
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()

    def close(self):
        """Ends it after the connection that it serves."""
        if self._listening.fileno() < 0:
            return
        self._listening.shutdown(socket.SHUT_RDWR)  # closing does not wake a waiting accept
        self.wait()
        self._listening.close()


@pytest.fixture
def python_server(certificates, encode):
    servers = []

    def start(version="TLSv1.3", identity=None):
        identity = identity or certificates.server
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.certificate, identity.key)
        context.minimum_version = context.maximum_version = VERSIONS[version]
        failure = encode("compilationFailure", '{"uint32":6}', '{"uint64":18446744073709551615}')
        servers.append(PythonServer(context, failure))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_vm_opposite_a_python_server(jitrig, trust, python_server, version):
    server = python_server(version)
    client = jitrig.run("fakevm", "--json", "--server", server.address, *trust, "--compilations", "3")
    server.wait()
    assert client.status == 1
    assert [event["status"] for event in compilations_of(client)] == [6, 6, 6]
    assert server.versions == [version, version]
    assert server.errors == [], "close_notify came before the end of each connection"
    types = [decoded(jitrig, message)["type"] for message in server.messages]
    assert types == ["compilationRequest"] * 3 + ["connectionTerminate", "clientSessionTerminate"]
    sessions = [event["resumed"] for event in client.objects if event["event"] == "tls"]
    assert sessions[0] is False and len(sessions) == 2


def test_a_vm_that_refuses_a_python_server(jitrig, certificates, trust, python_server):
    server = python_server(identity=certificates.expired_server)
    client = jitrig.run("fakevm", "--server", server.address, *trust)
    assert client.status == 4
    assert "certificate has expired" in client.stderr
    server.close()
    assert any("CERTIFICATE_EXPIRED" in error.upper().replace(" ", "_") for error in server.errors)
