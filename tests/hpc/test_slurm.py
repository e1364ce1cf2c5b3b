#!/usr/bin/python3 -I
"""Checks: a study as a job array of a real Slurm: cases that end, that exceed the time limit, that stop at Slurm's warning and queue
themselves again, that are requeued by the administrator, and that are cancelled; `--resume` finds what is left.

Reference: the table of the same study on the local pool.
Tolerance and why: none for states and attempts, 1e-7 for results: MPI sums in another order on another machine's scheduler.
test_warning: none, the tables are the same byte by byte, because the case's checkpoints lie at fixed windows.
Fails if: a task that was lost is not submitted again, a cancelled one is, more tasks of an array run at once than its throttle says, a finished case runs twice, or a row is missing; lihost does not
save its state at Slurm's warning, or does not go on from it.
The cases of test_study are quick; the first attempts of some are replaced by a launcher that waits, so that the test depends on Slurm's
clock and not on the speed of the machine. The case of test_warning is the program itself; SIGSTOP makes it last until it is warned.
"""
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "study")]
import cluster  # noqa: E402
from study_files import PROGRAM, start_sweep, sweep, table, write_study  # noqa: E402

TEMPERATURES = {"20 degC": "plain", "22 degC": "too_long", "24 degC": "warned", "26 degC": "requeued", "28 degC": "cancelled", "30 degC": "plain"}
AXES = f"  - {{key: temperature, list: [{', '.join(TEMPERATURES)}]}}\n"
# Slurm warns between 5 s and 35 s after the start: it looks every half minute and rather comes early.
LIMIT = """engine:
  kind: slurm
  ranks: {ranks}
  launcher: mpirun --bind-to none
  attempts: 40
  slurm: {{partition: test, time: 1 min, warning: 25 s, poll: 1 s}}
"""
ENGINE = """engine:
  kind: slurm
  ranks: 2
  launcher: bash {folder}/launch.sh
  slurm: {{partition: test, time: 1 min, warning: 25 s, poll: 1 s, throttle: {throttle}}}
"""
THROTTLE = 3  # tasks at once; four would fit
NOT_COMPARED = {"state", "case", "row", "temperature", "run_time", "exit_reason", "lithium_error", "charge_error"}
# Behaves on the first attempt as the case's file says, then as mpirun.
LAUNCHER = """#!/bin/bash
folder=$(dirname "$0")
for word; do case $word in temperature=*) role=$folder/${word#temperature=}; esac; done
kind=plain
[ ! -f "$role" ] || { kind=$(cat "$role"); rm "$role"; }
case $kind in
  too_long) trap '' USR1 TERM; sleep 300 9>&- & wait ;;
  warned) trap 'exit 4' USR1; sleep 300 9>&- & wait ;;
  requeued | cancelled) echo "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" >"$folder/$kind"; sleep 300 9>&- & wait ;;
esac
exec mpirun --bind-to none "$@"
"""


def lihost_processes(folder: pathlib.Path) -> list[int]:
    """Processes of the program that work in a folder."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.path.samefile(entry / "exe", PROGRAM) and pathlib.Path(os.readlink(entry / "cwd")).is_relative_to(folder / "studies"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def is_pending(pid: int, number: int) -> bool:
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd:", "ShdPnd:"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


@unittest.skipIf(cluster.missing(), "no Slurm can be started here: " + ", ".join(cluster.missing()))
class Slurm(unittest.TestCase):
    def setUp(self):
        self.pending = {}  # task -> since when

    def study(self, folder: pathlib.Path, engine: str):
        folder.mkdir()
        write_study(folder, AXES, more=engine)

    def follow(self, here: cluster.Cluster, folder: pathlib.Path) -> tuple[int, str]:
        """Plays the administrator while the study runs; ends with what lihost sweep said."""
        process = start_sweep("study.yaml", folder=folder)
        waiting = {"requeued": "requeue", "cancelled": "cancel"}
        end, most = time.monotonic() + 1200, 0
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.5)
            for kind, verb in list(waiting.items()):
                name = folder / kind
                if name.exists() and name.read_text().strip():
                    time.sleep(1)
                    job = name.read_text().strip()
                    here.run("scontrol", "requeue", job) if verb == "requeue" else here.run("scancel", job)
                    del waiting[kind]
            self.hurry(here)
            running = [task.split("_")[0] for task, state in here.tasks().items() if state == "RUNNING"]
            most = max(most, *map(running.count, running), 0)
        self.assertIsNotNone(process.poll(), f"still at it: {here.tasks()}")
        self.assertEqual(waiting, {})
        self.assertEqual(most, THROTTLE, "tasks of an array at once")
        return process.returncode, process.communicate()[0]

    def hurry(self, here: cluster.Cluster):
        """Slurm holds a requeued job for two minutes; the administrator for some seconds, because slurmd takes a job that comes back
        within the second of its end for the old one and kills it."""
        tasks = here.tasks()
        self.pending = {task: self.pending.get(task, time.monotonic()) for task, state in tasks.items() if state == "PENDING"}
        for task, since in self.pending.items():
            if time.monotonic() > since + 5:
                here.run("scontrol", "update", f"JobId={task}", "StartTime=now")

    def long_case(self, folder: pathlib.Path, engine: str):
        folder.mkdir()
        keys = {"numerics.electrochemistry.max_step": "20 s", "numerics.electrochemistry.preconditioner": "amg", "output.checkpoint_windows": "2"}
        write_study(folder, "".join(f"  - {{key: {key}, list: [{value}]}}\n" for key, value in keys.items()), charge="2 mA.h/cm^2", more=engine)

    def rows(self, folder: pathlib.Path) -> int:
        return sum(path.read_bytes().count(b"\n") for path in folder.glob("studies/test/cases/*/series.csv"))

    def hold(self, folder: pathlib.Path):
        """Makes a run of seconds a long one: stops its processes with some rows done, until Slurm's warning has reached them."""
        if self.held is None and self.rows(folder) > 5:
            self.held = lihost_processes(folder)
            for pid in self.held:
                os.kill(pid, signal.SIGSTOP)
        for pid in [pid for pid in self.held or [] if is_pending(pid, signal.SIGUSR1)]:
            os.kill(pid, signal.SIGCONT)
            self.held.remove(pid)

    def run_remote(self, folder: pathlib.Path, place: pathlib.Path) -> str:
        self.held = None
        with cluster.Cluster(place, cpus=8) as here:
            os.environ["SLURM_CONF"] = here.environment["SLURM_CONF"]
            process = start_sweep("study.yaml", folder=folder)
            hurried, end = 0., time.monotonic() + 1500
            while process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
                self.hold(folder)
                if time.monotonic() > hurried + 1:
                    hurried = time.monotonic()
                    self.hurry(here)
            self.assertIsNotNone(process.poll(), f"still at it: {here.tasks()}\n{here.logs()}")
            self.assertEqual(process.returncode, 0, here.logs())
            return process.communicate()[0] + here.logs()

    def warned(self, ranks: int):
        """lihost itself meets Slurm's warning: saves, leaves with 4, is queued again, goes on, ends."""
        with tempfile.TemporaryDirectory() as name:
            place = pathlib.Path(name)
            self.long_case(place / "local", f"engine: {{cores: 2, ranks: {ranks}}}\n")
            result = sweep("study.yaml", folder=place / "local")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.long_case(place / "remote", LIMIT.format(ranks=ranks))
            notes = self.run_remote(place / "remote", place / "cluster")
            self.check_history(place / "remote/studies/test", notes)
            self.same_run(place / "local", place / "remote")

    def test_warning(self):
        self.warned(1)

    def test_warning_of_processes(self):
        self.warned(2)

    def check_history(self, study: pathlib.Path, notes: str):
        """On a slow machine Slurm may warn before there is anything to save; what was saved is gone on with, always."""
        history, = (path.read_text() for path in study.glob("state/*.txt"))
        words = " ".join(" ".join(line.split()[:2]) for line in history.splitlines())
        self.assertRegex(words, "^(begin run end 4 )+(begin resume end 4 )*begin resume end 0$", history + notes)
        said = "".join(path.read_text() for path in study.glob("logs/*.txt"))
        saved = len(re.findall("stopped by SIGUSR1 at t = .*; the checkpoint .* is of t = ", said))
        self.assertGreaterEqual(saved, 1, said + notes)
        self.assertEqual(words.count("begin resume"), saved, history + said)
        jobs = {line.split()[4] for line in history.splitlines() if line.startswith("begin")}
        told = "".join(f"--- {path.name}\n{path.read_text()}" for path in [study / "log.txt", *study.glob("slurm/*.txt")])
        self.assertEqual(len(jobs), 1, f"the same job, queued again: {history}{told}{notes}")
        print(f"warned and queued again {words.count('end 4')} times")

    def same_run(self, local: pathlib.Path, remote: pathlib.Path):
        cases = [next((folder / "studies/test/cases").iterdir()) for folder in (local, remote)]
        self.assertEqual(cases[0].name, cases[1].name)
        for name in ("series.csv", "events.csv", "observables.json"):
            self.assertEqual((cases[0] / name).read_bytes(), (cases[1] / name).read_bytes(), name)

    def test_study(self):
        with tempfile.TemporaryDirectory() as name:
            place = pathlib.Path(name)
            local, remote = place / "local", place / "remote"
            self.study(local, "engine: {cores: 2, ranks: 2}\n")
            self.assertEqual(sweep("study.yaml", folder=local).returncode, 0)
            self.study(remote, ENGINE.format(folder=remote, throttle=THROTTLE))
            (remote / "launch.sh").write_text(LAUNCHER)
            for temperature, kind in TEMPERATURES.items():
                if kind != "plain":
                    (remote / temperature).write_text(kind)
            with cluster.Cluster(place / "cluster", cpus=8) as here:
                os.environ["SLURM_CONF"] = here.environment["SLURM_CONF"]
                code, said = self.follow(here, remote)
                notes = said + here.logs()
                self.check_first(code, said, table(remote / "studies/test"), notes)
                result = sweep("study.yaml", "--resume", folder=remote)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.check_all(table(local / "studies/test"), table(remote / "studies/test"))
            self.check_attempts(remote / "studies/test", notes)

    def check_first(self, code: int, said: str, rows: list[dict], notes: str):
        self.assertEqual(code, 4, notes)
        self.assertIn("was cancelled", said)
        for row, kind in zip(rows, TEMPERATURES.values(), strict=True):
            self.assertEqual(row["state"], "interrupted" if kind == "cancelled" else "done", f"{kind}: {notes}")

    def check_all(self, expected: list[dict], found: list[dict]):
        for one, other in zip(expected, found, strict=True):
            self.assertEqual(other["state"], "done")
            for key in ("temperature", "case"):
                self.assertEqual(one[key], other[key])
            self.assertEqual(one.keys(), other.keys())
            for key in one.keys() - NOT_COMPARED:
                size = one["thickness_change"] if key.startswith("thickness") else one[key]  # parts of it may be rounding alone
                self.assertAlmostEqual(float(other[key]), float(one[key]), delta=1e-7 * abs(float(size)), msg=key)
            self.assertGreater(float(one["areal_capacity"]), 0)
            self.assertNotEqual(float(one["thickness_change"]), 0)

    def check_attempts(self, folder: pathlib.Path, notes: str):
        """Slurm may warn a case more often than meant where the machine is slow: those stops are taken off."""
        begun = {}
        for row, kind in zip(table(folder), TEMPERATURES.values(), strict=True):
            text = (folder / "state" / (pathlib.Path(row["case"]).name + ".txt")).read_text()
            self.assertEqual(text.count("\nend 0 "), 1, f"{kind}:\n{text}")
            more = text.count("\nend 4 ") - (kind in ("warned", "requeued", "cancelled"))
            begun.setdefault(kind, []).append(text.count("begin ") - max(0, more))
            print(f"{kind}:", ", ".join(" ".join(line.split()[:2]) for line in text.splitlines()))
        self.assertEqual(begun, {"plain": [1, 1], "too_long": [2], "warned": [2], "requeued": [2], "cancelled": [2]}, notes)


if __name__ == "__main__":
    print(f"lihost: {PROGRAM}")
    unittest.main()
