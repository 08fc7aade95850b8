#!/usr/bin/python3
"""build.sh in an empty folder, with the variables that OSS-Fuzz's image gives it: what must come out does, and runs.

usage: build_test.py <clang++> [target...]    all without targets
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
import corpus  # noqa: E402
import fuzz  # noqa: E402

# Those of its base-builder for libFuzzer with AddressSanitizer; -stdlib=libc++ is there for build.sh to take away.
FLAGS = ("-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=address "
         "-fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link")  # fmt: skip


def environment(compiler, folder):
    for name in ("src", "out", "work"):
        (folder / name).mkdir()
    (folder / "src/jitrig").symlink_to(HERE.parents[1])
    return {**{name: os.environ[name] for name in ("PATH", "JITRIG_CMAKE_OPTIONS") if name in os.environ},
            "HOME": str(folder), "SRC": str(folder / "src"), "OUT": str(folder / "out"), "WORK": str(folder / "work"),
            "CC": compiler.replace("clang++", "clang"), "CXX": compiler, "CFLAGS": FLAGS,
            "CXXFLAGS": f"{FLAGS} -stdlib=libc++", "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}  # fmt: skip


def expect(holds, what):
    if not holds:
        sys.exit(f"oss-fuzz/build.sh: {what}")


def check_libraries(program):
    """Where the program runs, those that only its libraries want are beside it, too: DT_RPATH counts for these, not so
    DT_RUNPATH."""
    dynamic = subprocess.run(["readelf", "--dynamic", program], check=True, capture_output=True, text=True).stdout
    expect("(RPATH)" in dynamic and "[$ORIGIN/lib]" in dynamic and "(RUNPATH)" not in dynamic,
           f"{program.name} looks elsewhere for what its libraries want:\n{dynamic}")  # fmt: skip
    expect(any((program.parent / "lib").iterdir()), "no library is beside the programs")


def check(target, out, inputs):
    with zipfile.ZipFile(out / f"{target}_seed_corpus.zip") as packed:
        packed.extractall(inputs)
    kept = corpus.read(fuzz.FUZZ / "corpora" / f"{target}.hex")
    expect(sorted(corpus.files(inputs)) == sorted(kept), f"{target}: the seed corpus is not what is kept")
    options = (out / f"{target}.options").read_text()
    expect(options == (fuzz.FUZZ / "targets" / f"{target}.options").read_text(), f"{target}: other options")
    dictionary = fuzz.options(target)["libfuzzer"].get("dict")
    expect(not dictionary or (out / dictionary).stat().st_size > 0, f"{target}: no dictionary {dictionary}")
    check_libraries(out / target)
    ran = subprocess.run([out / target, "-runs=0", "-timeout=1200", inputs], check=False, capture_output=True, text=True,
                         errors="replace", env={})  # fmt: skip
    # libFuzzer runs no bytes at all first, and once more what keeps storage that it did not have before.
    done = re.search(r"Done (\d+) runs", ran.stderr)
    expect(ran.returncode == 0 and done and int(done[1]) > len(kept),
           f"{target} does not run its corpus:\n{ran.stderr[-2000:]}")  # fmt: skip


def main(compiler, *targets):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        built = subprocess.run([HERE / "build.sh", *targets], check=False, env=environment(compiler, folder),
                               stdin=subprocess.DEVNULL)  # fmt: skip
        expect(built.returncode == 0, "it failed, see above")
        for target in targets or fuzz.targets():
            check(target, folder / "out", folder / target)
            print(f"{target}: runs its corpus")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
