#!/usr/bin/python3 -I
"""Checks: the numbers `lihost check` derives, the warnings where validity is left, and that a run records the numbers.

Reference: formulas (E21) to (E26) of docs/theory evaluated here with the values of materials/*.yaml; composition of
LZNC by hand from the molar masses (2 : 1 : 0.6 by mass).
Tolerance and why: 1e-3 relative; the report prints five digits, the molar masses used here have four.
Fails if: a formula, a unit or a value goes wrong, or a warning is missing or given without cause.
"""
import math
import pathlib
import re
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import case, lihost  # noqa: E402

F, R, T = 96485.332, 8.314463, 298.15
CONDITIONS = dict(kappa=1.1, D=8e-10, tplus=0.5, c=1000.0, i0=70.6, a=5e5, layer=25e-6 * 5)
STRIP = case("strip_lznc")
COARSE = "mesh.box.cells=[1,1]"
UNIFORM = "regions.foil.variation={}"


def lznc() -> dict[str, float]:
    """Masses of the phases from 2 g Li, 1 g Zn3N2, 0.6 g CNT; densities of materials/."""
    li, zn, n = 6.94, 65.38, 14.007
    mol = 1 / (3 * zn + 2 * n)
    mass = {"lithium": 2 - 9 * mol * li, "LiZn": 3 * mol * (li + zn), "Li3N": 2 * mol * (3 * li + n), "CNT": 0.6}
    volume = {k: mass[k] / rho for k, rho in zip(mass, (0.534, 3.990, 1.295, 2.1))}
    zinc = 3 * mol * zn / 7.14
    free = mass["lithium"] / li * F / 3.6
    return {"total": sum(volume.values()), "mass": sum(mass.values()), "free": free, "all": free + 3 * mol * F / 3.6,
            "empty": (volume["lithium"] + volume["LiZn"] - zinc) / sum(volume.values()),
            **{f"w.{k}": mass[k] / sum(mass.values()) for k in mass}}


class Check(unittest.TestCase):
    def check(self, *words: str) -> tuple[dict[str, float], str]:
        with tempfile.TemporaryDirectory() as folder:
            result = lihost("check", *words, folder=folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertFalse(list(pathlib.Path(folder).iterdir()), "files were left behind")
        numbers, group = {}, ""
        for line in result.stdout.splitlines():
            if re.fullmatch(r"[a-z_.]+", line):
                group = line
            elif match := re.match(r"  (\S+) +([-+.e0-9]+)( |$)", line):
                numbers[f"{group}.{match[1]}"] = float(match[2])
        return numbers, result.stderr

    def close(self, numbers: dict[str, float], expected: dict[str, float]) -> None:
        for name, value in expected.items():
            self.assertTrue(math.isclose(numbers[name], value, rel_tol=1e-3), f"{name}: {numbers[name]}, expected {value}")

    def test_contents(self):
        numbers, _ = self.check(STRIP, COARSE, UNIFORM)
        x = lznc()
        areal = 50e-4 * 0.98 * x["mass"] / x["total"]  # g/cm^2
        self.close(numbers, {
            **{f"regions.foil.mass_fraction.{k}": 100 * x[f"w.{k}"] for k in ("lithium", "LiZn", "Li3N", "CNT")},
            "regions.foil.density": x["mass"] / x["total"], "regions.foil.areal_loading": 1000 * areal,
            "regions.foil.specific_capacity": x["all"] / x["mass"], "regions.foil.specific_capacity_first": x["free"] / x["mass"],
            "regions.foil.volumetric_capacity": 0.98 * x["all"] / x["total"], "regions.foil.areal_capacity": areal * x["all"] / x["mass"],
            "cell.areal_capacity": areal * x["all"] / x["mass"], "regions.foil.porosity_as_made": 2,
            "regions.foil.porosity_after_strip": 100 * (0.02 + 0.98 * x["empty"]),
            "experiment.steps.0.c_rate": 0.5 / (areal * x["all"] / x["mass"]),
            "cell.counter_growth": areal * x["all"] / x["mass"] * 36000 / F * 6.94e-3 / 534 * 1e6})

    def test_groups(self):
        numbers, _ = self.check(STRIP, COARSE, UNIFORM, "experiment.steps=[strip at 20 A/m^2 until 1 V]")
        v, i, vli = CONDITIONS, 20.0, 6.94e-3 / 534
        thermal = R * T / F
        flux = 2 * F * v["c"] * v["D"] / (1 - v["tplus"])
        empty = numbers["regions.foil.porosity_after_strip"] / 100
        self.close(numbers, {
            "cell.limiting_current": flux / v["layer"] / 10, "cell.limiting_share": i * v["layer"] / flux,
            "cell.limiting_current_emptied": flux / (v["layer"] + 50e-6 / empty ** 1.5) / 10,
            "cell.sand_time": math.pi * v["D"] * (F * v["c"] / (2 * i * (1 - v["tplus"]))) ** 2,
            "regions.foil.wagner_number": v["kappa"] * thermal / (v["i0"] * 50e-6),
            "regions.foil.stress_number": vli * 0.2e6 / (R * T), "regions.foil.peclet_number": vli * i * 50e-6 / (F * v["D"]),
            "regions.foil.darcy_pressure": 1.3e-3 * vli * i / F * 50e-6 / 1e-17,
            "regions.separator.resistance": v["layer"] / v["kappa"] * 1e4})
        bridge = 0.060113 * 0.06 / 3
        for name, porosity in (("as_made", 0.02), ("emptied", empty)):
            width = math.sqrt((v["kappa"] * porosity ** 1.5 + bridge) * thermal / (v["a"] * v["i0"]))
            self.close(numbers, {f"regions.foil.front_width_{name}": 1e6 * width})

    def test_warnings(self):
        steps = "experiment.steps=[%s]"
        salt = "regions.foil.material=lznc"
        for words, sentence in {
            (steps % "strip at 150 mA/cm^2 until 1 V",): "of the limiting current of the separator with the emptied host",
            (steps % "strip at 230 mA/cm^2 until 1 V",): "of the limiting current of the separator, so",
            (steps % "strip at 300 mA/cm^2 until 1 V",): "the salt will be depleted",
            (steps % "strip at 1 mA/cm^2 until 9 mA.h/cm^2",): "the foil holds 8.601; give it a voltage to end by",
            ("regions.foil.change={permeability: 1e-22 m^2}",): "pores may run dry",
            ("regions.foil.change={network_conductivity: 1e-5 S/m}",): "more than RT/F",
            ("regions.foil.change={reactions: {lithium: {area: 1e9 1/m}}}",): "is thinner than two cells",
            ("electrolyte.change={transport: {law: landesfeind2019, solvent: ec_emc_3_7}}", "temperature=-40 degC"): "the data of transport law",
            ("electrolyte.change={concentration: 3.5 mol/L, transport: {law: landesfeind2019, solvent: ec_emc_3_7}}",): "has data from",
        }.items():
            with self.subTest(words):
                _, stderr = self.check(STRIP, COARSE, UNIFORM, salt, *words)
                self.assertIn(sentence, stderr)
                self.assertIn("warning: ", stderr)
        _, stderr = self.check(STRIP, COARSE, UNIFORM)
        self.assertNotIn("warning: ", stderr)

    def test_recorded(self):
        numbers, _ = self.check(STRIP, COARSE)
        with tempfile.TemporaryDirectory() as folder:
            result = lihost("run", STRIP, COARSE, "experiment.steps=[rest for 1 s]", "output.directory=out", folder=folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            record = yaml.safe_load((pathlib.Path(folder) / "out" / "resolved.yaml").read_text(encoding="utf-8"))
        entry = record["regions.foil.wagner_number"]
        self.assertEqual(entry["origin"], "derived")
        self.close(numbers, {"regions.foil.wagner_number": entry["value"]})


if __name__ == "__main__":
    unittest.main()
