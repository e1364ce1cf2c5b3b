#!/usr/bin/python3 -I
"""Checks: report.html of a run and of a study and compare.html in a real browser: no console errors, no network, controls work.
Reference: a made-up run (synthetic_run.py), whose fields change from state to state; residuals against closed forms.
Tolerance and why: a picture counts as drawn with 40 colours and 2 % of coloured pixels, half of what the view shows.
Fails if: a page raises, the 3D view is blank, the slider, the field menu or the cut change nothing, a page names an address.
"""
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
POSTPROC = HERE.parents[1] / "postproc"
sys.path[:0] = [str(HERE), str(POSTPROC)]
import browser  # noqa: E402
import numpy as np  # noqa: E402
import synthetic_run  # noqa: E402

OBSERVABLES = """{"voltage_at_half": {"value": 0.004, "unit": "V", "class": "predicted", "meaning": "voltage <half>"},
 "mean_porosity": {"value": null, "unit": "1", "class": "input", "meaning": "porosity"}}"""
TABLE = """row [1],cnt [%],capacity [mA.h/g],toughness [J m-3],state,case
1,4.8,2200,3,done,cases/a
2,9.1,2100,5,done,cases/b
3,13,2000,4,done,cases/c
4,20,,,failed,cases/d
"""


def script(name: str, *words, environment=None) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", "-B", str(POSTPROC / name), *map(str, words)], capture_output=True, text=True,
                          timeout=240, check=False, env=environment)


def small_run(folder) -> pathlib.Path:
    run = synthetic_run.write(folder, n=6, foil_layers=12, shares=(0, 0.25, 0.5, 0.75, 1))
    (run / "observables.json").write_text(OBSERVABLES)
    write_fibres(run / "fibres_vtk.hdf")
    return run


def write_fibres(path: pathlib.Path) -> None:
    """Two straight fibres through the foil."""
    import h5py
    with h5py.File(path, "w") as file:
        root = file.create_group("VTKHDF")
        root["Points"] = 1e-6 * np.array([[5, 5, 5], [55, 50, 45], [50, 5, 10], [8, 40, 30.0]])
        root["Connectivity"] = np.arange(4)
        root["CellData/fibre"], root["CellData/area"] = np.arange(2), np.full(2, 4e-12)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        cls.run_folder = small_run(cls.folder / "run")
        cls.ended = script("report", cls.run_folder)

    def test_page_of_a_run(self):
        self.assertEqual((self.ended.returncode, self.ended.stderr), (0, ""))
        text = (self.run_folder / "report.html").read_text(encoding="utf-8")
        for words in ("voltage &lt;half&gt;", "not reached", "class predicted", "Current distribution", "Conservation of lithium",
                      "LZNC.alloy.equilibrium.potentials.0"):
            self.assertIn(words, text)
        self.assertIsNone(re.search(r'(src|href)="(https?:)?//', text))
        self.assertNotIn("not drawn", text)

    def film(self, run, out: pathlib.Path, **environment) -> subprocess.CompletedProcess:
        try:
            import PIL  # noqa: F401
        except ImportError:
            self.skipTest("Pillow is not installed (apt install python3-pil)")
        out.parent.mkdir()
        ended = script("report", run, "--no-3d", "--animation", "--out", out, environment={**os.environ, **environment})
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return ended

    def check_frames(self, path: pathlib.Path, number: int):
        """As many frames as saved states, and each shows something else than the one before."""
        from PIL import Image
        with Image.open(path) as film:
            self.assertEqual(film.n_frames, number)
            pictures = []
            for i in range(number):
                film.seek(i)
                pictures.append(np.asarray(film.convert("RGB"), int))
        for before, after in zip(pictures, pictures[1:]):
            self.assertGreater((np.abs(before - after).max(axis=2) > 30).mean(), 0.003)

    def test_film_of_a_strip(self):
        self.film(self.run_folder, self.folder / "film" / "report.html")
        self.check_frames(self.folder / "film" / "animation.gif", 5)

    def test_film_of_a_pull(self):
        """Deformed volume, damage and a growing curve."""
        pull = synthetic_run.write_pull(self.folder / "pull")
        self.film(pull, self.folder / "film_of_pull" / "report.html")
        self.check_frames(self.folder / "film_of_pull" / "animation.gif", 6)

    @unittest.skipUnless(shutil.which("ffmpeg") and shutil.which("ffprobe"), "ffmpeg is not installed (apt install ffmpeg)")
    def test_mp4(self):
        """What ffmpeg wrote has the same number of frames, and is what players take: H.264 in 4:2:0."""
        self.film(self.run_folder, self.folder / "mp4" / "report.html")
        words = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,pix_fmt,nb_read_frames", "-of", "default=nw=1:nk=1",
                 self.folder / "mp4" / "animation.mp4"]
        self.assertEqual(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split(), ["h264", "yuv420p", "5"])

    def test_no_ffmpeg(self):
        """Without it a sentence, and the GIF all the same."""
        ended = self.film(self.run_folder, self.folder / "no_mp4" / "report.html", PATH="/nowhere")
        self.assertIn("animation.mp4: not written, ffmpeg is not installed (apt install ffmpeg)", ended.stdout)
        self.assertTrue((self.folder / "no_mp4" / "animation.gif").exists())
        self.assertFalse((self.folder / "no_mp4" / "animation.mp4").exists())

    def test_too_few_states(self):
        import animation
        import lihost_io
        import maps
        bare = synthetic_run.write(self.folder / "bare", n=3, foil_layers=4, shares=(0, 1))
        with self.assertRaisesRegex(maps.Skip, "at least three saved states, the run has 2 .output.states names when"):
            animation.write(lihost_io.Run(bare), self.folder)

    def test_fibres_move_with_their_cells(self):
        """A displacement linear in space is met exactly by the ends of fibres; an end outside all cells stays."""
        import geometry
        import lihost_io
        mesh = lihost_io.Run(self.run_folder).mesh
        places = np.vstack([1e-6 * np.array([[5, 5, 5], [55, 50, 45], [60, 60, 75], [33, 17, 61.0]]), [[1, 1, 1]]])
        change = np.array([[0.1, 0.02, 0], [0, -0.3, 0.01], [0.05, 0, 0.2]])
        bent = mesh.points + 3e-6 * np.sin(mesh.points[:, [1, 2, 0]] / 9e-6)  # no lattice any more
        for points, cells in ((mesh.points, mesh.cells), (bent, mesh.cells), (bent, mesh.cells[:, geometry.HEX_TETS].reshape(-1, 4))):
            inside = places if points is mesh.points else places[[0, 1, 3, 4]]
            vertices, weights = geometry.interpolation(points, cells, inside)
            moved = np.einsum("nc,ncj->nj", weights, (points @ change)[vertices])
            np.testing.assert_allclose(moved[:-1], inside[:-1] @ change, atol=1e-12)
            np.testing.assert_array_equal(moved[-1], 0)

    def test_mistakes(self):
        ended = script("report", self.folder)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("holds no run", ended.stderr)
        ended = script("compare", self.run_folder, self.folder / "absent.csv")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("there is neither a run nor a file", ended.stderr)
        strange = self.folder / "strange.csv"
        strange.write_text("capacity [furlong],voltage [V]\n1,2\n2,3\n")
        self.assertIn("the unit of capacity is 'furlong'", script("compare", self.run_folder, strange).stderr)

    def test_residuals(self):
        """Measured data 3 mV above the run, in other units, is off by 3 mV."""
        import compare_runs
        run = compare_runs.read(self.run_folder)
        q, v = compare_runs.along(run, "capacity", "voltage")
        data = self.folder / "measured.csv"
        rows = [f"{q[i] / 36000:.17g},{1e3 * v[i] + 3:.17g}" for i in range(5, len(q), 7)]
        data.write_text("\n".join(["capacity [mA.h/cm^2],voltage [mV]", *rows, ""]))
        at, difference = compare_runs.residual(run, compare_runs.read(data), "capacity", "voltage")
        self.assertEqual(len(at), len(rows))
        np.testing.assert_allclose(difference, 3e-3, rtol=1e-9)
        ended = script("compare", self.run_folder, data, "--out", self.folder / "compare.html")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("measured.csv", (self.folder / "compare.html").read_text(encoding="utf-8"))


@unittest.skipIf(browser.missing(), browser.missing())
class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        script("report", small_run(cls.folder / "run"))
        study = cls.folder / "study"
        study.mkdir()
        (study / "table.csv").write_text(TABLE)
        script("report", study)
        cls.driver = browser.start()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, name: str):
        self.driver.get(f"file://{self.folder}/{name}/report.html")

    def errors(self) -> list:
        return [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
                and "GPU stall" not in entry["message"]]

    def set(self, control: str, value, event: str) -> np.ndarray:
        self.driver.execute_script("const e = document.getElementById(arguments[0]); e.value = arguments[1];"
                                   "e.dispatchEvent(new Event(arguments[2]));", control, value, event)
        return self.picture()

    def picture(self) -> np.ndarray:
        from matplotlib import image
        from selenium.webdriver.common.by import By
        shot = self.driver.find_element(By.ID, "view-canvas").screenshot_as_png
        return np.round(255 * image.imread(io.BytesIO(shot))[:, :, :3]).astype(int)

    def check_drawn(self, pixels: np.ndarray):
        self.assertGreater(len(np.unique(pixels.reshape(-1, 3), axis=0)), 40)
        self.assertGreater((np.ptp(pixels, axis=2) > 30).mean(), 0.02)

    def test_view(self):
        self.open("run")
        self.assertTrue(browser.wait(self.driver, "return !!window.lihostView"),
                        self.driver.execute_script("return document.getElementById('view-message').textContent"))
        seen = [self.set("view-slider", 2, "input")]
        self.assertEqual(self.driver.execute_script("return document.getElementById('view-title').textContent"), "50 % stripped")
        seen.append(self.set("view-slider", 4, "input"))
        fields = self.driver.execute_script("return [...document.getElementById('view-field').options].map((o) => o.text)")
        self.assertEqual(fields[0], "lithium content")
        self.assertIn("von mises (MPa)", fields)
        seen.append(self.set("view-field", fields.index("von mises (MPa)"), "change"))
        seen.append(self.set("view-clip", 1, "change"))
        seen.append(self.set("view-share", 0.2, "input"))
        for before, after in zip(seen, seen[1:]):
            self.assertGreater((before != after).any(axis=2).mean(), 0.005)
        for pixels in seen[:1] + seen[2:]:
            self.check_drawn(pixels)
        self.set("view-clip", 0, "change")
        self.driver.execute_script("document.getElementById('view-thin').click()")
        pixels = self.picture()
        self.assertGreater((pixels.max(axis=2) < 90).mean(), 0.003, "the fibres alone are dark tubes")
        self.assertLess((np.ptp(pixels, axis=2) > 30).mean(), 0.005, "nothing else is drawn")
        self.assertEqual(self.errors(), [])

    def test_fibres_move(self):
        """In the last state a fibre's upper end has gone down with the foil; magnified by ten, ten times as far."""
        self.open("run")
        self.assertTrue(browser.wait(self.driver, "return !!window.lihostView"))
        at = [self.driver.execute_script("return window.lihostView.model.tubes(4, arguments[0])[5]", m) for m in (0, 1, 10)]
        self.assertLess(at[1], at[0] - 0.1)
        self.assertAlmostEqual((at[2] - at[0]) / (at[1] - at[0]), 10, delta=1e-3)

    def test_edges_are_smoothed_at_rest(self):
        """Twice the pixels along each side when nothing moves; rough again as soon as something does; same place in the page."""
        self.open("run")
        self.assertTrue(browser.wait(self.driver, "return !!window.lihostView && lihostView.canvas.width === 2 * lihostView.canvas.clientWidth"))
        state = "return [lihostView.canvas.width / lihostView.canvas.clientWidth, lihostView.canvas.clientHeight]"
        fine = self.driver.execute_script(state)
        rough = self.driver.execute_script("lihostView.show();" + state)
        self.assertEqual((fine[0], rough[0]), (2, 1))
        self.assertAlmostEqual(fine[1], rough[1], delta=1)
        self.assertTrue(browser.wait(self.driver, "return lihostView.canvas.width === 2 * lihostView.canvas.clientWidth", 10))
        self.check_drawn(self.picture())

    def test_cut_is_closed(self):
        """The plane through the foil shows a filled section: area of the cap = width x height."""
        self.open("run")
        self.assertTrue(browser.wait(self.driver, "return !!window.lihostView"))
        area = self.driver.execute_script("""
            const view = window.lihostView; view.magnify = 0; view.clip = 1; view.share = 0.43;
            const m = view.model; m.deform(0, 0);
            const t = m.cut(new Float32Array(m.region.length), true, m.head.regions.map(() => true), view.plane());
            let sum = 0;
            for (let i = 0; i < t.length; i += 12) sum += 0.5 * Math.abs((t[i + 5] - t[i + 1]) * (t[i + 10] - t[i + 2])
              - (t[i + 9] - t[i + 1]) * (t[i + 6] - t[i + 2]));
            return sum;""")
        self.assertAlmostEqual(area / (60 * 75), 1, delta=1e-4)  # single precision

    def test_study_table(self):
        self.open("study")
        run = self.driver.execute_script
        kept = "return [...document.querySelectorAll('#study-table tbody tr')].filter((r) => !r.hidden).map((r) => r.cells[0].textContent)"
        run("const b = document.querySelector('input[data-table]'); b.value = 'done toughness>3.5'; b.dispatchEvent(new Event('input'));")
        self.assertEqual(run(kept), ["2", "3"])
        run("document.querySelectorAll('#study-table th')[3].click()")
        self.assertEqual(run(kept), ["3", "2"])
        front = run("return pareto([{x: 1, y: 3}, {x: 2, y: 2}, {x: 1.5, y: 1}, {x: 3, y: 1}], 1, 1).map((p) => p.x)")
        self.assertEqual(front, [1, 2, 3])
        self.assertEqual(run("return document.querySelectorAll('#plot circle').length"), 2)
        self.assertEqual(self.errors(), [])


if __name__ == "__main__":
    unittest.main()
