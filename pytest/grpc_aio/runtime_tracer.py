"""Watches from inside how grpc.aio works in this process: which threads there are, who makes the socket pair and who is
woken by it, which task waits for which future and who resolves that. Nothing of gRPC is changed; what it calls in Python's
own modules is looked at on its way: socket.socketpair, Thread.start, the event loop, its selector, its futures."""

import asyncio
import dataclasses
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OF_GRPC = "socket pair of grpc"


@dataclasses.dataclass(frozen=True, order=True)
class Event:
    at_ns: int
    thread: str
    what: str


class Trace:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.descriptors: dict[int, str] = {}

    def say(self, what: str) -> None:
        # Appending to a list takes no lock of Python's: any thread may.
        self.events.append(Event(time.monotonic_ns(), threading.current_thread().name, what))


class TracedSocket(socket.socket):
    """The end that the event loop reads."""

    trace: Trace

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(size, flags)
        self.trace.say(f"reads {data!r} from fd {self.fileno()}")
        return data


class TracedSelector(selectors.DefaultSelector):
    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        for key, _ in ready:
            name = self._trace.descriptors.get(key.fd)
            if name is not None:
                self._trace.say(f"is woken by fd {key.fd}, {name}")
        return ready


class TracedFuture(asyncio.Future[Any]):
    """One that gRPC's Cython code waits for: its completion queue's events resolve it."""

    trace: Trace
    waiting = ""

    def set_result(self, result: Any) -> None:
        self.trace.say(f"resolves the future of {self.waiting}")
        super().set_result(result)

    def set_exception(self, exception: type | BaseException) -> None:
        self.trace.say(f"fails the future of {self.waiting}: {type(exception).__name__}")
        super().set_exception(exception)


class TracedLoop(asyncio.SelectorEventLoop):
    def __init__(self, trace: Trace) -> None:
        super().__init__(TracedSelector(trace))
        self._trace = trace
        self._futures = 0

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> Any:
        number = fd if isinstance(fd, int) else fd.fileno()
        if self._trace.descriptors.get(number) == OF_GRPC:
            handler = getattr(callback, "func", callback)
            self._trace.say(f"add_reader(fd {number}, {handler.__name__})")
        return super().add_reader(fd, callback, *args)

    def create_future(self) -> asyncio.Future[Any]:
        caller = sys._getframe(1).f_code.co_filename
        # Compiled code has no frame of its own: what is seen is who runs it.
        if not (caller.endswith("asyncio/events.py") or f"{os.sep}grpc{os.sep}aio{os.sep}" in caller):
            return super().create_future()
        future = TracedFuture(loop=self)
        future.trace = self._trace
        self._futures += 1
        future.waiting = f"{task_name()} #{self._futures}"
        self._trace.say(f"waits in {future.waiting}")
        return future

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        self._trace.say(f"new task {coro.__qualname__}")
        return super().create_task(coro, **options)


def task_name() -> str:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return "no task" if task is None else str(getattr(task.get_coro(), "__qualname__", task))


def make_traced_loop() -> tuple[TracedLoop, Trace]:
    """Before grpc.aio is used for the first time."""
    trace = Trace()
    make_pair, start_thread = socket.socketpair, threading.Thread.start

    def socketpair(*arguments: Any) -> tuple[socket.socket, socket.socket]:
        ends = make_pair(*arguments)
        name = "the loop's own pair" if "asyncio" in sys._getframe(1).f_code.co_filename else OF_GRPC
        trace.descriptors |= {end.fileno(): name for end in ends}
        trace.say(f"socketpair(): fd {ends[0].fileno()} and fd {ends[1].fileno()}, {name}")
        if name != OF_GRPC:
            return ends
        reader = TracedSocket(fileno=ends[0].detach())
        reader.trace = trace
        return reader, ends[1]

    def start(thread: threading.Thread) -> None:
        trace.say(f"starts {thread.name}{' (daemon)' if thread.daemon else ''}")
        start_thread(thread)

    setattr(socket, "socketpair", socketpair)
    setattr(threading.Thread, "start", start)
    return TracedLoop(trace), trace


@dataclasses.dataclass(frozen=True)
class ThreadState:
    """What the kernel tells of a thread; what it does not tell is empty, or -1."""

    name: str  # Python's, else the kernel's
    waits_in: str  # a function of the kernel
    writes: int = -1  # calls of write(), not of sendmsg()
    bytes_written: int = -1


def threads() -> list[ThreadState]:
    """All threads of this process, Python's and others, the oldest first."""
    of_python = {thread.native_id: thread.name for thread in threading.enumerate()}
    tasks = sorted(Path("/proc/self/task").iterdir(), key=lambda path: int(path.name))
    return [thread_state(task, of_python.get(int(task.name))) for task in tasks]


def thread_state(task: Path, name: str | None) -> ThreadState:
    counters = dict(line.split(": ") for line in told_by_kernel(task / "io").splitlines())
    return ThreadState(
        name or told_by_kernel(task / "comm").strip(),
        told_by_kernel(task / "wchan").strip("0"),
        int(counters.get("syscw", -1)),
        int(counters.get("wchar", -1)),
    )


def told_by_kernel(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # some containers do not have it, and threads end
        return ""
