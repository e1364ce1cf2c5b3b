#!/usr/bin/python3 -I
"""Measures strong and weak scaling of the strip (and of the tensile test) at 1, 2 and 4 ranks: wall and CPU time, memory, messages,
bytes and reductions per Krylov iteration, edge cut and imbalance. Writes JSON and a table; docs/hpc.md is made from it.

    tests/hpc/scaling.py --build build/release --out scaling.json [--ranks 1 2 4]

Counts of communication do not depend on the load of the machine; times do, and its load average is recorded beside them.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
STRIP = ["output.states=[]", "experiment.steps=[strip at 0.5 mA/cm^2 until 0.8 mA.h/cm^2]", "numerics.electrochemistry.preconditioner=amg"]
LAYERS = "mesh.box.layers=[{{region: foil, thickness: 50 um, cells: {0}}}, {{region: separator, thickness: 25 um, cells: {1}}}]"


def strip(across: tuple[int, int], cells: int, width: float = 60, depth: float = 60) -> list[str]:
    return ["cases/strip_lznc/case.yaml", *STRIP, f"mesh.box.cells=[{across[0]}, {across[1]}]", f"mesh.box.width={width} um",
            f"mesh.box.depth={depth} um", LAYERS.format(cells, max(2, cells // 5))]


def tensile(cells: tuple[int, int, int]) -> list[str] | None:
    path = SOURCE / "cases/tensile_lznc/quick.yaml"
    if not path.exists():
        return None
    size = [f"{3 * n / 12} um" for n in cells]
    return [str(path), f"mesh.rve.cells={list(cells)}", f"mesh.rve.size=[{', '.join(size)}]"]


def measures(size: int) -> dict[str, dict[int, list[str] | None]]:
    """Name -> ranks -> words of the run. Weak: as many cells a rank on every number of ranks."""
    n, h = size, size * 3
    return {
        "strip strong": {r: strip((n, n), h) for r in (1, 2, 4)},
        "strip weak": {1: strip((n // 2, n // 2), h, 30, 30), 2: strip((n, n // 2), h, 60, 30), 4: strip((n, n), h)},
        "tensile strong": {r: tensile((12, 12, 12)) for r in (1, 2, 4)},
        "tensile weak": {1: tensile((12, 12, 12)), 2: tensile((24, 12, 12)), 4: tensile((24, 24, 12))},
    }


def run(build: pathlib.Path, words: list[str], ranks: int) -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, LIHOST_COUNT_MPI=str(folder / "count"))
        counter = build / "tests/hpc/libcount_mpi.so"
        command = ["mpirun", "--bind-to", "none", "-n", str(ranks), "-x", f"LD_PRELOAD={counter}", "-x", "LIHOST_COUNT_MPI",
                   str(build / "lihost"), "run", *words, f"output.directory={folder / 'run'}"]
        begin = time.monotonic()
        result = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
        wall = time.monotonic() - begin
        if result.returncode:
            raise SystemExit(f"{' '.join(command)}\n{result.stdout[-500:]}{result.stderr[-2000:]}")
        record = json.loads((folder / "run/run.json").read_text())
        counts = [json.loads(path.read_text()) for path in sorted(folder.glob("count.*"))]
    counters = {key: entry["value"] for key, entry in record["counters"].items()}
    timings = {key: entry["value"] for key, entry in record["timings"].items()}
    krylov = sum(value for key, value in counters.items() if key.endswith("krylov_iterations"))
    return {"ranks": ranks, "cells": record["mesh"]["cells"], "vertices": record["mesh"]["vertices"], "wall": wall, "timings": timings,
            "cpu": sum(c["cpu"] for c in counts), "memory": [c["memory"] for c in counts], "krylov": krylov, "counters": counters,
            "messages": max(c["messages"] for c in counts), "bytes": max(c["bytes"] for c in counts),
            "reductions": max(c["reductions"] for c in counts), "collectives": max(c["collectives"] for c in counts),
            "load": os.getloadavg()[0]}


def show(name: str, one: dict, first: dict):
    k = max(1, one["krylov"])
    weak = name.endswith("weak")
    ideal = first["cpu"] * (one["cells"] / first["cells"] if weak else 1)
    solve = one["timings"].get("electrochemistry", 0) + one["timings"].get("mechanics", 0)
    print(f"{name:15} {one['ranks']:2} ranks {one['cells']:7} cells  solve {solve:7.1f} s  cpu {one['cpu']:7.1f} s ({one['cpu'] / ideal:4.2f})  "
          f"{max(one['memory']) / 1e6:6.0f} MB/rank  krylov {k:5}  per iteration: {one['messages'] / k:6.1f} messages "
          f"{one['bytes'] / k / 1e3:7.1f} kB {one['reductions'] / k:5.1f} reductions {one['collectives'] / k:4.2f} others  "
          f"cut {one['counters'].get('partition_edge_cut', 0):.0f} imbalance {one['counters'].get('partition_imbalance', 1):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=12, help="cells across the foil (even; default 12)")
    parser.add_argument("--ranks", type=int, nargs="*", default=[1, 2, 4])
    arguments = parser.parse_args()
    results = {}
    for name, runs in measures(arguments.size).items():
        for ranks, words in runs.items():
            if ranks not in arguments.ranks or words is None:
                continue
            one = run(arguments.build.resolve(), words, ranks)
            results.setdefault(name, []).append(one)
            show(name, one, results[name][0])
    arguments.out.write_text(json.dumps(results, indent=1) + "\n")


main()
