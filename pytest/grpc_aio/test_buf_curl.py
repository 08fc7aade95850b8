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

from asyncio_server import listening
from conftest import RunAsync
from hello_server import add_hello_service

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUF = shutil.which("buf", path=f"{ROOT / 'build' / 'buf' / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")

pytestmark = pytest.mark.skipif(BUF is None, reason="no buf: pytest/grpc_aio/install_buf installs it, with npm")


async def buf_curl(target: str, x: str, *options: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error of a call of Hello."""
    assert BUF is not None
    process = await asyncio.create_subprocess_exec(
        BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *options,
        "--data", json.dumps({"x": x}), f"http://{target}/hello.HelloService/Hello",
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
            return await buf_curl(target, "hey", "--schema", str(ROOT / "protocol" / "grpc" / "hello.proto"))

    status, stdout, stderr = run_async(call())
    assert (status, stderr) == (0, "")
    assert json.loads(stdout) == {"message": "Hello hey"}


def test_a_server_without_reflection(run_async: RunAsync) -> None:
    async def call() -> tuple[int, str, str]:
        async with hello_server() as target:
            return await buf_curl(target, "hey")

    status, stdout, stderr = run_async(call())
    assert (status != 0, stdout) == (True, "")
    assert "hello.HelloService" in stderr or "reflection" in stderr
