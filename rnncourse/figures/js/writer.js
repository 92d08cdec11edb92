// A network that writes, character by character; the activity of one unit colours its text.

const LENGTH = 280; // characters that it writes after the reader's
const MOST = 60; // that the reader may begin with
const KEEPS = [["all", "all characters"], ["5", "the 5 likeliest"], ["0.9", "a nucleus of 0.9"]];
const FOLLOWS = [
  ["", "the unit I choose"], ["capitals", "capital letters"], ["vowels", "vowels"],
  ["line", "how far into the line"], ["word", "how far into the word"], ["coin", "coin tosses (a control)"],
];
const GRID = { columns: 16, cell: 19 };
const LIKELIEST = 8;

// Numbers from 0 to 1, the same in Python and JavaScript: a linear congruence modulo 2³².
function dice(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

// The distribution that the next character is drawn from.
function drawnFrom(logits, temperature, keep) {
  const p = softmax(Array.from(logits, (value) => value / temperature));
  if (keep === "all") return p;
  const order = p.map((_, k) => k).sort((a, b) => p[b] - p[a] || a - b);
  const kept = new Set();
  let before = 0;
  for (const [rank, k] of order.entries()) {
    if (keep === "5" ? rank < 5 : before < Number(keep)) kept.add(k);
    before += p[k];
  }
  const left = p.map((value, k) => (kept.has(k) ? value : 0));
  const total = left.reduce((a, b) => a + b, 0);
  return left.map((value) => value / total);
}

function typedOf(begin, characters) {
  const known = [...begin.replaceAll("/", "\n")].filter((c) => characters.includes(c));
  return known.slice(0, MOST).join("") || "\n";
}

// The text, the states after each of its characters, the logits for the next one.
function write(network, { characters, begin, temperature, keep, draw }) {
  const text = [...typedOf(begin, characters)];
  const [states, logits, toss] = [[], [], dice(draw)];
  let h = new Float64Array(network.b_hn.length);
  const whole = text.length + LENGTH;
  while (states.length < whole) {
    if (states.length === text.length) {
      const p = drawnFrom(logits.at(-1), temperature, keep);
      const u = toss() * p.reduce((a, b) => a + b, 0);
      let k = 0;
      for (let sum = p[0]; sum <= u && k < p.length - 1; sum += p[k]) k += 1;
      text.push(characters[k]);
    }
    const x = characters.indexOf(text[states.length]);
    h = gruStep(network, network.b_h.map((bias, row) => network.W_xh[row][x] + bias), h);
    states.push(h);
    logits.push(network.b_y.map((bias, row) => bias + network.W_hy[row].reduce((sum, w, k) => sum + w * h[k], 0)));
  }
  return { text: text.join(""), states, logits };
}

// What a unit is compared with: a number for each character of the text.
function feature(name, text) {
  if (name === "capitals") return [...text].map((c) => Number(c >= "A" && c <= "Z"));
  if (name === "vowels") return [...text].map((c) => Number("aeiouAEIOU".includes(c)));
  if (name === "coin") {
    const toss = dice(7);
    return [...text].map(() => Number(toss() < 0.5));
  }
  const ends = { line: "\n", word: " \n" }[name];
  let far = 0;
  return [...text].map((c) => (far = ends.includes(c) ? 0 : far + 1));
}

// Of every unit with the values: 0 where something never changes.
function correlations(states, values) {
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  const v0 = mean(values);
  const v = values.map((value) => value - v0);
  const vv = v.reduce((sum, value) => sum + value * value, 0);
  return Array.from(states[0], (_, k) => {
    const unit = states.map((h) => h[k]);
    const h0 = mean(unit);
    let [hh, hv] = [0, 0];
    unit.forEach((value, t) => {
      hh += (value - h0) ** 2;
      hv += (value - h0) * v[t];
    });
    const length = Math.sqrt(hh * vv);
    return length > 1e-12 ? hv / length : 0;
  });
}

function follower(states, values) {
  const found = correlations(states, values);
  const unit = found.reduce((best, r, k) => (Math.abs(r) > Math.abs(found[best]) ? k : best), 0);
  return { unit, r: found[unit] };
}

const NAMES = { "\n": "⏎", " ": "␣" };
const named = (c) => NAMES[c] ?? c;
const tinted = (value) =>
  `color-mix(in srgb, ${color(value < 0 ? "input" : "state")} ${Math.round(42 * Math.abs(value))}%, ${color("paper")})`;
// A bar below where the state is positive, above where it is negative: colour is not alone.
const barred = (value) =>
  `inset 0 ${value < 0 ? "" : "-"}${(4 * Math.abs(value)).toFixed(1)}px ${color(value < 0 ? "input" : "state")}`;

function render({ model, el }) {
  const root = stage(el, "A network that writes, character by character");
  const characters = model.get("characters");
  const network = unpacked(model.get("weights"));
  let timer = null;
  let shown = Infinity; // how many characters are to be seen yet
  let run, spans, typed;

  const pause = () => {
    clearInterval(timer);
    timer = null;
  };
  // Shows the text character by character, or at once where no motion is wanted.
  function play() {
    pause();
    shown = calm() ? Infinity : typed;
    reveal();
    if (shown === Infinity) return;
    timer = setInterval(() => {
      if (!el.isConnected) return pause();
      shown += 2;
      if (shown >= run.text.length) {
        pause();
        shown = Infinity;
      }
      reveal();
    }, 30);
  }
  const reveal = () => spans.forEach((span, t) => (span.style.visibility = t < shown ? "" : "hidden"));

  const begin = html("input", {
    id: freshId("begin"), type: "text", maxlength: MOST, value: model.get("begin"), autocomplete: "off",
    spellcheck: "false", autocapitalize: "off", style: "flex: 1 1 9rem; width: 13rem",
    oninput: () => {
      pause();
      shown = Infinity;
      store(model, { begin: begin.value, place: -1 });
    },
  });
  const warmth = slider({
    label: "temperature", min: 0.1, max: 2, step: 0.1, value: model.get("temperature"), role: "output",
    oninput: (temperature) => {
      pause();
      shown = Infinity;
      store(model, { temperature });
    },
  });
  const keep = menu({
    label: "draw from", options: KEEPS, value: model.get("keep"),
    onchange: (value) => store(model, { keep: value }),
  });
  const again = button("Write anew", () => {
    store(model, { draw: model.get("draw") + 1 });
    play();
  }, { class: "rnn-button rnn-main" });
  const follow = menu({
    label: "the unit that follows", options: FOLLOWS, value: model.get("follow"),
    onchange: (value) => store(model, { follow: value, ...(value ? {} : { unit: unitNow().unit }) }),
  });

  const page = html("div", { class: "rnn-written", tabindex: "0", role: "group", "aria-label": "the text, arrow keys move along it" });
  const units = html("div", { class: "rnn-half", style: "flex: 1 1 16rem" });
  const next = html("div", { class: "rnn-half", style: "flex: 1 1 16rem" });
  const readout = spoken();

  const placeNow = () => {
    const place = model.get("place");
    return place < 0 ? typed - 1 : Math.min(place, run.text.length - 1);
  };
  const unitNow = () => {
    const name = model.get("follow");
    return name ? follower(run.states, feature(name, run.text)) : { unit: model.get("unit"), r: null };
  };
  const look = (place) => store(model, { place: Math.min(Math.max(place, 0), run.text.length - 1) });
  const pick = (unit) => store(model, { unit, follow: "" });

  page.addEventListener("click", (event) => {
    const t = spans.indexOf(event.target);
    if (t >= 0) look(t);
  });

  function drawUnits(h, chosen) {
    const rows = Math.ceil(h.length / GRID.columns);
    const side = GRID.cell;
    const picture = svg("svg", {
      viewBox: `0 0 ${GRID.columns * side} ${rows * side}`, class: "rnn-plot", role: "slider", tabindex: "0", style: "cursor: pointer; touch-action: manipulation",
      "aria-label": "unit", "aria-valuemin": 0, "aria-valuemax": h.length - 1, "aria-valuenow": chosen, "aria-valuetext": `unit ${chosen}: ${number(h[chosen])}`,
    }, Array.from(h, (value, k) => {
      const [x, y] = [(k % GRID.columns) * side, Math.floor(k / GRID.columns) * side];
      const tall = Math.abs(value) * (side / 2 - 1);
      return svg("g", { "data-unit": k, onclick: () => pick(k) },
        svg("title", {}, `unit ${k}: ${number(value)}`),
        svg("rect", { x: x + 0.5, y: y + 0.5, width: side - 1, height: side - 1, rx: 2, fill: tinted(value), stroke: color(k === chosen ? "ink" : "rule"), "stroke-width": k === chosen ? 2.5 : 1 }),
        svg("rect", { x: x + 3, y: value < 0 ? y + side / 2 : y + side / 2 - tall, width: side - 6, height: tall, fill: color(value < 0 ? "input" : "state") }));
    }));
    picture.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -GRID.columns, ArrowDown: GRID.columns }[event.key];
      const unit = chosen + (move ?? 0);
      if (!move || unit < 0 || unit >= h.length) return;
      event.preventDefault();
      pick(unit);
    });
    const held = units.contains(document.activeElement);
    units.replaceChildren(html("p", { class: "rnn-muted", style: "margin: 0 0 0.3rem" }, `Its ${h.length} units after “${named(run.text[placeNow()])}”`), picture);
    if (held) picture.focus();
  }

  function drawNext(logits) {
    const plain = softmax(Array.from(logits));
    const p = drawnFrom(logits, model.get("temperature"), model.get("keep"));
    const order = plain.map((_, k) => k).sort((a, b) => plain[b] - plain[a] || a - b).slice(0, LIKELIEST);
    const [left, wide, tall] = [30, 210, 19];
    glide(next, () => next.replaceChildren(
      html("p", { class: "rnn-muted", style: "margin: 0 0 0.3rem" }, "The next character: what it says (frame), what is drawn from (bar)"),
      svg("svg", { viewBox: `0 0 ${left + wide + 60} ${LIKELIEST * tall}`, class: "rnn-plot", "aria-hidden": "true" },
        order.map((k, row) => svg("g", { "data-next": characters[k] },
          svg("text", { x: left - 8, y: row * tall + 14, "text-anchor": "end", "font-weight": 600 }, named(characters[k])),
          svg("rect", { x: left, y: row * tall + 4, width: wide * p[k], height: tall - 8, fill: color("output"), "data-key": `next-${row}` }),
          svg("rect", { x: left, y: row * tall + 2, width: wide * plain[k], height: tall - 4, fill: "none", stroke: color("ink"), "stroke-width": 1.2, "stroke-dasharray": "3 2" }),
          svg("text", { x: left + wide * Math.max(p[k], plain[k]) + 7, y: row * tall + 14 }, number(p[k])))))));
    return order.slice(0, 3).map((k) => `${named(characters[k])} ${number(p[k])}`).join(", ");
  }

  function draw() {
    run = write(network, Object.fromEntries(["characters", "begin", "temperature", "keep", "draw"].map((key) => [key, model.get(key)])));
    typed = run.text.length - LENGTH;
    spans = [...run.text].map((c, t) =>
      html("span", { class: t < typed ? "rnn-typed" : null }, c === "\n" ? "⏎\n" : c));
    page.replaceChildren(...spans);
    if (shown !== Infinity) reveal();
    show();
  }

  function show() {
    const { unit, r } = unitNow();
    const place = placeNow();
    run.states.forEach((h, t) => {
      spans[t].style.background = tinted(h[unit]);
      spans[t].style.boxShadow = barred(h[unit]);
      spans[t].toggleAttribute("data-here", t === place);
    });
    drawUnits(run.states[place], unit);
    const said = drawNext(run.logits[place]);
    const cost = run.logits.slice(0, typed - 1).map((logits, t) => -Math.log2(softmax(Array.from(logits))[characters.indexOf(run.text[t + 1])]));
    const typedCost = cost.length ? ` What you typed cost it ${number(cost.reduce((a, b) => a + b, 0) / cost.length, 1)} bits a character.` : "";
    const follows = r === null ? "" : `, a correlation of ${number(r)}`;
    readout.textContent = `Unit ${unit}${follows}: ${number(run.states[place][unit])} after “${named(run.text[place])}”. Next: ${said}.${typedCost}`;
    warmth.set(model.get("temperature"));
    keep.set(model.get("keep"));
    follow.set(model.get("follow"));
    if (begin.value !== model.get("begin")) begin.value = model.get("begin");
  }

  arrowKeys(root, (change) => look(placeNow() + change));
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control", style: "flex: 1 1 16rem" }, html("label", { for: begin.id }, "begin with"), begin),
      warmth.node, keep.node, again, follow.node),
    page, readout,
    html("div", { class: "rnn-halves" }, units, next),
    html("p", { class: "rnn-note" },
      "Move the temperature to 0.2, then to 1.6: you should see it say the same words again and again, then words that are none. " +
      "The dice fall as before until you press Write anew. Type a beginning (a slash is a new line); choose a character, a unit."),
    html("p", { class: "rnn-note" },
      `The network has ${network.b_hn.length} GRU units and was trained on plays of Shakespeare; plays that it has not read cost it ${number(model.get("bits"))} bits a character. ` +
      "Orange with a bar below is positive, blue with a bar above negative. A unit that follows something is the best of all units on this one text: see how well the best follows coin tosses."),
  );
  for (const key of ["begin", "temperature", "keep", "draw"]) model.on(`change:${key}`, draw);
  for (const key of ["follow", "unit", "place"]) model.on(`change:${key}`, show);
  draw();
  return pause;
}

export default { render };
