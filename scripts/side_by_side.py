"""The measuring behind scripts/side_by_side.

Each case runs in processes of its own. One kind of process does the work once and ends: its time from start
to end and its peak memory are what a user pays. Another does it once to warm up and then five times: the
middle one is the time in process, with files in the page cache. Cases on one thread are pinned to one core.
"""

import argparse
import csv
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

LEVERAGES = [10, 25, 50, 100]
BIN_USD = 10
HEAD = ["agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time", "is_buyer_maker"]


# The work: each function returns a callable that does it once and returns (groups, sum), for comparison.


def duckdb_case(paths, what, source, threads):
    import duckdb

    table = "trades" if source == "table" else f"'{paths['parquet']}'"
    if source == "csv":
        table = f"read_csv('{paths['csv']}')"
    database = str(paths["duckdb"]) if source == "table" else ":memory:"
    connection = duckdb.connect(database, read_only=source == "table")
    connection.execute(f"set threads={threads}")
    return lambda: summed(connection.execute(duckdb_sql(what, table)).fetchall())


def duckdb_sql(what, table):
    if what == "volume":
        return f"select floor(price / {BIN_USD})::int bin, sum(quantity) from {table} group by bin"
    sides = []
    # A long opened at a trade is gone once price has been at its liquidation price, a short likewise.
    for sign, alive in [("-", "lowest > level"), ("+", "highest < level")]:
        sides.append(
            f"select price * (1 {sign} 1.0 / leverage) level, price * quantity / {2 * len(LEVERAGES)} usd "
            f"from extremes, leverages where lowest is null or {alive}"
        )
    return f"""
        with extremes as (
            select price, quantity, min(price) over later lowest, max(price) over later highest from {table}
            window later as (order by agg_trade_id rows between 1 following and unbounded following)),
        leverages as (select unnest({LEVERAGES}) leverage)
        select floor(level / {BIN_USD})::int bin, sum(usd) from ({' union all '.join(sides)}) group by bin"""


def polars_case(paths, what, source, threads):
    import polars as pl

    scan = {"csv": pl.scan_csv, "parquet": pl.scan_parquet, "ipc": pl.scan_ipc}[source]
    path = paths["polars-parquet"] if source == "parquet" else paths[source]
    volume = (
        lambda trades: trades.group_by((pl.col("price") / BIN_USD).floor().cast(pl.Int32).alias("bin"))
        .agg(pl.col("quantity").sum())
    )

    def levels(trades):
        price = pl.col("price")
        later = trades.select(
            price,
            "quantity",
            lowest=price.cum_min(reverse=True).shift(-1),
            highest=price.cum_max(reverse=True).shift(-1),
        )
        sides = []
        for leverage in LEVERAGES:
            for sign, alive in [(-1, pl.col("lowest") > pl.col("level")), (1, pl.col("highest") < pl.col("level"))]:
                side = later.with_columns(level=price * (1 + sign / leverage))
                side = side.filter(pl.col("lowest").is_null() | alive)
                usd = (price * pl.col("quantity") / (2 * len(LEVERAGES))).alias("usd")
                sides.append(side.select((pl.col("level") / BIN_USD).floor().cast(pl.Int32).alias("bin"), usd))
        return pl.concat(sides).group_by("bin").agg(pl.col("usd").sum())

    query = volume if what == "volume" else levels
    return lambda: summed(query(scan(path)).collect(engine="streaming").rows())


def py_liquidation_map_case(paths, what, checkout):
    """Its own functions on the same file; only what would download is replaced."""
    import contextlib
    import io
    import types

    import matplotlib

    matplotlib.use("Agg")
    for module, name in [("binance_bulk_downloader", "BinanceBulkDownloader"), ("bybit_bulk_downloader", "BybitBulkDownloader")]:
        stub = types.ModuleType(f"{module}.downloader")
        setattr(stub, name, object)
        sys.modules[module] = types.ModuleType(module)
        sys.modules[f"{module}.downloader"] = stub
    sys.path.insert(0, str(checkout))
    from liqmap.mapping import HistoricalMapping

    day = paths["csv"].stem[-10:]
    folder = paths["folder"] / "py-liquidation-map"
    expected = folder / f"data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-{day}.csv"
    expected.parent.mkdir(parents=True, exist_ok=True)
    if not expected.exists():
        expected.symlink_to(paths["csv"].resolve())
    os.chdir(folder)
    mapping = HistoricalMapping("BTCUSDT", f"{day} 00:00:00", f"{day} 23:59:59", "binance")
    mapping._download = lambda: None

    def levels():
        with contextlib.redirect_stdout(io.StringIO()):
            buy, sell = mapping._make_buy_dataframe(), mapping._make_sell_dataframe()
        return len(buy) + len(sell), float(buy["amount"].sum() + sell["amount"].sum())

    def picture():
        with contextlib.redirect_stdout(io.StringIO()):
            mapping.liquidation_map_from_historical(mode="top_n", threshold_top_n=100)
        return 0, 0.0

    return levels if what == "levels" else picture


def liqmap_case(paths):
    """Its engine in JavaScript, bundled from the checkout; the process reports the time of the build alone."""

    def run():
        said = subprocess.run(
            ["node", "--max-old-space-size=8192", str(paths["liqmap"] / "run.mjs"), str(paths["bars"])],
            capture_output=True,
            text=True,
            check=True,
        )
        paths["told"] = json.loads(said.stdout)
        return paths["told"]["columns"], paths["told"]["sum"]

    return run


def summed(rows):
    return len(rows), float(sum(row[1] for row in rows))


def worker(case, paths, repeat):
    """One process: the work once, or once and then several times; prints what it took."""
    if case["threads"] == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    family, what = case["family"], case["what"]
    if family == "duckdb":
        work = duckdb_case(paths, what, case["source"], case["threads"])
    elif family == "polars":
        work = polars_case(paths, what, case["source"], case["threads"])
    elif family == "py-liquidation-map":
        work = py_liquidation_map_case(paths, what, case["checkout"])
    else:
        work = liqmap_case(paths)
    result = work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        times.append(paths["told"]["seconds"] if "told" in paths else time.perf_counter() - start)
    told = paths.get("told", {})
    peak = told.get("peak_mb") or peak_mb()
    print(json.dumps({"seconds": statistics.median(times) if times else None, "peak_mb": peak, "result": result}))


def peak_mb():
    try:
        for line in open("/proc/self/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


# The measuring.


def cases(arguments):
    found = []

    def add(family, title, what, rows, threads=1, once=False, **more):
        found.append({"family": family, "title": title, "what": what, "rows": rows, "threads": threads, "once": once, **more})

    for what, name in [("volume", "volume by price bin"), ("map", "map of 4 leverages, swept levels removed")]:
        for threads in sorted({1, os.cpu_count() or 1}):
            for source, label in [("csv", "CSV"), ("parquet", "Parquet"), ("table", "own table")]:
                add("duckdb", f"DuckDB, {name}, {label}", what, "trades", threads, source=source)
            for source, label in [("csv", "CSV"), ("parquet", "Parquet"), ("ipc", "IPC")]:
                add("polars", f"Polars, {name}, {label}", what, "trades", threads, source=source)
    if arguments.py_liquidation_map:
        checkout = str(pathlib.Path(arguments.py_liquidation_map).resolve())
        add("py-liquidation-map", "py-liquidation-map, levels of every trade, CSV", "levels", "trades", once=True, checkout=checkout)
        add("py-liquidation-map", "py-liquidation-map, picture of the 200 largest, CSV", "picture", "trades", once=True, checkout=checkout)
    if arguments.liqmap:
        add("liqmap", "liqmap, heatmap of 4 leverages", "heatmap", "bars", once=True)
    return found


def measure(case, arguments):
    def run(repeat):
        command = [sys.executable, __file__, "--work", arguments.work, "--worker", json.dumps(case), "--repeat", str(repeat)]
        if arguments.csv:
            command += ["--csv", arguments.csv]
        environment = {**os.environ, "POLARS_MAX_THREADS": str(case["threads"])}
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=arguments.timeout)
        took = time.perf_counter() - start
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it failed")
        return took, json.loads(done.stdout.splitlines()[-1])

    # What is slow enough not to need it is not warmed up.
    rounds = 1 if case["once"] else arguments.rounds
    whole = [run(0) for _ in range(rounds)]
    in_process = run(1 if case["once"] else 5)[1]
    return {
        "seconds": in_process["seconds"],
        "process_seconds": statistics.median(took for took, _ in whole),
        "peak_mb": max(told["peak_mb"] for _, told in whole),
        "result": in_process["result"],
    }


def liqlens(arguments, folder):
    """Our own tasks on the same files, pinned to one core and on all."""
    rows = []
    tasks = "path-m0,path-m1,path,archive-path,heatmap-4,heatmap-36"
    everywhere = sorted({1, os.cpu_count() or 1})
    for threads in everywhere:
        out = folder / "liqlens.jsonl"
        out.unlink(missing_ok=True)
        bench(arguments, folder, tasks, arguments.rounds, ["--json", str(out.resolve())], threads)
        for line in out.read_text().splitlines():
            row = json.loads(line)
            if row["id"] not in tasks.split(","):
                continue
            rows.append(
                {
                    "family": "liqlens",
                    "title": f"liqlens, {row['title']}",
                    "what": "map",
                    "rows": "bars" if row["unit"] == "bars" else "trades",
                    "threads": threads,
                    "seconds": row["seconds_median"],
                    "process_seconds": None,
                    "peak_mb": row["peak_mb"],
                }
            )
    return rows


def bench(arguments, folder, only, rounds, more, threads):
    """Runs the path benchmark, or only lets it write its input."""
    command = ["cargo", "bench", "-q", "-p", "liqlens", "--bench", "path", "--", "--rounds", str(rounds)]
    command += ["--only", known(only), "--keep", str(folder.resolve()), *more]
    command += ["--data", str(pathlib.Path(arguments.csv).resolve().parent)] if arguments.csv else ["--rows", str(arguments.rows)]
    if threads == 1 and shutil.which("taskset"):
        subprocess.run(command[:7] + ["--no-run"], check=True)
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def known(only):
    """Without the tasks that this version does not have."""
    source = "".join(path.read_text() for path in pathlib.Path("crates/liqlens/benches/path").glob("*.rs"))
    return ",".join(task for task in only.split(",") if f'"{task}"' in source)


def prepare(arguments, folder, paths, families):
    """Generates the files, and brings them into the formats the others like best."""
    if arguments.csv is None:
        bench(arguments, folder, "csv,heatmap-4", 0, [], 2)
    else:
        bench(arguments, folder, "heatmap-4", 0, [], 2)
    notes = []
    source = f"select * from read_csv('{paths['csv']}')"
    with open(paths["csv"]) as file:
        if next(csv.reader(file)) != HEAD:
            names = ", ".join(f"'{name}'" for name in HEAD)
            source = f"select * from read_csv('{paths['csv']}', header=false, names=[{names}])"
    if "duckdb" in families:
        import duckdb

        paths["duckdb"].unlink(missing_ok=True)
        start = time.perf_counter()
        connection = duckdb.connect(str(paths["duckdb"]))
        connection.execute(f"create table trades as {source}")
        connection.execute("checkpoint")
        notes.append(f"DuckDB imports the CSV into its table in {time.perf_counter() - start:.2f} s")
        connection.execute(f"copy trades to '{paths['parquet']}' (format parquet, compression zstd)")
        connection.close()
    if "polars" in families:
        import polars as pl

        start = time.perf_counter()
        frame = pl.read_csv(paths["csv"])
        frame.write_ipc(paths["ipc"], compression="uncompressed")
        notes.append(f"Polars writes it as IPC in {time.perf_counter() - start:.2f} s")
        frame.write_parquet(paths["polars-parquet"])
    if arguments.liqmap and "liqmap" in families:
        bundle_liqmap(pathlib.Path(arguments.liqmap).resolve(), paths["liqmap"])
    return notes


def bundle_liqmap(checkout, folder):
    """Its engine is TypeScript without dependencies: one bundled module, and a few lines that feed it."""
    folder.mkdir(parents=True, exist_ok=True)
    esbuild = folder / "node_modules/.bin/esbuild"
    if not esbuild.exists():
        subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "esbuild"], check=True, stdout=subprocess.DEVNULL)
    engine = checkout / "src/engine/build.ts"
    subprocess.run(
        [str(esbuild), str(engine), "--bundle", "--format=esm", f"--outfile={folder / 'engine.mjs'}", "--log-level=error"],
        check=True,
    )
    (folder / "run.mjs").write_text(
        """
import { readFileSync } from 'node:fs';
import { buildHeatmap } from './engine.mjs';
const lines = readFileSync(process.argv[2], 'utf8').trim().split('\\n').slice(1);
const candles = lines.map((line) => {
  const [start, open, high, low, close, volume] = line.split(',').map(Number);
  return { start, open, high, low, close, volume, turnover: volume * close };
});
const begin = performance.now();
const map = buildHeatmap(candles, [], '5m', { decay: true });
const seconds = (performance.now() - begin) / 1e3;
let sum = 0;
for (const matrix of map.matrices) for (let row = 0; row < map.grid.nBuckets; row++)
  sum += matrix[(map.nCols - 1) * map.grid.nBuckets + row];
const status = readFileSync('/proc/self/status', 'utf8');
const peak_mb = (Number(status.match(/VmHWM:\\s+(\\d+)/)[1]) * 1024) / 1e6;
console.log(JSON.stringify({ seconds, peak_mb, columns: map.nCols, sum }));
"""
    )


def show(rows, counts, baseline_of):
    width = max(len(row["title"]) for row in rows)
    print(f"{'':{width}} threads  in process  whole process      rows/s   peak MB  × liqlens")
    for row in rows:
        count = counts[row["rows"]]
        baseline = baseline_of(row)
        ratio = f"{row['seconds'] / baseline:8.2f}" if baseline else ""
        whole = f"{row['process_seconds']:12.3f} s" if row["process_seconds"] else " " * 14
        print(
            f"{row['title']:{width}} {row['threads']:7} {row['seconds']:9.4f} s {whole} {count / row['seconds'] / 1e6:9.2f} M"
            f" {row['peak_mb']:9.0f}  {ratio}"
        )


def agree(rows):
    """The same question must have the same answer wherever it is asked."""
    for what in ["volume", "map"]:
        results = [row["result"] for row in rows if row["what"] == what and row["family"] in ("duckdb", "polars")]
        if any(r[0] != results[0][0] or abs(r[1] / results[0][1] - 1) > 1e-9 for r in results):
            sys.exit(f"error: the answers differ: {what}: {results}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv")
    parser.add_argument("--only")
    parser.add_argument("--json")
    parser.add_argument("--timeout", type=float, default=1_800, help="seconds after which a case is given up")
    parser.add_argument("--py-liquidation-map")
    parser.add_argument("--liqmap")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--repeat", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()

    work = pathlib.Path(arguments.work)
    folder = work / (pathlib.Path(arguments.csv).stem if arguments.csv else str(arguments.rows))
    if arguments.worker:
        folder = work / json.loads(arguments.worker)["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        "folder": folder,
        "csv": pathlib.Path(arguments.csv) if arguments.csv else folder / "BTCUSDT-aggTrades-2026-03-20.csv",
        "bars": folder / "bars.csv",
        "liqmap": work / "liqmap",
        "duckdb": folder / "trades.duckdb",
        "parquet": folder / "trades.parquet",
        "polars-parquet": folder / "trades-polars.parquet",
        "ipc": folder / "trades.arrow",
    }
    if arguments.worker:
        return worker(json.loads(arguments.worker), paths, arguments.repeat)

    chosen = [case for case in cases(arguments)]
    if arguments.only:
        chosen = [case for case in chosen if case["family"] in arguments.only.split(",")]
    families = {case["family"] for case in chosen}
    ours = arguments.only is None or "liqlens" in arguments.only.split(",")
    notes = prepare(arguments, folder, paths, families)
    for module in families & {"duckdb", "polars"}:
        notes.append(f"{module} {__import__(module).__version__}")
    rows = []
    # Ours first: if they cannot be built, nobody waits for the others.
    our_rows = liqlens(arguments, folder) if ours else []
    for case in chosen:
        case["folder"] = folder.name
        print(f"{case['title']}, {case['threads']} threads", file=sys.stderr)
        try:
            rows.append({**case, **measure(case, arguments)})
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            notes.append(f"{case['title']}: not measured: {error}")
    agree(rows)
    rows += our_rows
    with open(paths["csv"]) as file:
        counts = {"trades": sum(1 for _ in file) - 1, "bars": 0}
    if paths["bars"].exists():
        with open(paths["bars"]) as file:
            counts["bars"] = sum(1 for _ in file) - 1

    def baseline_of(row):
        """Our learned map from CSV on as many threads, or the heatmap of as many classes."""
        of = "M2" if row["rows"] == "trades" else "4 classes"
        found = [r for r in rows if r["family"] == "liqlens" and of in r["title"] and r["threads"] == row["threads"] and r["rows"] == row["rows"]]
        return found[0]["seconds"] if found else None

    print(f"{counts['trades']} aggregate trades, {counts['bars']} bars. " + "; ".join(notes) + "\n")
    if rows:
        show(rows, counts, baseline_of)
    if arguments.json:
        pathlib.Path(arguments.json).write_text("".join(json.dumps(row) + "\n" for row in rows))


main()
