#!/usr/bin/python3 -I
"""Checks: means and error bars of trends, the front of a Pareto plot, the cells of a heat map, from a table made by hand;
postproc/study draws the figures and leaves out rows without a result.

Reference: numbers worked out here.
Tolerance and why: 1e-14, rounding of a mean of three numbers.
Fails if: repetitions are mixed with points, a failed row is counted as zero, or a beaten point is on the front.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "postproc"))
import h5py  # noqa: E402
import numpy as np  # noqa: E402
import studies  # noqa: E402

HEADER = "row [1],material,fraction [%],coat [1],current [mA/cm^2],volume [1],strip.areal_capacity [mA.h/cm^2],pull.toughness [MJ/m^3],strip.state,strip.exit_reason,strip.case"
# material and coat go with the fraction: no map over fraction and coat; fraction, current, volume, capacity, toughness; None: failed
ROWS = [(0, 1, 1, 9, 1), (0, 1, 2, 8, 3), (0, 2, 1, 7, 2), (0, 2, 2, None, None),
        (5, 1, 1, 6, 5), (5, 1, 2, 4, 4), (5, 2, 1, 5, 8), (5, 2, 2, 3, 6)]


def write_table(folder: pathlib.Path):
    lines = [HEADER]
    for i, row in enumerate(ROWS):
        cells = ["" if value is None else str(value) for value in row]
        lines.append(",".join([str(i + 1), f"m{row[0]}", cells[0], str(int(row[0] > 0)), *cells[1:], *(("failed", '"broke, here"') if row[3] is None else ("done", "ended")), f"cases/{i}"]))
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    with h5py.File(folder / "table.h5", "w") as file:
        for group, names in (("input", ("row", "material", "fraction", "coat", "current", "volume")), ("observable", ("strip.areal_capacity", "pull.toughness")),
                             ("status", ("strip.state",))):
            for name in names:
                file[f"{group}/{name}"] = np.zeros(len(ROWS))


class Figures(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        write_table(self.folder)
        self.study = studies.Study(self.folder)

    def tearDown(self):
        self.place.cleanup()

    def test_columns(self):
        self.assertEqual(self.study.axes, ["material", "fraction", "coat", "current", "volume"])
        self.assertEqual(self.study.observables, ["strip.areal_capacity", "pull.toughness"])
        self.assertEqual(self.study.find("toughness"), "pull.toughness")
        self.assertEqual(self.study.failed(), 1)

    def test_trend(self):
        curves = self.study.curves("fraction")
        self.assertEqual(list(curves), ["current 1 mA/cm^2", "current 2 mA/cm^2"])
        one = self.study.trend("fraction", "strip.areal_capacity", curves["current 1 mA/cm^2"])
        np.testing.assert_allclose([one.x, one.mean, one.deviation, one.count], [[0, 5], [8.5, 5], [0.5 ** 0.5, 2 ** 0.5], [2, 2]], rtol=1e-14)
        other = self.study.trend("fraction", "strip.areal_capacity", curves["current 2 mA/cm^2"])
        np.testing.assert_allclose([other.mean, other.deviation, other.count], [[7, 4], [0, 2 ** 0.5], [1, 2]], rtol=1e-14)

    def test_front(self):
        x, y = np.array([9.0, 8, 7, 6, 4, 5, 3]), np.array([1.0, 3, 2, 5, 4, 8, 6])
        self.assertEqual(studies.front(x, y).tolist(), [5, 3, 1, 0])

    def test_grid(self):
        xs, ys, cells = self.study.grid("fraction", "current", "strip.areal_capacity")
        np.testing.assert_allclose(cells, [[8.5, 5], [7, 4]], rtol=1e-14)
        self.assertEqual((xs.tolist(), ys.tolist()), ([0, 5], [1, 2]))

    def test_markdown(self):
        result = subprocess.run([SOURCE / "postproc" / "study", self.folder, "--markdown"], capture_output=True, text=True, check=True)
        self.assertEqual(result.stdout.splitlines(), [
            "| row | fraction [%] | areal capacity [mA.h/cm^2] | toughness [MJ/m^3] | volumes |", "|---|---|---|---|---|",
            "| current 1 mA/cm^2 | 0 | 8.500 ± 0.707 | 2.000 ± 1.414 | 2 |", "| current 1 mA/cm^2 | 5 | 5.000 ± 1.414 | 4.500 ± 0.707 | 2 |",
            "| current 2 mA/cm^2 | 0 | 7.000 | 2.000 | 1 |", "| current 2 mA/cm^2 | 5 | 4.000 ± 1.414 | 7.000 ± 1.414 | 2 |"])
        self.assertFalse((self.folder / "figures").exists())

    def test_drawn(self):
        result = subprocess.run([SOURCE / "postproc" / "study", self.folder], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("1 of 8 rows have no result", result.stdout)
        drawn = sorted(path.name for path in (self.folder / "figures").glob("*.png"))
        self.assertIn("Current", (self.folder / "figures/map_pull.toughness.svg").read_text())
        self.assertEqual(drawn, ["map_pull.toughness.png", "map_strip.areal_capacity.png", "pareto.png", "trends.png"])
        result = subprocess.run([SOURCE / "postproc" / "study", self.folder, "--y", "nonsense"], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no numbers called nonsense", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
