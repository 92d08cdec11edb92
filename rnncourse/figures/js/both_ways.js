// A stack that reads a padded word in one or two directions: a row of cells a direction.

const MAX_LETTERS = 6;
const PADDING = 2;
const BETWEEN_ROWS = 60;
const LEFT = 48; // room for the names of the rows
const ROW_TOP = 44; // of the topmost row of cells

const lettersOf = (word) => word.toLowerCase().replace(/[^a-z]/g, "").slice(0, MAX_LETTERS) || "a";
const WAYS = ["forward", "backward"];

// states[layer][direction][t], null where nothing runs
function run({ word, weights, layers, both, packed }) {
  const letters = lettersOf(word);
  const T = letters.length;
  const n = packed ? T : T + PADDING;
  let below = Array.from({ length: T + PADDING }, (_, t) =>
    [t < T ? (letters.charCodeAt(t) - 97 - 12.5) / 12.5 : 0, 0]);
  const states = [];
  for (let layer = 0; layer < layers; layer += 1) {
    const rows = WAYS.slice(0, both ? 2 : 1).map((_, direction) => {
      const [first, second, w, b] = weights[layer][direction];
      const row = below.map(() => null);
      let h = 0;
      for (let k = 0; k < n; k += 1) {
        const t = direction ? n - 1 - k : k;
        h = Math.tanh(first * below[t][0] + second * below[t][1] + w * h + b);
        row[t] = h;
      }
      return row;
    });
    states.push(rows);
    below = below.map((_, t) => [rows[0][t] ?? 0, rows[1]?.[t] ?? 0]);
  }
  return { letters, T, n, states };
}

function render({ model, el }) {
  const root = stage(el, "A stack, read both ways");
  const KEYS = ["word", "weights", "layers", "both", "packed"];
  let net = null;
  let rightful = null; // the same without a step of padding
  let timer = null;

  // ---- controls
  const change = (values) => { pause(); store(model, values); };
  const typed = html("input", {
    type: "text", id: freshId("word"), value: model.get("word"), size: 7, maxlength: 20,
    autocomplete: "off", spellcheck: "false", autocapitalize: "none",
    oninput: () => change({ word: typed.value, output: Math.min(model.get("output"), lettersOf(typed.value).length - 1) }),
  });
  const depth = menu({ label: "layers", options: [[1, "1"], [2, "2"]], value: model.get("layers"),
    onchange: (value) => change({ layers: Number(value) }) });
  const ways = menu({ label: "directions", options: [["both", "forward and backward"], ["one", "forward"]],
    value: model.get("both") ? "both" : "one", onchange: (value) => change({ both: value === "both" }) });
  const padding = menu({ label: "padding", options: [["stop", "stop before it"], ["run", "run over it"]],
    value: model.get("packed") ? "stop" : "run", onchange: (value) => change({ packed: value === "stop" }) });
  const which = menu({ label: "output at", options: [], value: 0,
    onchange: (value) => change({ output: Number(value) }) });
  const last = () => net.n * net.states.length;
  const go = (step) => store(model, { step: Math.min(Math.max(step, 0), last()) });
  const back = button("◀", () => { pause(); go(model.get("step") - 1); }, { "aria-label": "step back" });
  const on = button("▶", () => { pause(); go(model.get("step") + 1); }, { "aria-label": "step forward" });
  const play = button("Play", () => (timer ? pause() : start()));
  const time = slider({ label: "step", min: 0, max: 1, step: 1, value: 0, role: "state",
    show: (k) => `${k} of ${net ? last() : 1}`, oninput: (k) => { pause(); go(k); } });

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  function start() {
    go(model.get("step") >= last() ? 0 : model.get("step") + 1);
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (!el.isConnected || model.get("step") >= last()) pause();
      else go(model.get("step") + 1);
    }, 900);
  }

  // ---- what has run, what the chosen output hears
  const order = (direction, t) => (direction ? net.n - 1 - t : t); // which step of its row a cell is
  const ranAt = (layer, direction, t) => layer * net.n + order(direction, t) + 1;
  const both = () => model.get("both");
  const hears = (layer, direction, t) => {
    const at = model.get("output");
    if (layer < net.states.length - 1 && both()) return true; // a row of each direction below
    return direction ? t >= at : t <= at;
  };

  const rowsDown = () => net.states.flatMap((rows, layer) => rows.map((_, direction) => ({ layer, direction }))).reverse();
  const rowY = ({ layer, direction }) => {
    const place = rowsDown().findIndex((row) => row.layer === layer && row.direction === direction);
    const gaps = net.states.length - 1 - layer; // a wider gap between layers
    return ROW_TOP + place * BETWEEN_ROWS + gaps * 22;
  };
  const side = (layer) => (layer % 2 ? 15 : -15); // where a layer's input comes up; the next has the other
  const middleX = (t) => LEFT + t * (UNIT.width + UNIT.between) + UNIT.width / 2;

  function arrow(x1, y1, x2, y2, role, strong, shown) {
    const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
    return svg("g", { opacity: strong ? 1 : shown ? 0.5 : 0.18 },
      svg("line", { x1, y1, x2, y2, stroke: color(role), "stroke-width": strong ? 3.2 : 1.8 }),
      svg("path", { d: "M0 0 L-8 -4.5 L-8 4.5 z", fill: color(role), transform: `translate(${x2} ${y2}) rotate(${angle})` }));
  }

  function cell(row, t, step) {
    const { layer, direction } = row;
    const value = net.states[layer][direction][t];
    const y = rowY(row);
    const x = middleX(t) - UNIT.width / 2;
    if (value === null) {
      return svg("rect", { x, y, width: UNIT.width, height: UNIT.height, rx: 6, fill: "none", stroke: color("rule"), "stroke-dasharray": "2 4" });
    }
    const at = ranAt(layer, direction, t);
    const [shown, now] = [step >= at, step === at];
    const right = t < net.T ? rightful.states[layer][direction][t] : null;
    const lit = shown && right !== null ? apartness(value, right) : 0;
    const first = order(direction, t) === 0;
    const before = direction ? t + 1 : t - 1;
    const edge = UNIT.width / 2;
    const from = direction ? middleX(before) - edge : middleX(before) + edge;
    const to = direction ? x + UNIT.width + 1 : x - 1;
    return svg("g", { "data-cell": `${layer}-${direction}-${t}`, "data-heard": hears(layer, direction, t) || null },
      !first && arrow(from, y + UNIT.height / 2, to, y + UNIT.height / 2, "state", now, shown),
      unitBox(x, y, value, { shown, now, focus: hears(layer, direction, t) && t < net.T, lit, key: `${layer}-${direction}-${t}`,
        label: `layer ${layer + 1}, ${WAYS[direction]}, step ${t + 1}` }));
  }

  function draw() {
    const state = Object.fromEntries(KEYS.map((key) => [key, model.get(key)]));
    net = run(state);
    rightful = run({ ...state, packed: true });
    const step = Math.min(model.get("step"), last());
    const output = Math.min(model.get("output"), net.T - 1);
    time.input.max = last();
    time.set(step);
    depth.set(state.layers);
    ways.set(state.both ? "both" : "one");
    padding.set(state.packed ? "stop" : "run");
    which.input.replaceChildren(...[...net.letters].map((letter, t) => html("option", { value: t }, `${t + 1}: ${letter}`)));
    which.set(output);
    on.disabled = false;
    close(back, step === 0, on);
    close(on, step === last(), back);
    if (typed.value !== state.word) typed.value = state.word;
    drawPicture(step, output);
    tell(step, output);
  }

  function drawPicture(step, output) {
    const rows = rowsDown();
    const columns = net.T + PADDING;
    const width = middleX(columns - 1) + UNIT.width / 2 + UNIT.left;
    const floor = rowY({ layer: 0, direction: 0 }) + UNIT.height; // of the lowest row
    const wordY = floor + 40;
    const heard = both() ? () => true : (t) => t <= output;
    const bottomOf = (layer) => rowY({ layer, direction: 0 }) + UNIT.height;
    const topOf = (layer) => rowY({ layer, direction: both() ? 1 : 0 });
    const parts = [];
    for (let t = 0; t < columns; t += 1) {
      const x = middleX(t);
      const real = t < net.T;
      if (t < net.n) {
        net.states.forEach((_, layer) => {
          const runs = WAYS.map((_, direction) => step === ranAt(layer, direction, t));
          const shown = step > layer * net.n;
          const [role, rail] = [layer ? "state" : "input", x + side(layer)];
          const from = layer ? topOf(layer - 1) : wordY;
          parts.push(arrow(rail, from - 3, rail, bottomOf(layer) + 3, role, runs[0], shown));
          if (!both()) return;
          const [low, high] = [rowY({ layer, direction: 0 }) - 2, rowY({ layer, direction: 1 }) + UNIT.height];
          parts.push(arrow(rail, low, rail, high + 3, role, runs[1], shown),
            svg("line", { x1: x - side(layer), x2: x - side(layer), y1: low, y2: high + 2, stroke: color("state"), "stroke-width": 1.8,
              opacity: step >= ranAt(layer, 0, t) ? 0.5 : 0.18 }));
        });
      }
      parts.push(svg("g", {},
        svg("rect", { x: x - 20, y: wordY, width: 40, height: 28, rx: 14, stroke: color(real ? "input" : "muted"),
          fill: color(real && heard(t) ? "panel" : "paper"), "stroke-width": real && heard(t) ? 2.5 : 1.2, "stroke-dasharray": real ? null : "3 3" }),
        svg("text", { x, y: wordY + 19, "text-anchor": "middle", "font-weight": real && heard(t) ? 700 : 400, class: real ? null : "rnn-muted" },
          real ? net.letters[t] : "pad")));
      if (real) {
        const chosen = t === output;
        const done = step >= last();
        const up = x + side(net.states.length);
        parts.push(svg("g", { "data-output": t, style: "cursor: pointer", onclick: () => change({ output: t }) },
          arrow(up, topOf(net.states.length - 1) - 2, up, 21, "output", chosen, done),
          svg("circle", { cx: up, cy: 12, r: 8, fill: color(chosen ? "output" : "paper"), stroke: color("output"), "stroke-width": chosen ? 3 : 1.5 })));
      }
    }
    glide(picture, () => picture.replaceChildren(
      svg("svg", { viewBox: `0 0 ${width} ${wordY + 34}`, style: `min-width: ${columns * 64 + 30}px; max-width: ${width * 1.25}px; margin: 0 auto`, "aria-hidden": "true" },
        parts,
        rows.map((row) => svg("g", { "text-anchor": "middle" },
          svg("text", { x: 20, y: rowY(row) + 15, class: "rnn-muted", style: "font-size: 12px" }, `layer ${row.layer + 1}`),
          svg("text", { x: 20, y: rowY(row) + 32, class: "rnn-muted" }, row.direction ? "←" : "→"))),
        rows.flatMap((row) => Array.from({ length: columns }, (_, t) => cell(row, t, step))))));
    announce();
  }

  function announce() {
    const hidden = picture.scrollWidth - picture.clientWidth;
    picture.classList.toggle("rnn-whole", hidden <= 2);
    picture.classList.toggle("rnn-more", picture.scrollLeft < hidden - 2);
    if (hidden > 2) picture.tabIndex = 0;
  }

  function tell(step, output) {
    const name = (t) => (t < net.T ? `“${net.letters[t]}”` : "padding");
    const said = [];
    if (step === 0) said.push("Nothing has been read.");
    else {
      const layer = Math.ceil(step / net.n) - 1;
      const k = step - layer * net.n - 1;
      const rows = net.states[layer].map((row, direction) => {
        const t = direction ? net.n - 1 - k : k;
        return `${WAYS[direction]} at ${name(t)} ${number(row[t])}`;
      });
      said.push(`Layer ${layer + 1}: ${rows.join(", ")}.`);
    }
    const heard = both() ? net.letters : net.letters.slice(0, output + 1);
    said.push(`The output at ${name(output)} hears ${[...heard].join(", ")}.`);
    if (!model.get("packed")) {
      let wrong = 0;
      let all = 0;
      net.states.forEach((rows, layer) => rows.forEach((row, direction) => row.slice(0, net.T).forEach((value, t) => {
        if (step < ranAt(layer, direction, t)) return;
        all += 1;
        wrong += apartness(value, rightful.states[layer][direction][t]) > 0;
      })));
      said.push(`Of ${all} states at letters, ${wrong} differ from those of the word alone.`);
    }
    readout.textContent = said.join(" ");
  }

  const picture = html("div", { class: "rnn-scroll", onscroll: () => announce() });
  const cue = html("p", { class: "rnn-cue", "aria-hidden": "true" }, "more to the right →");
  const readout = spoken();
  arrowKeys(root, (move) => { pause(); go(model.get("step") + move); });
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "word"), typed),
      depth.node, ways.node, padding.node, which.node,
      html("div", { class: "rnn-control" }, back, play, on), time.node),
    picture, cue, readout,
    html("p", { class: "rnn-note" },
      "Step on: the lower row of a layer reads to the right, the upper one to the left. Bold frames: what the chosen output depends on. Choose “run over it” for the padding and step to the end: you should see yellow, where a state differs from that of the word alone, in backward states and in what reads them, never in a forward state of the first layer. ",
      "A toy: one unit a cell, made-up weights, each letter a number from −1 (a) to 1 (z), padding 0."),
  );
  for (const key of [...KEYS, "step", "output"]) model.on(`change:${key}`, draw);
  draw();
  requestAnimationFrame(draw);
  return pause;
}

export default { render };
