#!/usr/bin/python3 -I
"""Checks: what is wrong on the command line is answered by a sentence that tells what to do.

Reference: the sentences, written out here.
Tolerance and why: none.
Fails if: a mistake starts work, leaves files, ends with another code than 2, or is told in words of a library.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from program import PROGRAM, SOURCE, case, lihost  # noqa: E402

STRIP = case("strip_lznc")
COARSE = "mesh.box.cells=[1,1]"
LAYERS = ("mesh.box.layers=[{region: foil, thickness: 50 um, cells: 5}, "
          "{region: separator, thickness: 25 um, cells: 2}]")
MISTAKES = {
    (): "usage: lihost VERB",
    ("runn", STRIP): "there is no verb 'runn'; did you mean 'run'?",
    ("fly", STRIP): "there is no verb 'fly'; lihost --help lists them",
    (STRIP,): "is a file, and a verb is missing before it",
    ("run",): "lihost run needs a case file, e.g. lihost run cases/strip_lznc/case.yaml",
    ("check",): "lihost check needs a case file",
    ("run", "nowhere.yaml"): "lihost run: there is no file 'nowhere.yaml'",
    ("run", str(SOURCE)): "is a folder; name the case file in it, usually case.yaml",
    ("run", "temperature=25 degC", STRIP): "needs a case file first; 'temperature=25 degC' comes behind it",
    ("run", STRIP, "nonsense"): "'nonsense' is not of the form key.path=value",
    ("run", STRIP, "temperature=25"): "temperature = 25: the unit is missing",
    ("run", STRIP, "temprature=25 degC"): "unknown key 'temprature'; did you mean 'temperature'?",
    ("run", STRIP, "mesh.box.cells=[1,1"): "error: ",
    ("run", STRIP, COARSE, LAYERS, "--", "-electrochemistry_ksp_rtoll", "1e-9"): "the PETSc option '-electrochemistry_ksp_rtoll' means nothing here",
    ("report",): "lihost report needs the folder of a run or a study",
    ("report", "nowhere"): "lihost report: nowhere: no such folder",
    ("compare", "nowhere"): "lihost compare needs two runs, or a run and a CSV file",
    ("help", "runn"): "lihost help: there is no verb 'runn'",
    ("run", STRIP, "experiment=null"): "experiment",
    ("list",): "lihost list needs one of:",
    ("list", "lawz"): "there is no list of 'lawz'; there are:",
    ("describe", "mesh.bix"): "there is no section 'mesh.bix'; did you mean 'mesh.box'?",
}
ANSWERS = {
    ("--help",): "exit codes:",
    ("run", "--help"): "example: lihost run cases/strip_lznc/case.yaml output.directory=my_run",
    ("help", "check"): "usage: lihost check CASE [key=value ...]",
    ("report", "-h"): "example: lihost report runs/strip_lznc",
    ("help", "--man"): ".SH EXIT STATUS",
    ("help", "--bash"): "complete -o filenames -F _lihost lihost",
    ("help", "--zsh"): "#compdef lihost",
    ("version",): "SUNDIALS",
    ("list", "laws"): "kinetics.butler_volmer",
    ("list", "materials"): "lznc                                     host: Li-Zn-N-C composite foil",
    ("list", "experiments"): "strip at 0.5 mA/cm^2 until 1 V",
    ("list", "sections"): "mesh.box.layers.[]",
    ("describe", "output"): "states (default [0, 0.25, 0.5, 0.75, 1])",
    ("describe", "butler_volmer"): "exchange_current_density (required)",
    ("check", STRIP, COARSE, LAYERS, "--", "-electrochemistry_ksp_rtol", "1e-9"): "ready to run",
}


class Words(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_mistakes(self):
        for words, sentence in MISTAKES.items():
            with self.subTest(words):
                result = lihost(*words, folder=self.folder)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(sentence, result.stderr)
                self.assertNotIn("PETSC ERROR", result.stderr)
                self.assertFalse(result.stdout)
                self.assertFalse(list(pathlib.Path(self.folder).iterdir()), "files were left behind")

    def test_answers(self):
        for words, sentence in ANSWERS.items():
            with self.subTest(words):
                result = lihost(*words, folder=self.folder)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(sentence, result.stdout)
                self.assertFalse(list(pathlib.Path(self.folder).iterdir()), "files were left behind")

    def test_occupied_folder(self):
        words = ("run", STRIP, COARSE, LAYERS, "experiment.steps=[rest for 1 s]", "output.directory=here")
        self.assertEqual(lihost(*words, folder=self.folder).returncode, 0)
        before = (pathlib.Path(self.folder) / "here" / "series.csv").read_bytes()
        again = lihost(*words, folder=self.folder)
        self.assertEqual(again.returncode, 2)
        self.assertIn("the folder here holds another run; give another folder (output.directory=...), "
                      "go on with the run (lihost resume here), or replace it (output.overwrite=true)", again.stderr)
        self.assertIn("nothing was run", again.stderr)
        self.assertEqual((pathlib.Path(self.folder) / "here" / "series.csv").read_bytes(), before)
        self.assertEqual(lihost(*words, "output.overwrite=true", folder=self.folder).returncode, 0)

    def test_every_verb_has_help(self):
        """Usage, a sentence and an example that begins with the verb; completions and man page name each."""
        listed = [line.split()[0] for line in lihost("--help").stdout.split("usage:")[1].splitlines()[2:] if line.startswith("  ")
                  and not line.split()[0].isdigit()]
        self.assertIn("run", listed)
        pages = [lihost("help", page).stdout for page in ("--man", "--bash", "--zsh")]
        for verb in listed:
            with self.subTest(verb):
                result = lihost(verb, "--help", folder=self.folder)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertRegex(result.stdout, rf"usage: lihost {verb}[\s\S]+example: .*lihost {verb}")
                self.assertTrue(all(verb in page for page in pages))

    def test_completion(self):
        """bash offers the verbs that begin with what was typed."""
        source = f"source <({PROGRAM} help --bash); COMP_WORDS=(lihost re); COMP_CWORD=1; _lihost; echo ${{COMPREPLY[@]}}"
        result = subprocess.run(["bash", "-c", source], capture_output=True, text=True, check=False)
        self.assertEqual((result.stdout.split(), result.stderr), (["resume", "report"], ""))

    def test_page_at_the_end(self):
        """A run writes its page unless told otherwise; -I keeps a broken Python environment out."""
        environment = {**os.environ, "LIHOST_REPORT": "on", "PYTHONHOME": "/nowhere"}
        words = ["run", STRIP, COARSE, LAYERS, "experiment.steps=[rest for 1 s]", "output.directory=here"]
        result = subprocess.run([PROGRAM, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((pathlib.Path(self.folder) / "here" / "report.html").exists())
        result = subprocess.run([PROGRAM, *words, "output.overwrite=true", "output.report=false"], cwd=self.folder, env=environment,
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("report:", result.stdout)

    def test_one_voice(self):
        """On two processes a mistake is told once."""
        result = lihost("run", STRIP, "temperature=25", folder=self.folder, ranks=2)
        self.assertEqual(result.stderr.count("the unit is missing"), 1)


if __name__ == "__main__":
    unittest.main()
