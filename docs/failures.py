#!/usr/bin/env python3
"""failures.py <jitrig> [--check]: docs/failures.md, from docs/failures.txt and from the logs of the scenarios.

Every line that a scenario prints in the simulation must be explained by an entry of failures.txt, and every pattern
there must find a line in the entry's own scenario. With --check it only says whether the page there is this one.
"""

import pathlib
import re
import sys

import failure_log
import failure_source

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE / "failures.txt"
PAGE = HERE / "failures.md"
CASES = HERE.parent / "scenarios" / "cases"
HEAD = "<!-- made by docs/failures.py from docs/failures.txt and the scenarios; do not edit -->"


def slug(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def words_of(kind):
    """What somebody searches for: the reason, without the line that it stands in."""
    reason = re.fullmatch(r"compilation <n>.*?(\w+) after <n> queries \((.*)\)", kind)
    words = reason[2] if reason else kind
    words = re.sub(r"^#JITServer: (t=<ms>|compThreadID=<n>) (\(entry=<hex>\) )?", "", words)
    return re.sub(r"^(no connection: )?(TLS handshake )?<\w+> -> <\w+>: ", "", words)


def lines_of(failure, log):
    """The lines of the failure's own scenario that its patterns find."""
    lines = []
    for side in (failure_log.CLIENT, failure_log.SERVER):
        for pattern in failure.patterns[side]:
            found = [kind for where, kind in log if where == side and pattern.matches(kind)]
            if not found:
                heard = "\n  ".join(kind for where, kind in log if where == side)
                raise failure_source.SourceError(
                    f"{SOURCE.name}:{pattern.line}: the {side} of {failure.scenario} says nothing like "
                    f"'{pattern.text}'. It says:\n  {heard}")
            lines += [(side, kind) for kind in found if (side, kind) not in lines]
    return lines


def heading(level, title):
    """With a name of our own: GitHub's and Doxygen's differ."""
    return [f'<a name="{slug(title)}"></a>', "", f"{level} {title}", ""]


def require_silence(failure, log, failures):
    """Who is said to print nothing prints at most lines that are no failure."""
    for side, kind in log:
        if side in failure.silent and not any(each.explains(side, kind) and each.is_none() for each in failures):
            raise failure_source.SourceError(
                f"{SOURCE.name}:{failure.line}: the {side} of {failure.scenario} is not silent: it says\n  {kind}")


def section(failure, log):
    lines = lines_of(failure, log)
    text = [*heading("###", failure.title), "```text"]
    text += [f"{side}  {kind}" for side, kind in lines]
    text += [f"{side}  (nothing)" for side in (failure_log.CLIENT, failure_log.SERVER) if side in failure.silent]
    text += ["```", "", f"**It means**: {failure.means}", "", f"**What to do**: {failure.do}", ""]
    if failure.real:
        text += ["In a real one's log: " + "; ".join(f"`{line}`" for line in failure.real) + ".", ""]
    text += [f"See it: `jitrig scenario run {failure.scenario} --runtime {failure.runtime} --seed 1 --log`", ""]
    return text


def index(failures, logs):
    """Every line that occurs, and every line of a real log that is named, with the entries that explain it."""
    rows = {}
    for failure in failures:
        for line in failure.real:
            rows.setdefault(("real", line), []).append(failure)
    for side, kind in sorted({entry for log in logs for entry in log}):
        explained = [failure for failure in failures if failure.explains(side, kind)]
        row = rows.setdefault((side, words_of(kind)), [])
        row += [failure for failure in explained if failure not in row]
    yield from ("| in the log | of | see |", "|---|---|---|")
    for (side, words), explained in sorted(rows.items(), key=lambda row: (row[0][1].lower(), row[0][0])):
        links = ", ".join(f"[{failure.title}](#{slug(failure.title)})" for failure in explained)
        yield f"| `{words.replace('|', '/')}` | {side} | {links} |"


def unexplained(failures, logs):
    for runtime, by_scenario in logs.items():
        for scenario, log in by_scenario.items():
            for side, kind in log:
                if not any(failure.explains(side, kind) for failure in failures):
                    yield f"{scenario} ({runtime}), {side}: {kind}"


def page(jitrig):
    source = failure_source.read(SOURCE)
    failures = [failure for group in source.groups for failure in group.failures]
    logs = {runtime: failure_log.read_log(jitrig, [], runtime, str(CASES)) for runtime in failure_log.RUNTIMES}
    text = ["# Failures", "", HEAD, "", source.introduction, "", "[By line](#by-line) is the last part.", ""]
    for group in source.groups:
        text += [f"- **[{group.title}](#{slug(group.title)})**: "
                 + ", ".join(f"[{failure.title}](#{slug(failure.title)})" for failure in group.failures)]
    text += [""]
    for group in source.groups:
        text += heading("##", group.title)
        for failure in group.failures:
            log = logs[failure.runtime].get(failure.scenario)
            if log is None:
                raise failure_source.SourceError(
                    f"{SOURCE.name}:{failure.line}: no scenario {failure.scenario} runs in {failure.runtime}")
            require_silence(failure, log, failures)
            text += section(failure, log)
    missing = sorted(set(unexplained(failures, logs)))
    if missing:
        raise failure_source.SourceError("no entry of docs/failures.txt explains these lines:\n" + "\n".join(missing))
    all_logs = [log for by_scenario in logs.values() for log in by_scenario.values()]
    text += [*heading("##", "By line"), *index(failures, all_logs), ""]
    return "\n".join(text)


def main(jitrig, check):
    new = page(jitrig)
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == new:
        return
    if check:
        sys.exit(f"docs/failures.md is out of date: run docs/failures.py {jitrig}")
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1], "--check" in sys.argv[2:])
    except IndexError:
        sys.exit("usage: failures.py <jitrig> [--check]")
    except (failure_source.SourceError, failure_log.LogError) as error:
        sys.exit(str(error))
