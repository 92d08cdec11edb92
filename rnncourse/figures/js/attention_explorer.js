// Where a decoder looks: focus an output and its sources light up, or a source and its outputs.

const END = 0; // as in Python
const END_MARK = "⊣";
const TASKS = [["date", "a date → ISO 8601"], ["reverse", "a word, turned round"], ["French", "English → French"]];
const UNSEEN = { date: "days", reverse: "strings of 3 to 12 letters", French: "sentences of a small grammar" };
const MOST = { date: 37, reverse: 20, French: 14 };

// What the network says, greedily, and where it looked: covered places have weight 0.
function look(weights, source, limit, covered) {
  const { out, first } = encode(weights, source);
  const memory = out.map((row) => linear(weights, "memory", row));
  const keys = memory.map((row) => linear(weights, "score.of_memory", row));
  const cell = gruOf(weights, "decoder");
  const found = { said: [], p: [], weights: [] };
  let [h, token] = [first, END];
  for (let place = 0; place <= limit; place += 1) { // one more, for the end mark of the longest
    const query = linear(weights, "score.of_query", h);
    const scores = keys.map((key, s) =>
      covered.includes(s) ? -Infinity : linear(weights, "score.v", add(query, key).map(Math.tanh))[0]);
    const a = softmax(scores);
    const context = memory[0].map((_, k) => a.reduce((sum, share, s) => sum + share * memory[s][k], 0));
    h = cell.on([...weights["target_embedding.weight"][token], ...context], h);
    const both = linear(weights, "combine", [...h, ...context]).map(Math.tanh);
    const p = softmax(linear(weights, "read_out", both));
    token = p.indexOf(Math.max(...p));
    if (place === limit && token !== END) break;
    found.said.push(token);
    found.p.push(p[token]);
    found.weights.push(a);
    if (token === END) break;
  }
  return found;
}

// Words of a sentence, else letters; all in small letters.
const split = (task, text) =>
  task === "French" ? text.toLowerCase().match(/[\p{L}\p{N}_]+'?/gu) ?? [] : [...text.toLowerCase()];
const joined = (task, tokens) => (task === "French" ? tokens.join(" ").replaceAll("' ", "'") : tokens.join(""));

function sourceOf({ source, examples }, task, text) {
  for (const one of [text, examples[0][0]]) {
    const known = split(task, one).filter((token) => source.includes(token));
    if (known.length) return known.slice(0, MOST[task]);
  }
  return [];
}

const seen = (token) => (token === " " ? "␣" : token);
const GRID = { left: 8, top: 8, row: 26, lines: 86, heat: 21 };

function render({ model, el }) {
  const root = stage(el, "Where a decoder looks");
  const networks = model.get("networks");
  const weights = Object.fromEntries(TASKS.map(([task]) => [task, null]));
  let read, found, said;

  const which = menu({
    label: "task", options: TASKS, value: model.get("task"),
    onchange: (task) => start({ task, text: networks[task].examples[0][0] }),
  });
  const examples = menu({ label: "example", options: [], value: "", onchange: (text) => text && start({ text }) });
  const typed = html("input", {
    id: freshId("text"), type: "text", value: model.get("text"), autocomplete: "off", spellcheck: "false", autocapitalize: "off",
    style: "flex: 1 1 11rem; width: 16rem", oninput: () => start({ text: typed.value }),
  });
  const cover = button("", () => {
    const place = sourceNow();
    const covered = model.get("covered");
    const next = covered.includes(place) ? covered.filter((other) => other !== place) : [...covered, place];
    if (next.length < read.length) store(model, { covered: next });
  });
  const start = (values) => store(model, { side: "output", place: 0, covered: [], ...values });

  const picture = html("div", { class: "rnn-scroll rnn-looking", tabindex: 0, role: "group",
    "aria-label": "outputs above, sources below; left and right move, up and down change the row", onscroll: () => announce() });
  const cue = html("p", { class: "rnn-cue", "aria-hidden": "true" }, "more to the right →");
  const readout = spoken();
  const result = html("p", { class: "rnn-result-line", style: "margin: 0.2rem 0 0.5rem" });

  const count = (side) => (side === "output" ? said.length : read.length);
  const placeNow = () => Math.min(model.get("place"), count(model.get("side")) - 1);
  function focus(side, place) {
    store(model, { side, place: Math.min(Math.max(place, 0), count(side) - 1) });
    follow();
  }
  // The source that a button speaks of: the focused one, or the one most looked at.
  const sourceNow = () => (model.get("side") === "source" ? placeNow() : largest(found.weights[placeNow()]));
  const largest = (row) => row.indexOf(Math.max(...row));
  // How strongly output t and source s are joined, and whether the focus is on either.
  const focused = (t, s) => placeNow() === (model.get("side") === "output" ? t : s);

  function drawPicture() {
    const task = model.get("task");
    const sizes = (tokens, least) => tokens.map((token) => Math.max(least, 8.8 * [...seen(token)].length + 9));
    const least = task === "French" ? 36 : 24;
    const [columns, tops] = [sizes(read, least), sizes(said, least)];
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const label = Math.max(...tops); // the outputs again, beside the heat map
    const wide = Math.max(sum(columns), sum(tops));
    const middles = (list, from) => list.map((size, k) => from + sum(list.slice(0, k)) + size / 2);
    const x = middles(columns, GRID.left + label + (wide - sum(columns)) / 2);
    const xOut = middles(tops, GRID.left + label + (wide - sum(tops)) / 2);
    const yIn = GRID.top + GRID.row + GRID.lines;
    const yHeat = yIn + GRID.row + 8;
    const tall = yHeat + said.length * GRID.heat + 6;
    const width = GRID.left + label + wide + 8;
    const [side, place] = [model.get("side"), placeNow()];
    const covered = model.get("covered");
    const glow = (share) => `color-mix(in srgb, ${color("lit")} ${Math.round(100 * share)}%, ${color("paper")})`;
    const box = (kind, k, token, middle, size, y) => {
      const here = side === kind && place === k;
      const share = here ? 0 : side === "output" ? (kind === "source" ? found.weights[place][k] : 0) : kind === "output" ? found.weights[k][place] : 0;
      const role = kind === "output" ? "output" : "input";
      const hidden = kind === "source" && covered.includes(k);
      return svg("g", { [`data-${kind}`]: k, "data-share": share.toFixed(4), style: "cursor: pointer", onclick: () => focus(kind, k) },
        svg("rect", { x: middle - size / 2 + 1.5, y, width: size - 3, height: GRID.row, rx: 5, fill: glow(share),
          stroke: color(here ? "ink" : role), "stroke-width": here ? 3 : 1.2, "stroke-dasharray": hidden ? "3 3" : null }),
        svg("text", { x: middle, y: y + 18, "text-anchor": "middle", "font-weight": here ? 700 : 500, class: hidden ? "rnn-muted" : null }, seen(token)),
        hidden && svg("line", { x1: middle - size / 2 + 3, x2: middle + size / 2 - 3, y1: y + GRID.row / 2, y2: y + GRID.row / 2, stroke: color("muted"), "stroke-width": 2 }));
    };
    const line = (share, t, s) => {
      const here = focused(t, s);
      if (share < (here ? 0.005 : 0.08)) return null;
      const [y1, y2] = [GRID.top + GRID.row, yIn];
      const middle = (y1 + y2) / 2;
      return svg("path", { d: `M${xOut[t]} ${y1} C${xOut[t]} ${middle} ${x[s]} ${middle} ${x[s]} ${y2}`, fill: "none", stroke: color("attention"),
        "stroke-width": (0.6 + 9 * share).toFixed(2), opacity: here ? 0.85 : 0.12, "data-line": here ? `${t}-${s}` : null });
    };
    const cell = (share, t, s) => {
      const width_ = Math.min(columns[s], 34) - 3;
      const [w, h] = [width_ * Math.sqrt(share), (GRID.heat - 3) * Math.sqrt(share)];
      const y = yHeat + t * GRID.heat;
      return svg("g", { "data-cell": `${t}-${s}`, onclick: () => focus("output", t), style: "cursor: pointer" },
        svg("rect", { x: x[s] - columns[s] / 2 + 1, y: y + 1, width: columns[s] - 2, height: GRID.heat - 2, fill: color(focused(t, s) ? "panel" : "paper") }),
        share >= 0.002 && svg("rect", { x: x[s] - w / 2, y: y + (GRID.heat - h) / 2, width: w, height: h, rx: 1.5, fill: color("attention") }));
    };
    const frame = side === "output"
      ? { x: x[0] - columns[0] / 2, y: yHeat + place * GRID.heat, width: sum(columns), height: GRID.heat }
      : { x: x[place] - columns[place] / 2, y: yHeat, width: columns[place], height: said.length * GRID.heat };
    const lines = found.weights.flatMap((row, t) => row.map((share, s) => line(share, t, s)));
    picture.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${tall}`, style: `width: ${width}px; max-width: none; margin: 0 auto`, "aria-hidden": "true" },
      lines, said.map((token, t) => box("output", t, token, xOut[t], tops[t], GRID.top)),
      read.map((token, s) => box("source", s, token, x[s], columns[s], yIn)),
      said.map((token, t) => svg("text", { x: GRID.left + label - 8, y: yHeat + t * GRID.heat + 16, "text-anchor": "end", "font-weight": side === "output" && t === place ? 700 : 400,
        onclick: () => focus("output", t), style: "cursor: pointer" }, seen(token))),
      found.weights.flatMap((row, t) => row.map((share, s) => cell(share, t, s))),
      svg("rect", { ...frame, fill: "none", stroke: color("ink"), "stroke-width": 2, rx: 2 })));
    announce();
  }

  function announce() {
    const hidden = picture.scrollWidth - picture.clientWidth;
    picture.classList.toggle("rnn-whole", hidden <= 2);
    picture.classList.toggle("rnn-more", picture.scrollLeft < hidden - 2);
  }

  // Brings what is focused, or what it looks at most, to the eye.
  function follow() {
    const [output, source] = model.get("side") === "output" ? [placeNow(), sourceNow()] : [largest(found.weights.map((row) => row[placeNow()])), placeNow()];
    const frame = picture.getBoundingClientRect();
    for (const part of [picture.querySelector(`[data-output="${output}"]`), picture.querySelector(`[data-source="${source}"]`)]) {
      const { left, right } = part.getBoundingClientRect();
      const edge = frame.right - (picture.classList.contains("rnn-more") ? 56 : 0); // there it fades
      if (right > edge || left < frame.left) picture.scrollLeft += right > edge ? right - edge + 24 : left - frame.left - 40;
    }
  }

  function tell() {
    const [task, side, place] = [model.get("task"), model.get("side"), placeNow()];
    const top = (shares, names) => shares.map((share, k) => [share, k]).sort(([a, i], [b, k]) => b - a || i - k).slice(0, 3)
      .map(([share, k]) => `“${seen(names[k])}” ${number(share)}`).join(", ");
    const column = found.weights.map((row) => row[place]);
    readout.textContent = side === "output"
      ? `Output ${place + 1}, “${seen(said[place])}” (p ${number(found.p[place])}), looks at ${top(found.weights[place], read)}.`
      : `Source ${place + 1}, “${seen(read[place])}”, is looked at by ${top(column, said)}; over all outputs ${number(column.reduce((a, b) => a + b, 0))}.`;
    const text = joined(task, said.filter((_, t) => found.said[t] !== END));
    const cut = found.said.at(-1) === END ? "" : " … (cut off)";
    const truth = task === "reverse" ? [...read].reverse().join("") : networks[task].examples.find(([one]) => one === model.get("text"))?.[1];
    const verdict = truth === undefined ? "" : text === truth && !cut ? " ✓ right." : ` ✗ It should be “${truth}”.`;
    const hidden = model.get("covered").map((s) => `“${seen(read[s])}” (${s + 1})`);
    result.textContent = `“${joined(task, read)}” → “${text}”${cut}.${verdict}${hidden.length ? ` Covered: ${hidden.join(", ")}.` : ""}`;
    const one = sourceNow();
    const open = model.get("covered").includes(one);
    cover.textContent = `${open ? "Uncover" : "Cover"} “${seen(read[one])}” (source ${one + 1})`;
    cover.disabled = !open && model.get("covered").length + 1 >= read.length;
  }

  function draw() {
    const [task, text] = [model.get("task"), model.get("text")];
    const network = networks[task];
    weights[task] ??= unpacked(network.weights);
    read = sourceOf(network, task, text);
    found = look(weights[task], read.map((token) => network.source.indexOf(token)), network.limit, model.get("covered"));
    said = found.said.map((token) => network.target[token]);
    which.set(task);
    examples.input.replaceChildren(html("option", { value: "" }, "choose"), ...network.examples.map(([one]) => html("option", { value: one }, one)));
    examples.set(network.examples.some(([one]) => one === text) ? text : "");
    if (typed.value !== text) typed.value = text;
    show();
  }

  function show() {
    drawPicture();
    tell();
  }

  arrowKeys(root, (move) => focus(model.get("side"), placeNow() + move));
  picture.addEventListener("keydown", (event) => {
    const side = { ArrowUp: "output", ArrowDown: "source" }[event.key];
    if (!side || side === model.get("side")) return;
    event.preventDefault();
    const [place, weightsNow] = [placeNow(), found.weights];
    focus(side, side === "source" ? largest(weightsNow[place]) : largest(weightsNow.map((row) => row[place])));
  });
  root.append(
    html("div", { class: "rnn-controls" }, which.node, examples.node,
      html("div", { class: "rnn-control", style: "flex: 1 1 16rem" }, html("label", { for: typed.id }, "type"), typed), cover),
    result, picture, cue, readout,
    html("p", { class: "rnn-note" },
      "In “my Italian birds”, press “oiseaux”, then “italiens”: you should see their lines cross, for this adjective follows its noun in French. Then press “oiseaux” again and cover “birds”: " +
      "its weight is exactly 0, and another noun comes, in the plural all the same. Each place of the memory is a state that has read the whole sentence, not a word."),
    html("p", { class: "rnn-note" },
      `Three small networks with additive attention, trained for this page; they run in it. Of 1,000 each that they had not seen they get wrong: `
      + TASKS.map(([task]) => `${Math.round(10 * networks[task]["wrong, %"])} ${UNSEEN[task]}`).join(", ")
      + ". Asked what is unlike those they may fail: “the cat” is no sentence of the grammar. Letters and words that a network does not know are left out. Above: outputs, the end mark “⊣” last; lines are the thicker, squares the larger, the more an output looks at a source."),
  );
  for (const key of ["task", "text", "covered"]) model.on(`change:${key}`, draw);
  for (const key of ["side", "place"]) model.on(`change:${key}`, show);
  draw();
  requestAnimationFrame(draw);
}

export default { render };
