#!/usr/bin/python3 -I
"""Checks: runs killed at any moment, once or several times, on 1 and 2 processes, go on and end with the same results.

Reference: the run that was left alone, on as many processes, with the same `output.checkpoint_windows`.
Tolerance and why: none: tables, events, list of saved states and observables are the same byte by byte.
Fails if: a row is lost or doubled, the state of a checkpoint is not all that later steps depend on, a half-written
file is taken for a good one, or a run cannot go on.
Usage: test_kill.py KILLS [FIRST_SEED]
"""
import pathlib
import random
import shutil
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stopped import SMALL, differences, kill, lihost, missing_rows, start  # noqa: E402

KILLS = int(sys.argv.pop(1))
FIRST = int(sys.argv.pop(1)) if sys.argv[1:] else 0


class Kill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.references = {}

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def reference(self, ranks: int, every: int) -> tuple[pathlib.Path, float]:
        """Folder of the run that was left alone, and how long it took."""
        if (ranks, every) not in self.references:
            name, began = f"reference_{ranks}_{every}", time.monotonic()
            result = lihost("run", *SMALL, f"output.checkpoint_windows={every}", f"output.directory={name}", folder=self.folder, ranks=ranks)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.references[ranks, every] = self.folder / name, time.monotonic() - began
        return self.references[ranks, every]

    def go_on(self, every: int, seed: int, most: int) -> int:
        """One run, killed up to `most` times before it may end; returns the number of kills."""
        chance = random.Random(seed)
        ranks, kills = 1 + seed % 2, 0
        reference, span = self.reference(ranks, every)
        out = self.folder / f"killed_{seed}"
        while True:
            if (out / "restart" / "case.txt").exists():
                words = ("resume", out.name)
            else:
                words = ("run", *SMALL, f"output.checkpoint_windows={every}", f"output.directory={out.name}", "output.overwrite=true")
            if kills >= most or kills > 0 and chance.random() < 0.4:
                result = lihost(*words, folder=self.folder, ranks=ranks)
                self.assertEqual(result.returncode, 0, f"seed {seed}: {result.stderr}")
                break
            kill(start(*words, folder=self.folder, ranks=ranks), ranks, chance.uniform(0.02, 1.1) * span, out, chance)
            kills += 1
        lost, doubled = missing_rows(reference, out)
        self.assertEqual((lost, doubled), (0, 0), f"seed {seed}: rows lost and doubled")
        self.assertEqual(differences(reference, out), [], f"seed {seed}, {ranks} processes, {kills} kills")
        shutil.rmtree(out)
        return kills

    def test_kills(self):
        kills, seed = 0, FIRST
        while kills < KILLS:
            kills += self.go_on(1 + seed // 2 % 3, seed, min(4, KILLS - kills))
            seed += 1
            print(f"{kills} of {KILLS} kills, {seed - FIRST} runs, all with the same results", flush=True)


if __name__ == "__main__":
    unittest.main()
