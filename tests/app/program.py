"""Shared by the tests of the program: how it is started, and where its sources are."""
import csv
import os
import pathlib
import subprocess

PROGRAM = os.environ["LIHOST_PROGRAM"]
MPIEXEC = os.environ.get("LIHOST_MPIEXEC", "mpiexec")
SOURCE = pathlib.Path(os.environ["LIHOST_SOURCE_DIR"])
CASES = sorted(SOURCE.glob("cases/*/case.yaml"))


def case(name: str) -> str:
    return str(SOURCE / "cases" / name / "case.yaml")


def lihost(*words: str, folder: str = ".", ranks: int = 1) -> subprocess.CompletedProcess:
    launcher = [MPIEXEC, "-n", str(ranks)] if ranks > 1 else []
    return subprocess.run([*launcher, PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=False)


def series(folder: pathlib.Path) -> dict[str, list[float]]:
    """Columns of series.csv by name, without their units."""
    with open(folder / "series.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    names = [name.split(" [")[0] for name in rows[0]]
    return {name: [float(row[k]) for row in rows[1:]] for k, name in enumerate(names)}


def verified(test: str, what: str, found: float, reference: float, allowed: float) -> None:
    """Prints a number beside its reference as tests/support/verified.h does; `test` is the name of the method."""
    print(f"verified: {test} {what} | {found:.9g} | {reference:.9g} | {abs(allowed):.2g}")
