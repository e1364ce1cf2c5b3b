#!/usr/bin/python3 -I
"""Checks: what is wrong on the command line is answered by a sentence that tells what to do.

Reference: the sentences, written out here.
Tolerance and why: none.
Fails if: a mistake starts work, leaves files, ends with another code than 2, or is told in words of a library.
"""
import json
import os
import pathlib
import shutil
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
# What completion offers behind `lihost ...` in a folder that holds case.yaml.
OFFERED = {"re": ["resume", "report"], "sweep --r": ["--resume", "--retry"], "report --o": ["--out"], "run --": ["--help", "--json"],
           "ctl runs/here st": ["stop"], "list ex": ["experiments"], "run case": ["case.yaml"]}
# A zsh that writes down what completion offers behind $WORDS at its first prompt, and leaves.
ZSHRC = r"""fpath=($PWD $fpath)
autoload -Uz compinit; compinit -u -D
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a offered; builtin compadd -A offered "$@"; print -rl -- $offered >>offered
  fi
  builtin compadd "$@"
}
zle-line-init() { BUFFER=$WORDS; CURSOR=$#BUFFER; zle complete-word; exit }
zle -N zle-line-init
"""
MISTAKES = {
    (): "usage: lihost VERB",
    ("runn", STRIP): "there is no verb 'runn'; did you mean 'run'?",
    ("fly", STRIP): "there is no verb 'fly'; lihost --help lists them",
    (STRIP,): "is a file, and a verb is missing before it",
    ("run",): "lihost run needs a case file, e.g. lihost run cases/strip_lznc/case.yaml",
    ("check",): "lihost check needs a case file",
    ("run", "nowhere.yaml"): "lihost run: there is no file 'nowhere.yaml'",
    ("run", str(SOURCE)): "is a folder; name the file in it, usually case.yaml",
    ("mesh", str(SOURCE)): "is a folder; name the file in it, usually case.yaml",
    ("sweep", str(SOURCE)): "lihost sweep: '" + str(SOURCE) + "' is a folder; name the file in it, usually study.yaml",
    ("sweep", "nowhere.yaml"): "lihost sweep: there is no file 'nowhere.yaml'",
    ("sweep",): "lihost sweep: needs a study file",
    ("sweep", "--dry", "study.yaml"): "lihost sweep: there is no option '--dry'; lihost sweep --help lists them",
    ("calibrate",): "lihost calibrate needs a calibration file, e.g.",
    ("calibrate", str(SOURCE)): "is a folder; name the file in it, usually calibrate.yaml",
    ("status",): "lihost status needs the folder of a run",
    ("status", str(SOURCE)): "holds no run",
    ("ctl", "runs/here"): "lihost ctl needs the folder of a run and stop, checkpoint or output",
    ("resume",): "lihost resume needs the folder of a run",
    ("resume", "nowhere"): "lihost resume: there is no folder 'nowhere'",
    ("run", STRIP, "-log_view"): "lihost run: '-log_view' looks like an option of PETSc: these stand behind '--'",
    ("run", STRIP, "--fast"): "lihost run: there is no option '--fast'; lihost run --help lists them",
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
    ("run", STRIP, "experiment=null"): "missing key 'experiment' (what is done",
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

    def test_completion_bash(self):
        """bash offers what can follow: verbs, options of the verb, words to choose from, else files."""
        (pathlib.Path(self.folder) / "case.yaml").touch()
        for words, expected in OFFERED.items():
            with self.subTest(words):
                count = len(words.split())
                source = (f"source <({PROGRAM} help --bash); COMP_WORDS=(lihost {words}); COMP_CWORD={count}; "
                          "_lihost; echo ${COMPREPLY[@]}")
                result = subprocess.run(["bash", "-c", source], cwd=self.folder, capture_output=True, text=True, check=False)
                self.assertEqual((result.stdout.split(), result.stderr), (expected, ""))

    @unittest.skipUnless(shutil.which("zsh") and shutil.which("script"), "zsh or script is not installed (apt install zsh bsdutils)")
    def test_completion_zsh(self):
        """An interactive zsh on a terminal of its own offers the same."""
        folder = pathlib.Path(self.folder)
        (folder / "case.yaml").touch()
        (folder / ".zshrc").write_text(ZSHRC)
        (folder / "_lihost").write_text(lihost("help", "--zsh").stdout)
        for words, expected in OFFERED.items():
            with self.subTest(words):
                offered = folder / "offered"
                offered.unlink(missing_ok=True)
                environment = {**os.environ, "WORDS": f"lihost {words}", "ZDOTDIR": self.folder, "TERM": "dumb"}
                result = subprocess.run(["script", "-qec", "zsh -d -i", "/dev/null"], cwd=folder, env=environment, timeout=60,
                                        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
                self.assertTrue(offered.exists(), result.stdout)
                self.assertEqual(sorted(offered.read_text().split()), sorted(expected))

    def test_options_agree(self):
        """Help, man page and completions list every option that the table of a verb has; the text of help names it."""
        pages = [lihost("help", page).stdout for page in ("--bash", "--zsh")]
        for verb in json.loads(lihost("--help", "--json").stdout)["verbs"]:
            for option in filter(None, verb["options"].replace("=", "").split(" ")):
                with self.subTest((verb["name"], option)):
                    self.assertIn(option, verb["detail"])
                    self.assertTrue(all(option in page for page in pages))
        self.assertIn("lihost sweep", lihost("sweep", "--help").stdout)

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

    def test_no_experiment(self):
        """A case file that leaves its last section out."""
        text = pathlib.Path(STRIP).read_text(encoding="utf-8").split("\nexperiment:")[0] + "\n"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "case.yaml"
        path.write_text(text, encoding="utf-8")
        result = lihost("run", str(path), folder=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("missing key 'experiment' (what is done; lihost list experiments names the kinds)", result.stderr)

    def test_no_mpirun(self):
        """Cases of several processes need a launcher; a sentence before anything is started."""
        study = str(SOURCE / "cases" / "study_cnt_fraction" / "quick.yaml")
        result = lihost("sweep", study, "engine.ranks=2", "engine.cores=2", "engine.launcher=no_such_mpirun --quick", folder=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("cases of 2 processes are started by 'no_such_mpirun --quick', which is not on the path", result.stderr)

    def test_without_python(self):
        """Without Python, or without matplotlib, a run is complete and says what its page needs."""
        bare = pathlib.Path(self.folder) / "bare"
        bare.write_text('#!/bin/sh\nexec /usr/bin/python3 -S "$@"\n')
        bare.chmod(0o755)
        words = ["run", STRIP, COARSE, LAYERS, "experiment.steps=[rest for 1 s]", "output.directory=here", "output.overwrite=true"]
        for python in ("/nowhere/python3", str(bare)):
            with self.subTest(python):
                environment = {**os.environ, "LIHOST_REPORT": "on", "LIHOST_PYTHON": python}
                result = subprocess.run([PROGRAM, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(f"pages and pictures need {python} with numpy, h5py, matplotlib and yaml", result.stderr)
                self.assertIn("results are complete without them", result.stderr)
                self.assertNotIn("Traceback", result.stderr)
                self.assertEqual(json.loads((pathlib.Path(self.folder) / "here" / "run.json").read_text())["state"], "done")
                result = subprocess.run([PROGRAM, "report", "here"], cwd=self.folder, env=environment, capture_output=True, text=True,
                                        check=False)
                self.assertEqual(result.returncode, 5, result.stderr)
                self.assertIn(f"pages and pictures need {python}", result.stderr)

    def test_another_mpi(self):
        """Copies started by a launcher that this program's MPI does not know are told, not run."""
        for name in ("PMI_SIZE", "SLURM_STEP_NUM_TASKS"):
            result = subprocess.run([PROGRAM, "check", STRIP, COARSE, LAYERS], env={**os.environ, name: "4"}, capture_output=True,
                                    text=True, check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"started as 4 copies that are not one MPI run ({name}=4, but one process in all)", result.stderr)

    def test_one_voice(self):
        """On two processes a mistake is told once."""
        result = lihost("run", STRIP, "temperature=25", folder=self.folder, ranks=2)
        self.assertEqual(result.stderr.count("the unit is missing"), 1)


if __name__ == "__main__":
    unittest.main()
