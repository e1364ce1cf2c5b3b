#!/usr/bin/python3 -I
"""Thickness change of an LZNC foil stripped against lithium, with nothing tuned: docs/validation/thickness.md."""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import runs  # noqa: E402

BONDED, FRICTIONAL = "regions.foil.change.skeleton=bonded", "regions.foil.change.skeleton=frictional"


def beta(value):
    return f"regions.foil.change.reactions.lizn.transmission={value}"


def packing(value):
    return f"regions.foil.change.skeletons.frictional.packing_coefficient={value}"


def pressure(value):
    return f"mechanics.stack_pressure={value} MPa"


FREE, CUT = "mechanics.in_plane=free", "experiment.steps=[strip at 0.5 mA/cm^2 until 0.1 V]"
LZN = ["regions.foil.material=lzn"]
# LZN has no nanotubes and hence no skeleton of its own; the second row lends it that of LZNC.
STRUTS = ["regions.foil.change={skeleton: bonded, skeletons: {bonded: {law: skeleton_gibson_ashby, solid_modulus: 50 GPa, "
          "solid_yield_stress: 100 MPa, poisson_ratio: 0.0, pressure_sensitivity: 2.08, rate_sensitivity: 0.1, "
          "reference_rate: 1e-4 1/s}}}"]
COARSE = ["mesh.box.cells=[4, 4]"]

JOBS = {
    "bonded": [BONDED],
    "bonded, beta 0": [BONDED, beta(0)],
    "bonded, in-plane free": [BONDED, FREE],
    "bonded, in-plane free, beta 0": [BONDED, FREE, beta(0)],
    "bonded, 0.05 MPa": [BONDED, pressure(0.05)],
    "bonded, 1 MPa": [BONDED, pressure(1)],
    "bonded, to 0.1 V": [BONDED, CUT],
    "bonded, solid 10 GPa, 30 MPa": [BONDED, "regions.foil.change.skeletons.bonded.solid_modulus=10 GPa",
                                     "regions.foil.change.skeletons.bonded.solid_yield_stress=30 MPa"],
    "frictional, k 0.01": [FRICTIONAL],
    "frictional, k 0.001": [FRICTIONAL, packing(0.001)],
    "frictional, k 0.03": [FRICTIONAL, packing(0.03)],
    "frictional, beta 0": [FRICTIONAL, beta(0)],
    "frictional, k 0.03, beta 0": [FRICTIONAL, packing(0.03), beta(0)],
    "frictional, in-plane free": [FRICTIONAL, FREE],
    "frictional, 0.05 MPa": [FRICTIONAL, pressure(0.05)],
    "frictional, 1 MPa": [FRICTIONAL, pressure(1)],
    "frictional, to 0.1 V": [FRICTIONAL, CUT],
}
LZN_JOBS = {
    "LZN as it is: no skeleton": LZN,
    "LZN lent the bonded skeleton": LZN + STRUTS,
}
THREE_D = {"bonded, 3D, composition varies": [BONDED] + COARSE}


def percent(value):
    return "" if math.isnan(value) else f"{100 * value:+.3f}"


def row(run):
    v = run.value
    share = run.series["share_stripped"][-1]
    end = f"{run.series['voltage'][-1]:.3g} V" if run.ok else f"stops at {100 * share:.0f} % stripped"
    return [run.name, end, percent(v["thickness_change"]), percent(v["thickness_change_growth"]),
            percent(v["thickness_change_elastic"]), percent(v["thickness_change_plastic"]),
            percent(run.at(0.5, "thickness_change")), f"{v['areal_capacity']:.3f}"]


def main():
    args = runs.arguments(__doc__)
    header = ["foil", "end", "total %", "growth %", "elastic %", "plastic %", "total % at half", "mAh/cm^2"]
    jobs = {name: runs.COLUMN + words for name, words in {**JOBS, **LZN_JOBS}.items()}
    done = runs.run_all(args.program, args.scratch, {**jobs, **THREE_D})
    text = runs.table(header, [row(run) for run in done.values()])
    print(text)
    for run in done.values():
        if not run.ok:
            print(f"{run.name}: {run.reason}")
    if args.write:
        runs.put("thickness.md", {"table": text})


main()
