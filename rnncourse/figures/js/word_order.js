// Words to reorder. Left: the bag, which never changes. Right: the sequence, which does.

const MAX_WORDS = 12;
const ROW = 26;

const written = (model) => model.get("sentence").split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
const count = (words, word) => words.filter((other) => other === word).length;

function shuffled(order) {
  const copy = [...order];
  for (let k = copy.length - 1; k > 0; k -= 1) {
    const j = Math.floor(Math.random() * (k + 1));
    [copy[k], copy[j]] = [copy[j], copy[k]];
  }
  return copy;
}

// Rows: the different words. First the counts as bars, then one column a step with one mark.
function picture(before, now) {
  const rows = [...new Set(before)].sort();
  const most = Math.max(...rows.map((word) => count(before, word)));
  const column = now.length > 6 ? 28 : 40;
  const names = 24 + 8 * Math.min(11, Math.max(...rows.map((word) => word.length)));
  const bars = 56;
  const left = names + bars + 30;
  const width = left + now.length * column;
  const y = (row) => 44 + row * ROW;
  const height = y(rows.length) + 6;
  const label = (x, top, text, extra = {}) =>
    svg("text", { x, y: top, "text-anchor": "middle", ...extra }, text);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", style: `max-width: ${Math.round(width * 1.15)}px` },
    svg("text", { x: names, y: 14, "font-weight": 600 }, "bag"),
    svg("text", { x: left, y: 14, "font-weight": 600 }, "sequence"),
    now.map((_, t) => label(left + (t + 0.5) * column, 34, t + 1, { class: "rnn-muted" })),
    rows.map((word, row) => [
      svg("text", { x: names - 10, y: y(row) + 17, "text-anchor": "end" },
        word.length > 11 ? `${word.slice(0, 10)}…` : word),
      svg("rect", {
        x: names, y: y(row) + 4, height: ROW - 8, rx: 2,
        width: (bars * count(now, word)) / Math.max(most, 2), fill: color("baseline"),
      }),
      svg("text", { x: names + (bars * count(now, word)) / Math.max(most, 2) + 6, y: y(row) + 17 },
        count(now, word)),
      now.map((here, t) => [
        svg("rect", {
          x: left + t * column + 1, y: y(row) + 1, width: column - 2, height: ROW - 2, rx: 3,
          fill: here === word ? color("input") : color("panel"),
        }),
        here === word && here !== before[t]
          ? svg("circle", { cx: left + (t + 0.5) * column, cy: y(row) + ROW / 2, r: 4, fill: color("paper") })
          : null,
      ]),
    ]),
  );
}

function render({ model, el }) {
  const root = stage(el, "Bag of words and sequence of a sentence to reorder");
  const words = html("div", { class: "rnn-controls", role: "group", "aria-label": "words" });
  const drawing = html("div");
  const readout = spoken();
  let focus = null; // the place whose button keeps the keyboard focus after a swap

  const start = (sentence) => {
    const clean = sentence.split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
    if (clean.length) store(model, { sentence: clean.join(" "), order: clean.map((_, k) => k) });
  };
  const example = menu({
    label: "sentence",
    options: model.get("examples").map((text) => [text, text]),
    value: model.get("sentence"),
    onchange: (text) => { typed.value = text; start(text); },
  });
  const typed = html("input", {
    type: "text", id: freshId("text"), maxlength: 90, value: model.get("sentence"),
    oninput: () => start(typed.value.toLowerCase()),
  });
  const own = html("div", { class: "rnn-control" }, html("label", { for: typed.id }, "or your own"), typed);
  const reorder = (change) => () => store(model, { order: change([...model.get("order")]) });
  const buttons = html("div", { class: "rnn-controls" },
    button("shuffle", reorder(shuffled)),
    button("reverse", reorder((order) => order.reverse())),
    button("as written", reorder((order) => order.sort((a, b) => a - b))));

  function swap(place) {
    const order = [...model.get("order")];
    const next = (place + 1) % order.length;
    [order[place], order[next]] = [order[next], order[place]];
    focus = next;
    store(model, { order });
  }

  function draw() {
    const before = written(model);
    const order = model.get("order");
    if (order.length !== before.length) return; // the other half of a change is still to come
    const now = order.map((k) => before[k]);
    const chips = now.map((word, t) =>
      button(word, () => swap(t), {
        "aria-label": `${word}, place ${t + 1}: swap with the next word`,
        style: `border: 2px solid ${color("input")}; border-radius: 999px`,
      }));
    words.replaceChildren(...chips);
    if (focus !== null) chips[focus].focus();
    focus = null;
    drawing.replaceChildren(picture(before, now));
    const moved = now.filter((word, t) => word !== before[t]).length;
    readout.textContent = moved
      ? `“${now.join(" ")}”: the bag is the same in every entry; in the sequence ${moved} of ` +
        `${now.length} columns differ from “${before.join(" ")}” (marked with a dot).`
      : `“${now.join(" ")}”: bag and sequence are as written. Move a word.`;
  }

  root.append(
    html("div", { class: "rnn-controls" }, example.node, own), words, buttons, drawing, readout,
    html("p", { class: "rnn-note" },
      "Press a word: you should see it change places with the next, its mark move in the sequence, and no bar of the bag move."));
  model.on("change:order", draw);
  model.on("change:sentence", draw);
  draw();
}

export default { render };
