"""Shows how two calls of HelloService/Hello travel through grpc.aio: what runtime_tracer.py sees in a client, and in a
server that is a process of its own. docs/grpc-aio.md explains what it prints."""

import argparse
import asyncio
import dataclasses
import json
import subprocess
import sys
from typing import Any

from asyncio_channel import open_channel
from asyncio_server import listening
from hello_server import HelloService
from protocol.grpc import hello_pb2, hello_pb2_grpc
from runtime_tracer import Event, ThreadState, Trace, make_traced_loop, threads

CALLS = 2
PATIENCE_S = 60


@dataclasses.dataclass(frozen=True)
class Recording:
    events: list[Event]
    threads: list[ThreadState]


class TracedService(HelloService):
    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    async def Hello(self, request: hello_pb2.HelloRequest, context: Any) -> hello_pb2.HelloReply:
        self._trace.say("HelloService.Hello begins")
        return await super().Hello(request, context)


async def serve(trace: Trace) -> Recording:
    """Until standard input ends. Says the port on standard output."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    service = TracedService(trace)
    async with listening(
        lambda server: hello_pb2_grpc.add_HelloServiceServicer_to_server(service, server), port=0
    ) as port:
        trace.say("listens")
        print(port, flush=True)
        await ended.wait()
        at_end = threads()
        trace.say("stops: --- the end")
    return Recording(trace.events, at_end)


async def call(trace: Trace, port: int) -> Recording:
    async with open_channel(f"127.0.0.1:{port}") as channel:
        stub = hello_pb2_grpc.HelloServiceStub(channel)
        for number in range(1, CALLS + 1):
            trace.say(f"calls Hello: --- call {number}")
            await stub.Hello(hello_pb2.HelloRequest(x="hey"), timeout=PATIENCE_S)
            trace.say("has the answer")
        return Recording(trace.events, threads())


def record() -> dict[str, Recording]:
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        port = int(server.stdout.readline())
        loop, trace = make_traced_loop()
        client = loop.run_until_complete(call(trace, port))
        server.stdin.close()
        seen = json.loads(server.stdout.read())
    events = [Event(**event) for event in seen["events"]]
    return {"client": client, "server": Recording(events, [ThreadState(**thread) for thread in seen["threads"]])}


def print_recordings(recordings: dict[str, Recording]) -> None:
    events = sorted((event, side) for side, recording in recordings.items() for event in recording.events)
    start_ns = events[0][0].at_ns
    for event, side in events:
        what, _, headline = event.what.partition(": --- ")
        if headline:
            print(f"\n{headline}")
        print(f"{(event.at_ns - start_ns) / 1000:8.0f} µs  {side}  {event.thread:10}  {what}")
    for side, recording in recordings.items():
        print(f"\nthreads of the {side}: name, where it waits, calls of write() and bytes in them")
        for thread in recording.threads:
            print(f"  {thread.name:26} {thread.waits_in or 'runs':16} {thread.writes:3} {thread.bytes_written:5}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        loop, trace = make_traced_loop()
        print(json.dumps(dataclasses.asdict(loop.run_until_complete(serve(trace)))))
        return
    recordings = record()
    if arguments.json:
        print(json.dumps({side: dataclasses.asdict(recording) for side, recording in recordings.items()}))
    else:
        print_recordings(recordings)


if __name__ == "__main__":
    main()
