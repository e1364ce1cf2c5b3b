#!/usr/bin/python3 -I
"""Checks: a disk without room ends a run at once on every rank, with one sentence and exit code 5; files stay complete.
Reference: exit codes of docs/user/outputs.md; the files that were there before.
Tolerance and why: 60 s, a hundred times what it takes; the failure this guards against waits forever.
Fails if: a rank waits in a collective call, the code is not 5, or a half-written file has a final name.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest


def end_of(how: str, ranks: int, folder: pathlib.Path) -> subprocess.CompletedProcess:
    command = [os.environ["LIHOST_MPIEXEC"], "-n", str(ranks), os.environ["LIHOST_FAIL_WRITE"], str(folder), how]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


class DiskFull(unittest.TestCase):
    def check(self, how: str, sentence: str):
        for ranks in (1, 2, 4):
            with self.subTest(ranks=ranks), tempfile.TemporaryDirectory() as scratch:
                folder = pathlib.Path(scratch) / "run"
                ended = end_of(how, ranks, folder)
                self.assertEqual(ended.returncode, 5, ended.stderr)
                self.assertRegex(ended.stderr, sentence)
                self.assertEqual(list(folder.glob("fields/*.hdf")), [])
                self.assertTrue((folder / "mesh_vtk.hdf").exists())

    def test_no_space_before(self):
        self.check("space", r"lihost: .*run: \S+ MB are needed and \S+ MB are free")

    def test_write_fails(self):
        self.check("limit", r"lihost: cannot write .*f_000000.hdf: \w+")


if __name__ == "__main__":
    unittest.main()
