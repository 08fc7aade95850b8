"""A compile server without a compiler, on asyncio: asks the queries of its script, one after the other, then sends code, or
ends otherwise. HelloService is beside it."""

import argparse
import asyncio
import dataclasses
import enum
import sys
from collections.abc import AsyncIterator, Sequence

import grpc.aio

from asyncio_server import add_listening_arguments, serve_and_exit_status
from carried_values import StreamArityMismatch, StreamTypeMismatch, Value
from compile_messages import (
    COMPILATION_CODE, COMPILATION_REQUEST, failure, is_known_query, reply_values, request_data, request_values,
    server_message,
)  # fmt: skip
from hello_server import add_hello_service
from protocol.grpc.compile_service_pb2 import AnyData, J9ClientMessage, J9ServerMessage
from protocol.grpc.compile_service_pb2_grpc import J9CompileServiceServicer, add_J9CompileServiceServicer_to_server

COMPILATION_FAILURE = 1  # a status, the most general one
DEFAULT_QUERIES = ("VM_isClassArray", "VM_getVMInfo", "ResolvedMethod_localName", "ClassEnv_getITable")


@dataclasses.dataclass(frozen=True)
class Query:
    name: str
    values: Sequence[Value] | None = None  # None: zeros of the right types


class End(enum.Enum):
    CODE = "code"
    FAILURE = "failure"
    CLOSE = "close"  # the call, without an answer
    NOTHING = "nothing"  # the client waits until its deadline


@dataclasses.dataclass(frozen=True)
class Script:
    queries: Sequence[Query] = tuple(map(Query, DEFAULT_QUERIES))
    end: End = End.CODE


@dataclasses.dataclass
class Served:
    """What was seen of a compilation; complete when it is in CompileService.served."""

    request: tuple[Value, ...] = ()
    replies: list[tuple[Value, ...]] = dataclasses.field(default_factory=list)
    end: str = "cancelled"  # the client's doing, or its deadline's


class Interrupted(Exception):
    """The client gave up, by status = false or by ending its side of the call."""


class CompileService(J9CompileServiceServicer):
    """Plays its script on every call, for any number of clients at once."""

    def __init__(self, script: Script = Script()) -> None:
        self.script = script
        self.served: asyncio.Queue[Served] = asyncio.Queue()
        self.all_answered = asyncio.Event()  # the queries of a compilation

    async def Compile(
        self, request_iterator: AsyncIterator[J9ClientMessage], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[J9ServerMessage]:
        seen = Served()
        try:
            async for message in self._play(request_iterator, seen):
                yield message
        except Interrupted as interrupted:
            seen.end = "interrupted"
            await context.abort(grpc.StatusCode.CANCELLED, str(interrupted))
        except (StreamTypeMismatch, StreamArityMismatch) as error:
            seen.end = f"{type(error).__name__}: {error}"
            yield failure(COMPILATION_FAILURE)
        finally:
            self.served.put_nowait(seen)

    async def _play(self, received: AsyncIterator[J9ClientMessage], seen: Served) -> AsyncIterator[J9ServerMessage]:
        seen.request = request_values(COMPILATION_REQUEST, (await next_message(received)).data)
        for query in self.script.queries:
            yield server_message(query.name, request_data(query.name, query.values))
            seen.replies.append(reply_values(query.name, (await next_message(received)).data))
        self.all_answered.set()
        if self.script.end is End.CODE:
            yield server_message(COMPILATION_CODE, code_data())
        elif self.script.end is End.FAILURE:
            yield failure(COMPILATION_FAILURE)
        elif self.script.end is End.NOTHING:
            await asyncio.Event().wait()
        seen.end = self.script.end.value


async def next_message(received: AsyncIterator[J9ClientMessage]) -> J9ClientMessage:
    message = await anext(received, None)
    if message is None:
        raise Interrupted("the client ended its side of the call")
    if not message.status:
        raise Interrupted("the client gave up")
    return message


def code_data(code: bytes = b"\xcc" * 240) -> AnyData:
    values = list(request_values(COMPILATION_CODE, request_data(COMPILATION_CODE)))
    values[0] = code
    return request_data(COMPILATION_CODE, values)


def add_compile_service(server: grpc.aio.Server, service: CompileService) -> None:
    add_J9CompileServiceServicer_to_server(service, server)
    add_hello_service(server)


def query_name(text: str) -> str:
    if not is_known_query(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no query whose types are known")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_listening_arguments(parser, default_port=38400)
    parser.add_argument("--ask", action="append", type=query_name, metavar="QUERY", help="instead of some; repeatable")
    parser.add_argument("--end", type=End, choices=list(End), default=End.CODE, help="(default: code)")
    arguments = parser.parse_args()
    script = Script(tuple(map(Query, arguments.ask or DEFAULT_QUERIES)), arguments.end)
    service = CompileService(script)
    return serve_and_exit_status("fake_compiler", lambda server: add_compile_service(server, service), arguments)


if __name__ == "__main__":
    sys.exit(main())
