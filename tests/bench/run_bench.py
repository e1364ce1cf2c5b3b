#!/usr/bin/python3 -I
"""Runs lihost and every peer that is installed alternately on the same meshes, checks that the answers agree, prints
medians and ratios, and writes everything with facts about the machine as JSON. Installs nothing.

usage: run_bench.py --build DIR [--portable DIR] [--out FILE] [--add FILE] [--cases b1,b2,b3,strip_lznc,tensile_lznc]
                    [--sizes 32,56,99] [--ranks 1,4] [--repeats 5] [--at-most calculix=3] [--peers dolfinx,calculix,deal.II]
                    [--limit SECONDS] [--quick]

B2 has one size of its own, N = 46; other sizes count for B1 and B3. --add joins the rows of an earlier file. --portable
is a build of the preset `portable`, whose B1 of the first size is timed beside.
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
import b2_fields
import bench_record
import bench_report
import voxel_mesh

ROOT = HERE.parents[1]
OWN = {"strip_lznc": "cases/strip_lznc/case.yaml", "tensile_lznc": "cases/tensile_lznc/quick.yaml"}
CASES = dict(OWN, b1="tests/bench/cases/b1.yaml", b2="tests/bench/cases/b2.yaml", b3="tests/bench/cases/b3.yaml")
ENV = dict(os.environ, LIHOST_REPORT="off", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMP_NUM_THREADS="1",
           OPENBLAS_NUM_THREADS="1", OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_mpi_yield_when_idle="1")


def mpirun(ranks, command):
    return (["mpirun", "--bind-to", "none", "-n", str(ranks)] if ranks > 1 else []) + [str(c) for c in command]


def timed(command, folder, limit):
    """The finished process (None after `limit`) and wall time, CPU time of all ranks, load of the machine around it."""
    before, load, start = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0], time.perf_counter()
    try:
        done = subprocess.run(command, cwd=folder, env=ENV, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, {}
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done, {"seconds": wall, "cpu_seconds": cpu, "load": [load, os.getloadavg()[0]]}


def run(command, folder, limit):
    """Last JSON line of the output, its seconds replaced by the wall time of the whole program."""
    done, times = timed(command, folder, limit)
    if not done:
        return {"failed": "took longer than %g s" % limit}
    lines = [s for s in done.stdout.splitlines() if s.startswith("{")]
    if done.returncode or not lines:
        return {"failed": (done.stderr or done.stdout).strip().splitlines()[-1:]}
    return dict(json.loads(lines[-1]), **times)


class Lihost:
    name, cases = "lihost", ("b1", "b2", "b3") + tuple(OWN)

    def __init__(self, build):
        self.build, self.programs = Path(build), Path(build) / "tests" / "bench"

    def installed(self):
        return (self.build / "lihost").exists() and (self.programs / "bench_mechanics").exists()

    def run(self, case, n, ranks, folder, limit):
        """A case file by the program itself; phases and counts are those of its run record."""
        out = Path(folder) / ("%s_%d" % (case, ranks))
        command = [self.build / "lihost", "run", ROOT / CASES[case], "output.directory=%s" % out, "output.overwrite=true"]
        if case == "b2":
            command += overrides_of_b2(n, folder)
        elif case not in OWN:
            command.append("mesh.file=%s" % mesh_of(case, n, folder))
        done, times = timed(mpirun(ranks, command), folder, limit)
        if not done or done.returncode:
            return {"failed": (done.stderr.strip().splitlines() if done else ["took longer than %g s" % limit])[-1:]}
        row = dict(bench_record.read(out), case=case, ranks=ranks, **times)
        if case in ("b1", "b3"):  # the peers give a force in MN
            row["answer"] = row["stress"] * voxel_mesh.end_area(*voxel_mesh.read(mesh_of(case, n, folder))) / 1e6
        return row


class Dolfinx:
    name, cases = "dolfinx", ("b1", "b2", "b3")

    def installed(self):
        test = ["/usr/bin/python3", "-I", "-c", "import dolfinx"]
        return subprocess.run(test, env=ENV, capture_output=True).returncode == 0

    def run(self, case, n, ranks, folder, limit):
        b2 = case == "b2"
        script = ["dolfinx_b2_case.py", n, fields_of(n, folder)] if b2 else ["dolfinx_mechanics.py", case, arrays_of(case, n, folder)]
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
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done, times = timed(["ccx", deck.stem], folder, limit)
        if not done:
            return {"failed": "took longer than %g s" % limit}
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        text = deck.with_suffix(".dat").read_text()
        totals = re.findall(r"total force.*\n\s*\n\s*(\S+)\s+(\S+)\s+(\S+)", text)
        if not totals:
            return {"failed": "no reaction in the .dat file"}
        nodes = len(voxel_mesh.read(mesh_of(case, n, folder))[0])
        return {"tool": "calculix", "case": case, "ranks": 1, "unknowns": 3 * nodes, "answer": float(totals[-1][2]),
                "memory_MB": peak / 1024 if peak > before else None, **times}


class DealII:
    """Built beside the bench when deal.II is installed; see peers/dealii_b1.cc."""

    name, cases = "deal.II", ("b1",)

    def __init__(self, build):
        self.program = Path(build) / "tests" / "bench" / "dealii_b1"

    def installed(self):
        return self.program.exists()

    def run(self, case, n, ranks, folder, limit):
        return run(mpirun(ranks, [self.program, raw_of(case, n, folder)]), folder, limit)


def mesh_of(case, n, folder):
    path = Path(folder) / ("%s_%d.msh" % ("block" if case == "b3" else "voids", n))
    if not path.exists():
        voxel_mesh.write(path, *voxel_mesh.voxels(n, case == "b1"))
    return path


def fields_of(n, folder):
    path = Path(folder) / ("b2_%d.h5" % n)
    if not path.exists():
        b2_fields.write(path, n)
    return path


def overrides_of_b2(n, folder):
    """The cells of the box and the file of the fields."""
    electrode, separator = b2_fields.layers(n)
    fields = ["regions.electrode.variation.%s.voxels.file=%s" % (name, fields_of(n, folder)) for name in ("cnt", "alloy")]
    return ["mesh.box.cells=[%d, %d]" % (n, n), "mesh.box.layers.0.cells=%d" % electrode, "mesh.box.layers.1.cells=%d" % separator] + fields


def arrays_of(case, n, folder):
    """The same mesh as NumPy arrays, for peers that do not read Gmsh 2.2."""
    import numpy as np

    mesh = mesh_of(case, n, folder)
    path = mesh.with_suffix(".npz")
    if not path.exists():
        x, cells = voxel_mesh.read(mesh)
        np.savez(path, x=x, cells=cells)
    return path


def raw_of(case, n, folder):
    """The same mesh as plain numbers, for peers that do not read binary Gmsh 2.2."""
    mesh = mesh_of(case, n, folder)
    path = mesh.with_suffix(".bin")
    if not path.exists():
        x, cells = voxel_mesh.read(mesh)
        with open(path, "wb") as f:
            for numbers, kind in (([len(x), len(cells)], "<i4"), (x, "<f8"), (cells, "<i4")):
                f.write(voxel_mesh.np.asarray(numbers, kind).tobytes())
    return path


def portable_ratio(a, folder):
    """B1 of the first size by the portable build and by this one, alternately."""
    n, seconds = int(a.sizes.split(",")[0]), {a.portable: [], a.build: []}
    for _ in range(min(a.repeats, 3)):
        for build in seconds:
            seconds[build].append(Lihost(build).run("b1", n, 1, folder, a.limit).get("cpu_seconds"))
    cache = (Path(a.portable) / "CMakeCache.txt").read_text()
    native = re.search(r"LIHOST_NATIVE:BOOL=(\S+)", cache).group(1)
    arch = re.search(r"LIHOST_ARCH:STRING=(\S*)", cache).group(1)
    median = {build: statistics.median(values) for build, values in seconds.items()}
    return {"arch": "native" if native == "ON" else arch or "no -march", "cpu_seconds": [median[a.portable], median[a.build]],
            "ratio": median[a.portable] / median[a.build]}


def machine(build):
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    flags = re.search(r"flags\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()).group(1).split()
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    facts = {"commit": commit.stdout.strip(), "cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()[0],
             "avx2": "avx2" in flags, "avx512f": "avx512f" in flags, "kernel": platform.release(),
             "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
    programs = Path(build) / "tests" / "bench"
    for ranks in (1, os.cpu_count()):
        facts["roofline_%d" % ranks] = run(mpirun(ranks, [programs / "bench_machine"]), HERE, 300)
    for name in ("bench_kernel", "bench_kernel_scalar"):
        facts[name] = run([str(programs / name)], HERE, 300)
    with tempfile.TemporaryDirectory() as folder:
        facts["bench_mechanics"] = run([str(programs / "bench_mechanics"), "-mesh", str(mesh_of("b1", 32, folder))], folder, 300)
    return facts


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--portable")
    parser.add_argument("--out", default="bench.json")
    parser.add_argument("--add", action="append", default=[])
    parser.add_argument("--cases", default="b1,b2,b3")
    parser.add_argument("--sizes", default="32,56")
    parser.add_argument("--ranks", default="1,4")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--at-most", default="", help="fewer repeats of slow tools, e.g. calculix=3")
    parser.add_argument("--peers", default="dolfinx,calculix,deal.II")
    parser.add_argument("--limit", type=float, default=1800)
    parser.add_argument("--quick", action="store_true", help="one run each, N = 16, 1 and 2 ranks")
    a = parser.parse_args()
    a.build = Path(a.build).resolve()
    a.most = {tool: int(n) for tool, n in (w.split("=") for w in a.at_most.split(",") if w)}
    if a.quick:
        a.sizes, a.ranks, a.repeats = "16", "1,2", 1
    return a


def work(a):
    """Case, size and ranks in the order they are run."""
    for case in a.cases.split(","):
        sizes = [int(s) for s in a.sizes.split(",")]
        if case == "b2" and not a.quick:
            sizes = [46]
        for n in [0] if case in OWN else sizes:
            for ranks in map(int, a.ranks.split(",")):
                yield case, n, ranks


def measure(a, present, folder, keep):
    for tool in present:  # compiles what tools compile on first use
        for case in set(a.cases.split(",")) & set(tool.cases) - set(OWN):
            tool.run(case, 4, 1, folder, a.limit)
    rows = []
    for case, n, ranks in work(a):
        for k in range(a.repeats):
            for tool in [t for t in present if case in t.cases and k < a.most.get(t.name, a.repeats)]:
                row = tool.run(case, n, ranks, folder, a.limit)
                rows.append(dict(row, tool=tool.name, case=case, n=n, ranks=ranks))
                keep(rows)
    return rows


def main():
    a = arguments()
    tools = [t for t in (Lihost(a.build), Dolfinx(), Calculix(), DealII(a.build)) if t.name in ["lihost"] + a.peers.split(",")]
    present = [t for t in tools if t.installed()]
    print("tools:", ", ".join(t.name for t in present), "| missing:", ", ".join(t.name for t in tools if t not in present) or "none")
    if present[:1] == [] or present[0].name != "lihost":
        sys.exit("build the target 'all' first: lihost or tests/bench/bench_mechanics is missing")
    facts, earlier = machine(a.build), [row for path in a.add for row in json.loads(Path(path).read_text())["runs"]]

    def keep(rows):
        table = bench_report.summarise(earlier + rows)
        result = {"machine": facts, "goals": bench_report.goals(table, facts), "table": table, "runs": earlier + rows}
        Path(a.out).write_text(json.dumps(result, indent=1))
        return table, result["goals"]

    with tempfile.TemporaryDirectory() as folder:
        if a.portable:
            facts["portable"] = portable_ratio(a, folder)
        table, goals = keep(measure(a, present, folder, keep))
    for name in ("roofline_1", "roofline_%d" % os.cpu_count(), "bench_kernel", "bench_kernel_scalar", "portable"):
        print(name, json.dumps(facts.get(name)))
    bench_report.show_runs(table)
    bench_report.show_goals(goals)
    wrong = bench_report.disagreements(table)
    for sentence in wrong:
        print("DISAGREES:", sentence)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
