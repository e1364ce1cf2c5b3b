#!/usr/bin/python3 -I
"""Checks: docs/validation/verification.md is made of what tests print, and each of its rows still has its test.
Reference: a log written here; the sources of the tests.
Tolerance and why: none.
Fails if: a row of the page has no test of that name, a case of the list below is gone, or the log is read wrong.
Usage: check_verification.py ROOT
"""
import pathlib
import re
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
verified: test_m15 | 3 | 3.1 | 0.2
verified: test_ranks | 3 | 3.1 | 0.2
"""
CASES = ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E14", "E15", "E16",
         "M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "M12", "M13", "M15", "Moose", "Beamcr", "Eel"]


class Verification(unittest.TestCase):
    def test_log(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            log.write_text(LOG, encoding="utf-8")
            rows = verification.read(log)
        self.assertEqual(rows, [("unit.laws.test_a", "M01", "stress [Pa]", 2.01, 2, 0.02),
                                ("verification.tensile.Bars", "M15", "", 3, 3.1, 0.2)])
        many = [verification.Row("t", "M01", "s", 1 + 0.1 * k, 1, 1) for k in range(10)]
        self.assertEqual(verification.thin(many), [(many[9], 10)])

    def test_page(self):
        page = verification.PAGE.read_text(encoding="utf-8")
        rows = re.findall(r"^\| `([\w.]+)` \| (\w+) \|", page, re.M)
        self.assertGreater(len(rows), 100)
        for test, case in sorted(set(rows)):
            *folder, stem = test.split(".")
            folder = ROOT.joinpath("tests", *folder)
            source = folder / f"{stem}.c"
            texts = [source] if source.exists() else sorted(folder.glob("*.py"))
            names = (f"void Test{case}(", f"def test_{case.lower()}(")
            self.assertTrue(any(n in t.read_text(encoding="utf-8") for t in texts for n in names), f"{test} {case}")
        cases = {case for _, case in rows}
        for case in CASES:
            self.assertTrue(any(name.startswith(case) for name in cases), case)


if __name__ == "__main__":
    unittest.main()
