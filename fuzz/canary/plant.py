"""The validation of messages with a defect: a nested data point may be larger than what it is in, as long as it ends
inside the message.

usage: plant.py <message_validation.cc> <output>
"""

import pathlib
import sys

RIGHT = "if (descriptor.size > parent.end - body) {"
WRONG = "if (descriptor.size > message_.size() - body) {"


def main(source, output):
    text = pathlib.Path(source).read_text(encoding="utf-8")
    if text.count(RIGHT) != 1:
        sys.exit(f"{source}: expected once: {RIGHT}")
    pathlib.Path(output).write_text(f'#line 1 "{source}"\n' + text.replace(RIGHT, WRONG), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
