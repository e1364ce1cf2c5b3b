"""The figures of a run: one function each, registered by name. A function draws or raises Skip with a sentence.

To add one: write a function under @figure; `draw` and its --list find it.
"""
import re

import numpy as np

import geometry
import lihost_io
import maps
import style
import volume as volume_figure
from maps import Skip

STAIRCASE_FROM = 0.1  # above this voltage free lithium is gone and LiZn de-alloys [V]
FIGURES = {}  # name -> function(run) -> Matplotlib figure; its first docstring line is the caption
OF_PULLS = set()  # names of figures that a strip never has


def figure(function):
    FIGURES[function.__name__] = function
    return function


def figure_of_pull(function):
    OF_PULLS.add(function.__name__)
    return figure(function)


def names_for(run: lihost_io.Run) -> list[str]:
    """The figures that runs of this kind may have; of these, a missing one is worth a word."""
    return [name for name in FIGURES if name not in OF_PULLS or "nominal_stress" in run.series]


def capacity(run: lihost_io.Run):
    """Charge stripped per area [mA h/cm2] and its axis label."""
    return style.readable(run.series["capacity"], "C m-2"), style.label("Areal capacity", "C m-2")


def span(values) -> tuple[float, float]:
    """Axis limits from zero, or from the smallest value when the run also plates, to a little above the largest."""
    low, high = min(0.0, values.min()), max(0.0, values.max())
    room = 0.03 * (high - low) or 1e-3
    return low - room * (low < 0), high + room


def plateaus(run: lihost_io.Run) -> list[float]:
    """Equilibrium potentials of the LiZn plateaus [V] from the resolved input; none when it names none."""
    values = {entry["value"] for key, entry in run.inputs.items() if re.search(r"\.potentials\.\d+$", str(key))}
    return sorted(value for value in values if 0.01 < value < 2)


@figure
def voltage(run: lihost_io.Run):
    """Cell voltage against areal capacity, and the LiZn staircase at the end of strip."""
    maps.need_series(run, "voltage", "capacity")
    plt = style.pyplot()
    q, q_label = capacity(run)
    v = run.series["voltage"]
    staircase = v.max() > STAIRCASE_FROM
    drawn, grid = plt.subplots(1, 1 + staircase, squeeze=False, width_ratios=[1.25, 1][:1 + staircase],
                               figsize=(style.DOUBLE if staircase else style.SINGLE * 1.25, 2.7))
    whole = grid[0, 0]
    whole.plot(q, v)
    whole.set(xlabel=q_label, ylabel=style.label("Voltage", "V"), xlim=span(q), ylim=span(v))
    draw_plateau_inset(whole, q, v)
    if staircase:
        draw_staircase(grid[0, 1], q, v, plateaus(run), q_label)
    return drawn


def draw_plateau_inset(axes, q, v) -> None:
    """The flat part in millivolt, where the main axis shows a line on zero."""
    flat = v < 0.05
    if flat.sum() < 3 or v.max() < 0.3:
        return
    inset = axes.inset_axes([0.17, 0.42, 0.56, 0.5])
    inset.plot(q[flat], 1e3 * v[flat])
    inset.set_xlim(0, q[flat].max())
    inset.set_ylim(0, min(1e3 * v[flat].max(), 4 * 1e3 * np.median(v[flat])) * 1.1)
    inset.set_ylabel("Voltage (mV)")
    inset.set_title("plateau of free lithium", fontsize=7, color=style.GREY)


def draw_staircase(axes, q, v, steps, q_label) -> None:
    late = np.flatnonzero(v > STAIRCASE_FROM)
    width = max(q[-1] - q[late[0]], 1e-3 * q[-1])
    axes.plot(q, v)
    axes.set(xlabel=q_label, ylabel=style.label("Voltage", "V"), ylim=(STAIRCASE_FROM, max(1.0, v.max()) * 1.02))
    axes.set_xlim(q[late[0]] - 0.1 * width, q[-1] + 0.05 * width)
    axes.set_title("LiZn de-alloying")
    for step in steps:
        axes.axhline(step, color=style.GREY, lw=0.6, ls=(0, (4, 3)), zorder=0)
        axes.text(1.01, step, f"{step:.3g} V", transform=axes.get_yaxis_transform(), color=style.GREY, fontsize=5.5,
                  va="center")
    if steps:
        axes.set_title("LiZn de-alloying; dashed: equilibrium plateaus")


@figure
def thickness(run: lihost_io.Run):
    """Thickness change and its parts against areal capacity."""
    maps.need_series(run, "thickness_change", "capacity")
    plt = style.pyplot()
    q, q_label = capacity(run)
    drawn, axes = plt.subplots(figsize=(style.SINGLE * 1.25, 2.8))
    parts = [("thickness_change_growth", "growth (alloy, CNT)", style.ORANGE),
             ("thickness_change_elastic", "elastic", style.SKY), ("thickness_change_plastic", "plastic, creep", style.GREEN)]
    for name, words, color in parts:
        if name in run.series:
            axes.plot(q, 100 * run.series[name], color=color, label=words)
    axes.plot(q, 100 * run.series["thickness_change"], color=style.BLACK, lw=1.8, label="total")
    axes.axhline(0, color=style.GREY, lw=0.6, zorder=0)
    axes.set(xlabel=q_label, ylabel="Thickness change (%)", xlim=span(q))
    axes.legend(loc="best")
    return drawn


@figure
def current(run: lihost_io.Run):
    """Current density on the separator face, and where in the foil it comes from, at quarters of the strip."""
    maps.need_states(run, "current_lithium")
    foil = maps.find_foil(run)
    states = run.nearest_states(maps.QUARTERS)
    rows = [maps.cut_row(foil, states, reaction_current, style.label("Reaction current", "A m-3"))]
    if len(foil.interface.cell) and "current_liquid" in states[-1].names:
        rows.insert(0, face_row(foil, states))
    return maps.draw_rows(states, rows)


def reaction_current(state: lihost_io.State) -> np.ndarray:
    """Current of lithium and LiZn per volume [mA/cm3]."""
    total = state.field("current_lithium").values.copy()
    if "current_lizn" in state.names:
        total += state.field("current_lizn").values
    return style.readable(total, "A m-3")


def face_row(foil: maps.Foil, states) -> maps.Row:
    """Liquid current through the separator cells that touch the foil, away from the foil."""
    points, faces = foil.run.mesh.points, foil.interface
    cells = np.where(faces.across >= 0, faces.across, faces.cell)
    outward = 1 if foil.top > foil.far else -1
    values = [style.readable(outward * state.field("current_liquid").values[cells, 2], "A m-2") for state in states]
    return maps.Row(list(points[faces.vertices][:, :, :2]), values, style.label("Current density", "A m-2"),
                    "separator face\ny (µm)")


@figure
def front(run: lihost_io.Run):
    """Reaction front: mean content of free lithium and of LiZn against distance from the collector."""
    maps.need_states(run, "lithium_content")
    panels = [("lithium_content", "Free lithium left, $\\theta$", np.linspace(0, 1, 9)),
              ("lizn_content", "Li in Li$_y$Zn, y", (0, 0.9, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 1))]
    panels = [panel for panel in panels if panel[0] in run.states[-1].names]
    plt = style.pyplot()
    drawn, grid = plt.subplots(1, len(panels), figsize=(style.DOUBLE, 2.7), squeeze=False)
    for axes, (name, words, labels) in zip(grid[0], panels):
        draw_profiles(axes, run, run.nearest_states(labels), name)
        axes.set(ylabel=words, ylim=(-0.02, None))
    return drawn


def draw_profiles(axes, run: lihost_io.Run, states, name: str) -> None:
    """Layer means of a cell field against distance from the collector, a line a state."""
    foil = maps.find_foil(run)
    colors = style.pyplot().get_cmap(style.SEQUENTIAL)(np.linspace(0, 0.92, len(states)))
    for state, color in zip(states, colors):
        z, mean = foil.profile(state.field(name).values)
        axes.plot(1e6 * z, style.readable(mean, state.field(name).unit), color=color,
                  label=maps.state_title(state).removesuffix(" stripped"))
    axes.set(xlabel="Distance from collector (µm)", xlim=(0, 1e6 * abs(foil.top - foil.far)))
    axes.legend(title="stripped", loc="center left", bbox_to_anchor=(1.0, 0.5), title_fontsize=7, handlelength=1.2)


@figure
def stress(run: lihost_io.Run):
    """Von Mises and hydrostatic stress in a cut through the foil, at quarters of the strip."""
    maps.need_states(run, "von_mises", "hydrostatic_stress")
    foil = maps.find_foil(run)
    states = run.nearest_states(maps.QUARTERS)
    return maps.draw_rows(states, [
        maps.cut_row(foil, states, lambda s: style.readable(s.field("von_mises").values, "Pa"), "Von Mises (MPa)"),
        maps.cut_row(foil, states, lambda s: style.readable(s.field("hydrostatic_stress").values, "Pa"),
                     "Hydrostatic (MPa)")])


@figure
def stress_profiles(run: lihost_io.Run):
    """Layer means of von Mises and hydrostatic stress against distance from the collector."""
    maps.need_states(run, "von_mises", "hydrostatic_stress")
    plt = style.pyplot()
    drawn, (left, right) = plt.subplots(1, 2, figsize=(style.DOUBLE, 2.7))
    states = run.nearest_states((0, *maps.QUARTERS))
    draw_profiles(left, run, states, "von_mises")
    draw_profiles(right, run, states, "hydrostatic_stress")
    left.get_legend().remove()
    left.set(ylabel=style.label("Von Mises stress", "Pa"), ylim=(0, None))
    right.set_ylabel(style.label("Hydrostatic stress", "Pa"))
    right.axhline(0, color=style.GREY, lw=0.6, zorder=0)
    return drawn


@figure
def porosity(run: lihost_io.Run):
    """Porosity in a cut through the foil, from the start to the end of strip."""
    maps.need_states(run, "porosity")
    foil = maps.find_foil(run)
    states = run.nearest_states((0, *maps.QUARTERS))
    return maps.draw_rows(states, [maps.cut_row(foil, states, lambda s: s.field("porosity").values, "Porosity",
                                                limits=(style.SEQUENTIAL, 0.0, 1.0))])


@figure
def diagnostics(run: lihost_io.Run):
    """Conservation of lithium and charge, step size and order of the time integration against time."""
    maps.need_series(run, "time")
    panels = [names for names in (["lithium_error", "charge_error"], ["step_size"], ["order"])
              if any(name in run.series for name in names)]
    if not panels:
        raise Skip("series.csv has no column lithium_error, charge_error, step_size or order")
    plt = style.pyplot()
    hours = style.readable(run.series["time"], "s")
    drawn, grid = plt.subplots(len(panels), 1, sharex=True, squeeze=False,
                               figsize=(style.SINGLE * 1.5, 0.5 + 1.35 * len(panels)))
    draw = {"lithium_error": draw_errors, "step_size": draw_step_size, "order": draw_order}
    for axes, names in zip(grid[:, 0], panels):
        draw[names[0]](axes, hours, run.series)
    grid[-1, 0].set(xlabel=style.label("Time", "s"), xlim=(0, hours.max()))
    return drawn


def draw_errors(axes, hours, series) -> None:
    for name, words in (("lithium_error", "lithium"), ("charge_error", "charge")):
        if name in series:
            size = np.abs(series[name])
            axes.semilogy(hours, np.where(size > 0, size, np.nan), label=words, lw=0.8)
    axes.axhline(1e-6, color=style.RED, lw=0.7, ls=(0, (4, 3)))
    axes.annotate("a run stops here", (0.99, 1e-6), xycoords=axes.get_yaxis_transform(), xytext=(0, -2),
                  textcoords="offset points", color=style.RED, fontsize=6.5, ha="right", va="top")
    low, high = axes.get_ylim()
    axes.set(ylabel="Conservation error", ylim=(low, max(high, 3e-6)))
    axes.legend(loc="upper left", ncols=2)


def draw_step_size(axes, hours, series) -> None:
    axes.semilogy(hours, np.where(series["step_size"] > 0, series["step_size"], np.nan))
    axes.set_ylabel("Step size (s)")


def draw_order(axes, hours, series) -> None:
    axes.step(hours, series["order"], where="post")
    axes.set(ylabel="BDF order", ylim=(0.5, 5.5), yticks=range(1, 6))


@figure
def foil3d(run: lihost_io.Run):
    """The deformed foil, half stripped and at the end, coloured by porosity or free lithium."""
    maps.need_states(run, "displacement")
    name = next((n for n in ("lithium_content", "porosity", "von_mises") if n in run.states[-1].names), None)
    if not name:
        raise Skip("the states have no field lithium_content, porosity or von_mises to colour by")
    foil = maps.find_foil(run)
    inside = np.flatnonzero(foil.cells)
    faces = geometry.boundary_faces(run.mesh.cells[inside])
    states = run.nearest_states((0.5, 1.0))
    magnify = magnification(run, states, faces)
    fields = [style.readable(s.field(name).values, s.field(name).unit)[inside][faces.cell] for s in states]
    # the stripped part, where the shape matters, is light
    colors = style.SEQUENTIAL + ("_r" if name == "lithium_content" else "")
    limits = (colors, 0.0, 1.0) if name != "von_mises" else maps.common_range(fields)
    plt = style.pyplot()
    drawn = plt.figure(figsize=(style.DOUBLE, 3.1))
    mappable = plt.cm.ScalarMappable(plt.Normalize(*limits[1:]), limits[0])
    axes_list = []
    for i, (state, values) in enumerate(zip(states, fields)):
        corners = run.mesh.points + magnify * state.field("displacement").values
        axes = drawn.add_subplot(1, len(states), i + 1, projection="3d", computed_zorder=False)
        used = run.mesh.points[faces.vertices].reshape(-1, 3) * 1e6
        draw_box(axes, used.min(axis=0), used.max(axis=0))
        draw_solid(axes, corners[faces.vertices] * 1e6, mappable.to_rgba(values))
        axes.set_title(maps.state_title(state), y=0.98)
        axes_list.append(axes)
    bar = drawn.colorbar(mappable, ax=axes_list, shrink=0.7, aspect=18, pad=0.08)
    bar.set_label({"porosity": "Porosity", "lithium_content": "Free lithium left", "von_mises": "Von Mises (MPa)"}[name])
    bar.outline.set_linewidth(0.5)
    drawn.text(0.01, 0.01, f"axes in µm; displacement × {magnify:g}; lines: before", color=style.GREY, fontsize=7)
    return drawn


@figure_of_pull
def tension(run: lihost_io.Run):
    """Stress against strain of a pull, and where the work went."""
    maps.need_series(run, "strain", "nominal_stress", "true_stress", "work")
    plt = style.pyplot()
    drawn, (left, right) = plt.subplots(1, 2, figsize=(style.DOUBLE, 2.7))
    strain = run.series["strain"]
    draw_pull(left, strain, run.series["nominal_stress"] / 1e6)
    left.plot(strain, run.series["true_stress"] / 1e6, color=style.GREY, lw=0.9, ls=(0, (4, 2)), label="true", zorder=1)
    left.set(xlabel="Nominal strain", ylabel="Stress (MPa)", xlim=(0, None), ylim=(0, None))
    left.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handlelength=1.4, columnspacing=1.2)
    parts = {"work": "work", "plastic_work": "plastic flow", "fibre_energy": "fibres", "damage_energy": "damage",
             "stored": "stored"}
    for name, text in ((name, text) for name, text in parts.items() if name in run.series):
        look = {"color": style.BLACK, "lw": 2.4} if name == "work" else {}  # its largest part lies upon it
        right.plot(strain, run.series[name] / 1e3, label=text, **look)
    right.set(xlabel="Nominal strain", ylabel="Work per volume (kJ m$^{-3}$)")
    right.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, handlelength=1.4, columnspacing=1.2)
    return drawn


def draw_pull(axes, strain, stress) -> None:
    """The nominal curve [MPa], its peak, and the area under it before and after: MPa times strain is MJ/m3."""
    peak = int(np.argmax(stress))
    axes.plot(strain, stress, color=style.BLUE, label="nominal")
    for part, color, words in ((slice(0, peak + 1), style.SKY, "before the peak"), (slice(peak, None), style.ORANGE, "after it")):
        x, y = strain[part], stress[part]
        if len(x) > 1:
            area = np.sum(0.5 * (y[1:] + y[:-1]) * np.diff(x))
            axes.fill_between(x, 0, y, color=color, alpha=0.35, lw=0, label=f"{words}: {area:.3g} MJ m$^{{-3}}$")
    axes.plot(strain[peak], stress[peak], "o", color=style.BLACK, ms=3.5, label=f"strength {stress[peak]:.3g} MPa")


@figure_of_pull
def damage(run: lihost_io.Run):
    """Damage in a cut through the pulled volume: at the start, two states between, and the end."""
    maps.need_states(run, "damage")
    mesh = run.mesh
    position = geometry.middle(mesh.points, 1)
    cut = geometry.plane_cut(mesh.points, mesh.cells, 1, position)
    states = [run.states[i] for i in np.unique(np.linspace(0, len(run.states) - 1, 4).round().astype(int))]
    row = maps.Row(cut.polygons, [state.field("damage").values[cut.cells] for state in states], "Damage",
                   f"cut at y = {1e6 * position:.3g} µm\nz (µm)", limits=(style.STRENGTH, 0.0, 1.0))
    return maps.draw_rows(states, [row])


@figure
def volume(run: lihost_io.Run):
    """A representative volume: inclusions and fibres, and how the fibres lie."""
    if not (run.folder / "mesh_vtk.hdf").exists():
        raise Skip("the run wrote no mesh")
    if not len(run.fibres.ends) and "lizn" not in run.mesh.region_names:
        raise Skip("the mesh has neither fibres nor islands")
    return volume_figure.draw(run, draw_box)


def magnification(run: lihost_io.Run, states, faces) -> float:
    """1, 2, 5, 10, ... so that the largest displacement is near a tenth of the foil's thickness."""
    used = np.unique(faces.vertices)
    largest = max(np.abs(state.field("displacement").values[used]).max() for state in states)
    if largest == 0:
        return 1.0
    wanted = max(0.12 * np.ptp(run.mesh.points[used, 2]) / largest, 1.0)
    decade = 10 ** np.floor(np.log10(wanted))
    return float(decade * max(d for d in (1, 2, 5) if d * decade <= wanted * (1 + 1e-9)))


def draw_solid(axes, polygons: np.ndarray, colors: np.ndarray):
    """Faces with a little shade from their normals; plane faces are drawn back to front by Matplotlib."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection
    normal = np.cross(polygons[:, 1] - polygons[:, 0], polygons[:, 2] - polygons[:, 0])
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    light = 0.6 + 0.4 * np.clip(normal @ np.array([0.35, -0.55, 0.76]), 0, 1)
    shaded = colors.copy()
    shaded[:, :3] *= light[:, None]
    return axes.add_collection3d(Poly3DCollection(polygons, facecolors=shaded, edgecolors="none", antialiaseds=False,
                                                  rasterized=True, zorder=2))


def draw_box(axes, low: np.ndarray, high: np.ndarray) -> None:
    """The undeformed outline, behind the solid where it hides it, and axes that fit."""
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    hidden = np.array([low[0], high[1], low[2]])  # the corner away from the eye of view_init below
    for i, start in enumerate(corners):
        for end in corners[i + 1:]:
            if (start != end).sum() == 1:
                behind = (start == hidden).all() or (end == hidden).all()
                axes.plot(*np.stack([start, end]).T, color=style.GREY, lw=0.6, zorder=1 if behind else 3)
    room = 0.02 * (high - low).max()
    axes.set(xlim=(low[0] - room, high[0] + room), ylim=(low[1] - room, high[1] + room), zlim=(low[2], high[2]))
    axes.set_box_aspect(np.maximum(high - low, 0.15 * (high - low).max()), zoom=1.0)
    axes.view_init(elev=24, azim=-58)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
        axis.set_major_locator(style.pyplot().MaxNLocator(4))
    axes.grid(False)
    axes.set_facecolor("none")  # neighbours must not cover each other's numbers
    axes.tick_params(pad=-2)
