#!/usr/bin/python3 -I
"""Checks: what decides a result decides which case it is: bytes of every kind of file a case reads (materials, files these
are based on, meshes, fields in space, images, slices, the composition of a generated volume) and keys of every section.

Reference: none needed: one thing is changed at a time, and the names of exactly the cases that read it must change.
Tolerance and why: none.
Fails if: a file or key is left out of the hash, so that `--resume` would take an old result for a new one; or something
that no case reads is in it, so that cases would be run again for nothing.
"""
import pathlib
import re
import sys
import tempfile
import unittest

import h5py
import numpy as np
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import SOURCE, sweep  # noqa: E402

VOLUME = """lihost: 1
name: volume
temperature: 25 degC
mesh: {MESH}
regions: {lithium: {material: lithium_solid}, lizn: {material: lizn_solid}}
experiment: {kind: tensile, grips: periodic, axis: x, strain_rate: 1e-3 1/s, rate_of: nominal}
"""
IMAGE = "{image: {file: FILE, voxel: [1 um, 1 um, 1 um], labels: {0: lithium, 1: lizn}, periodic: true}}"
VOXELS = "variation: {cnt: {voxels: {file: field.h5, dataset: share}}}"


def box() -> str:
    text = (SOURCE / "cases/strip_lznc/case.yaml").read_text()
    text = re.sub(r"variation:.*?(?=\n  separator)", VOXELS, text, flags=re.S)
    text = text.replace("cells: [12, 12]", "cells: [1, 1]").replace("cells: 40}", "cells: 4}").replace("cells: 8}", "cells: 2}")
    return text.replace("material: lznc\n", "material: foil.yaml\n")


CASES = {
    "foil": box(),
    "gmsh": (SOURCE / "cases/gmsh_foil/case.yaml").read_text().replace("../../meshes/foil_hex.msh", "foil.msh"),
    "generated": VOLUME.replace("MESH", "rve: {size: [3 um, 3 um, 3 um], cells: [6, 6, 6], composition: mine.yaml, islands: {diameter: 1 um}}"),
    "image": VOLUME.replace("{MESH}", IMAGE.replace("FILE", "image.npy")),
    "slices": VOLUME.replace("{MESH}", IMAGE.replace("FILE", "slices")),
}


def replace(path: pathlib.Path, old: str, new: str):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path}: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def write_field(path: pathlib.Path, value: float):
    with h5py.File(path, "w") as file:
        file["share"] = np.full((2, 2, 2), value, "f4")
        file["share"].attrs["origin"], file["share"].attrs["spacing"] = [0., 0., 0.], [1e-4, 1e-4, 1e-4]


def write_labels(folder: pathlib.Path, image: int, slices: int):
    for name, corner in (("image.npy", image), ("slices", slices)):
        labels = np.zeros((4, 4, 4), "u1")
        labels[1:3, 1:3, 1:3], labels[0, 0, 0] = 1, corner
        if name == "slices":
            (folder / name).mkdir(exist_ok=True)
            for z, page in enumerate(labels):
                Image.fromarray(page).save(folder / name / f"{z}.tif")
        else:
            np.save(folder / name, labels)


# What is changed, and the cases that read it.
CHANGES = {
    "nothing": (lambda folder: None, set()),
    "another file": (lambda folder: (folder / "notes.txt").write_text("no case reads this"), set()),
    "a comment": (lambda folder: replace(folder / "mine.yaml", "name: mine", "name: mine  # by hand"), set()),
    "material": (lambda folder: replace(folder / "foil.yaml", "porosity: 3 %", "porosity: 4 %"), {"foil"}),
    "phase of a material": (lambda folder: replace(folder / "phase.yaml", "3990 kg/m^3", "3980 kg/m^3"), {"foil"}),
    "field": (lambda folder: write_field(folder / "field.h5", 1.1), {"foil"}),
    "mesh": (lambda folder: replace(folder / "foil.msh", "$EndNodes", "$EndNodes "), {"gmsh"}),
    "composition": (lambda folder: replace(folder / "mine.yaml", "Li: 20", "Li: 16"), {"generated"}),
    "image": (lambda folder: write_labels(folder, 1, 0), {"image"}),
    "a slice": (lambda folder: write_labels(folder, 1, 1), {"slices"}),
}
KEYS = ("temperature: 310 K", "fibres.law: elastic_truss", "damage.metal.length: 0.8 um", "damage.metal.softening.scale: 0.03",
        "experiment.strain_rate: 2e-3 1/s", "experiment.axis: z", "numerics.damage.tolerance: 5e-3", "mesh.rve.seed: 7", "mesh.rve.islands.diameter: 0.9 um",
        "mesh.rve.change.precursors.CNT: 0.5", "regions.lizn.change.mechanics.island.hardening_modulus: 2 GPa")


class Identity(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def names(self, bases: str, axis: str) -> dict[str, str]:
        """Base case -> name of its case, as things are now."""
        (self.folder / "study.yaml").write_text(f"lihost_study: 1\nname: test\n{bases}\naxes:\n  - {axis}\n", encoding="utf-8")
        result = sweep("study.yaml", "--dry-run", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("CANNOT RUN", result.stdout, result.stderr)
        return dict(re.findall(r"(\w+) (\w{16}) waiting", result.stdout))

    def test_files(self):
        for name, case in CASES.items():
            (self.folder / f"{name}.yaml").write_text(case, encoding="utf-8")
        (self.folder / "phase.yaml").write_text((SOURCE / "materials/lizn.yaml").read_text(), encoding="utf-8")
        (self.folder / "foil.yaml").rename(self.folder / "foil_case.yaml")
        (self.folder / "foil.yaml").write_text("lihost_material: 1\nbase: lznc\nname: foil\nporosity: 3 %\nphases: {lizn: phase}\n", encoding="utf-8")
        (self.folder / "mine.yaml").write_text("lihost_material: 1\nbase: lz\nname: mine\nprecursors: {Li: 20}\n", encoding="utf-8")
        (self.folder / "foil.msh").write_bytes((SOURCE / "meshes/foil_hex.msh").read_bytes())
        write_field(self.folder / "field.h5", 1)
        write_labels(self.folder, 0, 0)
        bases = ", ".join(f"{name}: {name}{'_case' * (name == 'foil')}.yaml" for name in CASES)
        before = None
        for what, (change, readers) in CHANGES.items():
            if before is None:
                before = self.names(f"bases: {{{bases}}}", "{key: temperature, list: [20 degC]}")
                self.assertEqual(before.keys(), CASES.keys())
            change(self.folder)
            after = self.names(f"bases: {{{bases}}}", "{key: temperature, list: [20 degC]}")
            self.assertEqual({name for name in CASES if before[name] != after[name]}, readers, what)
            before = after

    def test_keys(self):
        base = f"base: {SOURCE / 'cases/study_cnt_fraction/pull.yaml'}\nset: {{mesh.rve.cells: '[6, 6, 6]', mesh.rve.cnt.count: 3}}"
        seen = {}
        for word in ("name: pull", *KEYS):
            key, value = word.split(": ")
            seen[self.names(base, f"{{key: {key}, list: [{value}]}}")["case"]] = key
        self.assertEqual(len(seen), 1 + len(KEYS), seen)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
