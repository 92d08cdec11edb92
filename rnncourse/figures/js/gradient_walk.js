// A gradient on its way back: one column a time step, its length on a logarithmic scale below.

const WIDTH = 440;
const [LEFT, RIGHT] = [46, 432];
const UNITS = { top: 22, height: 17, step: 19 }; // the gradient's four numbers
const PLOT = { top: 128, bottom: 262, low: -8, high: 4 }; // powers of ten
const MAX_STEPS = 40;

// The states, then the gradients back from the last: dh[t] has four numbers, t = 0 … T − 1.
function walk(model) {
  const { value, slope } = ACTIVATIONS[model.get("nonlinearity")];
  const W = model.get("W_hh").map((row) => row.map((w) => w * model.get("scale")));
  const transposed = W[0].map((_, k) => W.map((row) => row[k]));
  const inner = [];
  let h = [0, 0, 0, 0];
  for (const x of model.get("x").slice(0, model.get("steps"))) {
    inner.push(add(model.get("W_xh").map((w) => w * x), matvec(W, h)));
    h = inner.at(-1).map(value);
  }
  const back = [[1, 0, 0, 0]];
  for (const a of inner.slice(1).reverse()) {
    back.unshift(matvec(transposed, back[0].map((d, k) => d * slope(a[k]))));
  }
  return back;
}

const norm = (v) => Math.hypot(...v);
const px = (t, T) => LEFT + ((t + 0.5) * (RIGHT - LEFT)) / T;
function py(length) {
  const { top, bottom, low, high } = PLOT;
  return bottom - ((Math.log10(length) - low) * (bottom - top)) / (high - low);
}
const scientific = (v) =>
  v === 0 || (v >= 0.01 && v < 1000) ? number(v, 2) : v.toExponential(1).replace("-", "\u2212");

// One column: four units, as everywhere in the course; where the walk has been, a bar in each
// grows left or right of the middle. here: where the walk is now.
function column(dh, t, T, seen) {
  const wide = ((RIGHT - LEFT) / T) * 0.84;
  const reach = wide / 2 - 1; // a full bar is 1, in every column
  return svg("g", {}, dh.map((d, k) => {
    const [y, length] = [UNITS.top + k * UNITS.step, Math.min(Math.abs(d), 1) * reach];
    const [sign, end] = d < 0 ? [-1, px(t, T) - length] : [1, px(t, T) + length];
    const middle = y + UNITS.height / 2;
    return svg("g", {},
      svg("rect", {
        x: px(t, T) - wide / 2, y, width: wide, height: UNITS.height, rx: Math.min(4, wide / 3),
        fill: color(seen ? "panel" : "paper"), stroke: color(seen ? "gradient" : "rule"), "stroke-dasharray": seen ? null : "3 3",
      }),
      seen && svg("rect", {
        class: "rnn-bar", x: Math.min(end, px(t, T)), y: y + 4, width: Math.max(length, 0.8), height: UNITS.height - 8,
        fill: color(d < 0 ? "paper" : "gradient"), stroke: color("gradient"),
      }),
      seen && Math.abs(d) > 1 && svg("path", {
        d: `M${end} ${middle - 6} l${sign * 5} 6 l${-sign * 5} 6 z`, fill: color("gradient"),
      }));
  }));
}

const here = (t, T) => svg("rect", {
  x: px(t, T) - ((RIGHT - LEFT) / T) * 0.5, y: UNITS.top - 4, width: (RIGHT - LEFT) / T, height: 4 * UNITS.step + 5, rx: 6,
  fill: "none", stroke: color("ink"), "stroke-width": 2, "data-key": "here",
});

function leaves(x, y) {
  const [edge, tip] = y < PLOT.top ? [PLOT.top, -8] : [PLOT.bottom, 8];
  return svg("path", { d: `M${x - 5} ${edge} h10 l-5 ${tip} z`, fill: color("gradient"), class: "rnn-beyond" });
}

const READ = "Four numbers a step; a full bar is 1, an arrow says more than 1.";

function grid() {
  return [-8, -4, 0, 4].map((power) => svg("g", {},
    svg("line", { x1: LEFT, x2: RIGHT, y1: py(10 ** power), y2: py(10 ** power), stroke: color("rule") }),
    svg("text", { x: LEFT - 6, y: py(10 ** power) + 5, "text-anchor": "end", class: "rnn-muted" },
      "10", svg("tspan", { dy: -6, "font-size": 10 }, number(power, 0)))));
}

function render({ model, el }) {
  const root = stage(el, "The gradient walks back through the unrolled network");
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} 290`, "aria-hidden": "true", class: "rnn-plot" });
  const readout = spoken();
  const last = () => model.get("steps") - 1;
  let timer = null;

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Walk";
  }
  function back() {
    store(model, { walked: Math.min(model.get("walked") + 1, last()) });
    if (model.get("walked") === last()) stop();
  }
  // What the scale and the nonlinearity do is seen after the walk: where none was made, make it.
  const change = (values) => store(model, { ...values, walked: model.get("walked") || last() });
  const step = button("One step back", () => { stop(); back(); });
  const play = button("Walk", () => {
    if (timer) return stop();
    if (calm()) return store(model, { walked: last() });
    if (model.get("walked") === last()) store(model, { walked: 0 });
    timer = setInterval(back, Math.max(900 - 20 * last(), 120));
    play.textContent = "Pause";
  });
  const again = button("Start over", () => { stop(); store(model, { walked: 0 }); });
  const scale = slider({
    label: "scale of W_hh", min: 0.1, max: 3, step: 0.1, value: model.get("scale"),
    role: "gradient", oninput: (value) => change({ scale: value }),
  });
  const length = slider({
    label: "steps", min: 2, max: MAX_STEPS, step: 1, value: model.get("steps"),
    show: (v) => number(v, 0), role: "gradient",
    oninput: (value) => {
      const everywhere = model.get("walked") === last();
      store(model, { steps: value, walked: everywhere ? value - 1 : Math.min(model.get("walked"), value - 1) });
    },
  });
  const which = menu({
    label: "nonlinearity",
    options: Object.entries(ACTIVATIONS).map(([key, entry]) => [key, entry.text]),
    value: model.get("nonlinearity"),
    onchange: (value) => change({ nonlinearity: value }),
  });

  function draw() {
    const gradients = walk(model);
    const [T, walked] = [gradients.length, model.get("walked")];
    const now = T - 1 - walked;
    const lengths = gradients.map(norm);
    // the line ends where it leaves the axis, with an arrow
    const way = lengths.map((v, t) => [px(t, T), py(v)]).slice(now).reverse();
    const out = way.findIndex(([, y]) => y < PLOT.top || y > PLOT.bottom);
    const points = (out < 0 ? way : way.slice(0, out)).reverse();
    const every = Math.ceil(T / 10);
    glide(picture, () => picture.replaceChildren(
      ...gradients.map((dh, t) => column(dh, t, T, t >= now)), here(now, T),
      svg("text", { x: RIGHT, y: 14, "text-anchor": "end" }, "loss"),
      ...gradients.map((_, t) => (T - 1 - t) % every ? null :
        svg("text", { x: px(t, T), y: 114, "text-anchor": "middle", class: "rnn-muted" }, `${t + 1}`)).filter(Boolean),
      ...grid(),
      svg("polyline", { points: points.map((p) => p.join(",")).join(" "), fill: "none", stroke: color("gradient"), "stroke-width": 2.5 }),
      ...points.map(([cx, cy]) => svg("circle", { cx, cy, r: T > 20 ? 2.5 : 4, fill: color("gradient") })),
      ...(out < 0 ? [] : [leaves(...way[out])]),
      svg("text", { x: (LEFT + RIGHT) / 2, y: 284, "text-anchor": "middle", class: "rnn-muted" }, "length of the gradient, step by step"),
    ));
    const arrived = scientific(lengths[now]);
    readout.textContent = walked === 0
      ? `Step ${T}: the loss hands a gradient of length 1.00 to the last state.`
      : `Step ${now + 2} → ${now + 1}: times ${number(lengths[now] / (lengths[now + 1] || 1), 2)}. `
        + `After ${walked} ${walked === 1 ? "step" : "steps"} its length is ${arrived}.`;
    step.disabled = walked === T - 1;
    scale.set(model.get("scale"));
    length.set(T);
    which.set(model.get("nonlinearity"));
  }

  arrowKeys(root, (change) => {
    stop();
    store(model, { walked: Math.min(Math.max(model.get("walked") - change, 0), last()) });
  });
  root.append(
    html("div", { class: "rnn-controls" }, step, play, again),
    html("div", { class: "rnn-controls" }, scale.node, length.node, which.node),
    picture, readout,
    html("p", { class: "rnn-note" }, `Choose linear, walk to step 1 and move the scale from 1 to 3: you should see the line end below where it began, then above. ${READ}`),
  );
  for (const key of ["scale", "steps", "nonlinearity", "walked"]) model.on(`change:${key}`, draw);
  draw();
  return stop;
}

export default { render };
