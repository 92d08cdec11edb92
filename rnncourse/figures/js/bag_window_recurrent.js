// The same sentence in both orders through a bag, a window and a recurrent network.

const PLACES = 4;
const CARD = { width: 340, height: 236, top: 26, chip: 66, gap: 26 };
const LANES = [6, 6 + 66 + 26 + 62 + 20]; // where each order begins
const KINDS = {
  bag: { title: "A bag", says: "counts words" },
  window: { title: "A window", says: "its own weights for each place" },
  recurrent: { title: "A recurrent network", says: "word by word, same weights" },
};

const sentence = (words, extra, place) =>
  place === "first" ? [extra, ...words] : place === "last" ? [...words, extra] : [...words];

// What a reader is given, step by step.
function given(kind, words, vocabulary) {
  const rows = Array.from({ length: PLACES }, (_, t) => vocabulary.map((known) => (known === words[t] ? 1 : 0)));
  if (kind === "bag") return [vocabulary.map((_, k) => rows.reduce((sum, row) => sum + row[k], 0))];
  return kind === "window" ? [rows.flat()] : rows.slice(0, words.length);
}

// The last state, and how surely it says news.
function answer(kind, { W_xh, W_hh, b_h, W_hy, b_y }, words, vocabulary) {
  let h = b_h.map(() => 0);
  for (const x of given(kind, words, vocabulary)) h = add(matvec(W_xh, x), matvec(W_hh, h), b_h).map(Math.tanh);
  return { h, says: logistic(matvec(W_hy, h)[0] + b_y[0]) };
}

const rowY = (k) => unitY(k, CARD.top);
const middle = (k) => rowY(k) + UNIT.height / 2;

function chip(x, k, word, differs, key) {
  return svg("g", { "data-lit": differs ? "1" : null },
    svg("rect", { x, y: rowY(k) + 4, width: CARD.chip, height: 28, rx: 14, fill: color(differs ? "lit" : "paper"), stroke: color("input"), "stroke-width": 2, "data-key": key }),
    svg("text", { x: x + CARD.chip / 2, y: rowY(k) + 23, "text-anchor": "middle", "font-weight": 600 }, word));
}

const thin = (x1, y1, x2, y2, role = "input") =>
  svg("line", { x1, y1, x2, y2, stroke: color(role), "stroke-width": 1.1, opacity: 0.55 });
const arrow = (d, role) => svg("path", { d, fill: "none", stroke: color(role), "stroke-width": 2 });

// How the words come to the units, in one picture a kind.
function way(kind, x, count) {
  const [right, units] = [x + CARD.chip, x + CARD.chip + CARD.gap];
  const all = [0, 1, 2, 3];
  if (kind === "bag") {
    const [top, bottom] = [rowY(0) - 8, rowY(PLACES - 1) + UNIT.height + 4];
    return [
      svg("path", { d: `M${x - 5} ${top} L${x - 1} ${bottom - 8} q1 8 9 8 H${right - 8} q8 0 9 -8 L${right + 5} ${top}`, fill: color("panel"), stroke: color("muted"), "stroke-width": 1.8 }),
      svg("ellipse", { cx: x + CARD.chip / 2, cy: top, rx: CARD.chip / 2 + 5, ry: 7, fill: color("paper"), stroke: color("muted"), "stroke-width": 1.8 }),
      all.map((k) => thin(right + 4, (top + bottom) / 2, units, middle(k))),
    ];
  }
  if (kind === "window") {
    return all.map((place) => [
      svg("rect", { x: x - 1, y: rowY(place) + 2, width: CARD.chip + 2, height: 32, rx: 6, fill: color("panel"), stroke: color("rule") }),
      svg("text", { x: x + CARD.chip / 2, y: rowY(place) + 23, "text-anchor": "middle", class: "rnn-muted" }, place + 1),
      all.map((k) => thin(right + 1, middle(place), units, middle(k))),
    ]);
  }
  const read = all.slice(0, count);
  const rail = right + CARD.gap / 2 - 2;
  const end = middle(count - 1);
  return [
    arrow(`M${rail} ${rowY(0) - 4} V${end}`, "state"),
    read.map((k) => arrow(`M${right} ${middle(k)} H${rail - 4} m-5 -4 l5 4 l-5 4`, "input")),
    read.slice(1).map((k) => svg("path", { d: `M${rail} ${middle(k) - 16} l-5 -8 h10 z`, fill: color("state") })),
    svg("circle", { cx: rail, cy: rowY(0) - 5, r: 3.5, fill: color("paper"), stroke: color("state"), "stroke-width": 2 }),
    all.map((k) => thin(rail, end, units, middle(k), "state")),
  ];
}

// One order in one reader: its words, its units, its answer.
function order(kind, x, here, there, place) {
  const units = x + CARD.chip + CARD.gap;
  const shown = kind === "bag" ? [...here.words].sort() : here.words;
  const other = kind === "bag" ? [...there.words].sort() : there.words;
  const y = rowY(PLACES - 1) + UNIT.height + 14;
  const width = CARD.chip + CARD.gap + UNIT.width;
  return svg("g", { "data-order": place },
    way(kind, x, shown.length),
    shown.map((word, k) => chip(x, k, word, word !== other[k], `${kind}-${place}-word-${k}`)),
    here.h.map((value, k) => unitBox(units, rowY(k), value, { shown: true, lit: apartness(value, there.h[k]), key: `${kind}-${place}-${k}` })),
    svg("rect", { x, y, width, height: 9, rx: 4, fill: color("panel"), stroke: color("rule") }),
    svg("rect", { x, y, width: width * here.says, height: 9, rx: 4, fill: color("output"), "data-key": `${kind}-${place}-says` }),
    svg("line", { x1: x + width / 2, x2: x + width / 2, y1: y - 3, y2: y + 12, stroke: color("muted") }),
    svg("text", { x, y: y + 27, class: "rnn-muted" }, "news?"),
    svg("text", { x: x + width - 20, y: y + 27, "text-anchor": "end", "font-weight": 700, class: "rnn-says" }, number(here.says)),
    svg("text", { x: x + width, y: y + 27, "text-anchor": "end", class: "rnn-mark", style: `fill: ${color(here.right ? "right" : "wrong")}; font-weight: 700` }, here.right ? "✓" : "✗"));
}

function render({ model, el }) {
  const root = stage(el, "The same words through a bag, a window and a recurrent network");
  const [nouns, verbs, extra, readers, news, unseen, right, learned] =
    ["nouns", "verbs", "extra", "readers", "news", "unseen", "right", "learned"].map((key) => model.get(key));
  const vocabulary = [...nouns, ...verbs, extra];
  const cards = html("div", { class: "rnn-readers" });
  const readout = spoken();

  // A noun that the other place holds changes places with it.
  const choose = (at, word) => {
    const words = [...model.get("words")];
    if (words[2 - at] === word && at !== 1) words[2 - at] = words[at];
    words[at] = word;
    store(model, { words });
  };
  const menus = ["who", "does", "whom"].map((label, at) => menu({
    label, value: model.get("words")[at], options: (at === 1 ? verbs : nouns).map((word) => [word, word]),
    onchange: (word) => choose(at, word),
  }));
  for (const { node } of menus) node.firstChild.classList.add("rnn-sr"); // they read as a sentence
  const where = menu({
    label: extra, value: model.get("place"),
    options: [["", "not said"], ["first", "comes first"], ["last", "comes last"]],
    onchange: (place) => store(model, { place }),
  });
  const swap = button("", () => store(model, { words: [...model.get("words")].reverse() }), { class: "rnn-button rnn-main" });

  function read() {
    const words = model.get("words");
    const both = [words, [...words].reverse()];
    return Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, both.map((said) => {
      const heard = sentence(said, extra, model.get("place"));
      const { h, says } = answer(kind, readers[kind], heard, vocabulary);
      return { words: heard, h, says, right: says > 0.5 === news[said.join(" ")] };
    })]));
  }

  const span = (scores) => (Math.min(...scores) === Math.max(...scores) ? `${scores[0]}` : `${Math.min(...scores)} to ${Math.max(...scores)}`);

  function draw() {
    const found = read();
    const words = model.get("words");
    glide(cards, () => cards.replaceChildren(...Object.entries(KINDS).map(([kind, { title, says }]) =>
      html("div", { class: "rnn-reader", "data-kind": kind }, html("strong", {}, title), html("span", { class: "rnn-muted" }, ` ${says}`),
        svg("svg", { viewBox: `0 0 ${CARD.width} ${CARD.height}`, "aria-hidden": "true" },
          [0, 1].map((k) => order(kind, LANES[k], found[kind][k], found[kind][1 - k], k)))))));
    menus.forEach((control, at) => control.set(words[at]));
    where.set(model.get("place"));
    swap.textContent = `Swap ${words[0]} and ${words[2]}`;
    const [here, there] = found.bag.map((one) => one.words.join(" "));
    const told = Object.entries(found).map(([kind, [a, b]]) => `${kind} ${number(a.says)} and ${number(b.says)}`).join("; ");
    const fresh = [here, there].filter((said) => unseen.includes(said)).map((said) => `“${said}”`);
    readout.textContent = `News? “${here}” and “${there}”: ${told}.`
      + (fresh.length ? ` Not among the sentences of the training: ${fresh.join(" and ")}.` : "");
  }

  root.append(
    html("div", { class: "rnn-controls" }, html("div", { class: "rnn-control" }, menus.map((control) => control.node)), where.node, swap),
    cards, readout,
    html("p", { class: "rnn-note" },
      "Choose cat bites dog, then let today come first: you should see the window go wrong on both orders, while the recurrent network stays right; the bag gives one answer to both, whatever you do. Yellow is what differs between the two orders. " +
      `Toys, four units each, trained on ${learned} made-up sentences. Of ${unseen.length} others, all with ${extra} first, ${right.bag.length} random starts get right: ` +
      Object.entries(right).map(([kind, scores]) => `the ${kind} ${span(scores)}`).join(", ") + "."),
  );
  for (const key of ["words", "place"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
