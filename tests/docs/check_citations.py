#!/usr/bin/python3 -I
"""Equations that code and pages cite by number exist in docs/theory, once each; paths of documents that code names exist.

`check_citations.py ROOT` prints one line a mistake and ends with 1 when there is any.
"""
import pathlib
import re
import sys

TAG = re.compile(r"\\tag\{([A-Z]+\d+[a-z]?)\}|^\| \(([A-Z]+\d+[a-z]?)\)|^\(([A-Z]+\d+[a-z]?)\) |  \(([A-Z]+\d+[a-z]?)\)$", re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
CITED = re.compile(r"\(([A-Z]{1,2}\d+[a-z]?)(?:(?:, | and |-|\.\.)([A-Z]{1,2}\d+[a-z]?))*\)")
NUMBER = re.compile(r"[A-Z]{1,2}\d+[a-z]?")
DOCUMENT = re.compile(r"docs/[\w./-]+\.(?:md|json|png|svg)")


WORK = re.compile(r"\b([A-Z][a-z\u00e9-]+)(?:,? [A-Z][a-z]+)*(?: and [A-Z][a-z]+| et al\.)?,? \(?((?:19|20)\d\d)\b")
NO_WORKS = {"CODATA", "Version", "Since", "Of"}


def check_works(name: str, text: str, references: list[str], problems: list) -> None:
    """Works named by author and year stand in docs/theory/references.md."""
    for author, year in WORK.findall(text):
        if author not in NO_WORKS and not any(author in line and year in line for line in references):
            problems.append(f"{name}: {author} {year} is not in docs/theory/references.md")


LIMITS = re.compile(r"^## .*(?:leaves out|Limits)", re.M)
NO_PHYSICS = {"README.md", "symbols.md", "references.md"}


def check_limits(root: pathlib.Path, problems: list) -> None:
    """Each page of a physics says what it leaves out."""
    problems += [f"docs/theory/{path.name}: does not say what it leaves out" for path in sorted((root / "docs" / "theory").glob("*.md"))
                 if path.name not in NO_PHYSICS and not LIMITS.search(path.read_text(encoding="utf-8"))]


DISPLAY = re.compile(r"^\$\$(.*?)\$\$$", re.M | re.S)


def check_displays(name: str, text: str, problems: list) -> None:
    """Sphinx puts an equation of several lines into a `split`, in which MathJax takes no tag: it would show its source."""
    problems += [f"{name}: {''.join(TAG.findall(display)[0])} is tagged and has several lines" for display in DISPLAY.findall(text)
                 if "\\tag" in display and re.search(r"\\\\(?!\w)", display)]


def tags(root: pathlib.Path) -> dict[str, list[str]]:
    found = {}
    for path in sorted((root / "docs" / "theory").glob("*.md")):
        for tag in map("".join, TAG.findall(path.read_text(encoding="utf-8"))):
            found.setdefault(tag, []).append(path.name)
    return found


def check_text(name: str, text: str, known: dict, families: set, problems: list) -> None:
    """Citations such as (M12) whose letter is that of a theory page; other letters are other things."""
    for match in CITED.finditer(text):
        for number in NUMBER.findall(match[0]):
            if number.rstrip("abcdefghij").rstrip("0123456789") in families and number not in known:
                problems.append(f"{name}: cites ({number}), which no page of docs/theory has")


def main(root: pathlib.Path) -> int:
    known, problems = tags(root), []
    families = {tag.rstrip("abcdefghij").rstrip("0123456789") for tag in known}
    problems += [f"docs/theory: ({tag}) stands in {' and '.join(pages)}" for tag, pages in known.items() if len(pages) > 1]
    listed = root / "docs" / "theory" / "references.md"
    references = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    for path in sorted([*root.glob("solver/**/*.[ch]"), *root.glob("docs/theory/*.md")]):
        text, name = path.read_text(encoding="utf-8"), str(path.relative_to(root))
        comments = text if path.suffix == ".md" else "\n".join(COMMENT.findall(text))
        check_text(name, comments, known, families, problems)
        if path.suffix == ".md":
            check_displays(name, text, problems)
        if path != listed:
            check_works(name, comments, references, problems)
        if path.suffix != ".md":
            problems += [f"{name}: names {document}, which is not there" for document in DOCUMENT.findall(comments)
                         if not (root / document).exists()]
    check_limits(root, problems)
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(known)} equations, {len(problems)} problems")
    return 1 if problems or not known else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
