#!/usr/bin/python3 -I
"""Checks: the shipped schema and reference page are what the program says of itself; the schema takes every shipped
case and refuses typical mistakes.

Reference: python3-jsonschema (draft 7) for what a schema means.
Tolerance and why: none; texts must be identical.
Fails if: a parameter table changed and the documents were not made again, or the schema is stricter than the reader.
"""
import copy
import json
import pathlib
import sys
import tempfile
import unittest

import jsonschema
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import CASES, SOURCE, case, lihost  # noqa: E402


class Documents(unittest.TestCase):
    def current(self, path: pathlib.Path, *words: str) -> None:
        said = lihost(*words).stdout
        self.assertTrue(said)
        self.assertTrue(path.read_text(encoding="utf-8") == said, f"make {path.relative_to(SOURCE)} again: cmake --build BUILD --target reference")

    def test_schema_is_current(self):
        self.current(SOURCE / "docs" / "lihost.schema.json", "schema")

    def test_reference_is_current(self):
        self.current(SOURCE / "docs" / "user" / "reference.md", "describe", "--markdown")

    def validator(self) -> jsonschema.Draft7Validator:
        schema = json.loads(lihost("schema").stdout)
        jsonschema.Draft7Validator.check_schema(schema)
        return jsonschema.Draft7Validator(schema)

    def test_cases_are_valid(self):
        validator = self.validator()
        self.assertGreaterEqual(len(CASES), 5)
        for path in CASES:
            with self.subTest(path.parent.name):
                self.assertIn("$schema=../../docs/lihost.schema.json", path.read_text(encoding="utf-8").splitlines()[0])
                validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def test_example_of_the_user_guide(self):
        """The whole case of docs/user/case_file.md is one that schema and program take."""
        page = (SOURCE / "docs" / "user" / "case_file.md").read_text(encoding="utf-8")
        example = page.split("## A whole case")[1].split("```yaml\n")[1].split("```")[0]
        self.validator().validate(yaml.safe_load(example))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "case.yaml"
            path.write_text(example, encoding="utf-8")
            result = lihost("check", str(path), "mesh.box.cells=[1,1]")
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_material_of_the_user_guide(self):
        """The material of docs/user/materials.md beside a case: its composition and pores are what is used."""
        page = (SOURCE / "docs" / "user" / "materials.md").read_text(encoding="utf-8")
        example = page.split("## A material of your own")[1].split("```yaml\n")[1].split("```")[0]
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "my_lznc.yaml").write_text(example, encoding="utf-8")
            path = pathlib.Path(folder) / "case.yaml"
            path.write_text(pathlib.Path(case("strip_lznc")).read_text(encoding="utf-8"), encoding="utf-8")
            result = lihost("check", str(path), "regions.foil.material=my_lznc", "--json")
            self.assertEqual(result.returncode, 0, result.stderr)
            derived = json.loads(result.stdout)["derived"]
            self.assertAlmostEqual(derived["regions.foil.mass_fraction.CNT"]["value"], 0.3 / 3.3, delta=1e-12)  # Li 2, Zn3N2 1
            self.assertAlmostEqual(derived["regions.foil.porosity_as_made"]["value"], 0.05, delta=1e-12)

    def test_schema_refuses(self):
        validator = self.validator()
        good = yaml.safe_load(pathlib.Path(case("strip_lznc")).read_text(encoding="utf-8"))
        changes = {
            "unknown key": lambda c: c.update(temprature="25 degC"),
            "missing section": lambda c: c.pop("electrodes"),
            "number without unit": lambda c: c.update(temperature=25),
            "word for a choice": lambda c: c["mechanics"].update(in_plane="glued"),
            "mistyped electrode": lambda c: c["electrodes"]["working"].update(surfce="bottom"),
            "third electrode": lambda c: c["electrodes"].update(reference=c["electrodes"]["working"]),
            "layer without cells": lambda c: c["mesh"]["box"]["layers"][0].pop("cells"),
            "variation of porosity": lambda c: c["regions"]["foil"]["variation"].update(porosity={}),
            "random without seed": lambda c: c["regions"]["foil"]["variation"]["cnt"]["random"].pop("seed"),
        }
        for name, change in changes.items():
            with self.subTest(name):
                bad = copy.deepcopy(good)
                change(bad)
                self.assertFalse(validator.is_valid(bad))


if __name__ == "__main__":
    unittest.main()
