#!/usr/bin/python3 -I
"""Strips of a column beside the numbers of a 1D prototype: docs/validation/prototype.md."""
import pathlib
import sys

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import runs  # noqa: E402

# Prototype: V at an early time, at half and at 8.0 mAh/cm2 [mV]; theta collector, separator; Q at 157, 250 mV, 1 V [mAh/cm2].
PROTOTYPE = {
    (0.1, None, None): (2.2, 2.5, 6.4, 0.54, 0.45, 8.296, 8.390, 8.601),
    (0.5, None, None): (4.8, 4.9, 9.5, 0.88, 0.27, 8.273, 8.383, 8.600),
    (1.0, None, None): (8.0, 7.9, 14.7, 0.97, 0.17, 8.234, 8.382, 8.599),
    (5.0, None, None): (33, 31, 50, 1.00, 0.03, 8.168, 8.314, 8.588),
    (0.5, 0.089, 1.9e7): (4.4, 4.0, 7.8, 0.92, 0.16, 8.181, 8.384, 8.606),
    (0.5, 0.089, 5e5): (14.6, 11.9, 65.5, 0.55, 0.42, 8.272, 8.383, 8.600),
}
# No mechanics in the prototype: the foil is lightly pressed and nothing of the alloy's shrinkage is transmitted.
ALIKE = ["mechanics.stack_pressure=0 Pa", "regions.foil.change.reactions.lizn.transmission=0", "output.states=[0.5]"]


# The counter electrode of the prototype had no film.
BARE = ["electrodes.counter.interface={like: lithium, film_resistance: 1e-7 ohm m^2}"]


def words(current, i0, area):
    change = "regions.foil.change.reactions.lithium"
    out = runs.COLUMN + ALIKE + [f"experiment.steps=[strip at {current} mA/cm^2 until 1 V]"]
    if i0:
        out += [f"{change}.interface.kinetics.exchange_current_density={i0} mA/cm^2", f"{change}.area={area:g} 1/m"]
    return out


def theta(run):
    """Free lithium left at the collector and at the separator, from the fields at half."""
    with h5py.File(sorted((run.folder / "fields").glob("*.hdf"))[0]) as file:
        left = numpy.array(file["VTKHDF/CellData/lithium_content"])
        porous = numpy.array(file["VTKHDF/CellData/lizn_content"]) > 0
    return left[porous][0], left[porous][-1]


def row(key, run, bare):
    current, i0, area = key
    left = theta(run)
    whole = run.value["areal_capacity_as_made"]
    ours = [1e3 * run.at(0.02, "voltage"), 1e3 * run.at(0.5, "voltage"), 1e3 * run.at(8.0 / whole, "voltage"),
            left[0], left[1], run.charge_at(0.157), run.charge_at(0.25), run.value["areal_capacity"]]
    digits = [1, 1, 1, 2, 2, 3, 3, 3]
    pairs = [f"{a:.{d}f} / {b:.{d}f}" for a, b, d in zip(ours, PROTOTYPE[key], digits)]
    pairs.insert(1, f"{1e3 * bare.at(0.02, 'voltage'):.1f}")
    return [f"{current} mA/cm^2" + (f", i0 {i0}, a {area:.1e}" if i0 else ""), *pairs]


def main():
    args = runs.arguments(__doc__)
    jobs = {f"{c} {i} {a}": words(c, i, a) for c, i, a in PROTOTYPE}
    done = runs.run_all(args.program, args.scratch, {**jobs, **{f"{k} bare": w + BARE for k, w in jobs.items()}})
    done = list(done.values())
    header = ["run", "mV at 2 %", "same, no film on the counter", "mV at 50 %", "mV at 8.0 mAh/cm^2", "theta collector", "theta separator",
              "Q(157 mV)", "Q(250 mV)", "Q(1 V) mAh/cm^2"]
    text = runs.table(header, [row(*three) for three in zip(PROTOTYPE, done, done[len(jobs):])])
    print(text)
    if args.write:
        runs.put("prototype.md", {"table": text})


main()
