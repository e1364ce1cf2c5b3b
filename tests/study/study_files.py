"""Shared by the tests of studies: a case of a second, study files, the table."""
import csv
import os
import pathlib
import subprocess

PROGRAM = os.environ["LIHOST_PROGRAM"]
SOURCE = pathlib.Path(os.environ["LIHOST_SOURCE_DIR"])
# The main case as a column of few cells, stripped a little.
SET = """set:
  mesh.box.cells: "[ACROSS, ACROSS]"
  mesh.box.layers: "[{region: foil, thickness: 50 um, cells: 5}, {region: separator, thickness: 25 um, cells: 2}]"
  experiment.steps: "[strip at 0.5 mA/cm^2 until CHARGE]"
  output.states: "[]"
  numerics.electrochemistry.rtol: 1e-5
"""


def write_study(folder: pathlib.Path, axes: str, *, charge: str = "0.4 mA.h/cm^2", across: int = 1, more: str = "") -> str:
    """A study of the main case in `folder`; returns the path of its file."""
    path = folder / "study.yaml"
    base = SOURCE / "cases" / "strip_lznc" / "case.yaml"
    same = SET.replace("CHARGE", charge).replace("ACROSS", str(across))
    path.write_text(f"lihost_study: 1\nname: test\nbase: {base}\n{same}axes:\n{axes}{more}")
    return str(path)


def sweep(*words: str, folder: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run([PROGRAM, "sweep", *words], cwd=folder, capture_output=True, text=True, check=False)


def start_sweep(*words: str, folder: pathlib.Path) -> subprocess.Popen:
    return subprocess.Popen([PROGRAM, "sweep", *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def table(folder: pathlib.Path) -> list[dict[str, str]]:
    """Rows of table.csv by column without its unit."""
    with open(folder / "table.csv", newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    names = [name.split(" [")[0] for name in rows[0]]
    return [dict(zip(names, row, strict=True)) for row in rows[1:]]
