#!/usr/bin/python3 -I
"""Checks: the quick study of cases/homogenise_lznc over contents of nanotubes, the materials postproc/effective makes of it, and foils
that are stripped with them.

Reference: Li : Zn3N2 = 2 : 1 by mass, so CNT = 0.3 and 0.6 are 1/11 and 1/6 of all; a content between two lies on the straight line of
ln pressure; capacity by stoichiometry as in test_quick.py.
Tolerance and why: table 1e-6, the digits of the files; capacity 2 %, the fractions vary in space by 15 %.
Fails if: a content does not reach its volume or its foil, a table is another volume's, or more tubes make a weaker skeleton.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import SOURCE, sweep, table  # noqa: E402


def capacity(fraction: float) -> float:
    """mA.h per gram of foil."""
    return 26801.5 * (2 / 6.94 - 6 / 224.15) / 3 * (1 - fraction)


def numbers(text: str, key: str) -> list[float]:
    return [float(v.split()[0]) for v in re.search(key + r": {value: \[(.*?)\]", text)[1].split(",")]


class Effective(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def effective(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([str(SOURCE / "postproc/effective"), "studies/homogenise_cnt_quick", *words], cwd=self.folder, capture_output=True, text=True,
                              check=False)

    def test_contents(self):
        result = sweep(str(SOURCE / "cases/homogenise_lznc/quick_study.yaml"), "engine.cores=2", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = table(self.folder / "studies/homogenise_cnt_quick")
        self.assertEqual([float(row["cnt"]) for row in rows], [0.3, 0.6])
        self.assertLess(float(rows[0]["C33_s100"]), float(rows[1]["C33_s100"]))
        foil = self.folder / "coarse.yaml"
        text = (SOURCE / "cases/study_cnt_fraction/strip.yaml").read_text(encoding="utf-8")
        foil.write_text(re.sub(r"cells: \[3, 3\]", "cells: [1, 1]", text), encoding="utf-8")
        result = self.effective("--at", "12 %", "--foil", str(foil))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.check_materials(self.folder / "studies/homogenise_cnt_quick/foil")
        result = sweep("studies/homogenise_cnt_quick/foil/study.yaml", "engine.cores=2", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = table(self.folder / "studies/homogenise_cnt_quick_foil")
        for row, fraction in zip(rows, (1 / 11, 0.12, 1 / 6), strict=True):
            self.assertEqual(row["state"], "done", row["exit_reason"])
            self.assertAlmostEqual(float(row["gravimetric_capacity"]), capacity(fraction), delta=0.02 * capacity(fraction))
        thinner = [float(row["thickness_change"]) for row in rows]
        self.assertEqual(thinner, sorted(thinner))  # the more tubes, the less it gives way

    def check_materials(self, folder: pathlib.Path) -> None:
        low, between, high = ((folder / f"cnt_{name}.yaml").read_text(encoding="utf-8") for name in ("09_09", "12_00", "16_67"))
        tubes = float(re.search(r"CNT: ([0-9.]+)", between)[1])
        self.assertAlmostEqual(tubes / (3 + tubes), 0.12, places=6)
        share = (0.12 - 1 / 11) / (1 / 6 - 1 / 11)
        first = [numbers(text, "relative_densities")[0] for text in (low, between, high)]
        self.assertAlmostEqual(first[1] / (first[0] ** (1 - share) * first[2]**share), 1, places=6)
        pressure = [numbers(text, "pressures")[-1] for text in (low, between, high)]
        self.assertGreater(pressure[1], pressure[0])
        self.assertLess(pressure[1], pressure[2])

    def test_mistakes(self):
        result = self.effective()
        self.assertEqual(result.returncode, 2)
        self.assertIn("no table.csv", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
