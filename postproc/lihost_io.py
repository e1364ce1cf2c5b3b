"""Reads the folder of a lihost run into NumPy arrays. SI units throughout; every array knows its unit.

    run = Run("runs/strip_lznc")
    run.series["voltage"]                  # [V], one value per accepted step
    state = run.states[-1]
    state.field("porosity").values         # one value per cell
    run.mesh.cell_centres[run.mesh.in_region("foil")]

Only reads; works on a run that is still going. A file that is not there yet reads as empty.
"""
import csv
import dataclasses
import functools
import json
import pathlib
import re

import numpy as np

CORNERS = {12: 8, 10: 4}  # vertices of VTK's hexahedron and tetrahedron


class RunError(Exception):
    """The folder is no run, or a file of it cannot be read; the message is for the user."""


@dataclasses.dataclass
class Table:
    """Columns of a CSV file whose header says `name [unit]` or `name / unit`."""
    columns: dict[str, np.ndarray]
    units: dict[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def missing(self, *names: str) -> list[str]:
        return [name for name in names if name not in self.columns]


@dataclasses.dataclass
class Event:
    time: float  # [s]
    kind: str
    what: str


@dataclasses.dataclass
class Field:
    """One array of a state: [vertex or cell] or [vertex or cell][component]."""
    name: str
    values: np.ndarray
    unit: str
    at_vertices: bool


@dataclasses.dataclass
class Mesh:
    """Reference positions [m], vertices of each cell in VTK's order, region of each cell."""
    points: np.ndarray
    cells: np.ndarray
    region: np.ndarray
    region_names: list[str]

    @functools.cached_property
    def cell_centres(self) -> np.ndarray:
        return self.points[self.cells].mean(axis=1)

    def in_region(self, name: str) -> np.ndarray:
        """Mask of the cells of a region; all false when there is none of that name."""
        if name not in self.region_names:
            return np.zeros(len(self.cells), bool)
        return self.region == self.region_names.index(name)


@dataclasses.dataclass
class Fibres:
    """Pieces of the fibres inside the volume: ends [piece][2][3] [m], number of the fibre, cross-section [m2]."""
    ends: np.ndarray
    fibre: np.ndarray
    area: np.ndarray


class State:
    """One step file: time [s], label (share stripped), and the fields."""

    def __init__(self, path: pathlib.Path, time: float, label: float):
        self.path, self.time, self.label = path, time, label

    @functools.cached_property
    def names(self) -> list[str]:
        with open_hdf(self.path) as file:
            return [*file["VTKHDF/PointData"], *file["VTKHDF/CellData"]]

    def missing(self, *names: str) -> list[str]:
        return [name for name in names if name not in self.names]

    @functools.lru_cache(maxsize=16)
    def field(self, name: str) -> Field:
        with open_hdf(self.path) as file:
            for group in ("PointData", "CellData"):
                if name in file["VTKHDF"][group]:
                    data = file["VTKHDF"][group][name]
                    try:
                        values = data[...]
                    except OSError as error:
                        raise RunError(f"{self.path}: {name} is damaged ({error})") from error
                    return Field(name, values, text(data.attrs.get("unit", "1")), group == "PointData")
        raise RunError(f"{self.path}: no field {name}; there are {', '.join(self.names)}")


class Run:
    """Everything a run left, read when first asked for."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if not self.folder.is_dir():
            raise RunError(f"{folder}: no such folder")
        if not any((self.folder / name).exists() for name in ("run.json", "series.csv", "mesh_vtk.hdf")):
            raise RunError(f"{folder}: holds no run (neither run.json nor series.csv)")

    @functools.cached_property
    def series(self) -> Table:
        return read_table(self.folder / "series.csv")

    @functools.cached_property
    def history(self) -> Table:
        """history.bdf.csv; positive current charges the cell, which strips the foil."""
        return read_table(self.folder / "history.bdf.csv")

    @functools.cached_property
    def events(self) -> list[Event]:
        path = self.folder / "events.csv"
        if not path.exists():
            return []
        with open(path, newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))[1:]
        return [Event(float(row[0]), row[1], row[2]) for row in rows if len(row) == 3]

    @functools.cached_property
    def record(self) -> dict:
        return read_json(self.folder / "run.json")

    @functools.cached_property
    def observables(self) -> dict:
        return read_json(self.folder / "observables.json")

    @functools.cached_property
    def inputs(self) -> dict:
        """resolved.yaml: dotted key -> {value, unit, text, origin, ...}."""
        import yaml  # only here, so that figures need no YAML package
        path = self.folder / "resolved.yaml"
        if not path.exists():
            return {}
        with open(path, encoding="utf-8") as stream:
            return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}

    @functools.cached_property
    def states(self) -> list[State]:
        index = read_json(self.folder / "fields.hdf.series")
        labels = [item.get("state") for item in index.get("files", [])]
        return [State(self.folder / item["name"], item["time"], float("nan") if label is None else label)
                for item, label in zip(index.get("files", []), labels) if (self.folder / item["name"]).exists()]

    @functools.cached_property
    def mesh(self) -> Mesh:
        with open_hdf(self.folder / "mesh_vtk.hdf") as file:
            root = file["VTKHDF"]
            corners = CORNERS[int(root["Types"][0])]
            names = sorted((int(key[7:]), text(value)) for key, value in root.attrs.items()
                           if re.fullmatch(r"region_\d+", key))
            return Mesh(root["Points"][...], root["Connectivity"][...].reshape(-1, corners),
                        root["CellData/region"][...], [name for _, name in names])

    @functools.cached_property
    def fibres(self) -> Fibres:
        path = self.folder / "fibres_vtk.hdf"
        if not path.exists():
            return Fibres(np.empty((0, 2, 3)), np.empty(0, int), np.empty(0))
        with open_hdf(path) as file:
            root = file["VTKHDF"]
            ends = root["Points"][...][root["Connectivity"][...]].reshape(-1, 2, 3)
            return Fibres(ends, root["CellData/fibre"][...].astype(int), root["CellData/area"][...])

    def nearest_states(self, labels) -> list[State]:
        """The saved states nearest to the labels, each once, in order of time."""
        known = np.array([state.label for state in self.states])
        if not len(known) or np.isnan(known).all():
            return self.states[-1:]
        chosen = {int(np.nanargmin(np.abs(known - label))) for label in labels}
        return [self.states[i] for i in sorted(chosen)]


def text(value) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def open_hdf(path: pathlib.Path):
    import h5py
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise RunError(f"{path}: cannot be opened ({error})") from error


def read_json(path: pathlib.Path) -> dict:
    if not path.exists():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise RunError(f"{path}:{error.lineno}: is no JSON ({error.msg})") from error


def split_header(cell: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?)(?: \[(.*)\]| / (.*))?", cell.strip())
    return match[1], match[2] or match[3] or "1"


def read_table(path: pathlib.Path) -> Table:
    """Numbers of a CSV table; a last row that is still being written is left out."""
    if not path.exists():
        return Table({}, {})
    with open(path, newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.reader(stream) if row]
    if not rows:
        return Table({}, {})
    header = [split_header(cell) for cell in rows[0]]
    body = [row for row in rows[1:] if len(row) == len(header)]
    if not path.read_bytes().endswith(b"\n"):
        body = body[:-1]
    try:
        numbers = np.array(body, float).reshape(-1, len(header))
    except ValueError as error:
        raise RunError(f"{path}: a cell is no number ({error})") from error
    return Table({name: numbers[:, i] for i, (name, _) in enumerate(header)}, dict(header))
