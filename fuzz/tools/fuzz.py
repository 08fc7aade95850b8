#!/usr/bin/python3
"""What `./dev fuzz` does once the programs are built.

usage: fuzz.py programs <what ./dev fuzz was told>    judges it, and says what is to be built
       fuzz.py run <build folder> <target>|all [seconds] [libFuzzer's options]
       fuzz.py minimise <build folder> <file in fuzz/findings/<target>> [seconds]
       fuzz.py refresh <build folder> [target...]
       fuzz.py describe <file in fuzz/findings/<target>>
       fuzz.py targets
"""

import configparser
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import corpus  # noqa: E402
import describe  # noqa: E402
import seeds  # noqa: E402

FUZZ = pathlib.Path(__file__).resolve().parents[1]
LARGEST_CORPUS_BYTES = 100_000


def targets():
    return sorted(path.stem for path in (FUZZ / "targets").glob("*.cc"))


def known(target):
    if target not in targets():
        sys.exit(f"fuzz: no such target '{target}'; the targets are: {' '.join(targets())}")
    return target


def whole_seconds(text):
    if not text.isdecimal() or int(text) == 0:
        sys.exit(f"fuzz: expected a number of seconds, not '{text}'; libFuzzer's own options begin with '-'")
    return int(text)


OPTIONS = {"libfuzzer": ("max_len", "dict"), "asan": ("quarantine_size_mb", "thread_local_quarantine_size_kb"),
           "jitrig": ("input",)}  # fmt: skip


def read_options(path):
    """As OSS-Fuzz reads them: libFuzzer's, the sanitizer's; what it does not know stands in a section of its own. What
    configparser would pass over, such as an option behind a section's name, is an error: the target would run without."""
    text = path.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if not re.fullmatch(r"(\[\w+\]|\w+ = \S+|)", line):
            sys.exit(f"{path}:{number}: expected '[section]' or 'option = value', not '{line}'")
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text, str(path))
    except configparser.Error as error:
        sys.exit(f"{path}: {error}")
    for section in parser.sections():
        for option in parser[section]:
            if option not in OPTIONS.get(section, ()):
                sys.exit(f"{path}: nobody reads '{option}' in the section {section}")
    dictionary = parser.get("libfuzzer", "dict", fallback=None)
    if dictionary is not None and not (FUZZ / "dictionaries" / dictionary).is_file():
        sys.exit(f"{path}: no such file in fuzz/dictionaries: {dictionary}")
    if not parser.get("libfuzzer", "max_len", fallback="").isdecimal():
        sys.exit(f"{path}: expected a number as max_len in the section libfuzzer")
    if parser.get("jitrig", "input", fallback="") not in describe.KINDS:
        sys.exit(f"{path}: expected input in the section jitrig to be one of {' '.join(describe.KINDS)}")
    return parser


def options(target):
    return read_options(FUZZ / "targets" / f"{target}.options")


def options_of(target):
    section = options(target)["libfuzzer"]
    arguments = [f"-{key}={value}" for key, value in section.items() if key != "dict"]
    if "dict" in section:
        arguments.append(f"-dict={FUZZ / 'dictionaries' / section['dict']}")
    return arguments


def libfuzzer_arguments(target):
    """Without the names of new functions: to look them up in a large program takes seconds, each time."""
    return [*options_of(target), "-timeout=20", "-rss_limit_mb=1500", "-print_funcs=0"]


SYMBOLIZER = "external_symbolizer_path=/usr/bin/llvm-symbolizer-19"
# Of allocations, and of what was freed long ago.
WITH_STACKS = "malloc_context_size=30:quarantine_size_mb=64:thread_local_quarantine_size_kb=1024"


def asan_options_of(target):
    parser = options(target)
    return ":".join(f"{key}={value}" for key, value in parser["asan"].items()) if parser.has_section("asan") else ""


def program(build, target, *arguments, asan="", **keywords):
    """What the environment and `asan` say comes behind the target's own options, and so wins."""
    command = [str(pathlib.Path(build).resolve() / "fuzz" / target), *map(str, arguments)]
    asan = (asan_options_of(target), os.environ.get("ASAN_OPTIONS"), SYMBOLIZER, asan)
    told = {"ASAN_OPTIONS": ":".join(filter(None, asan)),
            "UBSAN_OPTIONS": f"print_stacktrace=1:{SYMBOLIZER}"}  # fmt: skip
    return subprocess.run(command, check=False, env={**os.environ, **told}, **keywords)


def corpus_folder(build, target):
    """What is in git, and what earlier runs here have found."""
    folder = pathlib.Path(build) / "corpora" / target
    corpus.unpack(corpus.read(FUZZ / "corpora" / f"{target}.hex"), folder)
    return folder


def fuzz(build, target, seconds, more):
    """True if it found nothing."""
    findings = FUZZ / "findings" / target
    findings.mkdir(parents=True, exist_ok=True)
    before = {path: path.read_bytes() for path in findings.iterdir()}
    result = program(build, target, *libfuzzer_arguments(target), f"-max_total_time={seconds}", "-print_final_stats=1",
                     f"-artifact_prefix={findings}/", *more, corpus_folder(build, target), findings)  # fmt: skip
    for finding in sorted(set(findings.iterdir()) - set(before)):
        known_as = [path for path, content in before.items() if content == finding.read_bytes()]
        if known_as:
            finding.unlink()
        report(build, target, known_as[0] if known_as else finding)
    if not any(findings.iterdir()):
        findings.rmdir()
    if result.returncode != 0:
        print(f"fuzz: {target}: failed, see above", flush=True)
    return result.returncode == 0


def report(build, target, finding):
    """The finding once more, with the stacks of its allocations; and what it is."""
    print(f"\nfuzz: {target} has failed. Once more, with stacks of allocations:", flush=True)
    program(build, target, finding, asan=WITH_STACKS)
    show(finding)
    print(f"fuzz: the regression test is {finding}: `./dev test -R fuzz.{target}` runs it.")
    print(f"fuzz: make it smaller: ./dev fuzz minimise {finding}")


def target_of(finding):
    finding = pathlib.Path(finding).resolve()
    if finding.parent.parent != FUZZ / "findings" or not finding.is_file():
        sys.exit(f"fuzz: {finding}: expected a file in fuzz/findings/<target>")
    return known(finding.parent.name)


def described(target, finding):
    return describe.describe(options(target)["jitrig"]["input"], pathlib.Path(finding).read_bytes())


def show(finding):
    print(f"fuzz: {finding}, {pathlib.Path(finding).stat().st_size} bytes:")
    print(described(target_of(finding), finding))


def minimise(build, finding, seconds=30):
    """In its place, if a smaller one fails, too."""
    target = target_of(finding)
    finding = pathlib.Path(finding)
    if program(build, target, finding, capture_output=True).returncode == 0:
        sys.exit(f"fuzz: {finding} does not fail: there is nothing to make smaller")
    before = finding.stat().st_size
    with tempfile.TemporaryDirectory() as folder:
        smaller = pathlib.Path(folder) / "smaller"
        program(build, target, *libfuzzer_arguments(target), "-minimize_crash=1", f"-max_total_time={seconds}",
                f"-artifact_prefix={folder}/", f"-exact_artifact_path={smaller}", finding,
                capture_output=True)  # fmt: skip
        if smaller.exists() and smaller.stat().st_size < before:
            finding.write_bytes(smaller.read_bytes())
    show(finding)
    print(f"fuzz: {before} bytes before, {finding.stat().st_size} now")


def refresh(build, target):
    """The corpus anew: of seeds, of what is there and of what runs have found the fewest that reach as much."""
    inputs = corpus_folder(build, target)
    largest = int(options(target)["libfuzzer"]["max_len"])
    corpus.unpack([seed for seed in seeds.SEEDS.get(target, list)() if len(seed) <= largest], inputs)
    with tempfile.TemporaryDirectory() as merged:
        result = program(build, target, *libfuzzer_arguments(target), "-merge=1", merged, inputs, capture_output=True)
        if result.returncode != 0:
            sys.exit(f"fuzz: {target}: merging failed:\n{result.stderr.decode(errors='replace')[-2000:]}")
        kept = seeds.SEEDS[target]() if target in seeds.KEPT else []
        size = sum(map(len, kept))
        for data in sorted(corpus.files(merged), key=len):
            size += len(data)
            if size > LARGEST_CORPUS_BYTES:
                break
            kept.append(data)
    corpus.write(FUZZ / "corpora" / f"{target}.hex", kept)
    print(f"{target}: {len(kept)} inputs, {sum(map(len, kept))} bytes")


def run(build, target, *more):
    seconds = 60
    if more and not more[0].startswith("-"):
        seconds, more = whole_seconds(more[0]), more[1:]
    os.nice(10)  # nobody waits for it
    if target != "all":
        return 0 if fuzz(build, known(target), seconds, more) else 1
    failed = [each for each in targets() if not fuzz(build, each, seconds, more)]
    print("fuzz: " + (f"failed: {' '.join(failed)}" if failed else f"{len(targets())} targets, nothing found"))
    return 1 if failed else 0


def programs(arguments):
    """Names of cmake's. What is wrong is said before anything is built."""
    match arguments:
        case ["refresh"]:
            return ["fuzz_targets"]
        case ["refresh", *which]:
            return [known(target) for target in which]
        case ["minimise", finding] | ["minimise", finding, _]:
            whole_seconds((*arguments, "30")[2])
            return [target_of(finding)]
        case ["minimise", *_]:
            sys.exit("fuzz: minimise which? Expected a file in fuzz/findings/<target>, and seconds if you like")
        case [target, *more]:
            if more and not more[0].startswith("-"):
                whole_seconds(more.pop(0))
            for other in more:
                if not other.startswith("-"):
                    sys.exit(f"fuzz: expected an option of libFuzzer's, not '{other}'")
            return ["fuzz_targets" if target == "all" else known(target)]


def main(arguments):
    match arguments:
        case ["programs", first, *more]:
            print("\n".join(programs([first, *more])))
        case ["run", build, target, *more]:
            return run(build, target, *more)
        case ["minimise", build, finding]:
            minimise(build, finding)
        case ["minimise", build, finding, seconds]:
            minimise(build, finding, whole_seconds(seconds))
        case ["refresh", build, *which]:
            for target in which or targets():
                refresh(build, known(target))
        case ["describe", finding]:
            show(finding)
        case ["targets"]:
            print("\n".join(targets()))
        case _:
            sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
