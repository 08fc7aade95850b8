#!/usr/bin/python3
"""Where the system refuses to take the chance out of addresses, as docker's does, a short run is the corpus alone. Here a
seccomp filter refuses it.

usage: short_run_test.py <libFuzzer program with all targets> <target>
"""

import ctypes
import pathlib
import platform
import struct
import subprocess
import sys

SHORT_RUN = pathlib.Path(__file__).resolve().parent / "tools/short_run.py"
PERSONALITY = {"x86_64": 135, "aarch64": 92}
SKIPPED = 77
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def refuse_personality():
    """For this process and all that it starts; False if the system knows no such filters."""
    number = PERSONALITY[platform.machine()]
    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    refused, allowed = 0x00050001, 0x7FFF0000  # EPERM
    code = b"".join(struct.pack("<HBBI", *each) for each in (
        (load, 0, 0, 0), (jump_if_equal, 0, 1, number), (answer, 0, 0, refused), (answer, 0, 0, allowed)))  # fmt: skip
    program = Program(len(code) // 8, code)
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    address = ctypes.addressof(program)
    return prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and prctl(SECCOMP, FILTER, address, 0, 0) == 0


def main(program, target):
    if platform.machine() not in PERSONALITY or not refuse_personality():
        print("no seccomp filters here")
        return SKIPPED
    result = subprocess.run([sys.executable, "-B", SHORT_RUN, program, target, "100000"], check=False,
                            capture_output=True, text=True, errors="replace")  # fmt: skip
    print(result.stdout)
    if result.returncode != 0 or "inputs of the corpus, 0 of libFuzzer's" not in result.stdout:
        sys.exit(f"expected a run of the corpus alone, status 0 instead of {result.returncode}:\n{result.stderr}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
