"""Example of a figure: how long the time steps were. In the project it would stand in postproc/figures.py."""
import maps
import style
from figures import figure


@figure
def step_size(run):
    """Length of the time steps, and where it was cut."""
    maps.need_series(run, "time", "step_size")
    plt = style.pyplot()
    drawn, axes = plt.subplots(figsize=(style.SINGLE, 2.4))
    axes.semilogy(run.series["time"] / 3600, run.series["step_size"])
    axes.set(xlabel="Time (h)", ylabel="Step size (s)")
    return drawn
