"""Calls HelloService/Hello of a server, whatever it is written in, and prints the answer."""

import argparse
import asyncio
import sys

import grpc.aio

from asyncio_channel import open_channel
from protocol.grpc import hello_pb2, hello_pb2_grpc


async def hello(target: str, x: str, timeout_s: float) -> str:
    """The answer. grpc.aio.AioRpcError says why there is none."""
    async with open_channel(target) as channel:
        stub = hello_pb2_grpc.HelloServiceStub(channel)
        reply = await stub.Hello(hello_pb2.HelloRequest(x=x), timeout=timeout_s)
        return reply.message


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("x", help="who is greeted")
    parser.add_argument("--target", default="127.0.0.1:8080", help="address:port of the server (default: %(default)s)")
    parser.add_argument("--timeout-s", type=float, default=30, help="for the whole call (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        print(asyncio.run(hello(arguments.target, arguments.x, arguments.timeout_s)))
    except grpc.aio.AioRpcError as error:
        print(f"hello_client: {arguments.target}: {error.code().name}: {error.details()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
