"""A film of a strip (reaction front, stress, thickness) or of a pull (deformed volume, damage, stress against strain), a frame for each saved state.

Never decides what a run saves.
"""
import pathlib
import shutil

import numpy as np

import figures
import geometry
import lihost_io
import maps
import style

SECONDS = 6.0      # of a film, whatever the number of states
DOTS_PER_INCH = 110
MOST_FACES = 20000  # of a volume drawn in three dimensions; more are shown as a cut alone
NO_PILLOW = "a GIF needs Pillow (apt install python3-pil)"
NO_FFMPEG = "animation.mp4: not written, ffmpeg is not installed (apt install ffmpeg)"


class Film:
    """One figure whose pictures, curve and title change from state to state."""

    def __init__(self, run: lihost_io.Run, widths: list[float]):
        if len(run.states) < 3:
            where = "experiment.fields_at" if "nominal_stress" in run.series else "output.states"
            raise maps.Skip(f"a film needs at least three saved states, the run has {len(run.states)} ({where} names when)")
        self.run, self.maps = run, []
        self.figure = style.pyplot().figure(figsize=(style.DOUBLE, 2.9), dpi=DOTS_PER_INCH)
        self.grid = self.figure.add_gridspec(1, len(widths), width_ratios=widths)
        self.title = self.figure.suptitle(" ", fontsize=8)

    def add_map(self, axes, row: maps.Row, limits) -> None:
        """A map that changes; one scale for the whole film."""
        drawn = maps.draw_polygons(axes, row.polygons, row.values[0], limits)
        axes.set(xlabel=row.horizontal, ylabel="z (µm)")
        self.add_bar(axes, drawn, row.bar)
        self.maps.append((drawn, row.values))

    def add_bar(self, axes, drawn, words: str) -> None:
        bar = self.figure.colorbar(drawn, ax=axes, orientation="horizontal", location="top", pad=0.02, aspect=22)
        bar.set_label(words)
        bar.outline.set_linewidth(0.5)

    def row_of(self, state: lihost_io.State) -> float:
        """Where the state lies among the rows of series.csv, as a share of rows too."""
        return float(np.interp(state.time, self.run.series["time"], np.arange(len(self.run.series))))

    def show(self, i: int) -> None:
        for drawn, values in self.maps:
            drawn.set_array(values[i])
        self.title.set_text(maps.state_title(self.run.states[i]))


class Strip(Film):
    """Free lithium and stress in a cut through the foil; a marker on the curve of thickness."""

    def __init__(self, run: lihost_io.Run):
        maps.need_states(run, "lithium_content", "von_mises")
        maps.need_series(run, "time", "capacity", "thickness_change")
        super().__init__(run, [1, 1, 0.9])
        foil = maps.find_foil(run)
        for k, (name, words, limits) in enumerate((("lithium_content", "Free lithium left", (style.SEQUENTIAL + "_r", 0.0, 1.0)),
                                                   ("von_mises", "Von Mises (MPa)", None))):
            row = maps.cut_row(foil, run.states, lambda state, name=name: style.readable(state.field(name).values, state.field(name).unit), words)
            self.add_map(self.figure.add_subplot(self.grid[k]), row, limits or maps.common_range(row.values))
        axes = self.figure.add_subplot(self.grid[2])
        self.curve = style.readable(run.series["capacity"], "C m-2"), 100 * run.series["thickness_change"]
        axes.plot(*self.curve, color=style.GREY, lw=0.9)
        axes.set(xlabel=style.label("Areal capacity", "C m-2"), ylabel="Thickness change (%)")
        self.marker = axes.plot([], [], "o", color=style.BLACK, ms=5)[0]

    def show(self, i: int) -> None:
        super().show(i)
        at = self.row_of(self.run.states[i])
        self.marker.set_data(*([np.interp(at, np.arange(len(values)), values)] for values in self.curve))


class Pull(Film):
    """The deformed volume coloured by damage, damage in a cut, and the curve of stress as far as it has come."""

    def __init__(self, run: lihost_io.Run):
        maps.need_states(run, "damage", "displacement")
        maps.need_series(run, "time", "strain", "nominal_stress")
        super().__init__(run, [1.1, 1, 1])
        self.faces = geometry.boundary_faces(run.mesh.cells)
        if len(self.faces.cell) > MOST_FACES:
            raise maps.Skip(f"the volume has {len(self.faces.cell)} outer faces, a film draws at most {MOST_FACES}; ParaView makes films of larger ones")
        self.solid, self.magnify = None, figures.magnification(run, run.states, self.faces)
        self.space = self.figure.add_subplot(self.grid[0], projection="3d", computed_zorder=False)
        shapes = np.concatenate([self.corners(state).reshape(-1, 3) for state in run.states])
        figures.draw_box(self.space, run.mesh.points.min(axis=0) * 1e6, run.mesh.points.max(axis=0) * 1e6)
        low, high = shapes.min(axis=0), shapes.max(axis=0)
        self.space.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
        self.space.set_box_aspect(high - low, zoom=1.05)
        self.figure.text(0.01, 0.01, f"axes in µm; displacement × {self.magnify:g}; lines: before", color=style.GREY, fontsize=7)
        limits = (style.STRENGTH, 0.0, 1.0)
        self.color = style.pyplot().cm.ScalarMappable(style.pyplot().Normalize(*limits[1:]), limits[0])
        position = geometry.middle(run.mesh.points, 1)
        cut = geometry.plane_cut(run.mesh.points, run.mesh.cells, 1, position)
        row = maps.Row(cut.polygons, [state.field("damage").values[cut.cells] for state in run.states], "Damage",
                       "", f"x (µm), cut at y = {1e6 * position:.2g} µm")
        self.add_map(self.figure.add_subplot(self.grid[1]), row, limits)
        self.draw_curve(self.figure.add_subplot(self.grid[2]))

    def corners(self, state: lihost_io.State) -> np.ndarray:
        """Deformed corners of the outer faces [um]."""
        return 1e6 * (self.run.mesh.points + self.magnify * state.field("displacement").values)[self.faces.vertices]

    def draw_curve(self, axes) -> None:
        self.strain, self.stress = 100 * self.run.series["strain"], 1e-6 * self.run.series["nominal_stress"]
        axes.set(xlabel="Nominal strain (%)", ylabel="Nominal stress (MPa)", xlim=figures.span(self.strain), ylim=figures.span(self.stress))
        self.line = axes.plot([], [], color=style.BLUE)[0]
        self.marker = axes.plot([], [], "o", color=style.BLACK, ms=5)[0]

    def show(self, i: int) -> None:
        super().show(i)
        state, number = self.run.states[i], np.arange(len(self.strain))
        at = self.row_of(state)
        end = [np.interp(at, number, values) for values in (self.strain, self.stress)]
        past = number < at
        self.line.set_data([*self.strain[past], end[0]], [*self.stress[past], end[1]])
        self.marker.set_data([end[0]], [end[1]])
        if self.solid:
            self.solid.remove()
        self.solid = figures.draw_solid(self.space, self.corners(state), self.color.to_rgba(state.field("damage").values[self.faces.cell]))


def save(film: Film, path: pathlib.Path, writer: str) -> None:
    """Complete when it has its name."""
    from matplotlib import animation
    frames = len(film.run.states)
    part = path.with_name(f".part.{path.name}")
    made = animation.FuncAnimation(film.figure, film.show, frames=frames, init_func=lambda: None)
    made.save(part, writer=writer, fps=max(1.0, frames / SECONDS), dpi=DOTS_PER_INCH)
    part.replace(path)


def write(run: lihost_io.Run, folder: pathlib.Path) -> list[str]:
    """Writes the films that can be written; a line about each."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        raise maps.Skip(NO_PILLOW) from None
    film, lines = (Pull if "nominal_stress" in run.series else Strip)(run), []
    save(film, folder / "animation.gif", "pillow")
    lines.append(f"animation: {folder / 'animation.gif'}, {len(run.states)} frames")
    if shutil.which("ffmpeg"):
        save(film, folder / "animation.mp4", "ffmpeg")
        lines.append(f"animation: {folder / 'animation.mp4'}")
    else:
        lines.append(NO_FFMPEG)
    style.pyplot().close(film.figure)
    return lines
