#!/usr/bin/python3 -I
"""Capacity of LZNC and LZN to 0.1 V and to 1 V beside what is reported: docs/validation/capacity.md."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import runs  # noqa: E402

TO_LOW = ["experiment.steps=[strip at 0.5 mA/cm^2 until 0.1 V]"]
JOBS = {
    "LZNC to 1 V": [],
    "LZNC to 0.1 V": TO_LOW,
    "LZNC to 1 V, 5 mA/cm^2": ["experiment.steps=[strip at 5 mA/cm^2 until 1 V]"],
    "LZNC + LiC6 in the tubes, to 1 V": ["regions.foil.material=lznc_licx"],
}
THICKNESS = 50e-4  # of the foil [cm]


def main():
    args = runs.arguments(__doc__)
    done = runs.run_all(args.program, args.scratch, {name: runs.COLUMN + words for name, words in JOBS.items()})
    rows = []
    for run in done.values():
        v = run.value
        rows.append([run.name, f"{v['areal_capacity']:.3f}", f"{v['gravimetric_capacity']:.0f}",
                     f"{v['areal_capacity'] / THICKNESS:.0f}", f"{1e3 * run.at(0.5, 'voltage'):.2f}"])
    text = runs.table(["run", "mAh/cm^2", "mAh/g", "mAh/cm^3 of foil as rolled", "mV at half"], rows)
    print(text)
    if args.write:
        runs.put("capacity.md", {"table": text})


main()
