#!/usr/bin/python3 -I
"""Layout of C files is what .clang-format says (clang-format 14, Debian 12's; others break lines differently)."""
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import project  # noqa: E402

VERSION = "14"


def find_tool() -> str | None:
    for name in (f"clang-format-{VERSION}", "clang-format"):
        tool = shutil.which(name)
        if tool:
            out = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(rf"version {VERSION}\.", out):
                return tool
    return None


def main() -> int:
    root = project.root_from_arguments()
    tool = find_tool()
    if not tool:
        print(f"skipped: clang-format {VERSION} is not installed (Debian package clang-format-{VERSION})")
        return project.SKIPPED
    report = project.Report(root)
    paths = [str(path) for path in project.c_files(root)]
    complaints = subprocess.run([tool, f"--style=file:{root / '.clang-format'}", "--dry-run", *paths],
                                capture_output=True, text=True, check=False).stderr if paths else ""
    first: dict[str, int] = {}
    for match in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): ", complaints, re.M):
        first.setdefault(match[1], int(match[2]))
    for path, line in first.items():
        report.error(pathlib.Path(path), line, f"layout differs; run {pathlib.Path(tool).name} -i on it")
    return report.exit_code()


sys.exit(main())
