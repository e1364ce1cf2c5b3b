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
COMMAND = re.compile(r"^```\n(.*?)^```", re.M | re.S)


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
            (root / "docs" / "theory" / "a.md").write_text("$$ x = 1 \\tag{M1} $$\n| (M2) row | y |\n")
            (root / "solver" / "a.c").write_text("// (M1), (M2) and docs/theory/a.md\nint m3 = f(M3);\n")
            self.assertEqual(check(root).returncode, 0)
            (root / "solver" / "a.c").write_text("// (M7), see docs/theory/b.md\n")
            ended = check(root)
            self.assertEqual(ended.returncode, 1)
            self.assertIn("cites (M7)", ended.stdout)
            self.assertIn("names docs/theory/b.md", ended.stdout)


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
    """Every fenced command of a tutorial that begins with `lihost` or `postproc/`, in order, in one folder."""

    def test_commands(self):
        for path in sorted((ROOT / "docs" / "tutorials").glob("*.md")):
            text = path.read_text(encoding="utf-8")
            lines = [line.split("#")[0].strip() for block in COMMAND.findall(text) for line in block.splitlines()]
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                for name in ("cases", "materials", "postproc"):
                    (pathlib.Path(folder) / name).symlink_to(ROOT / name)
                for line in filter(lambda l: l.startswith(("lihost ", "postproc/")), lines):
                    words = f"set -e; lihost() {{ \"$LIHOST_PROGRAM\" \"$@\"; }}; {line}"
                    ended = subprocess.run(["bash", "-c", words], cwd=folder, capture_output=True, text=True, check=False)
                    self.assertEqual(ended.returncode, 0, f"{line}\n{ended.stderr}")


if __name__ == "__main__":
    unittest.main()
