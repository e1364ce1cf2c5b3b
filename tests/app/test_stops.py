#!/usr/bin/python3 -I
"""Checks: a run stops with a named reason, exit code 3 and its results: balance violated, foil collapsed.

Reference: rounding makes the balances wrong by some 1e-15, so that a limit of 1e-17 must stop the run; LZN has no
skeleton, and the study saw LZ collapse while it was stripped.
Tolerance and why: none: sentences and states.
Fails if: a violated balance is only reported, or a failure of mechanics has no name.
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import case, lihost, series  # noqa: E402

COARSE = ("mesh.box.cells=[2,2]",
          "mesh.box.layers=[{region: foil, thickness: 50 um, cells: 10}, {region: separator, thickness: 25 um, cells: 2}]",
          "output.directory=out")


class Stops(unittest.TestCase):
    def stop(self, *words: str) -> dict:
        with tempfile.TemporaryDirectory() as folder:
            result = lihost("run", case("strip_lznc"), *COARSE, *words, folder=folder)
            out = pathlib.Path(folder) / "out"
            self.assertEqual(result.returncode, 3, result.stderr)
            record = json.loads((out / "run.json").read_text())
            self.assertEqual(record["state"], "failed")
            self.assertTrue(series(out)["time"])
            self.assertTrue((out / "observables.json").is_file())
        return record

    def test_balance(self):
        record = self.stop("numerics.balance=1e-17")
        self.assertRegex(record["stop_reason"], r"^the balance of (lithium|charge) is off by .* \(limit 1e-17\)")

    def test_collapse(self):
        record = self.stop("regions.foil.material=lzn")
        self.assertRegex(record["stop_reason"], r"^the foil collapses at t = .* stripped: \d+ cells have less than 5 % of their lithium")


if __name__ == "__main__":
    unittest.main()
