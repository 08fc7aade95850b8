#!/usr/bin/env python3
"""Writes data/<release>.txt from facts about releases in YAML (openj9-<release>.yaml, openj9-head.yaml).

    tools/convert_release.py FACTS_DIRECTORY [data]

Every release is converted anew, oldest first, because a section that is word for word that of an older release
is written as "like <that release>". head is always written in full. The formats are described in README.md.
"""

import os
import re
import sys

import yaml

SCALAR_SHAPES = {"int32", "int64", "uint32", "uint64", "bool", "string"}
DIRECTIONS = {"server->client->server": "query", "client->server": "client", "server->client": "server"}
SENT_ONLY_WITH = {
    "only with J9VM_OPT_OPENJDK_METHODHANDLE": "unsent in j9",
    "only with J9VM_OPT_METHOD_HANDLE": "unsent in openjdk",
}
J9_MARK = " | j9 "


def split_list(text):
    """Splits at the commas that stand outside <> and ()."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c in "<(":
            depth += 1
        elif c in ">)":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()] if text.strip() else []


def inner(text, name):
    """The text between < and > of name<...>, or None."""
    match = re.fullmatch(re.escape(name) + r"\s*<(.*)>", text)
    return match.group(1) if match else None


class Types:
    """Learns the wire shape of every C++ type that is no pointer, string, vector or tuple."""

    def __init__(self, facts):
        self.aliases = facts["tuple_aliases"]
        self.structs = facts["structs"]
        self.shapes = {}
        self.used_aliases = set()

    def learn(self, cpp, wire):
        if cpp in self.aliases:
            self.used_aliases.add(cpp)
            return self.learn(self.aliases[cpp], wire)
        elements = inner(cpp, "std::vector")
        if elements is not None:
            return self.learn(elements, inner(wire, "vector"))
        elements = inner(cpp, "std::tuple")
        if elements is not None:
            cpp_elements, wire_elements = split_list(elements), split_list(inner(wire, "tuple"))
            if len(cpp_elements) != len(wire_elements):
                raise ValueError(f"{cpp} has another number of elements than {wire}")
            for cpp_element, wire_element in zip(cpp_elements, wire_elements):
                self.learn(cpp_element, wire_element)
            return None
        if cpp == "std::string" or cpp.endswith("*"):
            expected = "string" if cpp == "std::string" else "object(8)"
            if wire != expected:
                raise ValueError(f"{cpp} travels as {wire}")
            return None
        if wire not in SCALAR_SHAPES and not re.fullmatch(r"object\(\d+\)", wire):
            raise ValueError(f"{cpp} travels as {wire}, but is no known alias, vector or tuple")
        if self.shapes.setdefault(cpp, wire) != wire:
            raise ValueError(f"{cpp} travels as {wire} and as {self.shapes[cpp]}")
        return None

    def lines(self):
        for cpp in sorted(self.shapes):
            struct = self.structs.get(cpp.split("::")[-1], {})
            j9_size = struct.get("size_j9_methodhandle")
            if isinstance(j9_size, int) and j9_size != struct["size"]:
                yield f"{cpp} = {self.shapes[cpp]}{J9_MARK}object({j9_size})"
            else:
                yield f"{cpp} = {self.shapes[cpp]}"

    def alias_lines(self):
        """An alias stands below those that it uses."""
        written = set()

        def write(name):
            if name not in written:
                written.add(name)
                for used in sorted(set(re.findall(r"\w+", self.aliases[name])) & self.used_aliases):
                    yield from write(used)
                yield f"{name} = " + re.sub(r"std::(vector|tuple)\s+<", r"std::\1<", self.aliases[name])

        for name in sorted(self.used_aliases):
            yield from write(name)


def data_points(points):
    return "(?)" if points is None else "(" + ", ".join(p if isinstance(p, str) else p["cpp"] for p in points) + ")"


def reply_text(reply):
    return "" if reply == "none" else " -> " + data_points(reply)


def message_lines(message):
    marks = []
    if message["ordinal"] is None:
        marks.append("j9 only")
    if message.get("unused"):
        marks.append("unused")
    sent = message.get("server_sends")
    if sent is False:
        marks.append("unsent")
    elif sent is not None:
        marks.append(SENT_ONLY_WITH[sent])
    line = f"{DIRECTIONS[message['direction']]} {message['name']} {data_points(message['request'])}"
    yield line + reply_text(message["reply"]) + "".join(f" [{mark}]" for mark in marks)
    if "request_j9_methodhandle" in message:
        yield "  j9 " + data_points(message["request_j9_methodhandle"])
    if "reply_j9_methodhandle" in message:
        yield "  j9" + reply_text(message["reply_j9_methodhandle"])


def numbered_message_lines(facts):
    """Message lines in numeric order; "number N" where the numbers jump."""
    following = {"openjdk": 0, "j9": 0}
    for message in facts["messages"]:
        numbers = {"openjdk": message["ordinal"]}
        numbers["j9"] = message.get("ordinal_j9_methodhandle", message["ordinal"])
        if message["ordinal"] is None and numbers["j9"] is None:
            raise ValueError(f"{message['name']} is in neither build")
        if numbers["j9"] is None:
            raise ValueError(f"{message['name']} is in the openjdk build only; the format has no mark for that")
        if any(n is not None and n != following[build] for build, n in numbers.items()):
            if numbers["openjdk"] != numbers["j9"]:
                raise ValueError(f"the numbers jump at {message['name']}, and differently in the two builds")
            yield f"number {numbers['openjdk']}"
        for build, number in numbers.items():
            if number is not None:
                following[build] = number + 1
        yield from message_lines(message)


def struct_lines(facts):
    for name, struct in facts["structs"].items():
        size = str(struct["size"])
        if "size_j9_methodhandle" in struct:
            j9_size = struct["size_j9_methodhandle"]
            size += J9_MARK + (str(j9_size) if isinstance(j9_size, int) else "absent")
        yield f"{name} {size}"
        for cpp, field, offset, field_size in struct["fields"]:
            yield f"  {offset} {field_size} {field} {cpp}"


def convert(facts, name):
    """Returns the head lines and the sections {name: lines} of one release."""
    types = Types(facts)
    for message in facts["messages"]:
        for points in (message["request"], message["reply"]):
            for point in points if isinstance(points, list) else []:
                types.learn(point["cpp"], point["wire"])
    major, minor = facts["protocol_version"].split(".")[:2]
    if facts["version_word"] != int(major) << 24 | int(minor) << 8:
        raise ValueError("version word and protocol version differ")
    maxtype = str(facts["maxtype"])
    if facts["maxtype_j9_methodhandle"] != facts["maxtype"]:
        maxtype += J9_MARK + str(facts["maxtype_j9_methodhandle"])
    head = [
        f"release {name}",
        f"protocol {major}.{minor}",
        "architecture_bits " + ("yes" if "JITServerArchMask" in facts["config_flags"] else "no"),
        f"maxtype {maxtype}",
    ]
    sections = {
        "status_codes": [f"{code} {number}" for code, number in facts["status_codes"].items()],
        "types": list(types.lines()),
        "aliases": list(types.alias_lines()),
        "structs": list(struct_lines(facts)),
        "messages": list(numbered_message_lines(facts)),
    }
    return head, sections


def release_files(directory):
    """(release name, path), oldest first, head last."""
    found = []
    for file in os.listdir(directory):
        match = re.fullmatch(r"openj9-(head|\d+\.\d+\.\d+)\.yaml", file)
        if match:
            name = match.group(1)
            key = [float("inf")] if name == "head" else [int(part) for part in name.split(".")]
            found.append((key, name, os.path.join(directory, file)))
    return [(name, path) for _, name, path in sorted(found)]


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    target = arguments[1] if len(arguments) == 2 else os.path.join(here, "..", "data")
    written_in_full = {}  # (section, lines) -> release
    for name, path in release_files(arguments[0]):
        with open(path, encoding="utf-8") as file:
            facts = yaml.safe_load(file)
        try:
            head, sections = convert(facts, name)
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        text = ["# JITServer messages; written by tools/convert_release.py, read README.md first.", *head]
        for section, lines in sections.items():
            twin = written_in_full.setdefault((section, tuple(lines)), name)
            text += ["", f"[{section}]"] if twin == name or name == "head" else ["", f"[{section}] like {twin}"]
            text += lines if twin == name or name == "head" else []
        with open(os.path.join(target, f"{name}.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")
        print(f"{name}: {len(facts['messages'])} message types")


if __name__ == "__main__":
    main(sys.argv[1:])
