#!/usr/bin/python3 -I
"""Checks: the worked examples of docs/developer/extending.md: a law, a material, an experiment and a figure, built into a program of their own.
Reference: Butler-Volmer with the same numbers; volumes of a box by hand.
Tolerance and why: 2e-6 V between two laws that are the same function (tolerance of the time integration); 1e-12 for volumes.
Fails if: a registry does not see an example, or what the page shows no longer compiles or runs.
"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM = os.environ["LIHOST_EXAMPLES"]
SHORT = ["mesh.box.cells=[1,1]", "mesh.box.layers=[{region: foil, thickness: 50 um, cells: 4}, {region: separator, thickness: 25 um, cells: 2}]",
         "experiment.steps=[strip at 0.5 mA/cm^2 for 20 min]", "output.report=false", "output.states=[]",
         "numerics.electrochemistry={rtol: 1e-6, krylov_rtol: 1e-6}"]


class Examples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def lihost(self, *words: str, code: int = 0) -> subprocess.CompletedProcess:
        ended = subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended

    def strip(self, material: str) -> dict[str, list[float]]:
        """A short strip with a material of this folder."""
        text = (ROOT / "cases/strip_lznc/case.yaml").read_text(encoding="utf-8")
        before, after = text.split("\nmechanics:")
        case = self.folder / "case.yaml"  # without stress, which the example's law does not know
        case.write_text(before + "\nexperiment:" + after.split("\nexperiment:")[1], encoding="utf-8")
        self.lihost("run", "case.yaml", *SHORT, f"regions.foil.material={HERE / material}.yaml",
                    f"output.directory={material}")
        with open(self.folder / material / "series.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        return {name.split(" [")[0]: [float(row[k]) for row in rows[1:]] for k, name in enumerate(rows[0])}

    def test_law_and_material(self):
        self.assertIn("kinetics.tafel", self.lihost("list", "laws").stdout)
        self.assertIn("transfer_coefficient (default 0.5)", self.lihost("describe", "tafel").stdout)
        ours, theirs = self.strip("tafel_foil"), self.strip("butler_volmer_foil")
        self.assertAlmostEqual(ours["voltage"][-1], theirs["voltage"][-1], delta=2e-6)
        self.assertGreater(ours["voltage"][-1], 1e-3)

    def test_experiment(self):
        self.assertIn("survey", self.lihost("list", "experiments").stdout)
        self.assertIn("least_share", self.lihost("describe", "experiment").stdout)
        ended = self.lihost("run", str(HERE / "survey.yaml"))
        self.assertIn("region 'separator' is only 0.333 of the volume", ended.stderr)
        numbers = json.loads((self.folder / "survey" / "observables.json").read_text())
        self.assertAlmostEqual(numbers["volume_foil"]["value"] / (20e-6 * 10e-6 * 50e-6), 1, delta=1e-12)
        self.assertEqual(numbers["volume_foil"]["class"], "input")
        self.assertIn("out of range: found 2, allowed 0 to 1", self.lihost("check", str(HERE / "survey.yaml"), "experiment.least_share=2", code=2).stderr)

    def test_figure(self):
        self.strip("butler_volmer_foil")
        program = ("import sys; sys.path[:0] = sys.argv[1:3]; import figures, figure_step_size, lihost_io; "
                   "run = lihost_io.Run(sys.argv[3]); figures.FIGURES['step_size'](run).savefig('step_size.png')")
        subprocess.run([sys.executable, "-I", "-B", "-c", program, str(ROOT / "postproc"), str(HERE), "butler_volmer_foil"],
                       cwd=self.folder, check=True)
        self.assertGreater((self.folder / "step_size.png").stat().st_size, 5000)


if __name__ == "__main__":
    unittest.main()
