#!/usr/bin/env python3
"""Makes the tables of the codec benchmarks, and their JSON.

  tables.py times OUT.json RESULTS_OF_CODEC_BENCH.json...   (one for each process)
  tables.py instructions OUT.json CALLGRIND_OUT_FILE        (reads CALLGRIND_OUT_FILE.1, .2, ...)

Only the standard library, so that any Python 3 will do.
"""
import glob
import json
import re
import statistics
import sys

CODECS = ("jitrig", "jitrig_two_steps", "hand_written", "protobuf", "flatbuffers", "msgpack")
RUNS = 64  # codec_instructions runs each operation so often between two dumps
TARGETS = {  # largest ratio jitrig / hand_written
    "pointer_and_int32": 2.0,
    "eight_scalars": 2.0,
    "string_100_and_scalars": 1.5,
    "vector_of_100_tuples": 1.5,
    "compilation_request": 1.5,
    "jitaas_pointer_and_int32": 1.2,
    "jitaas_eight_scalars": 1.2,
    "jitaas_string_100_and_scalars": 1.2,
    "jitaas_vector_of_100_tuples": 1.2,
}


def rows_of(figures):
    """{"message/action/codec": figure} as [(message, action, {codec: figure})], in the order of appearance."""
    rows = {}
    for name, figure in figures.items():
        message, action, codec = name.split("/")
        rows.setdefault((message, action), {})[codec] = figure
    return [(message, action, codecs) for (message, action), codecs in rows.items()]


def print_table(head, lines):
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    for line in [head, *lines]:
        cells = [cell.ljust(width) if column < 2 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())


def verdict(message, ratio):
    target = TARGETS.get(message)
    if target is None:
        return ""
    return f"{'<=' if ratio <= target else 'ABOVE'} {target}"


def spread_of_ratios(times, others):
    """Median and quartiles of the ratios, repetition by repetition: those ran closest to each other."""
    ratios = sorted(time / other for time, other in zip(times, others))
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return {"median": median, "quartiles": [low, high], "pairs": len(ratios)}


def times(out_path, *results_paths):
    figures = {}
    for process, path in enumerate(results_paths):
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        runs = [run for run in results["benchmarks"] if run["run_type"] == "iteration"]
        for run in sorted(runs, key=lambda run: run["family_index"]):
            figure = figures.setdefault(run["run_name"].split("/repeats")[0].split("/min_time")[0],
                                        {"times_ns": {}, "allocations": run["allocations"]})
            scale = {"ns": 1, "us": 1e3, "ms": 1e6}[run["time_unit"]]
            figure["times_ns"][process, run["repetition_index"]] = run["cpu_time"] * scale
    for figure in figures.values():
        figure["times_ns"] = [time for _, time in sorted(figure["times_ns"].items())]
        figure["median_ns"] = statistics.median(figure["times_ns"])

    lines, allocations, report = [], [], []
    for message, action, codecs in rows_of(figures):
        ratios = {codec: spread_of_ratios(codecs[codec]["times_ns"], codecs["hand_written"]["times_ns"])
                  for codec in codecs if codec != "hand_written" and "hand_written" in codecs}
        report.append({"message": message, "action": action, "codecs": codecs, "ratios_to_hand_written": ratios})
        line = [message, action]
        line += [f"{codecs[codec]['median_ns']:.1f}" if codec in codecs else "-" for codec in CODECS]
        ratio = ratios.get("jitrig")
        if ratio is None:
            line += ["-", "-", ""]
        else:
            low, high = ratio["quartiles"]
            line += [f"{ratio['median']:.2f}", f"{low:.2f}..{high:.2f}", verdict(message, ratio["median"])]
        lines.append(line)
        allocations.append([message, action] + [f"{codecs[codec]['allocations']:.0f}" if codec in codecs else "-"
                                                for codec in CODECS])
    print("CPU time per message in ns, medians; ratio = jitrig / hand_written, pair by pair, with its quartiles\n")
    print_table(["message", "action", *CODECS, "ratio", "quartiles", "target"], lines)
    print("\nallocations per message in steady state\n")
    print_table(["message", "action", *CODECS], allocations)
    write_json(out_path, {"unit": "ns of CPU time per message", "processes": len(results_paths),
                          "context": results["context"], "rows": report})


def instructions(out_path, callgrind_path):
    figures = {}
    for path in glob.glob(glob.escape(callgrind_path) + ".*"):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        trigger = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
        total = re.search(r"^(?:summary|totals): (\d+)$", text, re.MULTILINE)
        if trigger and total:
            number = int(path.rsplit(".", 1)[1])
            figures[trigger.group(1)] = (number, int(total.group(1)) / RUNS)
    if "nothing/nothing/nothing" not in figures:
        sys.exit(f"tables.py: no dumps of codec_instructions beside {callgrind_path}")
    _, nothing = figures.pop("nothing/nothing/nothing")  # the loop and the call
    figures = {name: count - nothing for name, (_, count) in sorted(figures.items(), key=lambda item: item[1][0])}

    lines, report = [], []
    for message, action, codecs in rows_of(figures):
        line = [message, action] + [f"{codecs[codec]:.0f}" if codec in codecs else "-" for codec in CODECS]
        ratio = codecs["jitrig"] / codecs["hand_written"] if {"jitrig", "hand_written"} <= codecs.keys() else None
        line += ["-", ""] if ratio is None else [f"{ratio:.2f}", verdict(message, ratio)]
        lines.append(line)
        report.append({"message": message, "action": action, "instructions": codecs,
                       "ratio_to_hand_written": ratio})
    print("instructions per message, counted by callgrind; ratio = jitrig / hand_written\n")
    print_table(["message", "action", *CODECS, "ratio", "target"], lines)
    write_json(out_path, {"unit": "instructions per message", "rows": report})


def write_json(path, report):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    print(f"\nas JSON: {path}")


def main():
    verb, *paths = sys.argv[1:] or [""]
    if verb == "times" and len(paths) >= 2:
        times(*paths)
    elif verb == "instructions" and len(paths) == 2:
        instructions(*paths)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
