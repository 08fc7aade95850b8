"""The asyncio peers with jitrig's, which are written in C++, in both directions: compilations, each way they end, and what
is said of a peer that is wrong."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

import pytest

from asyncio_channel import open_channel
from carried_values import Value
from compile_messages import COMPILATION_CODE, answer, reply_data, request_data, server_message
from compile_peers import (
    COMPILE_QUERIES, IS_CLASS_ARRAY, PATIENCE_S, REQUEST, UNKNOWN, WRONG_TAG, Saying, say_to_server, serving,
)  # fmt: skip
from conftest import RunAsync
from cpp_server import StartServer
from fake_compiler import CompileService, End, Query, Script, code_data
from fake_vm import Answers, Compilation, FakeVM
from hello_client import hello
from jitrig_program import Jitrig, Result
from protocol.grpc.compile_service_pb2 import J9ClientMessage, J9ServerMessage


async def compile_at(target: str, answers: Answers | None = None, **options: Any) -> Compilation:
    async with open_channel(target) as channel:
        return await FakeVM(channel, answers).compile(1, **{"timeout_s": PATIENCE_S, **options})


async def cpp_vm(jitrig: Jitrig, target: str, *options: str | int) -> Result:
    return await asyncio.to_thread(jitrig.run, "fakevm", "--backend", "grpc", "--server", target, "--json", *options)


def compilations(result: Result) -> list[dict[str, Any]]:
    return [event for event in result.objects if event["event"] == "compilation"]


# ---- jitrig serves


def test_hello_beside_the_compile_service(start_server: StartServer, run_async: RunAsync) -> None:
    assert run_async(hello(start_server().target, "hey", PATIENCE_S)) == "Hello hey"


def test_cpp_asks_every_query(start_server: StartServer, run_async: RunAsync) -> None:
    server = start_server(f"queries: [{', '.join(COMPILE_QUERIES)}]")
    compilation = run_async(compile_at(server.target))
    assert (compilation.result, [name for name, _ in compilation.queries]) == ("compiled", COMPILE_QUERIES)
    (seen,) = server.compilations()
    assert (seen["result"], seen["queries"]) == ("compiled", len(COMPILE_QUERIES))


def test_values_of_the_script_arrive(start_server: StartServer, run_async: RunAsync) -> None:
    server = start_server(
        """queries:
      - ask: VM_getSystemClassFromClassName
        data: string("java/lang/Object"), bool(true)
    code_size_bytes: 100"""
    )
    compilation = run_async(compile_at(server.target))
    assert compilation.queries == (("VM_getSystemClassFromClassName", (b"java/lang/Object", True)),)
    assert len(compilation.code) == 100


def test_cpp_says_that_it_failed(start_server: StartServer, run_async: RunAsync) -> None:
    server = start_server("end: failure\n    status: 7")
    compilation = run_async(compile_at(server.target))
    assert (compilation.result, compilation.because) == ("failed", "status 7")


def test_cpp_breaks_the_call_off(start_server: StartServer, run_async: RunAsync) -> None:
    compilation = run_async(compile_at(start_server("queries: [VM_isClassArray]\n    end: close").target))
    assert (compilation.result, len(compilation.queries)) == ("terminated", 1)


def test_the_deadline_passes(start_server: StartServer, run_async: RunAsync) -> None:
    compilation = run_async(compile_at(start_server("end: nothing").target, timeout_s=0.3))
    assert compilation.result == "terminated"
    assert compilation.because.startswith("DEADLINE_EXCEEDED: ")


def test_the_python_client_gives_up(start_server: StartServer, run_async: RunAsync) -> None:
    server = start_server("queries: [VM_isClassArray, VM_getVMInfo]")
    compilation = run_async(compile_at(server.target, interrupt_at=1))
    assert (compilation.result, len(compilation.queries)) == ("interrupted", 2)
    (seen,) = server.compilations()
    assert (seen["result"], seen["queries"]) == ("interrupted", 1)


def test_the_cpp_server_is_gone(start_server: StartServer, run_async: RunAsync) -> None:
    server = start_server("queries: [VM_isClassArray]")

    def kill(_: tuple[Value, ...]) -> Sequence[Value]:
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        return [False]

    compilation = run_async(compile_at(server.target, {"VM_isClassArray": kill}))
    assert compilation.result == "terminated"
    assert compilation.because.startswith("UNAVAILABLE: "), compilation.because


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([REQUEST, WRONG_TAG], "VM_isClassArray: data[0]: received bool_v (tag 3, a uint64), expected bool (tag 4)"),
        ([REQUEST, answer(request_data("VM_isClassVisible", [1, 2]))], "VM_isClassArray: data: received 2 values, expected 1"),
        ([REQUEST, REQUEST], "VM_isClassArray: data: received 13 values, expected 1"),
        ([REQUEST, None], "the client says no more"),
    ],
)  # fmt: skip
def test_cpp_refuses_a_wrong_client(
    start_server: StartServer, run_async: RunAsync, messages: Sequence[J9ClientMessage | None], says: str
) -> None:
    server = start_server("queries: [VM_isClassArray]")
    run_async(say_to_server(server.target, messages))
    assert run_async(compile_at(server.target)).result == "compiled"  # the others are served
    details = {seen["result"]: seen.get("detail", "") for seen in server.compilations()}
    assert sorted(details) == ["compiled", "stream_failure"]
    assert says in details["stream_failure"]


# ---- jitrig is the client


def test_every_query_asked_of_cpp(cpp_with_grpc: Jitrig, run_async: RunAsync) -> None:
    async def ask() -> tuple[Result, int, str]:
        service = CompileService(Script(tuple(map(Query, COMPILE_QUERIES))))
        async with serving(service) as target:
            result = await cpp_vm(cpp_with_grpc, target)
        served = await service.served.get()
        return result, len(served.replies), served.end

    result, replies, end = run_async(ask())
    assert (replies, end) == (len(COMPILE_QUERIES), "code")
    (compilation,) = compilations(result)
    assert (compilation["result"], compilation["queries"]) == ("compiled", len(COMPILE_QUERIES))


@pytest.mark.parametrize(
    ("end", "result", "says"),
    [
        (End.FAILURE, "failed", "the server answered status 1 (compilationFailure)"),
        (End.CLOSE, "terminated", "it ended with OK"),
    ],
)
def test_ends_of_the_python_server(cpp_with_grpc: Jitrig, run_async: RunAsync, end: End, result: str, says: str) -> None:
    async def compile_once() -> Result:
        async with serving(CompileService(Script(end=end))) as target:
            return await cpp_vm(cpp_with_grpc, target)

    (compilation,) = compilations(run_async(compile_once()))
    assert compilation["result"] == result
    assert says in compilation["detail"]


def test_cpp_notices_what_comes_behind_the_end(cpp_with_grpc: Jitrig, run_async: RunAsync) -> None:
    """It is no answer to the next request, which gets a connection of its own."""

    async def compile_twice() -> Result:
        async with serving(Saying([server_message(COMPILATION_CODE, code_data()), IS_CLASS_ARRAY])) as target:
            return await cpp_vm(cpp_with_grpc, target, "--compilations", 2)

    result = run_async(compile_twice())
    assert [compilation["result"] for compilation in compilations(result)] == ["compiled", "compiled"]
    assert [event["event"] for event in result.objects].count("out_of_turn") == 1


def test_the_python_server_stops_in_the_middle(cpp_with_grpc: Jitrig, run_async: RunAsync) -> None:
    async def stop() -> Result:
        service = CompileService(Script(end=End.NOTHING))
        async with serving(service) as target:
            vm = asyncio.create_task(cpp_vm(cpp_with_grpc, target))
            await service.all_answered.wait()
        return await vm

    (compilation,) = compilations(run_async(stop()))
    assert (compilation["result"], compilation["queries"]) == ("terminated", 4)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (server_message("VM_isClassArray", reply_data("VM_isClassArray")),
         "VM_isClassArray: data[0]: received bool_v (tag 4, a bool), expected TR_OpaqueClassBlock * (tag 7)"),
        (server_message("VM_isClassArray", request_data("VM_isClassVisible", [1, 2])),
         "VM_isClassArray: data: received 2 values, expected 1"),
        (UNKNOWN, "received #4711 from the server, expected a query or an end of the compilation"),
        (IS_CLASS_ARRAY, "it ended with OK"),
    ],
)  # fmt: skip
def test_cpp_refuses_a_wrong_server(cpp_with_grpc: Jitrig, run_async: RunAsync, message: J9ServerMessage, says: str) -> None:
    async def say() -> Result:
        async with serving(Saying([message])) as target:
            return await cpp_vm(cpp_with_grpc, target)

    (compilation,) = compilations(run_async(say()))
    assert compilation["result"] == "terminated"
    assert says in compilation["detail"]


# ---- all at once


def test_both_clients_at_both_servers_at_once(cpp_with_grpc: Jitrig, start_server: StartServer, run_async: RunAsync) -> None:
    """More than the seven streams of the C++ server: the others wait."""
    cpp_server = start_server()

    async def python_vm(target: str) -> list[str]:
        async with open_channel(target) as channel:
            vm = FakeVM(channel)
            ended = await asyncio.gather(*(vm.compile(method, PATIENCE_S) for method in range(10)))
            return [compilation.result for compilation in ended]

    async def compile_everywhere() -> tuple[list[list[str]], list[Result]]:
        async with serving(CompileService()) as target:
            targets = (target, cpp_server.target)
            of_python = asyncio.gather(*map(python_vm, targets))
            options = ("--compilations", 10, "--threads", 5)
            of_cpp = asyncio.gather(*(cpp_vm(cpp_with_grpc, one, *options) for one in targets))
            return await of_python, await of_cpp

    of_python, of_cpp = run_async(compile_everywhere())
    assert of_python == [["compiled"] * 10] * 2
    for result in of_cpp:
        assert [compilation["result"] for compilation in compilations(result)] == ["compiled"] * 10
    assert [seen["result"] for seen in cpp_server.compilations()] == ["compiled"] * 20
