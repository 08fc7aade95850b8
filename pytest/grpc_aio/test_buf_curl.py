"""A command-line client that is nobody's here: `buf curl`, with the schema, and by reflection with none. install_buf
installs it."""

import asyncio
import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import AsyncIterator

import pytest
from google.protobuf import json_format

from asyncio_server import listening
from conftest import RunAsync
from cpp_server import StartServer
from compile_messages import interruption
from fake_vm import compilation_request
from hello_server import add_hello_service

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUF = shutil.which("buf", path=f"{ROOT / 'build' / 'buf' / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")

pytestmark = pytest.mark.skipif(BUF is None, reason="no buf: pytest/grpc_aio/install_buf installs it, with npm")


HELLO = "/hello.HelloService/Hello"
HEY = ("--data", '{"x": "hey"}')


@pytest.fixture(autouse=True)
def nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path))


async def buf_curl(target: str, path: str, *options: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error."""
    assert BUF is not None
    process = await asyncio.create_subprocess_exec(
        BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *options, f"http://{target}{path}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


@contextlib.asynccontextmanager
async def hello_server() -> AsyncIterator[str]:
    async with listening(add_hello_service, port=0) as port:
        yield f"127.0.0.1:{port}"


def test_with_the_schema(run_async: RunAsync) -> None:
    async def call() -> tuple[int, str, str]:
        async with hello_server() as target:
            return await buf_curl(target, HELLO, *HEY, "--schema", str(ROOT / "protocol" / "grpc" / "hello.proto"))

    status, stdout, stderr = run_async(call())
    assert (status, stderr) == (0, "")
    assert json.loads(stdout) == {"message": "Hello hey"}


def test_a_server_without_reflection(run_async: RunAsync) -> None:
    async def call() -> tuple[int, str, str]:
        async with hello_server() as target:
            return await buf_curl(target, HELLO, *HEY)

    status, stdout, stderr = run_async(call())
    assert (status != 0, stdout) == (True, "")
    assert "hello.HelloService" in stderr or "reflection" in stderr


def test_by_reflection(start_server: StartServer, run_async: RunAsync) -> None:
    async def call() -> tuple[tuple[int, str, str], tuple[int, str, str]]:
        target = start_server().target
        return await buf_curl(target, HELLO, *HEY), await buf_curl(target, "", "--list-services")

    (status, stdout, stderr), (list_status, services, list_stderr) = run_async(call())
    assert (status, stderr, list_status, list_stderr) == (0, "", 0, "")
    assert json.loads(stdout) == {"message": "Hello hey"}
    assert {"JITaaS.J9CompileService", "hello.HelloService"} <= set(services.split())


def test_health_by_reflection(start_server: StartServer, run_async: RunAsync) -> None:
    async def call() -> tuple[tuple[int, str, str], tuple[int, str, str]]:
        target, check = start_server().target, "/grpc.health.v1.Health/Check"
        served = await buf_curl(target, check, "--data", '{"service": "JITaaS.J9CompileService"}')
        return served, await buf_curl(target, check, "--data", '{"service": "nobody"}')

    (status, stdout, stderr), (other_status, _, other_stderr) = run_async(call())
    assert (status, stderr) == (0, "")
    assert json.loads(stdout) == {"status": "SERVING"}
    assert other_status != 0
    assert "not_found" in other_stderr


def test_a_compilation_by_reflection(start_server: StartServer, run_async: RunAsync) -> None:
    """A client that gives up at once; its request is the one of the asyncio VM, in protobuf's JSON."""
    request = json_format.MessageToJson(compilation_request(1))
    say = request + json_format.MessageToJson(interruption())
    server = start_server("queries: [VM_isClassArray]")
    _, stdout, _ = run_async(buf_curl(server.target, "/JITaaS.J9CompileService/Compile", "--data", say))
    assert json.loads(stdout)["type"] == "VM_isClassArray"
    assert [seen["result"] for seen in server.compilations()] == ["interrupted"]
