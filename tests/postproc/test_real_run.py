#!/usr/bin/python3 -I
"""Checks: the files of a real run (a coarse main case on 2 ranks): VTK opens every state with the mesh, times and arrays of the
run, each with its unit; series, states, events and observables agree; every figure is drawn and shows something.
Reference: the case (cells, states asked for, current) and the run's own tables against each other.
Tolerance and why: 1e-9 relative between files that print one number; charge over area 1e-6, current is held to that.
Fails if: a state is missing or of another time, an array has no unit, a field is not of this run, a picture is blank.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["LIHOST_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "postproc"), str(pathlib.Path(__file__).resolve().parent)]
import lihost_io  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib import image  # noqa: E402
from test_vtk_reader import arrays, read  # noqa: E402

CELLS = (3, 2, 8 + 3)
STATES = [0, 0.25, 0.5, 0.75, 1]


class RealRun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        layers = f"[{{region: foil, thickness: 50 um, cells: {8}}}, {{region: separator, thickness: 25 um, cells: {3}}}]"
        words = [f"mesh.box.cells=[{CELLS[0]}, {CELLS[1]}]", f"mesh.box.layers={layers}", f"output.states={STATES}",
                 "output.directory=out"]
        subprocess.run([os.environ["LIHOST_MPIEXEC"], "-n", "2", os.environ["LIHOST_PROGRAM"], "run",
                        str(SOURCE / "cases/strip_lznc/case.yaml"), *words], cwd=cls.folder.name, check=True, capture_output=True)
        cls.out = pathlib.Path(cls.folder.name) / "out"
        cls.run_ = lihost_io.Run(cls.out)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_states_in_vtk(self):
        states = self.run_.states
        # The foil is stripped to 1 V, which is a little before all its capacity.
        self.assertEqual([round(state.label, 2) for state in states], STATES)
        for state in states:
            with self.subTest(state.label):
                grid = read(state.path)
                self.assertEqual(grid.GetNumberOfCells(), int(np.prod(CELLS)))
                self.assertEqual(grid.GetNumberOfPoints(), int(np.prod(np.add(CELLS, 1))))
                found = {**arrays(grid.GetPointData()), **arrays(grid.GetCellData())}
                self.assertLessEqual({"displacement", "potential_liquid", "concentration", "lithium_content", "current_lithium",
                                      "porosity", "von_mises", "thickness_strain"}, set(found))
                for name in state.names:
                    self.assertTrue(state.field(name).unit, f"{name} has no unit")
                    np.testing.assert_array_equal(np.ravel(state.field(name).values), np.ravel(found[name]), err_msg=name)

    def test_states_and_series(self):
        series, states = self.run_.series, self.run_.states
        times = series["time"]
        for state in states[1:]:
            row = int(np.argmin(np.abs(times - state.time)))
            self.assertAlmostEqual(times[row] / state.time, 1, delta=1e-9)
            foil = self.run_.mesh.in_region("foil")
            porosity = state.field("porosity").values[foil].mean()
            self.assertAlmostEqual(series["mean_porosity"][row], porosity, delta=1e-6)
        self.assertAlmostEqual(series["capacity"][-1] / (5 * times[-1]), 1, delta=1e-6)
        stripped = self.run_.observables["areal_capacity"]["value"] * 36000  # mA.h/cm^2 to C/m^2
        self.assertAlmostEqual(stripped / series["capacity"][-1], 1, delta=1e-9)
        self.assertAlmostEqual(self.run_.observables["thickness_change"]["value"] / series["thickness_change"][-1], 1, delta=1e-9)

    def test_figures(self):
        subprocess.run([str(SOURCE / "postproc/draw"), str(self.out)], check=True, capture_output=True)
        pictures = sorted((self.out / "figures").glob("*.png"))
        self.assertGreaterEqual(len(pictures), 9)
        for path in pictures:
            pixels = image.imread(path)[..., :3]
            dark = (pixels.min(axis=2) < 0.5).mean()
            self.assertGreater(min(pixels.shape[:2]), 300, path.name)
            self.assertGreater(dark, 0.003, f"{path.name} is blank")
            self.assertLess(dark, 0.9, f"{path.name} is black")


if __name__ == "__main__":
    unittest.main()
