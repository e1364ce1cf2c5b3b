#!/usr/bin/python3 -I
"""Checks: what the C writer leaves is what postproc/lihost_io.py reads: index, tables, records; same on 1, 2, 4 ranks;
a flipped bit in any field is noticed.
Reference: the numbers tests/unit/io/write_run.c wrote; the one-rank files; a copy with one bit changed.
Tolerance and why: none for tables and between ranks (the same doubles); every flip must be caught (Fletcher32).
Fails if: rows depend on the partition, a header loses its unit, JSON breaks on quotes, a dataset has no checksum.
"""
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import h5py  # noqa: E402
import numpy as np  # noqa: E402
import run_files  # noqa: E402
import lihost_io  # noqa: E402


def datasets(path: pathlib.Path) -> dict[str, np.ndarray]:
    found = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.update({name: item[...]}) if isinstance(item, h5py.Dataset) else None)
    return found


class RunFolder(unittest.TestCase):
    def setUp(self):
        self.run_of = {ranks: lihost_io.Run(run_files.run_folder(ranks)) for ranks in run_files.RANKS}

    def test_ranks_agree(self):
        for name in ("mesh_vtk.hdf", "fields/f_000000.hdf", "fields/f_000002.hdf"):
            reference = datasets(self.run_of[1].folder / name)
            self.assertGreater(len(reference), 3)
            for ranks in (2, 4):
                other = datasets(self.run_of[ranks].folder / name)
                self.assertEqual(other.keys(), reference.keys())
                for key, values in reference.items():
                    # coordinates come from the mesh, cell values from sums over vertices in the same order
                    np.testing.assert_array_equal(other[key], values, err_msg=f"{name}:{key} on {ranks} ranks")

    def test_states(self):
        for run in self.run_of.values():
            self.assertEqual([state.time for state in run.states], list(run_files.TIMES))
            self.assertEqual([state.label for state in run.states], [0, 0.5, 1])
            self.assertEqual([state.label for state in run.nearest_states((0.4, 0.55, 2))], [0.5, 1])
            field = run.states[1].field("displacement")
            self.assertEqual((field.unit, field.at_vertices, field.values.shape), ("m", True, (9261, 3)))
            self.assertEqual(run.states[1].field("stress").unit, "Pa")
            with self.assertRaisesRegex(lihost_io.RunError, "no field porosity; there are displacement"):
                run.states[1].field("porosity")

    def test_mesh(self):
        mesh = self.run_of[4].mesh
        self.assertEqual(mesh.region_names, ["foil", "separator"])
        self.assertEqual(mesh.in_region("separator").sum(), 20 * 20 * 4)
        self.assertEqual(mesh.in_region("anode").sum(), 0)
        np.testing.assert_array_equal(mesh.in_region("foil"), mesh.cell_centres[:, 2] < 50e-6)

    def test_tables(self):
        run = self.run_of[2]
        time = 100.0 * np.arange(11)
        np.testing.assert_array_equal(run.series["time"], time)
        # The compiler may round a multiplication and an addition once: one unit in the last place.
        np.testing.assert_allclose(run.series["voltage"], 0.005 + 1e-6 * time, rtol=3e-16)
        self.assertEqual(run.series.units["capacity"], "C m-2")
        self.assertEqual(list(run.history.columns), ["Test Time", "Current", "Voltage", "Applied Pressure"])
        self.assertEqual(run.history.units["Applied Pressure"], "Pa")
        np.testing.assert_array_equal(run.history["Current"], np.full(11, 5e-4))

    def test_records(self):
        run = self.run_of[4]
        self.assertEqual(run.record["case"], 'sample "quoted"')
        self.assertEqual(run.record["state"], "done")
        self.assertEqual(run.record["host"]["ranks"], 4)
        largest, together = (run.record["host"][f"peak_memory{of} [MiB]"] for of in ("_of_a_rank", ""))
        self.assertTrue(10 < largest < together <= 4 * largest, (largest, together))
        self.assertEqual(run.record["counters"]["steps"], {"value": 11, "unit": "1", "meaning": "accepted steps"})
        for library in ("PETSc", "HDF5", "SUNDIALS", "MPI"):
            self.assertRegex(run.record["libraries"][library], r"\d+\.\d+")
        self.assertEqual(run.observables["thickness_change"],
                         {"value": -0.036, "unit": "1", "class": "predicted", "meaning": "to 1 V"})
        self.assertEqual([(e.time, e.kind, e.what) for e in run.events],
                         [(1000, "stop", 'the voltage reached 1 V, "as asked"')])
        self.assertIn("written by write_run", (run.folder / "log.txt").read_text())
        self.assertEqual(list(run.folder.glob("**/*.part")), [])

    def test_bit_flips_are_noticed(self):
        random = np.random.default_rng(11)
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "run"
            shutil.copytree(run_files.run_folder(2), folder)
            for name in ("mesh_vtk.hdf", "fields/f_000001.hdf"):
                for key in [k for k in datasets(folder / name) if datasets(folder / name)[k].size > 1000]:
                    with self.subTest(file=name, dataset=key):
                        self.flip_and_read(folder / name, key, random)

    def flip_and_read(self, path: pathlib.Path, key: str, random):
        with h5py.File(path, "r") as file:
            chunk = file[key].id.get_chunk_info(int(random.integers(file[key].id.get_num_chunks())))
        intact = path.read_bytes()
        damaged = bytearray(intact)
        place = chunk.byte_offset + int(random.integers(chunk.size))
        damaged[place] ^= 1 << int(random.integers(8))
        path.write_bytes(damaged)
        with h5py.File(path, "r") as file, self.assertRaises(OSError):
            file[key][...]
        path.write_bytes(intact)


class Reader(unittest.TestCase):
    def test_no_run(self):
        with tempfile.TemporaryDirectory() as scratch:
            with self.assertRaisesRegex(lihost_io.RunError, "holds no run"):
                lihost_io.Run(scratch)
            with self.assertRaisesRegex(lihost_io.RunError, "no such folder"):
                lihost_io.Run(scratch + "/absent")

    def test_row_being_written_is_left_out(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "series.csv"
            path.write_text("time [s],voltage [V]\n0,0.25\n1,0.5\n2,0.7")
            table = lihost_io.read_table(path)
            np.testing.assert_array_equal(table["voltage"], [0.25, 0.5])
            path.write_text("time [s],voltage [V]\n0,oops\n")
            with self.assertRaisesRegex(lihost_io.RunError, "series.csv: a cell is no number"):
                lihost_io.read_table(path)


if __name__ == "__main__":
    unittest.main()
