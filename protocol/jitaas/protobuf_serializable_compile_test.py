"""What the compiler says when something that cannot be a value of the older generation is sent or received.

Usage: protobuf_serializable_compile_test.py COMPILER SOURCE_DIR
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
    ("setArgs(m, std::vector<std::tuple<std::vector<int>>>{});", None),
    ("setArgs(m, \"characters\");", CHARACTERS),
    ("(void)getArgs<const char*>(m);", CHARACTERS),
    ("struct Named { std::string name; int number; }; setArgs(m, Named{\"a\", 1});",
     "classes derived from google::protobuf::Message"),
    ("(void)getArgs<std::map<int, int>>(m);", "Only trivially copyable types, classes derived from"),
    ("setArgs(m, std::pair(1, 2));", "std::pair is not serialisable: use a std::tuple"),
    ("setArgs(m, std::tuple<>());", "An empty tuple is not serialisable: send jitrig::Void"),
    ("setArgs(m, std::vector<bool>{true});", "use std::vector<std::uint8_t>"),
    ("setArgs(m, std::wstring(L\"a\"));", "Of the strings only std::string and std::string_view"),
    ("setArgs(m, std::span<const int>());", "not serialisable in this generation: use a std::vector"),
    ("setArgs(m, std::vector<std::vector<int>>{});", "a vector of vectors has no form in this generation"),
    ("setArgs(m, std::tuple(1, std::vector<std::vector<int>>{}));", ELEMENT),
    ("setArgs(m, std::vector<const char*>{\"a\"});", ELEMENT),
    ("setArgs(m);", "A message needs at least one value: send jitrig::Void"),
    ("(void)getArgs<>(m);", "A message has at least one value: read jitrig::Void"),
]

HEAD = """
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>
#include "protocol/jitaas/args_protobuf.h"
"""

if __name__ == "__main__":
    sys.exit(check_table(*sys.argv[1:], HEAD, "jitrig::JitaasMessage& m", TABLE))
