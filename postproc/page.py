"""Pieces of the report's page: sections, tables, figures; one HTML file that asks the network for nothing."""
import base64
import html
import pathlib
import re

import style

WEB = pathlib.Path(__file__).resolve().parent / "web"
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style>{css}</style></head><body>
<h1>{title}</h1>
{lead}
<nav>{links}</nav>
"""


def escape(value) -> str:
    return html.escape(str(value), quote=True)


def paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>\n'


def number(value) -> str:
    return "not reached" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)


POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit(text: str) -> str:
    """A unit as people write it: mA.h/cm^2 and `mA h cm$^{-2}$` with raised powers, none for a pure number."""
    if text == "1":
        return ""
    text = re.sub(r"\$\^\{(-?\d+)\}\$", lambda m: m[1].translate(POWERS), text)
    text = re.sub(r"\^(-?\d+)|(?<=[A-Za-z])(-\d+)", lambda m: (m[1] or m[2]).translate(POWERS), text)
    return re.sub(r"(?<=[A-Za-z])\.(?=[A-Za-z])", " ", text)


class Number:
    """A cell that sorts by its value."""

    def __init__(self, value):
        self.value = value

    def __str__(self):
        return f'<td class="number" data-value="{"" if self.value is None else self.value}">{escape(number(self.value))}</td>'


class Raw:
    """A cell that is HTML already."""

    def __init__(self, text: str, kind: str = ""):
        self.text, self.kind = text, kind

    def __str__(self):
        return f'<td class="{self.kind}">{self.text}</td>'


def cell(value) -> str:
    return str(value) if isinstance(value, (Number, Raw)) else f"<td>{escape(value)}</td>"


def table(names: list[str], rows: list[list], identity: str = "", filtered: str = "") -> str:
    """A table that sorts; with `filtered`, words of a search box above it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "\n".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows)
    box = f'<input type="search" data-table="{identity}" placeholder="{escape(filtered)}">' if filtered else ""
    return (f'{box}<div class="scroll"><table id="{identity}" class="sortable"><thead><tr>{head}</tr></thead>'
            f"<tbody>\n{body}\n</tbody></table></div>\n")


def picture(figure, caption: str) -> str:
    """A Matplotlib figure as SVG inside the page."""
    import io
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    style.pyplot().close(figure)
    return svg(stream.getvalue(), caption)


def svg(drawing: bytes, caption: str) -> str:
    """132 pixels for an inch of paper: text of 8 points as large as the page's."""
    data = base64.b64encode(drawing).decode()
    width = int(float(re.search(rb'<svg[^>]* width="([\d.]+)pt"', drawing, re.S)[1]) / 72 * 132)
    return (f'<figure><img width="{width}" alt="{escape(caption)}" src="data:image/svg+xml;base64,{data}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>\n")


def document(title: str, lead: str, sections: list[tuple[str, str]], scripts: list[str]) -> str:
    """The page; sections are (heading, HTML), empty ones are left out."""
    kept = [(f"s{i}", name, body) for i, (name, body) in enumerate(sections) if body]
    links = " ".join(f'<a href="#{key}">{escape(name)}</a>' for key, name, _ in kept)
    css = (WEB / "page.css").read_text(encoding="utf-8")
    parts = [HEAD.format(title=escape(title), css=css, lead=lead, links=links)]
    parts += [f'<section id="{key}"><h2>{escape(name)}</h2>\n{body}</section>\n' for key, name, body in kept]
    parts += [f"<script>\n{(WEB / name).read_text(encoding='utf-8')}</script>\n" for name in scripts]
    return "".join(parts) + "</body></html>\n"


def write(path: pathlib.Path, text: str) -> None:
    """Complete when it has its name."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
