#!/usr/bin/python3 -I
"""Checks: every broken case beside this test is refused with all the sentences it expects and no others, with exit
code 2, before anything is written.

Reference: the lines `# expect: <sentence>` at the top of each file.
Tolerance and why: none; each expected sentence must be part of one error of its own.
Fails if: a mistake passes, ends in a crash, is reported in other words, drags unrelated complaints along, or leaves
files behind. Usage: test_bad_cases.py PROGRAM
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
FOLDER = pathlib.Path(__file__).resolve().parent
MARKER = "# expect: "
FEWEST = 25  # files that must be there


class BadCases(unittest.TestCase):
    def check(self, path: pathlib.Path, folder: str) -> None:
        expected = [line[len(MARKER):] for line in path.read_text().splitlines() if line.startswith(MARKER)]
        self.assertTrue(expected, "the file expects nothing")
        result = subprocess.run([PROGRAM, "run", str(path)], cwd=folder, capture_output=True, text=True, check=False)
        errors = [line for line in result.stderr.splitlines() if "error: " in line]
        self.assertEqual(result.returncode, 2, result.stderr)
        for sentence in expected:
            found = [line for line in errors if sentence in line]
            self.assertTrue(found, f"nothing says: {sentence}\n{result.stderr}")
            errors.remove(found[0])
        self.assertFalse(errors, "unexpected")
        self.assertIn(f"{len(expected)} error{'s' if len(expected) > 1 else ''}; nothing was run", result.stderr)
        self.assertFalse(result.stdout, "work was begun")
        self.assertFalse(list(pathlib.Path(folder).iterdir()), "files were left behind")

    def test_files(self):
        paths = sorted(FOLDER.glob("*.yaml"))
        self.assertGreaterEqual(len(paths), FEWEST)
        for path in paths:
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                self.check(path, folder)


if __name__ == "__main__":
    unittest.main()
