"""The report of a study: its table with filter and sort, two chosen columns against each other with their Pareto front."""
import csv
import pathlib
import subprocess
import sys

import lihost_io
import page

RESULTS = ("toughness", "strength", "gravimetric_capacity", "areal_capacity", "thickness_change")
CAPTIONS = {"trends": "Mean over the random volumes of each point, with the standard deviation between them.",
            "pareto": "Two results against each other; the line joins rows that no other row beats in both.",
            "map": "Mean of a result over two of the varied inputs."}
PLOT = """<div class="controls"><label>across <select id="plot-x"></select></label>
<label>wanted <select id="plot-wantX"><option value="1">more</option><option value="-1">less</option></select></label>
<label>up <select id="plot-y"></select></label>
<label>wanted <select id="plot-wantY"><option value="1">more</option><option value="-1">less</option></select></label>
<label><input id="plot-show" type="checkbox"> Pareto front</label></div>
<svg id="plot" viewBox="0 0 760 400" data-x="{x}" data-y="{y}" role="img" aria-label="scatter of the study"></svg>
<p class="soft">Shows the rows that the filter below keeps. The front joins rows that no other row beats in both columns.</p>
"""


def read(path: pathlib.Path) -> tuple[list[str], list[list[str]]]:
    with open(path, newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.reader(stream) if row]
    if not rows:
        raise lihost_io.RunError(f"{path}: is empty")
    return rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]


def as_cell(text: str):
    try:
        return page.Number(float(text)) if text else page.Number(None)
    except ValueError:
        return text


def heading(name: str) -> str:
    words, unit = lihost_io.split_header(name)
    return words.replace("_", " ") + (f" ({page.unit(unit)})" if unit != "1" else "")


def varied(names: list[str], rows: list[list[str]]) -> tuple[int, int]:
    """Columns to begin with: the first that was varied, and the first result behind it."""
    def numeric(i: int) -> bool:
        return any(isinstance(as_cell(row[i]), page.Number) and row[i] for row in rows)

    first = next((i for i in range(1, len(names)) if numeric(i)), 0)
    results = [i for i, name in enumerate(names) if name.split(" [")[0].split(".")[-1] in RESULTS and numeric(i)]
    return first, results[0] if results else min(first + 1, len(names) - 1)


def pictures(folder: pathlib.Path) -> str:
    """The study's own figures; drawn first by postproc/study, whose reason stands here when it cannot."""
    program = pathlib.Path(__file__).resolve().parent / "study"
    ended = subprocess.run([sys.executable, "-I", str(program), str(folder)], capture_output=True, text=True, check=False)
    text = "" if ended.returncode == 0 else page.paragraph(f"No trends: {ended.stderr.strip()}", "soft")
    for path in sorted((folder / "figures").glob("*.svg")):
        kind = path.stem.split("_")[0]
        text += page.svg(path.read_bytes(), CAPTIONS.get(kind, kind))
    return text


def build(folder: pathlib.Path) -> str:
    names, rows = read(folder / "table.csv")
    x, y = varied(names, rows)
    plan = lihost_io.read_json(folder / "plan.json")
    state = next((i for i, name in enumerate(names) if name == "state"), None)
    done = sum(row[state] == "done" for row in rows) if state is not None else len(rows)
    lead = page.paragraph(f"{done} of {len(rows)} runs are done; planned: {plan.get('rows', len(rows))}.") + page.paragraph(
        f"lihost {plan.get('version', '?')}; folder {folder}.", "soft")
    grid = page.table([heading(name) for name in names], [[as_cell(text) for text in row] for row in rows], "study-table",
                      "words to look for, or bounds such as thickness_change>-0.02")
    definition = folder / "study.yaml"
    text = f"<pre>{page.escape(definition.read_text(encoding='utf-8'))}</pre>" if definition.exists() else ""
    sections = [("Trends", pictures(folder)), ("One column against another", PLOT.format(x=x, y=y)), ("Table", grid),
                ("The study as given", text)]
    return page.document(str(plan.get("study") or folder.resolve().name), lead, sections, ["page.js"])
