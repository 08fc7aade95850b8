#!/usr/bin/env python3
"""bug_table.py [--check]: the table of bugs that really happened, in scenarios/README.md: which are shown, and proved.

Made of entries.txt, of what scenarios say that they cover, and of the twins. With --check it only says whether the
table there is this one.
"""

import pathlib
import re
import sys

import twin

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parent / "README.md"
CASES = HERE.parent / "cases"
BEGIN = "<!-- made by scenarios/twins/bug_table.py; do not edit -->"
END = "<!-- end of what bug_table.py made -->"
SHOWN = 3  # scenarios named per entry; there may be more
RUNTIMES = ("simulation", "simulated_tls", "loopback", "tls", "grpc", "grpc_tls")


def read_entries():
    entries = {}
    for number, line in enumerate((HERE / "entries.txt").read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Z][0-9]+): (.*?)(?: -- (.*))?", line)
        if not match:
            sys.exit(f"entries.txt:{number}: expected `F1: what went wrong`, found '{line}'")
        entries[match[1]] = (match[2], match[3])
    return entries


def read_covers():
    """Entry: [(scenario, runtimes)]"""
    covers = {}
    for path in sorted(CASES.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        named = re.search(r"^covers: *\[(.*)\]", text, re.MULTILINE)
        if not named:
            continue
        runtimes = re.search(r"^runtimes: *\[(.*)\]", text, re.MULTILINE)
        name = str(path.relative_to(CASES).with_suffix(""))
        for entry in re.findall(r"[A-Z][0-9]+", named[1]):
            covers.setdefault(entry, []).append((name, runtimes[1] if runtimes else "simulation"))
    return covers


def shown_by(scenarios):
    names = [f"`{name}`" for name, _ in scenarios[:SHOWN]]
    if len(scenarios) > SHOWN:
        names.append(f"{len(scenarios) - SHOWN} more")
    return ", ".join(names)


def runtimes_of(scenarios):
    used = {runtime.strip() for _, runtimes in scenarios for runtime in runtimes.split(",")}
    if used - set(RUNTIMES):
        sys.exit(f"runtimes {used - set(RUNTIMES)} are unknown here; known: {RUNTIMES}")
    return ", ".join(name for name in RUNTIMES if name in used)


def rows(entries, covers, twins):
    for entry, (title, reason) in entries.items():
        scenarios = covers.get(entry, [])
        proofs = [t for t in twins if t.entry == entry]
        proved = "; ".join(f"{t.defect[:-1]}: `{' '.join(t.run)}`" for t in proofs)
        if not proved:
            proved = f"cannot be shown: {reason}" if reason else "not yet"
        yield f"| {entry} | {title} | {shown_by(scenarios)} | {runtimes_of(scenarios)} | {proved} |"


def table():
    entries, covers, twins = read_entries(), read_covers(), twin.all_twins(HERE)
    for name in {*covers, *(t.entry for t in twins)} - set(entries):
        sys.exit(f"entry {name} is covered, but entries.txt does not have it")
    proved = {t.entry for t in twins}
    lines = [
        f"Of {len(entries)} entries {len(set(covers) | proved)} have a scenario or a sweep, {len(proved)} are proved by "
        f"{len(twins)} twins, {sum(1 for _, reason in entries.values() if reason)} cannot be shown here.",
        "",
        "| entry | what went wrong | scenarios | runtimes | proved by: a planted defect, and the run that notices it |",
        "|---|---|---|---|---|",
        *rows(entries, covers, twins),
    ]
    return "\n".join(lines)


def main(check):
    text = README.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    new = f"{text[:begin]}\n\n{table()}\n\n{text[end:]}"
    if new == text:
        return
    if check:
        sys.exit("the table of bugs in scenarios/README.md is out of date: run scenarios/twins/bug_table.py")
    README.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
