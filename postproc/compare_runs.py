"""Series of several runs, or of runs and measured data, over each other; residuals against the first of them.

Measured data is a CSV file whose header names columns of series.csv with units, e.g. `capacity [mA.h/cm^2],voltage [mV]`.
Nothing is fitted and nothing is shifted.
"""
import dataclasses
import pathlib

import numpy as np

import lihost_io
import page
import style

ACROSS = ("capacity", "strain", "time")
LEFT_OUT = {"step", "step_size", "order", "lithium_error", "charge_error", "coupling_error"}
UNITS = {  # unit of a data file -> (factor, SI)
    "mA.h/cm^2": (36000, "C m-2"), "mAh/cm2": (36000, "C m-2"), "mA h cm-2": (36000, "C m-2"), "mV": (1e-3, "V"),
    "h": (3600, "s"), "min": (60, "s"), "%": (0.01, "1"), "um": (1e-6, "m"), "µm": (1e-6, "m"), "MPa": (1e6, "Pa"),
    "kPa": (1e3, "Pa"), "GPa": (1e9, "Pa"), "mA/cm^2": (10, "A m-2"),
}


@dataclasses.dataclass
class Curve:
    name: str
    table: lihost_io.Table
    measured: bool


def in_si(path: pathlib.Path, table: lihost_io.Table) -> lihost_io.Table:
    known = set(style.READABLE) | {"N", "J", "K", "C", "A"}
    columns, units = {}, {}
    for name, values in table.columns.items():
        factor, unit = UNITS.get(table.units[name], (1.0, table.units[name]))
        if unit not in known:
            raise lihost_io.RunError(f"{path}: the unit of {name} is '{unit}'; known are {', '.join([*UNITS, *sorted(known)])}")
        columns[name], units[name] = values * factor, unit
    return lihost_io.Table(columns, units)


def read(path: pathlib.Path) -> Curve:
    if path.is_dir():
        return Curve(path.resolve().name, lihost_io.Run(path).series, False)
    if not path.exists():
        raise lihost_io.RunError(f"there is neither a run nor a file '{path}'")
    table = lihost_io.read_table(path)
    if not len(table):
        raise lihost_io.RunError(f"{path}: holds no rows of numbers under a header such as `capacity [mA.h/cm^2],voltage [V]`")
    return Curve(path.name, in_si(path, table), True)


def choose_across(curves: list[Curve], wanted: str | None) -> str:
    for name in [wanted] if wanted else ACROSS:
        if all(name in curve.table for curve in curves):
            return name
    names = ", ".join(curves[-1].table.columns)
    raise lihost_io.RunError(f"no column {wanted or ' or '.join(ACROSS)} is in all of them; {curves[-1].name} has {names}")


def common_columns(curves: list[Curve], across: str) -> list[str]:
    """Columns of the first that another has too and that vary."""
    first = curves[0].table
    return [name for name in first.columns if name != across and name not in LEFT_OUT and name not in ACROSS
            and any(name in curve.table for curve in curves[1:])
            and any(np.ptp(c.table[name]) > 0 for c in curves if name in c.table)]


def along(curve: Curve, across: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The curve with rising abscissa: rests and repeats keep their last row."""
    x, y = curve.table[across], curve.table[name]
    good = np.isfinite(x) & np.isfinite(y)
    x, y = x[good], y[good]
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    last = np.append(np.diff(x) > 0, True)
    return x[last], y[last]


def residual(reference: Curve, other: Curve, across: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """other - reference at the points of measured data, else of the reference, within the range of both."""
    xr, yr = along(reference, across, name)
    xo, yo = along(other, across, name)
    at = xo if other.measured and not reference.measured else xr
    at = at[(at >= max(xr[0], xo[0])) & (at <= min(xr[-1], xo[-1]))]
    return at, np.interp(at, xo, yo) - np.interp(at, xr, yr)


def words(name: str) -> str:
    return name.replace("_", " ").capitalize().replace("Lizn", "LiZn")


def differs(curves: list[Curve], across: str, name: str) -> bool:
    """Whether a difference is more than rounding of the curve."""
    size = np.ptp(curves[0].table[name]) if name in curves[0].table else 0.0
    return any(np.abs(residual(curves[0], curve, across, name)[1]).max(initial=0) > 1e-9 * size
               for curve in curves[1:] if name in curve.table)


def draw(curves: list[Curve], across: str, name: str):
    plt = style.pyplot()
    unit, x_unit = curves[0].table.units[name], curves[0].table.units[across]
    drawn, (top, low) = plt.subplots(2, 1, sharex=True, figsize=(style.DOUBLE, 3.6), height_ratios=[2, 1])
    for i, curve in enumerate(c for c in curves if name in c.table):
        color = style.CYCLE[i % len(style.CYCLE)]
        x, y = along(curve, across, name)
        look = {"ls": "", "marker": "o", "ms": 2.5} if curve.measured else {"lw": 2.6} if curve is curves[0] else {}  # seen below another
        top.plot(style.readable(x, x_unit), style.readable(y, unit), color=color, label=curve.name, **look)
        if curve is not curves[0]:
            at, difference = residual(curves[0], curve, across, name)
            low.plot(style.readable(at, x_unit), style.readable(difference, unit), color=color)
    low.axhline(0, color=style.GREY, lw=0.6, zorder=0)
    low.set(xlabel=style.label(words(across), x_unit), ylabel=style.label("Difference", unit))
    top.set(ylabel=style.label(words(name), unit))
    top.legend(loc="best")
    return drawn


def residual_rows(curves: list[Curve], across: str, names: list[str]) -> list[list]:
    rows = []
    for name in names:
        unit = curves[0].table.units[name]
        for curve in curves[1:]:
            if name not in curve.table:
                continue
            _, difference = residual(curves[0], curve, across, name)
            if not len(difference):
                rows.append([words(name), curve.name, "no common range", "", "", ""])
                continue
            size = style.readable(np.abs(difference), unit)
            rows.append([words(name), curve.name, page.Number(float(np.sqrt((size ** 2).mean()))), page.Number(float(size.max())),
                         page.unit(style.READABLE.get(unit, (1, unit))[1]), page.Number(len(difference))])
    return rows


def build(paths: list[pathlib.Path], across: str | None) -> str:
    curves = [read(path) for path in paths]
    for curve, path in zip(curves, paths):
        if sum(other.name == curve.name for other in curves) > 1:
            curve.name = str(path)
    if len(curves) < 2:
        raise lihost_io.RunError("give two runs, or a run and a CSV file")
    across = choose_across(curves, across)
    names = common_columns(curves, across)
    if not names:
        raise lihost_io.RunError(f"nothing to compare: beside {across}, {curves[0].name} shares no column with the others")
    lead = page.paragraph(f"Differences are against {curves[0].name}; points are measured data. Nothing is fitted or shifted.")
    grid = page.table(["quantity", "against it", "root mean square", "largest", "unit", "points"],
                      residual_rows(curves, across, names), "residuals")
    shown = [name for name in names if differs(curves, across, name)]
    equal = [words(name) for name in names if name not in shown]
    if equal:
        grid += page.paragraph(f"Equal up to rounding, and not drawn: {', '.join(equal)}.", "soft")
    sections = [("Residuals", grid)] + [(words(name), page.picture(draw(curves, across, name), f"{words(name)} against {across.replace('_', ' ')}."))
                                        for name in shown]
    return page.document(" and ".join(curve.name for curve in curves), lead, sections, ["page.js"])
