"""Solves one hall with loopwatt, EPANET, pandapipes and scipy side by side: times, memory, agreement.

Started by benches/peers/run. `peers.py all` does everything; the other words run one solver in a process
of its own and print JSON.
"""

import argparse
import csv
import json
import os
import platform
import re
import resource
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
LOOPWATT = ROOT / "target/release/loopwatt"
COLUMNS = {
    "plate.linear [Pa s/kg]": (2e5, 0.05),
    "plate.quadratic [Pa s2/kg2]": (4e7, 0.05),
    "plate.conductance [W/K]": (80.0, 0.05),
    "leakage [W]": (60.0, 0.15),
    "rated_power [W]": (700.0, 0.03),
}
# What must agree with loopwatt, and within what.
FLOW_EPANET = 1e-5  # the accuracy that EPANET is asked for, relative
FLOW_PANDAPIPES = 1e-6  # relative
OUTLET_PANDAPIPES = 0.1  # K: it has one specific heat
FLOW_SCIPY = 1e-7  # relative
JUNCTION_SCIPY = 1e-4  # K


def memory():
    """MiB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hall(pods):
    """Folder of the hall with this many pods of 512 GPUs, made where it is not there."""
    import numpy as np

    folder = ROOT / "target/peers" / str(512 * pods)
    folder.mkdir(parents=True, exist_ok=True)
    text = (HERE / "hall.toml").read_text().replace("count = 196", f"count = {pods}")
    (folder / "hall.toml").write_text(text)
    table = folder / "gpus.csv"
    if not table.exists():
        random = np.random.default_rng(2026)
        n = 512 * pods
        columns = [mean * np.exp(sigma * random.standard_normal(n)) for mean, sigma in COLUMNS.values()]
        beside = table.with_suffix(".part")
        with open(beside, "w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["asset", *COLUMNS])
            for i in range(n):
                pod, rack, server, gpu = i // 512, i // 64 % 8, i // 8 % 8, i % 8
                rows.writerow([f"pod.{pod}.rack.{rack}.server.{server}.gpu.{gpu}", *(f"{c[i]:.9g}" for c in columns)])
        beside.rename(table)
    return folder


def export(folder, tool, *more):
    """File of the hall for another tool."""
    end = {"epanet": "inp", "pandapipes": "json"}[tool]
    out = folder / f"hall{''.join(m.strip('-') for m in more if m == '--heat')}.{end}"
    if not out.exists():
        subprocess.run([LOOPWATT, "export", folder / "hall.toml", "--to", tool, "--out", out, *more],
                       check=True, stdout=subprocess.DEVNULL)
    return out


def epanet(path, runs):
    from epanet import toolkit as en

    expected = {}
    with open(path) as file:
        for line in file:
            found = re.match(r"(L\d+) .*, loopwatt ([0-9.e+-]+) kg/s", line)
            if found:
                expected[found[1]] = float(found[2])
    whole, solve = [], []
    for _ in range(runs):
        started = time.perf_counter()
        project = en.createproject()
        en.open(project, str(path), str(path) + ".rpt", "")
        opened = time.perf_counter()
        en.openH(project)
        en.initH(project, 0)
        en.runH(project)
        solve.append(time.perf_counter() - opened)
        whole.append(time.perf_counter() - started)
        worst = 0.0
        for k in range(1, en.getcount(project, en.LINKCOUNT) + 1):
            flow = expected[en.getlinkid(project, k)]
            worst = max(worst, abs(en.getlinkvalue(project, k, en.FLOW) / flow - 1))
        en.close(project)
        en.deleteproject(project)
    return {"times": solve, "whole": whole, "flow": worst, "ok": worst < FLOW_EPANET}


def pandapipes(path, runs):
    import numpy as np
    import pandapipes as pp

    def flow(net, **more):
        mode = "hydraulics" if len(net.heat_exchanger) == 0 else "sequential"
        pp.pipeflow(net, mode=mode, max_iter_hyd=100, max_iter_therm=100, tol_m=1e-8, tol_p=1e-8, **more)

    # Compiles its numba functions, which is not counted.
    small = export(hall(1), "pandapipes", *(["--heat", "--loop", "pod.*.coolant"] if "heat" in path.name else []))
    flow(pp.from_json(str(small)))
    net = pp.from_json(str(path))
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        flow(net)
        times.append(time.perf_counter() - started)
    found = net.res_pipe.mdot_from_kg_per_s.to_numpy()
    asked = net.pipe.loopwatt_mdot_kg_per_s.to_numpy()
    worst = float(np.max(np.abs(found / asked - 1)))
    answer = {"times": times, "flow": worst, "ok": worst < FLOW_PANDAPIPES}
    if len(net.heat_exchanger):
        outlet = net.res_heat_exchanger.t_outlet_k - net.heat_exchanger.loopwatt_t_outlet_k
        answer["outlet"] = float(np.max(np.abs(outlet)))
        answer["ok"] &= answer["outlet"] < OUTLET_PANDAPIPES
    return answer


def scipy(folder, fluids, runs):
    import numpy as np
    from coupled import Fluid, Hall

    table = np.loadtxt(folder / "gpus.csv", delimiter=",", skiprows=1, usecols=range(1, 6)).T
    pods = table.shape[1] // 512
    fluids = json.loads(fluids)
    system = Hall(pods, table, Fluid(fluids["PG25"]), Fluid(fluids["water"]))
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        x, steps = system.solve()
        times.append(time.perf_counter() - started)
    gpus = folder / "solved.csv"
    if not gpus.exists():
        subprocess.run([LOOPWATT, "solve", folder / "hall.toml", "--json", "--gpus", gpus], check=False,
                       stdout=subprocess.DEVNULL)
    with open(gpus) as file:
        rows = csv.DictReader(file)
        ours = np.array([[float(r["flow [kg/s]"]), float(r["junction_temperature [degC]"])] for r in rows]).T
    flow = float(np.max(np.abs(x[system.at["m"]] / ours[0] - 1)))
    junction = float(np.max(np.abs(x[system.at["J"]] - 273.15 - ours[1])))
    return {"times": times, "steps": steps, "unknowns": x.size, "flow": flow, "junction": junction,
            "ok": flow < FLOW_SCIPY and junction < JUNCTION_SCIPY}


def bandwidth():
    """Bytes a second that one thread reads: a sum over 512 MiB, best of five."""
    import numpy as np

    block = np.ones(1 << 26)
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        block.sum()
        best = max(best, block.nbytes / (time.perf_counter() - started))
    return best


def child(prefix, arguments, limit):
    """Runs a process; its answer with wall time and memory, or why there is none."""
    with subprocess.Popen([*prefix, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            return {"failed": f"not within {limit:.0f} s"}
    if not out.strip():
        return {"failed": (err.strip().splitlines() or ["no answer"])[-1]}
    return json.loads(out)


def command(words, runs):
    """Wall seconds and MiB of a command."""
    walls, most = [], 0
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        walls.append(time.perf_counter() - started)
        if os.waitstatus_to_exitcode(status) > 1:
            raise SystemExit(f"{words[0]} ended with code {os.waitstatus_to_exitcode(status)}")
        most = max(most, usage.ru_maxrss / 1024)
    return {"times": walls, "memory": most}


def bench_hall(pods):
    """Edits that make models/halls/bench-100k.toml a hall of this many pods, as benches/solve.rs does."""
    share = pods / 196
    counts = {"facility-pumps": 12, "plate-exchangers": 15, "tower-pumps": 11, "towers": 34, "hv": 3,
              "transformers": 64, "busway": 64, "mechanical": 14}
    edits = [f"groups.pod.count={pods}"]
    edits += [f"equipment.{name}.count={max(1, -(-of * pods // 196))}" for name, of in counts.items()]
    edits += [
        f"equipment.facility-main.bore={1000 * share**0.5} mm",
        f"loops.facility.header.segment_linear={0.02 / share**2} Pa s/kg",
        f"loops.facility.header.segment_quadratic={1e-4 / share**3} Pa s2/kg2",
        f"equipment.feed.power_limit={200 * share} MW",
        f"equipment.air.capacity={80 * share} MW",
    ]
    return [word for edit in edits for word in ("--set", edit)]


class Row:
    """Times of one solver at one size over all rounds."""

    def __init__(self):
        self.times, self.memory, self.notes, self.failed, self.ok = [], 0.0, {}, None, True

    def add(self, answer, key="times"):
        if "failed" in answer:
            self.failed = answer["failed"]
            return
        self.times += answer[key]
        self.memory = max(self.memory, answer.get("memory", 0.0))
        self.ok &= answer.get("ok", True)
        self.notes.update({k: answer[k] for k in ("flow", "outlet", "junction", "unknowns", "steps") if k in answer})


def seconds(s):
    return f"{1e3 * s:.3g} ms" if s < 1 else f"{s:.3g} s"


def measure(arguments):
    prefix = shlex.split(arguments.prefix)
    peers = arguments.timer
    me = [sys.executable, Path(__file__)]
    rows = {}

    def row(gpus, name):
        return rows.setdefault(gpus, {}).setdefault(name, Row())

    sizes = arguments.pods
    for round_ in range(arguments.rounds):
        for pods in sizes:
            gpus = 512 * pods
            print(f"round {round_ + 1}, {gpus} GPUs", file=sys.stderr, flush=True)
            bench = bench_hall(pods)
            model = ROOT / "models/halls/bench-100k.toml"
            warm = "groups.pod.equipment.cdu.supply_temperature=41 degC"
            for threads in (1, os.cpu_count()):
                answer = child(prefix, [peers, "time", model, *bench, "--warm", warm, "--threads", threads, "--runs", 3], 300)
                for key in ("cold", "again", "warm", "build"):
                    row(gpus, f"plant: {key}, {threads} threads").add(answer, key)
            words = [LOOPWATT, "solve", model, "--json", *bench]
            row(gpus, "plant: command").add(child(prefix, [*me, "command", "3", *words], 300))
            if pods > arguments.most:
                continue
            folder = hall(pods)
            same = folder / "hall.toml"
            warm = "equipment.water.supply_temperature=35 degC"
            for threads in (1, os.cpu_count()):
                answer = child(prefix, [peers, "time", same, "--warm", warm, "--threads", threads, "--runs", 3], 300)
                for key in ("cold", "warm"):
                    row(gpus, f"loopwatt: {key}, {threads} threads").add(answer, key)
            fluids = json.dumps(answer.get("fluids", {}))
            words = [LOOPWATT, "solve", same, "--json"]
            row(gpus, "loopwatt: command, CSV").add(child(prefix, [*me, "command", "3", *words], 300))
            inp = export(folder, "epanet")
            answer = child(prefix, [*me, "epanet", inp, "3"], arguments.limit)
            row(gpus, "EPANET").add(answer)
            row(gpus, "EPANET, file read too").add(answer, "whole")
            jobs = [
                ("pandapipes", ["pandapipes", export(folder, "pandapipes"), "1"]),
                ("pandapipes + heat", ["pandapipes", export(folder, "pandapipes", "--heat", "--loop", "pod.*.coolant"), "1"]),
                ("scipy", ["scipy", folder, "1", "--fluids", fluids]),
            ]
            for name, words in jobs:
                if row(gpus, name).failed is None:
                    row(gpus, name).add(child(prefix, [*me, *words], arguments.limit))
    return rows


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.processor())
    return f"{model}, {os.cpu_count()} threads"


def agreement(row):
    said = [f"flow {row.notes['flow']:.0e}"] if "flow" in row.notes else []
    said += [f"{key} {row.notes[key]:.1g} K" for key in ("outlet", "junction") if key in row.notes]
    return ", ".join(said) + ("" if row.ok else " **differs**")


def ratio(row, ours):
    """How many times as long as each of ours."""
    middle = statistics.median(row.times)
    return " / ".join(f"{middle / statistics.median(other.times):.3g}" for other in ours)


def table(rows, most):
    """The tables in Markdown, and whether all agree."""
    threads = os.cpu_count()
    peers = ("EPANET", "pandapipes", "scipy")
    largest = max((gpus for gpus in rows if gpus <= 512 * most), default=0)
    named = rows.get(largest, {})
    ours = [named[f"{hall}: cold, {threads} threads"] for hall in ("loopwatt", "plant") if named]
    lines = [f"### {largest:,} GPUs", "",
             "| | median | least | most | MiB | times loopwatt cold, this hall / plant | differs from loopwatt by |",
             "|---|---|---|---|---|---|---|"]
    for name, row in named.items():
        if not row.times:
            lines.append(f"| {name} | {row.failed} | | | | | |")
            continue
        peer = name.startswith(peers) and all(other.times for other in ours)
        lines.append(f"| {name} | {seconds(statistics.median(row.times))} | {seconds(min(row.times))} "
                     f"| {seconds(max(row.times))} | {f'{row.memory:.0f}' if row.memory else ''} "
                     f"| {ratio(row, ours) if peer else ''} | {agreement(row)} |")
    sizes = sorted(rows)
    lines += ["", "### Medians by number of GPUs", "", "| | " + " | ".join(f"{gpus:,}" for gpus in sizes) + " |",
              "|---|" + "---|" * len(sizes)]
    for name in dict.fromkeys(name for gpus in sizes for name in rows[gpus]):
        cells = []
        for gpus in sizes:
            row = rows[gpus].get(name)
            cells.append("" if row is None else seconds(statistics.median(row.times)) if row.times else row.failed)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines), all(row.ok for named in rows.values() for row in named.values())


def chart(rows):
    threads = os.cpu_count()
    shown = {
        "pandapipes + heat": "pandapipes + heat", "scipy": "scipy",
        "EPANET": "EPANET", "plant: command": "loopwatt, command",
        f"plant: cold, {threads} threads": "loopwatt, cold", f"plant: warm, {threads} threads": "loopwatt, warm",
    }
    return [
        {"name": title, "points": [[gpus, statistics.median(named[key].times)] for gpus, named in sorted(rows.items())
                                   if key in named and named[key].times]}
        for key, title in shown.items()
    ]


def everything(arguments):
    rows = measure(arguments)
    text, good = table(rows, arguments.most)
    print(text)
    out = ROOT / "target/peers/results.json"
    out.write_text(json.dumps({
        "machine": machine(), "bandwidth": bandwidth(), "chart": [c for c in chart(rows) if c["points"]],
        "rows": {g: {n: {"times": r.times, "memory": r.memory, "failed": r.failed, **r.notes} for n, r in named.items()}
                 for g, named in rows.items()},
    }, indent=1))
    (ROOT / "target/peers/table.md").write_text(text + "\n")
    if arguments.book:
        page = ROOT / "docs/speed.md"
        before, _, rest = page.read_text().split("<!-- measured -->\n")
        rounds = "1 round" if arguments.rounds == 1 else f"{arguments.rounds} rounds"
        said = f"{machine()}; {rounds}; medians of all runs.\n\n{text}\n"
        page.write_text(f"{before}<!-- measured -->\n{said}<!-- measured -->\n{rest}")
    if not good:
        raise SystemExit("the solvers do not agree: see the rows marked so")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    words = parser.add_subparsers(dest="word", required=True)
    whole = words.add_parser("all")
    whole.add_argument("--pods", type=lambda t: [int(p) for p in t.split(",")], default=[1, 8, 64, 196, 1960],
                       help="sizes in pods of 512 GPUs")
    whole.add_argument("--most", type=int, default=196, help="largest size for the peers")
    whole.add_argument("--rounds", type=int, default=3)
    whole.add_argument("--limit", type=float, default=300, help="seconds for one run of a peer")
    whole.add_argument("--prefix", default="", help="command before each measured process (such as taskset)")
    whole.add_argument("--book", action="store_true", help="write the table into docs/speed.md")
    whole.add_argument("--timer", type=Path, required=True, help="the built bench `peers`")
    for word in ("epanet", "pandapipes", "scipy"):
        one = words.add_parser(word)
        one.add_argument("path", type=Path)
        one.add_argument("runs", type=int)
        one.add_argument("--fluids")
    one = words.add_parser("command")
    one.add_argument("runs", type=int)
    one.add_argument("words", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.word == "all":
        return everything(arguments)
    if arguments.word == "command":
        return print(json.dumps(command(arguments.words, arguments.runs)))
    if arguments.word == "scipy":
        answer = scipy(arguments.path, arguments.fluids, arguments.runs)
    else:
        answer = {"epanet": epanet, "pandapipes": pandapipes}[arguments.word](arguments.path, arguments.runs)
    print(json.dumps({**answer, "memory": memory()}))


if __name__ == "__main__":
    main()
