#!/usr/bin/python3 -I
"""Checks: every shipped case runs to its end, reduced where it would take long, and shows what its README says.

Reference: the steps themselves (charges, voltages, times they end by); Faraday's law for the counter foil; signs.
Tolerance and why: 1e-6 relative for what ends a step: the integrator finds events to that share of a step.
Fails if: a shipped case no longer reads, runs, closes its balances, or ends where its steps say.
Usage: test_cases.py CASE
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import CASES, case, lihost, series  # noqa: E402

NAME = sys.argv.pop(1)
REDUCED = {"strip_lznc": ["mesh.box.cells=[1,1]"],
           "cycle_lznc": ["mesh.box.cells=[1,1]"],
           "gmsh_foil": ["experiment.steps=[strip at 0.5 mA/cm^2 until 0.2 mA.h/cm^2]"]}
MAH = 36000.0  # C/m^2 per mA.h/cm^2
VOLUME_PER_CHARGE = 6.94e-3 / 534 / 96485.332  # of lithium [m^3/C]


class Shipped(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name) / "out"
        result = lihost("run", case(NAME), f"output.directory={self.out}", *REDUCED.get(NAME, []), folder=folder.name)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertEqual([path.name for path in pathlib.Path(folder.name).iterdir()], ["out"], "files outside the folder of the run")
        self.columns = series(self.out)
        self.record = json.loads((self.out / "run.json").read_text(encoding="utf-8"))

    def ends(self, name: str) -> list[float]:
        """Last value of a column in each step."""
        steps = self.columns["step"]
        return [self.columns[name][k] for k in range(len(steps)) if k + 1 == len(steps) or steps[k + 1] != steps[k]]

    def close(self, found: list[float], expected: list[float], size: float) -> None:
        self.assertEqual(len(found), len(expected))
        for a, b in zip(found, expected):
            self.assertLessEqual(abs(a - b), 1e-6 * size, f"{found}, expected {expected}")

    def test_runs(self):
        self.assertEqual(self.record["state"], "done")
        for name in ("lithium_error", "charge_error"):
            self.assertLess(max(map(abs, self.columns[name])), 1e-9, name)
        self.assertEqual((self.out / "case.yaml").read_bytes(), pathlib.Path(case(NAME)).read_bytes())
        getattr(self, f"shows_{NAME}")()

    def counter(self) -> None:
        for growth, charge in zip(self.columns["counter_thickness"], self.columns["capacity"]):
            self.assertAlmostEqual(growth, VOLUME_PER_CHARGE * charge, delta=2e-3 * abs(growth) + 1e-12)

    def shows_strip_lznc(self) -> None:
        self.close(self.ends("voltage"), [1.0], 1)
        self.assertLess(self.columns["thickness_change"][-1], -0.005)
        left = [v for q, v in zip(self.columns["share_stripped"], self.columns["lizn_left"]) if q < 0.9]
        self.assertGreater(min(left), 0.97, "the alloy waits until the lithium has left")
        self.counter()

    def shows_cycle_lznc(self) -> None:
        self.close(self.ends("capacity"), [MAH, MAH, 0, 0], MAH)
        self.assertLess(max(map(abs, self.ends("voltage")[1::2])), 1e-3, "rests end near 0 V")
        self.counter()

    def shows_symmetric_cell(self) -> None:
        self.close(self.ends("capacity"), [MAH, MAH, 0, 0, MAH, 0], MAH)
        self.assertLess(max(map(abs, (self.ends("voltage")[k] for k in (1, 3)))), 1e-3, "equal foils rest at 0 V")
        currents = {round(i, 9) for i, step in zip(self.columns["current_density"], self.columns["step"]) if step in (1, 3, 5, 6)}
        self.assertEqual(currents, {10.0, -10.0})

    def shows_gmsh_foil(self) -> None:
        self.close(self.ends("capacity"), [0.2 * MAH], MAH)

    def shows_rate_test(self) -> None:
        self.close(self.ends("capacity")[:8], [k * 0.5 * MAH for k in (1, 1, 2, 2, 3, 3, 4, 4)], MAH)
        voltage = self.ends("voltage")[0:7:2]
        self.assertEqual(voltage, sorted(voltage), "more current, more voltage")
        self.close(self.ends("voltage")[8:], [0.2, 0.2, 1.0], 1)
        self.close([self.ends("current_density")[9]], [0.5], 100)

    def test_is_listed(self):
        self.assertIn(NAME, [path.parent.name for path in CASES])
        self.assertTrue((pathlib.Path(case(NAME)).parent / "README.md").exists(), "a case needs its README")


if __name__ == "__main__":
    unittest.main()
