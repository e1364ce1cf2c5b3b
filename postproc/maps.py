"""Pictures of fields: plane cuts, faces seen from above, profiles over layers, rows of maps with one colour bar."""
import dataclasses
import functools

import numpy as np

import geometry
import lihost_io
import style

QUARTERS = (0.25, 0.5, 0.75, 1.0)


class Skip(Exception):
    """A figure that cannot be drawn from this run; the message says why."""


@dataclasses.dataclass
class Foil:
    """The composite foil of a run and the way from the collector to the separator."""
    run: lihost_io.Run
    cells: np.ndarray      # mask
    separator: np.ndarray  # mask
    interface: geometry.Faces
    top: float             # z of the side that faces the separator [m]
    far: float             # z of the collector [m]

    @functools.cached_property
    def depth(self) -> np.ndarray:
        """Distance of each foil cell's centre from the collector [m]."""
        return np.abs(self.run.mesh.cell_centres[self.cells, 2] - self.far)

    @functools.cached_property
    def layers(self) -> list[np.ndarray]:
        return geometry.layers(self.depth, len(self.interface.cell))

    def profile(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Depth [m] and mean over each layer of a cell field (all cells of the mesh)."""
        inside = values[self.cells]
        return (np.array([self.depth[layer].mean() for layer in self.layers]),
                np.array([inside[layer].mean() for layer in self.layers]))


def region_like(mesh: lihost_io.Mesh, word: str) -> np.ndarray:
    """Cells of the first region whose name holds `word`."""
    for name in mesh.region_names:
        if word in name.lower():
            return mesh.in_region(name)
    return np.zeros(len(mesh.cells), bool)


@functools.lru_cache(maxsize=4)
def find_foil(run: lihost_io.Run) -> Foil:
    mesh = run.mesh
    cells, separator = region_like(mesh, "foil"), region_like(mesh, "separator")
    if not cells.any():
        cells = mesh.region == mesh.region.min()
    heights = mesh.points[np.unique(mesh.cells[cells]), 2]
    low, high = heights.min(), heights.max()
    upward = not separator.any() or mesh.cell_centres[separator, 2].mean() > mesh.cell_centres[cells, 2].mean()
    if separator.any():
        interface = geometry.faces_between(mesh.cells, cells, separator)
    else:
        interface = top_faces(mesh, cells, high)
    return Foil(run, cells, separator, interface, *((high, low) if upward else (low, high)))


def top_faces(mesh: lihost_io.Mesh, cells: np.ndarray, height: float) -> geometry.Faces:
    faces = geometry.boundary_faces(mesh.cells)
    thickness = np.ptp(mesh.points[:, 2])
    flat = (np.abs(mesh.points[faces.vertices][:, :, 2] - height) < 1e-6 * thickness).all(axis=1) & cells[faces.cell]
    return geometry.Faces(faces.cell[flat], faces.across[flat], faces.vertices[flat])


def need_states(run: lihost_io.Run, *fields: str) -> None:
    if not run.states:
        raise Skip("the run saved no fields")
    if missing := run.states[-1].missing(*fields):
        raise Skip(f"the states have no field {' or '.join(missing)}")


def need_series(run: lihost_io.Run, *columns: str) -> None:
    if missing := run.series.missing(*columns):
        raise Skip(f"series.csv has no column {' or '.join(missing)}")
    if len(run.series) < 2:
        raise Skip("series.csv has fewer than two rows")


def state_title(state: lihost_io.State) -> str:
    if np.isnan(state.label):
        return f"{state.time / 3600:.3g} h"
    if "lithium_content" not in state.names:  # a pull: its label is the nominal strain
        return f"strain {100 * state.label:.3g} %"
    return f"{100 * state.label:.3g} % stripped"


def common_range(values: list[np.ndarray]) -> tuple[str, float, float]:
    """Colour map and limits of a row of maps; a few extreme cells do not decide."""
    together = np.concatenate([np.ravel(v) for v in values])
    together = together[np.isfinite(together)]
    low, high = np.percentile(together, [0.5, 99.5]) if len(together) else (0.0, 1.0)
    if low < -0.02 * abs(high) and high > -0.02 * abs(low) and min(-low, high) > 0.02 * max(-low, high):
        bound = max(-low, high)
        return style.DIVERGING, -bound, bound
    if high - low < 1e-9 * max(abs(high), abs(low), 1e-300):
        margin = 0.05 * abs(high) or 1.0
        low, high = low - margin, high + margin
    return style.STRENGTH, low, high


def extent(polygons) -> tuple[np.ndarray, np.ndarray]:
    corners = np.concatenate(polygons)
    return corners.min(axis=0), corners.max(axis=0)


def is_compact(polygons) -> bool:
    """Whether a map can have equal scales; a thin wide foil would be a line."""
    low, high = extent(polygons)
    width, height = high - low
    return 0.4 < height / width < 2.5


def draw_polygons(axes, polygons, values, limits) -> object:
    """Polygons in the plane [m] coloured by their values; limits = (map, low, high)."""
    from matplotlib.collections import PolyCollection
    drawn = PolyCollection([p * 1e6 for p in polygons], array=values, cmap=limits[0], edgecolors="none",
                           antialiaseds=False, rasterized=True)
    drawn.set_clim(limits[1], limits[2])
    axes.add_collection(drawn)
    low, high = extent(polygons)
    axes.set_xlim(low[0] * 1e6, high[0] * 1e6)
    axes.set_ylim(low[1] * 1e6, high[1] * 1e6)
    axes.set_aspect("equal" if is_compact(polygons) else "auto")
    axes.spines[:].set_visible(True)
    return drawn


@dataclasses.dataclass
class Row:
    """A row of maps, one a state: polygons and, per state, their values in readable units."""
    polygons: list[np.ndarray]
    values: list[np.ndarray]
    bar: str           # label of the colour bar
    vertical: str      # label of the vertical axis
    horizontal: str = "x (µm)"
    limits: tuple | None = None


def cut_row(foil: Foil, states, values_of, bar: str, limits=None) -> Row:
    """The x-z plane through the middle of the foil; values_of(state) -> one value per cell of the mesh."""
    mesh = foil.run.mesh
    inside = np.flatnonzero(foil.cells)
    position = geometry.middle(mesh.points, 1)
    cut = geometry.plane_cut(mesh.points, mesh.cells[inside], 1, position)
    return Row(cut.polygons, [values_of(state)[inside][cut.cells] for state in states], bar,
               f"cut at y = {1e6 * position:.3g} µm\nz (µm)", limits=limits)


def row_height(row: Row, count: int) -> float:
    """Room for a row [in] when `count` maps share the width of a page."""
    low, high = extent(row.polygons)
    width = (style.DOUBLE - 1.3) / count - 0.15
    return 0.35 + (width * (high - low)[1] / (high - low)[0] if is_compact(row.polygons) else 1.2)


def draw_rows(states, rows: list[Row]):
    """A grid of maps: a column for each state, a row with its own colour bar for each quantity."""
    plt = style.pyplot()
    heights = [row_height(row, len(states)) for row in rows]
    figure, grid = plt.subplots(len(rows), len(states), squeeze=False, sharex="row", sharey="row",
                                figsize=(style.DOUBLE, sum(heights) + 0.35), height_ratios=heights)
    for line, row in zip(grid, rows):
        limits = row.limits or common_range(row.values)
        for axes, values in zip(line, row.values):
            drawn = draw_polygons(axes, row.polygons, values, limits)
        line[0].set_ylabel(row.vertical)
        add_bar(figure, line, drawn, row, limits)
    for axes, state in zip(grid[0], states):
        axes.set_title(state_title(state))
    for axes in grid[-1]:
        axes.set_xlabel(rows[-1].horizontal)
    return figure


def add_bar(figure, line, drawn, row: Row, limits) -> None:
    """One colour bar for a row, with arrows where cells lie beyond its ends."""
    values = np.concatenate(row.values)
    slack = 1e-3 * (limits[2] - limits[1])
    below, above = values.min() < limits[1] - slack, values.max() > limits[2] + slack
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    bar = figure.colorbar(drawn, ax=list(line), pad=0.01, aspect=18, extend=extend)
    bar.set_label(row.bar)
    bar.outline.set_linewidth(0.5)
