#!/usr/bin/python3
"""Every target's options are whole, and what is not is refused: a limit or a dictionary that nobody reads would not be
missed, for the target runs without."""

import pathlib
import sys
import tempfile

FUZZ = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FUZZ / "tools"))
import fuzz  # noqa: E402

WHOLE = "[libfuzzer]\nmax_len = 64\n\n[jitrig]\ninput = bytes\n"
REFUSED = {
    "[libfuzzer] max_len = 64\n\n[jitrig]\ninput = bytes\n": ":1: expected '[section]'",
    WHOLE.replace("\ninput", " input"): ":4: expected '[section]'",
    WHOLE.replace("max_len", "  max_len"): ":2: expected '[section]'",
    WHOLE.replace("64", "many"): "expected a number as max_len",
    WHOLE.replace("max_len = 64\n", ""): "expected a number as max_len",
    WHOLE.replace("64", "64\ndict = no.dict"): "no such file in fuzz/dictionaries: no.dict",
    WHOLE.replace("64", "64\ndictt = message.dict"): "nobody reads 'dictt' in the section libfuzzer",
    WHOLE + "dict = message.dict\n": "nobody reads 'dict' in the section jitrig",
    WHOLE + "[asn]\nquarantine_size_mb = 0\n": "nobody reads 'quarantine_size_mb' in the section asn",
    WHOLE + "input = text\n": "already exists",
    "max_len = 64\n" + WHOLE: "no section headers",
    WHOLE.replace("bytes", "octets"): "expected input in the section jitrig",
    WHOLE.split("[jitrig]", maxsplit=1)[0]: "expected input in the section jitrig",
}


def complaint(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "target.options"
        path.write_text(text)
        try:
            fuzz.read_options(path)
        except SystemExit as refusal:
            return str(refusal)
    return "none"


def main():
    for target in fuzz.targets():
        fuzz.options(target)
    assert complaint(WHOLE) == "none", complaint(WHOLE)
    for text, expected in REFUSED.items():
        said = complaint(text)
        assert expected in said and "target.options" in said, f"{text!r}: {said}"
    print(f"{len(fuzz.targets())} targets, {len(REFUSED)} kinds of broken options")


if __name__ == "__main__":
    main()
