// Shared by all figures. Prepended to each figure's own file: no imports, no exports here.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(key, value === true ? "" : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

// html("button", {class: "…", onclick: f}, "text", child) and svg("circle", {r: 3})
const html = (tag, attributes, ...children) => {
  // JupyterLab must leave the keys of a control to the control.
  const keys = ["button", "input", "select"].includes(tag) ? { "data-lm-suppress-shortcuts": true } : {};
  return fill(document.createElement(tag), { ...keys, ...attributes }, children);
};
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const color = (role) => `var(--rnn-${role})`;
const dashes = (role) => `var(--rnn-dash-${role})`; // as static plots draw the role's lines

// Fixed digits, a true minus sign, no negative zero: as number() in base.py prints.
function number(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
}

// t as small low digits, for plain text: low(12) is "₁₂"
const low = (t) => String(t).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)));

let serial = 0;
const freshId = (stem) => `rnn-${stem}-${Math.random().toString(36).slice(2, 8)}-${(serial += 1)}`;

// ---- controls: native elements with a visible label -------------------------------------

// A labelled slider. `show` prints the value; set(value) moves it from outside.
function slider({ label, min, max, step, value, show = (v) => number(v, 1), oninput, role }) {
  const id = freshId("slider");
  const output = html("output", { for: id, class: "rnn-value" });
  const input = html("input", { id, type: "range", min, max, step });
  const set = (v) => {
    input.value = v;
    output.textContent = show(Number(v));
    input.setAttribute("aria-valuetext", show(Number(v)));
  };
  input.addEventListener("input", () => {
    set(input.value);
    oninput(Number(input.value));
  });
  set(value);
  const name = html("label", { for: id }, rich(label));
  const style = role ? `accent-color: ${color(role)}` : null;
  const node = html("div", { class: "rnn-control", style }, name, input, output);
  return { node, input, set };
}

// A labelled menu. options: [[value, text], …]
function menu({ label, options, value, onchange }) {
  const id = freshId("menu");
  const select = html(
    "select",
    { id, onchange: () => onchange(select.value) },
    options.map(([v, text]) => html("option", { value: v }, text)),
  );
  select.value = value;
  const node = html("div", { class: "rnn-control" }, html("label", { for: id }, label), select);
  return { node, input: select, set: (v) => (select.value = v) };
}

function button(text, onclick, attributes = {}) {
  return html("button", { type: "button", class: "rnn-button", onclick, ...attributes }, text);
}

// ---- the frame of a figure --------------------------------------------------------------

// Prepares the element: returns the node to draw in. label: the figure's name for screen readers.
function stage(el, label) {
  el.classList.add("rnn-figure");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", label);
  el.replaceChildren();
  return el;
}

const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Where sound goes. A browser lets it sound only after a click or a key, so ask for it there.
let loudspeaker = null;
function speaker() {
  loudspeaker ??= new (window.AudioContext ?? window.webkitAudioContext)();
  loudspeaker.resume();
  return loudspeaker;
}

// Closes a button; where it held the focus, the other takes it, or the keyboard would lose its place.
function close(node, off, other) {
  const held = off && node.getRootNode().activeElement === node;
  node.disabled = off;
  if (held) other.focus();
}

// The arrow keys step through time, wherever the focus is in the figure but in a control of its own.
function arrowKeys(root, move) {
  root.addEventListener("keydown", (event) => {
    const change = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!change || event.target.matches("input, select, [role=slider]")) return;
    event.preventDefault();
    move(change);
  });
}

// A line that screen readers speak when it changes.
const spoken = (attributes = {}) =>
  html("p", { class: "rnn-readout", "aria-live": "polite", ...attributes });

// Stores values in the model (Python sees them where a kernel runs) and redraws once.
function store(model, values) {
  for (const [key, value] of Object.entries(values)) model.set(key, value);
  model.save_changes();
}

// ---- the little mathematics the figures share -------------------------------------------

const logistic = (z) => 1 / (1 + Math.exp(-z));
const ACTIVATIONS = {
  tanh: { text: "tanh", value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { text: "ReLU", value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  logistic: { text: "logistic", value: logistic, slope: (z) => logistic(z) * (1 - logistic(z)) },
  linear: { text: "linear", value: (z) => z, slope: () => 1 },
};

// A (rows × columns) times v (columns)
const matvec = (A, v) => A.map((row) => row.reduce((sum, a, k) => sum + a * v[k], 0));
const add = (...vectors) => vectors[0].map((_, k) => vectors.reduce((sum, v) => sum + v[k], 0));
function softmax(z) {
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
}

// ---- trained networks that run in the page -----------------------------------------------

// Rows of numbers from signed bytes and one scale a row.
function unpack({ shape, scale, bytes }) {
  const raw = Int8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  if (shape.length === 1) return Float64Array.from(raw, (value) => value * scale[0]);
  return Array.from({ length: shape[0] }, (_, row) =>
    Float64Array.from(raw.subarray(row * shape[1], (row + 1) * shape[1]), (value) => value * scale[row]));
}

const unpacked = (weights) => Object.fromEntries(Object.entries(weights).map(([name, one]) => [name, unpack(one)]));

// One step of a GRU as PyTorch has it: the reset gate works after the product. a (3H): what comes
// in, times its weights, with the bias.
function gruStep({ W_hh, b_hn }, a, h) {
  const H = h.length;
  const back = (row) => {
    let sum = 0;
    const weights = W_hh[row];
    for (let k = 0; k < H; k += 1) sum += weights[k] * h[k];
    return sum;
  };
  return Float64Array.from(h, (old, k) => {
    const r = logistic(a[k] + back(k));
    const z = logistic(a[H + k] + back(H + k));
    const n = Math.tanh(a[2 * H + k] + r * (back(2 * H + k) + b_hn[k]));
    return z * old + (1 - z) * n;
  });
}

// A layer of a coder: weights as an asset names them, which are models.EncoderDecoder's names.
function linear(weights, name, x) {
  const y = matvec(weights[`${name}.weight`], x);
  return weights[`${name}.bias`] ? add(y, weights[`${name}.bias`]) : y;
}

// The GRU of this name; way: "_reverse" for the one that reads backwards. on(x, h) is one step.
function gruOf(weights, name, way = "") {
  const [W_xh, W_hh, b_ih, b_hh] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((kind) => weights[`${name}.${kind}_l0${way}`]);
  const H = W_hh[0].length;
  const inner = { W_hh, b_hn: b_hh.slice(2 * H) };
  const b_h = b_ih.map((value, k) => (k < 2 * H ? value + b_hh[k] : value));
  return { H, on: (x, h) => gruStep(inner, add(matvec(W_xh, x), b_h), h) };
}

// The states at each row of the layer of this name, reading ahead and reading backwards.
function bothWays(weights, name, rows) {
  const run = (way, rows) => {
    const cell = gruOf(weights, name, way);
    let h = new Float64Array(cell.H);
    return rows.map((row) => (h = cell.on(row, h)));
  };
  return [run("", rows), run("_reverse", [...rows].reverse()).reverse()];
}

// Token numbers → the encoder's states at each, both ways side by side; the decoder's first state.
function encode(weights, tokens) {
  const x = tokens.map((token) => weights["source_embedding.weight"][token]);
  const [ahead, back] = bothWays(weights, "encoder", x);
  const first = linear(weights, "bridge", [...ahead.at(-1), ...back[0]]).map(Math.tanh);
  return { out: ahead.map((h, t) => [...h, ...back[t]]), first };
}

// ---- the column of a few numbers that travels through the course ------------------------

const UNIT = { width: 62, height: 36, gap: 5, between: 28, left: 4, top: 30 };
const columnX = (t) => UNIT.left + t * (UNIT.width + UNIT.between);
const unitY = (k, top = UNIT.top) => top + k * (UNIT.height + UNIT.gap);

// One unit of one state: its number above a bar that grows left or right of the middle.
// lit: how much it differs from its like in another column, from 0 to 1. role: the bar's colour.
function unitBox(x, y, value, { shown, now, focus, pick, label, lit = 0, key, role = "state" }) {
  const middle = x + UNIT.width / 2;
  const length = (Math.abs(value) * (UNIT.width - 8)) / 2;
  const outline = focus ? color("ink") : now ? color(role) : color("muted");
  const ground = color(now ? "panel" : "paper");
  return svg(
    "g",
    { class: "rnn-unit", "data-lit": lit ? lit.toFixed(2) : null, onclick: pick, style: pick ? "cursor: pointer" : null },
    label && svg("title", {}, label),
    svg("rect", {
      x, y, width: UNIT.width, height: UNIT.height, rx: 6, stroke: outline,
      fill: lit ? `color-mix(in srgb, ${color("lit")} ${Math.round(30 + 70 * lit)}%, ${color("paper")})` : ground,
      "stroke-width": focus ? 2.5 : now ? 2 : 1, "stroke-dasharray": shown ? null : "3 3",
    }),
    shown && svg("line", { x1: middle, x2: middle, y1: y + 22, y2: y + 34, stroke: color("muted") }),
    shown && svg("rect", {
      x: value < 0 ? middle - length : middle, y: y + 24, width: length, height: 8, "data-key": key,
      fill: value < 0 ? color("paper") : color(role), stroke: color(role),
      "stroke-width": 1.5,
    }),
    svg("text", {
      x: middle, y: y + (shown ? 18 : 23), "text-anchor": "middle",
      "font-weight": focus ? 700 : 400, class: shown ? null : "rnn-muted",
    }, shown ? number(value) : "?"),
  );
}

// The edges of W_hh from one column to the next: dashed where a weight is negative.
function unitEdges(t, top, { W_hh, now, shown, unit = -1 }) {
  const x1 = columnX(t - 1) + UNIT.width + 1;
  const x2 = columnX(t) - 1;
  const middle = (k) => unitY(k, top) + UNIT.height / 2;
  return W_hh.flatMap((row, to) =>
    row.map((weight, from) => {
      const focus = now && to === unit;
      return svg("line", {
        x1, y1: middle(from), x2, y2: middle(to), stroke: color("state"),
        "stroke-width": Math.min(0.4 + 2.6 * Math.abs(weight), 3.4) * (focus ? 1.3 : 1),
        "stroke-dasharray": weight < 0 ? "4 3" : null,
        opacity: focus ? 1 : now ? 0.45 : shown ? 0.3 : 0.14,
      });
    }),
  );
}

// How far two states stand apart in a unit, from 0 to 1; differences too small to print are none.
const apartness = (a, b) => (Math.abs(a - b) < 0.005 ? 0 : Math.min(Math.abs(a - b) / 2, 1));

// Draws anew, and lets each part with a data-key glide from where it stood to where it stands.
const GLIDING = ["x", "y", "width", "height", "transform"];
function glide(node, draw) {
  const placed = (part) =>
    Object.fromEntries(GLIDING.map((name) => [name, part.style[name] || part.getAttribute(name)])
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, name === "transform" ? value : `${value}px`]));
  const parts = () => [...node.querySelectorAll("[data-key]")];
  const before = new Map(parts().map((part) => [part.dataset.key, placed(part)]));
  draw();
  if (calm()) return;
  for (const part of parts()) {
    const [from, to] = [before.get(part.dataset.key), placed(part)];
    if (from && JSON.stringify(from) !== JSON.stringify(to)) {
      part.animate([from, to], { duration: 420, easing: "cubic-bezier(0.3, 0, 0.2, 1)" });
    }
  }
}

// ---- formulas with numbers in them ------------------------------------------------------

// variable("W", "xh") is W with a subscript
const variable = (letter, below) =>
  html("span", { class: "rnn-var" }, html("var", {}, letter), below ? html("sub", {}, below) : null);

// "the belt, c_{t−1}" and "the scale of W_hh" as words and letters
const rich = (text) => text.split(/(\b\w_(?:\{t−1\}|t\b|[hx][hy]))/).map((part, k) =>
  (k % 2 ? variable(part[0], part.slice(2).replace(/[{}]/g, "")) : part));

const operator = (text) => html("span", { class: "rnn-operator" }, text);

// How strongly a number tints its cell; its sign chooses the colour.
function tint(node, value, scale = 1) {
  const share = Math.min(Math.abs(value) / scale, 1) * 40;
  const role = value < 0 ? "input" : "state";
  node.style.background = `color-mix(in srgb, ${color(role)} ${share.toFixed(0)}%, transparent)`;
}

// A matrix in brackets below its name. shape: [rows, columns]; heads: names of the columns;
// pick(row, column): makes every entry a button. update(values, {row, column, entry}) prints it.
function matrix({ name, label, shape, heads, pick, digits = 2 }) {
  const [height, width] = shape;
  const cells = Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      if (!pick) return html("td", {});
      const entry = html("button", { type: "button", onclick: () => pick(row, column) });
      return html("td", {}, entry);
    }),
  );
  const head = heads
    ? html("thead", {}, html("tr", {}, heads.map((text) => html("th", { scope: "col" }, text))))
    : null;
  const body = html("tbody", {}, cells.map((row) => html("tr", {}, row)));
  const node = html(
    "div",
    { class: "rnn-matrix" },
    html("div", { class: "rnn-matrix-name" }, name),
    html("table", { "aria-label": label }, head, body),
  );
  function update(values, { row = -1, column = -1, entry = [-1, -1] } = {}) {
    cells.forEach((line, r) =>
      line.forEach((cell, c) => {
        const value = values[r][c];
        const target = cell.firstElementChild ?? cell;
        target.textContent = number(value, digits);
        tint(cell, value);
        cell.classList.toggle("rnn-on", r === row || c === column);
        const chosen = r === entry[0] && c === entry[1];
        cell.classList.toggle("rnn-chosen", chosen);
        if (pick) {
          target.setAttribute("aria-pressed", chosen);
          target.setAttribute("aria-label", `${label}, row ${r + 1}, column ${c + 1}: ${target.textContent}`);
        }
      }),
    );
  }
  return { node, update, cells };
}

const asColumn = (vector) => vector.map((value) => [value]);
