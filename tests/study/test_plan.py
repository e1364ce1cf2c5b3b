#!/usr/bin/python3 -I
"""Checks: axes become the right rows and cases, keys of materials reach every region made of them, identical inputs are
one case however they are written, mistakes are told with their place, nothing is run by --dry-run.

Reference: rows counted and values computed here by hand.
Tolerance and why: none; values are texts of 12 digits.
Fails if: an axis is walked wrongly, a key is lost on its way into the case, or two inputs are confused.
"""
import fcntl
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import PROGRAM, SOURCE, sweep, table, write_study  # noqa: E402


class Plan(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)

    def tearDown(self):
        self.place.cleanup()

    def plan(self, axes: str, **more) -> list[dict[str, str]]:
        """Rows of --dry-run as column -> text, with the case under 'id'."""
        result = sweep(write_study(self.folder, axes, **more), "--dry-run", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse((self.folder / "studies").exists())
        rows = []
        for line in result.stdout.splitlines():
            if match := re.match(r"\s*\d+  (.*)  case (\w+) (waiting|CANNOT RUN)", line):
                rows.append(dict(word.split("=", 1) for word in match[1].split("  ")) | {"id": match[2], "state": match[3]})
        self.assertIn(f"{len(rows)} rows", result.stdout)
        return rows

    def refuse(self, axes: str, sentence: str, **more):
        result = sweep(write_study(self.folder, axes, **more), folder=self.folder)
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertRegex(result.stderr, sentence)
        self.assertFalse((self.folder / "studies").exists())

    def test_spaces(self):
        rows = self.plan("""  - key: materials.lznc.porosity
    linspace: {from: 1 %, to: 4 %, count: 4}
  - key: electrodes.working.contact_resistance
    name: contact
    logspace: {from: 1e-6 ohm m^2, to: 1e-4 ohm m^2, count: 3}
""")
        self.assertEqual([row["porosity"] for row in rows], [f"{p} %" for p in (1, 2, 3, 4) for _ in range(3)])
        self.assertEqual([row["contact"] for row in rows[:3]], ["1e-06 ohm m^2", "1e-05 ohm m^2", "0.0001 ohm m^2"])
        self.assertEqual(len({row["id"] for row in rows}), 12)

    def test_zip_and_text(self):
        rows = self.plan("""  - zip:
      - {key: temperature, list: [20 degC, 30 degC]}
      - {key: experiment.steps.0, name: current, text: "strip at {} until 0.1 mA.h/cm^2", list: [1 mA/cm^2, 2 mA/cm^2]}
""")
        self.assertEqual([(row["temperature"], row["current"]) for row in rows],
                         [("20 degC", "1 mA/cm^2"), ("30 degC", "2 mA/cm^2")])

    def test_same_input_is_one_case(self):
        rows = self.plan("  - {key: materials.lznc.porosity, list: [2 %, 0.02, 3 %, 0.03]}\n".replace("0.02", "2.0 %").replace("0.03", "3e0 %"))
        self.assertEqual(len(rows), 4)
        self.assertEqual([rows[0]["id"], rows[2]["id"]], [rows[1]["id"], rows[3]["id"]])
        self.assertNotEqual(rows[0]["id"], rows[2]["id"])

    def test_designs(self):
        for kind in ("sobol", "latin_hypercube"):
            rows = self.plan(f"""  - {kind}:
      count: 8
      seed: 3
      over:
        - {{key: materials.lznc.porosity, from: 1 %, to: 5 %}}
        - {{key: materials.celgard_2500.porosity, name: separator, from: 30 %, to: 60 %}}
""")
            strata = [sorted(int((float(row[name].split()[0]) - low) / (high - low) * 8) for row in rows)
                      for name, low, high in (("porosity", 1, 5), ("separator", 30, 60))]
            self.assertEqual(strata, [list(range(8))] * 2, kind)

    def test_composition_follows(self):
        write_study(self.folder, "  - {key: materials.lznc.cnt_mass_fraction, list: [12 %]}\n")
        result = sweep("study.yaml", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        run, = (self.folder / "studies/test/cases").iterdir()
        resolved = (run / "resolved.yaml").read_text()
        self.assertAlmostEqual(float(re.search(r'derived\.mass_fraction\.cnt":\n  value: (\S+)', resolved)[1]), 0.12, places=12)
        row, = table(self.folder / "studies/test")
        named = json.loads((run / "observables.json").read_text())
        self.assertEqual(float(row["areal_capacity"]), named["areal_capacity"]["value"])
        self.assertEqual(row["state"], "done")
        self.assertAlmostEqual(float(row["peak_current"]), 0.5, places=9)
        self.assertAlmostEqual(float(row["mean_current"]), 0.5, places=9)
        # once more: refused, as it is not asked to go on; with --resume nothing is left to do
        self.assertIn("--resume", sweep("study.yaml", folder=self.folder).stderr)
        self.assertEqual(sweep("study.yaml", "--resume", folder=self.folder).returncode, 0)
        self.assertEqual(len(list((self.folder / "studies/test/state").glob("*.txt"))), 1)

    def test_volumes(self):
        rows = self.plan("  - {key: temperature, list: [20 degC, 30 degC]}\n  - random_volumes: {count: 3}\n")
        self.assertEqual([row["volume"] for row in rows], ["1", "2", "3"] * 2)
        self.assertEqual(len({row["id"] for row in rows}), 6)

    def mistakes(self, axes: str, text: str | None = None) -> list[str]:
        """Sentences of --dry-run of a study that is refused; nothing was begun."""
        write_study(self.folder, axes)
        if text:
            (self.folder / "study.yaml").write_text(text)
        result = sweep("study.yaml", "--dry-run", folder=self.folder)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertFalse((self.folder / "studies").exists())
        self.assertIn("nothing was run", result.stderr)
        return [line for line in result.stderr.splitlines() if ": error: cannot run" in line or " cannot run (" in line or "none of its rows can run" in line]

    def test_every_case_is_checked(self):
        """Cases of one shape: the first is right, the mistakes are in the others."""
        line = len(pathlib.Path(write_study(self.folder, "")).read_text().splitlines())
        porosity = "  - {key: materials.lznc.porosity, list: [2 %, 200 %, 3 %]}\n"
        cnt = "  - {key: materials.lznc.cnt_mass_fraction, list: [5 %, 0 %]}\n"
        # a bound of one key
        said, = self.mistakes(porosity)
        self.assertRegex(said, rf"^study.yaml:{line + 1}:\d+: error: cannot run with porosity = 200 %: .*found 2, allowed 0.0001 to 0.95")
        # what shows only when composition, mesh and electrodes are seen together
        said, = self.mistakes(cnt)
        self.assertRegex(said, rf"^study.yaml:{line + 1}:\d+: error: cannot run with cnt_mass_fraction = 0 %: .*no CNT and no network_conductivity")
        # each value once, however many rows have it
        both = self.mistakes(porosity + cnt)
        self.assertEqual([said.split(":")[1] for said in both], [str(line + 1), str(line + 2)])
        self.assertIn("porosity = 200 %", both[0])
        self.assertIn("cnt_mass_fraction = 0 %", both[1])

    def test_combination_at_fault(self):
        """Neither value is wrong, the two together are: the row is named."""
        # a uniform electrode has no voltage to hold, and only the second protocol holds one
        said, = self.mistakes("""  - {key: electrodes.working.kind, list: [collector, uniform]}
  - {key: experiment.steps, name: steps, list: ["[strip at 1 mA/cm^2 until 0.1 mA.h/cm^2]", "[hold at 0.1 V for 1 s]"]}
""")
        self.assertRegex(said, r"row 4 cannot run \(kind = uniform, steps = \[hold at 0.1 V for 1 s\]\): .*no voltage that could be held")

    def test_random_volumes_are_drawn(self):
        """A body that does not fit into one of the volumes is found before anything runs."""
        base = SOURCE / "cases" / "study_cnt_fraction" / "pull.yaml"
        said = self.mistakes("", f"""lihost_study: 1
name: test
base: {base}
axes:
  - {{key: mesh.rve.islands.diameter, list: [1 um, 20 um]}}
  - random_volumes: {{count: 2, seed: 1}}
""")
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], "study.yaml:5:.*cannot run with diameter = 20 um")

    def test_a_run_goes_on_without_the_bad_case(self):
        write_study(self.folder, "  - {key: materials.lznc.cnt_mass_fraction, list: [5 %, 0 %]}\n")
        result = sweep("study.yaml", folder=self.folder)
        self.assertEqual(result.returncode, 3, result.stdout)
        self.assertRegex(result.stderr, r"warning: cannot run with cnt_mass_fraction = 0 %")
        rows = table(self.folder / "studies/test")
        self.assertEqual([row["state"] for row in rows], ["done", "failed"])
        self.assertIn("no CNT and no network_conductivity", rows[1]["exit_reason"])

    def test_a_bad_case_stays(self):
        write_study(self.folder, "  - {key: materials.lznc.porosity, list: [2 %, 200 %]}\n")
        result = sweep("study.yaml", folder=self.folder)
        self.assertEqual(result.returncode, 3, result.stdout)
        rows = table(self.folder / "studies/test")
        self.assertEqual([row["state"] for row in rows], ["done", "failed"])
        self.assertIn("out of range", rows[1]["exit_reason"])
        self.assertEqual(rows[1]["areal_capacity"], "")

    def test_a_lock_after_the_end(self):
        """Helpers of MPI may outlive a case and hold its lock a while: what has ended is not running, and does not run again."""
        write_study(self.folder, "  - {key: numerics.balance, list: [1e-17]}\n")
        self.assertEqual(sweep("study.yaml", folder=self.folder).returncode, 3)
        lock, = (self.folder / "studies/test/state").glob("*.lock")
        with open(lock, "rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            again = subprocess.run([PROGRAM, "sweep", "study.yaml", "--resume"], cwd=self.folder, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(again.returncode, 3, again.stdout + again.stderr)
        self.assertEqual(lock.with_suffix(".txt").read_text().count("begin "), 1)
        row, = table(self.folder / "studies/test")
        self.assertEqual(row["state"], "failed")
        self.assertIn("balance", row["exit_reason"])

    def test_another_build(self):
        """Cases that another executable has run stay as they are, and the table is said to mix programs."""
        write_study(self.folder, "  - {key: temperature, list: [20 degC, 30 degC]}\n")
        self.assertNotIn("builds of lihost", sweep("study.yaml", folder=self.folder).stderr)
        state = sorted((self.folder / "studies/test/state").glob("*.txt"))[0]
        build = state.read_text().splitlines()[0].split()[-1]
        self.assertEqual(build, hashlib.sha256(pathlib.Path(PROGRAM).read_bytes()).hexdigest()[:12])
        state.write_text(state.read_text().replace(build, "0" * 12))
        again = sweep("study.yaml", "--resume", folder=self.folder)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("the finished cases were run by 2 builds of lihost", again.stderr)
        self.assertEqual(state.read_text().count("begin "), 1)

    def test_two_bases(self):
        path = pathlib.Path(write_study(self.folder, "  - {key: materials.lznc.porosity, list: [1 %, 3 %], in: wet}\n"))
        text = path.read_text()
        base = text.split("base: ")[1].split("\n")[0]
        path.write_text(text.replace(f"base: {base}", f"bases: {{dry: {base}, wet: {base}}}"))
        result = sweep("study.yaml", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        rows = table(self.folder / "studies/test")
        # the base that the axis is not for is one case in both rows
        self.assertEqual(rows[0]["dry.case"], rows[1]["dry.case"])
        self.assertNotEqual(rows[0]["wet.case"], rows[1]["wet.case"])
        self.assertEqual(len(list((self.folder / "studies/test/state").glob("*.txt"))), 3)
        for row, porosity in zip(rows, (0.01, 0.03), strict=True):
            resolved = (self.folder / "studies/test" / row["wet.case"] / "resolved.yaml").read_text()
            self.assertIn(f'"material.lznc.porosity":\n  value: {porosity:g}', resolved)
            self.assertEqual(row["dry.areal_capacity"], rows[0]["dry.areal_capacity"])

    def test_mistakes(self):
        self.refuse("  - {key: materials.lzcn.porosity, list: [2 %]}\n", r"study.yaml:\d+:\d+: error: axes: no region .*lzcn")
        self.refuse("  - {key: temperature, list: [20 degC], linspace: {from: 1, to: 2, count: 2}}\n", "give one of list")
        self.refuse("  - {key: temperature, linspace: {from: 20 degC, to: 300 K, count: 2}}\n", "use one unit")
        self.refuse("  - {key: temperature, lists: [20 degC]}\n", "did you mean 'axes.list'")
        self.refuse("  - {key: temperature, list: [20 degC]}\n  - {key: temperature, list: [30 degC]}\n", "two columns are called")
        self.refuse("  - zip: [{key: temperature, list: [20 degC]}, {key: materials.lznc.porosity, list: [1 %, 2 %]}]\n",
                    "walked together")
        self.refuse("  - {key: temperature, list: [20 degC]}\n", "needs more than the 1 core",
                    more="engine: {cores: 1, ranks: 2}\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
