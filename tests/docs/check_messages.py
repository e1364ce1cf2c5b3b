#!/usr/bin/python3 -I
"""Every error and warning of the solver stands in docs/user/messages.md with its cure, and nothing there is out of date.

`check_messages.py ROOT [--list]`: messages as the page writes them, each value being `...`. What is put together from parts (`%s` alone) is told by
the page in words, and not checked.
"""
import pathlib
import re
import sys

STRING = r'"(?:[^"\\]|\\.)*"'
CALL = re.compile(r"(?:LhDiagAdd\([^\"]*?(?:LH_DIAG_(?:ERROR|WARNING)|severity)|LhRunFinish\w*\(|LhTensileFinish\w*\(|LhOutputFail\(|PetscFPrintf\([^\"]*?stderr|"
                  r"(?<=\(void\))fprintf\(\s*stderr|\bSay\()[^\";]*?(" + STRING + r"(?:" + STRING + r"|\s|\bPetscInt_FMT\b|\bPRI\w+\b)*)")
FORMAT = re.compile(r"%[-+ #0]*[\d.*]*(?:l|z|h)*[a-zA-Z]")
ROW = re.compile(r"^\| `(.*?)` \| (.*?) \|$", re.M)


def plain(pieces: str) -> str:
    """Format strings as one text, each value as three dots."""
    text = "".join(part[1:-1] if part.startswith('"') else "d" for part in re.findall(STRING + r"|\bPetscInt_FMT\b|\bPRI\w+\b", pieces))
    text = text.replace("%%", "\0").replace('\\"', '"')
    text = FORMAT.sub("...", text).replace("\0", "%").replace("\\n", " ")
    return re.sub(r"(?:\.\.\.){2,}", "...", re.sub(r"\s+", " ", text)).strip().replace("|", "/").replace("`", "'")


def of_source(root: pathlib.Path) -> set[str]:
    found = set()
    for path in root.glob("solver/**/*.c"):
        for match in CALL.finditer(path.read_text(encoding="utf-8")):
            text = plain(match[1])
            if len(re.sub(r"[^a-z]", "", text)) >= 12 and " " in text:
                found.add(text)
    return found


def main(root: pathlib.Path, show: bool) -> int:
    source = of_source(root)
    if show:
        print(*sorted(source), sep="\n")
        return 0
    page = root / "docs" / "user" / "messages.md"
    listed = {message: cure for message, cure in ROW.findall(page.read_text(encoding="utf-8"))} if page.exists() else {}
    problems = [f"docs/user/messages.md does not have: {text}" for text in sorted(source - set(listed))]
    problems += [f"docs/user/messages.md has what the solver does not say: {text}" for text in sorted(set(listed) - source)]
    problems += [f"docs/user/messages.md: no cure for: {text}" for text, cure in listed.items() if len(cure) < 8]
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{len(source)} messages, {len(problems)} problems")
    return 1 if problems or not source else 0


if __name__ == "__main__":
    WORDS = [word for word in sys.argv[1:] if word != "--list"]
    sys.exit(main(pathlib.Path(WORDS[0] if WORDS else "."), "--list" in sys.argv))
