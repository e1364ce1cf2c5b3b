#!/usr/bin/python3 -I
"""The project stands alone: no path of a developer's machine, no host of a package registry; every C file
says first what it owns, every test what it checks; the docs and the history talk about lihost, not about how it was written."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import project  # noqa: E402

FORBIDDEN = [  # (what is wrong, pattern); written so that this file does not match itself
    ("a path of one machine", re.compile(r"(?:^|[^A-Za-z])/(?:work|farm|home/\w+|root)/")),
    ("a path of one machine", re.compile(r"/tmp/(?:ceo|build_)")),
    ("a folder outside the project", re.compile(r"[.][.]/shared")),
    ("a package registry host", re.compile(
        r"\b(?:deb[.]debian|security[.]debian|registry[.]npmjs|files[.]pythonhosted|proxy[.]golang)[.]\w+")),
]
TEST_LINES = ("Checks", "Reference", "Tolerance and why", "Fails if")
WORKSHOP_TALK = re.compile(r"\b(?:session|agent)s?\b", re.I)


def check_lines(report: project.Report, path: pathlib.Path, talk: bool) -> None:
    for number, line in enumerate(project.read_text(path).splitlines(), 1):
        for what, pattern in FORBIDDEN:
            if pattern.search(line):
                report.error(path, number, f"names {what}: {line.strip()[:80]}")
        if talk and (match := WORKSHOP_TALK.search(line)):
            report.error(path, number, f"says '{match[0]}'")


def check_opening(report: project.Report, path: pathlib.Path) -> None:
    """Tests open with their four lines, all other C files with what they own."""
    opening = re.match(r"(?:///[^\n]*\n)*", project.read_text(path))[0]
    if path.name.startswith("test_"):
        missing = [line for line in TEST_LINES if not re.search(rf"^/// {line}:", opening, re.M)]
        if missing:
            report.error(path, 1, f"does not open with its four lines; missing: {', '.join(missing)}")
    elif not opening.startswith("/// @file"):
        report.error(path, 1, "does not open with '/// @file' and what it owns")


def check_history(report: project.Report, root: pathlib.Path) -> None:
    """A commit cannot be mended by the next one, so its words are warnings."""
    for line in project.git(root, "log", "--format=%h %s %b").splitlines():
        if match := WORKSHOP_TALK.search(line):
            report.warning("git log", 0, f"says '{match[0]}': {line[:80]}")


def main() -> int:
    root = project.root_from_arguments()
    report = project.Report(root)
    for path in project.project_files(root):
        check_lines(report, path, talk=path.suffix in (".md", ".cff"))
    for path in project.c_files(root):
        check_opening(report, path)
    check_history(report, root)
    return report.exit_code()


sys.exit(main())
