"""Pieces of an unstructured mesh to draw: plane cuts, boundary faces, faces between regions, layers."""
import dataclasses

import numpy as np

HEX_EDGES = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]])
TET_EDGES = np.array([[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]])
HEX_FACES = np.array([[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
HEX_TETS = np.array([[0, 1, 2, 6], [0, 2, 3, 6], [0, 3, 7, 6], [0, 7, 4, 6], [0, 4, 5, 6], [0, 5, 1, 6]])
TET_FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])


@dataclasses.dataclass
class Cut:
    """Polygons of a plane through the mesh: the cell of each and its corners in the two axes of the plane [m]."""
    cells: np.ndarray
    polygons: list[np.ndarray]


@dataclasses.dataclass
class Faces:
    """Faces of some cells: the cell behind each, the cell across (-1: none), the vertices."""
    cell: np.ndarray
    across: np.ndarray
    vertices: np.ndarray


def plane_cut(points: np.ndarray, cells: np.ndarray, axis: int, position: float) -> Cut:
    """Cells where points[axis] = position; the other two axes keep their order."""
    edges = HEX_EDGES if cells.shape[1] == 8 else TET_EDGES
    keep = [i for i in range(3) if i != axis]
    height = points[cells][:, :, axis] - position
    crossed = np.flatnonzero((height.min(axis=1) < 0) & (height.max(axis=1) >= 0))
    polygons = []
    for cell in crossed:
        a, b = edges[:, 0], edges[:, 1]
        ha, hb = height[cell, a], height[cell, b]
        cut = (ha < 0) != (hb < 0)
        share = (ha[cut] / (ha[cut] - hb[cut]))[:, None]
        start, end = points[cells[cell, a[cut]]][:, keep], points[cells[cell, b[cut]]][:, keep]
        corners = start + share * (end - start)
        around = corners - corners.mean(axis=0)
        polygons.append(corners[np.argsort(np.arctan2(around[:, 1], around[:, 0]))])
    return Cut(crossed, polygons)


def middle(points: np.ndarray, axis: int) -> float:
    """Half way along an axis, a little aside so that the plane meets no layer of vertices."""
    low, high = points[:, axis].min(), points[:, axis].max()
    return low + (0.5 + 1.234e-4) * (high - low)


def all_faces(cells: np.ndarray) -> Faces:
    """Every face of every cell, with the cell across."""
    table = HEX_FACES if cells.shape[1] == 8 else TET_FACES
    vertices = cells[:, table].reshape(-1, table.shape[1])
    cell = np.repeat(np.arange(len(cells)), len(table))
    ordered = np.sort(vertices, axis=1)
    place = np.lexsort(ordered.T)
    same = np.flatnonzero((ordered[place[1:]] == ordered[place[:-1]]).all(axis=1))
    across = np.full(len(vertices), -1)
    across[place[same]], across[place[same + 1]] = cell[place[same + 1]], cell[place[same]]
    return Faces(cell, across, vertices)


def boundary_faces(cells: np.ndarray) -> Faces:
    faces = all_faces(cells)
    outer = faces.across < 0
    return Faces(faces.cell[outer], faces.across[outer], faces.vertices[outer])


def faces_between(cells: np.ndarray, one: np.ndarray, other: np.ndarray) -> Faces:
    """Faces of the cells of mask `one` whose neighbour is in mask `other`."""
    faces = all_faces(cells)
    found = (faces.across >= 0) & one[faces.cell]
    found[found] = other[faces.across[found]]
    return Faces(faces.cell[found], faces.across[found], faces.vertices[found])


def near_tetrahedra(low: np.ndarray, high: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes low..high that may hold each place: a list of boxes, and where the part of each place begins and ends in it."""
    origin, size = low.min(axis=0), np.maximum((high - low).max(axis=0), 1e-300)  # a box lies in two bins a direction at most
    first, last, of_place = (np.floor((x - origin) / size).astype(np.int64) for x in (low, high, places))
    number = last.max(axis=0) + 2
    inside = ((of_place >= 0) & (of_place < number)).all(axis=1)
    key_of = lambda index: (index[:, 0] * number[1] + index[:, 1]) * number[2] + index[:, 2]  # noqa: E731
    wanted = np.where(inside, key_of(of_place), -1)
    keys, boxes = [], []
    for offset in np.ndindex(2, 2, 2):
        there = np.flatnonzero((first + offset <= last).all(axis=1))
        key = key_of(first[there] + offset)
        used = np.isin(key, wanted)
        keys.append(key[used])
        boxes.append(there[used])
    key, box = np.concatenate(keys), np.concatenate(boxes)
    order = np.argsort(key, kind="stable")
    return box[order], np.searchsorted(key[order], wanted, side="left"), np.searchsorted(key[order], wanted, side="right")


def interpolation(points: np.ndarray, cells: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Four vertices about each place and their weights, linear in the tetrahedron that holds it; hexahedra count as six of them.

    A place that lies in no cell (a void, beyond a periodic face) has weights of zero.
    """
    tets = cells if cells.shape[1] == 4 else cells[:, HEX_TETS].reshape(-1, 4)
    corners = points[tets]
    slack = 1e-6 * np.ptp(points, axis=0).max()
    box, start, stop = near_tetrahedra(corners.min(axis=1) - slack, corners.max(axis=1) + slack, places)
    vertices, weights, best = np.zeros((len(places), 4), int), np.zeros((len(places), 4)), np.full(len(places), -1e-3)
    for k in range(max((stop - start).max(initial=0), 0)):
        place = np.flatnonzero((start + k < stop) & (best < 0))
        tet = box[start[place] + k]
        edges = (corners[tet, 1:] - corners[tet, :1]).transpose(0, 2, 1)
        flat = np.abs(np.linalg.det(edges)) < 1e-30 * slack**3
        edges[flat] = np.eye(3)
        share = np.linalg.solve(edges, (places[place] - corners[tet, 0])[:, :, None])[:, :, 0]
        found = np.column_stack([1 - share.sum(axis=1), share])
        better = (found.min(axis=1) > best[place]) & ~flat
        chosen = place[better]
        vertices[chosen], weights[chosen], best[chosen] = tets[tet[better]], found[better], found[better].min(axis=1)
    return vertices, weights


def layers(height: np.ndarray, per_layer: int) -> list[np.ndarray]:
    """Cells sorted by height in groups of about `per_layer`: the layers of a structured mesh."""
    groups = int(np.clip(round(len(height) / max(per_layer, 1)), 1, 80))
    return np.array_split(np.argsort(height, kind="stable"), groups)
