#!/usr/bin/python3
"""The fuzzer must find the planted defect within its budget, beginning with a corpus that does not show it. Runs are
counted, and the seed is given: no clock decides.

usage: canary_test.py <libFuzzer program with the defect> <corpus.hex>
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import corpus  # noqa: E402

BUDGET_RUNS = 500_000


def main(program, packed):
    with tempfile.TemporaryDirectory() as folder:
        corpus.unpack(corpus.read(packed), f"{folder}/corpus")
        result = subprocess.run([program, "-seed=1", f"-runs={BUDGET_RUNS}", "-max_len=512", f"-artifact_prefix={folder}/",
                                 f"{folder}/corpus"], check=False, capture_output=True, text=True, errors="replace")  # fmt: skip
    said = result.stderr
    runs = re.findall(r"(?m)^#(\d+)", said)
    if "INITED" not in said:
        sys.exit(f"the corpus alone shows the defect, or nothing ran:\n{said[-3000:]}")
    if result.returncode == 0 or not re.search("does not hold|ERROR: AddressSanitizer|runtime error", said):
        sys.exit(f"the planted defect was not found in {BUDGET_RUNS} runs:\n{said[-3000:]}")
    print(f"found after about {runs[-1]} runs: {re.search('.*(?:does not hold|ERROR|runtime error).*', said).group()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
