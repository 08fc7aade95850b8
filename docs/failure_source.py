"""Reads docs/failures.txt: what each failure means and what to do about it, written by hand.

    = Cannot connect            a group; what stands before the first one introduces the page
    == Nobody listens there     a failure
    scenario: persona/no_server [simulated_tls]
    client: connection refused  pattern of a line of the client's, of which the page shows those of the scenario;
    server: nothing             `^` at its front: the line begins so, `*`: anything. `nothing`: that side is silent
    also client: writing        a pattern of lines that other scenarios have, for the index
    real: …                     a line of a real client's or server's log
    means: …                    continued on lines that are indented
    do: …
"""

import dataclasses
import re

KEYS = ("scenario", "client", "server", "also client", "also server", "real", "means", "do")
RUNTIMES = ("simulation", "simulated_tls")


class SourceError(Exception):
    """What is wrong, with file and line."""


@dataclasses.dataclass
class Pattern:
    text: str
    line: int

    def __post_init__(self):
        anchored = self.text.startswith("^")
        words = self.text.removeprefix("^")
        expression = ".*".join(re.escape(part) for part in words.split("*"))
        self.expression = re.compile(("^" if anchored else "") + expression)

    def matches(self, kind):
        return self.expression.search(kind) is not None


@dataclasses.dataclass
class Failure:
    title: str
    line: int
    scenario: str = ""
    runtime: str = "simulation"
    patterns: dict = dataclasses.field(default_factory=lambda: {"client": [], "server": []})
    also: dict = dataclasses.field(default_factory=lambda: {"client": [], "server": []})
    silent: set = dataclasses.field(default_factory=set)
    real: list = dataclasses.field(default_factory=list)
    means: str = ""
    do: str = ""

    def explains(self, side, kind):
        return any(pattern.matches(kind) for pattern in self.patterns[side] + self.also[side])


    def is_none(self):
        """A line that looks like one, or that one should know all the same."""
        return self.means.startswith("No failure")


@dataclasses.dataclass
class Group:
    title: str
    failures: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Source:
    introduction: str = ""
    groups: list = dataclasses.field(default_factory=list)


def add(failure, key, value, line, fail):
    if key == "scenario":
        failure.scenario, _, runtime = value.partition(" ")
        failure.runtime = runtime or failure.runtime
        if failure.runtime not in RUNTIMES:
            fail(line, f"runtime '{runtime}': expected {' or '.join(RUNTIMES)}")
    elif key in ("client", "server"):
        if value == "nothing":
            failure.silent.add(key)
        else:
            failure.patterns[key].append(Pattern(value, line))
    elif key.startswith("also "):
        failure.also[key.removeprefix("also ")].append(Pattern(value, line))
    elif key == "real":
        failure.real.append(value)
    else:
        setattr(failure, key, value)


def logical_lines(text):
    """(number, line), continuation lines joined."""
    joined = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(" ") and joined:
            joined[-1] = (joined[-1][0], f"{joined[-1][1]} {line.strip()}")
        elif not line.startswith("# "):
            joined.append((number, line.rstrip()))
    return joined


def read(path):
    def fail(line, what):
        raise SourceError(f"{path.name}:{line}: {what}")

    source, failure, introduction = Source(), None, []
    for number, line in logical_lines(path.read_text(encoding="utf-8")):
        if line.startswith("== "):
            if not source.groups:
                fail(number, "a failure before the first group (`= title`)")
            failure = Failure(line[3:], number)
            source.groups[-1].failures.append(failure)
        elif line.startswith("= "):
            source.groups.append(Group(line[2:]))
            failure = None
        elif failure is None:
            if source.groups and line:
                fail(number, f"expected `== title`, found '{line}'")
            introduction.append(line)
        elif line:
            key, colon, value = line.partition(": ")
            if not colon or key not in KEYS:
                fail(number, f"expected one of {', '.join(KEYS)} and a colon, found '{line}'")
            add(failure, key, value, number, fail)
    for group in source.groups:
        for each in group.failures:
            for key in ("scenario", "means", "do"):
                if not getattr(each, key):
                    fail(each.line, f"'{each.title}' has no '{key}'")
    source.introduction = "\n".join(introduction).strip("\n")
    return source
