#!/usr/bin/python3 -I
"""Checks: a case written in other units gives the same series.csv, byte for byte.

Reference: the same case in SI units.
Tolerance and why: none: a value in the SI unit is the same double whichever way it was written.
Fails if: a unit is converted twice, late, or with a rounding of its own.
"""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import lihost  # noqa: E402

CASE = """lihost: 1
name: units
temperature: {temperature}
mesh:
  box:
    width: {width}
    depth: {width}
    cells: [1, 1]
    layers:
      - {{region: foil, thickness: {foil}, cells: 6}}
      - {{region: separator, thickness: {separator}, cells: 3}}
regions:
  foil: {{material: lznc}}
  separator: {{material: celgard_2500}}
electrolyte: {{material: litfsi_dol_dme, change: {{concentration: {salt}}}}}
electrodes:
  working: {{surface: bottom, kind: collector, contact_resistance: {contact}}}
  counter: {{surface: top, kind: lithium, interface: {{like: lithium}}}}
mechanics:
  regions: [foil]
  in_plane: clamped
  stack_pressure: {pressure}
  platen: false
  top: foil|separator
experiment:
  steps:
    - strip at {current} until {charge}
    - rest for {rest}
    - hold at {hold} for {rest}
"""
SI = dict(temperature="308.15 K", width="2e-5 m", foil="5e-5 m", separator="2.5e-5 m", salt="1250 mol/m^3", contact="2e-6 ohm m^2",
          pressure="200000 Pa", current="5 A/m^2", charge="18000 C/m^2", rest="600 s", hold="0.005 V")
HANDY = dict(temperature="35 degC", width="20 um", foil="0.05 mm", separator="25 um", salt="1.25 mol/L", contact="0.02 ohm cm^2",
             pressure="0.2 MPa", current="0.5 mA/cm^2", charge="0.5 mA.h/cm^2", rest="10 min", hold="5 mV")
ODD = dict(temperature="308150 mK", width="2e4 nm", foil="50 um", separator="2.5e-3 cm", salt="1.25 M", contact="20 mohm cm2",
           pressure="2 bar", current="500 uA cm-2", charge="1.8 C/cm^2", rest="0.6 ks", hold="5000 uV")


class Units(unittest.TestCase):
    def run_case(self, folder: str, name: str, values: dict[str, str]) -> bytes:
        path = pathlib.Path(folder) / f"{name}.yaml"
        path.write_text(CASE.format(**values), encoding="utf-8")
        result = lihost("run", str(path), f"output.directory={name}", folder=folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return (pathlib.Path(folder) / name / "series.csv").read_bytes()

    def test_units(self):
        with tempfile.TemporaryDirectory() as folder:
            reference = self.run_case(folder, "si", SI)
            self.assertGreater(len(reference.splitlines()), 20)
            for name, values in (("handy", HANDY), ("odd", ODD)):
                with self.subTest(name):
                    self.assertTrue(self.run_case(folder, name, values) == reference, "series.csv differs")
            changed = self.run_case(folder, "changed", {**SI, "current": "5.0000001 A/m^2"})
            self.assertFalse(changed == reference, "the comparison sees nothing")


if __name__ == "__main__":
    unittest.main()
