"use strict";
// The controls of the 3D view: menus, slider, mouse. Owns the elements #view-*; the drawing is viewer.js.

const find = (id) => document.getElementById(`view-${id}`);

function number(x) {
  return Math.abs(x) >= 1e4 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(4)));
}

/** Colour bar with its ends, middle and unit; title of the state. */
function legend(view) {
  const head = view.model.head, field = head.fields[view.field], [low, high] = view.range();
  const colors = atob(head.maps[field.map]), bar = find("bar"), pen = bar.getContext("2d");
  for (let i = 0; i < 256; i++) {
    pen.fillStyle = `rgb(${[0, 1, 2].map((k) => colors.charCodeAt(3 * i + k)).join()})`;
    pen.fillRect(i * bar.width / 256, 0, bar.width / 256 + 1, bar.height);
  }
  find("low").textContent = number(low);
  find("middle").textContent = number((low + high) / 2);
  find("high").textContent = number(high);
  find("name").textContent = field.label;
  find("title").textContent = head.states[view.state].title;
}

function fill(select, texts) {
  texts.forEach((text, i) => select.add(new Option(text, i)));
}

function change(view, set) {
  return (event) => { set(event.target); view.update(); legend(view); };
}

function bindMenus(view) {
  const head = view.model.head;
  fill(find("field"), head.fields.map((f) => f.label));
  fill(find("clip"), ["no cut", "cut x", "cut y", "cut z"]);
  find("slider").max = head.states.length - 1;
  find("magnify").value = head.magnify;
  const on = (id, kind, set) => find(id).addEventListener(kind, change(view, set));
  on("field", "change", (e) => { view.field = Number(e.value); });
  on("clip", "change", (e) => { view.clip = Number(e.value); });
  on("share", "input", (e) => { view.share = Number(e.value); });
  on("flip", "change", (e) => { view.flip = e.checked; });
  on("slider", "input", (e) => { view.state = Number(e.value); });
  on("magnify", "change", (e) => { view.magnify = Math.max(0, Number(e.value) || 0); });
  on("own", "change", (e) => { view.own = e.checked; });
  head.regions.forEach((region, i) => {
    const box = Object.assign(document.createElement("input"), {type: "checkbox", checked: region.shown});
    const label = document.createElement("label");
    label.append(box, ` ${region.name}`);
    box.addEventListener("change", change(view, (e) => { view.shown[i] = e.checked; }));
    find("regions").append(label);
  });
  if (head.tubes) {
    const box = Object.assign(document.createElement("input"), {type: "checkbox", id: "view-thin"});
    const label = document.createElement("label");
    label.append(box, " fibres only");
    box.addEventListener("change", change(view, (e) => { view.thin = e.checked; }));
    find("regions").append(label);
  }
}

function bindPlay(view) {
  let timer = 0;
  find("play").addEventListener("click", () => {
    find("play").textContent = timer ? "play" : "stop";
    if (timer) { clearInterval(timer); timer = 0; return; }
    timer = setInterval(() => {
      view.state = (view.state + 1) % view.model.head.states.length;
      find("slider").value = view.state;
      view.update();
      legend(view);
    }, 400);
  });
}

function bindMouse(view) {
  const canvas = view.canvas;
  let last = null;
  canvas.addEventListener("pointerdown", (e) => { last = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointerup", () => { last = null; });
  canvas.addEventListener("pointermove", (e) => {
    if (!last) return;
    const [dx, dy] = [e.clientX - last[0], e.clientY - last[1]];
    last = [e.clientX, e.clientY];
    if (e.shiftKey) view.pan = [view.pan[0] + 0.002 * dx / view.zoom, view.pan[1] - 0.002 * dy / view.zoom];
    else [view.azimuth, view.height] = [view.azimuth - 0.01 * dx, Math.max(-1.55, Math.min(1.55, view.height + 0.01 * dy))];
    view.show();
  });
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    view.zoom = Math.max(0.3, Math.min(20, view.zoom * Math.exp(-0.001 * e.deltaY)));
    view.show();
  }, {passive: false});
}

async function startView() {
  const head = document.getElementById("view-head");
  if (!head) return;
  try {
    const bytes = await unpack(document.getElementById("view-data").textContent.trim());
    const view = new View(find("canvas"), new Model(JSON.parse(head.textContent), bytes));
    bindMenus(view);
    bindPlay(view);
    bindMouse(view);
    view.state = view.model.head.start;
    find("slider").value = view.state;
    window.addEventListener("resize", () => view.show());
    view.update();
    legend(view);
    window.lihostView = view;  // for tests and the curious
  } catch (error) {
    find("message").textContent = `The 3D view cannot start: ${error.message}. The fields open in ParaView.`;
  }
}

startView();
