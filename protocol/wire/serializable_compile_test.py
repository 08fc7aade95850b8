"""What the compiler says when something that cannot be a data point is sent or received.

Usage: serializable_compile_test.py COMPILER SOURCE_DIR
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "cmake"))
from compile_snippets import check_table  # noqa: E402

ELEMENT = "An element of this vector or tuple is not serialisable"
CHARACTERS = "to send characters wrap them in a std::string"

# (statements, words that the compiler must print)
TABLE = [
    ("setArgs(m, 1, true, std::string(\"a\"), std::vector<int>{1}, std::tuple(1, 2.5)); (void)getArgs<Void>(m);", None),
    ("struct Info { int number; void* pointer; }; setArgs(m, Info{1, nullptr}); (void)getArgs<Info>(m);", None),
    ("setArgs(m, \"characters\");", CHARACTERS),
    ("const char* text = \"a\"; setArgs(m, text);", CHARACTERS),
    ("char* text = nullptr; setArgs(m, text);", "to send the address itself cast it to void*"),
    ("(void)getArgs<const char*>(m);", CHARACTERS),
    ("int numbers[3] = {}; setArgs(m, numbers);", "A pointer is copied, not what it points to"),
    ("struct Named { std::string name; int number; }; setArgs(m, Named{\"a\", 1});",
     "send a struct that holds strings or vectors as a std::tuple of its members"),
    ("struct Named { std::vector<int> numbers; }; (void)getArgs<Named>(m);", "Only trivially copyable types"),
    ("setArgs(m, std::make_unique<int>(1));", "Only trivially copyable types"),
    ("setArgs(m, std::map<int, int>{});", "Only trivially copyable types"),
    ("setArgs(m, std::pair(1, 2));", "std::pair is not serialisable: use a std::tuple"),
    ("(void)getArgs<std::pair<std::string, int>>(m);", "std::pair is not serialisable: use a std::tuple"),
    ("setArgs(m, std::tuple<>());", "An empty tuple is not serialisable: send jitrig::Void"),
    ("setArgs(m, std::vector<bool>{true});", "use std::vector<std::uint8_t>"),
    ("setArgs(m, std::wstring(L\"a\"));", "Of the strings only std::string and std::string_view"),
    ("setArgs(m, std::vector<const char*>{\"a\"});", ELEMENT),
    ("setArgs(m, std::vector<std::vector<bool>>{});", ELEMENT),
    ("setArgs(m, std::tuple(1, std::pair(1, 2)));", ELEMENT),
    ("(void)getArgs<std::vector<std::wstring>>(m);", ELEMENT),
    ("(void)getArgs<std::span<const std::string>>(m);", "Of the spans only std::span<const T>"),
    ("(void)getArgs<std::span<int>>(m);", "Of the spans only std::span<const T>"),
    ("setArgs(m);", "A message needs at least one data point: send jitrig::Void"),
    ("(void)getArgs<>(m);", "A message has at least one data point: read jitrig::Void"),
]

HEAD = """
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>
#include "protocol/wire/args_raw.h"
"""

if __name__ == "__main__":
    sys.exit(check_table(*sys.argv[1:], HEAD, "jitrig::Message& m", TABLE))
