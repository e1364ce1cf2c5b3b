#!/usr/bin/python3 -I
"""Calibrates on LZ, LZN and LZC, predicts LZNC and bare lithium: docs/validation/tensile.md.

Long. What is done is kept in the folder of the runs: started again, it goes on. Owns no results: numbers of the page come from the
runs; those of the study are named below.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import runs  # noqa: E402
import style  # noqa: E402

CASES = runs.ROOT / "cases" / "tensile_validation"
SAMPLES = ["li", "lz", "lzn", "lzc", "lznc"]
SIZE, ONSET = "regions.lithium.change.strengthening", "damage.metal.softening.onset"
HELD, RATE, LENGTH = "fibres.interface_strength", "experiment.strain_rate", "mesh.rve.cnt.length"
FLOW = "fibres.matrix_flow_stress"
# Strength [MPa] and toughness [MJ/m^3] with their classes. README.md of the cases says where they come from and what is circular.
STRENGTH = {"lz": 3.85, "lzn": 11.6, "lzc": 16.2, "lznc": 23.9}
TOUGHNESS = {"li": 0.104, "lz": 0.325, "lzn": 0.65, "lzc": 1.105, "lznc": 1.3}
FITTED = {("lz", "strength"), ("lz", "toughness"), ("lzn", "strength"), ("lzc", "strength")}
FIT = """lihost_calibration: 1
name: {name}
base: {base}
set: {{{set}, experiment.rupture: 0.5}}
parameters:
  {parameter}: {{key: {key}, start: {start}, lower: {lower}, upper: {upper}, scale: log}}
targets:
  strength: {{observable: strength, value: {value} MPa, deviation: 0.5 MPa}}
method: {{most_evaluations: {most}}}
engine: {{workers: 1}}
"""
VOLUMES = 5


class Bench:
    """Where runs are kept and the program that makes them."""

    def __init__(self, program, scratch):
        self.program, self.scratch = str(pathlib.Path(program).resolve()), pathlib.Path(scratch).resolve()
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.environment = dict(os.environ, LIHOST_SOURCE_DIR=str(runs.ROOT), OMP_NUM_THREADS="1",
                                OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")

    def call(self, *words):
        return subprocess.run([self.program, *words], cwd=self.scratch, env=self.environment, capture_output=True, text=True, check=False)

    @staticmethod
    def file(name):
        return re.sub(r"[^A-Za-z0-9_.-]+", "_", name)

    def pull(self, job):
        """`job`: (name, sample, [key=value]). Kept when the same words were run to an end before."""
        name, sample, words = job
        plain = self.file(name)
        folder, note = self.scratch / plain, self.scratch / f"{plain}.words"
        if not (note.exists() and note.read_text() == " ".join(words)):
            done = self.call("run", str(CASES / f"pull_{sample}.yaml"), *words, f"output.directory={folder}", "output.overwrite=true")
            if not (folder / "observables.json").exists():
                sys.exit(f"{name}: {done.stderr}")
            if "SIG" not in runs.Run(name, folder).reason:
                note.write_text(" ".join(words))
        return runs.Run(name, folder)

    def pulls(self, jobs):
        with ThreadPoolExecutor(2) as pool:
            return {run.name: run for run in pool.map(self.pull, jobs)}

    def fit(self, name, text):
        """Calibrates and returns {parameter: what calibration.json says}."""
        (self.scratch / f"{name}.yaml").write_text(text)
        record = self.scratch / "calibrations" / name / "calibration.json"
        if not record.exists():
            done = self.call("calibrate", f"{name}.yaml")
            if not record.exists():
                sys.exit(f"{name}: {done.stdout}{done.stderr}")
        return json.loads(record.read_text())["parameters"]


def held_by_metal(flow, factor):
    """Shear that metal of flow stress `flow` holds around a tube once strengthened, Y / sqrt(3) (F7), all in MPa."""
    return factor * flow / 3**0.5


def calibrate(bench, most, flow):
    """Size factor and onset on LZ, then each further sample adds one parameter. Returns the numbers to predict with.
    `flow`: strength of bare lithium from a run [MPa]; times the size factor it limits what the interface holds."""
    text = (CASES / "calibrate_lz.yaml").read_text().replace("base: ", f"base: {CASES}/")
    lz = bench.fit("tensile_lz", text)
    size, onset = lz["size_factor"]["value"], lz["onset"]["value"]
    # What follows the peak does not matter for a strength: these pulls end at half of it.
    fits = {
        "fit_lzn": FIT.format(name="fit_lzn", base=CASES / "pull_lzn.yaml", set=f"{ONSET}: {onset:.4g}", parameter="size_times_li3n",
                              key=SIZE, start=2.3 * size, lower=size, upper=50, value=STRENGTH["lzn"], most=most),
        "fit_lzc": FIT.format(name="fit_lzc", base=CASES / "pull_lzc.yaml", set=f"{SIZE}: {size:.4g}, {ONSET}: {onset:.4g}, {FLOW}: {size * flow:.4g} MPa",
                              parameter="interface", key=HELD, start="1 MPa", lower="0.4 MPa", value=STRENGTH["lzc"],
                              upper=f"{held_by_metal(flow, size):.4g} MPa", most=most)}
    with ThreadPoolExecutor(2) as pool:
        lzn, lzc = pool.map(lambda name: bench.fit(name, fits[name]), fits)
    return {"size": size, "onset": onset, "both": lzn["size_times_li3n"]["value"], "held": lzc["interface"]["value"], "flow": flow,
            "entries": {"size factor on LZ": lz["size_factor"], "onset of damage": lz["onset"],
                        "size factor times Li3N factor": lzn["size_times_li3n"], "interface strength": lzc["interface"]}}


def predictions(found, volumes):
    """Jobs of the calibrated model: each sample in several volumes (three at least), and what LZNC does when one input changes."""
    onset = f"{ONSET}={found['onset']:.4g}"
    held = f"{HELD}={found['held']:.4g} MPa"
    size = {"li": 1, "lz": found["size"], "lzn": found["both"], "lzc": found["size"], "lznc": found["both"]}
    flow = {s: f"{FLOW}={size[s] * found['flow']:.4g} MPa" for s in SAMPLES}
    words = {s: [f"{SIZE}={size[s]:.4g}", onset] + ([held, flow[s]] if s in ("lzc", "lznc") else []) for s in SAMPLES}
    base = words["lznc"]
    weak, strong = (f"{HELD}={factor * found['held']:.4g} MPa" for factor in (0.5, 2))

    def seeds(first, last, samples):
        return [(f"{s}_seed_{k}", s, [*words[s], f"mesh.rve.seed={k}"]) for k in range(first, last + 1) for s in samples]

    # What matters most comes first, for whoever stops early.
    jobs = [("li_only", "li", words["li"]), *seeds(1, 1, ("lznc", "lzn", "lz", "lzc")), *seeds(2, 3, ["lznc"])]
    jobs += [("rate 1e-2 1/s", "lznc", [*base, f"{RATE}=1e-2 1/s"]), ("interface half as strong", "lznc", [*base, weak]),
             ("interface twice as strong", "lznc", [*base, strong]), ("rate 1e-4 1/s", "lznc", [*base, f"{RATE}=1e-4 1/s"]),
             ("gauge 6 um", "lz", [*words["lz"], "mesh.rve.size=[6 um, 3 um, 3 um]", "mesh.rve.cells=[20, 10, 10]"]),
             ("no Li3N factor", "lznc", [f"{SIZE}={found['size']:.4g}", onset, held, flow["lzc"]]),
             ("interface of 10 MPa, not limited by the metal", "lznc", [*base, f"{HELD}=10 MPa", f"{FLOW}=0 Pa"]),
             ("CNT 5 um long", "lznc", [*base, f"{LENGTH}=5 um"]), ("CNT 20 um long", "lznc", [*base, f"{LENGTH}=20 um"])]
    jobs += seeds(4, volumes, ["lznc"]) + seeds(2, volumes, ("lzn", "lz", "lzc"))
    finer = ["mesh.rve.cells=[15, 15, 15]"]
    larger = ["mesh.rve.size=[5 um, 5 um, 5 um]", "mesh.rve.cells=[16, 16, 16]"]
    tubes = {"finer": ["mesh.rve.cnt.segment=0.2 um"], "larger": ["mesh.rve.cnt.count=139"]}
    jobs += [("LZN in voxels of 0.2 um", "lzn", [*words["lzn"], *finer]), ("LZNC in voxels of 0.2 um", "lznc", [*base, *finer, *tubes["finer"]]),
             ("LZN in a volume of 5 um", "lzn", [*words["lzn"], *larger]), ("LZNC in a volume of 5 um", "lznc", [*base, *larger, *tubes["larger"]])]
    return jobs


def number(values, scale=1.0):
    """Mean and standard deviation over the volumes."""
    values = [scale * v for v in values]
    text = f"{statistics.mean(values):.3g}"
    return text + (f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else "")


def volumes_of(done, sample):
    return [run for name, run in done.items() if name.startswith(f"{sample}_")]


def ends(these):
    stopped = [run for run in these if not run.ok]
    return "" if not stopped else f"{len(stopped)} of {len(these)} stopped before rupture"


def cut_short(run):
    """A run ended by a signal says nothing about the solver."""
    return "" if run.ok else " (stopped from outside)" if "SIG" in run.reason else " (stopped)"


def rows(literature, done):
    """Reported, predicted without any fit, predicted after it, spread, class."""
    out = []
    for sample in SAMPLES:
        these, plain = volumes_of(done, sample), literature[f"literature_{sample}"]
        for what, reported, unit, scale in (("strength", STRENGTH, "MPa", 1.0), ("toughness", TOUGHNESS, "MJ/m^3", 1e-6)):
            fitted = (sample, what) in FITTED
            values = [run.value[what] for run in these]
            out.append([sample.upper() if sample != "li" else "Li", f"{what} {unit}", f"{reported[sample]:g}" if sample in reported else "-",
                        number([plain.value[what]], scale) + cut_short(plain), number(values, scale) if values else "not run", str(len(values)),
                        "calibrated (volume 1)" if fitted else "predicted", ends(these)])
    return out


def sensitivities(done, names):
    keys = (("strength", 1.0), ("elongation", 100.0), ("toughness", 1e-6), ("toughness_to_peak", 1e-6))
    return [[name.replace("_", " "), *(number([done[name].value[key]], scale) for key, scale in keys), ends([done[name]])]
            for name in names if name in done]


def draw(literature, done):
    """Stress against strain of every volume; dashed: nothing calibrated."""
    figure, axes = style.pyplot().subplots(figsize=(style.DOUBLE, 3.6))
    colors = dict(zip(SAMPLES, (style.BLUE, style.ORANGE, style.GREEN, style.RED, style.PURPLE), strict=True))
    for sample, color in colors.items():
        first = literature[f"literature_{sample}"]
        for run, look in [(first, {"ls": (0, (4, 2)), "lw": 1.0}), *((run, {}) for run in volumes_of(done, sample))]:
            axes.plot([100 * e for e in run.series["strain"]], [s / 1e6 for s in run.series["nominal_stress"]], color=color, **look)
        axes.plot([], [], color=color, label=sample.upper().replace("LI", "Li"))
    axes.axhline(STRENGTH["lznc"], color=style.GREY, lw=0.8)
    axes.text(0.99, STRENGTH["lznc"], "LZNC, reported strength", transform=axes.get_yaxis_transform(), va="bottom", ha="right", color=style.GREY, fontsize=7)
    axes.set(xlabel="Nominal strain (%)", ylabel="Nominal stress (MPa)", xlim=(0, None), ylim=(0, None))
    axes.legend(title="dashed: nothing calibrated", title_fontsize=7, loc="center right")
    figure.savefig(runs.ROOT / "docs" / "images" / "validation_tensile.png")


def main():
    parser = runs.argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the lihost program, e.g. build/release/lihost")
    parser.add_argument("--scratch", default="runs/validation_tensile", help="folder for the runs; what is there is not run again")
    parser.add_argument("--volumes", type=int, default=VOLUMES, help="at least 3: random volumes of each sample")
    parser.add_argument("--most", type=int, default=4, help="evaluations of each fit of one parameter")
    parser.add_argument("--have", action="store_true", help="start nothing: use only the runs that are there")
    parser.add_argument("--write", action="store_true", help="put tables and figure into the page of docs/validation")
    args = parser.parse_args()
    bench = Bench(args.program, args.scratch)
    literature = bench.pulls([(f"literature_{s}", s, []) for s in SAMPLES])
    found = calibrate(bench, args.most, literature["literature_li"].value["strength"])
    jobs = predictions(found, args.volumes)
    done = bench.pulls([job for job in jobs if not args.have or (bench.scratch / f"{bench.file(job[0])}.words").exists()])
    fits = [[name, f"{e['value']:.4g} {e['unit']}".removesuffix(" 1"), f"{e['standard_deviation']:.2g}", f"{e['lower']:.3g} to {e['upper']:.3g}",
             "yes" if e["at_bound"] else "no"] for name, e in found["entries"].items()]
    blocks = {
        "calibrated": runs.table(["parameter", "value", "standard deviation", "bounds", "at a bound"], fits),
        "predicted": runs.table(["sample", "quantity", "reported", "nothing calibrated", "after calibration", "volumes", "class", "runs"],
                                rows(literature, done)),
        "sensitivity": runs.table(["run", "strength MPa", "elongation %", "toughness MJ/m^3", "to the peak", "end"],
                                  sensitivities(done, ["lznc_seed_1", *(job[0] for job in jobs if "_" not in job[0]), "lz_seed_1"])),
    }
    print("\n\n".join(blocks.values()))
    if args.write:
        draw(literature, done)
        runs.put("tensile.md", blocks)


main()
