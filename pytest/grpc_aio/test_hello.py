"""HelloService by asyncio: both ends in one process, and as the programs that a user starts."""

import asyncio
import signal
import socket

import grpc.aio
import pytest

from asyncio_server import listening
from conftest import RunAsync, StartProgram
from hello_client import hello
from hello_server import add_hello_service

PATIENCE_S = 60


def test_the_answer_is_hello_and_x(run_async: RunAsync) -> None:
    async def call() -> list[str]:
        async with listening(add_hello_service, port=0) as port:
            return [await hello(f"127.0.0.1:{port}", x, PATIENCE_S) for x in ("hey", "", "Jürgen 🙂", "x" * 100_000)]

    assert run_async(call()) == ["Hello hey", "Hello ", "Hello Jürgen 🙂", "Hello " + "x" * 100_000]


def test_many_calls_at_once(run_async: RunAsync) -> None:
    async def call() -> list[str]:
        async with listening(add_hello_service, port=0) as port:
            return await asyncio.gather(*(hello(f"127.0.0.1:{port}", str(n), PATIENCE_S) for n in range(50)))

    assert run_async(call()) == [f"Hello {n}" for n in range(50)]


def test_a_port_that_is_taken(run_async: RunAsync) -> None:
    async def listen_twice() -> None:
        async with listening(add_hello_service, port=0) as port:
            async with listening(add_hello_service, port):
                pass

    with pytest.raises(OSError, match=r"^cannot listen on 127\.0\.0\.1:\d+: "):
        run_async(listen_twice())


def test_the_programs(start_program: StartProgram) -> None:
    server = start_program("hello_server.py", "--port", 0)
    target = server.read_line().removeprefix("listening on ")
    client = start_program("hello_client.py", "--target", target, "hey").wait()
    assert (client.status, client.lines, client.stderr) == (0, ["Hello hey"], "")
    end = server.stop(signal.SIGTERM)
    assert (end.status, end.stdout, end.stderr) == (0, "", "")


def test_nobody_listens(start_program: StartProgram) -> None:
    with socket.socket() as bound:  # the port is taken, and refuses
        bound.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{bound.getsockname()[1]}"
        client = start_program("hello_client.py", "--target", target, "hey").wait()
    assert (client.status, client.stdout) == (1, "")
    assert client.stderr.startswith(f"hello_client: {target}: UNAVAILABLE: ")


def test_no_such_service(run_async: RunAsync) -> None:
    async def call() -> None:
        async with listening(lambda _: None, port=0) as port:
            await hello(f"127.0.0.1:{port}", "hey", PATIENCE_S)

    with pytest.raises(grpc.aio.AioRpcError) as error:
        run_async(call())
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED
