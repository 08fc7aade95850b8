"""The log of a run (`jitrig scenario run … --log`), as kinds of lines: what changes from run to run is a placeholder."""

import re
import subprocess

CLIENT, SERVER = "client", "server"
RUNTIMES = ("simulation", "simulated_tls")

RUN = re.compile(r"jitrig scenario run (\S+) --runtime (\S+) --seed (\d+)(?: --log)?:")
COMPILED = re.compile(r"compilation <n>(, thread <n>: <method>)?: compiled after <n> queries(, <n> bytes of code)?")
# Client and server by the words, for personas are called as their scenarios like it.
OF_CLIENT = re.compile(r"compilation \d+(, attempt \d+)?, thread |#JITServer: t=|a server is required,|.*was not its turn;")

# In this order. Ports of servers are those that a scenario may give; clients get theirs from the system.
PLACEHOLDERS = [(re.compile(pattern), replacement) for pattern, replacement in (
    # What the harness has done itself stands in no real log.
    (r"; misbehaved: .*$", ""),
    (r" \(\[injected: \w+\] (end of file|the deadline passed)\)", ""),
    (r"\[injected: \w+\] ", ""),
    (r"connection reset \(reset\)", "connection reset by peer (reset)"),  # as it reads where nobody injects it
    # Names, which may have spaces in them.
    (r"\b(TLS (?:handshake|read|write)|read|write|connect to) (?=[\w -]+:\d+)", r"\1: "),
    (r"[\w-]+(?: [\w-]+)*:\d+ -> [\w-]+(?: [\w-]+)*:384\d\d", "<client> -> <server>"),
    (r"[\w-]+(?: [\w-]+)*:384\d\d -> [\w-]+(?: [\w-]+)*:\d+", "<server> -> <client>"),
    (r"[\w-]+:384\d\d", "<server>"),
    (r"^(compilation \d+)(?:, attempt \d+)?(, thread \d+): .*?: (?=\w+ after \d+ quer)", r"\1\2: <method>: "),
    (r"\b(received) (?!compilation)[A-Za-z]\w*", r"\1 <message>"),
    (r"\b(reply to|instead of answering|writing) (?!compilation)[A-Za-z]\w*", r"\1 <query>"),
    (r": (?!compilation|architecture|JDK|protocol)(\w+): (expected|data point)", r": <query>: \2"),
    (r"expected (?!a |compilation|<|\d).*?, found (?!\d)\w+(\(\d+\))?", "expected <type>, found <type>"),
    # TLS below says the same once more.
    (r" \(TLS read: [^()]*: the peer ended TLS with close_notify\)", ""),
    (r"TLS (read|write): <\w+> -> <\w+>: ", "TLS: "),
    (r"(read|write): <\w+> -> <\w+>: ", ""),
    (r"(TLS handshake|connect to): ", r"\1 "),
    # Numbers. A wait of 1000 ms is one of the protocol's constants.
    (r"\bt= *\d+", "t=<ms>"),
    (r"\b(within|in) \d+ ms", r"\1 <ms> ms"),
    (r"0x[0-9a-f]+", "<hex>"),
    (r"\b(?!1000 ms)\d+\b", "<n>"),
    (r"\b1 query\b|<n> query\b", "<n> queries"),
)]


def kind_of(text):
    for pattern, replacement in PLACEHOLDERS:
        text = pattern.sub(replacement, text)
    return text.strip()


def side_of(text):
    return CLIENT if OF_CLIENT.match(text) else SERVER


class LogError(Exception):
    """The program did not do what it was asked for."""


def read_log(jitrig, scenarios, runtime, folder):
    """{scenario: [(side, kind)]}, in the order of its first run's log, each kind once; good compilations left out."""
    command = [jitrig, "scenario", "run", *(scenarios or [folder]), "--runtime", runtime, "--seeds", "1", "--log"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LogError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr}")
    logs, current = {}, None
    for line in done.stdout.splitlines():
        run = RUN.match(line)
        if run:
            current = logs.setdefault(run[1], [])
        elif current is not None and not line.startswith("passed  "):
            text = line.partition(": ")[2]
            entry = (side_of(text), kind_of(text))
            if not COMPILED.fullmatch(entry[1]) and entry not in current:
                current.append(entry)
    return logs
