// The folded network and its unrolling: the copies lie on one another, or side by side.

const WIDTH = 440;
const TOP = 68; // of the columns
const TAPE = 66; // from word to word where they wait in a row

// Every state from h_0 on.
function run({ words, vocabulary, W_xh, W_hh, b_h }) {
  const states = [b_h.map(() => 0)];
  for (const word of words) {
    const x = vocabulary.map((known) => (known === word ? 1 : 0));
    states.push(add(matvec(W_xh, x), matvec(W_hh, states.at(-1)), b_h).map(Math.tanh));
  }
  return states;
}

const between = (from, to, share) => from + (to - from) * share;
const eased = (share) => (share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2);

// Where column t stands when the loop is unrolled by `share`.
function place(t, T, share) {
  const apart = (WIDTH - UNIT.width - 12) / T;
  return between((WIDTH - UNIT.width) / 2, 6 + t * apart, share);
}

// From the right of one copy to the left of the next: a loop where both lie on one another.
function cable(t, T, share, middle) {
  const [x1, x2] = [place(t - 1, T, share) + UNIT.width + 3, place(t, T, share) - 9];
  const folded = 1 - eased(Math.max(2 * share - 1, 0)); // flat only where there is room between them
  const side = between(Math.max((x2 - x1) * 0.4, 6), 104, Math.max(1 - 2 * share, 0));
  const rise = 152 * folded;
  const d = `M${x1} ${middle} C${x1 + side} ${middle - rise} ${x2 - side} ${middle - rise} ${x2} ${middle}`;
  const angle = (Math.atan2(rise, side) * 180) / Math.PI;
  const tip = [x2 + 8 * Math.cos(Math.atan2(rise, side)), middle + 8 * Math.sin(Math.atan2(rise, side))];
  return { d, tip, angle, name: [(x1 + x2) / 2, middle - 0.75 * rise - 11] };
}

function arrowed({ d, tip, angle, role, lit }) {
  return svg("g", { "data-lit": lit || null },
    lit && svg("path", { d, fill: "none", stroke: color("lit"), "stroke-width": 15, "stroke-linecap": "round" }),
    svg("path", { d, fill: "none", stroke: color(role), "stroke-width": 4 }),
    svg("path", { d: "M0 0 L-12 -7 L-12 7 z", fill: color(role), transform: `translate(${tip}) rotate(${angle})` }));
}

// The name of weights, on yellow where they are lit.
function named(x, y, below, lit) {
  return svg("g", {},
    lit && svg("rect", { x: x - 21, y: y - 15, width: 42, height: 21, rx: 5, fill: color("lit") }),
    svg("text", { x, y, "text-anchor": "middle" },
      svg("tspan", { class: "rnn-var" }, "W"), svg("tspan", { dy: 4, style: "font-size: 0.72em" }, below)));
}

function render({ model, el }) {
  const root = stage(el, "A recurrent network, folded and unrolled");
  const words = model.get("words");
  const T = words.length;
  const states = run(Object.fromEntries(["words", "vocabulary", "W_xh", "W_hh", "b_h"].map((key) => [key, model.get(key)])));
  const size = states[0].length;
  const bottom = unitY(size - 1, TOP) + UNIT.height;
  const middle = (TOP + bottom) / 2;
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 84}`, "aria-hidden": "true", class: "rnn-loop" });
  const readout = spoken();
  let share = model.get("unrolled"); // what is drawn, on its way to what the model says
  let frame = null;

  const go = (step) => store(model, { step: Math.min(Math.max(step, 0), T) });
  const unroll = button("", () => store(model, { unrolled: model.get("unrolled") < 0.5 ? 1 : 0 }), { class: "rnn-button rnn-main" });
  const far = slider({
    label: "unrolled", min: 0, max: 1, step: 0.05, value: share, role: "state",
    show: (v) => `${number(100 * v, 0)} %`, oninput: (value) => { share = value; store(model, { unrolled: value }); },
  });
  const back = button("◀", () => go(model.get("step") - 1), { "aria-label": "step back" });
  const on = button("▶", () => go(model.get("step") + 1), { "aria-label": "step forward" });
  const time = html("span", { class: "rnn-value" });
  const lights = ["xh", "hh"].map((below) => {
    const node = button("", () => store(model, { lit: `W_${below}` }));
    node.append(variable("W", below));
    return { name: `W_${below}`, node };
  });

  function column(t, step) {
    const x = place(t, T, share);
    const [shown, now] = [t <= step, t === step];
    const seen = t === 0 && step ? Math.min(2 * share, 1) : 1; // before the first word there is no copy
    return svg("g", { "data-step": t, opacity: seen },
      states[t].map((value, k) => unitBox(x, unitY(k, TOP), value, { shown, now, key: null })),
      svg("text", { x: x + UNIT.width / 2, y: TOP - 9, "text-anchor": "middle", "font-weight": now ? 700 : 400 },
        svg("tspan", { class: "rnn-var" }, "h"), svg("tspan", { dy: 4, style: "font-size: 0.72em" }, t)));
  }

  function word(t, step) {
    const reading = Math.max(step, 1);
    const x = between(WIDTH / 2 + (t - reading) * TAPE, place(t, T, share) + UNIT.width / 2, share);
    const y = bottom + 46;
    const opacity = t === step ? 1 : t < step ? between(0.45, 1, share) : 0.75;
    return svg("g", { opacity },
      svg("rect", { x: x - 30, y, width: 60, height: 28, rx: 14, fill: color(t === step ? "panel" : "paper"), stroke: color("input"), "stroke-width": t === step ? 2.5 : 1.5 }),
      svg("text", { x, y: y + 19, "text-anchor": "middle", "font-weight": t === step ? 700 : 400 }, words[t - 1]));
  }

  function entry(t) {
    const x = place(t, T, share) + UNIT.width / 2;
    const lit = model.get("lit") === "W_xh";
    const d = `M${x} ${bottom + 43} V${bottom + 12}`;
    return [arrowed({ d, tip: [x, bottom + 3], angle: -90, role: "input", lit }),
      named(x - 30, bottom + 29, "xh", lit)];
  }

  function drawPicture() {
    const step = model.get("step");
    const lit = model.get("lit") === "W_hh";
    const times = Array.from({ length: T }, (_, t) => t + 1);
    const cables = times.map((t) => ({ t, ...cable(t, T, share, middle) }));
    // the copy of this step lies on top of the others
    const order = [0, ...times].sort((a, b) => (a === step) - (b === step));
    picture.replaceChildren(
      ...cables.slice(share ? 0 : -1).map((way) => arrowed({ ...way, role: "state", lit })),
      ...times.slice(share ? 0 : -1).flatMap(entry),
      ...order.filter((t) => share || t === step).map((t) => column(t, step)),
      ...cables.slice(share ? 0 : -1).map(({ name }) => named(...name, "hh", lit)),
      ...times.map((t) => word(t, step)));
  }

  // Moves to where the model says, or stands there at once where the reader wants no motion.
  function move() {
    const target = model.get("unrolled");
    cancelAnimationFrame(frame);
    far.set(target);
    unroll.textContent = target < 0.5 ? "Unroll the loop" : "Fold it again";
    if (calm() || share === target) { share = target; drawPicture(); tell(); return; }
    const [from, start] = [share, performance.now()];
    const tick = (now) => {
      const passed = Math.min(Math.max((now - start) / 1100, 0), 1);
      share = passed === 1 ? target : between(from, target, eased(passed));
      drawPicture();
      if (passed < 1 && el.isConnected) frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    tell();
  }

  function tell() {
    const step = model.get("step");
    const open = model.get("unrolled") >= 0.5;
    const numbers = `h${low(step)} = (${states[step].map((value) => number(value)).join(", ")})`;
    const read = step ? `after “${words.slice(0, step).join(" ")}” ${numbers}` : `before the first word ${numbers}`;
    readout.textContent = open
      ? `Unrolled: ${T} copies of one cell at ${T} times, ${read}.`
      : `Folded: one cell; what it shows goes back in at the next step; ${read}.`;
  }

  function draw() {
    const step = model.get("step");
    time.textContent = `t = ${step}`;
    on.disabled = false;
    close(back, step === 0, on);
    close(on, step === T, back);
    for (const { name, node } of lights) node.setAttribute("aria-pressed", model.get("lit") === name);
    drawPicture();
    tell();
  }

  const [many, V] = [size, model.get("vocabulary").length];
  arrowKeys(root, (change) => go(model.get("step") + change));
  root.append(
    html("div", { class: "rnn-controls" }, unroll, far.node,
      html("div", { class: "rnn-control" }, back, time, on)),
    picture, readout,
    html("div", { class: "rnn-controls rnn-lights", role: "group", "aria-label": "Weights lit" },
      html("span", {}, "Same weights, wherever they stand:"), lights.map(({ node }) => node)),
    html("p", { class: "rnn-note" },
      `Step on to t = ${T} and see the ${many} numbers change in place, then unroll the loop: you should see each step’s numbers again, side by side, joined by the same weights. `,
      `These are stored once: ${many * V} numbers in `, variable("W", "xh"), `, ${many * many} in `, variable("W", "hh"), ` and ${many} in `, variable("b", "h"), " serve every copy, however many there are."),
  );
  for (const key of ["step", "lit"]) model.on(`change:${key}`, draw);
  model.on("change:unrolled", move);
  draw();
  move();
  return () => cancelAnimationFrame(frame);
}

export default { render };
