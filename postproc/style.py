"""One look for all figures: sizes of a journal column, colours that colour-blind readers can tell apart, units."""
import pathlib

SINGLE, DOUBLE = 3.5, 7.2  # column widths [in]

# Okabe and Ito's palette (2008), without the yellow that is faint on white
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7")
CYCLE = [BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK]
GREY = "#8a8a8a"

SEQUENTIAL = "cividis"   # amounts: content, porosity
STRENGTH = "viridis"     # magnitudes: stress, current
DIVERGING = "RdBu_r"     # values of both signs around zero

# SI -> the unit people read: (factor, label)
READABLE = {
    "s": (1 / 3600, "h"), "m": (1e6, "µm"), "V": (1, "V"), "1": (1, ""), "Pa": (1e-6, "MPa"),
    "A m-2": (0.1, "mA cm$^{-2}$"), "A m-3": (1e-6, "A cm$^{-3}$"), "C m-2": (1 / 36000, "mA h cm$^{-2}$"),
    "mol m-3": (1e-3, "mol L$^{-1}$"), "J m-3": (1e-3, "kJ m$^{-3}$"),
}

SETTINGS = {
    "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7, "xtick.labelsize": 7,
    "ytick.labelsize": 7, "font.family": "DejaVu Sans", "mathtext.default": "regular", "axes.linewidth": 0.6,
    "lines.linewidth": 1.3, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6, "figure.dpi": 150, "savefig.dpi": 220,
    "svg.fonttype": "none", "svg.hashsalt": "lihost", "figure.constrained_layout.use": True,
    "axes.formatter.useoffset": False,
}


def pyplot():
    """Matplotlib, loaded at the first figure and without a display."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    plt.rcParams.update(SETTINGS)
    plt.rcParams["axes.prop_cycle"] = plt.cycler(color=CYCLE)
    return plt


def readable(values, unit: str):
    """Values in the unit people read."""
    return values * READABLE.get(unit, (1, unit))[0]


def label(name: str, unit: str) -> str:
    words = READABLE.get(unit, (1, unit))[1]
    return f"{name} ({words})" if words else name


def save(figure, folder: pathlib.Path, name: str) -> list[pathlib.Path]:
    """NAME.png and NAME.svg, each complete when it has its name."""
    paths = []
    for kind in ("png", "svg"):
        path = folder / f"{name}.{kind}"
        part = folder / f".{name}.part.{kind}"
        metadata = {"Date": None} if kind == "svg" else {"Software": "lihost postproc"}
        figure.savefig(part, metadata=metadata)
        part.replace(path)
        paths.append(path)
    return paths
