#!/usr/bin/python3 -I
"""Checks: citations of equations and documents hold; the manual builds with warnings as errors; tutorials run as they are written.
Reference: docs/theory for the numbers; a mistake put in on purpose for the check itself.
Tolerance and why: none.
Fails if: a comment cites what is not there, a page warns, a command of a tutorial does not end with 0.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHECK = HERE / "check_citations.py"
SPHINX = shutil.which("sphinx-build") and shutil.which("doxygen")
BLOCK = re.compile(r"^```(.*?)\n(.*?)^```", re.M | re.S)
NAME = ""  # of one tutorial, from the command line


def check(root: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", "-B", CHECK, root], capture_output=True, text=True, check=False)


class Citations(unittest.TestCase):
    def test_all_hold(self):
        ended = check(ROOT)
        self.assertEqual(ended.returncode, 0, ended.stdout)

    def test_bites(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs" / "theory").mkdir(parents=True)
            (root / "solver").mkdir()
            (root / "docs" / "theory" / "a.md").write_text("$$ x = 1 \\tag{M1} $$\n| (M2) row | y |\n\n## Limits\n")
            (root / "solver" / "a.c").write_text("// (M1), (M2) and docs/theory/a.md\nint m3 = f(M3);\n")
            self.assertEqual(check(root).returncode, 0)
            (root / "docs" / "theory" / "b.md").write_text("# Nothing left out\n")
            self.assertIn("b.md: does not say what it leaves out", check(root).stdout)
            (root / "docs" / "theory" / "b.md").unlink()
            (root / "solver" / "a.c").write_text("// (M7), see docs/theory/b.md, Nobody and Else (1901)\n")
            ended = check(root)
            self.assertEqual(ended.returncode, 1)
            self.assertIn("cites (M7)", ended.stdout)
            self.assertIn("names docs/theory/b.md", ended.stdout)
            self.assertIn("Nobody 1901 is not in docs/theory/references.md", ended.stdout)


class Messages(unittest.TestCase):
    """docs/user/messages.md and the source have the same messages."""

    def check(self, root: pathlib.Path) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-I", "-B", HERE / "check_messages.py", root], capture_output=True, text=True, check=False)

    def test_all_have_a_cure(self):
        ended = self.check(ROOT)
        self.assertEqual(ended.returncode, 0, ended.stdout)

    def test_bites(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs" / "user").mkdir(parents=True)
            (root / "solver" / "app").mkdir(parents=True)
            (root / "solver" / "app" / "a.c").write_text(
                'LhDiagAdd(d, LH_DIAG_ERROR, &m, "the %s is of no use at %" PetscInt_FMT\n  " of %d", a, b, c);')
            page = root / "docs" / "user" / "messages.md"
            page.write_text("| `the ... is of no use at ... of ...` | throw it away |\n")
            self.assertEqual(self.check(root).returncode, 0, self.check(root).stdout)
            page.write_text("| `the ... is of some use` | keep it |\n")
            said = self.check(root).stdout
            self.assertIn("does not have: the ... is of no use at ... of ...", said)
            self.assertIn("what the solver does not say: the ... is of some use", said)


class Manual(unittest.TestCase):
    @unittest.skipUnless(SPHINX, "sphinx-build or doxygen is not installed (apt install python3-sphinx python3-breathe "
                                 "python3-myst-parser doxygen)")
    def test_builds_without_warnings(self):
        ended = subprocess.run(["cmake", "--build", os.environ["LIHOST_BUILD"], "--target", "docs"], capture_output=True,
                               text=True, check=False)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        page = pathlib.Path(os.environ["LIHOST_BUILD"]) / "docs" / "html" / "index.html"
        self.assertIn("Troubleshooting", page.read_text(encoding="utf-8"))


class Tutorials(unittest.TestCase):
    """Every line of a block without a language is a command, every block of Python a program; in order, in one folder."""

    def run_block(self, language: str, block: str, folder: str) -> None:
        if language == "python":
            words = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, 'postproc')\n" + block]
        elif not language:
            words = ["bash", "-ec", 'lihost() { "$LIHOST_PROGRAM" "$@"; }\nhere=$PWD\n'
                     + "".join(f"cd $here; {line}\n" for line in block.splitlines())]
        else:
            return
        ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 0, f"{block}\n{ended.stdout[-2000:]}\n{ended.stderr}")

    def test_blocks(self):
        for path in [ROOT / "docs" / "tutorials" / f"{NAME}.md"]:
            with tempfile.TemporaryDirectory() as folder:
                for name in ("cases", "materials", "postproc"):
                    (pathlib.Path(folder) / name).symlink_to(ROOT / name)
                blocks = BLOCK.findall(path.read_text(encoding="utf-8"))
                self.assertTrue(any(not language for language, _ in blocks))
                for language, block in blocks:
                    self.run_block(language, block, folder)


class Listed(unittest.TestCase):
    def test_all(self):
        """Each tutorial stands in the list of the README, and has a test."""
        pages = {path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md")} - {"README"}
        readme = (ROOT / "docs" / "tutorials" / "README.md").read_text(encoding="utf-8")
        self.assertEqual(pages, set(re.findall(r"\((\w+)\.md\)", readme)))
        self.assertEqual(pages, set(re.findall(r"^  (\w+)$", (HERE / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)))


if __name__ == "__main__":
    NAME = sys.argv.pop(2) if len(sys.argv) > 2 else ""
    unittest.main()
