#!/usr/bin/python3 -I
"""Checks: a pull that is killed or stopped goes on from its checkpoint, also on another number of processes.

Reference: the run that was left alone.
Tolerance and why: none where `output.checkpoint_windows` tells both runs when to set up their preconditioners anew; else that of Newton's
method and its step, 1e-5.
Fails if: displacement, mean strain, histories of metal, damage, fibres or energy, the extrapolation or a count is missing from a checkpoint.
"""
import json
import os
import pathlib
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stopped import PULL, lihost, processes, start, wait_for_rows  # noqa: E402

EVERY = "output.checkpoint_windows=1"
TABLES = ("series.csv", "observables.json")


class Pull(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        result = lihost("run", *PULL, EVERY, "output.directory=left_alone", folder=cls.folder)
        assert result.returncode == 0, result.stderr + result.stdout

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def text(self, name: str, table: str) -> str:
        return (self.folder / name / table).read_text(encoding="utf-8")

    def rows(self, name: str) -> list[list[float]]:
        return [[float(v) for v in line.split(",")] for line in self.text(name, "series.csv").splitlines()[1:]]

    def test_killed(self):
        """Bit for bit; the run is not a trivial one."""
        for number in (3, 9):
            name = f"killed{number}"
            run = start("run", *PULL, EVERY, f"output.directory={name}", folder=self.folder)
            wait_for_rows(run, self.folder / name, number)
            run.kill()
            run.wait()
            result = lihost("resume", name, folder=self.folder)
            self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
            for table in TABLES:
                self.assertEqual(self.text(name, table), self.text("left_alone", table), table)
        last = dict(zip(self.text("left_alone", "series.csv").splitlines()[0].split(","), self.rows("left_alone")[-1]))
        self.assertGreater(last["damage [1]"], 0.05)
        self.assertGreater(last["broken_fibres [1]"], 0)

    def test_bond_slip(self):
        """Slips of fibres are saved, too."""
        bond = ("fibres.law=bond_slip", "fibres.interface_stiffness=1e16 Pa/m", "fibres.interface_strength=5 MPa")
        result = lihost("run", *PULL, *bond, EVERY, "output.directory=bond", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        run = start("run", *PULL, *bond, EVERY, "output.directory=bond_killed", folder=self.folder)
        wait_for_rows(run, self.folder / "bond_killed", 8)
        run.kill()
        run.wait()
        result = lihost("resume", "bond_killed", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        for table in TABLES:
            self.assertEqual(self.text("bond_killed", table), self.text("bond", table), table)
        self.assertNotEqual(self.text("bond", "series.csv"), self.text("left_alone", "series.csv"))

    def test_stopped(self):
        run = start("run", *PULL, "output.directory=stopped", folder=self.folder, ranks=2)
        wait_for_rows(run, self.folder / "stopped", 4)
        os.kill(processes(run, 2)[0], signal.SIGTERM)
        self.assertEqual(run.wait(), 4)
        record = json.loads(self.text("stopped", "run.json"))
        self.assertEqual(record["state"], "stopped")
        self.assertRegex(record["stop_reason"], r"stopped by SIGTERM .* lihost resume stopped goes on")
        self.assertGreater(record["counters"]["partition_edge_cut"]["value"], 0)
        before = self.rows("stopped")
        result = lihost("resume", "stopped", folder=self.folder, ranks=1)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        after = self.rows("stopped")
        self.assertEqual(after[:len(before)], before)
        alone = self.rows("left_alone")
        self.assertEqual(len(after), len(alone))
        for mine, other in zip(after, alone):
            self.assertAlmostEqual(mine[1], other[1], delta=1e-12)  # strain
            self.assertAlmostEqual(mine[3], other[3], delta=1e-5 * alone[-1][3])  # stress

    def test_fields_asked_for(self):
        """`lihost ctl DIR output` gives fields of the step that is being solved; a plain run has those of its beginning and its end."""
        run = start("run", *PULL, "experiment.fields_at=[0]", "experiment.end_strain=0.0064", "experiment.stepping.number=32",
                    "output.directory=asked", folder=self.folder)
        wait_for_rows(run, self.folder / "asked", 2)
        said = lihost("ctl", "asked", "output", folder=self.folder)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("asked for: output", said.stdout)
        self.assertEqual(run.wait(), 0)
        times = [state["time"] for state in json.loads(self.text("asked", "fields.hdf.series"))["files"]]
        rows = [row[0] for row in self.rows("asked")]
        self.assertEqual(len(times), 3)
        self.assertEqual((times[0], times[-1]), (0, rows[-1]))
        self.assertGreaterEqual(times[1], rows[2])
        self.assertLess(times[1], rows[-1])
        self.assertTrue(any(abs(times[1] / row - 1) < 1e-9 for row in rows[2:-1]))

    def test_other_input(self):
        """A word that makes another run of it is refused before anything is touched."""
        result = lihost("resume", "left_alone", "fibres.viscosity=1e3 Pa*s", folder=self.folder)
        self.assertEqual(result.returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
