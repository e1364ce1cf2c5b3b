"""The report of one run: key numbers, inputs, pictures, 3D view, cost. Says in the page what cannot be shown, and why."""
import re

import figures
import lihost_io
import maps
import page
import style
import view3d

# heading -> figures under it; figures that no heading names come under the last one
CHAPTERS = {
    "Voltage": ["voltage"], "Thickness": ["thickness"], "Current distribution": ["current", "front"],
    "Stress": ["stress", "stress_profiles"], "Porosity": ["porosity"],
    "Stress and strain": ["tension", "damage"],
    "Convergence and conservation": ["diagnostics"], "Further figures": [],
}
SHOWN_UNITS = {"Pa": (1e-6, "MPa"), "m": (1e6, "µm"), "s": (1, "s")}
VIEW = """<p id="view-message" class="soft">Drag turns, wheel zooms, Shift and drag shifts. Lines: the volume before.</p>
<canvas id="view-canvas"></canvas>
<div class="controls"><b id="view-title"></b><button id="view-play">play</button>
<label>state <input id="view-slider" type="range" min="0" step="1" value="0"></label>
<label>coloured by <select id="view-field"></select></label><span id="view-regions"></span></div>
<div class="controls"><select id="view-clip" aria-label="cut"></select>
<label>at <input id="view-share" type="range" min="0" max="1" step="0.005" value="0.5"></label>
<label><input id="view-flip" type="checkbox"> other half</label>
<label>displacement &times; <input id="view-magnify" type="number" min="0" step="any"></label>
<label><input id="view-own" type="checkbox"> colours of this state</label></div>
<div class="controls"><span id="view-name"></span><span><canvas id="view-bar" width="256" height="12"></canvas><br>
<span class="scale"><span id="view-low"></span><span id="view-middle"></span><span id="view-high"></span></span></span></div>
"""


def class_cell(kind: str) -> page.Raw:
    return page.Raw(f'<span class="class {page.escape(kind)}">{page.escape(kind)}</span>')


def in_shown_unit(row: dict) -> tuple[page.Number, str]:
    factor, unit = SHOWN_UNITS.get(row.get("unit"), (1, row.get("unit", "1")))
    value = row["value"] * factor if isinstance(row["value"], (int, float)) else row["value"]
    return page.Number(value), page.unit(unit)


def numbers_by_state(run: lihost_io.Run) -> str:
    """Observables named NAME_sPERCENT, which homogenise writes: a column for each state of strip. Empty for other runs."""
    found = {name: re.fullmatch(r"(.+)_s(\d{3})", name) for name, row in run.observables.items() if isinstance(row, dict)}
    if not found or not all(found.values()):
        return ""
    states = sorted({match[2] for match in found.values()})
    rows = {}
    for name, match in found.items():
        rows.setdefault(match[1], {})[match[2]] = run.observables[name]
    rows.pop("stripped", None)
    table = []
    for name, row in rows.items():
        first = next(iter(row.values()))
        table.append([first.get("meaning", name), *(in_shown_unit(row[s])[0] if s in row else "" for s in states), in_shown_unit(first)[1],
                      class_cell(first.get("class", "")), page.Raw(page.escape(name), "key")])
    return page.table(["what", *(f"{int(s)} % stripped" for s in states), "unit", "class", "name"], table, "numbers")


def key_numbers(run: lihost_io.Run) -> str:
    grid = numbers_by_state(run)
    rows = []
    for name, row in run.observables.items():
        if not isinstance(row, dict) or "value" not in row:
            continue
        value, unit = in_shown_unit(row)
        rows.append([row.get("meaning") or name.replace("_", " "), value, unit, class_cell(row.get("class", "")),
                     page.Raw(page.escape(name), "key")])
    if not rows:
        return ""
    return (grid or page.table(["what", "value", "unit", "class", "name"], rows, "numbers")) + page.paragraph(
        "input: given or follows from what was given. calibrated: a parameter was fitted to this kind of number. "
        "predicted: nothing was fitted to it. numerical: how well it was computed.", "soft")


def input_row(name: str, entry: dict) -> list:
    source, text = entry.get("source", ""), entry.get("text", entry.get("value", ""))
    is_number = isinstance(entry.get("value"), (int, float)) and str(text) not in ("true", "false")
    return [page.Raw(page.escape(name), "key"), text, page.Number(entry.get("value")) if is_number else "",
            page.unit(entry.get("unit", "1")), source, entry.get("evidence", ""),
            page.Raw(page.escape(entry.get("origin", "")), "key")]


def inputs(run: lihost_io.Run) -> str:
    names = ["key", "as given", "SI value", "unit", "source", "evidence", "stands in"]
    entries = [(str(name), e) for name, e in run.inputs.items() if isinstance(e, dict)]
    groups = {"of the case": [], "of the materials": [], "derived from them": []}
    for name, entry in entries:
        group = "derived from them" if entry.get("origin") == "derived" else \
            "of the materials" if entry.get("evidence") or name.startswith("material") else "of the case"
        groups[group].append(input_row(name, entry))
    text = ""
    for i, (words, rows) in enumerate(groups.items()):
        if rows:
            text += (f"<details{' open' if not i else ''}><summary>{len(rows)} values {words}</summary>"
                     + page.table(names, rows, f"inputs{i}", "words to look for") + "</details>\n")
    return text


def chapter(run: lihost_io.Run, names: list[str], explain: bool) -> str:
    """Figures one below the other; with `explain` also why one is missing."""
    text = ""
    for name in names:
        function = figures.FIGURES.get(name)
        if not function:
            continue
        try:
            drawn = function(run)
        except (figures.Skip, lihost_io.RunError) as reason:
            text += page.paragraph(f"{name}: not drawn, {reason}.", "soft") if explain else ""
            continue
        text += page.picture(drawn, (function.__doc__ or name).splitlines()[0])
    return text


def chapters(run: lihost_io.Run) -> list[tuple[str, str]]:
    named = {name for names in CHAPTERS.values() for name in names}
    rest = [name for name in figures.FIGURES if name not in named and name != "foil3d"]
    explained = {"Voltage", "Thickness", "Current distribution", "Stress", "Porosity"} if "voltage" in run.series else set()
    return [(heading, chapter(run, names + (rest if heading == "Further figures" else []), heading in explained))
            for heading, names in CHAPTERS.items()]


def view(run: lihost_io.Run) -> str:
    try:
        head, data = view3d.pack(run)
    except (maps.Skip, lihost_io.RunError, OSError, KeyError) as reason:
        return page.paragraph(f"There is no 3D view: {reason}.", "soft")
    return (VIEW + f'<script type="application/json" id="view-head">{head}</script>\n'
            f'<script type="text/plain" id="view-data">{data}</script>\n')


def cost(run: lihost_io.Run) -> str:
    """Time of each phase as bars, and the counters."""
    timings = run.record.get("timings", {})
    if not timings:
        return ""
    longest = max(row["value"] for row in timings.values()) or 1.0
    rows = []
    for name, row in timings.items():
        kind = "bar part" if row.get("meaning", "").startswith("part of") else "bar"
        bar = f'<span class="{kind}" style="width:{16 * row["value"] / longest:.2f}rem"></span>'
        rows.append([name.replace("_", " "), page.Number(row["value"]), row.get("meaning", ""), page.Raw(bar)])
    counters = [[name.replace("_", " "), page.Number(row["value"]), row.get("meaning", "")]
                for name, row in run.record.get("counters", {}).items()]
    host = run.record.get("host", {})
    ranks, memory = host.get("ranks", "?"), host.get("peak_memory [MiB]", float("nan"))
    words = f"{run.record.get('elapsed [s]', '?')} s of wall time on {ranks} process{'' if ranks == 1 else 'es'}, " \
            f"{run.record.get('mesh', {}).get('cells', '?')} cells, at most " \
            f"{f'{memory / 1024:.2g} GiB' if memory > 1024 else f'{memory:.3g} MiB'} of memory."
    return (page.paragraph(words) + page.table(["phase", "wall time [s]", "", ""], rows, "timings")
            + "<details><summary>counters</summary>"
            + page.table(["counter", "value", "meaning"], counters, "counters") + "</details>\n")


def lead(run: lihost_io.Run) -> str:
    record = run.record
    state = record.get("state", "unknown")
    words = {"done": "Finished", "failed": "Failed", "running": "Still running"}.get(state, state.capitalize())
    text = f'<p class="{"failed" if state == "failed" else ""}">{words}: {page.escape(record.get("stop_reason") or "")}</p>'
    versions = ", ".join(f"{k} {v}" for k, v in record.get("libraries", {}).items())
    return text + page.paragraph(f"lihost {record.get('version', '?')} ({versions}); started {record.get('started', '?')}; "
                                 f"folder {run.folder}.", "soft")


def build(run: lihost_io.Run, with_view: bool = True) -> str:
    style.pyplot()
    sections = [("Key numbers", key_numbers(run)), ("In three dimensions", view(run) if with_view else ""),
                *chapters(run), ("Cost", cost(run)), ("Inputs", inputs(run))]
    title = run.record.get("case") or run.folder.resolve().name
    return page.document(title, lead(run), sections, ["page.js", "viewer.js", "controls.js"])
