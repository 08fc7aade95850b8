"""What the compiler says when something that cannot be a data point is sent or received.

Usage: serializable_compile_test.py COMPILER SOURCE_DIR

Compiles each snippet of the table by itself. A snippet with words must fail with these words in the compiler's
output; one without must compile, so that a broken set-up does not pass for a refusal.
"""

import concurrent.futures
import os
import subprocess
import sys
import tempfile

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


def precompiled(compiler, source_dir, folder):
    """The flags that include HEAD, compiled once: reading it costs far more than any snippet."""
    header = os.path.join(folder, "head.h")
    with open(header, "w", encoding="utf-8") as file:
        file.write(HEAD)
    flags = ["-std=c++23", "-I", source_dir]
    subprocess.run([compiler, *flags, "-x", "c++-header", header, "-o", header + ".gch"], check=True)
    # g++ looks for head.h.gch by itself; clang wants to be told.
    is_clang = "clang" in subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    return flags + (["-include-pch", header + ".gch"] if is_clang else ["-include", header])


def problem(compiler, flags, statements, words):
    """What went otherwise than the table says; empty if nothing."""
    source = "void snippet(jitrig::Message& m) { using namespace jitrig; " + statements + " }\n"
    result = subprocess.run(
        [compiler, *flags, "-fsyntax-only", "-x", "c++", "-"],
        input=source, capture_output=True, text=True, check=False)
    output = " ".join(result.stderr.split())
    if words is None:
        return "" if result.returncode == 0 else "does not compile: " + output[:2000]
    if result.returncode == 0:
        return "compiles, but should not"
    # A long text may be broken into adjacent literals, which some compilers print with quotes between.
    return "" if words in output else f"fails without the words '{words}': {output[:2000]}"


def main():
    compiler, source_dir = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(4) as pool:
        flags = precompiled(compiler, source_dir, folder)
        problems = pool.map(lambda row: problem(compiler, flags, *row), TABLE)
        for (statements, _), words in zip(TABLE, problems):
            if words:
                failed += 1
                print(f"FAILED: {statements}\n  {words}")
    print(f"{len(TABLE) - failed} of {len(TABLE)} snippets behave as promised")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
