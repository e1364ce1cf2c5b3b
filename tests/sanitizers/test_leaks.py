#!/usr/bin/python3 -I
"""Checks: run, a stop by signal, resume (on the same and on another number of processes) of a strip and of a pull, sweep with a case that
fails, status and check give back all memory of their own.

Reference: LeakSanitizer and AddressSanitizer; canary.c proves that they see leaks of malloc and of PetscMalloc here.
Tolerance and why: none beyond the list of Open MPI's own one-time allocations in sanitizer_options.c.
Fails if: a program ends with a leak or another finding (exit code and report), in any process of it.
"""
import pathlib
import signal
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "restart"), str(HERE.parent / "study")]
from stopped import PULL, SMALL, lihost, stop  # noqa: E402
from study_files import sweep, table, write_study  # noqa: E402

STEPS = "experiment.steps=[strip at 0.5 mA/cm^2 until 1 mA.h/cm^2, hold at 0.05 V for 5 min]"
CASE = (*(word for word in SMALL if not word.startswith("experiment.")), STEPS, "output.states=[0, 0.1]")
REPORTS = ("Sanitizer:", "runtime error:")


class Leaks(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def clean(self, code: int, result):
        self.assertFalse([word for word in REPORTS if word in result.stdout + result.stderr], result.stderr[-6000:])
        self.assertEqual(result.returncode, code, result.stderr[-6000:])

    def stopped(self, ranks: int, case=CASE, rows: int = 15):
        words = ("run", *case, "output.directory=out")
        code = stop(words, self.folder / "out", rows, lambda run: run.send_signal(signal.SIGUSR1), ranks)
        self.assertEqual(code, 4, "a leak has another exit code")

    def test_run_and_resume(self):
        for ranks, then in ((1, 1), (2, 2), (1, 2)):
            with self.subTest(ranks=ranks, then=then):
                self.stopped(ranks)
                self.clean(0, lihost("status", "out", folder=self.folder))
                self.clean(0, lihost("resume", "out", folder=self.folder, ranks=then))
                (self.folder / "out").rename(self.folder / f"done_{ranks}_{then}")

    def test_pull(self):
        """The tensile test: left alone, stopped and gone on with, refused."""
        self.clean(0, lihost("run", *PULL, "output.directory=alone", folder=self.folder))
        for ranks, then in ((1, 1), (2, 2), (2, 1)):
            with self.subTest(ranks=ranks, then=then):
                self.stopped(ranks, PULL, 4)
                self.clean(0, lihost("resume", "out", folder=self.folder, ranks=then))
                (self.folder / "out").rename(self.folder / f"done_{ranks}_{then}")
        self.clean(2, lihost("resume", "alone", "fibres.viscosity=1e3 Pa*s", folder=self.folder))
        self.clean(2, lihost("run", *PULL, "experiment.grips=clamped", "experiment.ends=[nowhere, top]", folder=self.folder))
        self.clean(0, lihost("check", *PULL, folder=self.folder))

    def test_refusals(self):
        """Ways out before anything was set up, and half-way through it."""
        self.clean(2, lihost("run", *CASE, "temperature=25 m", folder=self.folder))
        self.clean(2, lihost("run", *CASE, "electrodes.working.surface=nowhere", folder=self.folder))
        self.clean(2, lihost("resume", "nowhere", folder=self.folder))
        self.clean(0, lihost("check", *CASE, folder=self.folder))
        self.clean(3, lihost("run", *CASE, "numerics.balance=1e-17", "output.directory=out", folder=self.folder))

    def test_sweep(self):
        write_study(self.folder, "  - {key: materials.lznc.porosity, list: [2 %, 3 %, 200 %]}\n", charge="0.1 mA.h/cm^2")
        self.clean(2, sweep("study.yaml", "--dry-run", folder=self.folder))
        self.clean(3, sweep("study.yaml", "engine.cores=2", folder=self.folder))
        self.clean(3, sweep("study.yaml", "--resume", folder=self.folder))
        study = self.folder / "studies/test"
        self.assertEqual([row["state"] for row in table(study)], ["done", "done", "failed"])
        for path in (study / "logs").iterdir():
            self.assertFalse([word for word in REPORTS if word in path.read_text()], path.read_text()[-6000:])
        ends = [line.split()[1] for path in (study / "state").glob("*.txt") for line in path.read_text().splitlines() if line.startswith("end ")]
        self.assertEqual(ends, ["0", "0"])


if __name__ == "__main__":
    unittest.main()
