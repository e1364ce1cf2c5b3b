#!/usr/bin/python3 -I
"""Checks: ./bootstrap asks apt for missing packages only, once, and names what it cannot have.

Reference: the promises of docs/user/install.md.
Tolerance and why: none; sentences and recorded calls must match.
Fails if: a second run does package work, or a failure leaves the user without the package's name.
The package tools are stand-ins: nothing is installed. Usage: test_bootstrap.py BOOTSTRAP
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BOOTSTRAP = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else "bootstrap").resolve()
TOOLS = ("bash", "env", "readlink", "dirname", "grep", "cat", "nproc", "printf", "stat")
DPKG_QUERY = """for p in "${@:3}"; do grep -qx "$p" "$STATE/absent" || echo "$p installed"; done"""
APT_GET = """echo "$*" >>"$STATE/calls"
case "$*" in
  *install*) [ -e "$STATE/broken" ] && exit 100; : >"$STATE/absent" ;;
esac"""
APT_CACHE = """! grep -qx "${@: -1}" "$STATE/unknown" """


class Machine:
    """A PATH with stand-ins for dpkg-query, apt-get, apt-cache and id."""

    def __init__(self, folder: str, absent: str = "", unknown: str = "", user: int = 0):
        self.state = pathlib.Path(folder)
        self.bin = self.state / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            if found := shutil.which(tool, path="/usr/bin:/bin"):
                (self.bin / tool).symlink_to(found)
        self.script("dpkg-query", DPKG_QUERY)
        self.script("apt-get", APT_GET)
        self.script("apt-cache", APT_CACHE)
        self.script("id", f"echo {user}")
        (self.state / "absent").write_text(absent)
        (self.state / "unknown").write_text(unknown)
        (self.state / "calls").write_text("")

    def script(self, name: str, body: str) -> None:
        (self.bin / name).write_text(f"#!/bin/bash\n{body}\n")
        (self.bin / name).chmod(0o755)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        environment = {"PATH": str(self.bin), "STATE": str(self.state)}
        return subprocess.run(["/bin/bash", str(BOOTSTRAP), *words], env=environment, cwd=os.sep,
                              capture_output=True, text=True, check=False)

    def calls(self) -> list[str]:
        return (self.state / "calls").read_text().splitlines()


class Bootstrap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def refuses(self, machine: Machine, sentence: str, *words: str) -> None:
        result = machine.run(*words)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn(sentence, result.stderr)

    def test_words(self):
        machine = Machine(self.folder)
        self.assertIn("Usage: ./bootstrap WORD", machine.run("help").stdout)
        self.refuses(machine, "unknown word 'fly'", "fly")
        self.refuses(machine, "one word at a time", "run", "test")

    def test_installs_what_is_missing_once(self):
        machine = Machine(self.folder, absent="ninja-build\nlibcmocka-dev\n")
        self.assertEqual(machine.run("setup").returncode, 0)
        update, install = machine.calls()
        self.assertTrue(update.endswith(" update"), update)
        self.assertTrue(install.endswith("install -y --no-install-recommends ninja-build libcmocka-dev"), install)
        self.assertEqual(machine.run("setup").returncode, 0)
        self.assertEqual(len(machine.calls()), 2, "the second run did package work")

    def test_names_what_no_source_offers(self):
        machine = Machine(self.folder, absent="ninja-build\npetsc-dev\n", unknown="petsc-dev\n")
        self.refuses(machine, "no package source of this machine offers: petsc-dev", "setup")

    def test_names_what_could_not_be_installed(self):
        machine = Machine(self.folder, absent="cmake\n")
        (machine.state / "broken").touch()
        self.refuses(machine, "could not be installed: cmake", "setup")

    def test_without_rights(self):
        machine = Machine(self.folder, absent="cmake\n", user=1000)
        self.refuses(machine, "neither root nor sudo is at hand: ask for cmake", "setup")

    def test_elsewhere_than_debian(self):
        machine = Machine(self.folder)
        (machine.bin / "apt-get").unlink()
        self.refuses(machine, "this is not Debian", "setup")


if __name__ == "__main__":
    unittest.main()
