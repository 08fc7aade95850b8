"""jitrig catalogue: everything it prints, against a second reading of the data files."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

import catalogue_data as data

RELEASES = data.release_names()
HEAD = "head"


def objects(jitrig, *arguments):
    result = jitrig.run("catalogue", *arguments, "--json")
    assert (result.status, result.stderr) == (0, "")
    return result.objects


def test_releases_as_json(jitrig):
    expected = []
    for name in RELEASES:
        head = data.read(name)[0]
        major, minor = map(int, head["protocol"].split("."))
        expected.append({
            "release": name, "is_head": name == HEAD, "protocol": head["protocol"],
            "version_word": major << 24 | minor << 8, "architecture_bits": head["architecture_bits"] == "yes",
            "builds": [
                {"build": build, "message_types": len(data.message_types(name, build)),
                 "maxtype": int(data.for_build(head["maxtype"], build))}
                for build in data.BUILDS
            ],
        })  # fmt: skip
    assert objects(jitrig, "releases") == expected
    assert len(expected) == 43


def test_releases_as_text(jitrig):
    result = jitrig.run("catalogue", "releases")
    assert (result.status, result.stderr) == (0, "")
    assert len(result.lines) == 1 + len(RELEASES)
    assert result.lines[1].split() == ["0.20.0", "1.0", "0x01000000", "240", "240", "no"]
    assert result.lines[-1].split() == ["head", "*", "1.105", "0x01006900", "237", "239", "yes"]


# A sanitizer's program starts slowly, and shows no more in the tenth release than in the fifth.
RARER = 4 if os.environ.get("JITRIG_SANITIZE") else 1


@pytest.mark.parametrize("build", data.BUILDS)
@pytest.mark.parametrize("release", [*RELEASES[: -1 : 2 * RARER - 1], HEAD])
def test_list_as_json(jitrig, release, build):
    assert objects(jitrig, "list", "--release", release, "--build", build) == data.message_types(release, build)


@pytest.mark.parametrize("build", data.BUILDS)
def test_list_as_text_says_the_same(jitrig, build):
    lines = jitrig.run("catalogue", "list", "--build", build).lines
    cpp_lines = jitrig.run("catalogue", "list", "--cpp", "--build", build).lines
    expected = data.message_types(HEAD, build)
    assert len(lines) == len(cpp_lines) == len(expected)
    for line, cpp_line, message in zip(lines, cpp_lines, expected, strict=True):
        for text, suffix in ((line, ""), (cpp_line, "_cpp")):
            number, name, direction, signature = text.split(maxsplit=3)
            assert (int(number), name, direction) == (message["number"], message["name"], message["direction"])
            types = "(" + ", ".join(message["request" + suffix]) + ")"
            if message["has_reply"]:
                types += " -> (" + ", ".join(message["reply" + suffix]) + ")"
            marks = [("bodyless", "[body-less]"), ("opens_connection", "[opens a connection]"), ("unused", "[unused]")]
            types += "".join(f" {mark}" for key, mark in marks[:2] if message[key])
            types += "" if message["server_sends"] else " [unsent]"
            assert signature == types + (" [unused]" if message["unused"] else "")


def test_what_is_not_known_is_marked(jitrig):
    unknown = [
        (release, message["name"])
        for release in RELEASES
        for message in data.message_types(release, "openjdk")
        if message["has_reply"] and message["reply"] is None
    ]
    assert unknown
    release, name = unknown[0]
    listed = jitrig.run("catalogue", "list", "--release", release, name)
    assert "-> (?)" in listed.stdout
    example = jitrig.run("catalogue", "show", "--example", "--release", release, name)
    assert example.status == 1
    assert re.fullmatch(rf"jitrig catalogue show: the data points of the .*reply of {name} are not known\n", example.stderr)
    assert "reply: not known" in jitrig.run("catalogue", "show", "--release", release, name).stdout


@pytest.mark.parametrize(
    "patterns, matches",
    [
        (["CLASSARRAY"], lambda name: "classarray" in name.lower()),
        (["VM_is*"], lambda name: name.startswith("VM_is")),
        (["VM_?s*", "clientsession"], lambda name: re.match("VM_.s", name) or "clientsession" in name.lower()),
        (["*"], lambda name: True),
    ],
)  # fmt: skip
def test_patterns(jitrig, patterns, matches):
    names = [listed["name"] for listed in objects(jitrig, "list", *patterns)]
    assert names == [message["name"] for message in data.message_types(HEAD, "openjdk") if matches(message["name"])]
    assert names


@pytest.mark.parametrize("release", ["0.20.0", "0.44.0", HEAD])
@pytest.mark.parametrize("build", data.BUILDS)
def test_show_every_message_type(jitrig, release, build):
    """A sample; a struct that it uses has the layout of the data."""
    layouts = data.structs(release, build)
    numbers = {
        each: {message["name"]: message["number"] for message in data.message_types(release, each)} for each in data.BUILDS
    }
    for message in data.message_types(release, build)[:: 35 * RARER]:
        (shown,) = objects(jitrig, "show", message["name"], "--release", release, "--build", build)
        assert shown.pop("kind") == "message_type"
        assert {key: shown[key] for key in message} == message
        assert shown["numbers"] == {each: numbers[each].get(message["name"]) for each in data.BUILDS}
        for struct_shown in shown["structs"]:
            expected = layouts[struct_shown["name"]]
            assert (struct_shown["size_bytes"], struct_shown["fields"]) == (expected["size"], expected["fields"])
        for part in ("request", "reply"):
            descriptors = shown[f"{part}_descriptors"]
            assert (descriptors is None) == (message[part] is None)
            for descriptor, wire in zip(descriptors or [], message[part] or [], strict=True):
                if wire.startswith("object("):
                    assert descriptor["type"] == "OBJECT"
                    assert f"object({descriptor['payload_size_bytes']})" == wire
                elif wire in data.SCALARS:
                    assert descriptor["type"] == wire.upper()
        (by_number,) = objects(jitrig, "show", f"#{message['number']}", "--release", release, "--build", build)
        assert by_number == {"kind": "message_type", **shown}


@pytest.mark.parametrize("name", ["VM_getVMInfo", "compilationRequest", "AOTCacheMap_request", "VM_isClassArray"])
@pytest.mark.parametrize("build", data.BUILDS)
def test_history_covers_every_release(jitrig, name, build):
    (shown,) = objects(jitrig, "show", name, "--build", build)
    told = {}
    for span in shown["history"]:
        first, last = RELEASES.index(span["first_release"]), RELEASES.index(span["last_release"])
        for release in RELEASES[first : last + 1]:
            assert release not in told
            told[release] = (span["number"], span["direction"], span["has_reply"], span["request"], span["reply"])
    expected = {
        release: (found["number"], found["direction"], found["has_reply"], found["request"], found["reply"])
        for release in RELEASES
        for found in data.message_types(release, build)
        if found["name"] == name
    }
    assert told == expected


@pytest.mark.parametrize("build", data.BUILDS)
def test_show_every_struct(jitrig, build):
    for name, layout in list(data.structs(HEAD, build).items())[::RARER]:
        (shown,) = objects(jitrig, "show", name, "--build", build)
        assert (shown["kind"], shown["name"], shown["size_bytes"]) == ("struct", name, layout["size"])
        assert (shown["fields_build"], shown["fields"]) == ("openjdk", layout["fields"])
        assert shown["history"][-1]["last_release"] == HEAD
        text = jitrig.run("catalogue", "show", name, "--build", build).stdout
        for field in layout["fields"]:
            row = rf"^ +{field['offset_bytes']} +{field['size_bytes']}  {field['name']} +{re.escape(field['cpp_type'])}$"
            assert re.search(row, text, re.MULTILINE), field


def test_show_an_alias(jitrig):
    (shown,) = objects(jitrig, "show", "ClassInfoTuple")
    assert shown["kind"] == "alias"
    assert f"ClassInfoTuple = {shown['cpp_type']}" in data.read(HEAD)[1]["aliases"]
    assert "compilationRequest" in shown["used_by"]


def test_show_says_what_changed(jitrig):
    text = jitrig.run("catalogue", "show", "VM_getVMInfo").stdout
    assert re.search(r"^  0\.39\.0 .*reply\[0\]: object\(664\) became object\(688\)$", text, re.MULTILINE)
    text = jitrig.run("catalogue", "show", "VMInfo").stdout
    assert "_isIndexableDataAddrPresent (bool at 136, size 1) was added" in text


@pytest.mark.parametrize("build", data.BUILDS)
@pytest.mark.parametrize("release", ["0.20.0", HEAD])
def test_examples_can_be_decoded(jitrig, release, build):
    options = ["--release", release, "--build", build]
    for message in data.message_types(release, build)[:: 12 * RARER]:
        if message["request"] is None or (message["has_reply"] and message["reply"] is None):
            continue
        lines = jitrig.run("catalogue", "show", "--example", message["name"], *options).lines
        (example,) = objects(jitrig, "show", "--example", message["name"], *options)
        assert lines == [example["request_hex"]] + [example["reply_hex"]] * message["has_reply"]
        decoded = jitrig.run("decode", "--json", *options, *lines).objects
        assert [each["type"] for each in decoded] == [message["name"]] * len(lines)
        assert len(decoded[0]["data"]) == len(message["request"])
        assert (decoded[0]["version"] != 0) == (message["name"] == "compilationRequest")


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["show", "VM_isKlassArray"], "show: release head, openjdk build, has no message type, struct or alias "
         "'VM_isKlassArray'; near are VM_isClassArray"),
        (["show", "237"], "show: release head, openjdk build, has no message type with the number 237; its numbers lie in 0 to 236"),
        (["show", "99999999999999999999999"], "show: release head, openjdk build, has no message type with the number 9999"),
        (["show", ""], "show: release head, openjdk build, has no message type, struct or alias ''; expected a name or number"),
        (["show", "x" * 100_000], "show: release head, openjdk build, has no message type, struct or alias 'xxxx"),
        (["show", "ConstRefInfo", "--build", "j9"], "show: release head, j9 build, has no message type, struct or alias 'ConstRefInfo'; "
         "the openjdk build has the struct in 0.59.0 to head"),
        (["show", "--example", "VMInfo"], "show: --example: 'VMInfo' is no message type"),
        (["show", "VM_isClassArray", "VM_isClassArray"], "show: The following argument was not expected: VM_isClassArray"),
        (["show", "67", "--release", "0.61"], "show: --release: unknown release '0.61'; the nearest is 0.60.0; known are 0.20.0, "),
        (["list", "--build", "jdk17"], "list: --build: unknown build 'jdk17'; expected openjdk or j9"),
        (["list", "VM_", "zzz"], "list: release head, openjdk build, has no message type that fits 'zzz'"),
        (["list", "VM_isKlassArray"], "list: release head, openjdk build, has no message type that fits 'VM_isKlassArray'; "
         "near are VM_isClassArray"),
        (["releases", "0.60.0"], "releases: The following argument was not expected: 0.60.0"),
    ],
)  # fmt: skip
def test_wrong_usage(jitrig, arguments, expected):
    result = jitrig.run("catalogue", *arguments)
    assert (result.status, result.stdout) == (2, "")
    assert result.stderr.startswith("jitrig catalogue " + expected), result.stderr


@pytest.mark.parametrize("verb", ["releases", "list", "show"])
def test_help(jitrig, verb):
    result = jitrig.run("catalogue", verb, "--help")
    assert (result.status, result.stderr) == (0, "")
    assert re.search(rf"^Examples?:\n  jitrig catalogue {verb}", result.stdout, re.MULTILINE)
    assert "--json" in result.stdout and "Exit status: 0 " in result.stdout


def test_a_reader_who_leaves_early(jitrig_path):
    for arguments in (["list"], ["list", "--json"], ["show", "compilationRequest"], ["releases"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([jitrig_path, "catalogue", *arguments], stdout=writer, stderr=subprocess.PIPE, check=False)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, b""), arguments


def on_a_terminal(command, columns):
    """What it prints on a terminal of that width."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=its)
    os.close(its)
    text = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    assert process.wait() == 0
    return text.decode().splitlines()


def test_lines_are_cut_on_a_terminal_only(jitrig, jitrig_path):
    whole = jitrig.run("catalogue", "list").lines
    cut = on_a_terminal([jitrig_path, "catalogue", "list"], 100)
    assert max(map(len, cut)) == 100 < max(map(len, whole))
    for short, long in zip(cut, whole, strict=True):
        assert short == long or (short.endswith("...") and long.startswith(short[:-3]))
    assert on_a_terminal([jitrig_path, "catalogue", "list", "--full"], 100) == whole
    assert json.loads(on_a_terminal([jitrig_path, "catalogue", "list", "--json"], 100)[0])["number"] == 0
