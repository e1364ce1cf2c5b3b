"""A film of a strip: reaction front, stress and thickness, a frame for each saved state. Never decides what a run saves."""
import pathlib
import shutil

import numpy as np

import lihost_io
import maps
import style

SECONDS = 6.0      # of a film, whatever the number of states
DOTS_PER_INCH = 110
NO_PILLOW = "a GIF needs Pillow (apt install python3-pil)"
NO_FFMPEG = "animation.mp4: not written, ffmpeg is not installed (apt install ffmpeg)"


class Film:
    """One figure whose maps, marker and title change from state to state."""

    def __init__(self, run: lihost_io.Run):
        maps.need_states(run, "lithium_content", "von_mises")
        maps.need_series(run, "time", "capacity", "thickness_change")
        if len(run.states) < 3:
            raise maps.Skip(f"a film needs at least three saved states, the run has {len(run.states)}")
        self.run, self.foil = run, maps.find_foil(run)
        self.figure, axes = style.pyplot().subplots(1, 3, figsize=(style.DOUBLE, 2.9), dpi=DOTS_PER_INCH,
                                                    width_ratios=[1, 1, 0.9])
        self.maps = [self.map_of("lithium_content", axes[0], "Free lithium left", (style.SEQUENTIAL + "_r", 0.0, 1.0)),
                     self.map_of("von_mises", axes[1], "Von Mises (MPa)", None)]
        axes[1].set_ylabel("")
        self.marker = self.draw_thickness(axes[2])
        self.title = self.figure.suptitle(" ", fontsize=8)

    def map_of(self, name: str, axes, words: str, limits):
        """The map and its values, one array a state; one scale for the whole film."""
        row = maps.cut_row(self.foil, self.run.states,
                           lambda state: style.readable(state.field(name).values, state.field(name).unit), words)
        drawn = maps.draw_polygons(axes, row.polygons, row.values[0], limits or maps.common_range(row.values))
        axes.set(xlabel=row.horizontal, ylabel="z (µm)")
        bar = self.figure.colorbar(drawn, ax=axes, orientation="horizontal", location="top", pad=0.02, aspect=22)
        bar.set_label(words)
        bar.outline.set_linewidth(0.5)
        return drawn, row.values

    def draw_thickness(self, axes):
        series = self.run.series
        self.capacity = style.readable(series["capacity"], "C m-2")
        self.thinning = 100 * series["thickness_change"]
        axes.plot(self.capacity, self.thinning, color=style.GREY, lw=0.9)
        axes.set(xlabel=style.label("Areal capacity", "C m-2"), ylabel="Thickness change (%)")
        return axes.plot([], [], "o", color=style.BLACK, ms=5)[0]

    def show(self, i: int) -> None:
        state = self.run.states[i]
        for drawn, values in self.maps:
            drawn.set_array(values[i])
        at = np.interp(state.time, self.run.series["time"], np.arange(len(self.capacity)))
        rows = np.arange(len(self.capacity))
        self.marker.set_data([np.interp(at, rows, self.capacity)], [np.interp(at, rows, self.thinning)])
        self.title.set_text(maps.state_title(state))


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
    film, lines = Film(run), []
    save(film, folder / "animation.gif", "pillow")
    lines.append(f"animation: {folder / 'animation.gif'}, {len(run.states)} frames")
    if shutil.which("ffmpeg"):
        save(film, folder / "animation.mp4", "ffmpeg")
        lines.append(f"animation: {folder / 'animation.mp4'}")
    else:
        lines.append(NO_FFMPEG)
    style.pyplot().close(film.figure)
    return lines
