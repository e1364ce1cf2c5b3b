#!/usr/bin/python3 -I
"""Checks: an elastoplastic voxel block with a stiff inclusion, pulled to 5 % between symmetry planes, here and by CalculiX.

Reference: CalculiX (ccx, C3D8, *PLASTIC), whose deck is written from our mesh file. Both take the plain element, which locks in plastic flow: the block
is too strong, by less on finer cells, and the comparison is harder than that of a bar.
Tolerance and why: small strains 1e-4, the same equations; large strains 0.5 % as the project asks. The laws differ in three ways that vanish with the
elastic strain and with the step: ccx's yield stress is Cauchy's, its elasticity neo-Hookean with a pressure K (J^2 - 1) / 2 where ours is K ln J, its
return map of first order in the step. What is left is that pressure in locked elements, where J - 1 at the points of a cell is some 1e-3 with lithium
as with any metal: put into our element it makes bent and twisted cells agree to 1e-4, and it goes with the locking: 0.54 %, 0.24 %, 0.16 % of the
stress at 5 % with 8, 12 and 16 cells a side.
Fails if: voxel mesh, plasticity, large strain or reaction differ from an independent code.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from typing import NamedTuple

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "app"))
from program import lihost, series, verified  # noqa: E402

STRAIN, STEPS, SIDE = 0.05, 10, 4e-6


class Block(NamedTuple):
    cells: int  # along a side
    metal: dict  # E, nu, Y, H
    stiff: dict  # E, nu

    def case(self) -> str:
        metal, stiff = self.metal, self.stiff
        return f"""lihost: 1
name: block
temperature: 298 K
mesh: {{rve: {{size: [4 um, 4 um, 4 um], cells: [{self.cells}, {self.cells}, {self.cells}], periodic: false, seed: 3, matrix: metal,
  islands: {{fraction: 0.15, diameter: 1.6 um, deviation: 0, aspect: 1}}}}}}
regions:
  metal: {{material: {{lihost_material: 1, kind: solid, name: metal, phase: lithium, mechanics: {{m: {{law: j2_hencky, youngs_modulus: {metal['E']} Pa,
    poisson_ratio: {metal['nu']}, yield_stress: {metal['Y']} Pa, hardening_modulus: {metal['H']} Pa}}}}}}}}
  lizn: {{material: {{lihost_material: 1, kind: solid, name: stiff, phase: lizn, mechanics: {{m: {{law: hencky_elastic, youngs_modulus: {stiff['E']} Pa,
    poisson_ratio: {stiff['nu']}}}}}}}}}
experiment: {{kind: tensile, grips: symmetry, axis: z, strain_rate: 1e-3 1/s, rate_of: nominal, rupture: 0, end_strain: {STRAIN}, stepping: {{number: {STEPS}}}}}
numerics: {{dilatation: local}}
"""


STIFF_METAL = Block(8, {"E": 10e9, "nu": 0.3, "Y": 20e6, "H": 200e6}, {"E": 100e9, "nu": 0.2})
LITHIUM = Block(12, {"E": 7.81e9, "nu": 0.38, "Y": 1e6, "H": 10e6}, {"E": 55e9, "nu": 0.25})  # with LiZn


def write_set(file, kind: str, name: str, numbers) -> None:
    file.write(f"*{kind},{kind}={name}\n")
    for at in range(0, len(numbers), 10):
        file.write(",".join(str(n + 1) for n in numbers[at:at + 10]) + ",\n")


def write_deck(path: pathlib.Path, block: Block, mesh: tuple, large: bool) -> None:
    """Lengths in um, stresses in MPa: forces in uN."""
    points, cells, region = mesh
    metal, stiff = block.metal, block.stiff
    x = points * 1e6
    with open(path, "w", encoding="utf-8") as file:
        file.write("*NODE,NSET=ALL\n")
        file.writelines(f"{i + 1},{p[0]:.15g},{p[1]:.15g},{p[2]:.15g}\n" for i, p in enumerate(x))
        file.write("*ELEMENT,TYPE=C3D8,ELSET=EALL\n")
        file.writelines(f"{i + 1}," + ",".join(str(n + 1) for n in cell) + "\n" for i, cell in enumerate(cells))
        for name, number in (("METAL", 0), ("STIFF", 1)):
            write_set(file, "ELSET", name, np.flatnonzero(region == number))
        for name, axis, place in (("X0", 0, 0), ("Y0", 1, 0), ("Z0", 2, 0), ("Z1", 2, SIDE * 1e6)):
            write_set(file, "NSET", name, np.flatnonzero(abs(x[:, axis] - place) < 1e-6))
        end = metal["Y"] + metal["H"]
        file.write(f"*MATERIAL,NAME=M\n*ELASTIC\n{metal['E'] / 1e6},{metal['nu']}\n*PLASTIC\n{metal['Y'] / 1e6},0.\n{end / 1e6},1.\n")
        file.write(f"*MATERIAL,NAME=S\n*ELASTIC\n{stiff['E'] / 1e6},{stiff['nu']}\n")
        file.write("*SOLID SECTION,ELSET=METAL,MATERIAL=M\n*SOLID SECTION,ELSET=STIFF,MATERIAL=S\n*BOUNDARY\nX0,1\nY0,2\nZ0,3\n")
        file.write(f"*STEP{',NLGEOM' if large else ''},INC=1000\n*STATIC,SOLVER=SPOOLES,DIRECT\n{1 / STEPS},1.\n*BOUNDARY\nZ1,3,3,{STRAIN * SIDE * 1e6}\n")
        file.write("*NODE PRINT,NSET=Z1,TOTALS=ONLY\nRF\n*END STEP\n")


def pull(block: Block, case: str, large: bool) -> tuple[np.ndarray, np.ndarray]:
    """Nominal stress [MPa] after each step, here and there."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "case.yaml").write_text(case, encoding="utf-8")
        result = lihost("run", "case.yaml", "output.directory=out", folder=name)
        if result.returncode:
            raise RuntimeError(result.stderr + result.stdout)
        ours = np.array(series(folder / "out")["nominal_stress"][1:]) / 1e6
        with h5py.File(folder / "out" / "mesh_vtk.hdf") as mesh, h5py.File(sorted((folder / "out" / "fields").glob("*.hdf"))[0]) as first:
            grid = mesh["VTKHDF"]
            points, cells = grid["Points"][:], grid["Connectivity"][:].reshape(-1, 8)
            region = first["VTKHDF/CellData/region"][:].ravel().round().astype(int)
        write_deck(folder / "block.inp", block, (points, cells, region), large)
        subprocess.run(["ccx", "block"], cwd=name, check=True, capture_output=True)
        rows = re.findall(r"total force.*?\n\s*\n\s*(\S+)\s+(\S+)\s+(\S+)", (folder / "block.dat").read_text(encoding="utf-8"))
    theirs = np.array([float(row[2]) for row in rows]) / (SIDE * 1e6) ** 2
    print("ours  ", np.round(ours, 4), "\ntheirs", np.round(theirs, 4), "\ngap   ", np.round(ours / theirs - 1, 6))
    return ours, theirs


class Peer(unittest.TestCase):
    def test_small_strains(self):
        never = "j2_small_strain, yield_stress: 100 GPa, hardening_modulus: 0 Pa"
        case = STIFF_METAL.case().replace("j2_hencky", "j2_small_strain").replace("hencky_elastic", never)
        ours, theirs = pull(STIFF_METAL, case, False)
        self.assertEqual(len(theirs), STEPS)
        verified("test_small_strains", "nominal stress at 5 % [MPa]", ours[-1], theirs[-1], 1e-4 * theirs[-1])
        self.assertLess(np.max(np.abs(ours / theirs - 1)), 1e-4)

    def test_large_strains(self):
        ours, theirs = pull(LITHIUM, LITHIUM.case(), True)
        self.assertEqual(len(theirs), STEPS)
        verified("test_large_strains", f"nominal stress at {100 * STRAIN:g} % [MPa]", ours[-1], theirs[-1], 5e-3 * theirs[-1])
        self.assertLess(np.max(np.abs(ours / theirs - 1)), 5e-3)


if __name__ == "__main__":
    if not shutil.which("ccx"):
        print("ccx (package calculix-ccx) is not installed")
        sys.exit(77)
    unittest.main(verbosity=2)
