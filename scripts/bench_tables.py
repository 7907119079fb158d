"""Takes what benchmarks found into docs/benchmarks.json and writes the tables of docs/benchmarks.md from it.

Called by scripts/bench --write: bench_tables.py FOUND RESULTS DOCUMENT, where FOUND is a folder with
PART.jsonl (rows), PART.txt (printed), PART.command. Parts that were not run keep what they had.
"""

import json
import os
import pathlib
import platform
import re
import subprocess
import sys

PARTS = ["prices", "path", "large", "both", "model", "pieces", "counts"]
LIBRARIES = ["simd-csv", "zip", "flate2", "zlib-rs", "parquet", "arrow", "serde_json", "blake3", "criterion"]


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def first(path, start):
    """What stands behind a word at the start of a line of a file."""
    try:
        for line in open(path):
            if line.startswith(start):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return None


def machine():
    memory = first("/proc/meminfo", "MemTotal")
    gib = f"{int(memory.split()[0]) / 2**20:.0f} GiB" if memory else "memory unknown"
    processor = first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {gib}, {platform.system()} {platform.release()}"


def versions():
    lock = pathlib.Path("Cargo.lock").read_text()
    found = []
    for name in LIBRARIES:
        version = re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock)
        if version:
            found.append(f"{name} {version[1]}")
    changed = "" if not said("git", "status", "--porcelain", "--untracked-files=no", "crates") else " and changes"
    return {
        "rustc": said("rustc", "--version").split(" (")[0],
        "commit": said("git", "rev-parse", "--short=10", "HEAD") + changed,
        "libraries": ", ".join(found),
    }


def pieces():
    """Criterion's medians, in the order of the groups."""
    folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "criterion"
    rows = []
    for group in ["decimals", "rows", "fold", "questions"]:
        for estimates in sorted(folder.glob(f"{group}/*/new/estimates.json")):
            median = json.loads(estimates.read_text())["median"]
            interval = median["confidence_interval"]
            about = json.loads((estimates.parent / "benchmark.json").read_text())
            elements = (about.get("throughput") or {}).get("Elements", 1)
            values = [median["point_estimate"], interval["lower_bound"], interval["upper_bound"]]
            rows.append({"title": f"{group}: {about['function_id']}", "ns": [v / elements for v in values]})
    return rows


def counts(text):
    rows = []
    for line in text.splitlines()[1:]:
        words = re.match(r"(\S+)\s+(\d+)\s+(\d+)?\s+(\S+(?: %)?)\s\s(.*)", line)
        if words:
            rows.append({"title": words[5], "count": int(words[2])})
    return rows


def digits(value):
    """Three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def time(seconds):
    for limit, scale, unit in [(1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1e-1, 1e3, "ms")]:
        if seconds < limit:
            return f"{digits(seconds * scale)} {unit}"
    return f"{digits(seconds)} s"


def rate(per_second, unit):
    if per_second >= 1e4:
        return f"{digits(per_second / 1e6)} M {unit}/s"
    return f"{digits(per_second)} {unit}/s"



def found_goal(goal):
    """The figure of a goal in the goal's own unit."""
    text, found = goal["text"], goal["found"]
    if re.fullmatch(r"≤ [\d.]+ (ns|µs|ms|s)", text):
        return time(found)
    if text.endswith("/s"):
        return rate(found, text.split()[-1][:-2])
    unit = re.search(r"(MB|µs)$", text)
    if unit:
        return f"{digits(found)} {unit[1]}"
    return f"{digits(found)} ×"


def measured_table(rows):
    lines = ["| measurement | median | best | rate | peak memory | × baseline |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = ""
        if row["ratio_median"] is not None:
            ratio = f"{digits(row['ratio_median'])} × `{row['baseline']}`"
        peak = "" if row["peak_mb"] is None else f"{digits(row['peak_mb'])} MB"
        cells = [
            f"`{row['id']}`: {row['title']}",
            time(row["seconds_median"]),
            time(row["seconds_best"]),
            rate(row["per_second_median"], row["unit"]),
            peak,
            ratio,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    with_figures = [row for row in rows if row["figures"]]
    if with_figures:
        lines.append("")
    for row in with_figures:
        figures = [f"{f['name']} {digits(f['median'])} {f['unit']}".strip() for f in row["figures"]]
        lines.append(f"- `{row['id']}`: {', '.join(figures)}")
    return lines


def goals_table(results):
    lines = ["| work | goal | found | | measured by |", "|---|---|---|---|---|"]
    for part in PARTS:
        for row in results.get(part, {}).get("rows", []):
            for goal in row.get("goals", []):
                verdict = "reached" if goal["reached"] else "**missed**"
                where = f"`scripts/bench {part}`, `{row['id']}`"
                lines.append(f"| {row['title']} | {goal['text']} | {found_goal(goal)} | {verdict} | {where} |")
    return lines


def section(part, result):
    lines = ["```sh", *result["command"], "```", "", f"{result['machine']}; {result['rustc']}; commit {result['commit']}.", ""]
    if part == "pieces":
        lines += ["| step | median | 95 % interval of the median |", "|---|---|---|"]
        for row in result["rows"]:
            median, low, high = [time(ns / 1e9) for ns in row["ns"]]
            lines.append(f"| {row['title']} | {median} | {low} – {high} |")
    elif part == "counts":
        lines += ["| step | instructions |", "|---|---|"]
        lines += [f"| {row['title']} | {row['count']:,} |" for row in result["rows"]]
    else:
        rounds, cores = result["rows"][0]["rounds"], result["rows"][0]["cores"]
        on = "one core" if cores == 1 else f"{cores} cores"
        lines += [f"{rounds} rounds on {on}.", ""] + measured_table(result["rows"])
    return lines


def put(text, name, lines):
    """Replaces what stands between the markers of a name."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    if begin not in text or end not in text:
        sys.exit(f"error: the document has no section {name}")
    head, rest = text.split(begin, 1)
    return head + begin + "\n".join(lines).rstrip() + "\n" + end + rest.split(end, 1)[1]


def main():
    found, results_path, document = map(pathlib.Path, sys.argv[1:])
    results = json.loads(results_path.read_text()) if results_path.exists() else {}
    for part in PARTS:
        command = found / f"{part}.command"
        if not command.exists():
            continue
        result = {"command": command.read_text().splitlines(), "machine": machine(), **versions()}
        if part == "pieces":
            result["rows"] = pieces()
        elif part == "counts":
            result["rows"] = counts((found / "counts.txt").read_text())
        else:
            result["rows"] = [json.loads(line) for line in (found / f"{part}.jsonl").read_text().splitlines()]
        if result["rows"]:
            results[part] = result
    text = document.read_text()
    for part in PARTS:
        if part in results:
            text = put(text, part, section(part, results[part]))
    newest = results.get("path") or next(iter(results.values()), None)
    if newest:
        text = put(text, "libraries", [f"Libraries: {newest['libraries']}."])
    text = put(text, "goals", goals_table(results))
    results_path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    document.write_text(text)


main()
