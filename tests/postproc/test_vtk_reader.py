#!/usr/bin/python3 -I
"""Checks: VTK's own reader opens every step file written on 1, 2 and 4 ranks: points, cells, types, arrays, values.
Reference: the box that was asked for and the formulas the fields were filled with, evaluated at VTK's own points.
Tolerance and why: 1e-12 relative; centres and formulas are summed in another order than in C.
Fails if: rows and ids part, a rank's share is lost or doubled, a link to the mesh breaks, an array has other components.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import numpy as np  # noqa: E402
import run_files  # noqa: E402
from vtkmodules.util.numpy_support import vtk_to_numpy  # noqa: E402
from vtkmodules.vtkIOHDF import vtkHDFReader  # noqa: E402

HEXAHEDRON = 12


def read(path: pathlib.Path):
    reader = vtkHDFReader()
    if not reader.CanReadFile(str(path)):
        raise AssertionError(f"VTK refuses {path}")
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def arrays(data) -> dict[str, np.ndarray]:
    return {data.GetArray(i).GetName(): vtk_to_numpy(data.GetArray(i)) for i in range(data.GetNumberOfArrays())}


class VtkReader(unittest.TestCase):
    def check_values(self, found, expected):
        for name, values in expected.items():
            self.assertEqual(found[name].shape, values.shape, name)
            np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-12 * np.abs(values).max(), err_msg=name)

    def check_step(self, grid, time: float):
        points = vtk_to_numpy(grid.GetPoints().GetData())
        corners = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 8)
        self.assertEqual((len(points), len(corners)), (21 ** 3, 20 ** 3))
        self.assertEqual({grid.GetCellType(i) for i in range(grid.GetNumberOfCells())}, {HEXAHEDRON})
        np.testing.assert_array_equal(np.unique(corners), np.arange(len(points)))
        self.check_values(arrays(grid.GetPointData()), run_files.at_vertices(points, time))
        cells = arrays(grid.GetCellData())
        centres = points[corners].mean(axis=1)
        self.check_values(cells, run_files.at_cells(centres, time))
        np.testing.assert_array_equal(cells["region"], centres[:, 2] > 50e-6)

    def test_steps(self):
        for ranks in run_files.RANKS:
            for number, time in enumerate(run_files.TIMES):
                with self.subTest(ranks=ranks, time=time):
                    path = run_files.run_folder(ranks) / f"fields/f_{number:06d}.hdf"
                    self.check_step(read(path), time)

    def test_volume_is_the_box(self):
        """Vertex order is VTK's: positive volumes that fill the box."""
        from vtkmodules.vtkFiltersVerdict import vtkMeshQuality
        grid = read(run_files.run_folder(4) / "mesh_vtk.hdf")
        quality = vtkMeshQuality()
        quality.SetInputData(grid)
        quality.SetHexQualityMeasureToVolume()
        quality.Update()
        volumes = vtk_to_numpy(quality.GetOutput().GetCellData().GetArray("Quality"))
        self.assertGreater(volumes.min(), 0)
        np.testing.assert_allclose(volumes.sum(), 31e-6 * 23e-6 * 75e-6, rtol=1e-6)


if __name__ == "__main__":
    unittest.main()
