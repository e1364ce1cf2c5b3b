#!/usr/bin/python3 -I
"""Checks: a foil whose composition varies in all three directions gives one answer on 1, 2 and 4 processes.

Reference: the run on one process.
Tolerance and why: 1e-7 relative. Sums in another order change the last digits, and with them the time steps that the
error control picks; each choice is good to rtol, 1e-8 here. To 1 V the thickness is allowed 2e-6: mechanics follows
the windows of the coupling, whose lengths differ by then.
Fails if: a ghost value, a sum over ranks or an owner is wrong, or a rank writes what another should.
Usage: test_ranks.py part|whole
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import case, lihost, series  # noqa: E402

PROTOCOL = {"part": "strip at 0.5 mA/cm^2 until 0.4 mA.h/cm^2, rest for 60 s", "whole": "strip at 0.5 mA/cm^2 until 1 V"}
WHAT = sys.argv.pop(1)
SMALL = ("mesh.box.cells=[3,3]",
         "mesh.box.layers=[{region: foil, thickness: 50 um, cells: 5}, {region: separator, thickness: 25 um, cells: 2}]",
         f"experiment.steps=[{PROTOCOL[WHAT]}]", "output.states=[0, 0.04]",
         "numerics.electrochemistry={rtol: 1e-8, krylov_rtol: 1e-10, newton_coefficient: 0.01, preconditioner: direct}",
         "mechanics.solver={newton_tolerance: 1e-11, preconditioner: direct}", "output.directory=out")
COMPARED = {"part": {"time": 1e-7, "voltage": 1e-7, "thickness_change": 1e-7, "mean_porosity": 1e-7, "min_concentration": 1e-7},
            "whole": {"time": 1e-7, "capacity": 1e-7, "voltage": 1e-7, "thickness_change": 1e-7}}[WHAT]


class Ranks(unittest.TestCase):
    def run_on(self, ranks: int, folder: str) -> tuple[dict[str, float], list[str]]:
        result = lihost("run", case("strip_lznc"), *SMALL, folder=folder, ranks=ranks)
        self.assertEqual(result.returncode, 0, result.stderr)
        out = pathlib.Path(folder) / "out"
        columns = series(out)
        # The state when the current ends: the last row of step 1.
        last = max(k for k, step in enumerate(columns["step"]) if step == 1)
        counters = json.loads((out / "run.json").read_text(encoding="utf-8"))["counters"]
        self.assertEqual(counters["partition_edge_cut"]["value"] > 0, ranks > 1)
        self.assertTrue(1 <= counters["partition_imbalance"]["value"] < 2 if ranks > 1 else counters["partition_imbalance"]["value"] == 1)
        files = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
        return {name: columns[name][last] for name in COMPARED}, files

    def test_ranks(self):
        with tempfile.TemporaryDirectory() as folder:
            reference, files = self.run_on(1, folder)
        self.assertLess(reference["thickness_change"], 0)
        for ranks in (2, 4):
            with self.subTest(ranks), tempfile.TemporaryDirectory() as folder:
                values, others = self.run_on(ranks, folder)
                self.assertEqual(others, files)
                for name, tolerance in COMPARED.items():
                    self.assertLessEqual(abs(values[name] - reference[name]), tolerance * abs(reference[name]),
                                         f"{name}: {values[name]!r}, on one process {reference[name]!r}")


if __name__ == "__main__":
    unittest.main()
