"""The messages of J9CompileService.Compile, with values that are checked against the catalogue's types."""

from collections.abc import Sequence

from carried_values import Value, from_data, to_data, zero
from compile_signatures import signatures
from protocol.grpc.compile_service_pb2 import AnyData, J9ClientMessage, J9ServerMessage, J9ServerMessageType

COMPILATION_REQUEST = "compilationRequest"  # the first message of a client; it says no type
COMPILATION_CODE = "compilationCode"


def type_name(message: J9ServerMessage) -> str:
    try:
        return J9ServerMessageType.Name(message.type)
    except ValueError:
        return f"#{message.type}"


def request_values(name: str, data: AnyData) -> tuple[Value, ...]:
    """What whoever starts with `name` says. StreamTypeMismatch or StreamArityMismatch."""
    types = signatures()[name].request
    assert types is not None, name
    return from_data(data, types)


def reply_values(name: str, data: AnyData) -> tuple[Value, ...]:
    types = signatures()[name].reply
    assert types is not None, name
    return from_data(data, types)


def request_data(name: str, values: Sequence[Value] | None = None) -> AnyData:
    """Zeros of the right types without `values`."""
    types = signatures()[name].request
    assert types is not None, name
    return to_data(types, tuple(map(zero, types)) if values is None else values)


def reply_data(name: str, values: Sequence[Value] | None = None) -> AnyData:
    types = signatures()[name].reply
    assert types is not None, name
    return to_data(types, tuple(map(zero, types)) if values is None else values)


def is_known_query(name: str) -> bool:
    signature = signatures().get(name)
    return signature is not None and signature.request is not None and signature.reply is not None


def server_message(name: str, data: AnyData) -> J9ServerMessage:
    return J9ServerMessage(type=J9ServerMessageType.Value(name), data=data)


def answer(data: AnyData) -> J9ClientMessage:
    return J9ClientMessage(status=True, data=data)


def interruption() -> J9ClientMessage:
    """The client gives the compilation up."""
    message = J9ClientMessage(status=False)
    message.data.SetInParent()
    return message


def failure(status: int) -> J9ServerMessage:
    """A compilationCode that has nothing but a status: there is no compilationFailure in this generation."""
    message = J9ServerMessage(type=J9ServerMessageType.compilationCode)
    message.data.data.add(extendedTypeTag=1, uint32_v=status)
    return message


def failure_status(message: J9ServerMessage) -> int | None:
    """Of a compilationCode: None if it has code."""
    values = message.data.data
    if len(values) == 1 and values[0].WhichOneof("type") == "uint32_v":
        return values[0].uint32_v
    return None
