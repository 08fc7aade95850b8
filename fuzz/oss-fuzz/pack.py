"""What OSS-Fuzz expects of a target in $OUT: the program and the libraries that it needs, <target>_seed_corpus.zip,
<target>.options, and the dictionary that the options name.

usage: pack.py <folder of the programs> <output folder> <target>...
"""

import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import corpus  # noqa: E402
import fuzz  # noqa: E402

EVERYWHERE = ("ld-linux", "libc.so", "libm.so", "libgcc_s", "libpthread", "libdl", "librt", "libresolv")


def pack_libraries(program, folder):
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    folder.mkdir(exist_ok=True)
    for name, path in re.findall(r"(\S+) => (/\S+)", listed):
        if not name.startswith(EVERYWHERE):
            shutil.copy(path, folder / name)


def pack_corpus(target, archive):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for data in corpus.read(fuzz.FUZZ / "corpora" / f"{target}.hex"):
            packed.writestr(hashlib.sha1(data, usedforsecurity=False).hexdigest(), data)


def main(programs, output, *targets):
    output = pathlib.Path(output)
    for target in targets:
        pack_libraries(pathlib.Path(programs) / target, output / "lib")
        shutil.copy(pathlib.Path(programs) / target, output)
        pack_corpus(target, output / f"{target}_seed_corpus.zip")
        shutil.copy(fuzz.FUZZ / "targets" / f"{target}.options", output)
        dictionary = fuzz.options(target)["libfuzzer"].get("dict")
        if dictionary:
            shutil.copy(fuzz.FUZZ / "dictionaries" / dictionary, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
