#!/usr/bin/python3 -I
"""Checks: a study that is interrupted again and again, by Ctrl-C and by the death of lihost sweep itself, brings every case
to completion exactly once and ends with the table of a study that was left alone.

Reference: the same study without interruption.
Tolerance and why: 1e-4 relative, ten times the tolerance rtol of the time integration in these cases: one that goes on from a checkpoint
starts its integrator anew and picks other steps. 5e-3 for the voltage at half, which is that of the first step beyond the half. Thickness
and its parts: the largest coupling error that the run itself reports (run.json), twice because both runs have one, as a share of the
thickness change: windows of mechanics lie elsewhere after a stop. A case that was begun anew is the same to the last digit.
Fails if: a finished case is run again, a case is lost, or a row belongs to another case.
Usage: test_interrupted.py interrupted|interrupted_40
"""
import json
import os
import pathlib
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


def tolerance(key: str, row: dict[str, str], study: pathlib.Path) -> float:
    if key.startswith("thickness_change"):
        record = json.loads((study / row["case"] / "run.json").read_text())
        return 2 * record["counters"]["coupling_error"]["value"] * abs(float(row["thickness_change"]))
    return (5e-3 if key == "voltage_at_half" else 1e-4) * abs(float(row[key]))


class Interrupted(unittest.TestCase):
    def study(self, folder: pathlib.Path):
        write_study(folder, AXES, charge="1 V", across=3, more="engine: {cores: 2, workers: 2, attempts: 3}\n")

    def wait_for(self, folder: pathlib.Path, ended: int, process: subprocess.Popen):
        """Until so many cases have ended and another is past its first steps and far from its last, of some 250."""
        study = folder / "studies/test"
        while process.poll() is None:
            time.sleep(0.01)
            texts = {path.stem: path.read_text() for path in (study / "state").glob("*.txt")}
            running = [study / "cases" / name / "series.csv" for name, text in texts.items() if text.count("begin ") > text.count("\nend ")]
            if (sum("\nend 0 " in text for text in texts.values()) >= ended
                    and any(30 < path.read_text().count("\n") < 120 for path in running if path.exists())):
                return

    def interrupt(self, folder: pathlib.Path, number: int):
        words = ["study.yaml"] + (["--resume"] if number else [])
        process = start_sweep(*words, folder=folder)
        self.wait_for(folder, (number + 1) * CASES // (INTERRUPTIONS + 2), process)
        self.assertIsNone(process.poll(), "the study was over before it could be interrupted")
        # the last blow is the hardest: sweep has no chance to say goodbye and leaves orphans
        hard = number == INTERRUPTIONS - 1
        process.send_signal(signal.SIGKILL if hard else signal.SIGINT)
        said, _ = process.communicate(timeout=300)
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
            self.compare(calm / "studies/test", rough / "studies/test")
            ends = [path.read_text().count("\nend 0 ") for path in (rough / "studies/test/state").glob("*.txt")]
            self.assertEqual(ends, [1] * CASES)
            kinds = "".join(path.read_text() for path in (rough / "studies/test/state").glob("*.txt"))
            print(f"{kinds.count('begin run')} begun, {kinds.count('begin resume')} gone on with")
            self.assertIn("begin resume", kinds)
            again = sweep("study.yaml", "--resume", folder=rough)
            self.assertEqual(again.returncode, 0, again.stdout)
            self.assertEqual(sum(path.read_text().count("begin") for path in (calm / "studies/test/state").glob("*.txt")), CASES)

    def compare(self, calm: pathlib.Path, rough: pathlib.Path):
        expected, found = table(calm), table(rough)
        self.assertEqual(len(expected), CASES)
        self.assertEqual(len(found), CASES)
        for one, other in zip(expected, found, strict=True):
            self.assertEqual(one.keys(), other.keys())
            self.assertEqual(one["state"], "done")
            for key in one.keys() - FREE:
                if key in EXACT:
                    self.assertEqual(one[key], other[key])
                else:
                    self.assertAlmostEqual(float(other[key]), float(one[key]), delta=tolerance(key, one, calm), msg=key)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    unittest.main(argv=sys.argv[:1])
