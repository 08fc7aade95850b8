"""What docs/grpc-aio.md says of grpc.aio's threads and wake-ups: it holds in every run."""

import dataclasses
import json
import re
from typing import Any

import pytest

from conftest import StartProgram
from runtime_tracer import Event, ThreadState

CALLS = 2
POLLER = "Thread-1 (_poll_wrapper)"


@dataclasses.dataclass(frozen=True)
class Side:
    events: list[Event]
    threads: list[ThreadState]

    def said(self, start: str) -> list[str]:
        return [event.what for event in self.events if event.what.startswith(start)]

    def poller(self) -> ThreadState:
        (poller,) = [thread for thread in self.threads if thread.name == POLLER]
        return poller


def side(recorded: dict[str, Any]) -> Side:
    return Side([Event(**event) for event in recorded["events"]], [ThreadState(**one) for one in recorded["threads"]])


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return {}


@pytest.fixture
def sides(start_program: StartProgram, recorded: dict[str, Any]) -> dict[str, Side]:
    """One run for all tests."""
    if not recorded:
        run = start_program("trace_hello.py", "--json").wait()
        assert (run.status, run.stderr) == (0, "")
        recorded.update(json.loads(run.stdout))
    return {name: side(one) for name, one in recorded.items()}


@pytest.mark.parametrize("name", ["client", "server"])
def test_one_poller_and_one_socket_pair(sides: dict[str, Side], name: str) -> None:
    seen = sides[name]
    assert seen.said("starts ") == [f"starts {POLLER} (daemon)"]
    assert len([what for what in seen.said("socketpair()") if what.endswith("socket pair of grpc")]) == 1
    assert len(seen.said("add_reader(")) == 1


@pytest.mark.parametrize("name", ["client", "server"])
def test_all_python_runs_in_the_main_thread(sides: dict[str, Side], name: str) -> None:
    assert {event.thread for event in sides[name].events} == {"MainThread"}


@pytest.mark.parametrize("name", ["client", "server"])
def test_the_poller_writes_single_bytes(sides: dict[str, Side], name: str) -> None:
    poller = sides[name].poller()
    if poller.writes < 0:
        pytest.skip("/proc/self/task/*/io does not tell")
    assert poller.bytes_written == poller.writes


def test_a_call_is_one_future_of_the_client(sides: dict[str, Side]) -> None:
    client = sides["client"]
    waits, resolved = client.said("waits in UnaryUnaryCall._invoke"), client.said("resolves ")
    assert (len(waits), len(resolved), len(client.said("reads b'1'"))) == (CALLS, CALLS, CALLS)
    assert client.poller().writes in (CALLS, -1)


def test_the_loop_is_woken_before_it_resolves(sides: dict[str, Side]) -> None:
    told = [event.what.split()[0] for event in sides["client"].events]
    calls = [what for what in told if what in ("waits", "is", "reads", "resolves")]
    assert calls == ["waits", "is", "reads", "resolves"] * CALLS


def test_a_call_is_two_tasks_of_the_server(sides: dict[str, Side]) -> None:
    server = sides["server"]
    tasks = [what for what in server.said("new task ") if "_schedule_rpc_coro" in what or "_handle_exceptions" in what]
    assert tasks == ["new task _schedule_rpc_coro", "new task _handle_exceptions"] * CALLS
    assert len(server.said("HelloService.Hello begins")) == CALLS
    # A call that comes, its request, its end, its answer: four events. The fifth is what has not come at the end.
    came_back = [what for what in server.said("resolves ") + server.said("fails ") if "serve" not in what.split()]
    assert len(came_back) == 4 * CALLS + 1
    assert any(re.search(r"_server_main_loop #\d+: _RequestCallError$", what) for what in server.said("fails "))
