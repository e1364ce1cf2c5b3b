#!/usr/bin/python3 -I
"""Meshes of the benches: a unit cube of N^3 voxels, whole (block) or without the voxels whose centres lie in
spheres of radius 0.5 about two opposite corners (voids). Written once as Gmsh 2.2, the file that lihost
reads and that the peers' inputs are made from.

usage: voxel_mesh.py N block|voids OUT.msh
"""
import sys

import numpy as np

SURFACES = ["left", "right", "front", "back", "bottom", "top"]
FACES = [[0, 3, 7, 4], [1, 2, 6, 5], [0, 1, 5, 4], [3, 2, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7]]


def voxels(n, voids):
    """Node coordinates and hexahedra (VTK order) of the kept voxels."""
    i = np.arange(n)
    k, j, i = [a.ravel() for a in np.meshgrid(i, i, i, indexing="ij")]
    if voids:
        c = (np.stack([i, j, k], 1) + 0.5) / n
        keep = ((c**2).sum(1) > 0.25) & (((c - 1) ** 2).sum(1) > 0.25)
        i, j, k = i[keep], j[keep], k[keep]
    m = n + 1
    corner = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]
    cells = np.stack([i + a + m * (j + b + m * (k + c)) for a, b, c in corner], 1)
    used, flat = np.unique(cells, return_inverse=True)
    x = np.stack([used % m, used // m % m, used // m**2], 1) / n
    return x, flat.reshape(cells.shape)


def outer_faces(x, cells):
    """Faces on the six planes of the cube, with the number of their surface."""
    found = []
    for s, face in enumerate(FACES):
        plane = np.abs(x[cells[:, face], s // 2] - s % 2).max(1) < 1e-9
        found.append(np.column_stack([np.full(plane.sum(), s), cells[plane][:, face]]))
    return np.concatenate(found)


def end_area(x, cells):
    """Area of the lower end across z."""
    faces = outer_faces(x, cells)
    low = faces[faces[:, 0] == SURFACES.index("bottom"), 1:]
    return float(np.abs(x[low][:, 2, :2] - x[low][:, 0, :2]).prod(1).sum())


def write(path, x, cells):
    """Binary Gmsh 2.2: physical volume `body`, physical surfaces by name."""
    faces = outer_faces(x, cells)
    with open(path, "wb") as f:
        f.write(b"$MeshFormat\n2.2 1 8\n")
        np.array([1], "<i4").tofile(f)
        f.write(b"\n$EndMeshFormat\n$PhysicalNames\n7\n")
        for s, name in enumerate(SURFACES):
            f.write(b'2 %d "%s"\n' % (s + 1, name.encode()))
        f.write(b'3 7 "body"\n$EndPhysicalNames\n$Nodes\n%d\n' % len(x))
        nodes = np.zeros(len(x), [("tag", "<i4"), ("x", "<f8", 3)])
        nodes["tag"], nodes["x"] = np.arange(1, len(x) + 1), x
        nodes.tofile(f)
        f.write(b"\n$EndNodes\n$Elements\n%d\n" % (len(faces) + len(cells)))
        for kind, group, nodes, first in [(3, faces[:, 0] + 1, faces[:, 1:], 1), (5, np.full(len(cells), 7), cells, len(faces) + 1)]:
            np.array([kind, len(nodes), 2], "<i4").tofile(f)
            tags = np.arange(first, first + len(nodes))
            np.column_stack([tags, group, group, nodes + 1]).astype("<i4").tofile(f)
        f.write(b"\n$EndElements\n")


def read(path):
    """Coordinates and hexahedra of a file that write() made."""
    with open(path, "rb") as f:
        data = f.read()
    at = data.index(b"$Nodes\n") + 7
    end = data.index(b"\n", at)
    count = int(data[at:end])
    x = np.frombuffer(data, [("tag", "<i4"), ("x", "<f8", 3)], count, end + 1)["x"].copy()
    at = data.index(b"\n", data.index(b"$Elements\n", end) + 10) + 1
    width = {3: 4, 5: 8}
    while True:
        kind, number, tags = np.frombuffer(data, "<i4", 3, at)
        row = 1 + tags + width[int(kind)]
        rows = np.frombuffer(data, "<i4", number * row, at + 12).reshape(number, row)
        at += 12 + 4 * number * row
        if kind == 5:
            return x, rows[:, 1 + tags :] - 1


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] not in ("block", "voids"):
        sys.exit(__doc__)
    write(sys.argv[3], *voxels(int(sys.argv[1]), sys.argv[2] == "voids"))
