#!/usr/bin/python3 -I
"""Runs lihost and every peer that is installed alternately on the same meshes, checks that the answers agree, prints
medians and ratios, and writes everything with facts about the machine as JSON. Installs nothing.

usage: run_bench.py --build DIR [--out FILE] [--cases b1,b2,b3] [--sizes 32,56] [--ranks 1,4] [--repeats 5]
                    [--peers dolfinx,calculix] [--limit SECONDS] [--quick]
"""
import argparse
import datetime
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "peers")]
import voxel_mesh

AGREE = 1e-6  # relative, of the answer
# Answers on the meshes of the issue: reaction of B1 by N; min and max of c, phi_e, phi_s of B2.
KNOWN = {("b1", 32): 76.60419, ("b1", 56): 76.70068}
ENV = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMP_NUM_THREADS="1",
           OPENBLAS_NUM_THREADS="1", OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_mpi_yield_when_idle="1")


def mpirun(ranks, command):
    return (["mpirun", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []) + [str(c) for c in command]


def run(command, folder, limit):
    """Last JSON line of the output, its seconds replaced by the wall time of the whole program."""
    load, start = os.getloadavg()[0], time.perf_counter()
    try:
        done = subprocess.run(command, cwd=folder, env=ENV, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"failed": "took longer than %g s" % limit}
    wall = time.perf_counter() - start
    lines = [s for s in done.stdout.splitlines() if s.startswith("{")]
    if done.returncode or not lines:
        return {"failed": (done.stderr or done.stdout).strip().splitlines()[-1:]}
    return dict(json.loads(lines[-1]), seconds=wall, load=[load, os.getloadavg()[0]])


class Lihost:
    name, cases = "lihost", ("b1", "b2", "b3")

    def __init__(self, build):
        self.programs = Path(build) / "tests" / "bench"

    def installed(self):
        return (self.programs / "bench_mechanics").exists()

    def run(self, case, n, ranks, folder, limit):
        program = "bench_b2" if case == "b2" else "bench_mechanics"
        size = ["-n", n, "-steps", 20] if case == "b2" else ["-case", case, "-mesh", mesh_of(case, n, folder)]
        return run(mpirun(ranks, [self.programs / program] + size), folder, limit)


class Dolfinx:
    name, cases = "dolfinx", ("b1", "b2", "b3")

    def installed(self):
        test = ["/usr/bin/python3", "-I", "-c", "import dolfinx"]
        return subprocess.run(test, env=ENV, capture_output=True).returncode == 0

    def run(self, case, n, ranks, folder, limit):
        script = ["dolfinx_b2.py", n, 20] if case == "b2" else ["dolfinx_mechanics.py", case, arrays_of(case, n, folder)]
        return run(mpirun(ranks, ["/usr/bin/python3", HERE / "peers" / script[0]] + script[1:]), folder, limit)


class Calculix:
    name, cases = "calculix", ("b1",)

    def installed(self):
        return shutil.which("ccx") is not None

    def run(self, case, n, ranks, folder, limit):
        if ranks > 1:
            return {"failed": "serial"}
        import calculix_deck

        deck = Path(folder) / ("ccx_%d.inp" % n)
        if not deck.exists():
            calculix_deck.main(arrays_of(case, n, folder), deck, "ITERATIVE SCALING")
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.perf_counter()
        try:
            subprocess.run(["ccx", deck.stem], cwd=folder, env=ENV, capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return {"failed": "took longer than %g s" % limit}
        wall, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        text = deck.with_suffix(".dat").read_text()
        totals = re.findall(r"total force.*\n\s*\n\s*(\S+)\s+(\S+)\s+(\S+)", text)
        if not totals:
            return {"failed": "no reaction in the .dat file"}
        nodes = len(voxel_mesh.read(mesh_of(case, n, folder))[0])
        return {"tool": "calculix", "case": case, "ranks": 1, "unknowns": 3 * nodes, "answer": float(totals[-1][2]),
                "seconds": wall, "memory_MB": peak / 1024 if peak > before else None}


class DealII:
    """Built beside the bench when deal.II is installed; see peers/dealii_b1.cc."""

    name, cases = "deal.II", ("b1",)

    def __init__(self, build):
        self.program = Path(build) / "tests" / "bench" / "dealii_b1"

    def installed(self):
        return self.program.exists()

    def run(self, case, n, ranks, folder, limit):
        return run(mpirun(ranks, [self.program, mesh_of(case, n, folder)]), folder, limit)


def mesh_of(case, n, folder):
    path = Path(folder) / ("%s_%d.msh" % ("block" if case == "b3" else "voids", n))
    if not path.exists():
        voxel_mesh.write(path, *voxel_mesh.voxels(n, case == "b1"))
    return path


def arrays_of(case, n, folder):
    """The same mesh as NumPy arrays, for peers that do not read Gmsh 2.2."""
    import numpy as np

    mesh = mesh_of(case, n, folder)
    path = mesh.with_suffix(".npz")
    if not path.exists():
        x, cells = voxel_mesh.read(mesh)
        np.savez(path, x=x, cells=cells)
    return path


def flat(answer):
    return answer if isinstance(answer, list) else [answer]


def difference(a, b):
    """Largest difference over the largest magnitude."""
    scale = max(abs(v) for v in flat(a) + flat(b))
    return max(abs(u - v) for u, v in zip(flat(a), flat(b))) / scale


def machine(build):
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    flags = re.search(r"flags\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()).group(1).split()
    facts = {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()[0],
             "avx2": "avx2" in flags, "avx512f": "avx512f" in flags, "kernel": platform.release(),
             "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
    programs = Path(build) / "tests" / "bench"
    for ranks in (1, os.cpu_count()):
        facts["roofline_%d" % ranks] = run(mpirun(ranks, [programs / "bench_machine"]), HERE, 300)
    for name in ("bench_kernel", "bench_kernel_scalar"):
        facts[name] = run([str(programs / name)], HERE, 300)
    return facts


def summarise(rows):
    """Medians per tool, case, size and ranks; the lihost row of the same work gives ratios."""
    groups = {}
    for row in rows:
        groups.setdefault((row["case"], row["n"], row["ranks"], row["tool"]), []).append(row)
    table = []
    for (case, n, ranks, tool), members in sorted(groups.items()):
        good = [m for m in members if "failed" not in m]
        entry = {"case": case, "n": n, "ranks": ranks, "tool": tool, "runs": len(good)}
        if good:
            entry.update({k: good[0].get(k) for k in ("unknowns", "answer", "newton", "krylov", "setups")})
            entry["seconds"] = statistics.median(m["seconds"] for m in good)
            memory = [m["memory_MB"] for m in good if m.get("memory_MB")]
            entry["memory_MB"] = statistics.median(memory) if memory else None
            phases = good[0].get("phases", {})
            entry["phases"] = {p: statistics.median(m["phases"][p] for m in good) for p in phases}
        else:
            entry["failed"] = members[0]["failed"]
        table.append(entry)
    for entry in table:
        ours = [e for e in table if e["tool"] == "lihost" and "seconds" in e and all(e[k] == entry[k] for k in ("case", "n", "ranks"))]
        if "seconds" in entry and ours:
            entry["ratio"] = entry["seconds"] / ours[0]["seconds"]
            entry["difference"] = difference(entry["answer"], ours[0]["answer"])
            if entry["memory_MB"] and ours[0]["memory_MB"]:
                entry["memory_ratio"] = ours[0]["memory_MB"] / entry["memory_MB"]
    return table


def show(table):
    head = "%-5s %4s %5s %-9s %4s %9s %9s %7s %8s %7s %7s %9s" % (
        "case", "n", "ranks", "tool", "runs", "unknowns", "median s", "ratio", "MB", "newton", "krylov", "answer +-")
    print(head + "\n" + "-" * len(head))
    for e in table:
        if "failed" in e:
            print("%-5s %4d %5d %-9s %s" % (e["case"], e["n"], e["ranks"], e["tool"], e["failed"]))
            continue
        value = lambda key, form: form % e[key] if e.get(key) is not None else "-"
        print("%-5s %4d %5d %-9s %4d %9d %9.2f %7s %8s %7s %7s %9s" % (
            e["case"], e["n"], e["ranks"], e["tool"], e["runs"], e["unknowns"], e["seconds"], value("ratio", "%.2f"),
            value("memory_MB", "%.0f"), value("newton", "%d"), value("krylov", "%d"), value("difference", "%.0e")))
        if e["phases"]:
            print("      " + ", ".join("%s %.2f" % p for p in e["phases"].items()))


def judge(table):
    """Answers that do not agree: the bench fails whatever the times."""
    wrong = [e for e in table if e.get("difference", 0) > AGREE]
    for e in table:
        known = KNOWN.get((e["case"], e["n"]))
        if known and "answer" in e and abs(e["answer"] - known) > 2e-6 * known:
            wrong.append(e)
    for e in wrong:
        print("DISAGREES: %s %s n %d ranks %d: %s" % (e["tool"], e["case"], e["n"], e["ranks"], e["answer"]))
    return not wrong


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--out", default="bench.json")
    parser.add_argument("--cases", default="b1,b2,b3")
    parser.add_argument("--sizes", default="32,56")
    parser.add_argument("--ranks", default="1,4")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", default="dolfinx,calculix,deal.II")
    parser.add_argument("--limit", type=float, default=1800)
    parser.add_argument("--quick", action="store_true", help="one run each, N = 16, 1 and 2 ranks")
    a = parser.parse_args()
    a.build = Path(a.build).resolve()
    if a.quick:
        a.sizes, a.ranks, a.repeats = "16", "1,2", 1
    return a


def main():
    a = arguments()
    tools = [t for t in (Lihost(a.build), Dolfinx(), Calculix(), DealII(a.build)) if t.name in ["lihost"] + a.peers.split(",")]
    present = [t for t in tools if t.installed()]
    print("tools:", ", ".join(t.name for t in present), "| missing:", ", ".join(t.name for t in tools if t not in present) or "none")
    if present[:1] == [] or present[0].name != "lihost":
        sys.exit("build the target 'all' first: tests/bench/bench_mechanics is missing")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        facts = machine(a.build)
        for tool in present:  # compiles what tools compile on first use
            for case in set(a.cases.split(",")) & set(tool.cases):
                tool.run(case, 4, 1, folder, a.limit)
        for case in a.cases.split(","):
            for n in [46 if case == "b2" and not a.quick and s == "56" else int(s) for s in a.sizes.split(",")]:
                for ranks in map(int, a.ranks.split(",")):
                    for _ in range(a.repeats):
                        for tool in [t for t in present if case in t.cases]:
                            row = tool.run(case, n, ranks, folder, a.limit)
                            rows.append(dict(row, tool=tool.name, case=case, n=n, ranks=ranks))
    table = summarise(rows)
    Path(a.out).write_text(json.dumps({"machine": facts, "table": table, "runs": rows}, indent=1))
    for name in ("roofline_1", "bench_kernel", "bench_kernel_scalar"):
        print(name, json.dumps(facts[name]))
    show(table)
    sys.exit(0 if judge(table) else 1)


if __name__ == "__main__":
    main()
