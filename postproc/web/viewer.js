"use strict";
// The interactive view of saved states: deformed surface, cut, tubes, one colour map. WebGL2, no library.
// Owns the canvas #view-canvas and its controls. Reads what view3d.py packed into the page; must never ask the network.

const VERTEX = `#version 300 es
in vec3 position; in float shade; uniform mat4 camera; out vec3 place; out float value;
void main() { place = position; value = shade; gl_Position = camera * vec4(position, 1.0); }`;

// A tube is one instance: eight sides around the line from start to end.
const TUBE_VERTEX = `#version 300 es
in vec3 start; in vec3 end; in float radius; in float shade; uniform mat4 camera; out vec3 place; out float value;
void main() {
  int corner = gl_VertexID >> 1; float angle = float(corner) * 0.78539816;
  vec3 along = normalize(end - start);
  vec3 side = normalize(cross(along, abs(along.z) < 0.9 ? vec3(0, 0, 1) : vec3(1, 0, 0)));
  vec3 out3 = cos(angle) * side + sin(angle) * cross(along, side);
  place = ((gl_VertexID & 1) == 0 ? start : end) + radius * out3; value = shade;
  gl_Position = camera * vec4(place, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float; in vec3 place; in float value; uniform sampler2D colors; uniform vec4 plane; uniform float light;
uniform vec4 flat_color; out vec4 pixel;
void main() {
  if (dot(place, plane.xyz) > plane.w) discard;
  vec3 normal = normalize(cross(dFdx(place), dFdy(place)));
  float bright = mix(1.0, 0.68 + 0.32 * abs(dot(normal, normalize(vec3(0.35, -0.55, 0.76)))), light);
  vec3 color = flat_color.a > 0.5 ? flat_color.rgb : texture(colors, vec2(clamp(value, 0.002, 0.998), 0.5)).rgb;
  pixel = vec4(color * bright, 1.0);
}`;

const HEX_EDGES = [[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 6], [6, 7], [7, 4], [0, 4], [1, 5], [2, 6], [3, 7]];
const TET_EDGES = [[0, 1], [1, 2], [2, 0], [0, 3], [1, 3], [2, 3]];
const NO_CLIP = [0, 0, 0, 1];
const REST = 250;  // [ms] without a change until edges are smoothed
const TYPES = {f32: Float32Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array};

/** The packed arrays of the page: base64 of a zlib stream. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function multiply(a, b) {  // column-major 4 x 4
  const out = new Float32Array(16);
  for (let c = 0; c < 4; c++)
    for (let r = 0; r < 4; r++)
      for (let k = 0; k < 4; k++) out[4 * c + r] += a[4 * k + r] * b[4 * c + k];
  return out;
}

class Program {
  constructor(gl, vertex, attributes) {
    this.gl = gl;
    this.id = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(this.id, shader);
    }
    attributes.forEach((name, i) => gl.bindAttribLocation(this.id, i, name));
    gl.linkProgram(this.id);
    if (!gl.getProgramParameter(this.id, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.id));
    this.at = (name) => gl.getUniformLocation(this.id, name);
  }

  use(camera, plane, light, flat) {
    const gl = this.gl;
    gl.useProgram(this.id);
    gl.uniformMatrix4fv(this.at("camera"), false, camera);
    gl.uniform4fv(this.at("plane"), plane);
    gl.uniform1f(this.at("light"), light);
    gl.uniform4fv(this.at("flat_color"), flat || [0, 0, 0, 0]);
    gl.uniform1i(this.at("colors"), 0);
  }
}

/** Triangles with a position and a shade a corner: one buffer of [x y z shade]. */
class Triangles {
  constructor(gl, mode) {
    this.gl = gl;
    this.mode = mode;
    this.array = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.count = 0;
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.enableVertexAttribArray(0);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 16, 0);
    gl.vertexAttribPointer(1, 1, gl.FLOAT, false, 16, 12);
  }

  set(values) {
    const gl = this.gl;
    this.count = values.length / 4;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  }

  draw() {
    if (!this.count) return;
    this.gl.bindVertexArray(this.array);
    this.gl.drawArrays(this.mode, 0, this.count);
  }
}

class Tubes {
  constructor(gl) {
    this.gl = gl;
    this.array = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.count = 0;
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    [[3, 0], [3, 12], [1, 24], [1, 28]].forEach(([size, offset], i) => {
      gl.enableVertexAttribArray(i);
      gl.vertexAttribPointer(i, size, gl.FLOAT, false, 32, offset);
      gl.vertexAttribDivisor(i, 1);
    });
  }

  set(values) {
    this.count = values.length / 8;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffer);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.DYNAMIC_DRAW);
  }

  draw() {
    if (!this.count) return;
    this.gl.bindVertexArray(this.array);
    this.gl.drawArraysInstanced(this.gl.TRIANGLE_STRIP, 0, 18, this.count);
  }
}

/** The data of the page: arrays by name, one state and one field at a time. */
class Model {
  constructor(head, bytes) {
    this.head = head;
    this.bytes = bytes;
    this.points = this.array(head.points);
    this.cells = this.array(head.cells);
    this.faces = this.array(head.faces);
    this.faceCell = this.array(head.face_cell);
    this.region = this.array(head.region);
    this.position = new Float32Array(this.points.length);
  }

  array([type, offset, count]) { return new TYPES[type](this.bytes, offset, count); }

  /** Deformed positions of a state, in the unit of the page. */
  deform(state, magnify) {
    const moved = this.head.states[state].displacement;
    this.position.set(this.points);
    if (!moved || !magnify) return;
    const u = this.array(moved.at), step = moved.step;
    for (let i = 0; i < u.length; i++) this.position[i] += magnify * ((u[i] - 32768) * step[i % 3]);
  }

  /** Values of a field as shares of the shown range; at cells or vertices. */
  shade(field, state, low, high) {
    const coded = field.at[state], out = new Float32Array(field.count);
    if (!coded) return out.fill(0.5);
    const raw = this.array(coded), step = (field.high - field.low) / 65535, scale = 1 / (high - low || 1);
    for (let i = 0; i < out.length; i++) out[i] = (field.low + raw[i] * step - low) * scale;
    return out;
  }

  /** [x y z shade] of two triangles for each face of the shown regions. */
  surface(shade, atCells, shown) {
    const out = new Float32Array(this.faceCell.length * 24), p = this.position, order = [0, 1, 2, 0, 2, 3];
    let n = 0;
    for (let f = 0; f < this.faceCell.length; f++) {
      const cell = this.faceCell[f];
      if (!shown[this.region[cell]]) continue;
      for (const corner of order) {
        const v = this.faces[4 * f + corner];
        out[n++] = p[3 * v]; out[n++] = p[3 * v + 1]; out[n++] = p[3 * v + 2];
        out[n++] = atCells ? shade[cell] : shade[v];
      }
    }
    return out.subarray(0, n);
  }

  /** [x y z shade] of the triangles where the plane meets cells of the shown regions. */
  cut(shade, atCells, shown, plane) {
    const p = this.position, height = new Float32Array(p.length / 3), corners = this.head.corners, out = [];
    for (let v = 0; v < height.length; v++)
      height[v] = plane[0] * p[3 * v] + plane[1] * p[3 * v + 1] + plane[2] * p[3 * v + 2] - plane[3];
    for (let cell = 0; cell < this.region.length; cell++) {
      if (!shown[this.region[cell]]) continue;
      let above = 0;
      for (let k = 0; k < corners; k++) above += height[this.cells[corners * cell + k]] > 0;
      if (above && above < corners) this.cutCell(out, cell, height, atCells ? null : shade, shade[cell], plane);
    }
    return new Float32Array(out);
  }

  cutCell(out, cell, height, atVertices, atCell, plane) {
    const corners = this.head.corners, p = this.position, ring = [], middle = [0, 0, 0];
    for (const [i, j] of corners === 8 ? HEX_EDGES : TET_EDGES) {
      const a = this.cells[corners * cell + i], b = this.cells[corners * cell + j];
      if ((height[a] > 0) === (height[b] > 0)) continue;
      const s = height[a] / (height[a] - height[b]);
      const x = [0, 1, 2].map((k) => p[3 * a + k] + s * (p[3 * b + k] - p[3 * a + k]));
      x.push(atVertices ? atVertices[a] + s * (atVertices[b] - atVertices[a]) : atCell);
      for (let k = 0; k < 3; k++) middle[k] += x[k];
      ring.push(x);
    }
    const axis = [0, 1, 2].reduce((m, k) => (Math.abs(plane[k]) > Math.abs(plane[m]) ? k : m), 0);
    const u = (axis + 1) % 3, v = (axis + 2) % 3, n = ring.length;
    ring.forEach((x) => { x.angle = Math.atan2(x[v] - middle[v] / n, x[u] - middle[u] / n); });
    ring.sort((a, b) => a.angle - b.angle);
    for (let k = 1; k + 1 < n; k++) out.push(...ring[0], ...ring[k], ...ring[k + 1]);
  }

  /** Instances of the tubes of a state: [start, end, radius, shade]. */
  tubes(state, magnify) {
    const list = this.head.tubes;
    if (!list) return new Float32Array(0);
    const base = this.array(list.ends), radius = this.array(list.radius), moved = list.moved && list.moved[state];
    const value = list.values && list.values[state] ? this.array(list.values[state]) : null;
    const u = moved ? this.array(moved) : null, out = new Float32Array(8 * radius.length);
    for (let i = 0; i < radius.length; i++) {
      for (let k = 0; k < 6; k++) out[8 * i + k] = base[6 * i + k] + (u ? magnify * u[6 * i + k] : 0);
      out[8 * i + 6] = radius[i];
      out[8 * i + 7] = value ? value[i] : 0.5;
    }
    return out;
  }
}

class View {
  constructor(canvas, model) {
    const gl = canvas.getContext("webgl2", {antialias: false, preserveDrawingBuffer: true});
    if (!gl) throw new Error("this browser offers no WebGL2: the 3D view needs it");
    Object.assign(this, {canvas, model, gl, azimuth: -0.9, height: 0.42, zoom: 1, pan: [0, 0]});
    Object.assign(this, {state: 0, field: 0, magnify: model.head.magnify, own: false, clip: 0, share: 0.5, flip: false});
    this.shown = model.head.regions.map((r) => r.shown);
    this.solid = new Program(gl, VERTEX, ["position", "shade"]);
    this.round = new Program(gl, TUBE_VERTEX, ["start", "end", "radius", "shade"]);
    this.surface = new Triangles(gl, gl.TRIANGLES);
    this.cap = new Triangles(gl, gl.TRIANGLES);
    this.box = new Triangles(gl, gl.LINES);
    this.fibres = new Tubes(gl);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]]) gl.texParameteri(gl.TEXTURE_2D, name, value);
    gl.enable(gl.DEPTH_TEST);
    gl.clearColor(1, 1, 1, 1);
    this.update();
  }

  /** Pixels of the canvas: `samples` along each side of a pixel of the page. */
  fit(samples) {
    const wide = this.canvas.clientWidth || 900, size = [wide, Math.min(0.62 * wide, 560)].map((x) => Math.round(x) * samples);
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) [this.canvas.width, this.canvas.height] = size;
  }

  /** Something moves: edges stay rough, so that frames come fast; at rest they are drawn once more from four samples a pixel. */
  moving() {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { this.fit(2); this.draw(); }, REST);
    this.fit(1);
  }

  /** Draws in the next frame, once whatever the number of calls. */
  show() {
    this.moving();
    this.asked = this.asked || requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  /** Range of the colours: of all states, or of this one. */
  range() {
    const field = this.model.head.fields[this.field];
    return this.own ? field.own[this.state] || field.show : field.show;
  }

  plane() {
    if (!this.clip) return null;
    const axis = this.clip - 1, [low, high] = [0, 3].map((k) => this.model.head.bounds[k + axis]);
    const at = low + this.share * (high - low), sign = this.flip ? -1 : 1, normal = [0, 0, 0];
    normal[axis] = sign;
    return [...normal, sign * at];
  }

  /** After a change of state, field, regions or clip: what is drawn. */
  update() {
    const {gl, model} = this, field = model.head.fields[this.field], [low, high] = this.range();
    const plane = this.plane(), atCells = field.place === "cells";
    model.deform(this.state, this.magnify);
    const shade = model.shade(field, this.state, low, high);
    this.surface.set(model.surface(shade, atCells, this.shown));
    this.cap.set(plane ? model.cut(shade, atCells, this.shown, plane) : new Float32Array(0));
    this.fibres.set(model.tubes(this.state, this.magnify));
    this.box.set(outline(model.head.bounds));
    const colors = Uint8Array.from(atob(model.head.maps[field.map]), (c) => c.charCodeAt(0));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, 256, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, colors);
    this.moving();
    this.draw();
  }

  camera() {
    const b = this.model.head.bounds, size = Math.hypot(b[3] - b[0], b[4] - b[1], b[5] - b[2]);
    const [ca, sa, ch, sh] = [Math.cos(this.azimuth), Math.sin(this.azimuth), Math.cos(this.height), Math.sin(this.height)];
    const right = [-sa, ca, 0], back = [ca * ch, sa * ch, sh], up = [-ca * sh, -sa * sh, ch];
    const middle = [0, 1, 2].map((k) => (b[k] + b[k + 3]) / 2), dot = (a) => a[0] * middle[0] + a[1] * middle[1] + a[2] * middle[2];
    const far = 2.2 * size / this.zoom, view = new Float32Array(16);
    [right, up, back].forEach((row, r) => row.forEach((x, k) => { view[4 * k + r] = x; }));
    view[12] = -dot(right) + this.pan[0] * size; view[13] = -dot(up) + this.pan[1] * size; view[14] = -dot(back) - far; view[15] = 1;
    const near = Math.max(far - 1.5 * size, 0.01 * size), end = far + 1.5 * size, f = 4.2, wide = this.canvas.width / this.canvas.height;
    const lens = new Float32Array([f / wide, 0, 0, 0, 0, f, 0, 0, 0, 0, -(end + near) / (end - near), -1, 0, 0, -2 * end * near / (end - near), 0]);
    return multiply(lens, view);
  }

  draw() {
    const {gl, canvas} = this, plane = this.plane() || NO_CLIP, camera = this.camera();
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.solid.use(camera, plane, 1);
    if (!this.thin) this.surface.draw();
    this.solid.use(camera, NO_CLIP, 0);
    this.cap.draw();
    this.solid.use(camera, NO_CLIP, 0, [0.54, 0.54, 0.54, 1]);
    this.box.draw();
    this.round.use(camera, plane, 1, this.model.head.tubes && this.model.head.tubes.values ? null : [0.22, 0.22, 0.22, 1]);
    this.fibres.draw();
  }

  /** Frames a second while turning (and, with `states`, going through the saved states). */
  benchmark(frames, states) {
    const pixel = new Uint8Array(4), {gl} = this, kept = [this.azimuth, this.state], start = performance.now();
    for (let i = 0; i < frames; i++) {
      this.azimuth += 2 * Math.PI / frames;
      this.moving();
      if (states) { this.state = i % this.model.head.states.length; this.update(); } else this.draw();
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    }
    const rate = 1000 * frames / (performance.now() - start);
    [this.azimuth, this.state] = kept;
    this.update();
    return rate;
  }
}

/** Edges of the undeformed box as lines. */
function outline(b) {
  const out = [], corner = (i) => [b[i & 1 ? 3 : 0], b[i & 2 ? 4 : 1], b[i & 4 ? 5 : 2], 0];
  for (let i = 0; i < 8; i++)
    for (const bit of [1, 2, 4]) if (!(i & bit)) out.push(...corner(i), ...corner(i | bit));
  return new Float32Array(out);
}
