#!/usr/bin/python3 -I
"""Checks: the 3D view of a foil of more than 100,000 cells turns, and goes through its states, at 20 frames a second.
Reference: none; headless Chromium, which renders in software. A frame counts when its pixels can be read.
Tolerance and why: none; wants a machine that does nothing else, so it runs by its label alone: ctest -R postproc.report.large
Fails if: either rate is below 20 frames a second, or edges are not smoothed once the view is at rest.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
POSTPROC = HERE.parents[1] / "postproc"
sys.path[:0] = [str(HERE), str(POSTPROC)]
import browser  # noqa: E402
import synthetic_run  # noqa: E402

RATE = 20.0  # frames/s
SIZE = {"n": 46, "foil_layers": 42}  # 105,800 cells


@unittest.skipIf(browser.missing(), browser.missing())
class Large(unittest.TestCase):
    def test_rate(self):
        with tempfile.TemporaryDirectory() as folder:
            run = synthetic_run.write(pathlib.Path(folder) / "run", **SIZE, shares=(0, 0.25, 0.5, 0.75, 1))
            subprocess.run([sys.executable, "-I", "-B", POSTPROC / "report", run], check=True, capture_output=True)
            driver = browser.start()
            self.addCleanup(driver.quit)
            driver.get(f"file://{run}/report.html")
            self.assertTrue(browser.wait(driver, "return !!window.lihostView"))
            run_script = driver.execute_script
            cells = run_script("return lihostView.model.head.num_cells")
            pixels = run_script("lihostView.moving(); return [lihostView.canvas.width, lihostView.canvas.height]")
            turning, stepping = run_script("return [lihostView.benchmark(60, false), lihostView.benchmark(20, true)]")
            print(f"{cells} cells, {pixels[0]} x {pixels[1]} pixels: turning {turning:.1f} frames/s, through its states {stepping:.1f} frames/s; "
                  f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            self.assertGreater(cells, 100000)
            self.assertTrue(browser.wait(driver, f"return lihostView.canvas.width === {2 * pixels[0]}"), "edges are smoothed at rest")
            self.assertGreaterEqual(min(turning, stepping), RATE)


if __name__ == "__main__":
    unittest.main()
