"use strict";
// Tables that sort and filter, and the scatter of a study. Owns table.sortable and #plot; needs nothing else.

function cellValue(row, column) {
  const cell = row.cells[column], text = cell ? cell.dataset.value ?? cell.textContent.trim() : "";
  return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function compareCells(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b);
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.textContent) return;
    head.classList.add("sort");
    head.addEventListener("click", () => {
      const sign = head.dataset.sign === "1" ? -1 : 1;
      head.dataset.sign = sign;
      const rows = [...table.tBodies[0].rows];
      rows.sort((x, y) => sign * compareCells(cellValue(x, column), cellValue(y, column)));
      table.tBodies[0].append(...rows);
    });
  });
}

/** Rows that hold every word; a word such as x>3 or x<0.1 compares a column whose name begins with x. */
function keeps(row, names, words) {
  const text = row.textContent.toLowerCase();
  return words.every((word) => {
    const bound = /^([^<>]+)([<>])(-?[\d.]+(?:e[-+]?\d+)?)$/.exec(word);
    const column = bound ? names.findIndex((name) => name.startsWith(bound[1])) : -1;
    if (column < 0) return text.includes(word);
    const value = cellValue(row, column);
    return typeof value === "number" && (bound[2] === "<" ? value < Number(bound[3]) : value > Number(bound[3]));
  });
}

function makeFilter(input) {
  const table = document.getElementById(input.dataset.table);
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim().toLowerCase().replaceAll(" ", "_"));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of table.tBodies[0].rows) row.hidden = !keeps(row, names, words);
    document.dispatchEvent(new Event("filtered"));
  });
}

/** Points that no other beats in both directions; sign 1 wants more, -1 less. */
function pareto(points, signX, signY) {
  return points.filter((p) => !points.some((q) => signX * q.x >= signX * p.x && signY * q.y >= signY * p.y &&
    (signX * q.x > signX * p.x || signY * q.y > signY * p.y)));
}

const shape = (name, attributes, text) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  if (text) node.textContent = text;
  return node;
};

/** Round numbers between two ends, about seven of them. */
function ticks(low, high) {
  const raw = (high - low) / 7, decade = 10 ** Math.floor(Math.log10(raw)), step = decade * [1, 2, 5, 10].find((m) => m * decade >= raw * 0.999);
  const out = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) out.push(Number((k * step).toPrecision(12)));
  return out;
}

function drawScatter(svg, table, pick) {
  const [x, y] = [Number(pick.x.value), Number(pick.y.value)], rows = [...table.tBodies[0].rows].filter((r) => !r.hidden);
  const points = rows.map((r) => ({x: cellValue(r, x), y: cellValue(r, y), row: r}))
    .filter((p) => typeof p.x === "number" && typeof p.y === "number");
  svg.replaceChildren();
  if (!points.length) return svg.append(shape("text", {x: 80, y: 60, "font-size": 13}, "no row has both numbers"));
  const ends = ["x", "y"].map((k) => {
    const [low, high] = [Math.min(...points.map((p) => p[k])), Math.max(...points.map((p) => p[k]))], room = 0.05 * (high - low) || 0.05 * Math.abs(high) || 1;
    return [low - room, high + room];
  });
  const at = (p) => [80 + 640 * (p.x - ends[0][0]) / (ends[0][1] - ends[0][0]), 350 - 320 * (p.y - ends[1][0]) / (ends[1][1] - ends[1][0])];
  svg.append(shape("path", {d: "M80 30V350H720", fill: "none", stroke: "#444"}));
  for (const x of ticks(...ends[0])) {
    const cx = at({x, y: 0})[0];
    svg.append(shape("path", {d: `M${cx} 350v5`, stroke: "#444"}), shape("text", {x: cx, y: 368, "font-size": 11, "text-anchor": "middle"}, String(x)));
  }
  for (const y of ticks(...ends[1])) {
    const cy = at({x: 0, y})[1];
    svg.append(shape("path", {d: `M80 ${cy}h-5`, stroke: "#444"}), shape("text", {x: 72, y: cy + 4, "font-size": 11, "text-anchor": "end"}, String(y)));
  }
  svg.append(shape("text", {x: 400, y: 390, "font-size": 13, "text-anchor": "middle"}, pick.x.selectedOptions[0].text));
  svg.append(shape("text", {x: 80, y: 18, "font-size": 13}, pick.y.selectedOptions[0].text));
  const best = pareto(points, Number(pick.wantX.value), Number(pick.wantY.value)).sort((a, b) => a.x - b.x);
  if (pick.show.checked) svg.append(shape("polyline", {points: best.map((p) => at(p).join()).join(" "), fill: "none", stroke: "#D55E00"}));
  for (const p of points) {
    const [cx, cy] = at(p), dot = shape("circle", {cx, cy, r: 4.5, fill: pick.show.checked && best.includes(p) ? "#D55E00" : "#0072B2", "fill-opacity": 0.8});
    dot.append(shape("title", {}, `${p.row.cells[0].textContent}: ${p.x}, ${p.y}`));
    svg.append(dot);
  }
}

function startScatter() {
  const svg = document.getElementById("plot");
  if (!svg) return;
  const table = document.getElementById("study-table"), pick = {};
  for (const name of ["x", "y", "wantX", "wantY", "show"]) pick[name] = document.getElementById(`plot-${name}`);
  [...table.tHead.rows[0].cells].forEach((cell, i) => {
    if (![...table.tBodies[0].rows].some((row) => typeof cellValue(row, i) === "number")) return;
    pick.x.add(new Option(cell.textContent, i));
    pick.y.add(new Option(cell.textContent, i));
  });
  if (!pick.x.options.length) return;
  for (const k of ["x", "y"]) {
    const wish = [...pick[k].options].find((option) => option.value === svg.dataset[k]);
    pick[k].value = wish ? wish.value : pick[k].options[k === "x" ? 0 : pick[k].options.length - 1].value;
  }
  const redraw = () => drawScatter(svg, table, pick);
  Object.values(pick).forEach((control) => control.addEventListener("change", redraw));
  document.addEventListener("filtered", redraw);
  redraw();
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll("input[data-table]").forEach(makeFilter);
startScatter();
