// Seven cells, one gradient each: how much of it is left, step by step back, on a logarithmic axis.

const WIDTH = 560;
const FRAME = { left: 46, right: 432, top: 12, bottom: 262, low: -12, high: 6 }; // powers of ten
const DOTS = "2 4"; // the second of a kind; the first has the dashes of static plots
const CELLS = {
  tanh: { text: "tanh", role: "rnn", dash: dashes("rnn") },
  orthogonal: { text: "tanh, orthogonal", role: "rnn", dash: DOTS },
  relu: { text: "ReLU", role: "baseline", dash: dashes("baseline") },
  identity: { text: "ReLU, identity", role: "baseline", dash: DOTS },
  lstm_0: { text: "LSTM, forget bias 0", role: "lstm", dash: DOTS },
  lstm_1: { text: "LSTM, forget bias 1", role: "lstm", dash: dashes("lstm") },
  gru: { text: "GRU", role: "gru", dash: dashes("gru") },
};

const rows = (M, from, to) => M.slice(from, to);
const flip = (M) => M[0].map((_, k) => M.map((row) => row[k]));
const length = (...parts) => Math.hypot(...parts.flat());

// Each cell steps forward from (x, state) to {state, back}: back takes dL/dstate to the step before.
function vanilla({ W_xh, W_hh, b_h }, { value, slope }) {
  const transposed = flip(W_hh);
  return (x, [h]) => {
    const a = add(W_xh.map(([w]) => w * x), matvec(W_hh, h), b_h);
    const back = ([dh]) => [matvec(transposed, dh.map((d, k) => d * slope(a[k])))];
    return { state: [a.map(value)], back };
  };
}

function lstm({ W_xh, W_hh, b_h }) {
  const H = W_hh[0].length;
  const transposed = flip(W_hh);
  return (x, [h, c]) => {
    const a = add(W_xh.map(([w]) => w * x), matvec(W_hh, h), b_h);
    const [i, f, g, o] = [logistic, logistic, Math.tanh, logistic].map((gate, n) =>
      a.slice(n * H, (n + 1) * H).map(gate));
    const next = c.map((old, k) => f[k] * old + i[k] * g[k]);
    const shown = next.map(Math.tanh);
    const back = ([dh, dc_next]) => {
      const dc = dc_next.map((d, k) => d + dh[k] * o[k] * (1 - shown[k] ** 2));
      const da = [
        dc.map((d, k) => d * g[k] * i[k] * (1 - i[k])),
        dc.map((d, k) => d * c[k] * f[k] * (1 - f[k])),
        dc.map((d, k) => d * i[k] * (1 - g[k] ** 2)),
        dh.map((d, k) => d * shown[k] * o[k] * (1 - o[k])),
      ].flat();
      return [matvec(transposed, da), dc.map((d, k) => d * f[k])];
    };
    return { state: [shown.map((s, k) => o[k] * s), next], back };
  };
}

function gru({ W_xh, W_hh, b_h, b_hn }) {
  const H = W_hh[0].length;
  const [W_rz, W_n] = [rows(W_hh, 0, 2 * H), rows(W_hh, 2 * H)];
  const [back_rz, back_n] = [flip(W_rz), flip(W_n)];
  return (x, [h]) => {
    const outer = add(W_xh.map(([w]) => w * x), b_h);
    const gates = add(outer.slice(0, 2 * H), matvec(W_rz, h)).map(logistic);
    const [r, z] = [gates.slice(0, H), gates.slice(H)];
    const m = add(matvec(W_n, h), b_hn);
    const n = m.map((v, k) => Math.tanh(outer[2 * H + k] + r[k] * v));
    const back = ([dh]) => {
      const dn = dh.map((d, k) => d * (1 - z[k]) * (1 - n[k] ** 2));
      const dr = dn.map((d, k) => d * m[k] * r[k] * (1 - r[k]));
      const dz = dh.map((d, k) => d * (h[k] - n[k]) * z[k] * (1 - z[k]));
      const kept = dh.map((d, k) => d * z[k]);
      return [add(kept, matvec(back_rz, [...dr, ...dz]), matvec(back_n, dn.map((d, k) => d * r[k])))];
    };
    return { state: [h.map((old, k) => z[k] * old + (1 - z[k]) * n[k])], back };
  };
}

function cell(key, params) {
  if (key === "gru") return gru(params);
  if (key.startsWith("lstm")) return lstm(params);
  return vanilla(params, ACTIVATIONS[["relu", "identity"].includes(key) ? "relu" : "tanh"]);
}

// The gradient's length 0, 1, … T steps back, as GradientFlow.norms computes it in Python.
function norms(key, { weights, x, scale, steps, size }) {
  const params = { ...weights[key], W_hh: weights[key].W_hh.map((row) => row.map((w) => w * scale)) };
  const step = cell(key, params);
  const H = params.W_hh[0].length;
  const zeros = Array(H).fill(0);
  let state = key.startsWith("lstm") ? [zeros, zeros] : [zeros];
  const backs = [];
  for (const value of x.slice(0, steps)) {
    const next = step(value * size, state);
    state = next.state;
    backs.push(next.back);
  }
  let gradient = state.map((_, n) => Array(H).fill(n ? 0 : H ** -0.5));
  const found = [1];
  for (const back of backs.reverse()) {
    gradient = back(gradient);
    found.push(length(...gradient));
  }
  return found;
}

const px = (lag, T) => FRAME.left + (lag * (FRAME.right - FRAME.left)) / T;
const py = (value) => height(Math.log10(value));
function height(power) {
  const { top, bottom, low, high } = FRAME;
  return bottom - ((power - low) * (bottom - top)) / (high - low);
}

// The line as far as it stays on the axis; where it leaves, it ends there, with an arrow.
function course(values) {
  const T = values.length - 1;
  const powers = values.map((value) => (value ? Math.max(Math.log10(value), -400) : -400));
  const points = [];
  for (const [lag, power] of powers.entries()) {
    const edge = power < FRAME.low ? FRAME.low : power > FRAME.high ? FRAME.high : null;
    if (edge === null) points.push([px(lag, T), height(power)]);
    else {
      const before = powers[lag - 1];
      points.push([px(lag - 1 + (edge - before) / (power - before), T), height(edge)]);
      return { points, leaves: edge === FRAME.low ? "down" : "up" };
    }
  }
  return { points, leaves: null };
}

// Names at the ends of the lines, in the lines' order, moved up (from the upper edge: down) where
// they would meet: [{text, role, x, y}, …]
function apart(names) {
  const placed = [];
  for (const name of [...names].sort((a, b) => a.x - b.x || (a.up ? a.y - b.y : b.y - a.y))) {
    const wide = name.text.length * 7.2;
    const meets = () => placed.find((other) =>
      Math.abs(other.y - name.y) < 15 && name.x < other.x + other.wide && other.x < name.x + wide);
    for (let tries = 0; meets() && tries < 40; tries += 1) name.y += name.up ? 15 : -15;
    placed.push({ ...name, wide });
  }
  return placed;
}
const RAISED = { "-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3", 4: "\u2074", 5: "\u2075", 6: "\u2076", 7: "\u2077", 8: "\u2078", 9: "\u2079" };
function amount(value) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "∞";
  if (value >= 0.01 && value < 1000) return number(value, 2);
  const [digit, power] = value.toExponential(0).split("e");
  return `${digit}·10${[...power.replace("+", "")].map((sign) => RAISED[sign]).join("")}`;
}

function grid(T) {
  const powers = [-12, -9, -6, -3, 0, 3, 6];
  const lags = [0, 1, 2, 3, 4, 5].map((fifth) => (fifth * T) / 5);
  return [
    ...powers.map((power) => svg("g", {},
      svg("line", {
        x1: FRAME.left, x2: FRAME.right, y1: py(10 ** power), y2: py(10 ** power),
        stroke: color(power ? "rule" : "muted"),
      }),
      svg("text", { x: FRAME.left - 6, y: py(10 ** power) + 5, "text-anchor": "end", class: "rnn-muted" },
        power ? "10" : "1",
        power ? svg("tspan", { dy: -6, "font-size": 10 }, number(power, 0)) : null))),
    ...lags.map((lag) =>
      svg("text", { x: px(lag, T), y: FRAME.bottom + 20, "text-anchor": lag === T ? "end" : "middle", class: "rnn-muted" }, `${lag}`)),
    svg("text", { x: (FRAME.left + FRAME.right) / 2, y: FRAME.bottom + 42, "text-anchor": "middle", class: "rnn-muted" }, "steps back from the loss"),
  ];
}

function line({ points, leaves, role, dash }) {
  const [x, y] = points.at(-1);
  const tip = leaves === "down" ? `M${x - 4} ${y - 4} h8 l-4 7 z` : `M${x - 4} ${y + 4} h8 l-4 -7 z`;
  return svg("g", {},
    svg("polyline", {
      points: points.map((point) => point.map((v) => v.toFixed(1)).join(",")).join(" "),
      fill: "none", stroke: color(role), "stroke-width": 2.5, "stroke-dasharray": dash, "stroke-linejoin": "round",
    }),
    leaves && svg("path", { d: tip, fill: color(role) }));
}

// The name stands behind a line that arrives, and beside the arrow of one that leaves the axis.
function nameOf({ points, leaves, text, role }) {
  const [x, y] = points.at(-1);
  if (!leaves) return { text, role, x: x + 7, y: y + 5 };
  return { text, role, x: x + 8, y: leaves === "down" ? y - 3 : y + 11, up: leaves === "up" };
}

function swatch({ role, dash }) {
  return svg("svg", { viewBox: "0 0 34 10", "aria-hidden": "true", style: "width: 34px; height: 10px; flex: none" },
    svg("line", { x1: 1, x2: 33, y1: 5, y2: 5, stroke: color(role), "stroke-width": 3, "stroke-dasharray": dash }));
}

function render({ model, el }) {
  const root = stage(el, "How much of the gradient arrives, in seven cells");
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} 308`, "aria-hidden": "true", class: "rnn-plot" });
  const readout = spoken();
  const scale = slider({
    label: "scale of W_hh", min: 0.2, max: 3, step: 0.05, value: model.get("scale"), role: "gradient",
    show: (v) => number(v, 2), oninput: (value) => store(model, { scale: value }),
  });
  const steps = slider({
    label: "steps", min: 5, max: model.get("x").length, step: 5, value: model.get("steps"), role: "gradient",
    show: (v) => number(v, 0), oninput: (value) => store(model, { steps: value }),
  });
  const size = slider({
    label: "size of the inputs", min: 0, max: 10, step: 0.5, value: model.get("size"), role: "input",
    oninput: (value) => store(model, { size: value }),
  });
  const again = button("Start over", () => store(model, { scale: 1, steps: 50, size: 1, hidden: [] }));
  const toggles = Object.entries(CELLS).map(([key, entry]) => {
    const value = html("span", { class: "rnn-value" });
    const node = button("", () => {
      const hidden = model.get("hidden");
      store(model, { hidden: hidden.includes(key) ? hidden.filter((k) => k !== key) : [...hidden, key] });
    }, { style: "display: flex; align-items: center; gap: 0.5rem; text-align: left; flex: 1 1 15rem" });
    node.append(swatch(entry), html("span", { style: "flex: 1" }, entry.text), value);
    return { key, node, value };
  });

  function draw() {
    const state = Object.fromEntries(["weights", "x", "scale", "steps", "size"].map((k) => [k, model.get(k)]));
    const [T, hidden] = [state.steps, model.get("hidden")];
    const found = Object.fromEntries(Object.keys(CELLS).map((key) => [key, norms(key, state)]));
    const seen = Object.keys(CELLS).filter((key) => !hidden.includes(key));
    const drawn = seen.map((key) => ({ ...CELLS[key], ...course(found[key]) }));
    picture.replaceChildren(...grid(T), ...drawn.map(line), ...apart(drawn.map(nameOf)).map(({ text, role, x, y }) =>
      svg("text", { x, y, class: "rnn-end", style: `fill: ${color(role)}; font-size: 13px; paint-order: stroke; stroke: ${color("paper")}; stroke-width: 3px` }, text)));
    for (const { key, node, value } of toggles) {
      value.textContent = amount(found[key][T]);
      node.setAttribute("aria-pressed", !hidden.includes(key));
      node.style.opacity = hidden.includes(key) ? 0.5 : 1;
    }
    const order = [...seen].sort((a, b) => found[a][T] - found[b][T]);
    const told = (key) => `${CELLS[key].text} (${amount(found[key][T])})`;
    readout.textContent = !order.length ? `${T} steps back.`
    : order.length < 2 ? `${T} steps back, of a gradient of length 1: ${told(order[0])}.`
      : `${T} steps back, of a gradient of length 1: most in ${told(order.at(-1))}, least in ${told(order[0])}.`;
    scale.set(state.scale);
    steps.set(T);
    size.set(state.size);
  }

  root.append(
    html("div", { class: "rnn-controls" }, scale.node, steps.node, size.node, again),
    picture, readout,
    html("div", { class: "rnn-controls", style: "gap: 0.4rem; margin: 0.6rem 0 0", role: "group", "aria-label": "Cells shown" },
      toggles.map(({ node }) => node)),
    html("p", { class: "rnn-note" }, rich("Move the scale of W_hh from 1 to 2: you should see both ReLU lines turn upwards while LSTM and GRU still fall. 12 units, one input between 0 and 1, weights as drawn before any training; an arrow says that a line goes on beyond the axis. Press a cell to hide or show its line.")),
  );
  for (const key of ["scale", "steps", "size", "hidden"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
