#!/usr/bin/python3 -I
"""Checks: the pages of verification are made of what tests print: each case has its page, each row its test, and quick tests print it again.
Reference: a log written here; the sources of the tests; what the tests of AGAIN print now.
Tolerance and why: a number printed again may differ by a tenth of what its test allows, or 1e-6 of it: compilers round differently.
Fails if: a page lacks its equation, source, set-up or numbers, a row has no test of that name, a case of CASES has no page, the index is old.
Usage: check_verification.py ROOT; LIHOST_BUILD in the environment for the tests that are run again
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(ROOT / "postproc" / "validation"))
import verification  # noqa: E402

LOG = """1/3 Test: unit.laws.test_a.2
[ RUN      ] TestM01
verified: stress [Pa] | 2.01 | 2 | 0.02
verified: stress [Pa] | 2.01 | 2 | 0.02
2/3 Test: unit.laws.test_a.4
[ RUN      ] TestM01
verified: stress [Pa] | 2.02 | 2 | 0.02
3/3 Test: verification.tensile.Bars
verified: test_m15 toughness [J/m3] | 3 | 3.1 | 0.2
verified: test_ranks of one rank | 3 | 3.1 | 0.2
"""
CASES = [*(f"e{k:02}" for k in (1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15, 16)), *(f"m{k:02}" for k in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 15)),
         "kelly_tyson", "cox", "beamcr", "moose", "calculix"]
AGAIN = ["unit.laws_mech.test_metals", "unit.laws_mech.test_porous", "unit.laws_mech.test_skeletons", "unit.laws_mech.test_creep_benchmarks",
         "verification.electrochem.test_planar", "verification.conduction.test_conduction"]
PAGES = {path: path.read_text(encoding="utf-8") for paths in verification.pages().values() for path in paths}


def rows_of(text: str) -> list[tuple[str, str, list[str]]]:
    """Test, case and cells of each row of a page."""
    found, test = [], ""
    for line in text.splitlines():
        if named := re.match(r"`ctest --test-dir build/release -R (\S+)` repeats:", line):
            test = named[1]
        elif line == "<!-- end numbers -->":
            test = ""
        elif test and line.startswith("| ") and not line.startswith("| case |"):
            cells = line.strip("| ").split(" | ")
            found.append((test, cells[0], cells[1:]))
    return found


class Verification(unittest.TestCase):
    def test_log(self):
        rows = verification.read(LOG)
        self.assertEqual(rows, [("unit.laws.test_a", "M01", "stress [Pa]", 2.01, 2, 0.02),
                                ("verification.tensile.Bars", "test_m15", "toughness [J/m3]", 3, 3.1, 0.2)])
        self.assertEqual(verification.chosen(rows, "unit.laws.test_a/M0* x/y"), rows[:1])
        many = [verification.Row("t", "M01", "s", 1 + 0.1 * k, 1, 1) for k in range(10)]
        self.assertEqual(verification.thin(many), [(many[9], 10)])

    def test_pages(self):
        self.assertEqual(set(CASES) - {path.stem for path in PAGES}, set())
        for path, text in PAGES.items():
            with self.subTest(path.name):
                for part in ("# ", "\n$$ ", "Source:", "*Set-up*:", "## Numbers", "*Allowed*:"):
                    self.assertIn(part, text)
                rows = rows_of(text)
                self.assertTrue(rows)
                for test, case, _ in rows:
                    source = verification.source(test).read_text(encoding="utf-8")
                    self.assertTrue(f"void Test{case}(" in source or f"def {case}(" in source, f"{test} {case}")
                    self.assertIn(verification.tolerance(test), text)
                for pattern in re.search(verification.BLOCK, text)[1].split():
                    self.assertTrue(verification.chosen([verification.Row(t, c, "", 0, 0, 0) for t, c, _ in rows], pattern), pattern)

    def test_index(self):
        self.assertIn(f"<!-- index -->\n{verification.index()}<!-- end index -->", verification.INDEX.read_text(encoding="utf-8"))

    def test_numbers(self):
        """Tests that take a second or two are run again: their numbers stand on the pages."""
        build = pathlib.Path(os.environ["LIHOST_BUILD"])
        rows = [(path, row) for path, text in PAGES.items() for row in rows_of(text)]
        for test in AGAIN:
            *folder, _ = test.split(".")
            program = build.joinpath("tests", *folder, "test_" + test.replace(".", "_"))
            with self.subTest(test), tempfile.TemporaryDirectory() as scratch:
                said = subprocess.run([program], cwd=scratch, capture_output=True, text=True, check=False)
                printed = verification.read(f"1/1 Test: {test}\n{said.stdout}{said.stderr}")
                listed = {(case, cells[0]): [] for _, (of, case, cells) in rows if of == test}
                for _, (of, case, cells) in rows:
                    if of == test:
                        listed[case, cells[0]].append([float(x) for x in cells[1:5]])
                expected = verification.thin(printed)
                self.assertTrue(expected)
                for row, number in expected:
                    what = row.what + (f" (worst of {number})" if number > 1 else "")
                    slack = 0.1 * row.allowed + 1e-6 * abs(row.reference)
                    self.assertTrue(any(abs(found - row.found) <= slack and abs(reference - row.reference) <= slack
                                        for reference, found, _, _ in listed[row.case, what]), f"{row} is not on its page")


if __name__ == "__main__":
    unittest.main()
