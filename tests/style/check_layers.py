#!/usr/bin/python3 -I
"""Includes point downward only: a folder of solver/ sees the layers below it and no PETSc private header.

The table is the architecture (docs/developer/architecture.md); solver/CMakeLists.txt links the same way.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import project  # noqa: E402

MAY_INCLUDE = {
    "base": set(),
    "laws": {"base"},
    "mesh": {"base"},
    "fields": {"base", "mesh"},
    "physics": {"base", "laws", "mesh", "fields"},
    "io": {"base", "mesh", "fields"},
    "solve": {"base", "laws", "mesh", "fields", "physics"},
    "experiment": {"base", "laws", "mesh", "fields", "physics", "io", "solve"},
    "study": {"base", "io", "mesh", "fields", "experiment"},
    "app": {"base", "laws", "mesh", "fields", "physics", "io", "solve", "experiment", "study"},
}
INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')


def has_cycle(table: dict[str, set[str]]) -> bool:
    placed: set[str] = set()
    while len(placed) < len(table):
        free = {name for name in table if name not in placed and table[name] <= placed}
        if not free:
            return True
        placed |= free
    return False


def check_include(report: project.Report, path: pathlib.Path, number: int, layer: str, match: re.Match) -> None:
    quote, target = match[1], match[2]
    if target.startswith("petsc/private"):
        report.error(path, number, f"includes <{target}>: PETSc's private headers are not ours to use")
    if quote != '"':
        return
    below = target.split("/")[0] if "/" in target else None
    if below is None:
        report.error(path, number, f'"{target}" does not name its layer, e.g. "{layer}/{target}"')
    elif below not in MAY_INCLUDE:
        report.error(path, number, f"'{below}' is no layer of solver/")
    elif below != layer and below not in MAY_INCLUDE[layer]:
        report.error(path, number, f"{layer}/ may not include {below}/")


def main() -> int:
    root = project.root_from_arguments()
    report = project.Report(root)
    if has_cycle(MAY_INCLUDE):
        report.error("tests/style/check_layers.py", 0, "the table of layers has a cycle")
    for path in project.project_files(root, ".c", ".h"):
        parts = path.relative_to(root).parts
        if parts[0] != "solver":
            continue
        if parts[1] not in MAY_INCLUDE:
            report.error(path, 0, f"'{parts[1]}' is no layer of solver/")
            continue
        for number, line in enumerate(project.read_text(path).splitlines(), 1):
            if match := INCLUDE.match(line):
                check_include(report, path, number, parts[1], match)
    return report.exit_code()


sys.exit(main())
