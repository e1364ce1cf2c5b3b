#!/usr/bin/python3 -I
"""One page, one idea: length of functions and files, number of parameters, nesting.

A small brace-aware reader finds function definitions and prototypes at the outermost level of a file. The lane
loop of a batch is no level of nesting, and a callback's parameters are its library's choice.
"""
import dataclasses
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import project  # noqa: E402

LONG_FUNCTION, LONGEST_FUNCTION = 60, 100
LONGEST_FILE = 600
MOST_PARAMETERS = 7
DEEPEST_NESTING = 3

LANE_LOOP = re.compile(r"\bLH_LANES\s*\(\s*\w+\s*\)\s*$")
SIGNATURE = re.compile(r"\b(?!__attribute__\b)([A-Za-z_]\w*)\s*\((?!\s*\*)")


@dataclasses.dataclass
class Function:
    name: str
    line: int
    length: int  # lines from signature to closing brace; 0 for a prototype
    parameters: int
    nesting: int


def closing(text: str, start: int) -> int:
    """Position of the parenthesis that closes the one at `start`."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text) - 1


def count_parameters(inside: str) -> int:
    if inside.strip() in ("", "void"):
        return 0
    depth, commas = 0, 0
    for char in inside:
        depth += (char in "([{") - (char in ")]}")
        commas += char == "," and depth == 0
    return commas + 1


def read_signature(text: str, start: int, end: int) -> tuple[str, int, int] | None:
    """Name, position and parameter count of the function whose signature is text[start:end]."""
    match = SIGNATURE.search(text, start, end)
    if not match or "=" in text[start:match.start()] or re.search(r"\btypedef\b", text[start:end]):
        return None
    opened = match.end() - 1
    return match[1], match.start(), count_parameters(text[opened + 1:closing(text, opened)])


def block_end(text: str, start: int) -> tuple[int, int]:
    """Position of the brace that closes the one at `start`, and how deep braces nest below it."""
    levels, deepest = [], 0
    for i in range(start, len(text)):
        if text[i] == "{":
            levels.append(0 if LANE_LOOP.search(text, max(start, i - 40), i) else 1)
            deepest = max(deepest, sum(levels))
        elif text[i] == "}":
            levels.pop()
            if not levels:
                return i, deepest - 1
    return len(text) - 1, deepest - 1


def is_callback(code: str, name: str) -> bool:
    """A static function that is passed on and never called here: a library fixes its parameters."""
    mentions = len(re.findall(rf"\b{name}\b", code))
    calls = len(re.findall(rf"\b{name}\s*\(", code))
    return calls == 1 and mentions > 1


def functions(code: str) -> list[Function]:
    """Definitions and prototypes at the outermost level of bare C text."""
    found, start, i = [], 0, 0
    while i < len(code):
        if code[i] == "(":
            i = closing(code, i)
        elif code[i] == ";":
            if signature := read_signature(code, start, i):
                name, at, parameters = signature
                found.append(Function(name, code.count("\n", 0, at) + 1, 0, parameters, 0))
            start = i + 1
        elif code[i] == "{":
            end, nesting = block_end(code, i)
            is_body = code[start:i].rstrip().endswith((")", "]")) and "=" not in code[start:i]
            if is_body and (signature := read_signature(code, start, i)):
                name, at, parameters = signature
                length = code.count("\n", at, end) + 1
                found.append(Function(name, code.count("\n", 0, at) + 1, length, parameters, nesting))
            if is_body:
                start = end + 1
            i = end
        i += 1
    return found


def check_function(report: project.Report, path: pathlib.Path, code: str, f: Function) -> None:
    if f.length > LONGEST_FUNCTION:
        report.error(path, f.line, f"{f.name} is {f.length} lines, more than {LONGEST_FUNCTION}")
    elif f.length > LONG_FUNCTION:
        report.warning(path, f.line, f"{f.name} is {f.length} lines, more than {LONG_FUNCTION}")
    if f.parameters > MOST_PARAMETERS and not is_callback(code, f.name):
        report.error(path, f.line, f"{f.name} has {f.parameters} parameters, more than {MOST_PARAMETERS}")
    if f.nesting > DEEPEST_NESTING:
        report.warning(path, f.line, f"{f.name} nests {f.nesting} deep, more than {DEEPEST_NESTING}")


def main() -> int:
    root = project.root_from_arguments()
    report = project.Report(root)
    for path in project.c_files(root):
        code = project.bare_c(project.read_text(path))
        for function in functions(code):
            check_function(report, path, code, function)
    for path in project.project_files(root, ".c", ".h", ".py", ".cmake", "CMakeLists.txt"):
        lines = project.read_text(path).count("\n")
        if lines > LONGEST_FILE:
            report.error(path, 0, f"{lines} lines, more than {LONGEST_FILE}")
    return report.exit_code()


sys.exit(main())
