"""A client JVM without a JVM, on asyncio: requests compilations of J9CompileService and answers what the server asks with
values of the right types."""

import argparse
import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import grpc.aio

from asyncio_channel import open_channel
from carried_values import StreamArityMismatch, StreamTypeMismatch, Value
from compile_messages import (
    COMPILATION_CODE, COMPILATION_REQUEST, answer, failure_status, interruption, is_known_query, reply_data, request_data,
    request_values, type_name,
)  # fmt: skip
from protocol.grpc.compile_service_pb2 import J9ClientMessage, J9ServerMessage
from protocol.grpc.compile_service_pb2_grpc import J9CompileServiceStub

CLIENT_UID = 0x1122334455667788

# From a query's values to the values of its reply.
Answers = Mapping[str, Callable[[tuple[Value, ...]], Sequence[Value]]]


@dataclasses.dataclass(frozen=True)
class Compilation:
    """How one ended: compiled, failed (`because` has the status), interrupted by this side, or terminated, since the call
    broke or what came was wrong (`because` has the words)."""

    result: str
    queries: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    because: str = ""
    code: bytes = b""


class FakeVM:
    """Several compilations may be under way at once, each in a call of its own."""

    def __init__(self, channel: grpc.aio.Channel, answers: Answers | None = None) -> None:
        self._stub = J9CompileServiceStub(channel)
        self._answers = answers or {}

    async def compile(self, method: int, timeout_s: float, interrupt_at: int | None = None) -> Compilation:
        """Of the method with that number. `interrupt_at`: it gives up instead of answering so many queries."""
        said = Said()
        call = self._stub.Compile(said.messages(), timeout=timeout_s)
        said.say(compilation_request(method))
        queries: list[tuple[str, tuple[Value, ...]]] = []
        result: Compilation | None = None
        try:
            async for message in call:  # beyond the result, too: the end of the call is the server's
                if result is not None:
                    raise StreamTypeMismatch(f"{type_name(message)} after the compilation's end")
                if type_name(message) == COMPILATION_CODE:
                    result = ended(message, tuple(queries))
                    continue
                queries.append(understood(message))
                if len(queries) - 1 == interrupt_at:
                    result = Compilation("interrupted", tuple(queries))
                    said.say(interruption())
                    said.no_more()
                else:
                    said.say(self._answer(*queries[-1]))
            return result or terminated(queries, "the server ended the call without compilationCode")
        except (StreamTypeMismatch, StreamArityMismatch) as error:
            return terminated(queries, f"{type(error).__name__}: {error}")
        except grpc.aio.AioRpcError as error:
            if result is not None and result.result == "interrupted":
                return result
            return terminated(queries, f"{error.code().name}: {error.details()}")
        finally:
            call.cancel()  # nothing, if it is over
            said.no_more()

    def _answer(self, name: str, values: tuple[Value, ...]) -> J9ClientMessage:
        make = self._answers.get(name)
        return answer(reply_data(name, None if make is None else make(values)))


class Said:
    """What this side says in a call. grpc.aio takes it from here while the call is being read: a write that fails waits
    for the call's status, which comes only when all is read; so whoever writes first and reads then may wait for ever."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[J9ClientMessage | None] = asyncio.Queue()

    def say(self, message: J9ClientMessage) -> None:
        self._queue.put_nowait(message)

    def no_more(self) -> None:
        self._queue.put_nowait(None)

    async def messages(self) -> AsyncIterator[J9ClientMessage]:
        while (message := await self._queue.get()) is not None:
            yield message


def terminated(queries: Sequence[tuple[str, tuple[Value, ...]]], because: str) -> Compilation:
    return Compilation("terminated", tuple(queries), because)


def compilation_request(method: int) -> J9ClientMessage:
    values = list(request_values(COMPILATION_REQUEST, request_data(COMPILATION_REQUEST)))
    address = 0x7F0000000000 + method * 0x100
    values[:4] = [CLIENT_UID, method, address, address + 0x40]
    return answer(request_data(COMPILATION_REQUEST, values))


def understood(message: J9ServerMessage) -> tuple[str, tuple[Value, ...]]:
    """A query's name and values."""
    name = type_name(message)
    if not is_known_query(name):
        raise StreamTypeMismatch(f"{name} is no query whose types are known")
    return name, request_values(name, message.data)


def ended(message: J9ServerMessage, queries: tuple[tuple[str, tuple[Value, ...]], ...]) -> Compilation:
    status = failure_status(message)
    if status is not None:
        return Compilation("failed", queries, f"status {status}")
    code = request_values(COMPILATION_CODE, message.data)[0]
    assert isinstance(code, bytes)
    return Compilation("compiled", queries, code=code)


async def run(target: str, compilations: int, at_once: int, timeout_s: float) -> list[Compilation]:
    places = asyncio.Semaphore(at_once)

    async def one(vm: FakeVM, method: int) -> Compilation:
        async with places:
            compilation = await vm.compile(method, timeout_s)
        because = f": {compilation.because}" if compilation.because else ""
        print(f"method {method}: {compilation.result}, {len(compilation.queries)} queries{because}", flush=True)
        return compilation

    async with open_channel(target) as channel:
        vm = FakeVM(channel)
        return list(await asyncio.gather(*(one(vm, method) for method in range(1, compilations + 1))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", default="127.0.0.1:38400", help="address:port of the server (default: %(default)s)")
    parser.add_argument("--compilations", type=int, default=1, help="how many methods (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=1, help="calls under way at a time (default: %(default)s)")
    parser.add_argument("--timeout-s", type=float, default=30, help="for each compilation (default: %(default)s)")
    arguments = parser.parse_args()
    compilations = asyncio.run(run(arguments.target, arguments.compilations, arguments.at_once, arguments.timeout_s))
    return 0 if all(compilation.result == "compiled" for compilation in compilations) else 1


if __name__ == "__main__":
    sys.exit(main())
