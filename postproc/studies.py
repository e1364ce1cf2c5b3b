"""Figures of a study: trends with error bars, Pareto plots, heat maps, from table.csv of `lihost sweep`.

    study = Study("studies/cnt_fraction")
    trend = study.trend("cnt_mass_fraction", "strip.areal_capacity")
    trend.mean, trend.deviation            # over the random volumes, one value per CNT fraction

Only reads the table; rows without a value (failed cases) are left out and counted.
"""
import csv
import dataclasses
import pathlib

import numpy as np

import lihost_io
import style

STATUS = ("run_time", "state", "exit_reason", "case")
# What a study is usually asked for, in this order; names without the base case before the point.
WANTED = ("areal_capacity", "gravimetric_capacity", "strength", "toughness", "elongation", "thickness_change", "voltage_at_half",
          "overpotential_at_half")
READABLE = {"mA.h/cm^2": "mA h cm$^{-2}$", "mA.h/g": "mA h g$^{-1}$", "mA/cm^2": "mA cm$^{-2}$", "J m-3": "J m$^{-3}$", "J/m^3": "J m$^{-3}$",
            "kJ/m^3": "kJ m$^{-3}$", "MJ/m^3": "MJ m$^{-3}$"}


@dataclasses.dataclass
class Trend:
    """One curve: values of an observable against an axis, over the repetitions of each point."""
    x: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray  # sample standard deviation, 0 for a single repetition
    count: np.ndarray
    label: str = ""        # values of the other axes


class Study:
    """table.csv of a study: `columns` name -> array (numbers, NaN where empty) or list of texts."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        path = self.folder / "table.csv"
        if not path.exists():
            raise lihost_io.RunError(f"{folder}: holds no study (no table.csv)")
        with open(path, newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
        header = [lihost_io.split_header(cell) for cell in rows[0]]
        self.units = dict(header)
        self.columns = {name: numbers([row[i] for row in rows[1:]]) for i, (name, _) in enumerate(header)}
        self.rows = len(rows) - 1

    def is_status(self, name: str) -> bool:
        return name == "row" or name.split(".")[-1] in STATUS

    @property
    def axes(self) -> list[str]:
        """Columns before the first observable; lihost writes inputs first and groups them in table.h5."""
        return self.groups[0]

    @property
    def observables(self) -> list[str]:
        return self.groups[1]

    @property
    def groups(self) -> tuple[list[str], list[str]]:
        import h5py
        with h5py.File(self.folder / "table.h5") as file:
            inputs, results = set(file["input"]), set(file["observable"])
        names = [name for name in self.columns if not self.is_status(name)]
        return [name for name in names if name in inputs], [name for name in names if name in results]

    def is_number(self, name: str) -> bool:
        return isinstance(self.columns[name], np.ndarray)

    def repeats(self) -> list[str]:
        """Axes that only repeat a case in another random volume."""
        return [name for name in self.axes if name == "volume"]

    def find(self, name: str) -> str | None:
        """A column by its name, or by its name without the base case."""
        if name in self.columns:
            return name
        return next((column for column in self.columns if column.split(".", 1)[-1] == name), None)

    def failed(self) -> int:
        states = [column for name, column in self.columns.items() if name.split(".")[-1] == "state"]
        return sum(any(state[i] != "done" for state in states) for i in range(self.rows))

    def follows(self, name: str, x: str) -> bool:
        """True for an axis that was walked together with x: it has one value for each of x."""
        pairs = set(zip(self.columns[x], self.columns[name], strict=True))
        return len(pairs) == len(set(self.columns[x]))

    def curves(self, x: str) -> dict[str, np.ndarray]:
        """Rows of each curve over `x`: one for every combination of the axes that are neither x nor a repetition."""
        others = [name for name in self.axes if name != x and name not in self.repeats() and not self.follows(name, x)]
        found: dict[str, list[int]] = {}
        for i in range(self.rows):
            key = ", ".join(f"{name} {shown(self.columns[name][i], self.units[name])}" for name in others)
            found.setdefault(key, []).append(i)
        return {key: np.array(rows) for key, rows in found.items()}

    def trend(self, x: str, y: str, rows=None, name: str = "") -> Trend:
        rows = np.arange(self.rows) if rows is None else rows
        at, values = self.columns[x][rows], self.columns[y][rows]
        points = []
        for one in np.unique(at):
            chosen = values[(at == one) & np.isfinite(values)]
            if len(chosen):
                points.append((one, chosen.mean(), chosen.std(ddof=1) if len(chosen) > 1 else 0.0, len(chosen)))
        columns = np.array(points, float).reshape(-1, 4).T
        return Trend(*columns, label=name)

    def grid(self, x: str, y: str, z: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values of x, of y, and the mean of z at each pair [y][x]; NaN where there is none."""
        xs, ys = np.unique(self.columns[x]), np.unique(self.columns[y])
        cells = np.full((len(ys), len(xs)), np.nan)
        for i, one in enumerate(ys):
            for k, other in enumerate(xs):
                chosen = self.columns[z][(self.columns[y] == one) & (self.columns[x] == other)]
                if np.isfinite(chosen).any():
                    cells[i, k] = np.nanmean(chosen)
        return xs, ys, cells


def numbers(cells: list[str]):
    """An array when every cell that is not empty is a number, else the texts."""
    try:
        values = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return cells
    return values if np.isfinite(values).any() or not any(cells) else cells


def shown(value, unit: str) -> str:
    return f"{value:g}{'' if unit == '1' else ' ' + unit}" if isinstance(value, float) else str(value)


def scale(study: Study, name: str) -> tuple[float, str]:
    """Factor and unit of an axis: small voltages in mV, changes of thickness in per cent."""
    unit, short = study.units[name], name.split(".")[-1]
    if unit == "V" and np.nanmax(np.abs(study.columns[name]), initial=0) < 0.1:
        return 1e3, "mV"
    return (100.0, "%") if unit == "1" and short.startswith("thickness_change") else (1.0, unit)


def axis_label(study: Study, name: str) -> str:
    unit = scale(study, name)[1] if study.is_number(name) else study.units[name]
    words = READABLE.get(unit, unit)
    plain = " ".join("CNT" if word == "cnt" else word for word in name.split(".", 1)[-1].split("_"))
    return (plain[0].upper() + plain[1:]) + ("" if unit == "1" else f" ({words})")


def with_deviation(mean: float, deviation: float, count: float) -> str:
    """Four digits of the mean, and as many places of the deviation."""
    if not np.isfinite(mean):
        return ""
    places = max(0, 3 - int(np.floor(np.log10(abs(mean))))) if mean else 0
    return f"{mean:.{places}f}" + (f" ± {deviation:.{places}f}" if count > 1 else "")


def markdown(study: Study, x: str, wanted: list[str]) -> list[str]:
    """The trends as a table: mean ± sample standard deviation over the random volumes, and how many have a result of all observables."""
    def head(name: str) -> str:
        unit = scale(study, name)[1]
        return name.split(".", 1)[-1].replace("_", " ") + ("" if unit == "1" else f" [{unit}]")

    curves = study.curves(x)
    names = ["row"] * (len(curves) > 1) + [head(name) for name in [x, *wanted]] + ["volumes"]
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    for label, rows in curves.items():
        trends = [(scale(study, name)[0], study.trend(x, name, rows)) for name in wanted]
        for at in np.unique(study.columns[x][rows]):
            cells, counts = [], []
            for factor, trend in trends:
                i = np.flatnonzero(trend.x == at)
                counts.append(int(trend.count[i[0]]) if len(i) else 0)
                cells.append(with_deviation(factor * trend.mean[i[0]], factor * trend.deviation[i[0]], counts[-1]) if len(i) else "")
            lines.append("| " + " | ".join([label] * (len(curves) > 1) + [f"{scale(study, x)[0] * at:g}", *cells, str(min(counts))]) + " |")
    return lines


def front(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Indices of the points that no other point beats in both, from small to large x."""
    best, kept = -np.inf, []
    for i in sorted(range(len(x)), key=lambda i: (-x[i], -y[i])):
        if y[i] > best:
            kept.append(i)
            best = y[i]
    return np.array(kept[::-1], int)


def draw_trends(study: Study, x: str, wanted: list[str]):
    """Mean and standard deviation over the random volumes, one panel an observable, one curve for the other axes."""
    plt = style.pyplot()
    across = min(3, len(wanted))
    down = -(-len(wanted) // across)
    drawn, panels = plt.subplots(down, across, squeeze=False, figsize=(style.DOUBLE * across / 3, 2.3 * down))
    curves = study.curves(x)
    for panel, y in zip(panels.flat, wanted):
        for label, rows in curves.items():
            one, factor = study.trend(x, y, rows, label), scale(study, y)[0]
            panel.errorbar(scale(study, x)[0] * one.x, factor * one.mean, yerr=factor * one.deviation, marker="o", markersize=3, capsize=2, elinewidth=0.8, label=label)
        panel.set(xlabel=axis_label(study, x), ylabel=axis_label(study, y))
    for panel in list(panels.flat)[len(wanted):]:
        panel.set_visible(False)
    if len(curves) > 1:
        panels.flat[0].legend(fontsize=6)
    return drawn


def draw_pareto(study: Study, x: str, y: str, colour: str):
    """Two observables against each other; the line joins the points that none beats in both."""
    plt = style.pyplot()
    drawn, panel = plt.subplots(figsize=(style.SINGLE * 1.15, 2.7))
    a, b = study.columns[x], study.columns[y]
    there = np.isfinite(a) & np.isfinite(b)
    a, b, shade = scale(study, x)[0] * a[there], scale(study, y)[0] * b[there], scale(study, colour)[0] * study.columns[colour][there]
    points = panel.scatter(a, b, c=shade, cmap=style.SEQUENTIAL, s=18, zorder=2)
    best = front(a, b)
    panel.plot(a[best], b[best], color=style.GREY, linewidth=0.9, zorder=1)
    panel.set(xlabel=axis_label(study, x), ylabel=axis_label(study, y))
    drawn.colorbar(points, label=axis_label(study, colour))
    return drawn


def draw_heat_map(study: Study, x: str, y: str, z: str):
    """The mean of an observable over two axes."""
    plt = style.pyplot()
    drawn, panel = plt.subplots(figsize=(style.SINGLE * 1.15, 2.7))
    xs, ys, cells = (scale(study, name)[0] * values for name, values in zip((x, y, z), study.grid(x, y, z)))
    image = panel.imshow(cells, origin="lower", aspect="auto", cmap=style.STRENGTH)
    panel.set_xticks(range(len(xs)), [f"{value:g}" for value in xs], rotation=45 if len(xs) > 6 else 0)
    panel.set_yticks(range(len(ys)), [f"{value:g}" for value in ys])
    panel.set(xlabel=axis_label(study, x), ylabel=axis_label(study, y))
    drawn.colorbar(image, label=axis_label(study, z))
    return drawn
