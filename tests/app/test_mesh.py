#!/usr/bin/python3 -I
"""Checks: `lihost mesh` writes a volume that VTK reads, the same on 1, 2 and 4 ranks, and refuses what cannot be packed.

Reference: the numbers of the file; lengths and volumes by VTK's own reader; the refusals written out here.
Tolerance and why: 1e-9 relative for sums over thousands of pieces; region volumes are those of whole voxels.
Fails if: a file is missing or not readable, ranks change it, a fibre loses length, or an impossible volume is not refused.
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import numpy as np  # noqa: E402
from program import SOURCE, lihost  # noqa: E402
from vtkmodules.util.numpy_support import vtk_to_numpy  # noqa: E402
from vtkmodules.vtkIOHDF import vtkHDFReader  # noqa: E402

VOLUME = str(SOURCE / "cases/rve_lznc/rve.yaml")
SMALL = ["mesh.rve.size=[6 um, 6 um, 6 um]", "mesh.rve.cells=[12, 12, 12]", "mesh.rve.cnt.count=20"]
REFUSED = {
    ("mesh.rve.islands.fraction=0.55", "mesh.rve.gap=0.2 um"): "random packings end at 64 vol%",
    ("mesh.rve.islands.diameter=3 um", "mesh.rve.islands.fraction=0.2"): "more than half of the volume's shortest side",
    ("mesh.rve.islands.diameter=8 um", "mesh.rve.islands.fraction=0.001"): "less than half a body",
    ("mesh.rve.cnt.count=100000",): "stand for",
    ("mesh.rve.cnt.orientation=tensor", "mesh.rve.cnt.tensor=[0.9, 0.9, 0.1]"): "xx + yy + zz = 1",
    ("mesh.rve.composition=celgard_2500",): "mesh.rve.composition = celgard_2500: this material is no host",
    ("mesh.rve.islands.diametr=1 um",): "did you mean 'mesh.rve.islands.diameter'?",
    ("mesh.rve.elements=pyramids",): "mesh.rve.elements = pyramids",
}


def read(path: pathlib.Path):
    reader = vtkHDFReader()
    if not reader.CanReadFile(str(path)):
        raise AssertionError(f"VTK refuses {path}")
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def cell_data(grid, name: str) -> np.ndarray:
    return vtk_to_numpy(grid.GetCellData().GetArray(name))


class Mesh(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, name: str, *words: str, ranks: int = 1) -> pathlib.Path:
        out = self.folder / name
        done = lihost("mesh", VOLUME, *SMALL, *words, f"output.directory={out}", folder=str(self.folder), ranks=ranks)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def check_fibres(self, out: pathlib.Path, facts: dict):
        grid = read(out / "fibres_vtk.hdf")
        points = vtk_to_numpy(grid.GetPoints().GetData())
        ends = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 2)
        lengths = np.linalg.norm(points[ends[:, 1]] - points[ends[:, 0]], axis=1)
        self.assertTrue(((points > -1e-15) & (points < 6e-6 + 1e-15)).all())
        fibre = cell_data(grid, "fibre").astype(int)
        np.testing.assert_allclose(np.bincount(fibre, lengths), np.full(20, 10e-6), rtol=1e-9)
        volume = (lengths * cell_data(grid, "area")).sum()
        self.assertAlmostEqual(volume / 216e-18 / facts["cnt.fraction"]["asked"], 1, delta=1e-9)

    def test_files(self):
        out = self.make("one")
        report = json.loads((out / "volume.json").read_text())
        facts = report["facts"]
        self.check_fibres(out, facts)
        grid = read(out / "mesh_vtk.hdf")
        self.assertEqual(grid.GetNumberOfCells(), 12 ** 3)
        names = list(report["mesh"]["regions"])
        for number, name in enumerate(names):
            share = (cell_data(grid, "region") == number).mean()
            self.assertAlmostEqual(share, facts[f"mesh.{name}_fraction"]["achieved"], places=12)
        self.assertAlmostEqual(facts["lizn.fraction"]["achieved"], facts["lizn.fraction"]["asked"], places=12)

    def test_ranks(self):
        one = self.make("one")
        for ranks in (2, 4):
            other = self.make(str(ranks), ranks=ranks)
            first, second = (json.loads((out / "volume.json").read_text()) for out in (one, other))
            for report in (first, second):  # sums over ranks
                report["mesh"]["regions"] = {name: round(volume * 1e24) for name, volume in report["mesh"]["regions"].items()}
            self.assertEqual(first, second)
            for name in ("mesh_vtk.hdf", "fibres_vtk.hdf"):
                a, b = read(one / name), read(other / name)
                np.testing.assert_array_equal(vtk_to_numpy(a.GetPoints().GetData()), vtk_to_numpy(b.GetPoints().GetData()))
                np.testing.assert_array_equal(cell_data(a, "region" if "mesh" in name else "fibre"),
                                              cell_data(b, "region" if "mesh" in name else "fibre"))

    def test_refused(self):
        for words, sentence in REFUSED.items():
            with self.subTest(words=words):
                done = lihost("mesh", VOLUME, *SMALL, *words, "output.directory=bad", folder=str(self.folder))
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(sentence, done.stderr)
                self.assertFalse((self.folder / "bad").exists())

    def test_not_twice(self):
        out = self.make("again")
        done = lihost("mesh", VOLUME, *SMALL, f"output.directory={out}", folder=str(self.folder))
        self.assertEqual(done.returncode, 2)
        self.assertIn("holds another run", done.stderr)


unittest.main()
