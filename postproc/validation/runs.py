"""Runs of a case with keys changed, several at a time, and their observables. Shared by the scripts of this folder.

Owns no numbers: what a table shows comes from observables.json, series.csv and run.json of runs made here.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASE = ROOT / "cases" / "strip_lznc" / "case.yaml"
# One uniform column of the foil: composition does not vary in space, so 1 x 1 cells say all.
COLUMN = ["mesh.box.cells=[1, 1]", "regions.foil.variation={}"]


class Run:
    """A finished run; `ok` is false when the solver gave up, and `reason` says why."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        record = json.loads((folder / "run.json").read_text())
        self.ok, self.reason = record["state"] == "done", record["stop_reason"]
        observables = json.loads((folder / "observables.json").read_text())
        self.value = {key: entry["value"] for key, entry in observables.items()}
        with open(folder / "series.csv", newline="") as file:
            rows = list(csv.reader(file))
        names = [name.split()[0] for name in rows[0]]
        self.series = {name: [float(row[k]) for row in rows[1:]] for k, name in enumerate(names)}

    def at(self, share, name):
        """Column `name` where `share` of the capacity is stripped, linear between rows."""
        s, v = self.series["share_stripped"], self.series[name]
        for k in range(1, len(s)):
            if s[k] >= share > s[k - 1]:
                return v[k - 1] + (v[k] - v[k - 1]) * (share - s[k - 1]) / (s[k] - s[k - 1])
        return float("nan")

    def charge_at(self, voltage):
        """Areal capacity [mAh/cm2] when the voltage first passes `voltage`."""
        v, q = self.series["voltage"], self.series["capacity"]
        for k in range(1, len(v)):
            if v[k] >= voltage > v[k - 1]:
                return (q[k - 1] + (q[k] - q[k - 1]) * (voltage - v[k - 1]) / (v[k] - v[k - 1])) / 36000
        return float("nan")


def run_all(program, scratch, jobs, case=CASE, at_once=3):
    """`jobs`: {name: [key=value, ...]}; returns {name: Run}. A run that leaves no results ends the script."""
    environment = dict(os.environ, LIHOST_SOURCE_DIR=str(ROOT), OMP_NUM_THREADS="1",
                       OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def one(item):
        name, words = item
        folder = pathlib.Path(scratch) / re.sub(r"[^a-z0-9.]+", "_", name.lower())
        command = [program, "run", str(case), *words, f"output.directory={folder}", "output.overwrite=true",
                   *([] if any(w.startswith("output.states") for w in words) else ["output.states=[1]"])]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not (folder / "observables.json").exists():
            sys.exit(f"{name}: {' '.join(command)}\n{done.stderr}")
        return name, Run(name, folder)

    with ThreadPoolExecutor(at_once) as pool:
        return dict(pool.map(one, jobs.items()))


def table(header, rows):
    """Markdown."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def put(page, blocks):
    """Replaces what stands between <!-- name --> and <!-- end name --> in a page of docs/validation."""
    path = ROOT / "docs" / "validation" / page
    text = path.read_text()
    for name, block in blocks.items():
        head, rest = text.split(f"<!-- {name} -->", 1)
        text = head + f"<!-- {name} -->\n{block}\n<!-- end {name} -->" + rest.split(f"<!-- end {name} -->", 1)[1]
    path.write_text(text)


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program", help="the lihost program, e.g. build/release/lihost")
    parser.add_argument("--scratch", default="runs/validation", help="folder for the runs")
    parser.add_argument("--write", action="store_true", help="put the tables into the page of docs/validation")
    return parser.parse_args()
