#!/usr/bin/python3 -I
"""Checks: `--json` of every verb; colours and the progress bar on a terminal, plain lines elsewhere; times and sizes for people.

Reference: the files of the run that the answers repeat; escape sequences of a terminal (ECMA-48), seen through a pseudo-terminal.
Tolerance and why: none.
Fails if: stdout holds anything besides one JSON object, an escape reaches a file or a refused terminal, the bar is missing on one.
"""
import json
import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import MPIEXEC, PROGRAM, SOURCE, case, lihost  # noqa: E402

STRIP = case("strip_lznc")
COARSE = ["mesh.box.cells=[1,1]", "mesh.box.layers=[{region: foil, thickness: 50 um, cells: 5}, "
          "{region: separator, thickness: 25 um, cells: 2}]"]
REST = ["experiment.steps=[rest for 1 s]", "output.report=false", "output.overwrite=true"]
STRIPPED = ["experiment.steps=[strip at 0.5 mA/cm^2 for 1 h]", "output.report=false", "output.overwrite=true"]
ESCAPE = "\x1b["


def in_terminal(words: list[str], folder: str, **environment: str) -> str:
    """What a program writes to a terminal of its own, stdout and stderr together."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(words, cwd=folder, stdin=follower, stdout=follower, stderr=follower,
                               env={**variables, "TERM": "xterm", **environment})
    os.close(follower)
    text = b""
    while process.poll() is None or select.select([leader], [], [], 0)[0]:
        if not select.select([leader], [], [], 0.2)[0]:
            continue
        try:
            text += os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
    os.close(leader)
    process.wait()
    return text.decode()


class Base(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def answer(self, *words: str, code: int = 0, ranks: int = 1) -> dict:
        """The JSON object on stdout, and nothing else there."""
        result = lihost(*words, "--json", folder=self.folder, ranks=ranks)
        self.assertEqual(result.returncode, code, result.stderr)
        said = json.loads(result.stdout)
        self.assertEqual((said["verb"], said["exit_code"]), (words[0], code))
        return said


class Json(Base):
    def test_run_status_report(self):
        said = self.answer("run", STRIP, *COARSE, *REST, "output.directory=here")
        here = pathlib.Path(self.folder) / "here"
        self.assertEqual(said["run"], json.loads((here / "run.json").read_text()))
        self.assertEqual(said["observables"], json.loads((here / "observables.json").read_text()))
        self.assertIn("note", [problem["severity"] for problem in said["problems"]])
        run = self.answer("status", "here")["runs"][0]
        self.assertEqual((run["state"], run["alive"], run["progress [1]"]), ("done", False, said["run"]["progress [1]"]))
        page = self.answer("report", "here", "--no-3d", "--out", "page.html")["page"]
        self.assertTrue((pathlib.Path(self.folder) / page).exists())
        page = self.answer("compare", "here", "here", "--x", "time")["page"]
        self.assertTrue((pathlib.Path(self.folder) / page).exists())

    def test_check(self):
        said = self.answer("check", STRIP, *COARSE)
        self.assertEqual(said["cells"], 7)
        self.assertEqual(said["derived"]["regions.foil.porosity_after_strip"]["unit"], "1")
        self.assertIn({"path": "temperature", "unit": "K"},
                      [{"path": value["path"], "unit": value["unit"]} for value in said["values"]])
        said = self.answer("check", STRIP, "temperature=25", "--json", code=2)
        self.assertIn("the unit is missing", said["problems"][0]["text"])
        self.assertEqual(said["problems"][0]["severity"], "error")
        self.assertEqual(self.answer("check", STRIP, *COARSE, ranks=2)["ranks"], 2)

    def test_words(self):
        self.assertEqual(self.answer("version")["lihost"], lihost("version").stdout.split()[1])
        self.assertEqual(self.answer("schema")["schema"], json.loads(lihost("schema").stdout))
        keys = self.answer("describe", "output")["sections"][0]["keys"]
        self.assertIn(("states", "default [0, 0.25, 0.5, 0.75, 1]"), [(key["key"], key["need"]) for key in keys])
        for kind in ("laws", "materials", "experiments", "sections"):
            listed = [entry["name"] for entry in self.answer("list", kind)[kind]]
            said = lihost("list", kind).stdout
            self.assertTrue(all(name in said for name in listed) and listed)
        self.assertIn("tensile", [entry["name"] for entry in self.answer("list", "experiments")["experiments"]])
        self.assertIn("sweep", [verb["name"] for verb in self.answer("--help")["verbs"]])
        self.assertEqual(self.answer("rnu", code=2)["meaning"], "bad input; nothing was run")
        self.assertEqual(self.answer("ctl", "nowhere", "stop", code=2)["exit_code"], 2)

    def test_sweep(self):
        study = str(SOURCE / "cases" / "study_cnt_fraction" / "quick.yaml")
        plan = self.answer("sweep", study, "--dry-run")
        self.assertEqual(plan["cases"], len({one["id"] for row in plan["rows"] for one in row["cases"]}))
        self.assertTrue(all(one["state"] == "waiting" and one["time [s]"] > 0 for row in plan["rows"] for one in row["cases"]))

    def test_mesh(self):
        said = self.answer("mesh", STRIP, *COARSE, "output.directory=mesh")
        self.assertEqual(said["volume"]["mesh"]["cells"], 7)


class Terminal(Base):
    def test_bar(self):
        """On a terminal one line is written over and the last sentence stays; the log has every line, without escapes."""
        words = [PROGRAM, "run", STRIP, *COARSE, *STRIPPED, "output.directory=here"]
        text = in_terminal(words, self.folder)
        self.assertRegex(text, r"\r\[[#.]{20}\] +\d+\.\d % stripped")
        self.assertRegex(text.rsplit(ESCAPE + "K", 1)[1], r"\d\d:\d\d:\d\d  done: ")
        log = (pathlib.Path(self.folder) / "here" / "log.txt").read_text()
        self.assertNotIn("\x1b", log)
        self.assertGreater(log.count("% stripped"), 2)
        self.assertRegex(log, r"wall \d+(\.\d+)? s")
        for environment in ({"TERM": "dumb"},):
            self.assertNotIn("\r[", in_terminal(words, self.folder, **environment))

    def test_lines(self):
        """Into a pipe, and through mpirun into a file: plain lines."""
        words = [PROGRAM, "run", STRIP, *COARSE, *STRIPPED, "output.directory=here"]
        for start in ([], [MPIEXEC, "-n", "2"]):
            result = subprocess.run([*start, *words], cwd=self.folder, capture_output=True, text=True, check=False)
            self.assertNotIn("\x1b", result.stdout + result.stderr)
            self.assertGreater(len(re.findall(r"^\d\d:\d\d:\d\d .*% stripped", result.stdout, re.M)), 2)
        out = shlex.quote(str(pathlib.Path(self.folder) / "out.txt"))
        in_terminal(["sh", "-c", shlex.join([MPIEXEC, "-n", "2", *words]) + f" >{out}"], self.folder)
        self.assertNotIn("\x1b", (pathlib.Path(self.folder) / "out.txt").read_text())

    def test_bar_of_two_processes(self):
        text = in_terminal([MPIEXEC, "-n", "2", PROGRAM, "run", STRIP, *COARSE, *STRIPPED, "output.directory=here"], self.folder)
        self.assertIn("\r[", text)

    def test_colours(self):
        words = [PROGRAM, "check", STRIP, "temperature=25"]
        self.assertIn(ESCAPE + "1;31merror" + ESCAPE + "0m", in_terminal(words, self.folder))
        self.assertNotIn("\x1b", in_terminal(words, self.folder, NO_COLOR="1"))
        self.assertNotIn("\x1b", in_terminal(words, self.folder, TERM="dumb"))
        self.assertNotIn("\x1b", lihost(*words[1:], folder=self.folder).stderr)


if __name__ == "__main__":
    unittest.main()
