"""What tests need of peers of the compile stream: servers in this process, peers that say the wrong thing, raw calls."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import grpc.aio

from asyncio_channel import open_channel
from asyncio_server import listening
from compile_messages import COMPILATION_CODE, answer, is_known_query, reply_data, request_data, server_message
from fake_compiler import CompileService, Served, add_compile_service
from fake_vm import compilation_request
from protocol.grpc.compile_service_pb2 import J9ClientMessage, J9ServerMessage, J9ServerMessageType
from protocol.grpc.compile_service_pb2_grpc import J9CompileServiceStub

PATIENCE_S = 60

# Each that the generation has, and whose values are known.
COMPILE_QUERIES = [name for name in J9ServerMessageType.keys() if name != COMPILATION_CODE and is_known_query(name)]


@contextlib.asynccontextmanager
async def serving(service: CompileService) -> AsyncIterator[str]:
    async with listening(lambda server: add_compile_service(server, service), port=0) as port:
        yield f"127.0.0.1:{port}"


async def say_to_server(
    target: str, messages: Sequence[J9ClientMessage | None]
) -> tuple[list[J9ServerMessage], grpc.StatusCode]:
    """A call in which all messages but the last must be well: what is answered, and its status. None: this side says no
    more."""
    async with open_channel(target) as channel:
        call = J9CompileServiceStub(channel).Compile(timeout=PATIENCE_S)
        for message in messages:
            await (call.done_writing() if message is None else call.write(message))
        received = []
        with contextlib.suppress(grpc.aio.AioRpcError):
            async for answered in call:
                received.append(answered)
        return received, await call.code()


class Saying(CompileService):
    """Says these messages and listens to nothing."""

    def __init__(self, messages: Sequence[J9ServerMessage]) -> None:
        super().__init__()
        self._messages = messages

    async def _play(self, received: AsyncIterator[J9ClientMessage], seen: Served) -> AsyncIterator[J9ServerMessage]:
        for message in self._messages:
            yield message


IS_CLASS_ARRAY = server_message("VM_isClassArray", request_data("VM_isClassArray"))
NO_CODE = server_message("compilationCode", request_data("compilationCode"))
UNKNOWN = J9ServerMessage(type=4711)  # type: ignore[arg-type]  # it is a wrong one
REQUEST = compilation_request(1)
WRONG_TAG = answer(reply_data("VM_isClassArray"))
WRONG_TAG.data.data[0].extendedTypeTag = 3
