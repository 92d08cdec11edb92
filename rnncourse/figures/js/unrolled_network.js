// A recurrent network reading words, unrolled: one column a time step, the same weights in each.

const MAX_WORDS = 8;

const splitWords = (text) =>
  text.toLowerCase().replace(/[.,;:!?"'()]/g, "").split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
const oneHot = (word, vocabulary) => vocabulary.map((known) => (known === word ? 1 : 0));

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

// The word, its one-hot vector and the edge up to the state.
function inputs(t, step, { vocabulary, now, shown, bottom }) {
  const x = columnX(t);
  const middle = x + UNIT.width / 2;
  const wide = UNIT.width / vocabulary.length;
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
  let steps = [];
  let others = null; // the second sentence's, where there is one
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
  const against = model.get("other") && html("input", {
    type: "text", id: freshId("other"), value: model.get("other"), size: 18, maxlength: 80,
    autocomplete: "off", spellcheck: "false", autocapitalize: "none",
    oninput: () => { pause(); store(model, { other: against.value }); },
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
  const picture = html("div", { class: "rnn-scroll", onscroll: () => announce() });
  const cue = html("p", { class: "rnn-cue", "aria-hidden": "true" }, "more to the right →");
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
    (model.get("other")
      ? "Step from the start: you should see yellow, where the two memories differ, from the first word that differs on. "
      : "Step to the end, then type the words in another order: you should see other numbers in the last column. ") +
    `One set of weights for every column: ${size * vocabulary.length} + ${size * size} + ${size} ` +
    `= ${count} numbers, however long the sentence. Dashed edges are negative weights, wide ones ` +
    "large. Choose a unit by a click on it or here: ",
  );
  const which = menu({
    label: "unit", value: model.get("unit"),
    options: b_h.map((_, k) => [k, k + 1]),
    onchange: (k) => store(model, { unit: Number(k) }),
  });

  // One column a step. here, there: two sentences in comparison; what differs between them is lit.
  function lane(here, there, t, unit, top, place) {
    const bottom = unitY(size - 1, top) + UNIT.height;
    const columns = here.map((step, s) => {
      const [shown, now] = [s <= t, s === t];
      const look = { ...weights, now, shown, unit: place ? -1 : unit, bottom };
      const middle = columnX(s) + UNIT.width / 2;
      const lit = (value, k) => (there?.[s] && shown ? apartness(value, there[s].h[k]) : 0);
      return svg(
        "g", { "data-step": s },
        s > 0 && unitEdges(s, top, look),
        svg("text", { x: middle, y: top - 10, "text-anchor": "middle", "font-weight": now ? 700 : 400 },
          svg("tspan", { class: "rnn-var" }, "h"), svg("tspan", { dy: 4, style: "font-size: 11px" }, s)),
        step.h.map((value, k) =>
          unitBox(columnX(s), unitY(k, top), value, {
            shown, now, focus: !place && now && k === unit, lit: lit(value, k), key: `${place}-${s}-${k}`,
            pick: () => { pause(); store(model, { step: s, unit: k }); },
            label: `unit ${k + 1} after step ${s}`,
          })),
        s > 0 && inputs(s, step, look),
        s === 0 && svg("text", { x: middle, y: bottom + 22, "text-anchor": "middle", class: "rnn-muted", style: "font-size: 12px" }, "all zeros"),
      );
    });
    return svg("g", { "data-lane": place }, columns);
  }

  // What the picture holds to the right of its edge is announced by a fade and a line below.
  function announce() {
    const hidden = picture.scrollWidth - picture.clientWidth;
    picture.classList.toggle("rnn-whole", hidden <= 2);
    picture.classList.toggle("rnn-more", picture.scrollLeft < hidden - 2);
    if (hidden > 2) picture.tabIndex = 0;
  }

  function drawPicture(t, unit) {
    const lanes = others ? [steps, others] : [steps];
    const longest = Math.max(...lanes.map((words) => words.length));
    const width = columnX(longest - 1) + UNIT.width + UNIT.left;
    const wide = `min-width: ${longest * 70}px; max-width: ${width * 1.4}px; margin: 0 auto`;
    const unseen = lanes.flat().some((step) => step.known === false);
    const tall = unitY(size - 1) + UNIT.height + (unseen ? 98 : 82);
    glide(picture, () => picture.replaceChildren(
      svg("svg", { viewBox: `0 0 ${width} ${tall * lanes.length}`, style: wide, "aria-hidden": "true" },
        lanes.map((words, k) => lane(words, lanes[1 - k], t, unit, UNIT.top + k * tall, k)))));
    const scale = picture.firstChild.getBoundingClientRect().width / width;
    const centre = (columnX(t) + UNIT.width / 2) * scale;
    picture.scrollTo({ left: centre - picture.clientWidth / 2, behavior: calm() ? "instant" : "smooth" });
    announce();
  }

  function draw() {
    const words = splitWords(model.get("words"));
    steps = run(words, weights);
    const other = splitWords(model.get("other"));
    others = other.length ? run(other, weights) : null;
    const t = Math.min(model.get("step"), steps.length - 1);
    const unit = model.get("unit");
    time.input.max = steps.length - 1;
    time.set(t);
    which.set(unit);
    on.disabled = false;
    close(back, t === 0, on);
    close(on, t === steps.length - 1, back);
    if (typed.value !== model.get("words")) typed.value = model.get("words");
    if (against && against.value !== model.get("other")) against.value = model.get("other");
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
    if (others?.[t] && t) {
      const apart = h.filter((value, k) => apartness(value, others[t].h[k])).length;
      readout.textContent += `. After “${other.slice(0, t).join(" ")}”: h${low(t)} = `
        + `(${others[t].h.map((value) => number(value)).join(", ")}): ${apart} of ${size} numbers differ.`;
    }
    sums.textContent = t ? arithmetic(steps, t, unit, weights) : "Step forward to let it read.";
  }

  note.append(which.node);
  arrowKeys(root, (change) => { pause(); go(model.get("step") + change); });
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "words"), typed),
      against && html("div", { class: "rnn-control" }, html("label", { for: against.id }, "against"), against),
      html("div", { class: "rnn-control" }, back, play, on),
      time.node),
    picture, cue, readout, equation, sums, note,
  );
  for (const key of ["words", "other", "step", "unit"]) model.on(`change:${key}`, draw);
  draw();
  requestAnimationFrame(draw); // once more when the element has its size
  return pause;
}

export default { render };
