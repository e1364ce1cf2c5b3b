#!/usr/bin/python3 -I
"""Writes the CalculiX input of B1: fully integrated hexahedra, small strains, ten equal steps.

usage: calculix_deck.py MESH.npz OUT.inp SOLVER      SOLVER: 'SPOOLES' or 'ITERATIVE SCALING'
"""
import sys

import numpy as np


def node_set(f, name, nodes):
    f.write("*NSET,NSET=%s\n" % name)
    for at in range(0, len(nodes), 10):
        f.write(",".join(str(n + 1) for n in nodes[at : at + 10]) + ",\n")


def main(mesh, out, solver):
    data = np.load(mesh)
    x, cells = data["x"], data["cells"]
    on = lambda axis, value: np.where(np.abs(x[:, axis] - value) < 1e-9)[0]
    with open(out, "w") as f:
        f.write("*NODE,NSET=NALL\n")
        for i, p in enumerate(x):
            f.write("%d,%.15g,%.15g,%.15g\n" % (i + 1, *p))
        f.write("*ELEMENT,TYPE=C3D8,ELSET=EALL\n")
        for i, e in enumerate(cells):
            f.write("%d,%s\n" % (i + 1, ",".join(str(n + 1) for n in e)))
        for name, axis, value in [("X0", 0, 0), ("Y0", 1, 0), ("Z0", 2, 0), ("Z1", 2, 1)]:
            node_set(f, name, on(axis, value))
        f.write("*MATERIAL,NAME=M\n*ELASTIC\n10000.,0.3\n*PLASTIC\n100.,0.\n600.,1.\n")
        f.write("*SOLID SECTION,ELSET=EALL,MATERIAL=M\n*BOUNDARY\nX0,1\nY0,2\nZ0,3\n")
        f.write("*STEP,NLGEOM=NO,INC=1000\n*STATIC,SOLVER=%s,DIRECT\n0.1,1.\n" % solver)
        f.write("*CONTROLS,PARAMETERS=FIELD\n1.e-7,1.,,,,,,\n")
        f.write("*BOUNDARY\nZ1,3,3,0.02\n*NODE PRINT,NSET=Z1,TOTALS=ONLY\nRF\n*END STEP\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
