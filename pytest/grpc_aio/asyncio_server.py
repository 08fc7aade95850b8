"""A gRPC server on an asyncio loop, from its port to its end; which services it has, says the caller."""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable

import grpc.aio

# Adds its service to a server that has not started.
AddService = Callable[[grpc.aio.Server], None]

# By default several servers may listen on one port, each getting some of the connections: a mistake would go unseen.
SERVER_OPTIONS = (("grpc.so_reuseport", 0),)


@contextlib.asynccontextmanager
async def listening(add_service: AddService, port: int, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Serves inside of the `async with`, whose value is the port: one that was free for port 0. At the end calls that
    are open are cancelled. OSError if the port cannot be had."""
    server = grpc.aio.server(options=SERVER_OPTIONS)
    add_service(server)
    try:
        bound_port = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError as error:  # grpc.aio says no more than that it failed
        raise OSError(f"cannot listen on {host}:{port}: {error}") from error
    await server.start()
    try:
        yield bound_port
    finally:
        await server.stop(grace=None)


def add_listening_arguments(parser: argparse.ArgumentParser, default_port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=default_port, help="0: any that is free (default: %(default)s)")


async def serve_until_signal(add_service: AddService, port: int, host: str) -> None:
    """Says where it listens, in one line on standard output, and ends in order with SIGINT or SIGTERM."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with listening(add_service, port, host) as bound_port:
        print(f"listening on {host}:{bound_port}", flush=True)
        await ended.wait()


def serve_and_exit_status(program: str, add_service: AddService, arguments: argparse.Namespace) -> int:
    """For main(), with the arguments of add_listening_arguments."""
    try:
        asyncio.run(serve_until_signal(add_service, arguments.port, arguments.host))
    except OSError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    return 0
