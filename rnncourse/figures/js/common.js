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
  const name = html("label", { for: id }, label);
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

// ---- formulas with numbers in them ------------------------------------------------------

// variable("W", "xh") is W with a subscript
const variable = (letter, below) =>
  html("span", { class: "rnn-var" }, html("var", {}, letter), below ? html("sub", {}, below) : null);

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
