#!/usr/bin/python3 -I
"""Checks: signals and requests end a run with code 4 and a checkpoint; it goes on with other numbers of processes; what
`lihost status` says of it.

Reference: the run that was left alone.
Tolerance and why: none where the run is told by `output.checkpoint_windows` when to start its integrator anew. Where a
stop decides that, results agree within the integrator's relative tolerance, 1e-3: after a stop IDA begins at order one.
Fails if: a signal to any one process is missed, a run ends without a checkpoint, or one written on some processes
cannot be read on others.
"""
import json
import os
import pathlib
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stopped import SMALL, differences, lihost, processes, start, stop, wait_for_resume, wait_for_rows, wait_for_state  # noqa: E402

# Long enough for another program to say something meanwhile.
SLOW = (*SMALL[:-1], "numerics.electrochemistry={preconditioner: amg, max_step: 2 s}")
EVERY = "output.checkpoint_windows=2"
PREDICTED = ("areal_capacity", "thickness_change", "mean_porosity", "voltage_at_half")


class Stop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        for name, more in (("left_alone", ()), ("by_windows", (EVERY,))):
            result = lihost("run", *SMALL, *more, f"output.directory={name}", folder=cls.folder)
            assert result.returncode == 0, result.stderr

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def stop(self, name: str, how, *more: str, ranks: int = 1, rows: int = 40, words=None, small=SMALL) -> pathlib.Path:
        """A run that `how` ends once it has some rows."""
        out = self.folder / name
        words = words or ("run", *small, *more, f"output.directory={name}")
        self.assertEqual(stop(words, out, rows, how, ranks), 4)
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        self.assertEqual(record["state"], "stopped")
        self.assertRegex(record["stop_reason"], rf"stopped by .* the checkpoint {name}/restart/[AB].h5 is of t = .*: lihost resume {name} goes on")
        return out

    def resume(self, out: pathlib.Path, ranks: int = 1) -> None:
        result = lihost("resume", out.name, folder=self.folder, ranks=ranks)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads((out / "run.json").read_text(encoding="utf-8"))["state"], "done")

    def agree(self, out: pathlib.Path) -> None:
        a, b = (json.loads((folder / "observables.json").read_text(encoding="utf-8")) for folder in (self.folder / "left_alone", out))
        for name in PREDICTED:
            self.assertAlmostEqual(b[name]["value"] / a[name]["value"], 1, delta=1e-3, msg=name)
        times = [float(line.split(",")[0]) for line in (out / "series.csv").read_text(encoding="ascii").splitlines()[1:]]
        self.assertEqual(times, sorted(set(times)), "rows in order, none twice")

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            with self.subTest(number):
                out = self.stop(f"signal_{number}", lambda run, n=number: run.send_signal(n))
                said = lihost("status", out.name, folder=self.folder).stdout
                self.assertIn("strip_lznc, stopped, ", said)
                self.assertIn(f"stopped by {signal.Signals(number).name} at t = ", said)
                self.resume(out)
                self.agree(out)

    def test_any_process(self):
        """The signal reaches one process only, and not the first."""
        def second(run):
            if run.poll() is None:
                os.kill(processes(run, 2)[-1], signal.SIGUSR1)
        out = self.stop("second", second, ranks=2)
        self.resume(out, ranks=2)
        self.agree(out)

    def test_other_numbers_of_processes(self):
        out = self.stop("others", lambda run: run.send_signal(signal.SIGUSR1))

        def later(run):
            wait_for_resume(run, out, 1)
            run.send_signal(signal.SIGUSR1)
        self.stop("others", later, ranks=4, rows=0, words=("resume", "others"))
        self.resume(out, ranks=2)
        self.agree(out)
        self.assertEqual(json.loads((out / "run.json").read_text(encoding="utf-8"))["resumes"], 2)

    def test_no_trace(self):
        """With checkpoints by windows a stop leaves no trace in the results."""
        for rows in (3, 60, 150):
            with self.subTest(rows):
                out = self.stop(f"rows_{rows}", lambda run: run.send_signal(signal.SIGTERM), EVERY, rows=rows)
                self.resume(out)
                self.assertEqual(differences(self.folder / "by_windows", out), [])

    def ask(self, word: str):
        def how(run):
            said = lihost("ctl", "asked", word, folder=self.folder)
            self.assertEqual(said.returncode, 0, said.stderr)
            self.assertIn(f"asked for: {word}", said.stdout)
        return how

    def test_requests(self):
        name = "asked"

        def three(run):
            self.ask("output")(run)
            self.ask("checkpoint")(run)
            wait_for_state(run, self.folder / name, 2)
            self.assertIn("  alive", lihost("status", name, folder=self.folder).stdout)
            self.ask("stop")(run)
        out = self.stop(name, three, "output.states=[0]", "output.checkpoint=0 s", rows=30, small=SLOW)
        self.assertGreaterEqual(json.loads((out / "run.json").read_text(encoding="utf-8"))["checkpoint_time [s]"], 0)
        self.assertIn("not running: it is stopped", lihost("ctl", name, "stop", folder=self.folder).stderr)

    def test_dead(self):
        run = start("run", *SMALL, "output.directory=dead", folder=self.folder)
        wait_for_rows(run, self.folder / "dead", 60)
        run.kill()
        run.wait()
        said = lihost("status", "dead", folder=self.folder).stdout
        if "running" in said:
            self.assertIn("looks dead: no process of this machine works on it", said)
            self.assertIn("lihost resume dead", said)
        self.resume(self.folder / "dead")
        again = lihost("resume", "dead", folder=self.folder)
        self.assertEqual(again.returncode, 0)
        self.assertIn("the run in dead is done", again.stderr)


if __name__ == "__main__":
    unittest.main()
