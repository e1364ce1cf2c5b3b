"""What the style checks share: the project's files, C text without comments, and one way to report.

Every check is a script `check_*.py ROOT`: it prints `file:line: sentence` for each finding and leaves
with 1 when one of them is an error, 77 when it cannot run here (ctest shows that as skipped).
"""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
OUTPUT_FOLDERS = {".git", "build", "runs", ".cache", "__pycache__"}


def git(root: pathlib.Path, *words: str) -> str:
    """What git prints about the project; empty where there is no repository or no git."""
    if not (root / ".git").exists() or not shutil.which("git"):
        return ""
    return subprocess.run(["git", "-C", str(root), "-c", f"safe.directory={root}", *words],
                          capture_output=True, text=True, check=False).stdout


def project_files(root: pathlib.Path, *suffixes: str) -> list[pathlib.Path]:
    """Files under version control (all files where there is none) that end in one of the suffixes."""
    listed = git(root, "ls-files", "-z")
    if listed:
        paths = [root / name for name in listed.split("\0") if name]
    else:
        paths = [p for p in root.rglob("*") if not OUTPUT_FOLDERS & set(p.relative_to(root).parts)]
    return sorted(p for p in paths if p.is_file() and (not suffixes or p.name.endswith(suffixes)))


def c_files(root: pathlib.Path) -> list[pathlib.Path]:
    return [p for p in project_files(root, ".c", ".h") if p.relative_to(root).parts[0] in ("solver", "tests")]


def read_text(path: pathlib.Path) -> str:
    """Text of a file, empty for a binary one."""
    data = path.read_bytes()
    return "" if b"\0" in data[:4096] else data.decode("utf-8", errors="replace")


_NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)


def bare_c(text: str) -> str:
    """C text with comments, literals and preprocessor lines blanked; line numbers stay."""
    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match[0])
    return _DIRECTIVE.sub(blank, _NOT_CODE.sub(blank, text))


class Report:
    """Collects findings; `exit_code()` prints them."""

    def __init__(self, root: pathlib.Path):
        self.root, self.errors, self.lines = root, 0, []

    def _add(self, kind: str, path: pathlib.Path | str, line: int, sentence: str) -> None:
        place = path.relative_to(self.root) if isinstance(path, pathlib.Path) else path
        self.lines.append(f"{place}:{line}: {kind}: {sentence}" if line else f"{place}: {kind}: {sentence}")

    def error(self, path: pathlib.Path | str, line: int, sentence: str) -> None:
        self.errors += 1
        self._add("error", path, line, sentence)

    def warning(self, path: pathlib.Path | str, line: int, sentence: str) -> None:
        self._add("warning", path, line, sentence)

    def exit_code(self) -> int:
        for line in self.lines:
            print(line)
        print(f"{self.errors} errors, {len(self.lines) - self.errors} warnings")
        return 1 if self.errors else 0


def root_from_arguments() -> pathlib.Path:
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT")
    return pathlib.Path(sys.argv[1]).resolve()
