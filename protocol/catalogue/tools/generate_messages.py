#!/usr/bin/env python3
"""Writes messages.h: one C++ declaration per message type of a release's openjdk build.

    tools/generate_messages.py data/head.txt OUTPUT.h

The release's sections must be written in full, not as "like" another one.
"""

import re
import sys

SCALARS = {
    "int32": "std::int32_t",
    "int64": "std::int64_t",
    "uint32": "std::uint32_t",
    "uint64": "std::uint64_t",
    "bool": "bool",
}
DIRECTIONS = {"query": "query", "client": "clientToServer", "server": "serverToClient"}

PROLOGUE = """// Written by protocol/catalogue/tools/generate_messages.py from data/{release}.txt.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "protocol/catalogue/message_type.h"
#include "protocol/catalogue/object_bytes.h"
#include "protocol/catalogue/remote_pointer.h"
#include "protocol/wire/void.h"

/// The messages of OpenJ9 {release}, openjdk build: protocol {protocol}.
namespace jitrig::{release} {{

inline constexpr std::uint32_t kProtocolMajor = {major};
inline constexpr std::uint32_t kProtocolMinor = {minor};
"""


def split_list(text):
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return parts + [text[start:].strip()] if text.strip() else []


def read_sections(path):
    head, sections, current = {}, {}, None
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if not line or line.startswith("#"):
                continue
            heading = re.fullmatch(r"\[(\w+)\](.*)", line)
            if heading:
                if heading.group(2):
                    sys.exit(f"{path}: section [{heading.group(1)}] is not written in full")
                current = sections.setdefault(heading.group(1), [])
            elif current is None:
                key, value = line.split(" ", 1)
                head[key] = value
            else:
                current.append(line)
    return head, sections


class CppTypes:
    """Turns the spelling of the OpenJ9 sources into types of ours with the same shape on the wire."""

    def __init__(self, sections):
        self.shapes, self.aliases = {}, {}
        for line in sections["types"]:
            name, shape = line.split(" = ")
            self.shapes[name] = shape.split(" | j9 ")[0]
        for line in sections["aliases"]:
            name, definition = line.split(" = ")
            self.aliases[name] = definition

    def convert(self, cpp):
        template = re.fullmatch(r"std::(vector|tuple)<(.*)>", cpp)
        if template:
            if template.group(2) == "uint8_t":
                return "std::vector<std::uint8_t>"
            return f"std::{template.group(1)}<{self.convert_list(template.group(2))}>"
        if cpp == "std::string" or cpp in self.aliases:
            return cpp
        if cpp.endswith("*"):
            return "RemotePointer"
        if cpp == "JITServer::Void":
            return "Void"
        shape = self.shapes[cpp]
        if shape in SCALARS:
            return SCALARS[shape]
        return cpp if self.has_own_name(cpp) else self.object_bytes(shape)

    def convert_list(self, text):
        return ", ".join(self.convert(part) for part in split_list(text))

    def has_own_name(self, cpp):
        """Structs keep their name; enums and structs in namespaces are just bytes."""
        return self.shapes[cpp].startswith("object(") and re.fullmatch(r"[A-Z]\w*", cpp) is not None

    @staticmethod
    def object_bytes(shape):
        return f"ObjectBytes<{shape.removeprefix('object(').removesuffix(')')}>"

    def declarations(self):
        for name, shape in self.shapes.items():
            if self.has_own_name(name):
                yield f"using {name} = {self.object_bytes(shape)};"
        for name, definition in self.aliases.items():
            yield f"using {name} = {self.convert(definition)};"


def message_lines(number, line, types):
    match = re.fullmatch(r"(query|client|server) (\w+) \((.*?)\)(?: -> \((.*?)\))?((?: \[[\w ]+\])*)", line)
    if not match:
        sys.exit(f"not understood: {line}")
    direction, name, request, reply, _ = match.groups()
    yield f"struct {name} {{"
    yield f"  static constexpr std::uint16_t kNumber = {number};"
    yield f'  static constexpr const char* kName = "{name}";'
    yield f"  static constexpr auto kDirection = MessageType::Direction::{DIRECTIONS[direction]};"
    yield f"  static constexpr bool kHasReply = {'false' if reply is None else 'true'};"
    if request != "?":
        yield f"  using Request = std::tuple<{types.convert_list(request)}>;"
    if reply not in (None, "?"):
        yield f"  using Reply = std::tuple<{types.convert_list(reply)}>;"
    yield "};"
    yield ""


def main(source, output):
    head, sections = read_sections(source)
    types = CppTypes(sections)
    major, minor = head["protocol"].split(".")
    lines = [PROLOGUE.format(release=head["release"], protocol=head["protocol"], major=major, minor=minor)]
    lines += [*types.declarations(), ""]
    number, names = 0, []
    for line in sections["messages"]:
        if line.startswith("number "):
            number = int(line.split()[1])
        elif not line.startswith(" ") and "[j9 only]" not in line:
            lines += message_lines(number, line, types)
            names.append(line.split()[1])
            number += 1
    lines += ["/// Every declaration above, in numeric order.", f"using AllMessages = std::tuple<{', '.join(names)}>;"]
    lines += ["", f"}}  // namespace jitrig::{head['release']}", ""]
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
