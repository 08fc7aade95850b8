"""What the compiler says to snippets that must not compile, for tests of static_asserts and concepts."""

import concurrent.futures
import os
import subprocess
import tempfile


def precompiled(compiler, source_dir, folder, head):
    """The flags that include the head, compiled once: reading it costs far more than any snippet."""
    header = os.path.join(folder, "head.h")
    with open(header, "w", encoding="utf-8") as file:
        file.write(head)
    flags = ["-std=c++23", "-I", source_dir]
    subprocess.run([compiler, *flags, "-x", "c++-header", header, "-o", header + ".gch"], check=True)
    # g++ looks for head.h.gch by itself; clang wants to be told.
    is_clang = "clang" in subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    return flags + (["-include-pch", header + ".gch"] if is_clang else ["-include", header])


def problem(compiler, flags, parameter, statements, words):
    """What went otherwise than the table says; empty if nothing."""
    source = "void snippet(" + parameter + ") { using namespace jitrig; " + statements + " }\n"
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


def check_table(compiler, source_dir, head, parameter, table):
    """Compiles the statements of each row as the body of a function with that parameter, behind the head. A row with
    words must fail with these words in the compiler's output; one with None must compile, so that a broken set-up does
    not pass for a refusal. Prints what went otherwise; the exit status."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(4) as pool:
        flags = precompiled(compiler, source_dir, folder, head)
        problems = pool.map(lambda row: problem(compiler, flags, parameter, *row), table)
        for (statements, _), words in zip(table, problems):
            if words:
                failed += 1
                print(f"FAILED: {statements}\n  {words}")
    print(f"{len(table) - failed} of {len(table)} snippets behave as promised")
    return 1 if failed else 0
