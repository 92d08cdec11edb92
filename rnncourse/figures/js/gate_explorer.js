// One unit of an LSTM or a GRU: draw its input, hold its gates, read its arithmetic.

const WIDTH = 440;
const [LEFT, RIGHT] = [52, 432];
const PANELS = {
  x: { top: 8, height: 76, low: -1, high: 1, title: "input" },
  gates: { top: 112, height: 96, low: 0, high: 1, title: "gates" },
  state: { top: 236, height: 110, low: -1, high: 1, title: "memory" },
};
const BOTTOM = 372;
const NAMES = { i: "input", f: "forget", o: "output", r: "reset", z: "update", g: "candidate", n: "candidate" };
const role = (name) => ({ c: "cell", h: "state", x: "input" })[name] ?? `gate-${name}`;

// The value of a gate or candidate, or the value it is held at.
function gate(model, name, x, h, free) {
  const held = free ? undefined : model.get("forced")[name];
  if (held !== undefined && held >= 0) return held;
  const [w_x, w_h, b] = model.get("weights")[name];
  let a = w_x * x + w_h * h + b;
  if (name === "z" && !model.get("keeps")) a = -a; // the same model in its other dress
  return "gn".includes(name) ? Math.tanh(a) : logistic(a);
}

// free: as if no gate were held
function trace(model, free = false) {
  let [h, c] = [0, 0];
  return model.get("x").map((x) => {
    const before = { h, c };
    if (model.get("cell") === "lstm") {
      const [i, f, g, o] = ["i", "f", "g", "o"].map((name) => gate(model, name, x, h, free));
      c = f * c + i * g;
      h = o * Math.tanh(c);
      return { x, i, f, g, o, c, h, before };
    }
    const [r, z] = ["r", "z"].map((name) => gate(model, name, x, h, free));
    const n = gate(model, "n", x, r * h, free);
    const keep = model.get("keeps") ? z : 1 - z;
    h = keep * h + (1 - keep) * n;
    return { x, r, z, n, h, before };
  });
}

const px = (t, T) => LEFT + ((t + 0.5) * (RIGHT - LEFT)) / T;
function py(panel, value, reach = 1) {
  const { top, height, low, high } = PANELS[panel];
  const share = (value / reach - low) / (high - low);
  return top + height * (1 - Math.min(Math.max(share, 0), 1));
}

function frame(panel, reach) {
  const { low, high, title, top, height } = PANELS[panel];
  const marks = low < 0 ? [low, 0, high] : [low, high];
  return svg("g", {},
    marks.map((mark) => svg("g", {},
      svg("line", { x1: LEFT, x2: RIGHT, y1: py(panel, mark), y2: py(panel, mark), stroke: color("rule") }),
      svg("text", { x: LEFT - 6, y: py(panel, mark) + 5, "text-anchor": "end", class: "rnn-muted" },
        number(mark * reach, Number.isInteger(mark * reach) ? 0 : 1)))),
    svg("text", { x: LEFT + 4, y: top - 4 + (panel === "x" ? height + 18 : 0), class: "rnn-muted" }, panel === "x" ? "" : title));
}

const APART = 18; // lines of text

// The names stand at the ends of their curves, moved up or down where they would meet.
function names(rows, shown, panel, reach) {
  const ends = shown.map((name) => ({ name, y: py(panel, rows.at(-1)[name], reach) }));
  ends.sort((a, b) => a.y - b.y);
  const wanted = ends.reduce((sum, end) => sum + end.y, 0);
  for (const [k, end] of ends.entries()) if (k) end.y = Math.max(end.y, ends[k - 1].y + APART);
  const moved = ends.reduce((sum, end) => sum + end.y, 0);
  return ends.map(({ name, y }) => svg("text", {
    x: px(rows.length - 1, rows.length) + 8, y: y + 5 - (moved - wanted) / ends.length,
    class: "rnn-var", style: `fill: ${color(role(name))}`,
  }, name));
}

function curve(rows, name, panel, reach, ghost = false) {
  const T = rows.length;
  const points = rows.map((row, t) => [px(t, T), py(panel, row[name], reach)]);
  if (ghost) {
    const path = points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ");
    return svg("polyline", { points: path, fill: "none", stroke: color(role(name)), "stroke-width": 6, opacity: 0.22, class: "rnn-ghost" });
  }
  // an arrow where a value lies beyond the axis
  const beyond = rows.map((row, t) => {
    if (Math.abs(row[name]) <= reach) return null;
    const [x, y] = points[t];
    const up = row[name] > 0 ? -1 : 1;
    return svg("path", { d: `M${x - 5} ${y + up * 3} h10 l-5 ${up * 8} z`, fill: color(role(name)) });
  });
  return svg("g", {}, beyond,
    svg("polyline", {
      points: points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" "), fill: "none",
      stroke: color(role(name)), "stroke-width": 2.5, "stroke-dasharray": dashes(role(name)),
    }),
    points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3, fill: color(role(name)) })));
}

// The arithmetic of one step, with its numbers.
function arithmetic(model, row, t) {
  const n = (v) => number(v, 2);
  const { before } = row;
  if (model.get("cell") === "lstm") {
    return `c${low(t)} = f·c${low(t - 1)} + i·g = ${n(row.f)} · ${n(before.c)} + ${n(row.i)} · ${n(row.g)} = ${n(row.c)}, `
      + `h${low(t)} = o · tanh(c${low(t)}) = ${n(row.o)} · ${n(Math.tanh(row.c))} = ${n(row.h)}`;
  }
  const [old, fresh] = model.get("keeps") ? ["z", "(1 − z)"] : ["(1 − z)", "z"];
  const keep = model.get("keeps") ? row.z : 1 - row.z;
  return `h${low(t)} = ${old}·h${low(t - 1)} + ${fresh}·n = ${n(keep)} · ${n(before.h)} + ${n(1 - keep)} · ${n(row.n)} = ${n(row.h)}`;
}

function render({ model, el }) {
  const cell = model.get("cell");
  const root = stage(el, `${cell.toUpperCase()} gate explorer`);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${BOTTOM}`, class: "rnn-plot" });
  const backdrop = svg("g", { "aria-hidden": "true" });
  const lines = svg("g", { "aria-hidden": "true" });
  const bars = svg("g", {});
  picture.append(backdrop, bars, lines);
  const readout = spoken();
  let chosen = 3;

  const setInput = (t, value) => {
    chosen = t;
    const x = [...model.get("x")];
    x[t] = Math.round(Math.min(Math.max(value, -1), 1) * 20) / 20;
    store(model, { x });
  };
  function follow(event, t) {
    const box = picture.getBoundingClientRect();
    const { top, height } = PANELS.x;
    const y = ((event.clientY - box.top) * BOTTOM) / box.height;
    setInput(t, 1 - (2 * (y - top)) / height);
  }
  // one handle for each step: dragged, or moved with the arrow keys
  const handles = model.get("x").map((_, t) => {
    const T = model.get("x").length;
    const wide = (RIGHT - LEFT) / T;
    const bar = svg("rect", { width: wide * 0.5, x: px(t, T) - wide * 0.25, rx: 2, fill: color("input") });
    const touch = svg("rect", {
      x: px(t, T) - wide / 2, width: wide, y: PANELS.x.top, height: PANELS.x.height, fill: "transparent",
      tabindex: 0, role: "slider", "aria-label": `input at step ${t + 1}`, "aria-valuemin": -1, "aria-valuemax": 1,
      style: "cursor: ns-resize; touch-action: none", class: "rnn-handle",
    });
    // a finger on a bar moves the bar, not the page (touch-action has no say inside a picture)
    touch.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    touch.addEventListener("pointerdown", (event) => {
      touch.setPointerCapture(event.pointerId);
      follow(event, t);
    });
    touch.addEventListener("pointermove", (event) => event.buttons && follow(event, t));
    touch.addEventListener("focus", () => { chosen = t; draw(); });
    touch.addEventListener("keydown", (event) => {
      const change = { ArrowUp: 0.1, ArrowRight: 0.1, ArrowDown: -0.1, ArrowLeft: -0.1 }[event.key];
      if (!change) return;
      event.preventDefault();
      setInput(t, model.get("x")[t] + change);
    });
    bars.append(bar, touch);
    return { bar, touch };
  });

  const inputs = menu({
    label: "input",
    options: [["", "your own"], ...Object.keys(model.get("series")).map((key) => [key, key])],
    value: "",
    onchange: (key) => key && store(model, { x: [...model.get("series")[key]] }),
  });
  const holds = Object.keys(model.get("forced")).map((name) => [name, menu({
    label: `${NAMES[name]} gate ${name}`,
    options: [["-1", "free"], ["0", "held at 0"], ["1", "held at 1"]],
    value: String(model.get("forced")[name]),
    onchange: (value) => store(model, { forced: { ...model.get("forced"), [name]: Number(value) } }),
  })]);
  const convention = cell === "gru" && menu({
    label: "z near 1",
    options: [["true", "keeps (PyTorch)"], ["false", "updates (many tutorials)"]],
    value: String(model.get("keeps")),
    onchange: (value) => store(model, { keeps: value === "true" }),
  });

  function draw() {
    const rows = trace(model);
    const T = rows.length;
    const reach = cell === "lstm" ? 3 : 1;
    const held = Object.values(model.get("forced")).some((value) => value >= 0);
    const free = held ? trace(model, true) : [];
    backdrop.replaceChildren(
      svg("rect", { x: px(chosen, T) - 16, width: 32, y: 2, height: BOTTOM - 24, rx: 6, fill: color("panel") }),
      frame("x", 1), frame("gates", 1), frame("state", reach),
      ...rows.map((_, t) => svg("text", { x: px(t, T), y: BOTTOM - 4, "text-anchor": "middle", class: "rnn-muted" }, `${t + 1}`)),
    );
    handles.forEach(({ bar, touch }, t) => {
      const [zero, y] = [py("x", 0), py("x", rows[t].x)];
      fill(bar, { y: Math.min(zero, y), height: Math.max(Math.abs(zero - y), 2) }, []);
      fill(touch, { "aria-valuenow": rows[t].x, "aria-valuetext": number(rows[t].x, 2) }, []);
    });
    const gates = Object.keys(model.get("forced"));
    const states = cell === "lstm" ? ["g", "c", "h"] : ["n", "h"];
    lines.replaceChildren(
      ...(held ? states.filter((name) => "ch".includes(name)).map((name) => curve(free, name, "state", reach, true)) : []),
      ...gates.map((name) => curve(rows, name, "gates", 1)),
      ...states.map((name) => curve(rows, name, "state", reach)),
      ...names(rows, gates, "gates", 1), ...names(rows, states, "state", reach),
    );
    readout.textContent = arithmetic(model, rows[chosen], chosen + 1);
    const same = Object.entries(model.get("series")).find(([, x]) => x.every((v, t) => v === rows[t].x));
    inputs.set(same ? same[0] : "");
    for (const [name, control] of holds) control.set(String(model.get("forced")[name]));
    if (convention) convention.set(String(model.get("keeps")));
  }

  root.append(
    html("div", { class: "rnn-controls" }, inputs.node, holds.map(([, control]) => control.node), convention ? convention.node : null),
    picture, readout,
    html("p", { class: "rnn-note" }, cell === "lstm"
      ? "Choose prices and hold the forget gate at 1: you should see c no longer fall. The pale band is the run with all gates free; an arrow lies beyond the axis. Bars: drag one, or choose it and use the arrow keys; its step is worked out in numbers."
      : "Hold the update gate at 1 while z near 1 keeps: you should see h stay at 0. The pale band is the run with all gates free. Bars: drag one, or choose it and use the arrow keys; its step is worked out in numbers."),
  );
  for (const key of ["x", "forced", "keeps"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
