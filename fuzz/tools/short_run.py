#!/usr/bin/python3
"""libFuzzer for so many runs from the target's corpus, always in the same way: the seed and the order of the inputs are
given, no clock decides, and nothing depends on where the program was loaded: comparisons of pointers do not tell it what
to try, and addresses are not random. Where the system does not allow the latter, the corpus alone is run. What was found is
printed as text and in hexadecimal.

usage: short_run.py <libFuzzer program with all targets> <target> <runs>
"""

import ctypes
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import corpus  # noqa: E402
import fuzz  # noqa: E402

SAME_EVERY_TIME = ["-seed=1", "-use_cmp=0", "-use_memmem=0", "-timeout=1200", "-detect_leaks=0", "-print_final_stats=1"]
ADDR_NO_RANDOMIZE = 0x0040000


def fixed_addresses():
    """For all that this process starts; False if the system does not allow it."""
    libc = ctypes.CDLL(None)
    libc.personality.argtypes = [ctypes.c_ulong]
    libc.personality(ADDR_NO_RANDOMIZE)
    now = libc.personality(0xFFFFFFFF)
    return now != -1 and now & ADDR_NO_RANDOMIZE != 0


def main(program, target, runs):
    kept = corpus.read(fuzz.FUZZ / "corpora" / f"{target}.hex")
    more = int(runs) if fixed_addresses() else 0
    print(f"{target}: {len(kept)} inputs of the corpus, {more} of libFuzzer's")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        corpus.unpack(kept, folder / "inputs")
        (folder / "list").write_text(",".join(map(str, sorted((folder / "inputs").iterdir()))))
        finding = folder / "finding"
        result = subprocess.run([program, target, *fuzz.options_of(target), *SAME_EVERY_TIME, f"-runs={len(kept) + 1 + more}",
                                 f"-exact_artifact_path={finding}", f"-seed_inputs=@{folder}/list"],
                                check=False, capture_output=True, text=True, errors="replace")  # fmt: skip
        print("\n".join(result.stderr.splitlines()[-60:]))
        if finding.exists():
            print(f"fuzz: {finding.read_bytes().hex()}\nfuzz: that, as a file, belongs into fuzz/findings/{target}:")
            print(fuzz.described(target, finding))
    return result.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 4 else __doc__)
