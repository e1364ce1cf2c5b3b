#!/usr/bin/python3 -I
"""What README and docs tell a reader to type exists: words of bootstrap, verbs of lihost, presets, files, links.

Names starting with my_ stand for the reader's own files; runs/ and build/ come from running.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import project  # noqa: E402

FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.M | re.S)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE = re.compile(r"^(?:\./)?((?:cases|postproc|materials|meshes|docs|tests|solver)/[\w./-]*\w)/?$")


class Project:
    """What exists to be typed."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        bootstrap = root / "bootstrap"
        words = re.findall(r"^  ((?:[\w-]+ \| )*[\w-]+)\) ", bootstrap.read_text(), re.M) if bootstrap.exists() else []
        self.words = {word for row in words for word in row.split(" | ")}
        presets = json.loads((root / "CMakePresets.json").read_text()) if (root / "CMakePresets.json").exists() else {}
        self.presets = {p["name"] for kind in ("configurePresets", "buildPresets", "testPresets")
                        for p in presets.get(kind, []) if not p.get("hidden")}
        self.app = "".join(p.read_text() for p in sorted((root / "solver" / "app").glob("*.[ch]")))

    def problem(self, command: str) -> str | None:
        """Why this line cannot be typed, or None."""
        if match := re.search(r"(?:^|\s)\./bootstrap(?:\s+([\w-]+))?", command):
            if match[1] and match[1] not in self.words:
                return f"bootstrap has no word '{match[1]}'"
        if match := re.search(r"(?:^|/|\s)lihost ([a-z]+)\b", command):
            if self.app and not re.search(rf"\b{match[1]}\b", self.app, re.I):
                return f"lihost has no verb '{match[1]}'"
        if match := re.search(r"--preset[ =](\w+)", command):
            if match[1] not in self.presets:
                return f"CMakePresets.json has no preset '{match[1]}'"
        return self.missing_file(command)

    def missing_file(self, command: str) -> str | None:
        for token in command.split():
            match = FILE.match(token)
            if match and not re.search(r"[/_]my_", match[1]) and not (self.root / match[1]).exists():
                return f"{match[1]} does not exist"
        return None


def commands(text: str) -> list[tuple[int, str]]:
    """Lines of code blocks and inline code, with their line numbers."""
    found = []
    for block in FENCED.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        found += [(first + i, line.strip()) for i, line in enumerate(block[1].splitlines()) if line.strip()]
    outside = FENCED.sub(lambda m: "\n" * m[0].count("\n"), text)
    for number, line in enumerate(outside.splitlines(), 1):
        found += [(number, code) for code in INLINE.findall(line)]
    return found


def main() -> int:
    root = project.root_from_arguments()
    report = project.Report(root)
    known = Project(root)
    for path in project.project_files(root, ".md"):
        text = project.read_text(path)
        for number, command in commands(text):
            if problem := known.problem(command):
                report.error(path, number, problem)
        for link in LINK.finditer(FENCED.sub(lambda m: "\n" * m[0].count("\n"), text)):
            if "://" not in link[1] and not (path.parent / link[1]).exists():
                report.error(path, text.count("\n", 0, link.start()) + 1, f"link to {link[1]}, which does not exist")
    if not known.app:
        print("note: solver/app is empty, so verbs of lihost are not checked")
    return report.exit_code()


sys.exit(main())
