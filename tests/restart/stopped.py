"""Shared by the tests of checkpoints: a small run, ways to end it, and what must be the same afterwards."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

PROGRAM = os.environ["LIHOST_PROGRAM"]
MPIEXEC = os.environ.get("LIHOST_MPIEXEC", "mpiexec")
SOURCE = pathlib.Path(os.environ["LIHOST_SOURCE_DIR"])
STRIP = str(SOURCE / "cases" / "strip_lznc" / "case.yaml")
# A column of the main case: mechanics, composition that varies, two steps and a hold. About a second.
LAYERS = "[{region: foil, thickness: 50 um, cells: 12}, {region: separator, thickness: 25 um, cells: 3}]"
STEPS = "[strip at 0.5 mA/cm^2 until 4 mA.h/cm^2, hold at 0.02 V for 30 min, strip at 1 mA/cm^2 until 1 V]"
# MUMPS is not repeatable to the last digit on two processes; the multigrid preset is.
SMALL = (STRIP, "mesh.box.cells=[1,1]", f"mesh.box.layers={LAYERS}", f"experiment.steps={STEPS}",
         "numerics.electrochemistry={preconditioner: amg}")
# Islands, fibres that slip and break, damage that begins; 216 cells.
PULL = (str(SOURCE / "cases" / "tensile_lznc" / "quick.yaml"), "mesh.rve.cells=[6,6,6]", "experiment.end_strain=0.0024",
        "experiment.stepping.number=12", "fibres.tensile_strength=0.3 GPa", "fibres.matrix_flow_stress=0 Pa",
        "damage.metal.softening.onset=0.01",
        "numerics.mechanics.newton_tolerance=1e-8", "numerics.damage.tolerance=1e-5")
PATIENCE = 300  # for anything to happen [s]
TRIES = 20  # to stop a run before it ends
TABLES = ("series.csv", "history.bdf.csv", "events.csv", "observables.json", "fields.hdf.series")


def command(words, ranks: int = 1) -> list[str]:
    return [*([MPIEXEC, "-n", str(ranks)] if ranks > 1 else []), PROGRAM, *words]


def lihost(*words: str, folder, ranks: int = 1, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command(words, ranks), cwd=folder, capture_output=True, text=True, check=False, **options)


def start(*words: str, folder, ranks: int = 1) -> subprocess.Popen:
    return subprocess.Popen(command(words, ranks), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def processes(run: subprocess.Popen, ranks: int) -> list[int]:
    """The processes of the program, without the launcher."""
    if ranks == 1:
        return [run.pid]
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def wait_until(reached, run: subprocess.Popen) -> bool:
    """Whether that came about before the run ended. Patient: the machine may be busy with other things."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if reached():
            return True
        if run.poll() is not None:
            return bool(reached())
        time.sleep(0.005)
    run.kill()
    raise TimeoutError(f"not so after {PATIENCE} s")


def count(path: pathlib.Path, what: bytes) -> int:
    return path.read_bytes().count(what) if path.exists() else 0


def wait_for_resume(run: subprocess.Popen, out: pathlib.Path, number: int) -> bool:
    """Until the run has gone on for the number-th time."""
    return wait_until(lambda: count(out / "log.txt", b"  resumed from ") >= number, run)


def wait_for_state(run: subprocess.Popen, out: pathlib.Path, number: int) -> None:
    """Until the fields of so many states are written."""
    assert wait_until(lambda: count(out / "fields.hdf.series", b'"name"') >= number, run), "the run ended before"


def wait_for_rows(run: subprocess.Popen, out: pathlib.Path, rows: int) -> bool:
    """Until the table has so many rows."""
    return wait_until(lambda: count(out / "series.csv", b"\n") > rows, run)


def stop(words, out: pathlib.Path, rows: int, how, ranks: int = 1) -> int:
    """Exit code of a run that `how` ends once its table has some rows. On a busy machine a run of a second may be over before
    this program has its turn: then it is started again, from the folder as it was."""
    kept = out.with_name(out.name + ".kept")
    if out.exists():
        shutil.copytree(out, kept, symlinks=True)
    for _ in range(TRIES):
        run = start(*words, folder=out.parent, ranks=ranks)
        wait_for_rows(run, out, rows)
        how(run)
        if run.wait() != 0:
            break
        shutil.rmtree(out)
        if kept.exists():
            shutil.copytree(kept, out, symlinks=True)
    if kept.exists():
        shutil.rmtree(kept)
    return run.returncode


def kill(run: subprocess.Popen, ranks: int, after: float, out: pathlib.Path, chance: random.Random) -> None:
    """SIGKILL to a process or the launcher after a time; half of the times at once when a file is next being written."""
    time.sleep(after)
    if chance.random() < 0.5:
        for _ in range(2000):
            if run.poll() is not None or any(out.glob("restart/*.part")) or any(out.glob("fields/*.part")):
                break
            time.sleep(0.0003)
    victims = [run.pid, *processes(run, ranks)]
    try:
        os.kill(chance.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        pass
    run.wait()


def differences(a: pathlib.Path, b: pathlib.Path) -> list[str]:
    """Results that are not the same byte by byte."""
    return [name for name in TABLES if not (b / name).exists() or (a / name).read_bytes() != (b / name).read_bytes()]


def missing_rows(a: pathlib.Path, b: pathlib.Path) -> tuple[int, int]:
    """Rows of the tables of `a` that `b` has not, and rows that `b` has more than once."""
    lost = doubled = 0
    for name in TABLES:
        if name.endswith(".csv"):
            expected, found = ((folder / name).read_text(encoding="utf-8").splitlines() for folder in (a, b))
            lost += len(set(expected) - set(found))
            doubled += len(found) - len(set(found)) - (len(expected) - len(set(expected)))
    return lost, doubled
