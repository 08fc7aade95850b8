"""HelloService on asyncio, the smallest possible gRPC server: a call with x is answered by `Hello {x}`."""

import argparse
import sys

import grpc.aio

from asyncio_server import add_listening_arguments, serve_and_exit_status
from protocol.grpc import hello_pb2, hello_pb2_grpc


class HelloService(hello_pb2_grpc.HelloServiceServicer):
    async def Hello(self, request: hello_pb2.HelloRequest, context: grpc.aio.ServicerContext) -> hello_pb2.HelloReply:
        return hello_pb2.HelloReply(message=f"Hello {request.x}")


def add_hello_service(server: grpc.aio.Server) -> None:
    hello_pb2_grpc.add_HelloServiceServicer_to_server(HelloService(), server)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_listening_arguments(parser, default_port=8080)
    arguments = parser.parse_args()
    return serve_and_exit_status("hello_server", add_hello_service, arguments)


if __name__ == "__main__":
    sys.exit(main())
