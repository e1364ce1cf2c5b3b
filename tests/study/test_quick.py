#!/usr/bin/python3 -I
"""Checks: the quick variant of cases/study_cnt_fraction runs to its end and gives capacity and thickness change of every row.

Reference: stoichiometry, Zn3N2 + 9 Li -> 3 LiZn + 2 Li3N: of the lithium in a foil of Li : Zn3N2 = 2 : 1 by mass, all but that of Li3N
can be stripped, which is 26.80 A.h/mol * (2/6.94 - 6/224.2) / (3 / (1 - w)) for a mass fraction w of CNT.
Tolerance and why: 2 %; the fractions vary in space by 15 %, so that a volume of a few correlation lengths has another mean.
Fails if: a fraction does not reach its case, a random volume is the same as another, or a row has no result.
"""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import SOURCE, sweep, table  # noqa: E402


def capacity(fraction: float) -> float:
    """mA.h per gram of foil."""
    return 26801.5 * (2 / 6.94 - 6 / 224.15) / 3 * (1 - fraction)


class Quick(unittest.TestCase):
    def test_quick(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            result = sweep(str(SOURCE / "cases/study_cnt_fraction/quick.yaml"), "engine.cores=2", folder=folder)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            rows = table(folder / "studies/cnt_fraction_quick")
        prefix = "strip." if "strip.state" in rows[0] else ""
        self.assertEqual([row["cnt_mass_fraction"] for row in rows], ["0", "0", "16.7", "16.7", "28.6", "28.6"])
        for row in rows:
            self.assertEqual(row[prefix + "state"], "done", row[prefix + "exit_reason"])
            expected = capacity(float(row["cnt_mass_fraction"]) / 100)
            self.assertAlmostEqual(float(row[prefix + "gravimetric_capacity"]), expected, delta=0.02 * expected)
            self.assertLess(float(row[prefix + "thickness_change"]), 0)
        self.assertEqual(len({row[prefix + "gravimetric_capacity"] for row in rows}), 6)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
