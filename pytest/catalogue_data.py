"""Reads protocol/catalogue/data/*.txt a second time, for comparing what `jitrig catalogue` prints."""

import functools
import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parent.parent / "protocol" / "catalogue" / "data"
BUILDS = ("openjdk", "j9")
SCALARS = {"int32", "int64", "uint32", "uint64", "bool", "string"}
BODYLESS = {"compilationInterrupted", "connectionTerminate"}
OPENING = {"compilationRequest", "clientSessionTerminate", "AOTCacheMap_request"}


def release_names():
    """Oldest first, head last."""
    names = [path.stem for path in DATA.glob("*.txt")]
    return sorted(names, key=lambda name: [999] if name == "head" else [int(part) for part in name.split(".")])


@functools.cache
def read(name):
    """The head lines, and the sections as lists of lines."""
    head, sections = {}, {}
    current = None
    for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section, _, like = line[1:].partition("]")
            current = sections.setdefault(section, [])
            if like:
                current.extend(read(like.split()[1])[1][section])
        elif current is None:
            key, _, value = line.partition(" ")
            head[key] = value
        else:
            current.append(line)
    return head, sections


def for_build(text, build):
    """The part of "a | j9 b" that a build means."""
    openjdk, _, j9 = text.partition(" | j9 ")
    return j9 if build == "j9" and j9 else openjdk


def split_commas(text):
    parts, depth, part = [], 0, ""
    for letter in text:
        depth += {"<": 1, ">": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += letter
    return [*parts, part.strip()] if part.strip() else parts


class Shapes:
    """C++ types to wire types."""

    def __init__(self, sections, build):
        self.known = {}
        for line in sections["types"]:
            cpp, _, shape = line.partition(" = ")
            self.known[cpp] = for_build(shape, build)
        self.aliases = dict(line.split(" = ", 1) for line in sections["aliases"])

    def wire(self, cpp):
        if cpp in self.aliases:
            return self.wire(self.aliases[cpp])
        template = re.fullmatch(r"std::(vector|tuple)<(.*)>", cpp)
        if template:
            return f"{template[1]}<{', '.join(map(self.wire, split_commas(template[2])))}>"
        if cpp == "std::string":
            return "string"
        return "object(8)" if cpp.endswith("*") else self.known[cpp]


def data_points(text, shapes):
    """Wire types and C++ types of "(A, B)"; None if not known."""
    if text == "(?)":
        return None, None
    cpp = split_commas(text[1:-1])
    return [shapes.wire(one) for one in cpp], cpp


@functools.cache
def message_types(release, build):
    """What `jitrig catalogue list --json` must print."""
    sections = read(release)[1]
    shapes = Shapes(sections, build)
    types, number, last = [], 0, None
    for line in sections["messages"]:
        if line.startswith("number "):
            number = int(line.split()[1])
            continue
        if line.startswith("  j9 "):
            if build == "j9":
                part = "reply" if "->" in line else "request"
                last[part], last[part + "_cpp"] = data_points(line[line.index("(") :], shapes)
            continue
        direction, name, request, reply, marks = re.fullmatch(
            r"(\w+) (\w+) (\([^)]*\))(?: -> (\([^)]*\)))?((?: \[[^]]*\])*)", line
        ).groups()
        if "[j9 only]" in marks and build != "j9":
            continue
        wire, cpp = data_points(request, shapes)
        reply_wire, reply_cpp = data_points(reply, shapes) if reply else (None, None)
        last = {
            "release": release, "build": build, "number": number, "name": name, "direction": direction,
            "has_reply": reply is not None, "request": wire, "reply": reply_wire, "request_cpp": cpp,
            "reply_cpp": reply_cpp, "bodyless": name in BODYLESS, "opens_connection": name in OPENING,
            "server_sends": "[unsent]" not in marks and f"[unsent in {build}]" not in marks,
            "unused": "[unused]" in marks,
        }  # fmt: skip
        types.append(last)
        number += 1
    return types


def structs(release, build):
    """Name to size and fields; those that the build has."""
    found = {}
    for line in read(release)[1]["structs"]:
        if not line.startswith(" "):
            name, _, sizes = line.partition(" ")
            found[name] = {"size": for_build(sizes, build), "fields": []}
            fields = found[name]["fields"]
            continue
        offset, size, field, cpp = line.split(maxsplit=3)
        fields.append({"offset_bytes": int(offset), "size_bytes": int(size), "name": field, "cpp_type": cpp})
    return {
        name: {"size": int(layout["size"]), "fields": layout["fields"]}
        for name, layout in found.items()
        if layout["size"] != "absent"
    }
