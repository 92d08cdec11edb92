// The forward pass as a formula with its numbers in it. Every weight in the formula can be chosen
// and moved; the chart shows what becomes of sums, states and outputs over time.

const CHART = { left: 40, step: 50, input: 46, state: 120, output: 74, between: 26, top: 22 };
const WEIGHTS = ["W_xh", "W_hh", "b_h", "W_hy", "b_y"];
const MARKERS = ["circle", "square"]; // one a hidden unit
const LIMIT = 3; // how far a weight can be moved

// A weight is named by its array and position; biases have one column.
const entryOf = (values, row, col) => (Array.isArray(values[row]) ? values[row][col] : values[row]);
function withEntry(values, row, col, value) {
  return values.map((line, r) => {
    if (r !== row) return line;
    return Array.isArray(line) ? line.map((old, c) => (c === col ? value : old)) : value;
  });
}

function forward(x, { W_xh, W_hh, b_h, W_hy, b_y }, activation) {
  let h = b_h.map(() => 0);
  return x.map((x_t) => {
    const before = h;
    const a = add(matvec(W_xh, [x_t]), matvec(W_hh, before), b_h);
    h = a.map(ACTIVATIONS[activation].value);
    const z = add(matvec(W_hy, h), b_y);
    return { x_t, before, a, h, z, y: softmax(z) };
  });
}

const short = (value) => (Math.abs(value) < 1000 ? number(value) : value.toExponential(1));

// The states' axis stays where it is under the hand; beyond it a value is drawn as an arrow.
const REACH = 2;
const clamp = (value, reach) => Math.min(Math.max(value, -reach), reach);
const beyond = (value) => (Math.abs(value) <= REACH ? null : value > 0 ? "up" : "down");

function marker(shape, x, y, attributes) {
  if (["up", "down"].includes(shape)) {
    const tip = shape === "up" ? -8 : 8;
    return svg("path", { d: `M${x - 5} ${y} h10 l-5 ${tip} z`, class: "rnn-beyond", ...attributes });
  }
  return shape === "circle"
    ? svg("circle", { cx: x, cy: y, r: 4.5, ...attributes })
    : svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, ...attributes });
}

// ---- the chart: input, state and output over time, one below the other

function inputPanel(steps, px, top) {
  const zero = top + CHART.input / 2;
  return [
    svg("line", { x1: CHART.left - 8, x2: px(steps.length - 0.5), y1: zero, y2: zero, stroke: color("rule") }),
    steps.map(({ x_t }, t) => {
      const y = zero - (x_t * CHART.input) / 2;
      return [
        svg("line", { x1: px(t), x2: px(t), y1: zero, y2: y, stroke: color("input"), "stroke-width": 3 }),
        svg("rect", { x: px(t) - 5, y: y - 5, width: 10, height: 10, fill: color("input") }),
      ];
    }),
  ];
}

function statePanel(steps, px, top) {
  const py = (v) => top + CHART.state / 2 - (clamp(v, REACH) / REACH) * (CHART.state / 2 - 6);
  const tick = (v) => [
    svg("line", { x1: CHART.left - 8, x2: px(steps.length - 0.5), y1: py(v), y2: py(v), stroke: color("rule") }),
    svg("text", { x: CHART.left - 12, y: py(v) + 5, "text-anchor": "end", class: "rnn-muted", style: "font-size: 13px" }, number(v, 0)),
  ];
  const lines = MARKERS.map((shape, k) => {
    const path = steps.map(({ h }, t) => `${px(t)},${py(h[k])}`).join(" ");
    return [
      svg("polyline", { points: path, fill: "none", stroke: color("state"), "stroke-width": 2.5, "stroke-dasharray": k ? "6 4" : null }),
      steps.map(({ a, h }, t) => [
        marker(beyond(a[k]) ?? shape, px(t) + (k ? 8 : -8), py(a[k]), { fill: "none", stroke: color("muted"), "stroke-width": 1.5 }),
        marker(beyond(h[k]) ?? shape, px(t), py(h[k]), { fill: color("state"), stroke: color("paper") }),
      ]),
    ];
  });
  return [[-REACH, 0, REACH].map(tick), lines];
}

function outputPanel(steps, px, top) {
  const opacity = [0.7, 0.4, 0.12];
  return steps.map(({ y }, t) => {
    let floor = top + CHART.output;
    return y.map((share, k) => {
      const tall = share * CHART.output;
      floor -= tall;
      return [
        svg("rect", { x: px(t) - 19, y: floor, width: 38, height: tall, fill: color("output"), "fill-opacity": opacity[k], stroke: color("output") }),
        tall > 17 && svg("text", {
          x: px(t), y: floor + tall / 2 + 5, "text-anchor": "middle",
          style: "font-size: 13px",
        }, number(share)),
      ];
    });
  });
}

function chart(steps, now, pick) {
  const px = (t) => CHART.left + (t + 0.5) * CHART.step;
  const tops = { input: CHART.top };
  tops.state = tops.input + CHART.input + CHART.between;
  tops.output = tops.state + CHART.state + CHART.between;
  const tall = tops.output + CHART.output + 26;
  const wide = CHART.left + steps.length * CHART.step + 4;
  const name = (letter, y) => svg("text", { x: 4, y, class: "rnn-var", "font-weight": 700 },
    svg("tspan", { class: "rnn-var" }, letter), svg("tspan", { dy: 4, style: "font-size: 11px" }, "t"));
  return svg(
    "svg",
    { viewBox: `0 0 ${wide} ${tall}`, "aria-hidden": "true", style: "max-width: 33rem; margin: 0 auto" },
    svg("rect", { x: px(now) - CHART.step / 2 + 1, y: 2, width: CHART.step - 2, height: tall - 4, rx: 8, fill: color("panel"), stroke: color("muted") }),
    inputPanel(steps, px, tops.input),
    statePanel(steps, px, tops.state),
    outputPanel(steps, px, tops.output),
    name("x", tops.input + 16), name("h", tops.state + 26), name("y", tops.output + 40),
    svg("text", { x: 10, y: tall - 8, class: "rnn-var" }, "t"),
    steps.map((_, t) => [
      svg("text", { x: px(t), y: tall - 8, "text-anchor": "middle", "font-weight": t === now ? 700 : 400 }, t + 1),
      svg("rect", { x: px(t) - CHART.step / 2, y: 0, width: CHART.step, height: tall, fill: "transparent", style: "cursor: pointer", onclick: () => pick(t) }),
    ]),
  );
}

function render({ model, el }) {
  const root = stage(el, "Forward pass calculator");
  const weightsNow = () => Object.fromEntries(WEIGHTS.map((key) => [key, model.get(key)]));
  const labels = { W_xh: "W x h", W_hh: "W h h", b_h: "b h", W_hy: "W h y", b_y: "b y" };
  const start = weightsNow();
  let chosen = { key: "W_hh", row: 0, col: 0 };

  // ---- controls
  const activation = menu({
    label: "activation", value: model.get("activation"),
    options: Object.entries(ACTIVATIONS).map(([key, entry]) => [key, entry.text]),
    onchange: (value) => store(model, { activation: value }),
  });
  const sequence = menu({
    label: "input", value: model.get("sequence"),
    options: Object.keys(model.get("sequences")).map((key) => [key, key]),
    onchange: (value) => store(model, { sequence: value }),
  });
  const time = slider({
    label: "step", min: 1, max: 6, step: 1, value: model.get("step"), show: (t) => `t = ${t}`,
    role: "ink", oninput: (t) => store(model, { step: t }),
  });
  const move = (value) => {
    const { key, row, col } = chosen;
    const rounded = Math.round(clamp(value, LIMIT) * 10) / 10;
    store(model, { [key]: withEntry(model.get(key), row, col, rounded) });
  };
  const weight = slider({
    label: "weight", min: -LIMIT, max: LIMIT, step: 0.1, value: 0, show: (v) => number(v, 1),
    oninput: move,
  });
  const weightName = weight.node.querySelector("label");
  const reset = button("Reset", () => store(model, start));

  // ---- the formula; its weights are buttons
  const pick = (key) => (row, col) => {
    chosen = { key, row, col };
    draw();
  };
  const [H, O] = [start.b_h.length, start.b_y.length];
  const part = (letter, below, label, shape, key) =>
    matrix({ name: variable(letter, below), label, shape, pick: key ? pick(key) : null });
  const parts = {
    a: part("a", "t", "a t", [H, 1]),
    W_xh: part("W", "xh", labels.W_xh, [H, 1], "W_xh"),
    x: part("x", "t", "x t", [1, 1]),
    W_hh: part("W", "hh", labels.W_hh, [H, H], "W_hh"),
    before: part("h", "t−1", "h t minus 1", [H, 1]),
    b_h: part("b", "h", labels.b_h, [H, 1], "b_h"),
    h: part("h", "t", "h t", [H, 1]),
    W_hy: part("W", "hy", labels.W_hy, [O, H], "W_hy"),
    b_y: part("b", "y", labels.b_y, [O, 1], "b_y"),
    z: part("z", "t", "z t", [O, 1]),
    y: part("y", "t", "y t", [O, 1]),
  };
  const same = { h2: part("h", "t", "h t", [H, 1]) };
  const group = (...children) => html("div", { class: "rnn-group" }, children);
  const result = (...children) => html("div", { class: "rnn-group rnn-result" }, children);
  const line = (label, ...groups) =>
    html("div", { class: "rnn-equation", role: "group", "aria-label": label }, groups);
  const squash = operator("tanh");
  const formula = [
    line("The state",
      group(parts.a.node, operator("="), parts.W_xh.node, parts.x.node),
      group(operator("+"), parts.W_hh.node, parts.before.node),
      group(operator("+"), parts.b_h.node),
      result(parts.h.node, operator("="), squash, operator("("), variable("a", "t"), operator(")"))),
    line("The output",
      group(parts.z.node, operator("="), parts.W_hy.node, same.h2.node),
      group(operator("+"), parts.b_y.node),
      result(parts.y.node, operator("= softmax("), variable("z", "t"), operator(")"))),
  ];
  // Drag a weight sideways: a hundredth a pixel, in steps of a tenth.
  function drag(key, cell, row, col) {
    let from = null;
    cell.addEventListener("pointerdown", (event) => {
      chosen = { key, row, col };
      from = { x: event.clientX, value: entryOf(model.get(key), row, col) };
      cell.setPointerCapture(event.pointerId);
      draw();
    });
    cell.addEventListener("pointermove", (event) => {
      if (from) move(from.value + (event.clientX - from.x) / 50);
    });
    for (const end of ["pointerup", "pointercancel"]) cell.addEventListener(end, () => (from = null));
  }
  for (const key of WEIGHTS) {
    parts[key].cells.forEach((cells, r) => cells.forEach((cell, c) => drag(key, cell, r, c)));
    parts[key].node.classList.add("rnn-movable");
  }

  const picture = html("div", {});
  const readout = spoken();
  const key = html(
    "p", { class: "rnn-note" },
    rich("Choose one push and move W_hh[1,1] to 0: you should see unit 1 forget the push after one step. "),
    "Circles, solid: unit 1. Squares, dashed: unit 2. Hollow: the sum a before the activation. " +
    "An arrow lies beyond the axis. " +
    "Bars: the three outputs, first at the bottom. Choose a weight in the formula, then move it " +
    "with the slider or by dragging it sideways.",
  );

  function draw() {
    const weights = weightsNow();
    const x = model.get("sequences")[model.get("sequence")];
    const steps = forward(x, weights, model.get("activation"));
    const now = Math.min(model.get("step"), steps.length) - 1;
    const { x_t, before, a, h, z, y } = steps[now];
    picture.replaceChildren(chart(steps, now, (t) => store(model, { step: t + 1 })));
    for (const name of WEIGHTS) {
      const values = weights[name];
      const entry = name === chosen.key ? [chosen.row, chosen.col] : undefined;
      parts[name].update(Array.isArray(values[0]) ? values : asColumn(values), { entry });
    }
    for (const [name, values] of Object.entries({ a, x: [x_t], before, h, z, y })) {
      parts[name].update(asColumn(values));
    }
    same.h2.update(asColumn(h));
    squash.textContent = ACTIVATIONS[model.get("activation")].text;
    const position = weights[chosen.key][0].length ? `${chosen.row + 1},${chosen.col + 1}` : chosen.row + 1;
    weightName.replaceChildren(variable(chosen.key[0], chosen.key.slice(2)), `[${position}]`);
    weight.set(entryOf(weights[chosen.key], chosen.row, chosen.col));
    activation.set(model.get("activation"));
    sequence.set(model.get("sequence"));
    time.input.max = steps.length;
    time.set(now + 1);
    const list = (values) => `(${values.map(short).join(", ")})`;
    readout.textContent = `t = ${now + 1}: a = ${list(a)}, h = ${list(h)}, y = ${list(y)}`;
  }

  root.append(
    html("div", { class: "rnn-controls" }, activation.node, sequence.node, time.node, weight.node, reset),
    picture, readout, formula[0], formula[1], key,
  );
  for (const name of [...WEIGHTS, "activation", "sequence", "step"]) model.on(`change:${name}`, draw);
  draw();
}

export default { render };
