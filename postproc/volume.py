"""A representative volume: its inclusions, its fibres, the orientation of the fibres."""
import numpy as np

import geometry
import lihost_io
import style
from maps import Skip

COLORS = {"lizn": style.ORANGE, "li3n": style.GREEN, "void": style.SKY}
OTHERS = [style.PURPLE, style.RED, style.BLUE]
NAMES = {"lizn": "LiZn", "li3n": "Li$_3$N"}
MOST_LINES = 40000  # more are a grey fog, and slow


def matrix_region(run: lihost_io.Run) -> int:
    """The region with the most cells; everything else is drawn."""
    return int(np.bincount(run.mesh.region, minlength=len(run.mesh.region_names)).argmax())


def inclusion_faces(run: lihost_io.Run, matrix: int):
    """Faces of every other region towards the matrix or the outside: corners [face][corner][3] and region."""
    faces = geometry.all_faces(run.mesh.cells)
    own = run.mesh.region[faces.cell]
    across = np.where(faces.across >= 0, run.mesh.region[faces.across], -1)
    seen = (own != matrix) & (across != own)
    return run.mesh.points[faces.vertices[seen]], own[seen]


def shade(corners: np.ndarray, colors: np.ndarray) -> np.ndarray:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    light = 0.55 + 0.45 * np.clip(normal @ np.array([0.35, -0.55, 0.76]), 0, 1)
    shaded = colors.copy()
    shaded[:, :3] *= light[:, None]
    return shaded


def draw_scene(axes, corners: np.ndarray, colors: np.ndarray, lines: np.ndarray) -> None:
    """Faces and lines in one collection, so that Matplotlib sorts them together from back to front."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection
    shapes = [*corners, *(np.stack([a, b, b]) for a, b in lines)]
    clear, ink = np.zeros(4), np.array([0.12, 0.12, 0.16, 0.55])
    faces = np.vstack([shade(corners, colors), np.tile(clear, (len(lines), 1))])
    edges = np.vstack([np.tile(clear, (len(corners), 1)), np.tile(ink, (len(lines), 1))])
    axes.add_collection3d(Poly3DCollection(shapes, facecolors=faces, edgecolors=edges, linewidths=0.55,
                                           rasterized=True, zorder=2))


def region_colors(run: lihost_io.Run, matrix: int) -> dict[int, str]:
    spare = iter(OTHERS * 30)
    return {number: COLORS.get(name) or next(spare)
            for number, name in enumerate(run.mesh.region_names) if number != matrix}


def choose_lines(fibres: lihost_io.Fibres) -> tuple[np.ndarray, int]:
    """Whole fibres, as many as can be seen; their number."""
    if len(fibres.ends) <= MOST_LINES:
        return fibres.ends, len(np.unique(fibres.fibre))
    share = MOST_LINES / len(fibres.ends)
    shown = fibres.fibre < share * (fibres.fibre.max() + 1)
    return fibres.ends[shown], len(np.unique(fibres.fibre[shown]))


def draw_orientation(axes, fibres: lihost_io.Fibres) -> None:
    """Length-weighted distribution of the angle to z, and that of directions random in space."""
    way = fibres.ends[:, 1] - fibres.ends[:, 0]
    length = np.linalg.norm(way, axis=1)
    angle = np.degrees(np.arccos(np.clip(np.abs(way[:, 2]) / length, 0, 1)))
    axes.hist(angle, bins=np.linspace(0, 90, 19), weights=length, density=True, color=style.BLUE, alpha=0.75,
              label="fibres")
    theta = np.linspace(0, 90, 91)
    axes.plot(theta, np.sin(np.radians(theta)) * np.pi / 180, color=style.BLACK, lw=0.9, label="random in space")
    tensor = np.einsum("n,ni,nj->ij", length, way / length[:, None], way / length[:, None]) / length.sum()
    axes.set(xlabel="Angle to z (degrees)", ylabel="Share of the length per degree", xlim=(0, 90), xticks=range(0, 91, 30))
    axes.set_title("$\\langle t\\,t\\rangle$: " + ", ".join(f"{tensor[i, i]:.3f}" for i in range(3)) + " (xx, yy, zz)")
    axes.legend(loc="upper left")


def legend_entries(run: lihost_io.Run, colors: dict[int, str], num_fibres: int, shown: int) -> list:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    entries = [Patch(color=color, label=NAMES.get(run.mesh.region_names[number], run.mesh.region_names[number]))
               for number, color in colors.items()]
    if num_fibres:
        words = f"{num_fibres} fibres" if shown == num_fibres else f"{shown} of {num_fibres} fibres"
        entries.append(Line2D([], [], color="#333340", lw=0.8, label=words))
    return entries


def draw(run: lihost_io.Run, draw_box):
    """The figure; `draw_box(axes, low, high)` draws the outline."""
    fibres = run.fibres
    matrix = matrix_region(run)
    corners, region = inclusion_faces(run, matrix)
    if not len(corners) and not len(fibres.ends):
        raise Skip("the mesh has one region and no fibres")
    colors = region_colors(run, matrix)
    plt = style.pyplot()
    from matplotlib.colors import to_rgba_array
    palette = to_rgba_array([colors.get(number, style.GREY) for number in range(len(run.mesh.region_names))])
    lines, shown = choose_lines(fibres) if len(fibres.ends) else (np.empty((0, 2, 3)), 0)
    drawn = plt.figure(figsize=(style.DOUBLE, 3.5))
    grid = drawn.add_gridspec(1, 2, width_ratios=[1.7, 1])
    axes = drawn.add_subplot(grid[0] if len(lines) else grid[:], projection="3d", computed_zorder=False)
    draw_box(axes, run.mesh.points.min(axis=0) * 1e6, run.mesh.points.max(axis=0) * 1e6)
    draw_scene(axes, corners * 1e6, palette[region], lines * 1e6)
    axes.set(xlabel="x (µm)", ylabel="y (µm)", zlabel="z (µm)")
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.labelpad = -6
    total = len(np.unique(fibres.fibre))
    axes.legend(handles=legend_entries(run, colors, total, shown), loc="upper left", bbox_to_anchor=(-0.02, 1.02))
    if len(lines):
        draw_orientation(drawn.add_subplot(grid[1]), fibres)
    return drawn
