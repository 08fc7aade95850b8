"""The program against the oracle: both read the same values, write the same bytes, or both refuse.

JITRIG_ORACLE_EXAMPLES=100000 runs each test with so many examples instead of a few, from a new random seed each time.
"""

import collections
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wire_codec as wire
from jitrig_program import LineConverter
from wire_json import BODYLESS, NotTypeExact, from_json, to_json
from wire_strategies import damaged_messages, laid_out_messages, messages, unsendable_messages

RANDOM_EXAMPLES = int(os.environ.get("JITRIG_ORACLE_EXAMPLES", "0"))

# What a reader must find wrong with bytes: each has to occur among the damaged messages, or they prove little.
REFUSALS = {
    "shorter than a header", "says N bytes, has N", "a body where there is none",
    "N data points announced, N found", "half a descriptor", "a data point larger than what it is in",
    "a size that is no multiple of N", "padding above N", "a data offset other than N and N",
    "a container with padding or data offset", "padding and data offset beyond the size", "an EMPTY_VECTOR with a body",
    "nested too deeply", "a VECTOR without a count", "a VECTOR that its elements do not fill",
    "an integer of the wrong size", "a BOOL of the wrong size", "no such type: N", "an element size of N",
    "a SIMPLE_VECTOR that its elements do not divide",
}  # fmt: skip


def examples(count):
    """Few and always the same, or many and always others."""
    return settings(
        max_examples=RANDOM_EXAMPLES or count,
        derandomize=not RANDOM_EXAMPLES,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class BothCodecs:
    """The program and the oracle, for one release."""

    def __init__(self, path, release):
        self.release = release
        self.bodyless = BODYLESS[release]
        self._decoder = LineConverter(path, "decode", "--json", "--release", release, "-")
        self._encoder = LineConverter(path, "encode", "--release", release, "-")

    def close(self):
        self._decoder.close()
        self._encoder.close()

    def decode(self, data):
        """The Message, or why the oracle refuses. AssertionError if the two do not agree."""
        line = self._decoder.convert(data.hex())
        ours = line and type_exact(line)
        theirs = outcome(wire.decode, data, self.bodyless)
        self._compare("decode --json", ours, theirs, data.hex())
        return theirs

    def encode(self, message):
        """The bytes, or why the oracle refuses. AssertionError if the two do not agree."""
        line = to_json(message)
        digits = self._encoder.convert(line)
        ours = None if digits is None else bytes.fromhex(digits)
        theirs = outcome(wire.encode, message, self.bodyless)
        self._compare("encode", ours, theirs, line)
        return theirs

    def _compare(self, verb, ours, theirs, line):
        if ours == (None if isinstance(theirs, wire.Refused) else theirs):
            return
        raise AssertionError(
            f"the program and the oracle do not agree (release {self.release}):\n"
            f"  program: {shown(ours)}\n  oracle:  {shown(theirs)}\n"
            f"  again:   jitrig {verb} --release {self.release} '{line}'\n"
            f"           python3 pytest/wire_json.py --release {self.release} '{line}'"
        )


def type_exact(line):
    """The Message in a line of JSON; the line itself, which equals no Message, if it is not in the form that is promised."""
    try:
        return from_json(line)
    except NotTypeExact:
        return line


def outcome(function, *arguments):
    try:
        return function(*arguments)
    except wire.Refused as refusal:
        return refusal


def shown(result):
    if result is None or isinstance(result, wire.Refused):
        return f"refuses {result or ''}"
    if isinstance(result, str):
        return f"reads, but shows in another form: {result}"
    return result.hex() if isinstance(result, bytes) else to_json(result)


def check_bytes(codecs, data):
    """Read alike; if accepted, written alike, canonical, and a fixed point."""
    read = codecs.decode(data)
    if isinstance(read, wire.Message):
        written = codecs.encode(read)
        again = codecs.decode(written)
        assert again == wire.canonical_message(read)
        assert codecs.encode(again) == written
    return read


@pytest.fixture(scope="module")
def codecs_of(jitrig_path):
    """Both codecs for a release."""
    all_codecs = {release: BothCodecs(jitrig_path, release) for release in BODYLESS}
    yield all_codecs.get
    for both in all_codecs.values():
        both.close()


releases = st.sampled_from(list(BODYLESS))


def test_values(codecs_of):
    """What can be sent is written alike, and read as what it was."""

    @examples(1200)
    @given(releases, messages)
    def check(release, message):
        codecs = codecs_of(release)
        written = codecs.encode(message)
        if isinstance(written, bytes):
            assert check_bytes(codecs, written) == wire.canonical_message(message)

    check()


def test_values_that_cannot_be_sent(codecs_of):
    @examples(200)
    @given(releases, unsendable_messages)
    def check(release, message):
        codecs_of(release).encode(message)

    check()


def test_acceptable_layouts(codecs_of):
    """Other filler, other offsets, odd truths, element sizes that mean nothing, stale counts: all the same message."""

    @examples(800)
    @given(releases, st.data())
    def check(release, data):
        codecs = codecs_of(release)
        message, laid_out = data.draw(laid_out_messages(codecs.bodyless))
        read = check_bytes(codecs, laid_out)
        assert read == message or "nested too deeply" in str(read)

    check()


def test_damaged_messages(codecs_of):
    found = collections.Counter()

    @examples(1500)
    @given(releases, st.data())
    def check(release, data):
        codecs = codecs_of(release)
        for damaged in data.draw(damaged_messages(codecs.bodyless)):
            read = check_bytes(codecs, damaged)
            found[re.sub(r"\d+", "N", str(read)) if isinstance(read, wire.Refused) else "accepted"] += 1

    check()
    # Those that are still right are not the worst: they are the subtle ones.
    total = sum(found.values())
    assert total / 10 < found["accepted"] < total * 9 / 10
    assert REFUSALS <= set(found), f"never seen: {REFUSALS - set(found)}"
