#!/usr/bin/python3 -I
"""Checks: postproc/draw makes every figure of a complete run, says why it skips one, and never an empty picture.
Reference: a made-up run with every column and field (synthetic_run.py); closed forms of cuts, faces and layers of a box.
Tolerance and why: 1e-12 for geometry (rounding); a picture counts as drawn with 60 colours, 1 % of ink and 0.2 % of
coloured ink, half of what the sparest one has.
Fails if: a figure raises, is blank, misses its label, or a missing column stops the others.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DRAW = HERE.parents[1] / "postproc" / "draw"
sys.path[:0] = [str(HERE), str(DRAW.parent)]
import numpy as np  # noqa: E402
import figures  # noqa: E402
import geometry  # noqa: E402
import lihost_io  # noqa: E402
import maps  # noqa: E402
import run_files  # noqa: E402
import synthetic_run  # noqa: E402

LABELS = {  # words that a figure must show
    "voltage": ["Areal capacity", "Voltage (V)", "0.219 V"], "thickness": ["Thickness change (%)", "elastic"],
    "current": ["25 % stripped", "Current density (mA cm", "Reaction current", "separator face"],
    "front": ["Distance from collector (µm)", "Free lithium left", "100 %"],
    "stress": ["Von Mises (MPa)", "Hydrostatic (MPa)"], "stress_profiles": ["Von Mises stress (MPa)"],
    "porosity": ["Porosity", "0 % stripped", "z (µm)"], "diagnostics": ["Conservation error", "Step size (s)", "Time (h)"],
    "foil3d": ["Free lithium left", "displacement ×"],
    "volume": ["40 fibres", "Angle to z (degrees)", "random in space"]}


def draw(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", str(DRAW), *map(str, arguments)], capture_output=True, text=True,
                          timeout=240, check=False)


def picture(path: pathlib.Path) -> np.ndarray:
    from matplotlib import image
    return np.round(255 * image.imread(path)[:, :, :3]).astype(int)


class Draw(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = synthetic_run.write(pathlib.Path(cls.scratch.name) / "full", n=6, foil_layers=12)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_all_figures(self):
        ended = draw(self.folder)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertNotIn("skipped", ended.stdout)
        self.assertEqual(set(LABELS), set(figures.FIGURES) - figures.OF_PULLS)
        for name, words in LABELS.items():
            with self.subTest(figure=name):
                self.check_picture(self.folder / "figures" / f"{name}.png")
                svg = (self.folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
                for word in words:
                    self.assertIn(word, svg)

    def test_pull(self):
        """A straight line and a drop: the picture of a pull names its axes and parts; figures of a strip say why not."""
        folder = synthetic_run.write(pathlib.Path(self.scratch.name) / "pull", n=3, foil_layers=4)
        strain = np.linspace(0, 0.02, 41)
        stress = np.where(strain < 0.015, 1e9 * strain, 1e6)
        names = ["strain [1]", "nominal_stress [Pa]", "true_stress [Pa]", "work [J m-3]", "plastic_work [J m-3]",
                 "fibre_energy [J m-3]", "damage_energy [J m-3]", "stored [J m-3]"]
        work = np.cumsum(stress) * strain[1]
        columns = [strain, stress, stress * (1 + strain), work, work / 2, work / 8, work / 8, work / 4]
        rows = "\n".join(",".join(f"{x:.9g}" for x in row) for row in zip(*columns))
        (folder / "series.csv").write_text(",".join(names) + "\n" + rows + "\n")
        ended = draw(folder, "--only", "tension,voltage")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("voltage: skipped, series.csv has no column voltage", ended.stdout)
        self.check_picture(folder / "figures" / "tension.png")
        svg = (folder / "figures" / "tension.svg").read_text(encoding="utf-8")
        for word in ("Nominal strain", "Stress (MPa)", "plastic flow", "damage", "before the peak: 0.105", "strength 14.5 MPa"):
            self.assertIn(word, svg)

    def check_picture(self, path: pathlib.Path, colored: bool = True):
        pixels = picture(path)
        self.assertGreater(min(pixels.shape[:2]), 200)
        self.assertGreater(len(np.unique(pixels.reshape(-1, 3), axis=0)), 60)
        self.assertGreater((pixels.min(axis=2) < 250).mean(), 0.01)
        if colored:
            self.assertGreater((np.ptp(pixels, axis=2) > 40).mean(), 0.002)

    def test_missing_fields_and_columns(self):
        folder = synthetic_run.write(pathlib.Path(self.scratch.name) / "poor", n=3, foil_layers=4,
                                     leave_out=("von_mises", "current_liquid", "lizn_content"))
        path = folder / "series.csv"
        path.write_text(path.read_text().replace("thickness_change [1]", "other [1]", 1))
        ended = draw(folder)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("stress: skipped, the states have no field von_mises", ended.stdout)
        self.assertIn("thickness: skipped, series.csv has no column thickness_change", ended.stdout)
        for name in ("voltage", "current", "front", "porosity", "foil3d"):
            self.assertTrue((folder / "figures" / f"{name}.png").exists(), name)

    def test_run_of_the_solver(self):
        """The C writer's files feed the same figures."""
        out = pathlib.Path(self.scratch.name) / "real"
        ended = draw(run_files.run_folder(4), "--out", out, "--only", "voltage,thickness,front,foil3d")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        for name in ("voltage", "thickness", "front", "foil3d"):
            self.check_picture(out / f"{name}.png", name != "thickness")

    def test_what_the_user_reads(self):
        ended = draw(self.scratch.name)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("holds no run", ended.stderr)
        ended = draw(self.folder, "--only", "voltge")
        self.assertIn("no figure voltge; there are voltage, thickness", ended.stderr)
        ended = draw("--list")
        self.assertEqual(len(ended.stdout.splitlines()), len(figures.FIGURES))

    def test_plateaus_come_from_the_input(self):
        run = lihost_io.Run(self.folder)
        self.assertEqual(figures.plateaus(run), [0.157, 0.219, 0.256, 0.3])


def area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


class Geometry(unittest.TestCase):
    def setUp(self):
        self.points, self.cells, self.region = synthetic_run.box(5, 7, 3)
        moved = np.random.default_rng(2).uniform(-1, 1, self.points.shape) * 1e-6
        inner = (np.abs(self.points[:, 1:] - self.points[:, 1:].mean(axis=0)) < 0.49 * np.ptp(
            self.points[:, 1:], axis=0)).all(axis=1)
        self.points[inner, 1] += moved[inner, 1]  # planes of constant x stay whole

    def test_cut_covers_the_section(self):
        cut = geometry.plane_cut(self.points, self.cells, 1, geometry.middle(self.points, 1))
        total = sum(area(polygon) for polygon in cut.polygons)
        expected = synthetic_run.WIDTH * (synthetic_run.FOIL + synthetic_run.SEPARATOR)
        self.assertAlmostEqual(total / expected, 1, delta=1e-12)

    def test_faces(self):
        self.assertEqual(len(geometry.boundary_faces(self.cells).cell), 2 * 5 * 5 + 4 * 5 * 10)
        between = geometry.faces_between(self.cells, self.region == 0, self.region == 1)
        self.assertEqual(len(between.cell), 25)
        np.testing.assert_array_equal(self.region[between.cell], 0)
        np.testing.assert_array_equal(self.region[between.across], 1)
        np.testing.assert_allclose(self.points[between.vertices][:, :, 2], synthetic_run.FOIL, rtol=1e-12)

    def test_layers_are_the_mesh_layers(self):
        centres = self.points[self.cells].mean(axis=1)[self.region == 0, 2]
        groups = geometry.layers(centres, 25)
        self.assertEqual([len(group) for group in groups], [25] * 7)
        for group in groups:
            self.assertLess(np.ptp(centres[group]), 1e-12)

    def test_common_range(self):
        self.assertEqual(maps.common_range([np.full(9, 0.0)])[1:], (-1.0, 1.0))
        name, low, high = maps.common_range([np.linspace(-3, 1, 50)])
        self.assertEqual((name, low), ("RdBu_r", -high))
        self.assertEqual(maps.common_range([np.linspace(2, 5, 50)])[0], "viridis")


if __name__ == "__main__":
    unittest.main()
