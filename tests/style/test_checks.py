#!/usr/bin/python3 -I
"""Checks: each style check accepts a small clean project and reports each mistake put into it.

Reference: the rules of docs/developer/style.md.
Tolerance and why: none; the sentence and the line must be the expected ones.
Fails if: a check passes over a mistake it exists for, or cries at clean text.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
CLEAN = {
    "solver/base/base.h": "/// @file\n/// Base.\n#pragma once\n#include <petscsys.h>\nint LhBaseAdd(int a, int b);\n",
    "solver/mesh/mesh.c": '/// @file\n/// Mesh.\n#include "base/base.h"\n\nint LhBaseAdd(int a, int b) {\n  return a + b;\n}\n',
    "README.md": "# Demo\n\n```\n./bootstrap run\n```\n\nSee [the license](LICENSE) and `cases/my_foil/case.yaml`.\n",
    "LICENSE": "text\n",
    "bootstrap": "case $1 in\n  run | test) do ;;\n  *) die ;;\nesac\n",
    "CMakePresets.json": '{"configurePresets": [{"name": "release"}]}\n',
    "solver/app/run.c": '/// @file\n/// Verb run.\nstatic const char *const name = "run";\n',
    ".clang-format": (HERE.parents[1] / ".clang-format").read_text(),
}


def long_function(lines: int) -> str:
    return "/// @file\n/// x\nint LhLong(void) {\n" + "  ;\n" * (lines - 3) + "  return 1;\n}\n"


def run_check(name: str, changes: dict[str, str]) -> subprocess.CompletedProcess:
    """Runs a check on the clean project with some files changed."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**CLEAN, **changes}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return subprocess.run([sys.executable, "-I", str(HERE / f"check_{name}.py"), folder],
                              capture_output=True, text=True, check=False)


class Checks(unittest.TestCase):
    def accepts(self, name: str, path: str = "LICENSE", text: str = "text\n") -> None:
        result = run_check(name, {path: text})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def refuses(self, name: str, path: str, text: str, sentence: str) -> None:
        result = run_check(name, {path: text})
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(sentence, result.stdout)

    def test_clean_project(self):
        for name in ("layers", "functions", "text", "commands"):
            with self.subTest(name):
                self.accepts(name)

    def test_layers(self):
        head = "/// @file\n/// x\n"
        for include, sentence in (
            ('#include "mesh/mesh.h"', "solver/base/a.c:3: error: base/ may not include mesh/"),
            ('  #  include "app/x.h"', "base/ may not include app/"),
            ("#include <petsc/private/matimpl.h>", "PETSc's private headers"),
            ('#include "a.h"', "does not name its layer"),
            ('#include "../laws/x.h"', "'..' is no layer"),
        ):
            with self.subTest(include):
                self.refuses("layers", "solver/base/a.c", f"{head}{include}\n", sentence)
        self.refuses("layers", "solver/extra/a.c", head, "'extra' is no layer")

    def test_functions(self):
        path = "solver/base/a.c"
        self.accepts("functions", path, long_function(60))
        self.assertIn("warning: LhLong is 61 lines", run_check("functions", {path: long_function(61)}).stdout)
        self.accepts("functions", path, long_function(100))
        self.refuses("functions", path, long_function(101), "solver/base/a.c:3: error: LhLong is 101 lines")
        self.accepts("functions", path, "int LhF(int a, int b, int c, int d, int e, int f, int g);\n")
        self.refuses("functions", path, "int LhF(int a, int b, int c, int d, int e, int f, int g, int h);\n",
                     "LhF has 8 parameters")
        self.refuses("functions", path, "int LhF(int a, int b, int c, int d, int e, int f, int g, int h)\n{\n}\n",
                     "LhF has 8 parameters")
        nested = "int LhF(int a) {\n" + "if (a) {\n" * 4 + "}\n" * 4 + "return 1;\n}\n"
        self.assertIn("LhF nests 4 deep", run_check("functions", {path: nested}).stdout)
        lanes = nested.replace("if (a)", "LH_LANES(l)", 1)
        self.assertNotIn("nests", run_check("functions", {path: lanes}).stdout)
        callback = "static int F(int a, int b, int c, int d, int e, int f, int g, int h) {\n  return 1;\n}\n"
        self.accepts("functions", path, callback + "int LhG(void) {\n  return Register(F);\n}\n")
        self.refuses("functions", path, callback + "int LhG(void) {\n  return F(1, 2, 3, 4, 5, 6, 7, 8);\n}\n",
                     "F has 8 parameters")
        self.refuses("functions", path, "/// @file\n" * 601, "601 lines, more than 600")

    def test_functions_reads_c(self):
        """Braces in comments, literals, macros and initialisers do not confuse the reader."""
        tricky = ('/// @file {\n#define M(x) { \\\n  x\nstatic const char *s = "}{"; /* } */\n'
                  "typedef struct {\n  int (*f)(int a, int b, int c, int d, int e, int f, int g, int h);\n} T;\n"
                  "static const T t[] = {{0}, {0}};\nstatic int A(int (*g)(int, int), int b) {\n  return '{';\n}\n")
        self.accepts("functions", "solver/base/a.c", tricky)
        tricky += "const double (*Row(int a))[8] {\n  return 0;\n}\n"
        self.accepts("functions", "solver/base/a.c", tricky)
        self.refuses("functions", "solver/base/a.c", tricky + long_function(101), "LhLong is 101 lines")

    def test_text(self):
        slash = "/"
        for text, sentence in (
            (f"see {slash}work{slash}main", "a path of one machine"),
            (f"cd {slash}home{slash}someone{slash}x", "a path of one machine"),
            (f"..{slash}shared{slash}design", "a folder outside the project"),
            ("http://deb." + "debian.org/debian", "a package registry host"),
            ("written in one ses" + "sion", "says"),
            ("the ag" + "ents agreed", "says"),
        ):
            with self.subTest(text):
                self.refuses("text", "docs/a.md", f"x\n{text}\n", "docs/a.md:2: error: ")
                self.assertIn(sentence, run_check("text", {"docs/a.md": text}).stdout)
        self.refuses("text", "solver/base/a.c", "#include <math.h>\n", "does not open with '/// @file'")
        lines = "/// Checks: a.\n/// Reference: b.\n/// Tolerance and why: c,\n///   and d.\n/// Fails if: e.\n#include <math.h>\n"
        self.accepts("text", "tests/unit/test_a.c", lines)
        self.refuses("text", "tests/unit/test_a.c", lines.replace("/// Tolerance and why: c,\n", ""),
                     "missing: Tolerance and why")
        self.accepts("text", "docs/a.md", "a network/framework of reagents\n")

    def test_format(self):
        result = run_check("format", {})
        if result.returncode == 77:
            self.skipTest(result.stdout.strip())
        self.accepts("format")
        self.refuses("format", "solver/base/a.c", "/// @file\nint  x;\n", "solver/base/a.c:2: error: layout differs")

    def test_commands(self):
        for text, sentence in (
            ("```\n./bootstrap fly\n```\n", "README.md:2: error: bootstrap has no word 'fly'"),
            ("Type `lihost fly cases/my_foil/case.yaml`.\n", "lihost has no verb 'fly'"),
            ("```\ncmake --preset fast\n```\n", "no preset 'fast'"),
            ("```\nlihost run cases/none/case.yaml\n```\n", "cases/none/case.yaml does not exist"),
            ("![x](docs/images/x.png)\n", "link to docs/images/x.png"),
        ):
            with self.subTest(text):
                self.refuses("commands", "README.md", text, sentence)
        self.accepts("commands", "README.md", "`lihost run cases/my_foil/case.yaml` `cmake --preset release`\n")


if __name__ == "__main__":
    unittest.main()
