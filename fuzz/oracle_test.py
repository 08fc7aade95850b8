#!/usr/bin/python3
"""The codec in C++ against the oracle in Python (pytest/wire_codec.py), on the corpora and findings of the targets whose
input is a message: both refuse, or both write the same canonical bytes.

usage: oracle_test.py <fuzz_driver>
"""

import pathlib
import subprocess
import sys

FUZZ = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FUZZ / "tools"), str(FUZZ.parent / "pytest")]
import corpus  # noqa: E402
import wire_codec as wire  # noqa: E402

BODYLESS = frozenset({9, 11})
TARGETS = ("message_reencodes", "typed_read_fits", "edited_message_is_handled")


def verdict(data):
    try:
        return wire.encode(wire.decode(data, BODYLESS), BODYLESS).hex()
    except wire.Refused:
        return "refused"


def main(driver):
    inputs = [data for target in TARGETS
              for data in corpus.read(FUZZ / "corpora" / f"{target}.hex") + corpus.files(FUZZ / "findings" / target)]  # fmt: skip
    packed = pathlib.Path(driver).parent / "oracle_inputs.hex"
    packed.write_text("".join(data.hex() + "\n" for data in inputs))
    ours = subprocess.run([driver, "--verdicts", packed], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(ours) == len(inputs), f"{len(inputs)} inputs, {len(ours)} verdicts"
    different = [(data.hex(), verdict(data), said) for data, said in zip(inputs, ours) if verdict(data) != said]
    for data, oracle, said in different[:10]:
        print(f"input  {data}\n  oracle {oracle}\n  ours   {said}")
    refused = sum(said == "refused" for said in ours)
    print(f"{len(inputs)} inputs, {refused} refused by ours, {len(different)} differences")
    return 1 if different or not 0 < refused < len(inputs) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
