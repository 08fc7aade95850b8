"""Fixtures of the asyncio tests. All of them share one event loop."""

import asyncio
import pathlib
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar

import pytest

from cpp_server import CppServer, StartServer
from jitrig_program import BackgroundProcess, Jitrig

Answer = TypeVar("Answer")

# Far above what anything here takes, so that a hang becomes a failure and not a wait.
TIMEOUT_S = 60

StartProgram = Callable[..., BackgroundProcess]


class RunAsync(Protocol):
    def __call__(self, coroutine: Coroutine[Any, Any, Answer]) -> Answer: ...


@pytest.fixture(scope="session")
def event_loop_runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def run_async(event_loop_runner: asyncio.Runner) -> RunAsync:
    """Runs a coroutine to its end, for which it has TIMEOUT_S."""

    async def within_timeout(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        async with asyncio.timeout(TIMEOUT_S):
            return await coroutine

    def run(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        return event_loop_runner.run(within_timeout(coroutine))

    return run


@pytest.fixture
def start_program() -> Iterator[StartProgram]:
    """Starts one of the programs of this folder: `start_program("hello_server.py", "--port", 0)`. It ends at the
    latest with the test."""
    started: list[BackgroundProcess] = []

    def start(name: str, *arguments: object) -> BackgroundProcess:
        script = pathlib.Path(__file__).with_name(name)
        process = BackgroundProcess([sys.executable, str(script), *map(str, arguments)])
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def start_server(cpp_with_grpc: Jitrig, tmp_path: pathlib.Path) -> StartServer:
    """jitrig's compile server, with a script of one compilation in jitrig's YAML."""

    def start(script: str = "") -> CppServer:
        options: list[str] = []
        if script:
            (tmp_path / "script.yaml").write_text(f"compilations:\n  - {script}\n", "utf-8")
            options = ["--script", str(tmp_path / "script.yaml")]
        return CppServer(cpp_with_grpc.start("fakecompiler", "--backend", "grpc", "--port", 0, "--json", *options))

    return start


@pytest.fixture
def cpp_with_grpc(jitrig: Jitrig) -> Jitrig:
    refused = jitrig.run("fakevm", "--backend", "grpc", "--ssl-no-host-check")  # what it refuses without trying
    if "built without gRPC" in refused.stderr:
        pytest.skip("this jitrig was built without gRPC (JITRIG_GRPC=OFF)")
    return jitrig
