// Beam search as a tree that grows: a network says a word sound by sound.

const [MOST, LIMIT, FELL, END] = [10, 12, 3, 0]; // as in Python
const END_MARK = "⊣";
const NOTE = "Move the width to 1: you should see another first sound win, and with it a word that is less likely in the end. Thick frames: kept; "
  + "thin ones: kept for a while, until all that grew from them fell out; dashed: the best of what fell out at once. A double frame and ⊣: finished. "
  + "Below each sound stands what the search ranks by: log p, in nats, over the length to the power of the length penalty. "
  + "Try “japan”: the likelier is not the right one. Try “interfaith” with a length penalty of 1.";

function measuredNote(rows) {
  const of = (width, key) => Math.round(20 * rows.find((row) => row.width === width && row.penalty === 0)[key]);
  return "The network was trained for this page on words of an American dictionary and runs in it. Of 2,000 words that it had not seen, "
    + `greedy search gets ${of(1, "wrong, %")} wrong and a beam of 5 without length penalty ${of(5, "wrong, %")}, though it finds a likelier `
    + `sequence for ${of(5, "likelier, %")}. The examples are test words, picked because the search matters in them.`;
}
const BOX = { width: 56, height: 38, across: 78, down: 46, left: 2, top: 22 };

// Step for step the nodes, the best first, and how many of them are kept; step 0 is the root.
function tree(weights, word, width, penalty) {
  const cell = gruOf(weights, "decoder");
  let states = [encode(weights, word).first];
  const grown = [{ nodes: [{ parent: -1, token: END, p: 1, logP: 0, length: 0, done: false, worth: 0 }], kept: 1 }];
  const living = () => keptOf(grown.at(-1));
  while (!living().every((node) => node.done) && grown.length <= LIMIT + 1) {
    const last = grown.length === LIMIT + 1;
    const found = living().flatMap((node, row) => {
      if (node.done) return [{ ...node, parent: row }];
      states[row] = cell.on(weights["target_embedding.weight"][node.token], states[row]);
      const p = softmax(Array.from(linear(weights, "read_out", states[row])));
      if (last && p.indexOf(Math.max(...p)) !== END) return [{ ...node, parent: row }];
      return (last ? [END] : p.map((_, token) => token)).map((token) => {
        const [logP, length] = [node.logP + Math.log(p[token]), node.length + 1];
        return { parent: row, token, p: p[token], logP, length, done: token === END, worth: logP / length ** penalty };
      });
    });
    found.sort((a, b) => b.worth - a.worth);
    grown.push({ nodes: found.slice(0, width + FELL), kept: Math.min(width, found.length) });
    states = living().map((node) => states[node.parent]);
  }
  return grown;
}

const keptOf = ({ nodes, kept }) => nodes.slice(0, kept);

// Their rows: finished ones first, the best of them in front.
const ranked = (nodes) =>
  nodes.map((_, row) => row).sort((a, b) => nodes[b].done - nodes[a].done || nodes[b].worth - nodes[a].worth);

// The tokens of a hypothesis, without the end mark.
function said(grown, step, row) {
  const tokens = [];
  for (; step; step -= 1) {
    const node = grown[step].nodes[row];
    if (node.length > grown[step - 1].nodes[node.parent].length && node.token !== END) tokens.unshift(node.token);
    row = node.parent;
  }
  return tokens;
}

// Of each step the rows from which something in the beam of the last step shown has come.
function alive(grown, step) {
  const rows = Array(step + 1);
  rows[step] = new Set(keptOf(grown[step]).keys());
  for (let t = step; t > 0; t -= 1) rows[t - 1] = new Set([...rows[t]].map((row) => grown[t].nodes[row].parent));
  return rows;
}

function render({ model, el }) {
  const root = stage(el, "Beam search as a tree");
  const [letters, sounds] = [model.get("letters"), model.get("sounds")];
  const weights = unpacked(model.get("weights"));
  let timer = null;
  let grown, greedy;

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Grow";
  }
  const last = () => grown.length - 1;
  const stepNow = () => Math.min(model.get("step"), last());
  const change = (values) => { pause(); store(model, { step: LIMIT + 1, look: [0, 0], ...values }); };
  function go(to) {
    const step = Math.min(Math.max(to, 0), last());
    store(model, { step, look: [step, 0] });
    follow();
    if (step === last()) pause();
  }
  const look = (column, row) => { pause(); store(model, { look: [column, row] }); follow(column); };

  const typed = html("input", {
    id: freshId("word"), type: "text", value: model.get("word"), size: 10, maxlength: MOST, autocomplete: "off",
    spellcheck: "false", autocapitalize: "off", oninput: () => change({ word: typed.value }),
  });
  const examples = menu({
    label: "or", options: [["", "an example"], ...model.get("words").map(([word]) => [word, word])], value: "",
    onchange: (word) => word && change({ word }),
  });
  const width = slider({
    label: "width", min: 1, max: 5, step: 1, value: model.get("width"), role: "output", show: (v) => number(v, 0),
    oninput: (value) => change({ width: value }),
  });
  const penalty = slider({
    label: "length penalty", min: 0, max: 1.5, step: 0.1, value: model.get("penalty"), role: "output",
    oninput: (value) => change({ penalty: value }),
  });
  const play = button("Grow", () => {
    if (timer) return pause();
    go(0);
    play.textContent = "Pause";
    timer = setInterval(() => (el.isConnected ? go(stepNow() + 1) : pause()), 900);
  }, { class: "rnn-button rnn-main" });
  const back = button("◀", () => { pause(); go(stepNow() - 1); }, { "aria-label": "step back" });
  const on = button("▶", () => { pause(); go(stepNow() + 1); }, { "aria-label": "step forward" });

  const picture = html("div", { class: "rnn-scroll", tabindex: 0, role: "group",
    "aria-label": "the tree; up and down choose a node of the step", onscroll: () => announce() });
  const cue = html("p", { class: "rnn-cue", "aria-hidden": "true" }, "more to the right →");
  const readout = spoken();
  const list = html("div", { class: "rnn-scroll" });

  const spelled = (tokens) => tokens.map((token) => sounds[token]).join(" ");
  const named = (token) => (token === END ? "the end mark" : `“${sounds[token]}”`);
  const x = (column) => BOX.left + column * BOX.across;
  const y = (row, kept) => BOX.top + row * BOX.down + (row < kept ? 0 : 14);

  // The node looked at: where the tree has not grown so far, the best of the last step shown.
  function lookNow() {
    const [column, row] = model.get("look");
    const nodes = column <= stepNow() ? grown[column].nodes : [];
    if (column > 0 && row < nodes.length) return [column, row];
    return [stepNow(), ranked(keptOf(grown[stepNow()]))[0]];
  }

  function node(column, row, living, [lookedColumn, lookedRow]) {
    const { nodes, kept } = grown[column];
    const one = nodes[row];
    const [left, top] = [x(column), y(row, kept)];
    const fell = row >= kept;
    const pale = fell || !living[column].has(row);
    const chosen = column === lookedColumn && row === lookedRow;
    const text = column === 0 ? model.get("word") : one.done ? END_MARK : sounds[one.token];
    return svg("g", { "data-node": `${column}-${row}`, "data-state": fell ? "fell" : pale ? "ended" : one.done ? "done" : "kept",
      onclick: () => column && look(column, row), style: column ? "cursor: pointer" : null },
      svg("rect", { x: left, y: top, width: BOX.width, height: BOX.height, rx: 7, fill: color(chosen ? "lit" : "paper"),
        stroke: color(pale ? "muted" : "output"), "stroke-width": pale ? 1.2 : 2.4, "stroke-dasharray": fell ? "3 3" : null }),
      one.done && svg("rect", { x: left + 3.5, y: top + 3.5, width: BOX.width - 7, height: BOX.height - 7, rx: 4, fill: "none",
        stroke: color(pale ? "muted" : "output"), "stroke-width": 1.2 }),
      svg("text", { x: left + BOX.width / 2, y: top + (column ? 17 : 24), "text-anchor": "middle", "font-weight": pale ? 400 : 700,
        class: pale ? "rnn-muted" : null, ...(column ? {} : { textLength: text.length > 5 ? BOX.width - 8 : null, lengthAdjust: "spacingAndGlyphs" }) }, text),
      column > 0 && svg("text", { x: left + BOX.width / 2, y: top + 32, "text-anchor": "middle", class: pale ? "rnn-muted" : null,
        style: "font-size: 12px" }, number(one.worth)));
  }

  function edge(column, row, living, path) {
    const { nodes, kept } = grown[column];
    const one = nodes[row];
    const fell = row >= kept;
    const pale = fell || !living[column].has(row);
    const [x1, y1] = [x(column - 1) + BOX.width, y(one.parent, grown[column - 1].kept) + BOX.height / 2];
    const [x2, y2] = [x(column), y(row, kept) + BOX.height / 2];
    const middle = (x1 + x2) / 2;
    return svg("path", { d: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, fill: "none",
      stroke: color(pale ? "muted" : "output"), "stroke-dasharray": fell ? "3 3" : null,
      "stroke-width": path.has(`${column}-${row}`) ? 5 : pale ? 1 : 2.2, opacity: fell ? 0.6 : 1 });
  }

  function drawPicture() {
    const [step, looked] = [stepNow(), lookNow()];
    const living = alive(grown, step);
    const path = new Set();
    for (let [t, row] = looked; t > 0; row = grown[t].nodes[row].parent, t -= 1) path.add(`${t}-${row}`);
    const places = grown.slice(0, step + 1).flatMap(({ nodes }, t) => nodes.map((_, row) => [t, row]));
    const tall = Math.max(...grown.map(({ nodes, kept }) => y(nodes.length - 1, kept))) + BOX.height + 4;
    const wide = x(last()) + BOX.width + 4;
    picture.replaceChildren(svg("svg", { viewBox: `0 0 ${wide} ${tall}`, style: `width: ${wide}px; max-width: none; margin: 0 auto`, "aria-hidden": "true" },
      grown.slice(1).map((_, t) => svg("text", { x: x(t + 1) + BOX.width / 2, y: 14, "text-anchor": "middle", class: "rnn-muted",
        style: "font-size: 13px", opacity: t < step ? 1 : 0.35 }, t + 1)),
      svg("text", { x: x(0) + BOX.width / 2, y: 14, "text-anchor": "middle", class: "rnn-muted", style: "font-size: 13px" }, "step"),
      places.filter(([t]) => t).map(([t, row]) => edge(t, row, living, path)),
      places.map(([t, row]) => node(t, row, living, looked))));
    announce();
  }

  // Brings the step that is shown, or looked at, to the eye.
  function follow(column = stepNow()) {
    const right = x(column) + BOX.width + BOX.across / 2;
    if (right > picture.scrollLeft + picture.clientWidth || x(column) < picture.scrollLeft) {
      picture.scrollTo({ left: right - picture.clientWidth, behavior: calm() ? "instant" : "smooth" });
    }
  }
  function announce() {
    const hidden = picture.scrollWidth - picture.clientWidth;
    picture.classList.toggle("rnn-whole", hidden <= 2);
    picture.classList.toggle("rnn-more", picture.scrollLeft < hidden - 2);
  }

  function best(ofGrown) {
    const end = ofGrown.length - 1;
    const row = ranked(keptOf(ofGrown[end]))[0];
    return { text: spelled(said(ofGrown, end, row)), logP: ofGrown[end].nodes[row].logP };
  }

  function tell() {
    const step = stepNow();
    const [column, row] = lookNow();
    const { nodes, kept } = grown[column];
    const one = nodes[row];
    const tokens = said(grown, column, row);
    const parts = [];
    if (step === 0) parts.push("Nothing is said yet.");
    else {
      const what = one.done ? `“${spelled(tokens)}”, finished` : `“${spelled(tokens)}”`;
      parts.push(`Step ${column}, ${row + 1} of ${nodes.length} shown: ${what}. Its last token, ${named(one.token)}, had p ${number(one.p)}; `
        + `log p ${number(one.logP)}, ${one.length} tokens, worth ${number(one.worth)}. ${row < kept ? "Kept." : "Fell out."}`);
    }
    const truth = model.get("words").find(([word]) => word === model.get("word").toLowerCase());
    const [mine, other] = [best(grown), best(greedy)];
    if (step === last()) {
      parts.push(mine.text === other.text
        ? `Greedy search says the same.`
        : `Greedy search says “${other.text}”, log p ${number(other.logP)}; this beam “${mine.text}”, ${number(mine.logP)}.`);
      if (truth) parts.push(`The dictionary: “${truth[1]}”.`);
    }
    readout.textContent = parts.join(" ");
  }

  function drawList() {
    const step = stepNow();
    const nodes = keptOf(grown[step]);
    const rows = step ? ranked(nodes) : [];
    list.replaceChildren(html("table", { class: "rnn-beam" },
      html("caption", {}, step === last() ? "What the search ends with" : `The beam after step ${step}`),
      html("thead", {}, html("tr", {}, ["said", "log p", "length", "worth"].map((head) => html("th", { scope: "col" }, head)))),
      html("tbody", {}, Array.from({ length: model.get("width") }, (_, rank) => {
        const one = nodes[rows[rank]];
        const cells = one ? [`${spelled(said(grown, step, rows[rank]))}${one.done ? ` ${END_MARK}` : " …"}`, number(one.logP), one.length, number(one.worth)] : ["–", "", "", ""];
        return html("tr", {}, cells.map((cell) => html("td", {}, String(cell))));
      }))));
  }

  function draw() {
    const tokens = [...model.get("word").toLowerCase()].map((c) => letters.indexOf(c)).filter((token) => token >= 0).slice(0, MOST);
    const word = tokens.length ? tokens : [letters.indexOf("a")];
    grown = tree(weights, word, model.get("width"), model.get("penalty"));
    greedy = tree(weights, word, 1, 0);
    if (typed.value !== model.get("word")) typed.value = model.get("word");
    width.set(model.get("width"));
    penalty.set(model.get("penalty"));
    show();
  }

  function show() {
    drawPicture();
    drawList();
    tell();
    const step = stepNow();
    on.disabled = false;
    close(back, step === 0, on);
    close(on, step === last(), back);
  }

  arrowKeys(root, (move) => { pause(); go(stepNow() + move); });
  picture.addEventListener("keydown", (event) => {
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    const [column, row] = lookNow();
    if (column) look(column, Math.min(Math.max(row + move, 0), grown[column].nodes.length - 1));
  });
  root.append(
    html("div", { class: "rnn-controls" },
      html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "word"), typed), examples.node,
      width.node, penalty.node, html("div", { class: "rnn-control" }, back, play, on)),
    picture, cue, readout, list,
    html("p", { class: "rnn-note" }, NOTE),
    html("p", { class: "rnn-note" }, measuredNote(model.get("measured"))),
  );
  for (const key of ["word", "width", "penalty"]) model.on(`change:${key}`, draw);
  for (const key of ["step", "look"]) model.on(`change:${key}`, show);
  draw();
  requestAnimationFrame(draw);
  return pause;
}

export default { render };
