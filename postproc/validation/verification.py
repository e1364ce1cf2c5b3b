#!/usr/bin/python3 -I
"""Every number that a test compared with a reference: docs/validation/verification.md, from ctest's log.

Usage: verification.py BUILD [--write]   after ctest has run in BUILD; without --write the tables are printed.
Tests print `verified: what | found | reference | allowed` (tests/support/verified.h); nothing is copied by hand.
"""
import argparse
import pathlib
import re
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "validation" / "verification.md"
START, END = "<!-- table -->", "<!-- end table -->"
MOST_ROWS = 6  # of one quantity of one test; beyond that the worst stands for all
NOT_REFERENCES = ("RANKS", "ENERGY", "STRIPPED", "Ranks")  # tests that compare the program with itself
# Where the rows come from: ctest names and the words above their table.
CHAPTERS = {
    "Electrochemistry": ("verification.electrochem",),
    "Mechanics": ("verification.mechanics", "unit.mechanics", "unit.laws_mech"),
    "Fibres": ("verification.fibres",),
    "Tension": ("verification.tensile", "verification.damage"),
    "Coupling": ("verification.coupling",),
    "Effective properties": ("verification.conduction", "verification.homogenise"),
    "Orders of convergence": ("mms", "unit.fields"),
}


class Row(NamedTuple):
    test: str  # of ctest, without the number of ranks
    function: str
    what: str
    found: float
    reference: float
    allowed: float

    def strain(self) -> float:
        """Deviation over what is allowed."""
        return abs(self.found - self.reference) / self.allowed if self.allowed else 0.0


def read(log: pathlib.Path) -> list[Row]:
    rows, seen, test, function = [], {}, "", ""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := re.match(r"\d+/\d+ Test: (\S+)", line):
            name = found.group(1)
            test = re.sub(r"\.\d+$", "", name)
            wanted = seen.setdefault(test, name) == name  # one number of ranks speaks for all
        elif found := re.match(r"\[ RUN +\] Test(\w+)", line):
            function = found.group(1)
        elif (found := re.search(r"verified: (.*) \| (\S+) \| (\S+) \| (\S+)$", line)) and wanted:
            what, numbers = found.group(1), [float(n) for n in found.groups()[1:]]
            row = Row(test, function, what, *numbers)
            if what.startswith("test_"):  # Python names its test itself; of those, closed forms alone
                row = row._replace(function=what.removeprefix("test_").upper(), what="")
            if row not in rows and not row.function.startswith(NOT_REFERENCES):
                rows.append(row)
    return rows


def thin(rows: list[Row]) -> list[tuple[Row, int]]:
    """Rows of one quantity beyond MOST_ROWS give way to the worst of them, with their number."""
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[:3], []).append(row)
    return [(row, 1) for group in groups.values() if len(group) <= MOST_ROWS for row in group] + \
        [(max(group, key=Row.strain), len(group)) for group in groups.values() if len(group) > MOST_ROWS]


def text(rows: list[Row]) -> str:
    out = []
    for chapter, names in CHAPTERS.items():
        of_chapter = sorted(thin([row for row in rows if row.test.startswith(names)]),
                            key=lambda pair: (pair[0].test, pair[0].function))
        if not of_chapter:
            continue
        out += [f"## {chapter}", "", "| test | case | quantity | reference | found | off | allowed |",
                "|---|---|---|---|---|---|---|"]
        for row, number in of_chapter:
            what = row.what + (f" (worst of {number})" if number > 1 else "")
            off = abs(row.found - row.reference)
            out.append(f"| `{row.test}` | {row.function} | {what} | {row.reference:.7g} | {row.found:.7g} | {off:.1e} | "
                       f"{row.allowed:.1e} |")
        out.append("")
    return "\n".join(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    log = arguments.build / "Testing" / "Temporary" / "LastTest.log"
    if not log.exists():
        print(f"{log} is missing: run ctest first", file=sys.stderr)
        return 2
    table = text(read(log))
    if not arguments.write:
        print(table)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(START)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{START}\n{table}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
