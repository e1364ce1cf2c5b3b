#!/usr/bin/python3 -I
"""Measures strong and weak scaling of the strip and of the tensile test at 1, 2 and 4 ranks: wall and CPU time, memory, messages, bytes
and reductions per Krylov iteration, edge cut and imbalance. Some minutes on a quiet machine of four cores.

    tests/hpc/scaling.py --build build/release [--out scaling.json] [--write] [--repeats 3] [--only tensile] [--quick]

Prints beside each run how busy the machine was with other things. --write puts the tables into docs/hpc.md, with the model's constants that
follow from them; it refuses when other programs took more than half a core, unless --busy says that the table is to show so. Counts of
communication do not depend on the load of the machine; times do. Of several repeats the fastest counts.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import model  # noqa: E402

SOURCE = HERE.parents[1]
PAGE = SOURCE / "docs" / "hpc.md"
STRIP = ["output.states=[]", "experiment.steps=[strip at 0.5 mA/cm^2 until 0.8 mA.h/cm^2]", "numerics.electrochemistry.preconditioner=amg"]
LAYERS = "mesh.box.layers=[{{region: foil, thickness: 50 um, cells: {0}}}, {{region: separator, thickness: 25 um, cells: {1}}}]"
# Equal steps, so that every volume does the same; metal flows and fibres slip, nothing breaks yet.
PULL = ["experiment.end_strain=0.008", "experiment.stepping.number=8", "experiment.fields_at=[0]"]
VOLUMES = (24, 12, 12), (24, 24, 12), (24, 24, 24)
QUICK = (12, 12, 12), (24, 12, 12), (24, 24, 12)
BUSY = 0.5  # cores that others may use while times are taken for the page
TICKS = os.sysconf("SC_CLK_TCK")


def strip(across: tuple[int, int], cells: int, width: float = 60, depth: float = 60) -> list[str]:
    return ["cases/strip_lznc/case.yaml", *STRIP, f"mesh.box.cells=[{across[0]}, {across[1]}]", f"mesh.box.width={width} um",
            f"mesh.box.depth={depth} um", LAYERS.format(cells, max(2, cells // 5))]


def tensile(cells: tuple[int, int, int]) -> list[str]:
    """The quick volume with voxels of 0.25 um, larger and with as many tubes per volume."""
    size = [f"{cell / 4} um" for cell in cells]
    tubes = 40 * cells[0] * cells[1] * cells[2] // 12**3
    return ["cases/tensile_lznc/quick.yaml", *PULL, f"mesh.rve.cells={list(cells)}", f"mesh.rve.size=[{', '.join(size)}]",
            f"mesh.rve.cnt.count={tubes}"]


def measures(quick: bool) -> dict[str, dict[int, list[str]]]:
    """Name -> ranks -> words of the run. Weak: as many cells a rank on every number of ranks; its largest is the mesh of strong."""
    n = 6 if quick else 14
    h = 3 * n
    small, double, pull = [tensile(cells) for cells in (QUICK if quick else VOLUMES)]
    whole = strip((n, n), h)
    return {
        "strip strong": {ranks: whole for ranks in (1, 2, 4)},
        "strip weak": {1: strip((n // 2, n // 2), h, 30, 30), 2: strip((n, n // 2), h, 60, 30), 4: whole},
        "tensile strong": {ranks: pull for ranks in (1, 2, 4)},
        "tensile weak": {1: small, 2: double, 4: pull},
    }


def busy_seconds() -> float:
    """CPU time of everything on the machine, and what its host took away, since it started."""
    words = pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, _idle, _wait, irq, soft, steal = (int(word) for word in words[1:9])
    return (user + nice + system + irq + soft + steal) / TICKS


def own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def call(command: list[str], environment: dict[str, str]) -> dict:
    """Wall time of a program, and how many cores others used meanwhile."""
    load, busy, own, begin = os.getloadavg()[0], busy_seconds(), own_seconds(), time.monotonic()
    result = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    wall = time.monotonic() - begin
    if result.returncode:
        raise SystemExit(f"{' '.join(command)}\n{result.stdout[-500:]}{result.stderr[-2000:]}")
    others = max(0., (busy_seconds() - busy - (own_seconds() - own)) / wall)
    return {"wall": wall, "load": load, "others": others}


def run(build: pathlib.Path, words: list[str], ranks: int) -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, LIHOST_COUNT_MPI=str(folder / "count"), LIHOST_REPORT="off", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
                           OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                           OMPI_MCA_sharedfp="individual")
        command = ["mpirun", "--bind-to", "none", "-n", str(ranks), "-x", f"LD_PRELOAD={build / 'tests/hpc/libcount_mpi.so'}", "-x",
                   "LIHOST_COUNT_MPI", str(build / "lihost"), "run", *words, f"output.directory={folder / 'run'}"]
        times = call(command, environment)
        record = json.loads((folder / "run/run.json").read_text(encoding="utf-8"))
        counts = [json.loads(path.read_text(encoding="ascii")) for path in sorted(folder.glob("count.*"))]
    counters = {key: entry["value"] for key, entry in record["counters"].items()}
    timings = {key: entry["value"] for key, entry in record["timings"].items()}
    krylov = sum(value for key, value in counters.items() if key.endswith("krylov_iterations"))
    solve = timings.get("solve", timings.get("electrochemistry", 0) + timings.get("mechanics", 0))
    return {"ranks": ranks, "cells": record["mesh"]["cells"], "vertices": record["mesh"]["vertices"], **times, "solve": solve,
            "cpu": sum(c["cpu"] for c in counts), "memory": [c["memory"] for c in counts], "krylov": krylov, "counters": counters,
            "timings": timings, "messages": max(c["messages"] for c in counts), "bytes": max(c["bytes"] for c in counts),
            "reductions": max(c["reductions"] for c in counts), "collectives": max(c["collectives"] for c in counts)}


def speed_up(name: str, one: dict, first: dict) -> float:
    """Strong: how much faster than one rank. Weak: the same for a mesh that grew with the ranks."""
    grown = one["cells"] / first["cells"] if name.endswith("weak") else 1
    return grown * first["solve"] / max(one["solve"], 1e-9)


HEAD = ("| run | ranks | cells | n | wall of the solve [s] | speed-up | of ideal | CPU [s] | cores of others | memory of a rank [MB] | messages | volume [kB] "
        "| reductions | other collectives | edge cut | imbalance |")


def row(name: str, one: dict, first: dict) -> str:
    k, gain = max(1, one["krylov"]), speed_up(name, one, first)
    cells = [name, one["ranks"], one["cells"], one["krylov"], f"{one['solve']:.1f}", f"{gain:.2f}", f"{100 * gain / one['ranks']:.0f} %",
             f"{one['cpu']:.1f}", f"{one['others']:.1f}", f"{max(one['memory']) / 1e6:.0f}", f"{one['messages'] / k:.0f}",
             f"{one['bytes'] / k / 1e3:.0f}", f"{one['reductions'] / k:.1f}", f"{one['collectives'] / k:.1f}",
             f"{one['counters'].get('partition_edge_cut', 0):.0f}", f"{one['counters'].get('partition_imbalance', 1):.3f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(results: dict) -> list[str]:
    lines = [HEAD, "|" + "---|" * HEAD.count(" | ") + "---|"]
    for name, runs in results["runs"].items():
        lines += [row(name, one, runs[0]) for one in runs]
    return lines


def machine() -> dict:
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*: (.*)", text)
    commit = subprocess.run(["git", "-C", str(SOURCE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {"processor": found[1] if found else platform.machine(), "cores": os.cpu_count(), "date": datetime.date.today().isoformat(),
            "commit": commit}


def busiest(results: dict) -> float:
    return max(one["others"] for runs in results["runs"].values() for one in runs)


def sentence(results: dict) -> str:
    facts, others = results["machine"], busiest(results)
    busy = "the machine was quiet" if others <= BUSY else "**the machine was busy: these times say nothing about scaling**"
    return (f"Measured {facts['date']} at {facts['commit']} on {facts['cores']} cores ({facts['processor']}), the fastest of {results['repeats']} runs "
            f"each; other programs used at most {others:.1f} cores meanwhile, {busy}.")


def span(values: list[float], form: str) -> str:
    low, high = format(min(values), form), format(max(values), form)
    return low if low == high else f"{low} to {high}"


def summary(results: dict) -> list[str]:
    """What the counts say of each experiment, per Krylov iteration."""
    lines = []
    for kind in dict.fromkeys(name.split()[0] for name in results["runs"]):
        runs = [one for name, several in results["runs"].items() if name.split()[0] == kind for one in several]
        many = [one for one in runs if one["ranks"] > 1]
        faces = [one["bytes"] / one["krylov"] * one["ranks"] / 2 / max(1, one["counters"]["partition_edge_cut"]) / 1e3 for one in many]
        near = [one["messages"] / one["krylov"] / (one["ranks"] - 1) for one in many]
        lines.append(f"- {kind}: {span([one['krylov'] for one in runs], '.0f')} Krylov iterations on 1 to 4 ranks; {span(near, '.0f')} messages per neighbour and "
                     f"{span(faces, '.2g')} kB per face between ranks in each.")
    return lines


def replace(text: str, name: str, lines: list[str]) -> str:
    """The lines between the two marks of a name, anew."""
    begin, end = f"<!-- {name}: written by tests/hpc/scaling.py -->", f"<!-- end of {name} -->"
    head, rest = text.split(begin)
    return head + begin + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1]


def write(results: dict, page: pathlib.Path) -> None:
    constants = model.constants(results["runs"])
    text = replace(page.read_text(encoding="utf-8"), "measured", [sentence(results), "", *table(results), "", *summary(results)])
    text = replace(text, "constants", model.table_of_constants(constants))
    text = replace(text, "model", [*model.table(constants), "", *model.halves(constants)])
    page.write_text(text, encoding="utf-8")
    print(f"written: {page}")


def measure(arguments: argparse.Namespace) -> dict:
    runs, seen, begin = {}, {}, time.monotonic()
    for repeat in range(arguments.repeats):
        for name, by_ranks in measures(arguments.quick).items():
            if arguments.only and arguments.only not in name:
                continue
            for ranks, words in by_ranks.items():
                key = (repeat, ranks, *words)
                if key not in seen:
                    seen[key] = run(arguments.build.resolve(), words, ranks)
                one = seen[key]
                print(f"{time.monotonic() - begin:5.0f} s  {name:15} {ranks} ranks  solve {one['solve']:7.2f} s  cpu {one['cpu']:7.2f} s  "
                      f"load before {one['load']:.1f}, others used {one['others']:.1f} cores", flush=True)
                best = runs.setdefault(name, {}).get(ranks)
                if not best or one["solve"] < best["solve"]:
                    runs[name][ranks] = one
    return {"machine": machine(), "repeats": arguments.repeats, "runs": {name: list(by_ranks.values()) for name, by_ranks in runs.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("scaling.json"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="strip or tensile")
    parser.add_argument("--quick", action="store_true", help="small meshes: whether it works")
    parser.add_argument("--write", action="store_true", help="tables of docs/hpc.md")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE, help="another page for --write")
    parser.add_argument("--busy", action="store_true", help="--write also what was measured beside other programs")
    arguments = parser.parse_args()
    print(f"load average {' '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} cores before anything was started", flush=True)
    results = measure(arguments)
    arguments.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("", *table(results), "", *summary(results), "", sentence(results), sep="\n")
    if not arguments.write:
        return
    if arguments.quick or arguments.only:
        sys.exit("--write needs the whole: without --quick and --only")
    if busiest(results) > BUSY and not arguments.busy:
        sys.exit(f"not written: other programs used up to {busiest(results):.1f} cores; try again on a quiet machine, or say --busy")
    write(results, arguments.page)


if __name__ == "__main__":
    main()
