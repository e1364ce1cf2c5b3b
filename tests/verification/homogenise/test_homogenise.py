#!/usr/bin/python3 -I
"""Checks: effective stiffness, yield, conductivities and compaction found by the program; the skeleton fed by them.

Reference: laminates (Backus 1962: all 21 moduli, series and parallel conduction); Voigt and Reuss, Hashin and Shtrikman
1963 bounds; a homogeneous volume's own yield; the compaction curve that was fed.
Tolerance and why: laminates 2e-5, the drives' strain of 1e-6 times the ratio of phases and rounding 1e-16/1e-6; ranks 1e-5, the
tolerances of the solvers; compaction 2e-3: rate sensitivity 0.005 with a plastic share of the rate of 2/3 at least; closing cells
5e-3 between ranks, where an iteration more gives other steps (2e-8 found with the same ones).
Fails if: a component, sign, factor of shear, volume or unit is wrong, the table loses the curve, or empty cells invert.
Usage: test_homogenise.py CLASS
"""
import json
import math
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "app"))
from program import SOURCE, lihost, series, verified  # noqa: E402

SOLID = """{lihost_material: 1, kind: solid, name: %s, phase: lithium, electronic_conductivity: %g S/m, ionic_conductivity: %g S/m,
    mechanics: {m: {%s}}}"""
ELASTIC = "law: hencky_elastic, youngs_modulus: %g Pa, poisson_ratio: %g"
LAMINATE = """lihost: 1
name: laminate
temperature: 298 K
mesh: {box: {width: 4 um, depth: 4 um, cells: [2, 2], periodic: true,
    layers: [{region: a, thickness: 1 um, cells: 1}, {region: b, thickness: 3 um, cells: 3}]}}
regions: {a: {material: %s}, b: {material: %s}}
experiment: {kind: homogenise, stripped: [0], liquid_conductivity: 1 S/m, %s}
"""
SPHERES = """lihost: 1
name: spheres
temperature: 298 K
mesh: {rve: {size: [4 um, 4 um, 4 um], cells: [16, 16, 16], seed: 2,
    islands: {fraction: %g, diameter: 1.8 um, deviation: 0, aspect: 1}}}
regions: {lithium: {material: %s}, lizn: {material: %s}}
experiment: {kind: homogenise, %s}
"""
QUICK = SOURCE / "cases" / "homogenise_lznc" / "quick.yaml"


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_text(self, text: str, *words: str, ranks: int = 1) -> dict:
        (self.folder / "case.yaml").write_text(text, encoding="utf-8")
        result = lihost("run", "case.yaml", "output.directory=out", "output.overwrite=true", *words, folder=str(self.folder),
                        ranks=ranks)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        named = json.loads((self.folder / "out" / "observables.json").read_text(encoding="utf-8"))
        return {name: entry["value"] for name, entry in named.items()}

    def near(self, what: str, found: float, expected: float, tolerance: float) -> None:
        verified(self.id().split(".")[-1], what, found, expected, tolerance * expected)
        self.assertLessEqual(abs(found / expected - 1), tolerance, f"{found}, expected {expected}")

    def near_curve(self, sensitivities, cells: str = "[2, 2]") -> list[tuple[float, float]]:
        """The compaction curve in `out`, met by an element of its skeleton with each pressure sensitivity, from the given F_zz on."""
        out = self.folder / "out"
        text = (out / "effective.yaml").read_text(encoding="utf-8")
        density = float(re.search(r"relative_density: ([^{\s]+)$", text, re.M)[1])
        points = [tuple(map(float, p)) for p in re.findall(r"- \[(\S+), (\S+)\]", text)]
        material = (out / "effective_material.yaml").read_text(encoding="utf-8")
        skeleton = material[material.index("law: skeleton_table"):]
        # The element has the density 1: the table's densities over that of the volume.
        densities = [float(v) / density for v in re.search(r"relative_densities: {value: \[(.*?)\]", skeleton)[1].split(",")]
        skeleton = re.sub(r"relative_densities: .*", f"relative_densities: {densities}", skeleton)
        entries = ", ".join(line.strip() for line in skeleton.strip().splitlines())
        for alpha, elastic in sensitivities:
            element = re.sub(r"pressure_sensitivity: {value: 2.08", "pressure_sensitivity: {value: " + alpha, entries)
            (self.folder / "element.yaml").write_text(f"""lihost: 1
name: element
temperature: 298 K
mesh: {{box: {{width: 1 um, depth: 1 um, cells: {cells}, periodic: true, layers: [{{region: s, thickness: 1 um, cells: 2}}]}}}}
regions: {{s: {{material: {{lihost_material: 1, kind: solid, name: s, phase: lithium, mechanics: {{skeleton: {{{element}}}}}}}}}}}
experiment: {{kind: tensile, grips: periodic, axis: z, strain_rate: 1e-3 1/s, rate_of: nominal, rupture: 0, end_strain: {1 - points[-1][0]},
    deformation: ["0", "0", "-1", "0", "0", "0"], stepping: {{number: 100}}}}
output: {{directory: element, overwrite: true}}
""", encoding="utf-8")
            result = lihost("run", "element.yaml", folder=str(self.folder))
            self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
            rows = series(self.folder / "element")
            curve = sorted((1 + e, -s) for e, s in zip(rows["strain"], rows["nominal_stress"]))
            for at, pressure in points:
                if at > elastic:
                    continue  # the element is elastic, or its stress across still turns towards that of flow
                k = next(k for k in range(1, len(curve)) if curve[k][0] >= at - 1e-12)
                (x0, y0), (x1, y1) = curve[k - 1], curve[k]
                self.near("pressure of the element [Pa]", y0 + (at - x0) / (x1 - x0) * (y1 - y0), pressure, 2e-3)
        return points


def isotropic(young: float, poisson: float) -> tuple[float, float]:
    """Lame's constants."""
    return young * poisson / (1 + poisson) / (1 - 2 * poisson), young / 2 / (1 + poisson)


def laminate(phases: list[tuple[float, float, float]]) -> dict[str, float]:
    """The moduli of layers across z that are not 0 (Backus 1962), phases as share, lambda, mu."""
    def mean(value):
        return sum(share * value(lame, mu) for share, lame, mu in phases)
    across = 1 / mean(lambda la, mu: 1 / (la + 2 * mu))
    coupling = mean(lambda la, mu: la / (la + 2 * mu))
    c11 = mean(lambda la, mu: 4 * mu * (la + mu) / (la + 2 * mu)) + across * coupling**2
    c12 = mean(lambda la, mu: 2 * mu * la / (la + 2 * mu)) + across * coupling**2
    c44 = 1 / mean(lambda la, mu: 1 / mu)
    return {"C11": c11, "C22": c11, "C12": c12, "C13": across * coupling, "C23": across * coupling, "C33": across,
            "C44": c44, "C55": c44, "C66": mean(lambda la, mu: mu)}


class Laminate(Test):
    def test_all(self):
        a, b = (10e9, 0.3), (2e9, 0.2)
        text = LAMINATE % (SOLID % ("a", 5, 0.2, ELASTIC % a), SOLID % ("b", 1, 0.05, ELASTIC % b), "parts: [elasticity, conduction]")
        exact = laminate([(0.25, *isotropic(*a)), (0.75, *isotropic(*b))])
        for ranks in (1, 2):
            found = self.run_text(text, ranks=ranks)
            for i in range(1, 7):
                for j in range(i, 7):
                    name = f"C{i}{j}"
                    if ranks == 1 and name in exact:
                        verified("test_all", f"{name} [Pa]", found[name + "_s000"], exact[name], 2e-5 * exact["C33"])
                    self.assertLess(abs(found[name + "_s000"] - exact.get(name, 0)), 2e-5 * exact["C33"], name)
            self.assertLess(found["stiffness_asymmetry_s000"], 2e-6)
            for carrier, ka, kb in (("electronic", 5, 1), ("ionic", 0.2, 0.05)):
                self.near(f"{carrier} xx [S/m]", found[f"{carrier}_xx_s000"], 0.25 * ka + 0.75 * kb, 1e-9)
                self.near(f"{carrier} yy [S/m]", found[f"{carrier}_yy_s000"], 0.25 * ka + 0.75 * kb, 1e-9)
                self.near(f"{carrier} zz [S/m]", found[f"{carrier}_zz_s000"], 1 / (0.25 / ka + 0.75 / kb), 1e-9)
                self.assertLess(abs(found[f"{carrier}_yz_s000"]), 1e-9)

    def test_yield(self):
        """Von Mises with linear hardening: the offset yield stress is where E (e - 0.002) meets the curve."""
        metal = SOLID % ("m", 1, 0, "law: j2_hencky, youngs_modulus: 10 GPa, poisson_ratio: 0.3, yield_stress: 10 MPa, hardening_modulus: 0.1 GPa")
        words = "parts: [yield], strain_rate: 1e-3 1/s, yield: [tension_x, tension_y, tension_z, compression_x, compression_z, shear_yz, shear_xy]"
        found = self.run_text(LAMINATE % (metal, metal, words))
        exact = 10e6 + 0.1e9 * 0.002  # true stress; nominal differs by the strain of 0.3 %
        for test in ("tension_x", "tension_y", "tension_z", "compression_x", "compression_z"):
            self.near(f"offset yield stress, {test} [Pa]", found[f"yield_{test}_s000"], exact, 4e-3)
        for test in ("shear_yz", "shear_xy"):  # gamma_p = 0.002: ep = gamma_p / sqrt 3
            self.near(f"offset yield stress, {test} [Pa]", found[f"yield_{test}_s000"], (10e6 + 0.1e9 * 0.002 / math.sqrt(3)) / math.sqrt(3), 4e-3)


class Spheres(Test):
    def test_bounds(self):
        matrix, spheres, share = (2e9, 0.3), (20e9, 0.25), 0.2
        text = SPHERES % (share, SOLID % ("m", 1, 0, ELASTIC % matrix), SOLID % ("s", 10, 0, ELASTIC % spheres),
                          "parts: [elasticity, conduction], stripped: [0], liquid_conductivity: 1 S/m")
        found = self.run_text(text)
        (la0, g0), (la1, g1) = isotropic(*matrix), isotropic(*spheres)
        k0, k1 = la0 + 2 * g0 / 3, la1 + 2 * g1 / 3
        # The share of voxels is what was packed; it stands in the moduli's mean of a Voigt volume to a voxel.
        c = {k: v for k, v in found.items() if k.startswith("C")}
        bulk = sum(c[f"C{i}{j}_s000"] * (1 if i == j else 2) for i in (1, 2, 3) for j in range(i, 4)) / 9
        shear = (c["C44_s000"] + c["C55_s000"] + c["C66_s000"]) / 3
        lower_k = k0 + share / (1 / (k1 - k0) + 3 * (1 - share) / (3 * k0 + 4 * g0))
        upper_k = k1 + (1 - share) / (1 / (k0 - k1) + 3 * share / (3 * k1 + 4 * g1))
        lower_g = g0 + share / (1 / (g1 - g0) + 6 * (1 - share) * (k0 + 2 * g0) / (5 * g0 * (3 * k0 + 4 * g0)))
        self.assertGreater(bulk, 0.985 * lower_k)  # the packed share may lie a little below the one asked for
        self.assertLess(bulk, upper_k)
        self.assertGreater(shear, 0.985 * lower_g)
        self.assertLess(shear, share * g1 + (1 - share) * g0)
        self.assertLess(bulk, share * k1 + (1 - share) * k0)
        self.assertGreater(bulk, 1 / (share / k1 + (1 - share) / k0))
        conductivity = sum(found[f"electronic_{d}{d}_s000"] for d in "xyz") / 3
        lower = 1 + share / (1 / 9 + (1 - share) / 3)
        upper = 10 + (1 - share) / (1 / -9 + share / 30)
        self.assertGreater(conductivity, 0.985 * lower)
        self.assertLess(conductivity, upper)


class Skeleton(Test):
    """A solid with pores where metal was: its compaction curve, the material file, and an element of that skeleton."""

    def test_round_trip(self):
        solid = SOLID % ("solid", 2, 0, "law: j2_hencky, youngs_modulus: 5 GPa, poisson_ratio: 0.2, yield_stress: 20 MPa, hardening_modulus: 50 MPa")
        text = SPHERES.replace("16, 16, 16", "8, 8, 8") % (
            0.25, solid, "lithium_solid", "parts: [compaction, conduction, elasticity], stripped: [1], strain_rate: 1e-3 1/s, "
            "liquid_conductivity: 0.7 S/m, smallest_stretch: 0.94, largest_pressure: 1 GPa, base: lznc")
        two = self.run_text(text, ranks=2)
        found = self.run_text(text)
        self.near("pressure, two ranks [Pa]", two["compaction_pressure_s100"], found["compaction_pressure_s100"], 1e-4)  # Newton stops at 1e-6 or so a step
        points = self.near_curve((("2.08", 0.99), ("1.5", 0.975)))
        self.assertLess(points[-1][0], 0.9401)
        self.near("relative density", found["relative_density_s100"], 1 - found["porosity_s100"], 1e-9)

    def test_foil(self):
        """A foil case takes the file by its name, and is stripped to its end with it."""
        self.test_round_trip()
        case = SOURCE / "cases" / "strip_lznc" / "case.yaml"
        (self.folder / "foil.yaml").write_text(case.read_text(encoding="utf-8"), encoding="utf-8")
        result = lihost("run", "foil.yaml", "regions.foil.material=out/effective_material.yaml", "mesh.box.cells=[1,1]",
                        "output.directory=foil", folder=str(self.folder))
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertLess(series(self.folder / "foil")["thickness_change"][-1], 0)
        self.assertNotIn("as dense as the table", (self.folder / "foil" / "log.txt").read_text(encoding="utf-8"))
        # The same foil on a curve that ends below its density is told.
        material = self.folder / "out" / "effective_material.yaml"
        text = material.read_text(encoding="utf-8")
        densities = re.search(r"relative_densities: {value: \[(.*?)\]", text)[1]
        short = ", ".join(f"{float(v) / 5:.9g}" for v in densities.split(","))
        (self.folder / "out" / "short.yaml").write_text(text.replace(densities, short), encoding="utf-8")
        result = lihost("run", "foil.yaml", "regions.foil.material=out/short.yaml", "mesh.box.cells=[1,1]", "output.directory=foil2",
                        folder=str(self.folder))
        log = (self.folder / "foil2" / "log.txt").read_text(encoding="utf-8")
        self.assertEqual(log.count("times as dense as the table of its law reaches"), 1, result.stdout + result.stderr + log)


class Closing(Test):
    """Compaction of a volume whose empty cells close, and curves that end before they were asked to."""

    TEXT = SPHERES.replace("16, 16, 16", "6, 6, 6") % (
        0.1, "lithium_solid", "lizn_solid", "stripped: [0.3], seed: 2, parts: [compaction], strain_rate: 1e-3 1/s, smallest_stretch: 0.88%s")

    def curve(self) -> list[tuple[float, float]]:
        text = (self.folder / "out" / "effective.yaml").read_text(encoding="utf-8")
        return [tuple(map(float, p)) for p in re.findall(r"- \[(\S+), (\S+)\]", text)]

    def test_to_the_end(self):
        """Without (H8) a cell inverts at a strain of 0.084. Before cells close (H8) adds nothing: 1.3 MPa at 0.92."""
        found = self.run_text(self.TEXT % "")
        points = self.curve()
        self.assertEqual(found["compaction_end_s030"], 1)
        self.assertAlmostEqual(points[-1][0], 0.88)
        self.assertEqual([p for _, p in points], sorted(p for _, p in points))
        self.assertLess(points[-1][1], 4e6)  # closing, not locked: porosity is still a fifth
        two = self.run_text(self.TEXT % "", ranks=2)
        self.near("compaction pressure, two ranks [Pa]", two["compaction_pressure_s030"], found["compaction_pressure_s030"], 5e-3)  # steps differ

    def test_ends(self):
        found = self.run_text(self.TEXT % ", largest_pressure: 0.9 MPa")
        self.assertEqual(found["compaction_end_s030"], 2)
        self.assertIn("end: largest_pressure", (self.folder / "out" / "effective.yaml").read_text(encoding="utf-8"))
        # A solver that may do nothing: the curve ends where it began, which is no failure of the run.
        found = self.run_text(self.TEXT % "" + "numerics: {mechanics: {linear_iterations: 1}}\n")
        self.assertEqual((found["compaction_end_s030"], found["compaction_stretch_s030"]), (4, 1))
        self.assertIn("compaction stopped at a strain of 0", (self.folder / "out" / "log.txt").read_text(encoding="utf-8"))


class Bare(Test):
    """A volume without its metal: disconnected, or held by the mat of tubes that it leaves."""

    MAT = "{law: skeleton_gibson_ashby, weight: void, solid_modulus: 50 GPa, solid_yield_stress: 100 MPa, poisson_ratio: 0, "\
        "pressure_sensitivity: 2.08, rate_sensitivity: 0.1, reference_rate: 1e-4 1/s}"
    METAL = "{lihost_material: 1, kind: solid, name: metal, phase: lithium, mechanics: {metal: {law: anand_porous, phase: lithium, weight: %s}, mat: %s}}"

    def test_mat(self):
        """Metal and tubes alone: at the end the mat is all there is, and its moduli are Gibson and Ashby's, E = E_s rho^2."""
        text = f"""lihost: 1
name: mat
temperature: 298 K
mesh: {{rve: {{size: [2 um, 2 um, 2 um], cells: [4, 4, 4], seed: 1,
    cnt: {{fraction: 0.07, count: 12, diameter: 15 nm, length: 2 um}}, li3n: {{fraction: 0.05, coat: 1}}}}}}
regions: {{lithium: {{material: {self.METAL % ("lithium", self.MAT)}}}}}
fibres: {{law: elastic_truss, fibre_modulus: 1 Pa}}
experiment: {{kind: homogenise, stripped: [0, 1], parts: [elasticity]}}
"""
        found = self.run_text(text)
        density = found["relative_density_s100"]
        self.near("relative density", density, 0.12, 1e-3)
        for name, exact in (("C11", 1), ("C22", 1), ("C33", 1), ("C44", .5), ("C55", .5), ("C66", .5)):
            self.near(f"{name} of the mat [Pa]", found[name + "_s100"], exact * 50e9 * density**2, 2e-5)  # a millionth of the metal stays
        self.assertLess(abs(found["C12_s100"]), 2e-5 * found["C11_s100"])
        self.assertEqual((found["connected_axes_s000"], found["connected_axes_s100"]), (3, 3))
        metal = text.replace(self.METAL % ("lithium", self.MAT), "lithium_solid").replace("[0, 1]", "[0]")
        self.near("C33 without a mat [Pa]", self.run_text(metal)["C33_s000"], found["C33_s000"], 1e-9)  # no mat where the metal is

    def test_disconnected(self):
        """Islands in metal: with the metal gone nothing holds them, and no number is left out."""
        solid = SOLID % ("solid", 2, 0, ELASTIC % (5e9, 0.2))
        found = self.run_text(SPHERES.replace("16, 16, 16", "8, 8, 8") % (
            0.1, "lithium_solid", solid, "stripped: [0.1, 1], strain_rate: 1e-3 1/s, liquid_conductivity: 1 S/m, yield: [tension_z], smallest_stretch: 0.99"))
        self.assertEqual((found["connected_axes_s010"], found["connected_axes_s100"]), (3, 0))
        self.assertGreater(found["C33_s010"], 1e9)
        for name in ("C11", "C33", "C66", "yield_tension_z", "compaction_pressure"):
            self.assertEqual(found[name + "_s100"], 0)
        self.assertGreater(found["ionic_zz_s100"], 0.5)

    def test_mistakes(self):
        good = LAMINATE % (self.METAL % ("one", self.MAT), "lithium_solid", "parts: [elasticity]")
        for text, sentence in ((good, "beside a phase of weight: lithium"),
                               (good.replace("weight: one", "weight: lithium"), "one has a phase of weight: void")):
            (self.folder / "case.yaml").write_text(text, encoding="utf-8")
            result = lihost("check", "case.yaml", folder=str(self.folder))
            self.assertEqual(result.returncode, 2, result.stderr + result.stdout)
            self.assertIn(sentence, result.stderr + result.stdout)


class Quick(Test):
    def test_ranks(self):
        text = QUICK.read_text(encoding="utf-8")
        one = self.run_text(text, "experiment.parts=[elasticity, conduction]", "experiment.stripped=[0, 0.3]")
        two = self.run_text(text, "experiment.parts=[elasticity, conduction]", "experiment.stripped=[0, 0.3]", ranks=2)
        for name in ("C11_s000", "C33_s030", "C44_s030", "electronic_zz_s030", "ionic_zz_s030"):
            self.near(f"{name}, two ranks", two[name], one[name], 1e-5)
        self.assertLess(one["C33_s030"], one["C33_s000"])
        self.assertLess(one["electronic_zz_s030"], one["electronic_zz_s000"])

    def test_case(self):
        found = self.run_text(QUICK.read_text(encoding="utf-8"))
        self.assertLess(found["yield_tension_z_s050"], found["yield_tension_z_s000"])
        for state in ("s000", "s050", "s100"):  # nothing is missing
            self.assertEqual(sum(name.endswith(state) and name.startswith("C") for name in found), 21)
            for name in ("yield_tension_z", "compaction_pressure", "electronic_zz", "ionic_zz"):
                self.assertGreaterEqual(found[f"{name}_{state}"], 0)
        self.assertEqual((found["connected_axes_s050"], found["connected_axes_s100"]), (3, 0))
        self.assertEqual((found["C33_s100"], found["yield_tension_z_s100"], found["compaction_pressure_s100"]), (0, 0, 0))
        self.assertTrue((self.folder / "out" / "effective.h5").stat().st_size > 0)
        material = (self.folder / "out" / "effective_material.yaml").read_text(encoding="utf-8")
        for key in ("bruggeman", "network_conductivity:", "# skeleton: no compaction"):
            self.assertIn(key, material)


class Shipped(Test):
    """The shipped volume of 24^3 cells with the mat of tubes its metal leaves (long)."""

    CASE = SOURCE / "cases" / "homogenise_lznc" / "case.yaml"
    WORDS = ("regions.lithium.material=lithium_in_mat", "experiment.stripped=[1]", "experiment.parts=[compaction]")

    def test_curve(self):
        self.run_text(self.CASE.read_text(encoding="utf-8"), *self.WORDS)
        points = self.near_curve((("2.08", 0.985),))
        self.assertEqual([p for _, p in points], sorted(p for _, p in points))
        self.assertLess(points[-1][0], 0.95)


class Mistakes(Test):
    def test_sentences(self):
        solid = SOLID % ("a", 5, 0.2, ELASTIC % (1e9, 0.3))
        good = LAMINATE % (solid, solid, "parts: [elasticity]")
        cases = (
            (good.replace("[elasticity]", "[elasticty]"), "did you mean 'elasticity'"),
            (good.replace("[elasticity]", "[yield]"), "experiment.strain_rate is missing"),
            (good.replace("[elasticity]", "[yield], strain_rate: 1 1/s, yield: [shear_zy]"), "there is no 'shear_zy'"),
            (good.replace("[elasticity]", "[conduction]").replace("liquid_conductivity: 1 S/m, ", ""), "liquid_conductivity is missing"),
            (good.replace("periodic: true", "periodic: false"), "not periodic"),
            (good.replace("stripped: [0]", "stripped: []"), "expected one to 16 states"),
            (good.replace(ELASTIC % (1e9, 0.3), "law: skeleton_table, relative_densities: [0.2, 0.1], pressures: [1 Pa, 2 Pa], moduli: [9 Pa, 9 Pa], "
                          "poisson_ratio: 0, pressure_sensitivity: 2, rate_sensitivity: 0.1, reference_rate: 1 1/s", 1), "relative_densities must rise"),
        )
        quick = QUICK.read_text(encoding="utf-8")
        cases += ((re.sub(r"  coat_conductivity: .*", "", quick), "coat_conductivity is missing"),)
        for text, sentence in cases:
            (self.folder / "case.yaml").write_text(text, encoding="utf-8")
            result = lihost("check", "case.yaml", folder=str(self.folder))
            self.assertEqual(result.returncode, 2, text + result.stderr + result.stdout)
            self.assertIn(sentence, result.stderr + result.stdout)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.argv[1:] = [sys.argv[1]]
    unittest.main(verbosity=2)
