#!/usr/bin/python3 -I
"""Numbers of the verification cases, from ctest's log: the pages below docs/validation and their index verification.md.

Usage: verification.py BUILD   after ctest has run in BUILD. A page names its tests in `<!-- numbers: TEST/CASE ... -->`; what follows up to
`<!-- end numbers -->` is replaced when the log has all of these tests. Tests print `verified: what | found | reference | allowed`
(tests/support/verified.h, tests/app/program.py); no number is copied by hand.
"""
import argparse
import fnmatch
import pathlib
import re
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "validation"
INDEX = FOLDER / "verification.md"
CHAPTERS = {"electrochemistry": "Electrochemistry", "mechanics": "Mechanics", "fibres": "Fibres", "tension": "Tension and damage",
            "coupling": "Coupling in whole runs", "effective": "Effective properties"}
BLOCK = re.compile(r"<!-- numbers: (.*?) -->\n(.*?)<!-- end numbers -->", re.S)
MOST_ROWS = 6  # of one quantity of one case; beyond that the worst stands for all
OWN_REFERENCE = ("Ranks", "test_ranks", "test_energy", "test_stripped", "test_foil")  # cases that compare the program with itself


class Row(NamedTuple):
    test: str  # of ctest, without the number of ranks
    case: str  # TestM01 in C is M01, test_m01 in Python is itself
    what: str
    found: float
    reference: float
    allowed: float

    def strain(self) -> float:
        """Difference over what is allowed."""
        return abs(self.found - self.reference) / self.allowed if self.allowed else 0.0


def read(log: str) -> list[Row]:
    rows, seen, test, case, wanted = [], {}, "", "", True
    for line in log.splitlines():
        if found := re.match(r"\d+/\d+ Test: (\S+)", line):
            test = re.sub(r"\.\d+$", "", found[1])
            wanted = seen.setdefault(test, found[1]) == found[1]  # one number of ranks speaks for all
        elif found := re.match(r"\[ RUN +\] Test(\w+)", line):
            case = found[1]
        elif (found := re.search(r"verified: (.*) \| (\S+) \| (\S+) \| (\S+)$", line)) and wanted:
            named = re.match(r"(test_\w+) (.*)", found[1])  # Python names its case in the line
            row = Row(test, *(named.groups() if named else (case, found[1])), *map(float, found.groups()[1:]))
            if row not in rows and not row.case.startswith(OWN_REFERENCE):
                rows.append(row)
    return rows


def chosen(rows: list[Row], patterns: str) -> list[Row]:
    return [row for pattern in patterns.split() for row in rows if fnmatch.fnmatchcase(f"{row.test}/{row.case}", pattern)]


def thin(rows: list[Row]) -> list[tuple[Row, int]]:
    """Rows of one quantity beyond MOST_ROWS give way to the worst of them, with their number."""
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[:3], []).append(row)
    return [pair for group in groups.values() for pair in
            ([(row, 1) for row in group] if len(group) <= MOST_ROWS else [(max(group, key=Row.strain), len(group))])]


def table(rows: list[Row]) -> str:
    out = ["| case | quantity | reference | computed | difference | allowed |", "|---|---|---|---|---|---|"]
    for row, number in thin(rows):
        what = row.what + (f" (worst of {number})" if number > 1 else "")
        out.append(f"| {row.case} | {what} | {row.reference:.7g} | {row.found:.7g} | {abs(row.found - row.reference):.1e} | {row.allowed:.1e} |")
    return "\n".join(out)


def source(test: str) -> pathlib.Path:
    """The file of a test: tests/a/b/test_c.c for a.b.test_c; a Python test is named after a class in the file, or the file."""
    *folder, stem = test.split(".")
    place = ROOT.joinpath("tests", *folder)
    if (place / f"{stem}.c").exists():
        return place / f"{stem}.c"
    texts = {path: path.read_text(encoding="utf-8") for path in place.glob("test_*.py")}
    return next(path for path, text in texts.items() if path.stem == f"test_{stem}" or f"class {stem}(" in text)


def tolerance(test: str) -> str:
    """What the head of a test says of its tolerance."""
    head = source(test).read_text(encoding="utf-8")[:3000].replace("///", "")
    return " ".join(re.search(r"Tolerance and why: (.*?)\s*Fails if", head, re.S)[1].split())


def numbers(rows: list[Row]) -> str:
    """What a page says between its marks."""
    out = ["## Numbers", ""]
    for test in dict.fromkeys(row.test for row in rows):
        own = [row for row in rows if row.test == test]
        orders = [row for row in own if row.what.startswith("order")]
        out += [f"`ctest --test-dir build/release -R {test}` repeats:", ""]
        if len(orders) < len(own):
            out += [table([row for row in own if row not in orders]), ""]
        if orders:
            out += ["Order of convergence:", "", table(orders), ""]
        out += [f"*Allowed*: {tolerance(test)}", ""]
    return "\n".join(out)


def pages() -> dict[str, list[pathlib.Path]]:
    """Chapter -> its pages, numbered cases first."""
    return {folder: sorted((FOLDER / folder).glob("*.md"), key=lambda path: (not re.match(r"[em]\d\d$", path.stem), path.stem))
            for folder in CHAPTERS}


def title(path: pathlib.Path) -> str:
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")


def counted(path: pathlib.Path) -> tuple[int, float]:
    """Numbers of a page, and the largest difference over what is allowed."""
    found = re.findall(r"\| (\S+) \| (\S+) \|$", path.read_text(encoding="utf-8"), re.M)
    shares = [float(difference) / float(allowed) for difference, allowed in found if re.match(r"[\d.]+e", allowed) and float(allowed)]
    return len(shares), max(shares, default=0.0)


def index() -> str:
    out = []
    for folder, words in CHAPTERS.items():
        out += [f"## {words}", "", "| case | numbers | largest difference over allowed |", "|---|---|---|"]
        for path in pages()[folder]:
            number, worst = counted(path)
            out.append(f"| [{title(path)}]({folder}/{path.name}) | {number} | {100 * worst:.2g} % |")
        out.append("")
    return "\n".join(out)


def write(rows: list[Row]) -> list[str]:
    """Fills pages and index; returns what no page shows."""
    shown: set[Row] = set()
    for path in (path for paths in pages().values() for path in paths):
        text = path.read_text(encoding="utf-8")
        patterns = BLOCK.search(text)[1]
        own = chosen(rows, patterns)
        shown.update(own)
        if all(chosen(own, pattern) for pattern in patterns.split()):
            path.write_text(BLOCK.sub(lambda m: f"<!-- numbers: {m[1]} -->\n{numbers(own)}<!-- end numbers -->", text), encoding="utf-8")
    text = INDEX.read_text(encoding="utf-8")
    INDEX.write_text(re.sub(r"(<!-- index -->\n).*?(<!-- end index -->)", lambda m: m[1] + index() + m[2], text, flags=re.S), encoding="utf-8")
    return sorted({f"{row.test}/{row.case}" for row in rows} - {f"{row.test}/{row.case}" for row in shown})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    log = parser.parse_args().build / "Testing" / "Temporary" / "LastTest.log"
    if not log.exists():
        print(f"{log} is missing: run ctest first", file=sys.stderr)
        return 2
    missing = write(read(log.read_text(encoding="utf-8", errors="replace")))
    print(*(f"no page of docs/validation shows {name}" for name in missing), sep="\n", end="\n" if missing else "")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
