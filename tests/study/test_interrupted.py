#!/usr/bin/python3 -I
"""Checks: a study that is interrupted again and again, by Ctrl-C and by the death of lihost sweep itself, brings every case
to completion exactly once and ends with the table of a study that was left alone.

Reference: the same study without interruption.
Tolerance and why: 1e-6 relative; a case that went on from a checkpoint is good to its integration tolerance, a case that was begun
anew is the same to the last digit.
Fails if: a finished case is run again, a case is lost, or a row belongs to another case.
Usage: test_interrupted.py interrupted|interrupted_40
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import start_sweep, sweep, table, write_study  # noqa: E402

LARGE = sys.argv[1] == "interrupted_40"
AXES = f"""  - key: materials.lznc.porosity
    linspace: {{from: 1 %, to: 4 %, count: {10 if LARGE else 4}}}
  - key: temperature
    list: [{'20 degC, 25 degC, 30 degC, 35 degC' if LARGE else '20 degC, 30 degC'}]
"""
CASES = 40 if LARGE else 8
INTERRUPTIONS = 5 if LARGE else 3
EXACT = {"state", "case", "row", "porosity", "temperature"}
FREE = {"run_time", "exit_reason", "lithium_error", "charge_error"}


class Interrupted(unittest.TestCase):
    def study(self, folder: pathlib.Path):
        write_study(folder, AXES, charge="4 mA.h/cm^2", more="engine: {cores: 2, workers: 2, attempts: 3}\n")

    def wait_for(self, folder: pathlib.Path, ended: int, process: subprocess.Popen):
        """Until so many cases have ended, plus a moment in which the next ones are running."""
        state = folder / "studies/test/state"
        while process.poll() is None:
            if sum("\nend 0 " in path.read_text() for path in state.glob("*.txt")) >= ended:
                break
            time.sleep(0.02)
        time.sleep(random.Random(ended).uniform(0.1, 0.5))

    def interrupt(self, folder: pathlib.Path, number: int):
        words = ["study.yaml"] + (["--resume"] if number else [])
        process = start_sweep(*words, folder=folder)
        self.wait_for(folder, (number + 1) * CASES // (INTERRUPTIONS + 2), process)
        self.assertIsNone(process.poll(), "the study was over before it could be interrupted")
        # the last blow is the hardest: sweep has no chance to say goodbye and leaves orphans
        hard = number == INTERRUPTIONS - 1
        process.send_signal(signal.SIGKILL if hard else signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        if not hard:
            self.assertEqual(process.returncode, 4, said)
            self.assertIn("--resume", said)

    def test_interrupted(self):
        with tempfile.TemporaryDirectory() as name:
            calm, rough = pathlib.Path(name) / "calm", pathlib.Path(name) / "rough"
            for folder in (calm, rough):
                folder.mkdir()
                self.study(folder)
            result = sweep("study.yaml", folder=calm)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            for number in range(INTERRUPTIONS):
                self.interrupt(rough, number)
            result = sweep("study.yaml", "--resume", folder=rough)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.compare(table(calm / "studies/test"), table(rough / "studies/test"))
            ends = [path.read_text().count("\nend 0 ") for path in (rough / "studies/test/state").glob("*.txt")]
            self.assertEqual(ends, [1] * CASES)
            again = sweep("study.yaml", "--resume", folder=rough)
            self.assertEqual(again.returncode, 0, again.stdout)
            self.assertEqual(sum(path.read_text().count("begin") for path in (calm / "studies/test/state").glob("*.txt")), CASES)

    def compare(self, expected: list[dict], found: list[dict]):
        self.assertEqual(len(expected), CASES)
        self.assertEqual(len(found), CASES)
        for one, other in zip(expected, found, strict=True):
            self.assertEqual(one.keys(), other.keys())
            self.assertEqual(one["state"], "done")
            for key in one.keys() - FREE:
                if key in EXACT:
                    self.assertEqual(one[key], other[key])
                else:
                    self.assertAlmostEqual(float(other[key]), float(one[key]), delta=1e-6 * abs(float(one[key])), msg=key)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    unittest.main(argv=sys.argv[:1])
