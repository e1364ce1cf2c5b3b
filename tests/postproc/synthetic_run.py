"""A made-up strip of an LZNC foil with every column and field a run has, to draw figures without the solver.

The numbers are shaped like a run (front from the separator, staircase at the end, compaction), not computed.
"""
import json
import pathlib

import numpy as np

FOIL, SEPARATOR, WIDTH = 50e-6, 25e-6, 60e-6
CAPACITY = 8.6 * 36000  # [C/m2]
COLUMNS = ("time [s],step [1],voltage [V],current_density [A m-2],capacity [C m-2],share_stripped [1],"
           "thickness_change [1],thickness_change_growth [1],thickness_change_elastic [1],"
           "thickness_change_plastic [1],mean_porosity [1],lithium_error [1],charge_error [1],step_size [s],order [1],"
           "counter_thickness [m],min_concentration [mol m-3],max_concentration [mol m-3],stack_pressure [Pa]")


def box(n: int, foil_layers: int, separator_layers: int):
    """Points, hexahedra in VTK's order, region (0 foil, 1 separator)."""
    z = np.concatenate([np.linspace(0, FOIL, foil_layers + 1),
                        FOIL + np.linspace(0, SEPARATOR, separator_layers + 1)[1:]])
    x = np.linspace(0, WIDTH, n + 1)
    grid = np.stack(np.meshgrid(z, x, x, indexing="ij")[::-1], axis=-1).reshape(-1, 3)
    k, j, i = np.meshgrid(np.arange(len(z) - 1), np.arange(n), np.arange(n), indexing="ij")
    row, layer = n + 1, (n + 1) ** 2
    first = (k * layer + j * row + i).ravel()
    cells = first[:, None] + np.array([0, 1, 1 + row, row, layer, layer + 1, layer + 1 + row, layer + row])
    return grid, cells, (k.ravel() >= foil_layers).astype(int)


def waves(points: np.ndarray, seed: int) -> np.ndarray:
    """A smooth random field with mean 0 and deviation 1."""
    random = np.random.default_rng(seed)
    total = np.zeros(len(points))
    for _ in range(40):
        total += np.cos(points @ random.normal(0, 2 / 12e-6, 3) + random.uniform(0, 2 * np.pi))
    return total / np.sqrt(20)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


def series(rows: int = 400) -> str:
    share = np.concatenate([np.linspace(0, 0.93, rows // 2), np.linspace(0.93, 1, rows // 2)[1:]])
    q = CAPACITY * share
    v = 0.005 + 0.003 * np.exp(-share / 0.01) + 0.02 * np.maximum(share - 0.9, 0)
    for where, height in ((0.955, 0.152), (0.972, 0.062), (0.981, 0.037), (0.988, 0.05)):
        v += height * sigmoid((share - where) / 5e-4)
    v += 0.66 * np.exp((share - 1) / 1.5e-3)
    random = np.random.default_rng(3)
    growth, elastic = -0.022 * sigmoid((share - 0.975) / 8e-3), -8e-4 * share ** 3
    plastic = -0.012 * share ** 2
    step = np.gradient(q / 5)
    table = np.column_stack([
        q / 5, np.arange(len(q)), v, np.full(len(q), 5.0), q, share, growth + elastic + plastic, growth, elastic, plastic,
        0.02 + 0.81 * share, 10 ** random.uniform(-13, -10.5, len(q)), 10 ** random.uniform(-14, -11.5, len(q)), step,
        random.integers(1, 6, len(q)), 100e-6 + q * 1.35e-10, 1000 - 120 * share, 1000 + 150 * share,
        np.full(len(q), 2e5)])
    lines = [",".join(f"{value:.17g}" for value in row) for row in table]
    return "\n".join([COLUMNS, *lines, ""])


def fields(points, cells, region, share: float) -> dict:
    """name -> (values, unit, at vertices)."""
    centres = points[cells].mean(axis=1)
    rough = waves(centres, 1)
    depth = FOIL - centres[:, 2]  # from the separator
    behind = FOIL * 1.2 * share - 7e-6 - depth + 2.5e-6 * rough
    foil = region == 0
    theta = np.where(foil, sigmoid(-behind / 2.5e-6), 0)
    y = np.where(foil, sigmoid((0.975 - share) / 0.008 + depth / 3e-5 + 0.4 * rough), 0)
    reaction = np.where(foil, 1e7 * np.exp(-(behind / 4e-6) ** 2) * (1 + 0.2 * rough), 0)
    liquid = np.zeros((len(cells), 3))
    liquid[:, 2] = 5 * (1 + 0.05 * waves(centres, 2)) * np.where(foil, np.exp(-depth / (FOIL * (share + 0.1))), 1)
    u = np.zeros_like(points)
    u[:, 2] = -0.036 * share ** 2 * np.minimum(points[:, 2], FOIL) * (1 + 0.25 * waves(points, 5))
    u[:, 0] = 0.004 * share * (points[:, 0] - WIDTH / 2)
    mises = 0.3e6 + 2.5e6 * (1 - theta) * (1 + 0.3 * rough)
    return {
        "displacement": (u, "m", True),
        "potential_solid": (0.005 + 1e-4 * points[:, 2] / FOIL, "V", True),
        "potential_liquid": (-0.002 * points[:, 2] / FOIL, "V", True),
        "concentration": (1000 + 100 * share * points[:, 2] / FOIL, "mol m-3", True),
        "region": (region, "1", False), "lithium_content": (theta, "1", False), "lizn_content": (y, "1", False),
        "porosity": (np.where(foil, 0.83 - 0.81 * theta, 0.55), "1", False),
        "current_lithium": (reaction, "A m-3", False), "current_lizn": (0.02 * reaction, "A m-3", False),
        "von_mises": (np.where(foil, mises, 1e5), "Pa", False),
        "hydrostatic_stress": (-0.2e6 + 0.4e6 * rough * share, "Pa", False),
        "current_liquid": (liquid, "A m-2", False),
        "thickness_strain": (-0.036 * share * (1 + 0.2 * rough), "1", False),
    }


def header(root, types: str = "UnstructuredGrid") -> None:
    root.attrs["Version"] = np.array([1, 0])
    root.attrs["Type"] = np.bytes_(types)


def write_fibres(folder: pathlib.Path) -> None:
    """Forty straight fibres of five pieces, at random in the box."""
    import h5py
    random = np.random.default_rng(8)
    way = random.normal(size=(40, 1, 3))
    way *= 20e-6 / np.linalg.norm(way, axis=2)[:, :, None]
    start = 25e-6 + random.uniform(0, 10e-6, (40, 1, 3))
    points = start + way * np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5])[None, :, None] / 5
    with h5py.File(folder / "fibres_vtk.hdf", "w") as file:
        root = file.create_group("VTKHDF")
        header(root)
        root["Points"], root["Connectivity"] = points.reshape(-1, 3), np.arange(400)
        root["CellData/fibre"], root["CellData/area"] = np.repeat(np.arange(40.0), 5), np.full(200, 1e-15)


def write(folder, n: int = 12, foil_layers: int = 40, shares=(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 1), leave_out=()) -> pathlib.Path:
    """Writes the run; `leave_out` names fields that it does not have."""
    import h5py
    folder = pathlib.Path(folder)
    (folder / "fields").mkdir(parents=True)
    points, cells, region = box(n, foil_layers, 8)
    with h5py.File(folder / "mesh_vtk.hdf", "w") as file:
        root = file.create_group("VTKHDF")
        header(root)
        for i, name in enumerate(("foil", "separator")):
            root.attrs[f"region_{i}"] = np.bytes_(name)
        for name, value in (("NumberOfPoints", len(points)), ("NumberOfCells", len(cells)),
                            ("NumberOfConnectivityIds", cells.size)):
            root[name] = np.array([value])
        root["Points"], root["Connectivity"] = points, cells.ravel()
        root["Offsets"], root["Types"] = 8 * np.arange(len(cells) + 1), np.full(len(cells), 12, np.uint8)
        root["CellData/region"] = region
    index = []
    for i, share in enumerate(shares):
        name = f"fields/f_{i:06d}.hdf"
        index.append({"name": name, "time": share * CAPACITY / 5, "state": float(share)})
        with h5py.File(folder / name, "w") as file:
            root = file.create_group("VTKHDF")
            header(root)
            for array in ("NumberOfPoints", "NumberOfCells", "NumberOfConnectivityIds", "Points", "Connectivity",
                          "Offsets", "Types"):
                root[array] = h5py.ExternalLink("../mesh_vtk.hdf", f"/VTKHDF/{array}")
            root.create_group("PointData")
            root.create_group("CellData")
            for field, (values, unit, at_vertices) in fields(points, cells, region, share).items():
                if field not in leave_out:
                    data = root["PointData" if at_vertices else "CellData"].create_dataset(field, data=values)
                    data.attrs["unit"] = np.bytes_(unit)
    (folder / "fields.hdf.series").write_text(json.dumps({"file-series-version": "1.0", "files": index}))
    write_fibres(folder)
    (folder / "series.csv").write_text(series())
    (folder / "resolved.yaml").write_text("".join(
        f'"LZNC.alloy.equilibrium.potentials.{i}":\n  value: {value}\n  unit: "V"\n  text: "{value} V"\n'
        for i, value in enumerate((0.157, 0.219, 0.256, 0.30))))
    return folder


def write_pull(folder, shares=(0, 0.2, 0.4, 0.6, 0.8, 1)) -> pathlib.Path:
    """A made-up pull along x of a small cube: damage gathers in its middle, which opens while the ends unload."""
    import h5py
    folder = write(folder, n=6, foil_layers=6, shares=shares)
    points, cells, _ = box(6, 6, 8)
    middle = points[cells].mean(axis=1)[:, 0] / WIDTH - 0.5
    for i, share in enumerate(shares):
        with h5py.File(folder / "fields" / f"f_{i:06d}.hdf", "a") as file:
            root = file["VTKHDF"]
            for name in list(root["CellData"]):
                del root["CellData"][name]
            root["CellData/damage"] = share ** 2 * np.exp(-(middle / 0.15) ** 2)
            root["PointData/displacement"][:, 0] = 3e-6 * share * np.tanh(8 * (points[:, 0] / WIDTH - 0.5))
    e = np.linspace(0, 0.1, 60)
    stress = 15e6 * np.exp(1) * (e / 0.03) * np.exp(-e / 0.03)
    work = np.cumsum(stress) * e[1]
    table = np.column_stack([e * 1000 * CAPACITY / 5 / 100, e, stress, stress * (1 + e), work])
    rows = ["time [s],strain [1],nominal_stress [Pa],true_stress [Pa],work [J m-3]", *(",".join(f"{x:.17g}" for x in row) for row in table), ""]
    (folder / "series.csv").write_text("\n".join(rows))
    return folder
