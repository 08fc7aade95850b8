"""Servers made of raw sockets, against a running fakevm: whatever a server sends or leaves unsaid costs that compilation
alone and is named, the next one gets a connection of its own, and nothing is left behind."""

import contextlib
import socket
import threading

import pytest

import hostile_bytes
import wire_bytes
from process_resources import ProcessResources
from test_hostile_clients import assert_rests, is_closed, receive
from test_personas import compilations_of, summary_of

QUERY = 67  # VM_isClassArray


def code(*data_points):
    return wire_bytes.message(*data_points, number=0)


def of_servers():
    """What may not come from a server, though it is a message."""
    one = hostile_bytes.uint32(1)
    return [
        hostile_bytes.hostile("a_request", wire_bytes.message(one, number=8), "only clients send it"),
        hostile_bytes.hostile("an_unknown_type", wire_bytes.message(one, number=9999), "#9999"),
        hostile_bytes.hostile("code_without_data_points", code(), "expected 12 data points, found 0"),
        hostile_bytes.hostile("code_with_a_data_point_too_few", code(*[one] * 11), "expected 12 data points, found 11"),
        hostile_bytes.hostile("code_of_other_types", code(*[one] * 12), "data point 0: expected string"),
        hostile_bytes.hostile("a_query_without_data_points", wire_bytes.message(number=QUERY), "found 0"),
        hostile_bytes.hostile("a_query_of_another_type", wire_bytes.message(one, number=QUERY), "data point 0"),
    ]


ROWS = hostile_bytes.malformed(QUERY) + of_servers()


class HostileServer(threading.Thread):
    """Answers the request of its n-th connection with the n-th row."""

    def __init__(self, rows):
        super().__init__(daemon=True)
        self._rows = rows
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "{}:{}".format(*self._listener.getsockname())
        self.requests = []

    def run(self):
        with self._listener:
            for row in self._rows:
                connection, _ = self._listener.accept()
                connection.settimeout(60)
                with connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    self.requests.append(receive(connection)[0])
                    connection.sendall(row.data)
                    if row.ends:
                        connection.shutdown(socket.SHUT_WR)
                    is_closed(connection)


def test_each_row_costs_one_compilation_and_is_named(jitrig):
    server = HostileServer(ROWS)
    server.start()
    client = jitrig.run("fakevm", "--json", "--server", server.address, "--compilations", len(ROWS))
    server.join(60)
    assert not server.is_alive()
    assert server.requests == [8] * len(ROWS)
    assert client.status == 1
    reports = compilations_of(client)
    assert len(reports) == len(ROWS)
    assert {report["result"] for report in reports} == {"terminated"}
    unsaid = [
        f"{row.name}: {words}: {report['detail']}"
        for row, report in zip(ROWS, reports)
        for words in row.words
        if words not in report["detail"]
    ]
    assert unsaid == []
    assert summary_of(client)["stream_failures"] == len(ROWS)


def test_an_echo_is_no_server(jitrig):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = jitrig.start("fakevm", "--json", "--server", "{}:{}".format(*listener.getsockname()))
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while data := connection.recv(65_536):
                connection.sendall(data)
        event = client.read_object()
        assert event["result"] == "terminated" and "received compilationRequest" in event["detail"]
        assert client.wait().status == 1


@pytest.mark.parametrize("said", [b"", b"\x1c", wire_bytes.message(size=400)], ids=["nothing", "a byte", "a header"])
def test_a_server_that_falls_silent_is_waited_for_at_rest(jitrig, said):
    """Seven threads of a client, each with a connection on which nothing more comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
        client = jitrig.start(
            "fakevm", "--json", "--server", "{}:{}".format(*listener.getsockname()), "--threads", "7",
            "--compilations", "7", "--timeout", "3600000",
        )  # fmt: skip
        for _ in range(7):
            connection, _ = listener.accept()
            stack.enter_context(connection).sendall(said)
            receive(connection)
        assert_rests(ProcessResources(client.process.pid))
        stack.close()
        assert [client.read_object()["result"] for _ in range(7)] == ["terminated"] * 7
        assert client.wait().status == 1


def test_a_server_that_sends_byte_by_byte_is_understood(jitrig):
    failure = wire_bytes.message(
        hostile_bytes.uint32(6), wire_bytes.data_point(wire_bytes.UINT64, b"\xff" * 8, data_offset=4), number=1
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = jitrig.start("fakevm", "--json", "--server", "{}:{}".format(*listener.getsockname()))
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            receive(connection)
            for byte in failure:
                connection.sendall(bytes([byte]))
            event = client.read_object()
        assert (event["result"], event["status"]) == ("failed", 6)
        client.wait()


def test_a_server_that_closes_each_connection_costs_no_descriptors(jitrig):
    """Faster than the client can ask."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = jitrig.start(
            "fakevm", "--json", "--server", "{}:{}".format(*listener.getsockname()), "--compilations", "500"
        )
        resources = ProcessResources(client.process.pid)
        most = 0
        for _ in range(499):
            connection, _ = listener.accept()
            connection.close()
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                most = max(most, resources.descriptors())
        connection, _ = listener.accept()
        assert resources.descriptors() <= 30 and most <= 30
        connection.close()
        ended = client.wait()
    assert [event["result"] for event in compilations_of(ended)] == ["terminated"] * 500
