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
    for path in project.c_files(root):
        text = path.read_text()
        formatted = subprocess.run([tool, f"--style=file:{root / '.clang-format'}"], input=text,
                                   capture_output=True, text=True, check=True).stdout
        if formatted != text:
            differ = [i for i, (a, b) in enumerate(zip(text.splitlines(), formatted.splitlines()), 1) if a != b]
            report.error(path, differ[0] if differ else 1, f"layout differs; run {pathlib.Path(tool).name} -i on it")
    return report.exit_code()


sys.exit(main())
