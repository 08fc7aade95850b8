"""The asyncio fake VM and the asyncio fake compiler with each other: how a compilation goes, and each way it ends."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence

import grpc.aio
import pytest

from asyncio_channel import open_channel
from carried_values import Value, zero
from compile_messages import answer, reply_data, request_data, server_message
from compile_peers import (
    COMPILE_QUERIES, IS_CLASS_ARRAY, NO_CODE, PATIENCE_S, REQUEST, UNKNOWN, WRONG_TAG, Saying, say_to_server, serving,
)  # fmt: skip
from compile_signatures import signatures
from conftest import RunAsync, StartProgram
from fake_compiler import DEFAULT_QUERIES, CompileService, End, Query, Script, Served
from fake_vm import CLIENT_UID, Answers, Compilation, FakeVM
from hello_client import hello
from protocol.grpc.compile_service_pb2 import J9ClientMessage, J9ServerMessage


async def compile_once(
    service: CompileService, answers: Answers | None = None, timeout_s: float = PATIENCE_S, interrupt_at: int | None = None
) -> Compilation:
    async with serving(service) as target, open_channel(target) as channel:
        return await FakeVM(channel, answers).compile(7, timeout_s, interrupt_at)


async def compile_and_see(
    service: CompileService, answers: Answers | None = None, interrupt_at: int | None = None
) -> tuple[Compilation, Served]:
    return await compile_once(service, answers, interrupt_at=interrupt_at), await service.served.get()


def test_a_compilation(run_async: RunAsync) -> None:
    queries = [Query("VM_isClassArray", [0x7F10]), Query("ResolvedMethod_localName", [1, 2, 3])]
    answers: Answers = {"VM_isClassArray": lambda values: [True], "ResolvedMethod_localName": lambda values: [b"a\0b"]}
    compilation, served = run_async(compile_and_see(CompileService(Script(queries)), answers))
    assert compilation.result == "compiled"
    assert compilation.code == b"\xcc" * 240
    assert compilation.queries == (("VM_isClassArray", (0x7F10,)), ("ResolvedMethod_localName", (1, 2, 3)))
    assert (served.request[:2], served.replies, served.end) == ((CLIENT_UID, 7), [(True,), (b"a\0b",)], "code")


def test_every_query_of_the_generation(run_async: RunAsync) -> None:
    assert len(COMPILE_QUERIES) > 150
    compilation, served = run_async(compile_and_see(CompileService(Script(tuple(map(Query, COMPILE_QUERIES))))))
    assert (compilation.result, [name for name, _ in compilation.queries]) == ("compiled", COMPILE_QUERIES)
    assert served.replies == [tuple(map(zero, signatures()[name].reply or ())) for name in COMPILE_QUERIES]


def test_many_at_once(run_async: RunAsync) -> None:
    async def compile_many() -> list[Compilation]:
        async with serving(CompileService()) as target, open_channel(target) as one, open_channel(target) as other:
            vms = [FakeVM(one), FakeVM(other)]
            assert await hello(target, "beside", PATIENCE_S) == "Hello beside"
            return await asyncio.gather(*(vms[number % 2].compile(number, PATIENCE_S) for number in range(40)))

    for compilation in run_async(compile_many()):
        assert compilation.result == "compiled"
        assert tuple(name for name, _ in compilation.queries) == DEFAULT_QUERIES


@pytest.mark.parametrize(
    ("end", "result", "because"),
    [
        (End.FAILURE, "failed", "status 1"),
        (End.CLOSE, "terminated", "the server ended the call without compilationCode"),
    ],
)
def test_ends_of_the_server(run_async: RunAsync, end: End, result: str, because: str) -> None:
    compilation, served = run_async(compile_and_see(CompileService(Script(end=end))))
    assert (compilation.result, compilation.because, served.end) == (result, because, end.value)
    assert len(compilation.queries) == len(served.replies) == len(DEFAULT_QUERIES)


def test_the_client_gives_up(run_async: RunAsync) -> None:
    compilation, served = run_async(compile_and_see(CompileService(), interrupt_at=1))
    assert (compilation.result, len(compilation.queries)) == ("interrupted", 2)
    assert (len(served.replies), served.end) == (1, "interrupted")


def test_the_deadline(run_async: RunAsync) -> None:
    compilation = run_async(compile_once(CompileService(Script(end=End.NOTHING)), timeout_s=0.3))
    assert compilation.result == "terminated"
    assert compilation.because.startswith("DEADLINE_EXCEEDED: ")


def test_a_cancelled_call(run_async: RunAsync) -> None:
    async def cancel_in_the_middle() -> Served:
        service = CompileService()

        def cancel(_: tuple[Value, ...]) -> Sequence[Value]:
            compiling.cancel()
            return [False]

        async with serving(service) as target, open_channel(target) as channel:
            compiling = asyncio.create_task(FakeVM(channel, {"VM_isClassArray": cancel}).compile(1, PATIENCE_S))
            with pytest.raises(asyncio.CancelledError):
                await compiling
            return await service.served.get()

    # The server may learn first that nothing more comes.
    assert run_async(cancel_in_the_middle()).end in ("cancelled", "interrupted")


def test_the_server_stops_with_a_call_open(run_async: RunAsync) -> None:
    async def stop_in_the_middle() -> Compilation:
        asked = asyncio.Event()

        def ask(_: tuple[Value, ...]) -> Sequence[Value]:
            asked.set()
            return [False]

        script = Script([Query("VM_isClassArray")], End.NOTHING)
        async with contextlib.AsyncExitStack() as channels:
            async with serving(CompileService(script)) as target:
                vm = FakeVM(await channels.enter_async_context(open_channel(target)), {"VM_isClassArray": ask})
                compiling = asyncio.create_task(vm.compile(1, PATIENCE_S))
                await asked.wait()
            compilation = await compiling
        return compilation

    compilation = run_async(stop_in_the_middle())
    assert compilation.result == "terminated"
    assert compilation.because.partition(":")[0] in ("CANCELLED", "UNAVAILABLE"), compilation.because


def test_the_server_is_gone(run_async: RunAsync, start_program: StartProgram) -> None:
    server = start_program("fake_compiler.py", "--port", 0, "--end", "nothing")
    target = server.read_line().removeprefix("listening on ")

    def kill(_: tuple[Value, ...]) -> Sequence[Value]:
        server.send_signal(signal.SIGKILL)
        server.wait()
        return [False]

    async def compile_until_killed() -> Compilation:
        async with open_channel(target) as channel:
            return await FakeVM(channel, {"VM_isClassArray": kill}).compile(1, PATIENCE_S)

    compilation = run_async(compile_until_killed())
    assert compilation.result == "terminated"
    assert compilation.because.startswith("UNAVAILABLE: "), compilation.because


@pytest.mark.parametrize(
    ("messages", "because"),
    [
        ([IS_CLASS_ARRAY], "the server ended the call without compilationCode"),
        (
            [server_message("VM_isClassArray", reply_data("VM_isClassArray"))],
            "StreamTypeMismatch: data[0]: received bool_v with tag 4, expected TR_OpaqueClassBlock *: uint64_v with tag 7",
        ),
        (
            [server_message("VM_isClassArray", request_data("VM_isClassVisible", [1, 2]))],
            "StreamArityMismatch: data: received 2 values, expected 1",
        ),
        ([UNKNOWN], "StreamTypeMismatch: #4711 is no query whose types are known"),
        ([NO_CODE, NO_CODE], "StreamTypeMismatch: compilationCode after the compilation's end"),
        ([NO_CODE, IS_CLASS_ARRAY], "StreamTypeMismatch: VM_isClassArray after the compilation's end"),
    ],
)
def test_the_vm_refuses(run_async: RunAsync, messages: Sequence[J9ServerMessage], because: str) -> None:
    compilation = run_async(compile_once(Saying(messages)))
    assert (compilation.result, compilation.because) == ("terminated", because)


@pytest.mark.parametrize(
    ("messages", "end"),
    [
        ([answer(request_data("clientSessionTerminate"))], "StreamArityMismatch: data: received 1 values, expected 13"),
        ([REQUEST, WRONG_TAG], "StreamTypeMismatch: data[0]: received bool_v with tag 3, expected bool: bool_v with tag 4"),
        ([REQUEST, answer(request_data("VM_isClassArray"))], "StreamTypeMismatch: data[0]: received uint64_v with tag 7, "
         "expected bool: bool_v with tag 4"),
        ([REQUEST, REQUEST], "StreamArityMismatch: data: received 13 values, expected 1"),
        ([REQUEST, answer(reply_data("VM_isClassArray")), J9ClientMessage()], "interrupted"),
        ([REQUEST, None], "interrupted"),
    ],
)  # fmt: skip
def test_the_compiler_refuses(run_async: RunAsync, messages: Sequence[J9ClientMessage | None], end: str) -> None:
    async def say() -> tuple[list[J9ServerMessage], grpc.StatusCode, Served]:
        service = CompileService()
        async with serving(service) as target:
            received, code = await say_to_server(target, messages)
        return received, code, await service.served.get()

    received, code, served = run_async(say())
    assert served.end == end
    if end == "interrupted":
        assert code is grpc.StatusCode.CANCELLED
    else:
        assert code is grpc.StatusCode.OK
        assert [part.uint32_v for part in received[-1].data.data] == [1]


def test_the_programs(start_program: StartProgram) -> None:
    server = start_program("fake_compiler.py", "--port", 0, "--ask", "VM_isClassArray", "--ask", "VM_getVMInfo")
    target = server.read_line().removeprefix("listening on ")
    vm = start_program("fake_vm.py", "--target", target, "--compilations", 3, "--at-once", 2).wait()
    assert (vm.status, vm.stderr) == (0, "")
    assert sorted(vm.lines) == [f"method {method}: compiled, 2 queries" for method in (1, 2, 3)]
    end = server.stop(signal.SIGTERM)
    assert (end.status, end.stdout, end.stderr) == (0, "", "")
