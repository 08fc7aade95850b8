"""A running `jitrig fakecompiler --backend grpc`."""

import json
from collections.abc import Callable
from typing import Any

from jitrig_program import BackgroundProcess


class CppServer:
    def __init__(self, process: BackgroundProcess) -> None:
        self.process = process
        self.target = f"127.0.0.1:{json.loads(process.read_line())['port']}"

    def compilations(self) -> list[dict[str, Any]]:
        """Ends it; what it said of each compilation."""
        end = self.process.stop()
        assert end.status in (0, 1), end.stderr
        return [event for event in map(json.loads, end.lines) if event["event"] == "compilation"]


StartServer = Callable[..., CppServer]
