#!/usr/bin/python3 -I
"""Checks: the local pool keeps as many cases at work as cores allow and never more, says how far the whole study is and how long it will
take, and writes one table twice, as CSV and as HDF5.

Reference: begin and end of every case as its script wrote them; the CSV cell by cell.
Tolerance and why: none.
Fails if: a case begins before a place is free, a place stays empty, or a column is lost, moved or has another unit in one of the files.
"""
import csv
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import h5py  # noqa: E402
from study_files import sweep, table, write_study  # noqa: E402

AXES = "  - {key: temperature, list: [20 degC, 22 degC, 24 degC, 26 degC, 28 degC, 30 degC]}\n"


def most_at_once(folder: pathlib.Path) -> int:
    """Largest number of cases between their begin and their end."""
    events = []
    for path in folder.glob("state/*.txt"):
        for line in path.read_text().splitlines():
            words = line.split()
            events.append((float(words[2]), 1 if words[0] == "begin" else -1))
    count = most = 0
    for _, change in sorted(events):
        count += change
        most = max(most, count)
    return most


class Pool(unittest.TestCase):
    def run_study(self, folder: str, engine: str) -> tuple[pathlib.Path, str]:
        write_study(pathlib.Path(folder), AXES, charge="0.8 mA.h/cm^2", more=f"engine: {engine}\n")
        result = sweep("study.yaml", folder=pathlib.Path(folder))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        study = pathlib.Path(folder) / "studies/test"
        self.assertEqual([row["state"] for row in table(study)], ["done"] * 6)
        return study, result.stdout

    def test_cores(self):
        for engine, places in (("{cores: 3}", 3), ("{cores: 3, workers: 8}", 3), ("{cores: 3, workers: 2}", 2), ("{cores: 3, ranks: 2}", 1)):
            with self.subTest(engine), tempfile.TemporaryDirectory() as folder:
                study, said = self.run_study(folder, engine)
                self.assertEqual(most_at_once(study), places)
                lines = re.findall(r"(\d) of 6 cases done, 0 failed, (\d) running, (\d) waiting, left about ", said)
                self.assertTrue(lines)
                for done, running, waiting in lines:
                    self.assertEqual(int(done) + int(running) + int(waiting), 6)
                    self.assertLessEqual(int(running), places)

    def test_table(self):
        with tempfile.TemporaryDirectory() as folder:
            study, _ = self.run_study(folder, "{cores: 3}")
            with open(study / "table.csv", newline="", encoding="utf-8") as stream:
                head, *rows = csv.reader(stream)
            with h5py.File(study / "table.h5") as file:
                columns = {name: data for group in ("input", "observable", "status") for name, data in file[group].items()}
                self.assertEqual(file["input"].attrs["columns"].decode().split("\n"), [name.split(" [")[0] for name in head])
                self.assertEqual(len(columns), len(head))
                for k, name in enumerate(head):
                    data = columns[name.split(" [")[0]]
                    if " [" in name:
                        self.assertEqual(data.attrs["unit"].decode(), name.split(" [")[1][:-1], name)
                        self.assertEqual([float(row[k]) for row in rows], [float(value) for value in data[:].ravel()], name)
                    else:
                        self.assertEqual([row[k] for row in rows], [value.decode() for value in data[:].ravel()], name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
