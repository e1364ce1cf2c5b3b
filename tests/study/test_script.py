#!/usr/bin/python3 -I
"""Checks: `--engine script` writes one script for each missing case and a list of them; scripts run by hand, in any order, killed, twice at
once or again, make each case run to completion once; `--collect` makes the table of what is there.

Reference: the table of the same study on the local pool.
Tolerance and why: none: a case that was begun anew or run elsewhere is the same run.
Fails if: a script depends on the folder it is started in, runs a case that is done or at work, or the table misses a row.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_files import sweep, table, write_study  # noqa: E402

AXES = "  - {key: temperature, list: [20 degC, 25 degC, 30 degC]}\n"
FREE = {"run_time"}


class Script(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.study = self.folder / "studies/test"

    def start(self, script: str, folder: str = "/") -> subprocess.Popen:
        return subprocess.Popen(["bash", str(self.study / script)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def missing(self) -> list[str]:
        return (self.study / "missing.txt").read_text().split()

    def states(self) -> list[str]:
        return [row["state"] for row in table(self.study)]

    def test_scripts(self):
        write_study(self.folder, AXES)
        result = sweep("study.yaml", "--engine", "script", folder=self.folder)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn("--collect", result.stdout)
        scripts = self.missing()
        self.assertEqual(len(scripts), 3)
        self.assertEqual(self.states(), ["waiting"] * 3)
        # the last first, twice at once: one of them does the work
        both = [self.start(scripts[2]) for _ in range(2)]
        codes = sorted(process.wait() for process in both)
        self.assertIn(codes, ([0, 0], [0, 75]))
        result = sweep("study.yaml", "--collect", folder=self.folder)
        self.assertEqual(result.returncode, 4, result.stdout + result.stderr)
        self.assertEqual(self.states(), ["waiting", "waiting", "done"])
        # a list of what is left; what is done is not in it
        self.assertEqual(sweep("study.yaml", "--engine", "script", "--resume", folder=self.folder).returncode, 4)
        self.assertEqual(self.missing(), scripts[:2])
        for script in scripts:
            self.assertEqual(self.start(script).wait(), 0)
        self.assertEqual(sweep("study.yaml", "--collect", folder=self.folder).returncode, 0)
        begun = [path.read_text().count("begin ") for path in (self.study / "state").glob("*.txt")]
        self.assertEqual(begun, [1] * 3)
        self.compare(table(self.study))

    def compare(self, found: list[dict[str, str]]):
        calm = self.folder / "calm"
        calm.mkdir()
        write_study(calm, AXES)
        self.assertEqual(sweep("study.yaml", folder=calm).returncode, 0)
        for one, other in zip(table(calm / "studies/test"), found, strict=True):
            self.assertEqual({key: value for key, value in one.items() if key not in FREE}, {key: value for key, value in other.items() if key not in FREE})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
