"""Runs the built jitrig: to its end, or in the background."""

import dataclasses
import json
import queue
import re
import select
import signal
import subprocess
import threading

# Far above what anything here takes, so that a hang becomes a failure and not a wait.
TIMEOUT_S = 60


@dataclasses.dataclass
class Result:
    status: int
    stdout: str
    stderr: str

    @property
    def lines(self):
        return self.stdout.splitlines()

    @property
    def error_lines(self):
        return self.stderr.splitlines()

    @property
    def objects(self):
        """The lines of --json."""
        return [json.loads(line) for line in self.lines]


class BackgroundProcess:
    """A running jitrig whose lines can be read one by one. Ends at the latest with its test."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._lines = queue.Queue()
        self._errors = []
        self._threads = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_stdout(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _read_stderr(self):
        self._errors.extend(self.process.stderr)

    def read_line(self):
        """The next line of its standard output; AssertionError if there is none."""
        try:
            line = self._lines.get(timeout=TIMEOUT_S)
        except queue.Empty:
            raise AssertionError(f"no line within {TIMEOUT_S} s; standard error: {''.join(self._errors)}") from None
        if line is None:
            self._lines.put(None)
            self.process.wait(TIMEOUT_S)
            self._threads[1].join(TIMEOUT_S)
            raise AssertionError(
                f"it ended with status {self.process.returncode} before this line; "
                f"standard error: {''.join(self._errors)}"
            )
        return line

    def read_object(self):
        """The next line as JSON."""
        return json.loads(self.read_line())

    def write_line(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close_input(self):
        self.process.stdin.close()

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end and gives the lines that were not read yet."""
        status = self.process.wait(TIMEOUT_S)
        for thread in self._threads:
            thread.join(TIMEOUT_S)
        lines = []
        while not self._lines.empty():
            line = self._lines.get()
            if line is not None:
                lines.append(line + "\n")
        return Result(status, "".join(lines), "".join(self._errors))

    def stop(self, number=signal.SIGTERM):
        """Asks it to end in order, and waits until it has."""
        self.send_signal(number)
        return self.wait()

    def kill(self):
        """What is left of it after a failed test."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(TIMEOUT_S)
        for thread in self._threads:
            thread.join(TIMEOUT_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


class LineConverter:
    """A `jitrig decode -` or `jitrig encode -` that stays and answers line by line: some 20,000 a second. A process
    that died, of a sanitizer's finding for instance, fails the line that it died of, and is replaced for the next."""

    REFUSAL = re.compile(rb"line (\d+): offset \d+: [^\n]+\n")

    def __init__(self, *command):
        self._command = list(map(str, command))
        self._process = None
        self._line_number = 0

    def convert(self, line):
        """What the line becomes; None if it is refused. Blank lines have no answer, so there must be none."""
        if self._process is None:
            self._start()
        self._line_number += 1
        self._write(line.encode("utf-8") + b"\n")
        is_result, answer = self._read_answer()
        if is_result:
            return answer.decode("utf-8").rstrip("\n")
        refusal = self.REFUSAL.fullmatch(answer)
        if not refusal or int(refusal.group(1)) != self._line_number:
            self._fail("said something other than what is wrong with this line", answer)
        return None

    def close(self):
        """Ends it in order: a leak, too, is found here."""
        if self._process is None:
            return
        stdout, stderr = self._process.communicate(timeout=TIMEOUT_S)
        status = self._process.returncode
        self._process = None
        assert status in (0, 3) and not stdout and not stderr, f"status {status}: {stdout!r} {stderr!r}"

    def _start(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._process = subprocess.Popen(self._command, bufsize=0, **pipes)
        self._line_number = 0

    def _write(self, data):
        """The program reads a line to its end before it answers, so this cannot wait for ever."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._process.stdin.write(view) :]
        except BrokenPipeError:
            self._fail("ended before it had read this line")

    def _read_answer(self):
        """(True, a line of its standard output) or (False, one of its standard error)."""
        stream = self._wait_for(self._process.stdout, self._process.stderr)
        answer = bytearray()
        while not answer.endswith(b"\n"):
            self._wait_for(stream)
            part = stream.read(1 << 16)
            if not part:
                self._fail("ended instead of an answer", answer)
            answer += part
        return stream is self._process.stdout, bytes(answer)

    def _wait_for(self, *streams):
        ready, _, _ = select.select(streams, [], [], TIMEOUT_S)
        if not ready:
            self._process.kill()
            self._fail(f"gave no answer within {TIMEOUT_S} s")
        return ready[0]

    def _fail(self, what, output=b""):
        """With all that it says until its end, which may be a sanitizer's report."""
        process, self._process = self._process, None
        try:
            _, errors = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
        report = (output + errors).decode("utf-8", errors="replace")
        raise AssertionError(f"{' '.join(self._command)}: {what}, status {process.returncode}: {report}")


class Jitrig:
    def __init__(self, path):
        self.path = path
        self._background = []

    def run(self, *arguments, stdin="", env=None):
        """Runs it to its end. `stdin` is text, bytes, an open file, or the number of a descriptor."""
        is_file = isinstance(stdin, int) or hasattr(stdin, "fileno")
        source = {"stdin": stdin} if is_file else {"input": encoded(stdin)}
        done = subprocess.run(
            [self.path, *map(str, arguments)], capture_output=True, timeout=TIMEOUT_S, check=False, env=env, **source
        )
        # A sanitizer ends the program with a status of its own, which no test expects; its report is worth seeing.
        assert done.returncode in (0, 1, 2, 3, 4), f"status {done.returncode}: {done.stderr.decode(errors='replace')}"
        assert b"Sanitizer" not in done.stderr, done.stderr.decode(errors="replace")
        return Result(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def start(self, *arguments):
        process = BackgroundProcess([self.path, *map(str, arguments)])
        self._background.append(process)
        return process

    def kill_all(self):
        for process in self._background:
            process.kill()


def encoded(text):
    return text.encode("utf-8") if isinstance(text, str) else text
