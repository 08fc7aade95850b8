"""Raw sockets against a running fakecompiler: whatever a client sends or leaves unsaid is named, its connection closed,
everybody else served; and the process holds no more than it did before, grows no more than by its limits, and rests when
nobody says anything."""

import contextlib
import socket
import struct
import time

import pytest

import hostile_bytes
import process_resources
import wire_bytes
from process_resources import ProcessResources
from test_personas import run_vm, start_compiler, summary_of
from tls_certificates import Certificates

# Of two that read: more than what rests takes, less than what spins.
MOST_CPU_OF_REST_S = 0.5
REST_S = 1.0
CROWD = 1_000
COMPILATION_REQUEST, COMPILATION_CODE = 8, 0
MOST_BYTES_PER_CONNECTION = 16_384
# The listener has so many handshakes at a time, each with a task of its own.
LARGEST_CROWD_OF_HANDSHAKES = 256
# Compilation threads are started as they are needed: at most so many, and so few for one client that is served.
MOST_THREADS = 63
THREADS_THAT_BEGIN = 4


@pytest.fixture(scope="module")
def request_bytes(goldens_by_name):
    return bytes.fromhex(goldens_by_name["true_compilationRequest_seq0_with_version"]["bytes"])


@pytest.fixture(scope="module")
def goldens_by_name(goldens):
    return {golden["name"]: golden for golden in goldens}


class Crowd(contextlib.ExitStack):
    """Connections that are closed at the end, whatever happens."""

    def __init__(self, listening):
        super().__init__()
        self.address = (listening["host"], listening["port"])
        self.connections = []

    def connect(self, data=b""):
        connection = self.enter_context(socket.create_connection(self.address, timeout=60))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.append(connection)
        if data:
            connection.sendall(data)
        return connection

    def close_all(self):
        self.close()
        self.connections.clear()


def request_of(client_uid, request_bytes):
    """The same of another client: its UID is the first data point."""
    return request_bytes[:24] + struct.pack("<Q", client_uid) + request_bytes[32:]


def is_closed(connection):
    """Waits until the peer closes; what it may have answered before is passed over."""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while connection.recv(65_536):
            pass
    return True


def next_failure(compiler):
    """What the server says of the next connection that failed."""
    while True:
        event = compiler.read_object()
        if event["event"] == "stream_end" and event["failure"]:
            return event["detail"]


def assert_serves(jitrig, listening, *arguments):
    served = run_vm(jitrig, listening, "--compilations", "2", *arguments)
    assert served.status == 0, served.stdout + served.stderr


def receive(connection):
    """The next message: its type and its bytes."""
    header, number, size = receive_header(connection)
    return number, header + receive_exactly(connection, size - len(header))


def receive_header(connection):
    """Of the next message: its bytes, the type and the size of the whole message."""
    header = receive_exactly(connection, 16)
    size, _, _, number, _ = struct.unpack("<IIIHH", header)
    return header, number, size


def receive_exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        assert part, f"closed after {len(data)} of {size} bytes"
        data += part
    return bytes(data)


def wait_until(condition):
    """For what another process does by itself, and says nothing of."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def assert_settles(resources, descriptors):
    """The server closes its side when it has noticed that the client has closed."""
    wait_until(lambda: resources.descriptors() <= descriptors + THREADS_THAT_BEGIN)


def assert_rests(resources):
    before = resources.cpu_s()
    time.sleep(REST_S)
    assert resources.cpu_s() - before < MOST_CPU_OF_REST_S, "it spins"


def knock(crowd, compiler, rows):
    """Sends one after the other, each on a connection that the server must close; which words it did not say of it."""
    unsaid = []
    for row in rows:
        connection = crowd.connect(row.data)
        if row.ends:
            connection.shutdown(socket.SHUT_WR)
        assert is_closed(connection), row.name
        connection.close()
        detail = next_failure(compiler)
        unsaid += [f"{row.name}: {words}: {detail}" for words in row.words if words not in detail]
    return unsaid


def test_each_row_is_named_and_closed(jitrig, request_bytes):
    compiler, listening = start_compiler(jitrig, "--threads", "3")
    resources = ProcessResources(compiler.process.pid)
    assert_serves(jitrig, listening)
    descriptors = resources.descriptors()
    rows = hostile_bytes.malformed(COMPILATION_REQUEST) + hostile_bytes.first_messages(request_bytes)
    with Crowd(listening) as crowd:
        # An innocent client is in the middle of its compilation all the time.
        innocent = crowd.connect(request_bytes)
        query, _ = receive(innocent)
        unsaid = knock(crowd, compiler, rows)
        while query != COMPILATION_CODE:
            innocent.sendall(answer_from_zeros(jitrig, query))
            query, _ = receive(innocent)
    assert unsaid == []
    assert_serves(jitrig, listening)
    assert_settles(resources, descriptors)
    assert_rests(resources)
    ended = compiler.stop()
    assert ended.stderr == ""
    assert summary_of(ended)["stream_failures"] >= len(rows)


def test_each_row_of_the_older_generation_is_named_and_closed(jitrig):
    protocol = ("--protocol", "jitaas")
    compiler, listening = start_compiler(jitrig, "--threads", "3", *protocol)
    resources = ProcessResources(compiler.process.pid)
    assert_serves(jitrig, listening, *protocol)
    descriptors = resources.descriptors()
    rows = hostile_bytes.of_the_older_generation()
    with Crowd(listening) as crowd:
        unsaid = knock(crowd, compiler, rows)
    assert unsaid == []
    assert_serves(jitrig, listening, *protocol)
    assert_settles(resources, descriptors)
    assert_rests(resources)
    ended = compiler.stop()
    assert ended.stderr == ""
    assert summary_of(ended)["stream_failures"] == len(rows)


def test_a_large_message_that_fits_nothing_costs_little_more_than_its_bytes(jitrig):
    """A million values of eight bytes each, which would be ten times as large as C++ values."""
    compiler, listening = start_compiler(jitrig)
    resources = ProcessResources(compiler.process.pid)
    assert_serves(jitrig, listening)
    peak = resources.peak_resident_bytes()
    data = hostile_bytes.large_message(COMPILATION_REQUEST, empty_strings=1_000_000)
    with Crowd(listening) as crowd:
        connection = crowd.connect(data)
        assert is_closed(connection)
        assert "expected 26 data points, found 1" in next_failure(compiler)
    if process_resources.COUNTS_MEMORY:
        assert resources.peak_resident_bytes() - peak < 4 * len(data)
    assert_serves(jitrig, listening)
    compiler.stop()


REPLIES = {
    "of another type": (wire_bytes.message(hostile_bytes.uint32(1), number=100), "received"),
    "with a data point too many": (None, "expected 1 data points, found 2"),
    "with another type of data": (None, "expected"),
    "with a size that is none": (wire_bytes.message(hostile_bytes.uint32(1), size=12), "offset 0: message size"),
    "that is a request": ("request", "compilationRequest"),
    "that is our own query": ("echo", "expected"),
    "cut off": (wire_bytes.message(hostile_bytes.uint32(1), size=400), "after 28 of 400 bytes"),
}


def reply_for(name, query, query_bytes, request):
    data = REPLIES[name][0]
    if data == "request":
        return request
    if data == "echo":
        return query_bytes
    if data is not None:
        return data
    one = wire_bytes.data_point(wire_bytes.BOOL, b"\1")
    return wire_bytes.message(*([one, one] if "too many" in name else [hostile_bytes.uint32(1)]), number=query)


@pytest.mark.parametrize("name", REPLIES)
def test_a_bad_reply_costs_its_compilation_alone(jitrig, request_bytes, tmp_path, name):
    script = tmp_path / "script.yaml"
    script.write_text("compilations:\n  - queries:\n      - {ask: VM_isClassArray, data: object(0011223344556677)}\n")
    compiler, listening = start_compiler(jitrig, "--script", script)
    with Crowd(listening) as crowd:
        connection = crowd.connect(request_bytes)
        query, query_bytes = receive(connection)
        while query != 67:  # a new session is asked for its classes first
            connection.sendall(answer_from_zeros(jitrig, query))
            query, query_bytes = receive(connection)
        connection.sendall(reply_for(name, query, query_bytes, request_bytes))
        connection.shutdown(socket.SHUT_WR)
        assert is_closed(connection)
    event = compiler.read_object()
    assert event["event"] == "compilation"
    assert REPLIES[name][1] in event["detail"]
    assert_serves(jitrig, listening)
    assert summary_of(compiler.stop())["compiled"] == 2


def answer_from_zeros(jitrig, number):
    """A reply of that type with nothing in it."""
    return bytes.fromhex(jitrig.run("catalogue", "show", "--example", "--json", number).objects[0]["reply_hex"])


def test_slow_senders_are_served_and_delay_nobody_while_threads_are_left(jitrig, request_bytes):
    """Byte by byte. Whoever has begun a message has a compilation thread, as at the real server."""
    compiler, listening = start_compiler(jitrig, "--threads", "4")
    with Crowd(listening) as crowd:
        slow = [crowd.connect() for _ in range(3)]
        for at in range(len(request_bytes)):
            for uid, connection in enumerate(slow, start=1):
                connection.sendall(request_of(uid, request_bytes)[at : at + 1])
            if at in (0, 3, 100, 500):
                assert_serves(jitrig, listening)
        for connection in slow:
            query, _ = receive(connection)
            assert query != COMPILATION_CODE
    compiler.stop()


def test_a_message_that_never_comes_to_its_end_is_given_up(jitrig, request_bytes):
    compiler, listening = start_compiler(jitrig, "--threads", "1", "--timeout", "200")
    with Crowd(listening) as crowd:
        for _ in range(5):
            crowd.connect(request_bytes[:300])
        for connection in crowd.connections:
            assert is_closed(connection)
    for _ in range(5):
        detail = next_failure(compiler)
        assert "200 ms" in detail and f"300 of {len(request_bytes)} bytes" in detail
    assert_serves(jitrig, listening)
    compiler.stop()


needs_descriptors = pytest.mark.skipif(
    not process_resources.allow_descriptors(2 * CROWD + 100), reason="so many descriptors are not allowed here"
)


@needs_descriptors
@pytest.mark.parametrize("first", [0, 3, 16, 300], ids="{} bytes".format)
def test_a_crowd_that_says_little_is_no_burden(jitrig, request_bytes, first):
    """Each has sent so many bytes of a request, and now says nothing."""
    compiler, listening = start_compiler(jitrig)
    resources = ProcessResources(compiler.process.pid)
    assert_serves(jitrig, listening)
    descriptors, threads, memory = resources.descriptors(), resources.threads(), resources.resident_bytes()
    with Crowd(listening) as crowd:
        # A client that has begun a message has a thread: those wait, at most so many; the others are parked.
        for _ in range(CROWD):
            crowd.connect(request_bytes[:first])
        wait_until(lambda: resources.descriptors() > CROWD)
        if first == 0:
            assert_serves(jitrig, listening)
        assert_rests(resources)
        assert resources.threads() <= threads + (MOST_THREADS if first else THREADS_THAT_BEGIN)
        if process_resources.COUNTS_MEMORY:
            assert resources.resident_bytes() - memory < CROWD * MOST_BYTES_PER_CONNECTION
    assert_serves(jitrig, listening)
    assert_settles(resources, descriptors)
    compiler.stop()


@needs_descriptors
def test_a_crowd_of_silent_handshakes_keeps_nobody_out(jitrig, tmp_path):
    certificates = Certificates(tmp_path)
    compiler, listening = start_compiler(jitrig, *certificates.server)
    resources = ProcessResources(compiler.process.pid)
    trust = ("--ssl-root-certs", certificates.authority.certificate)
    assert_serves(jitrig, listening, *trust)
    descriptors, threads, memory = resources.descriptors(), resources.threads(), resources.resident_bytes()
    with Crowd(listening) as crowd:
        for number in range(CROWD):
            # Silent from the beginning, or after the first bytes of a hello.
            crowd.connect(b"\x16\x03\x01\x02" if number % 2 else b"")
        assert_serves(jitrig, listening, *trust)
        assert_rests(resources)
        assert resources.threads() <= threads + LARGEST_CROWD_OF_HANDSHAKES + THREADS_THAT_BEGIN
        if process_resources.COUNTS_MEMORY:
            assert resources.resident_bytes() - memory < CROWD * 4 * MOST_BYTES_PER_CONNECTION
    assert_serves(jitrig, listening, *trust)
    assert_settles(resources, descriptors)
    compiler.stop()


def test_a_flood_at_the_limit_of_connections(jitrig, request_bytes):
    limit = 50
    compiler, listening = start_compiler(jitrig, "--max-connections", limit)
    resources = ProcessResources(compiler.process.pid)
    descriptors = resources.descriptors()
    with Crowd(listening) as crowd:
        for _ in range(limit):
            crowd.connect(request_bytes[:3])
        for _ in range(4 * limit):
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                assert is_closed(crowd.connect())
        wait_until(lambda: resources.descriptors() <= descriptors + limit + THREADS_THAT_BEGIN)
        assert_rests(resources)
    assert_settles(resources, descriptors)
    assert_serves(jitrig, listening)
    compiler.stop()


def test_a_storm_of_health_probes_leaves_no_trace(jitrig):
    compiler = jitrig.start("fakecompiler", "--json", "--port", "0", "--health-port", "0")
    listening = compiler.read_object()
    resources = ProcessResources(compiler.process.pid)
    descriptors = resources.descriptors()
    with contextlib.ExitStack() as stack:
        for number in range(2 * CROWD):
            probe = stack.enter_context(socket.create_connection((listening["host"], listening["health_port"]), timeout=60))
            if number % 3 == 0:
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    probe.sendall(b"GET /health HTTP/1.1\r\n\r\n")
            assert is_closed(probe)
            probe.close()
    assert_serves(jitrig, listening)
    assert_settles(resources, descriptors)
    assert_rests(resources)
    ended = compiler.stop()
    assert summary_of(ended)["stream_failures"] == 0
    assert ended.stderr == ""


def test_plaintext_at_a_tls_port_is_named(jitrig, request_bytes, tmp_path):
    certificates = Certificates(tmp_path)
    compiler, listening = start_compiler(jitrig, *certificates.server)
    resources = ProcessResources(compiler.process.pid)
    trust = ("--ssl-root-certs", certificates.authority.certificate)
    assert_serves(jitrig, listening, *trust)
    descriptors = resources.descriptors()
    with Crowd(listening) as crowd:
        for data in (request_bytes, b"GET / HTTP/1.1\r\n\r\n", bytes(512), b"SSH-2.0-x\r\n"):
            assert is_closed(crowd.connect(data))
            assert "this is not TLS" in next_failure(compiler)
    assert_serves(jitrig, listening, *trust)
    assert_settles(resources, descriptors)
    compiler.stop()


def test_a_client_that_does_not_read_ends_with_the_timeout(jitrig, request_bytes, tmp_path):
    """The code is larger than what both kernels keep."""
    script = tmp_path / "script.yaml"
    script.write_text("compilations:\n  - end: code\n    code_size_bytes: 33554432\n")
    compiler, listening = start_compiler(jitrig, "--script", script, "--timeout", "500")
    with Crowd(listening) as crowd:
        connection = crowd.connect(request_bytes)
        header, number, size = receive_header(connection)
        while number != COMPILATION_CODE:
            receive_exactly(connection, size - len(header))
            connection.sendall(answer_from_zeros(jitrig, number))
            header, number, size = receive_header(connection)
        detail = compiler.read_object()["detail"]
    assert "writing compilationCode" in detail and "timedOut" in detail
    assert_serves(jitrig, listening)
    compiler.stop()
