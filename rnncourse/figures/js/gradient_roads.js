// Three steps, the roads of the gradient between them, and a switch on each road.

const WIDTH = 440;
const STEPS = 3;
const NODE = { width: 50, bar: 13 }; // four numbers of a gradient, one above the other
const AXIS = { left: 22, right: 418, low: -3, high: 1 }; // powers of ten
const ROADS = {
  rnn: { h: { name: "recurrent matrix", chip: "Whh", role: "state" } },
  lstm: {
    belt: { name: "conveyor belt", chip: "belt", role: "cell" },
    f: { name: "forget gate", chip: "f", role: "gate-f" },
    i: { name: "input gate", chip: "i", role: "gate-i" },
    g: { name: "candidate", chip: "g", role: "gate-g" },
    o: { name: "output gate", chip: "o", role: "gate-o" },
  },
};

const norm = (...parts) => Math.hypot(...parts.flat());
const flip = (M) => M[0].map((_, k) => M.map((row) => row[k]));
const cutRows = (W, keep) => W.map((row, k) => (keep(k) ? row : row.map(() => 0)));

// Forward through three steps: what each leaves for its way back.
function forward(S) {
  const W_hh = S.W_hh.map((row) => row.map((w) => w * S.scale));
  const H = W_hh[0].length;
  const b_h = S.cell === "lstm" ? S.b_h.map((b, k) => (k >= H && k < 2 * H ? S.bias : b)) : S.b_h;
  let [h, c] = [Array(H).fill(0), Array(H).fill(0)];
  const steps = S.x.map((x) => {
    const a = add(S.W_xh.map((w) => w * x), matvec(W_hh, h), b_h);
    if (S.cell === "rnn") {
      h = a.map(Math.tanh);
      return { h };
    }
    const [i, f, g, o] = [logistic, logistic, Math.tanh, logistic].map((squash, n) => a.slice(n * H, (n + 1) * H).map(squash));
    const before = c;
    c = before.map((old, k) => f[k] * old + i[k] * g[k]);
    const shown = c.map(Math.tanh);
    h = shown.map((s, k) => o[k] * s);
    return { i, f, g, o, before, shown, h };
  });
  return { W_hh, H, steps };
}

// What c_t gets: from the step after, and from h_t.
const both = ({ o, shown }, [dh, dc]) => dc.map((d, k) => d + dh[k] * o[k] * (1 - shown[k] ** 2));

// One step back by these roads only: [dh] or [dh, dc].
function stepBack(S, { W_hh, H }, step, gradient, roads) {
  if (S.cell === "rnn") {
    const da = gradient[0].map((d, k) => d * (1 - step.h[k] ** 2));
    return [roads.includes("h") ? matvec(flip(W_hh), da) : da.map(() => 0)];
  }
  const { i, f, g, o, before, shown } = step;
  const [dh, dc] = [gradient[0], both(step, gradient)];
  const da = [
    dc.map((d, k) => d * g[k] * i[k] * (1 - i[k])), dc.map((d, k) => d * before[k] * f[k] * (1 - f[k])),
    dc.map((d, k) => d * i[k] * (1 - g[k] ** 2)), dh.map((d, k) => d * shown[k] * o[k] * (1 - o[k])),
  ].flat();
  const open = cutRows(W_hh, (k) => roads.includes("ifgo"[Math.floor(k / H)]));
  return [matvec(flip(open), da), dc.map((d, k) => (roads.includes("belt") ? d * f[k] : 0))];
}

// Steps 3, 2, 1, as GradientRoads.walk gives them in Python.
function walk(S, cut = S.cut) {
  const made = forward(S);
  const roads = Object.keys(ROADS[S.cell]).filter((road) => !cut.includes(road));
  const start = Array(made.H).fill(made.H ** -0.5);
  let gradient = S.cell === "lstm" ? [start, start.map(() => 0)] : [start];
  let by = {};
  const found = [];
  for (let t = S.x.length; t >= 1; t -= 1) {
    const step = made.steps[t - 1];
    const whole = S.cell === "lstm" && t > 1 ? [gradient[0], both(step, gradient)] : gradient;
    found.push({ t, whole, length: norm(...gradient), by });
    if (t === 1) break;
    by = Object.fromEntries(roads.map((road) => [road, norm(...stepBack(S, made, step, gradient, [road]))]));
    gradient = stepBack(S, made, step, gradient, roads);
  }
  return found;
}

// ---- the picture ---------------------------------------------------------------------------

const nodeX = (t) => [38, 220, 402][t - 1];
const gapX = (t) => (nodeX(t) + nodeX(t - 1)) / 2; // between step t and the one before
const tall = (n) => n * NODE.bar + 8;

// Four numbers of a gradient, a full bar is 1; the name and the length beside them.
function column(x, y, values, letter, t, key) {
  const reach = NODE.width / 2 - 4;
  const top = y - tall(values.length) / 2;
  return svg("g", {},
    svg("rect", { x: x - NODE.width / 2, y: top, width: NODE.width, height: tall(values.length), rx: 7, fill: color("paper"), stroke: color("gradient"), "stroke-width": 1.6 }),
    svg("line", { x1: x, x2: x, y1: top + 5, y2: top + tall(values.length) - 5, stroke: color("rule") }),
    values.map((value, k) => {
      const long = Math.min(Math.abs(value), 1) * reach;
      return svg("rect", { x: value < 0 ? x - long : x, y: top + 5 + k * NODE.bar, width: Math.max(long, 0.7), height: NODE.bar - 3,
        fill: color(value < 0 ? "paper" : "gradient"), stroke: color("gradient"), "stroke-width": 1.2, class: "rnn-bar", "data-key": `${key}-${k}` });
    }),
    svg("text", { x, y: top - 7, "text-anchor": "middle" },
      "∂L/∂", svg("tspan", { class: "rnn-var" }, letter), svg("tspan", { dy: 4, style: "font-size: 0.72em" }, t)));
}

function road(d, role, much, closed) {
  return svg("path", {
    d, fill: "none", stroke: color(closed ? "muted" : role), "stroke-linecap": "round", class: closed ? "rnn-closed" : null,
    "stroke-width": closed ? 1.5 : 1.5 + 11 * Math.sqrt(much), "stroke-dasharray": closed ? "2 6" : null, opacity: closed ? 0.8 : 0.75,
  });
}

function arrow(x, y, role, closed, angle = 180) {
  return !closed && svg("path", { d: "M0 0 L-10 -6 L-10 6 z", fill: color(role), transform: `translate(${x} ${y}) rotate(${angle})` });
}

const lengthOf = (value) => (value >= 0.001 ? number(value, 3) : value ? "less than 0.001" : "nothing");

function picture(S, found, toggle) {
  const lstm = S.cell === "lstm";
  const [C, H] = lstm ? [74, 286] : [0, 74];
  const rows = lstm ? { belt: C, f: 132, i: 174, g: 216, o: H } : { h: H };
  const half = NODE.width / 2;
  const at = (t) => found.find((step) => step.t === t);
  const ways = [];
  const chips = [];
  for (let t = STEPS; t > 1; t -= 1) {
    const [from, mid, to] = [nodeX(t), gapX(t), nodeX(t - 1)];
    for (const [name, { role, chip, name: says }] of Object.entries(ROADS[S.cell])) {
      const closed = S.cut.includes(name);
      const much = at(t - 1).by[name] ?? 0;
      const y = rows[name];
      const slanted = "fig".includes(name);
      const d = slanted
        ? `M${from - half} ${C + 18} C${from - half - 34} ${C + 18} ${mid + 52} ${y} ${mid} ${y} C${mid - 52} ${y} ${to + half + 44} ${H - 12} ${to + half + 8} ${H - 12}`
        : `M${from - half} ${y} H${to + half + 8}`;
      ways.push(road(d, role, much, closed), arrow(to + half + 1, slanted ? H - 12 : y, slanted ? "gradient" : role, closed));
      chips.push(svg("g", { onclick: () => toggle(name), style: "cursor: pointer", class: "rnn-chip", "data-road": name },
        svg("title", {}, says),
        svg("rect", { x: mid - 21, y: y - 13, width: 42, height: 26, rx: 13, fill: color("paper"), stroke: color(closed ? "muted" : role), "stroke-width": 2, "stroke-dasharray": closed ? "3 3" : null }),
        svg("text", { x: mid, y: y + 5, "text-anchor": "middle", class: chip === "belt" ? "" : "rnn-var", style: `fill: ${color(closed ? "muted" : role)}; font-weight: 700` },
          chip === "Whh" ? ["W", svg("tspan", { dy: 4, style: "font-size: 0.72em" }, "hh")] : chip),
        closed && svg("path", { d: `M${mid - 15} ${y + 11} L${mid + 15} ${y - 11}`, stroke: color("ink"), "stroke-width": 2.5 })));
    }
  }
  const inside = lstm ? [3, 2].map((t) => svg("g", {},
    svg("path", { d: `M${nodeX(t)} ${H - 54} V${C + 42}`, stroke: color("rule"), "stroke-width": 3 }),
    svg("path", { d: "M0 0 L-8 -5 L-8 5 z", fill: color("muted"), transform: `translate(${nodeX(t)} ${C + 36}) rotate(-90)` }))) : [];
  return [
    ...inside, ...ways.filter(Boolean), ...chips,
    ...found.flatMap(({ t, whole: [dh, dc] }) => [column(nodeX(t), H, dh, "h", t, `h${t}`), dc && column(nodeX(t), C, dc, "c", t, `c${t}`)]).filter(Boolean),
    ...found.map(({ t }) => svg("text", { x: nodeX(t), y: 14, "text-anchor": "middle", class: "rnn-muted" }, `step ${t}`)),
    svg("text", { x: nodeX(3), y: H + 50, "text-anchor": "middle" }, "loss"),
  ];
}

const px = (power) => AXIS.left + ((power - AXIS.low) * (AXIS.right - AXIS.left)) / (AXIS.high - AXIS.low);

// The fixed axis below: what arrives by all roads, and by those that are open.
function scale(whole, left, y) {
  const mark = (value, y_, role, key, solid) => {
    const power = value ? Math.log10(value) : -99;
    const x = px(Math.min(Math.max(power, AXIS.low), AXIS.high));
    const beyond = power < AXIS.low ? -1 : power > AXIS.high ? 1 : 0;
    return svg("g", { class: beyond ? "rnn-beyond" : null },
      svg("rect", { x: AXIS.left, y: y_ - 5, width: Math.max(x - AXIS.left, 0), height: 10, rx: 3, fill: solid ? color(role) : color("paper"), stroke: color(role), "stroke-width": 1.5, "data-key": `arrived-${key}` }),
      beyond !== 0 && svg("path", { d: "M0 0 L-9 -6 L-9 6 z", fill: color(role), transform: `translate(${x + 9 * beyond} ${y_}) rotate(${beyond < 0 ? 180 : 0})` }));
  };
  return svg("g", {},
    [-3, -2, -1, 0, 1].map((power) => svg("g", {},
      svg("line", { x1: px(power), x2: px(power), y1: y + 8, y2: y + 76, stroke: color(power ? "rule" : "muted") }),
      svg("text", { x: px(power), y: y + 94, "text-anchor": "middle", class: "rnn-muted" }, String(10 ** power)))),
    svg("text", { x: AXIS.left, y: y + 18 }, `all paths: ${lengthOf(whole)}`), mark(whole, y + 30, "muted", "all", false),
    svg("text", { x: AXIS.left, y: y + 54, "font-weight": 700 }, `paths left open: ${lengthOf(left)}`), mark(left, y + 66, "gradient", "left", true));
}

const CELL_NOTES = {
  rnn: "Cut the only path there is: you should see that nothing arrives at step 1. Open it again and move the scale of W_hh: all that the RNN can do for its gradient is in this one matrix, and in the slope of its tanh.",
  lstm: "Cut the conveyor belt: you should see most of the gradient gone. Open it again and cut each of the gates, then the candidate, one at a time: you should see far less change.",
};

function render({ model, el }) {
  const cell = model.get("cell");
  const lstm = cell === "lstm";
  const root = stage(el, `The gradient’s paths through three steps of the ${cell.toUpperCase()}`);
  const bottom = lstm ? 346 : 134;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 100}`, "aria-hidden": "true", class: "rnn-loop" });
  const readout = spoken();
  const state = () => Object.fromEntries(["cell", "W_xh", "W_hh", "b_h", "x", "scale", "bias", "cut"].map((key) => [key, model.get(key)]));
  const toggle = (name) => {
    const cut = model.get("cut");
    store(model, { cut: cut.includes(name) ? cut.filter((other) => other !== name) : [...cut, name] });
  };
  const switches = Object.entries(ROADS[cell]).map(([name, { name: says, chip }]) => {
    const node = button("", () => toggle(name), { class: "rnn-button rnn-switch" });
    return { name, node, text: name === "belt" || name === "h" ? says : `${says} ${chip}` };
  });
  const again = button("open all", () => store(model, { cut: [] }));
  const size = slider({
    label: "scale of W_hh", min: 0.5, max: 3, step: 0.1, value: model.get("scale"), role: "gradient",
    oninput: (value) => store(model, { scale: value }),
  });
  const bias = slider({
    label: "forget bias", min: -1, max: 5, step: 0.5, value: model.get("bias"), role: "gate-f",
    oninput: (value) => store(model, { bias: value }),
  });

  function draw() {
    const S = state();
    const [whole, found] = [walk(S, []).at(-1).length, walk(S)];
    const left = found.at(-1).length;
    glide(drawing, () => drawing.replaceChildren(...picture(S, found, toggle), scale(whole, left, bottom)));
    for (const { name, node, text } of switches) {
      const closed = S.cut.includes(name);
      node.textContent = `${closed ? "✕" : "✓"} ${text}`;
      node.setAttribute("aria-pressed", !closed);
    }
    again.disabled = !S.cut.length;
    const closed = Object.entries(ROADS[cell]).filter(([name]) => S.cut.includes(name)).map(([, { name }]) => name);
    const list = closed.length > 1 ? `${closed.slice(0, -1).join(", ")} and ${closed.at(-1)}` : closed[0];
    readout.textContent = `Of a gradient of length 1 at the last state, ${lengthOf(whole)} arrives at step 1 by all paths`
      + (list ? `, ${lengthOf(left)} with ${list} cut.` : ".");
    size.set(S.scale);
    bias.set(S.bias);
  }

  root.append(
    html("div", { class: "rnn-controls rnn-lights", role: "group", "aria-label": "Paths that are open" },
      html("span", {}, "Open paths:"), switches.map(({ node }) => node), lstm ? again : null),
    drawing, readout,
    html("div", { class: "rnn-controls" }, size.node, lstm ? bias.node : null),
    html("p", { class: "rnn-note" }, rich(CELL_NOTES[cell]), ` The wider a path, the more passes; a full bar is 1. `
      + "What is cut is cut on the way back only: the states stay. A fresh cell of four units, its weights as drawn before any training."),
  );
  for (const key of ["scale", "bias", "cut"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
