"""Packs a run for the interactive view of the report: mesh, saved states, fields, tubes.

Values are for the eye: fields and displacements keep 16 bits of their range, which a screen cannot tell from all of them.
The page reads the arrays by the offsets in the header; every array begins at a multiple of four.
"""
import base64
import dataclasses
import json
import zlib

import numpy as np

import geometry
import lihost_io
import maps
import style

MOST_STATES = 40
MOST_BYTES = 240e6  # arrays of the page before compression; more saved states than fit are thinned out
MOST_FIBRE_BYTES = 60e6  # displacements of fibres before compression; beyond that they stay where they lay at first
FIRST_CHOICE = ("lithium_content", "damage", "von_mises", "porosity")
COMPONENTS = {3: ("x", "y", "z"), 6: ("xx", "yy", "zz", "xy", "yz", "xz")}
CODES = {"float32": "f32", "uint32": "u32", "uint16": "u16", "uint8": "u8"}


class Store:
    """One block of bytes and where each array lies in it."""

    def __init__(self):
        self.parts, self.size = [], 0

    def add(self, values: np.ndarray) -> list:
        data = np.ascontiguousarray(values).tobytes()
        place = [CODES[values.dtype.name], self.size, int(values.size)]
        data += bytes(-len(data) % 4)
        self.parts.append(data)
        self.size += len(data)
        return place

    def packed(self) -> str:
        return base64.b64encode(zlib.compress(b"".join(self.parts), 6)).decode()


@dataclasses.dataclass
class Column:
    """One scalar to colour by: a field, or a component or the length of one."""
    name: str
    part: str  # "", "length", "x" ...
    unit: str
    at_vertices: bool
    count: int

    def values(self, state: lihost_io.State) -> np.ndarray | None:
        if self.name not in state.names:
            return None
        values = state.field(self.name).values
        if self.part == "length":
            values = np.linalg.norm(values, axis=1)
        elif self.part:
            values = values[:, COMPONENTS[values.shape[1]].index(self.part)]
        return np.asarray(style.readable(values, self.unit), float)

    @property
    def label(self) -> str:
        words = self.name.replace("_", " ") + (f", {self.part}" if self.part else "")
        return style.label(words, self.unit).replace("$", "").replace("^{", "^").replace("}", "")


def columns_of(state: lihost_io.State) -> list[Column]:
    found = []
    for name in state.names:
        field = state.field(name)
        width = 1 if field.values.ndim == 1 else field.values.shape[1]
        parts = [""] if width == 1 else [*(["length"] if width == 3 else []), *COMPONENTS.get(width, ())]
        found += [Column(name, part, field.unit, field.at_vertices, len(field.values)) for part in parts]
    order = {name: i for i, name in enumerate(FIRST_CHOICE)}
    return sorted(found, key=lambda column: order.get(column.name, len(order)))


def pack_column(store: Store, column: Column, states: list[lihost_io.State]) -> dict:
    values = [column.values(state) for state in states]
    known = [v[np.isfinite(v)] for v in values if v is not None]
    together = np.concatenate([v for v in known if len(v)] or [np.zeros(1)])
    low, high = together.min(), together.max()
    step = (high - low) / 65535 or 1.0
    colors, *show = color_range(column.name, known)
    own = [None if v is None else [float(x) for x in color_range(column.name, [v])[1:]] for v in values]
    at = [None if v is None else store.add(np.round((np.nan_to_num(v, nan=low) - low) / step).astype(np.uint16))
          for v in values]
    return {"label": column.label, "place": "vertices" if column.at_vertices else "cells", "count": column.count,
            "low": float(low), "high": float(low + 65535 * step), "show": [float(x) for x in show], "own": own,
            "map": colors, "at": at}


def color_range(name: str, values: list[np.ndarray]) -> tuple[str, float, float]:
    """Colour map and limits; shares run from 0 to 1, light where the host is empty."""
    if name == "porosity":
        return style.SEQUENTIAL, 0.0, 1.0
    if name.endswith("_content"):
        return style.SEQUENTIAL + "_r", 0.0, 1.0
    if name in ("damage", "region"):
        return style.STRENGTH, 0.0, 1.0 if name == "damage" else max(float(values[0].max()), 1.0)
    return maps.common_range(values)


def pack_displacement(store: Store, state: lihost_io.State) -> dict | None:
    """Displacement in micrometres as 16 bits about zero, with the step of each direction."""
    if "displacement" not in state.names:
        return None
    u = 1e6 * state.field("displacement").values
    step = np.abs(u).max(axis=0) / 32767
    step[step == 0] = 1.0
    return {"at": store.add(np.round(u / step + 32768).astype(np.uint16).ravel()), "step": step.tolist()}


def region_faces(mesh: lihost_io.Mesh) -> geometry.Faces:
    """Faces on the outside of each region; those of tetrahedra repeat their last vertex."""
    faces = geometry.all_faces(mesh.cells)
    outer = (faces.across < 0) | (mesh.region[faces.across] != mesh.region[faces.cell])
    vertices = faces.vertices[outer]
    if vertices.shape[1] == 3:
        vertices = np.column_stack([vertices, vertices[:, 2]])
    return geometry.Faces(faces.cell[outer], faces.across[outer], vertices)


def thinned(run: lihost_io.Run, columns: int) -> list[lihost_io.State]:
    """As many states as the page can carry, first and last among them."""
    each = 2 * columns * len(run.mesh.cells) + 6 * len(run.mesh.points)
    most = int(np.clip(MOST_BYTES / each, 2, MOST_STATES))
    states = run.states
    if len(states) <= most:
        return states
    return [states[i] for i in np.unique(np.linspace(0, len(states) - 1, most).round().astype(int))]


def moved_tubes(store: Store, run: lihost_io.Run, states: list[lihost_io.State]) -> list | None:
    """Displacement of each end [um], state by state; None when the fibres must stay where they lay at first."""
    ends = run.fibres.ends.reshape(-1, 3)
    if 12 * len(ends) * len(states) > MOST_FIBRE_BYTES or any("displacement" not in state.names for state in states):
        return None
    vertices, weights = geometry.interpolation(run.mesh.points, run.mesh.cells, ends)
    moved = [np.einsum("nc,ncj->nj", weights, state.field("displacement").values[vertices]) for state in states]
    return [store.add((1e6 * u).astype(np.float32).ravel()) for u in moved]


def pack_tubes(store: Store, run: lihost_io.Run, states: list[lihost_io.State]) -> dict | None:
    """Fibres as lines with a radius, never too thin to see, that move with the cells they lie in."""
    ends = run.fibres.ends
    if not len(ends):
        return None
    thinnest = 1e-3 * np.linalg.norm(np.ptp(run.mesh.points, axis=0))
    radius = np.maximum(np.sqrt(run.fibres.area / np.pi), thinnest)
    return {"ends": store.add((1e6 * ends.reshape(-1)).astype(np.float32)),
            "radius": store.add((1e6 * radius).astype(np.float32)), "moved": moved_tubes(store, run, states)}


def color_map(name: str) -> str:
    style.pyplot()
    import matplotlib
    colors = matplotlib.colormaps[name](np.linspace(0, 1, 256))[:, :3]
    return base64.b64encode(np.round(255 * colors).astype(np.uint8).tobytes()).decode()


def natural_magnification(points: np.ndarray, states: list[lihost_io.State]) -> float:
    """1, 2, 5, 10 ... so that the largest displacement is near a tenth of the thickness."""
    largest = max((np.abs(s.field("displacement").values).max() for s in states if "displacement" in s.names), default=0)
    if not largest:
        return 1.0
    wanted = max(0.12 * np.ptp(points[:, 2]) / largest, 1.0)
    decade = 10 ** np.floor(np.log10(wanted))
    return float(decade * max(d for d in (1, 2, 5) if d * decade <= wanted * (1 + 1e-9)))


def pack_mesh(store: Store, mesh: lihost_io.Mesh) -> dict:
    faces, foil = region_faces(mesh), [("foil" in name.lower()) for name in mesh.region_names]
    shown = foil if any(foil) else [True] * len(foil)
    points = 1e6 * mesh.points
    return {"points": store.add(points.astype(np.float32).ravel()), "cells": store.add(mesh.cells.astype(np.uint32).ravel()),
            "corners": int(mesh.cells.shape[1]), "faces": store.add(faces.vertices.astype(np.uint32).ravel()),
            "face_cell": store.add(faces.cell.astype(np.uint32)), "region": store.add(mesh.region.astype(np.uint8)),
            "regions": [{"name": name, "shown": show} for name, show in zip(mesh.region_names, shown)],
            "bounds": [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]}


def pack(run: lihost_io.Run) -> tuple[str, str]:
    """Header (JSON) and data (base64 of zlib) of a run with saved states."""
    if not run.states:
        raise maps.Skip("the run saved no fields")
    columns = columns_of(run.states[-1])
    states, store = thinned(run, len(columns)), Store()
    head = pack_mesh(store, run.mesh)
    head["states"] = [{"title": maps.state_title(s), "displacement": pack_displacement(store, s)} for s in states]
    head["fields"] = [pack_column(store, column, states) for column in columns]
    head["maps"] = {name: color_map(name) for name in {field["map"] for field in head["fields"]}}
    head |= {"tubes": pack_tubes(store, run, states), "magnify": natural_magnification(run.mesh.points, states),
             "start": len(states) // 2, "saved": len(run.states), "num_cells": len(run.mesh.cells)}
    return json.dumps(head).replace("<", "\\u003c"), store.packed()
