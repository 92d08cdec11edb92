// A recurrent network reading words, unrolled: one column a time step, the same weights in each.

const BOX = { width: 62, height: 36, gap: 5 };
const GAP = 28; // between columns: room for the edges
const LEFT = 4;
const TOP = 30;
const MAX_WORDS = 8;

const splitWords = (text) =>
  text.toLowerCase().replace(/[.,;:!?"'()]/g, "").split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
const oneHot = (word, vocabulary) => vocabulary.map((known) => (known === word ? 1 : 0));

const columnX = (t) => LEFT + t * (BOX.width + GAP);
const unitY = (k) => TOP + k * (BOX.height + BOX.gap);

// Every state from h_0 on, with the inputs and the sums before tanh.
function run(words, { vocabulary, W_xh, W_hh, b_h }) {
  const steps = [{ h: b_h.map(() => 0) }];
  for (const word of words) {
    const x = oneHot(word, vocabulary);
    const a = add(matvec(W_xh, x), matvec(W_hh, steps.at(-1).h), b_h);
    steps.push({ word, x, a, h: a.map(Math.tanh), known: vocabulary.includes(word) });
  }
  return steps;
}

// One unit of one state: its number above a bar that grows left or right of the middle.
function unitBox(x, y, value, { shown, now, focus, pick, label }) {
  const middle = x + BOX.width / 2;
  const length = (Math.abs(value) * (BOX.width - 8)) / 2;
  const outline = focus ? color("ink") : now ? color("state") : color("muted");
  return svg(
    "g",
    { class: "rnn-unit", onclick: pick, style: "cursor: pointer" },
    svg("title", {}, label),
    svg("rect", {
      x, y, width: BOX.width, height: BOX.height, rx: 6, fill: color(now ? "panel" : "paper"),
      stroke: outline, "stroke-width": focus ? 2.5 : now ? 2 : 1,
      "stroke-dasharray": shown ? null : "3 3",
    }),
    shown && svg("line", { x1: middle, x2: middle, y1: y + 22, y2: y + 34, stroke: color("muted") }),
    shown && svg("rect", {
      x: value < 0 ? middle - length : middle, y: y + 24, width: length, height: 8,
      fill: value < 0 ? color("paper") : color("state"), stroke: color("state"),
      "stroke-width": 1.5,
    }),
    svg("text", {
      x: middle, y: y + (shown ? 18 : 23), "text-anchor": "middle",
      "font-weight": focus ? 700 : 400, class: shown ? null : "rnn-muted",
    }, shown ? number(value) : "?"),
  );
}

// The edges of W_hh from one column to the next: dashed where a weight is negative.
function edges(t, { W_hh, now, shown, unit }) {
  const x1 = columnX(t - 1) + BOX.width + 1;
  const x2 = columnX(t) - 1;
  const middle = (k) => unitY(k) + BOX.height / 2;
  return W_hh.flatMap((row, to) =>
    row.map((weight, from) => {
      const focus = now && to === unit;
      return svg("line", {
        x1, y1: middle(from), x2, y2: middle(to), stroke: color("state"),
        "stroke-width": (0.4 + 2.6 * Math.abs(weight)) * (focus ? 1.3 : 1),
        "stroke-dasharray": weight < 0 ? "4 3" : null,
        opacity: focus ? 1 : now ? 0.45 : shown ? 0.3 : 0.14,
      });
    }),
  );
}

// The word, its one-hot vector and the edge up to the state.
function inputs(t, step, { vocabulary, now, shown, bottom }) {
  const x = columnX(t);
  const middle = x + BOX.width / 2;
  const wide = BOX.width / vocabulary.length;
  const y = bottom + 34;
  const edge = svg("path", {
    d: `M${middle} ${y - 2} V${bottom + 9} m-5 6 l5 -7 l5 7`, fill: "none",
    stroke: color("input"), "stroke-width": now ? 3 : 2, opacity: now ? 1 : shown ? 0.55 : 0.3,
  });
  const cells = step.x.map((value, k) => [
    svg("rect", {
      x: x + k * wide, y, width: wide - 1, height: 22, rx: 3, stroke: color("input"),
      fill: value ? color("input") : color("paper"),
    }),
    wide > 8 && svg("text", {
      x: x + (k + 0.5) * wide, y: y + 16, "text-anchor": "middle",
      style:
        `font-size: ${Math.min(13, wide)}px;` +
        (value ? `fill: ${color("paper")}; font-weight: 700` : ""),
    }, value),
  ]);
  const word = svg("text", {
    x: middle, y: y + 43, "text-anchor": "middle", "font-weight": now ? 700 : 500,
  }, step.word);
  const unseen = step.known ? null : svg("text", {
    x: middle, y: y + 60, "text-anchor": "middle", class: "rnn-muted", style: "font-size: 12px",
  }, "unseen");
  return svg("g", {}, edge, cells, word, unseen);
}

// The sum of one unit, written out with its numbers.
function arithmetic(steps, t, unit, { W_hh, b_h, W_xh }) {
  const { x, a, h } = steps[t];
  const fromInput = matvec(W_xh, x)[unit];
  const terms = W_hh[unit].map((w, k) => `(${number(w)})·(${number(steps[t - 1].h[k])})`);
  return (
    `Unit ${unit + 1}: tanh(${number(fromInput)} from the word + ${terms.join(" + ")} ` +
    `+ ${number(b_h[unit])}) = tanh(${number(a[unit])}) = ${number(h[unit])}`
  );
}

function render({ model, el }) {
  const root = stage(el, "Recurrent network unrolled through time");
  const weights = Object.fromEntries(
    ["vocabulary", "W_xh", "W_hh", "b_h"].map((key) => [key, model.get(key)]),
  );
  const { vocabulary, W_xh, W_hh, b_h } = weights;
  const size = b_h.length;
  const bottom = unitY(size - 1) + BOX.height;
  let steps = [];
  let timer = null;

  // ---- controls
  const typed = html("input", {
    type: "text", id: freshId("words"), value: model.get("words"), size: 18, maxlength: 80,
    autocomplete: "off", spellcheck: "false", autocapitalize: "none",
    oninput: () => {
      const words = typed.value;
      pause();
      store(model, { words, step: Math.min(Math.max(model.get("step"), 1), splitWords(words).length) });
    },
  });
  const go = (step) => store(model, { step: Math.min(Math.max(step, 0), steps.length - 1) });
  const time = slider({
    label: "step", min: 0, max: 1, step: 1, value: 0, role: "state",
    show: (t) => `t = ${t}`, oninput: (t) => { pause(); go(t); },
  });
  const back = button("◀", () => { pause(); go(model.get("step") - 1); }, { "aria-label": "step back" });
  const on = button("▶", () => { pause(); go(model.get("step") + 1); }, { "aria-label": "step forward" });
  const play = button("Play", () => (timer ? pause() : start()));

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  function start() {
    go(model.get("step") >= steps.length - 1 ? 0 : model.get("step") + 1);
    play.textContent = "Pause";
    timer = setInterval(() => {
      if (!el.isConnected || model.get("step") >= steps.length - 1) pause();
      else go(model.get("step") + 1);
    }, 1200);
  }

  // ---- the picture and the equation
  const picture = html("div", { class: "rnn-scroll" });
  const row = (name, label, shape, heads, digits) => matrix({ name, label, shape, heads, digits });
  const parts = {
    W_xh: row(variable("W", "xh"), "W x h", [size, vocabulary.length], vocabulary),
    x: row(variable("x", "t"), "x t", [vocabulary.length, 1], null, 0),
    W_hh: row(variable("W", "hh"), "W h h", [size, size]),
    before: row(variable("h", "t−1"), "h t minus 1", [size, 1]),
    b_h: row(variable("b", "h"), "b h", [size, 1]),
    h: row(variable("h", "t"), "h t", [size, 1]),
  };
  const group = (...children) => html("div", { class: "rnn-group" }, children);
  const equation = html(
    "div",
    { class: "rnn-equation", role: "group", "aria-label": "The step as an equation" },
    group(parts.h.node, operator("= tanh(")),
    group(parts.W_xh.node, parts.x.node),
    group(operator("+"), parts.W_hh.node, parts.before.node),
    group(operator("+"), parts.b_h.node, operator(")")),
  );
  const readout = spoken();
  const sums = html("p", { class: "rnn-sum" });
  const count = size * vocabulary.length + size * size + size;
  const note = html(
    "p", { class: "rnn-note" },
    `One set of weights for every column: ${size * vocabulary.length} + ${size * size} + ${size} ` +
    `= ${count} numbers, however long the sentence. Dashed edges are negative weights, wide ones ` +
    "large. Choose a unit by a click on it or here: ",
  );
  const which = menu({
    label: "unit", value: model.get("unit"),
    options: b_h.map((_, k) => [k, k + 1]),
    onchange: (k) => store(model, { unit: Number(k) }),
  });

  function drawPicture(t, unit) {
    const width = columnX(steps.length - 1) + BOX.width + LEFT;
    const wide = `min-width: ${steps.length * 70}px; max-width: ${width * 1.4}px; margin: 0 auto`;
    const columns = steps.map((step, s) => {
      const look = { ...weights, now: s === t, shown: s <= t, unit, bottom };
      return svg(
        "g", { "data-step": s },
        s > 0 && edges(s, look),
        svg("text", { x: columnX(s) + BOX.width / 2, y: 20, "text-anchor": "middle", "font-weight": s === t ? 700 : 400 },
          svg("tspan", { class: "rnn-var" }, "h"), svg("tspan", { dy: 4, style: "font-size: 11px" }, s)),
        step.h.map((value, k) =>
          unitBox(columnX(s), unitY(k), value, {
            shown: s <= t, now: s === t, focus: s === t && k === unit,
            pick: () => { pause(); store(model, { step: s, unit: k }); },
            label: `unit ${k + 1} after step ${s}`,
          })),
        s > 0 && inputs(s, step, look),
        s === 0 && svg("text", { x: columnX(0) + BOX.width / 2, y: bottom + 22, "text-anchor": "middle", class: "rnn-muted", style: "font-size: 12px" }, "all zeros"),
      );
    });
    const tall = bottom + (steps.some((step) => step.known === false) ? 98 : 82);
    picture.replaceChildren(
      svg("svg", { viewBox: `0 0 ${width} ${tall}`, style: wide, "aria-hidden": "true" }, columns),
    );
    const scale = picture.firstChild.getBoundingClientRect().width / width;
    const centre = (columnX(t) + BOX.width / 2) * scale;
    picture.scrollLeft = centre - picture.clientWidth / 2;
    if (picture.scrollWidth > picture.clientWidth + 1) picture.tabIndex = 0;
  }

  function draw() {
    const words = splitWords(model.get("words"));
    steps = run(words, weights);
    const t = Math.min(model.get("step"), steps.length - 1);
    const unit = model.get("unit");
    time.input.max = steps.length - 1;
    time.set(t);
    which.set(unit);
    back.disabled = t === 0;
    on.disabled = t === steps.length - 1;
    if (typed.value !== model.get("words")) typed.value = model.get("words");
    drawPicture(t, unit);
    const { x, h, known } = steps[t];
    parts.W_xh.update(W_xh, { row: unit, column: t && known ? x.indexOf(1) : -1 });
    parts.W_hh.update(W_hh, { row: unit });
    parts.b_h.update(asColumn(b_h), { row: unit });
    parts.x.update(asColumn(x ?? vocabulary.map(() => 0)));
    parts.before.update(asColumn(steps[Math.max(t - 1, 0)].h));
    parts.h.update(asColumn(h), { row: unit });
    equation.style.opacity = t ? 1 : 0.45;
    const state = `(${h.map((value) => number(value)).join(", ")})`;
    const read = words.slice(0, t).join(" ");
    readout.textContent = t
      ? `After “${read}”: h${low(t)} = ${state}` +
        (known ? "" : `. “${words[t - 1]}” is not in the vocabulary: its input is all zeros.`)
      : `Before the first word: h₀ = ${state}`;
    sums.textContent = t ? arithmetic(steps, t, unit, weights) : "Step forward to let it read.";
  }

  note.append(which.node);
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "words"), typed),
      html("div", { class: "rnn-control" }, back, play, on),
      time.node),
    picture, readout, equation, sums, note,
  );
  for (const key of ["words", "step", "unit"]) model.on(`change:${key}`, draw);
  draw();
  requestAnimationFrame(draw); // once more when the element has its size
  return pause;
}

export default { render };
