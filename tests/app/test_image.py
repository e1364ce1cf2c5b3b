#!/usr/bin/python3 -I
"""Checks: a segmented image becomes the same mesh from .npy, HDF5, a multi-page TIFF and a folder of slices.

Reference: the array itself, written by NumPy, h5py and Pillow; every broken file and the sentence that refuses it.
Tolerance and why: none for regions; 1e-12 for lengths (products of doubles).
Fails if: axes are swapped, a type is misread, a label loses its region, or a broken file is accepted, crashes or is told
without file, key and reason.
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import h5py  # noqa: E402
import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from program import lihost  # noqa: E402

LABELS = np.random.default_rng(5).choice([0, 7, 200], size=(4, 5, 6))  # [z][y][x]
REGIONS = {0: "void", 7: "lithium", 200: "lizn"}
CASE = """
lihost: 1
name: image
mesh:
  image:
    file: {file}
    voxel: [0.5 um, 0.4 um, 0.3 um]
    labels: {{0: void, 7: lithium, 200: lizn}}
{more}
output: {{directory: out, overwrite: true}}
"""


def save_tiff(path: pathlib.Path, labels: np.ndarray, kind) -> None:
    pages = [Image.fromarray(page.astype(kind)) for page in labels]
    pages[0].save(path, save_all=True, append_images=pages[1:])


class Segmented(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_mesh(self, file: str, more: str = "", ranks: int = 1):
        (self.folder / "image.yaml").write_text(CASE.format(file=file, more=more), encoding="utf-8")
        return lihost("mesh", "image.yaml", folder=str(self.folder), ranks=ranks)

    def check(self, file: str, more: str = "", ranks: int = 1):
        done = self.run_mesh(file, more, ranks)
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(self.folder / "out/mesh_vtk.hdf", "r") as mesh:
            root = mesh["VTKHDF"]
            region = root["CellData/region"][...]
            centres = root["Points"][...][root["Connectivity"][...].reshape(-1, 8)].mean(axis=1)
            names = [root.attrs[f"region_{i}"].decode() for i in range(3)]
        place = np.round(centres / [0.5e-6, 0.4e-6, 0.3e-6] - 0.5).astype(int)
        np.testing.assert_allclose((place + 0.5) * [0.5e-6, 0.4e-6, 0.3e-6], centres, rtol=1e-12)
        found = LABELS[place[:, 2], place[:, 1], place[:, 0]]
        self.assertEqual([names[r] for r in region], [REGIONS[label] for label in found])

    def test_npy(self):
        for kind in ("u1", "<u2", "<i2", "<i4", "<u4", "<i8"):
            for version in ((1, 0), (2, 0)):
                with self.subTest(kind=kind, version=version):
                    with open(self.folder / "a.npy", "wb") as file:
                        np.lib.format.write_array(file, LABELS.astype(kind), version=version)
                    self.check("a.npy", ranks=2 if kind == "<u2" else 1)

    def test_hdf5(self):
        with h5py.File(self.folder / "a.h5", "w") as file:
            file.create_dataset("scan/labels", data=LABELS.astype("u2"), chunks=(2, 5, 3), compression="gzip")
        self.check("a.h5", "    dataset: scan/labels")

    def test_tiff(self):
        for kind in ("u1", "<u2", "<i4"):
            with self.subTest(kind=kind):
                save_tiff(self.folder / "a.tif", LABELS, kind)
                self.check("a.tif")

    def test_slices(self):
        (self.folder / "slices").mkdir()
        for z, page in enumerate(LABELS):
            Image.fromarray(page.astype("u1")).save(self.folder / f"slices/slice_{z:03d}.tiff")
        self.check("slices")

    def test_periodic(self):
        np.save(self.folder / "a.npy", LABELS.astype("u1"))
        self.check("a.npy", "    periodic: true")
        period = json.loads((self.folder / "out/volume.json").read_text())["mesh"]["period"]
        np.testing.assert_allclose(period, [3e-6, 2e-6, 1.2e-6], rtol=1e-12)

    def write_broken(self):
        good = LABELS.astype("u1")
        np.save(self.folder / "good.npy", good)
        np.save(self.folder / "float.npy", good.astype(float))
        np.save(self.folder / "big.npy", good.astype(">u2"))
        np.save(self.folder / "flat.npy", good[0])
        np.save(self.folder / "four.npy", good[None])
        np.save(self.folder / "fortran.npy", np.asfortranarray(good))
        np.save(self.folder / "new.npy", np.where(good == 7, 9, good).astype("u1"))
        data = (self.folder / "good.npy").read_bytes()
        (self.folder / "cut.npy").write_bytes(data[:-20])
        (self.folder / "header.npy").write_bytes(data[:40])
        (self.folder / "text.npy").write_text("0 1 2 3", encoding="utf-8")
        (self.folder / "label.png").write_text("", encoding="utf-8")
        (self.folder / "empty").mkdir()
        save_tiff(self.folder / "good.tif", good, "u1")
        data = (self.folder / "good.tif").read_bytes()
        (self.folder / "cut.tif").write_bytes(data[:60])
        (self.folder / "text.tif").write_text("0 1 2 3", encoding="utf-8")
        Image.fromarray(np.zeros((5, 6, 3), "u1")).save(self.folder / "colour.tif")
        pages = [Image.fromarray(good[0]), Image.fromarray(good[0][:3])]
        pages[0].save(self.folder / "sizes.tif", save_all=True, append_images=pages[1:])
        with h5py.File(self.folder / "a.h5", "w") as file:
            file["labels"], file["real"], file["flat"] = good, good.astype(float), good[0]
        (self.folder / "cut.h5").write_bytes((self.folder / "a.h5").read_bytes()[:600])

    def test_broken(self):
        self.write_broken()
        refused = [
            ("nowhere.npy", "", "mesh.image.file: there is no such file or folder"),
            ("label.png", "", "mesh.image.file is of no known kind"),
            ("float.npy", "", "is not of integers"), ("big.npy", "", "is not of integers"),
            ("flat.npy", "", "has not three dimensions"), ("four.npy", "", "has not three dimensions"),
            ("fortran.npy", "", "is in Fortran order"),
            ("new.npy", "", "mesh.image.labels has no region for label 9"),
            ("cut.npy", "", "is cut short"), ("header.npy", "", "is cut short"), ("text.npy", "", "is no .npy file"),
            ("empty", "", "the folder holds no .tif"), ("text.tif", "", "is no TIFF file"), ("cut.tif", "", "TIFF"),
            ("colour.tif", "", "is not of one integer"), ("sizes.tif", "", "slice 1 has 6 x 3 pixels, the first has 6 x 5"),
            ("a.h5", "", "mesh.image.dataset is missing"),
            ("a.h5", "    dataset: nothing", "has no dataset 'nothing' (mesh.image.dataset)"),
            ("a.h5", "    dataset: real", "is not a grid of integers"), ("a.h5", "    dataset: flat", "is not a grid"),
            ("cut.h5", "    dataset: labels", "cut short or no HDF5 file"),
            ("good.npy", "    voxl: 3", "unknown key 'mesh.image.voxl'"),
        ]
        for file, more, sentence in refused:
            with self.subTest(file=file, more=more):
                done = self.run_mesh(file, more)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(sentence, done.stderr)
                self.assertIn(file if "voxl" not in more else "image.yaml", done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_broken_keys(self):
        np.save(self.folder / "a.npy", LABELS.astype("u1"))
        for words, sentence in ((("mesh.image.labels={a: void}",), "mesh.image.labels.a: a label is a whole number"),
                                (("mesh.image.labels=[0]",), "mesh.image.labels needs a map"),
                                (("mesh.image.voxel=[1 um, 1 um]",), "mesh.image.voxel needs one length or three"),
                                (("mesh.image.voxel=[-1 um]",), "mesh.image.voxel")):
            with self.subTest(words=words):
                (self.folder / "image.yaml").write_text(CASE.format(file="a.npy", more=""), encoding="utf-8")
                done = lihost("mesh", "image.yaml", *words, folder=str(self.folder))
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(sentence, done.stderr)


unittest.main()
