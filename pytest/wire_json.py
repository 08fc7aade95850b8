"""Messages of wire_codec.py in the JSON form of `jitrig decode --json` and `jitrig encode`.

By hand, to see what the oracle makes of bytes or of JSON (--release as for jitrig; only the body-less types count):

    python3 pytest/wire_json.py 1c0000000000000000000000ab0001000000000004000000feffffff
    python3 pytest/wire_json.py '{"number":171,"data":[{"int32":-2}]}'
"""

import argparse
import json
import re
import sys

import wire_codec as wire

# The body-less types shift with the releases; each of these stands for all with the same numbers.
BODYLESS = {"head": frozenset({9, 11}), "0.43.0": frozenset({7, 9}), "0.29.1": frozenset({6, 8})}

INTEGER_KEYS = {"int32": wire.Int32, "int64": wire.Int64, "uint32": wire.Uint32, "uint64": wire.Uint64}
KEYS_OF_INTEGERS = {cls: key for key, cls in INTEGER_KEYS.items()}


class NotTypeExact(Exception):
    """JSON that is not in the form which the program promises to print."""


def demand(condition, found):
    if not condition:
        raise NotTypeExact(repr(found))


# ---- to JSON ---------------------------------------------------------------------------------------------------


def is_printable(data):
    """Whether a string's bytes are shown as text: valid UTF-8 without control characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in text)


def value_to_json(value):
    if type(value) in KEYS_OF_INTEGERS:
        return {KEYS_OF_INTEGERS[type(value)]: value.value}
    if isinstance(value, wire.Bool):
        return {"bool": value.value}
    if isinstance(value, wire.String):
        return {"string": value.data.decode("utf-8") if is_printable(value.data) else {"hex": value.data.hex()}}
    if isinstance(value, wire.Object):
        return {"object": value.data.hex()}
    if isinstance(value, wire.SimpleVector):
        return {"simple_vector": {"element_size": value.element_size, "hex": value.data.hex()}}
    if isinstance(value, wire.EmptyVector):
        return {"empty_vector": True}
    key = "vector" if isinstance(value, wire.Vector) else "tuple"
    return {key: [value_to_json(element) for element in value.elements]}


def to_json(message):
    data = [value_to_json(value) for value in message.values]
    fields = {"number": message.number, "version": message.version, "config": message.config, "data": data}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


# ---- from JSON: strictly what is promised, so that an int32 of true, 1.0 or "1" does not pass --------------------


def integer(value):
    demand(type(value) is int, value)
    return value


def hex_bytes(value):
    demand(isinstance(value, str) and re.fullmatch("(?:[0-9a-f]{2})*", value), value)
    return bytes.fromhex(value)


def string_bytes(value):
    if isinstance(value, dict):
        demand(list(value) == ["hex"], value)
        data = hex_bytes(value["hex"])
        demand(not is_printable(data), value)
        return data
    demand(isinstance(value, str), value)
    data = value.encode("utf-8", errors="surrogatepass")
    demand(is_printable(data), value)
    return data


def simple_vector(value):
    demand(isinstance(value, dict) and list(value) == ["element_size", "hex"], value)
    return wire.SimpleVector(integer(value["element_size"]), hex_bytes(value["hex"]))


def value_from_json(fields):
    """One data point: an object with one key, which is the wire type."""
    demand(isinstance(fields, dict) and len(fields) == 1, fields)
    ((key, value),) = fields.items()
    if key in INTEGER_KEYS:
        return INTEGER_KEYS[key](integer(value))
    if key in ("bool", "empty_vector"):
        demand(isinstance(value, bool) and (value or key == "bool"), fields)
        return wire.Bool(value) if key == "bool" else wire.EmptyVector()
    if key == "string":
        return wire.String(string_bytes(value))
    if key == "object":
        return wire.Object(hex_bytes(value))
    if key == "simple_vector":
        return simple_vector(value)
    demand(key in ("vector", "tuple"), fields)
    return (wire.Vector if key == "vector" else wire.Tuple)(values_from_json(value))


def values_from_json(values):
    demand(isinstance(values, list), values)
    return tuple(value_from_json(value) for value in values)


def without_duplicates(pairs):
    demand(len(dict(pairs)) == len(pairs), pairs)
    return dict(pairs)


def from_json(line):
    """A line of `jitrig decode --json` (the type's name depends on the release, and is the catalogue's business), or of
    to_json(). NotTypeExact if it is not in that form."""
    fields = json.loads(line, object_pairs_hook=without_duplicates)
    fields.pop("type", None)
    demand(list(fields) == ["number", "version", "config", "data"], fields)
    number, version, config = (integer(fields[key]) for key in ("number", "version", "config"))
    return wire.Message(number, values_from_json(fields["data"]), version, config)


# ---- by hand -----------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description="What the oracle makes of a message, as bytes or as JSON.")
    parser.add_argument("message", help="hexadecimal digits, or a line of JSON")
    parser.add_argument("--release", choices=list(BODYLESS), default="head")
    options = parser.parse_args()
    bodyless = BODYLESS[options.release]
    try:
        if options.message.startswith("{"):
            fields = {"version": 0, "config": 0, **json.loads(options.message)}
            line = json.dumps({key: fields.get(key) for key in ("number", "version", "config", "data")})
            print(wire.encode(from_json(line), bodyless).hex())
        else:
            print(to_json(wire.decode(bytes.fromhex(options.message), bodyless)))
    except (wire.Refused, NotTypeExact, ValueError) as error:
        sys.exit(f"refused: {error}")


if __name__ == "__main__":
    main()
