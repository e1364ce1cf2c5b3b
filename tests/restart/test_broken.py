#!/usr/bin/python3 -I
"""Checks: what can be wrong with a stopped run or its disk leads to a sentence that names it, never to another result;
the last good checkpoint stays.

Reference: the run that was left alone, byte by byte; exit codes of docs/user/outputs.md.
Tolerance and why: none.
Fails if: a damaged checkpoint, another case or another mesh is taken, a good checkpoint is lost to a full disk, or a
sentence does not name what is wrong.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stopped import SMALL, SOURCE, STRIP, TRIES, command, differences, lihost, stop, wait_for_resume  # noqa: E402

EVERY = "output.checkpoint_windows=2"


class Broken(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.out = self.folder / "out"

    def whole(self, *words: str) -> pathlib.Path:
        result = lihost("run", *words, EVERY, "output.directory=whole", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.folder / "whole"

    def stopped(self, *words: str, rows: int = 60) -> None:
        words = ("run", *words, EVERY, "output.directory=out")
        self.assertEqual(stop(words, self.folder / "out", rows, lambda run: run.send_signal(signal.SIGUSR1)), 4)

    def refused(self, *sentences: str, code: int = 2, **options) -> subprocess.CompletedProcess:
        """Resuming fails with these sentences and leaves results and checkpoints as they were."""
        kept = {path: path.read_bytes() for path in [*self.out.glob("restart/?.h5"), self.out / "series.csv"] if path.exists()}
        result = lihost("resume", "out", folder=self.folder, **options)
        self.assertEqual(result.returncode, code, result.stderr)
        for sentence in sentences:
            self.assertRegex(result.stderr, sentence)
        if code == 2:
            for path, text in kept.items():
                self.assertEqual(path.read_bytes(), text, path)
        return result

    def resumed(self) -> subprocess.CompletedProcess:
        result = lihost("resume", "out", folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def by_age(self) -> list[pathlib.Path]:
        """Checkpoints, the newest first."""
        return sorted(self.out.glob("restart/?.h5"), key=lambda path: -int(path.read_bytes().split(b"\n")[1].split()[1]))

    def damage(self, path: pathlib.Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data)

    def test_checkpoints(self):
        whole = self.whole(*SMALL)
        self.stopped(*SMALL)
        newest, older = self.by_age()
        self.damage(newest)
        keep = older.read_bytes()
        os.truncate(older, len(keep) - 9)
        self.refused(f"the checkpoint out/restart/{newest.name} is damaged: its bytes do not give the checksum",
                     rf"the checkpoint out/restart/{older.name} has \d+ bytes instead of \d+",
                     "out/restart holds no good checkpoint to go on from; start the run again", "nothing was resumed")
        older.write_bytes(keep)
        said = self.resumed()
        self.assertIn(f"resumed from out/restart/{older.name}", said.stdout)
        self.assertIn(f"the checkpoint out/restart/{newest.name} is damaged", said.stderr)
        self.assertEqual(differences(whole, self.out), [])

    def test_swapped_checkpoints(self):
        self.stopped(*SMALL)
        a, b = self.out / "restart" / "A.h5", self.out / "restart" / "B.h5"
        a.rename(self.folder / "keep")
        b.rename(a)
        (self.folder / "keep").rename(b)
        self.refused("was renamed: its seal is that of the other file")

    def test_no_run(self):
        self.assertRegex(lihost("resume", "nowhere", folder=self.folder).stderr, "there is no folder 'nowhere'")
        self.out.mkdir()
        self.refused("the folder 'out' holds no run that could be resumed")
        self.assertEqual(lihost("resume", folder=self.folder).returncode, 2)
        self.assertEqual(lihost("status", "out", folder=self.folder).returncode, 2)
        self.assertEqual(lihost("ctl", "out", "dance", folder=self.folder).returncode, 2)

    def test_before_the_first_checkpoint(self):
        whole = self.whole(*SMALL)
        self.stopped(*SMALL, rows=0)
        for path in self.out.glob("restart/?.h5"):
            path.unlink()
        self.resumed()
        self.assertEqual(differences(whole, self.out), [])

    def test_changed_case(self):
        case = self.folder / "case.yaml"
        text = pathlib.Path(STRIP).read_text(encoding="utf-8")
        case.write_text(text, encoding="utf-8")
        words = (str(case), *SMALL[1:])
        whole = self.whole(*words)
        self.stopped(*words)
        case.write_text(text.replace("temperature: 25 degC", "temperature: 26 degC"), encoding="utf-8")
        self.refused(r"the input has changed since the run began: temperature was 298.1\d* and is 299.1\d*; out/case.yaml is the case as it was")
        case.write_text(text.replace("platen: false", "platen: true"), encoding="utf-8")
        self.refused("mechanics.platen was 0 and is 1")
        case.write_text(text.replace("seed: 1", "seed: 3"), encoding="utf-8")
        self.refused("regions.foil.variation.cnt.random.seed was 1 and is 3")
        case.unlink()
        self.refused("there is no file '.*case.yaml'")
        case.write_text(text, encoding="utf-8")
        self.resumed()
        self.assertEqual(differences(whole, self.out), [])

    def test_other_numerics(self):
        self.stopped(*SMALL)
        refused = lihost("resume", "out", "temperature=26 degC", folder=self.folder)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("'temperature=26 degC' would make another run of it", refused.stderr)
        said = lihost("resume", "out", "numerics.electrochemistry.rtol=1e-4", folder=self.folder)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stderr, "the run goes on with numerics.electrochemistry.rtol = [0-9.e-]+, it was 0.001")
        self.assertIn('numerics,"goes on with numerics.electrochemistry.rtol=1e-4"', (self.out / "events.csv").read_text(encoding="utf-8"))
        self.assertIn("numerics.electrochemistry.rtol=1e-4", (self.out / "restart" / "case.txt").read_text(encoding="utf-8"))

    def test_mesh(self):
        mesh, case = self.folder / "foil.msh", self.folder / "case.yaml"
        shutil.copy(SOURCE / "meshes" / "foil_hex.msh", mesh)
        text = (SOURCE / "cases" / "gmsh_foil" / "case.yaml").read_text(encoding="utf-8")
        case.write_text(text.replace("../../meshes/foil_hex.msh", "foil.msh"), encoding="utf-8")
        words = (str(case), "experiment.steps=[strip at 0.5 mA/cm^2 until 2 mA.h/cm^2]", "output.states=[0]")
        self.stopped(*words, rows=8)
        data = mesh.read_bytes()
        mesh.unlink()
        self.refused("foil.msh")
        digit = data.index(b".", data.index(b"$Nodes")) + 3
        changed = bytearray(data)
        changed[digit] = ord("1") if changed[digit] != ord("1") else ord("2")
        mesh.write_bytes(changed)
        self.refused("(the mesh|regions.*) has changed since the run began|foil.msh")
        mesh.write_bytes(data)
        self.resumed()

    def test_table_without_rows(self):
        self.stopped(*SMALL)
        lines = (self.out / "series.csv").read_text(encoding="ascii").splitlines(keepends=True)
        (self.out / "series.csv").write_text("".join(lines[:20] + lines[21:]), encoding="ascii")
        result = lihost("resume", "out", folder=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"out/series.csv has \d+ rows up to the checkpoint and should have \d+: it was changed")

    def limited(self, limit: int, number: int) -> str:
        """What is said when files of the run that goes on for the number-th time may not grow beyond a size. MPI itself starts with
        large files, so the limit comes a moment later; on a busy machine that may be too late, and it is tried again."""
        kept = self.folder / "kept"
        shutil.copytree(self.out, kept)
        for _ in range(TRIES):
            run = subprocess.Popen(command(("resume", "out")), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if wait_for_resume(run, self.out, number):
                resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (limit, limit))
            said = run.communicate()[1]
            if run.returncode != 0:
                break
            shutil.rmtree(self.out)
            shutil.copytree(kept, self.out)
        shutil.rmtree(kept)
        self.assertEqual(run.returncode, 5, said)
        return said

    def test_size_limit(self):
        """First the checkpoint does not fit, then the table."""
        whole = self.whole(*SMALL)
        self.stopped(*SMALL)
        size = self.by_age()[0].stat().st_size
        said = self.limited(size - 4096, 1)
        self.assertRegex(said, r"cannot write out/restart/[AB].h5.*; the last good checkpoint is out/restart/[AB].h5")
        self.limited((self.out / "series.csv").stat().st_size + 500, 2)
        self.assertIn("looks dead", lihost("status", "out", folder=self.folder).stdout)
        self.resumed()
        self.assertEqual(differences(whole, self.out), [])

    def test_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
            self.skipTest("a small disk can be mounted by the administrator only; test_size_limit stands for it")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=False)
        whole = self.whole(*SMALL)
        self.out.symlink_to(disk / "out")
        self.folder, folder = disk, self.folder
        self.stopped(*SMALL)
        self.folder = folder
        kept = {path: path.read_bytes() for path in self.by_age()}
        with open(disk / "filler", "wb") as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
        result = lihost("resume", "out", folder=self.folder)
        self.assertEqual(result.returncode, 5, result.stderr)
        self.assertRegex(result.stderr, "out: .* MB are needed and .* MB are free on this disk|cannot write out/")
        self.assertTrue(any(path.read_bytes() == text for path, text in kept.items()), "a checkpoint is left")
        (disk / "filler").unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        self.refused("cannot write in the folder out: Read-only file system")
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        self.resumed()
        self.assertEqual(differences(whole, self.out), [])


if __name__ == "__main__":
    unittest.main()
