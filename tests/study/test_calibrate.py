#!/usr/bin/python3 -I
"""Checks: lihost calibrate finds a parameter again from a curve and from a number, with the right standard deviation; says when
targets cannot tell parameters apart; uses finished runs again; refuses what cannot be.

Reference: a twin: the curve was written by a run with a known contact resistance R. The voltage is linear in R with the slope of the
current density i, so that the standard deviation of R is that of the voltage over i.
Tolerance and why: 1e-3 of R: the runs are good to rtol 1e-6, the search ends when the fit is a thousandth of the deviation; 1 % of the
standard deviation: it is made of differences.
Fails if: residuals, bounds, scaling, sensitivities or covariance are wrong.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import PROGRAM, SOURCE  # noqa: E402

CASE = SOURCE / "cases" / "strip_lznc" / "case.yaml"
LAYERS = "[{region: foil, thickness: 50 um, cells: 4}, {region: separator, thickness: 25 um, cells: 2}]"
STEPS = "[strip at 0.5 mA/cm^2 until 0.3 mA.h/cm^2]"
NUMERICS = "{rtol: 1e-6, krylov_rtol: 1e-6}"
SET = f"""set:
  mesh.box.cells: "[1, 1]"
  mesh.box.layers: "{LAYERS}"
  output.states: "[]"
  experiment.steps: "{STEPS}"
  numerics.electrochemistry: "{NUMERICS}"
"""
RESISTANCE = """  resistance:
    key: electrodes.working.contact_resistance
    start: 2e-4 ohm m^2
    lower: 1e-6 ohm m^2
    upper: 1e-2 ohm m^2
    scale: log
"""
CURVE = """  curve: {curve: measured.csv, x: time, y: voltage, deviation: 0.2 mV}
"""
TRUTH = 1.3e-3  # ohm m^2
CURRENT = 5.0  # A/m^2


class Calibrate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.folder.name)
        words = ["mesh.box.cells=[1, 1]", f"mesh.box.layers={LAYERS}", "output.states=[]", f"experiment.steps={STEPS}",
                 f"numerics.electrochemistry={NUMERICS}", f"electrodes.working.contact_resistance={TRUTH} ohm m^2",
                 "output.directory=twin"]
        subprocess.run([PROGRAM, "run", str(CASE), *words], cwd=path, check=True, capture_output=True)
        # From the tenth row on: the double layers are charged.
        lines = (path / "twin" / "series.csv").read_text().splitlines()
        (path / "measured.csv").write_text("\n".join([lines[0], *lines[10:]]) + "\n")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def calibrate(self, name: str, parameters: str, targets: str) -> subprocess.CompletedProcess:
        file = pathlib.Path(self.folder.name) / f"{name}.yaml"
        file.write_text(f"lihost_calibration: 1\nname: {name}\nbase: {CASE}\n{SET}parameters:\n{parameters}targets:\n{targets}"
                        "engine: {workers: 2, cores: 2}\n")
        return subprocess.run([PROGRAM, "calibrate", file.name], cwd=self.folder.name, capture_output=True, text=True, check=False)

    def result(self, name: str) -> dict:
        return json.loads((pathlib.Path(self.folder.name) / "calibrations" / name / "calibration.json").read_text())

    def test_curve(self):
        done = self.calibrate("curve", RESISTANCE, CURVE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        result = self.result("curve")
        found = result["parameters"]["resistance"]
        self.assertAlmostEqual(found["value"] / TRUTH, 1, delta=1e-3)
        self.assertAlmostEqual(found["standard_deviation"] / (0.2e-3 / CURRENT), 1, delta=0.01)
        self.assertEqual(found["class"], "calibrated")
        self.assertFalse(found["at_bound"])
        # Again: every run is there already.
        again = self.calibrate("curve", RESISTANCE, CURVE)
        self.assertEqual(again.returncode, 0)
        self.assertEqual(self.result("curve"), result)
        states = (pathlib.Path(self.folder.name) / "calibrations/curve/evaluations/state").glob("*.txt")
        self.assertEqual({path.read_text().count("begin") for path in states}, {1})

    def test_two_in_series(self):
        second = RESISTANCE.replace("resistance:", "counter:", 1).replace("working.contact", "counter.interface.contact")
        done = self.calibrate("series", RESISTANCE + second, CURVE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        result = self.result("series")
        self.assertEqual(result["parameters_told_apart"], 1)
        self.assertIn("tell only 1 of the 2 parameters apart", done.stdout)

    def test_refusals(self):
        bad = {
            "outside": (RESISTANCE.replace("start: 2e-4", "start: 2"), CURVE, "must lie between lower"),
            "units": (RESISTANCE.replace("lower: 1e-6 ohm m^2", "lower: 1e-6 V"), CURVE, "need one unit"),
            "nothing": (RESISTANCE, CURVE.replace("curve: measured.csv, ", ""), "give either observable and value, or curve"),
            "file": (RESISTANCE, CURVE.replace("measured.csv", "other.csv"), "there is no file"),
            "column": (RESISTANCE, CURVE.replace("y: voltage", "y: volts"), "has no column 'volts'"),
            "observable": (RESISTANCE, "  a: {observable: strenght, value: 3 MPa, deviation: 1 MPa}\n", "has no observable 'strenght'"),
            "dimension": (RESISTANCE, "  a: {observable: areal_capacity, value: 3 MPa, deviation: 1 MPa}\n", "which is in mA.h/cm^2"),
        }
        for name, (parameters, targets, sentence) in bad.items():
            with self.subTest(name):
                done = self.calibrate(name, parameters, targets)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(sentence, done.stderr)


if __name__ == "__main__":
    unittest.main()
