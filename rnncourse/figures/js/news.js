// Four trained units read the same words in two orders. What differs is lit; a needle says: news?

const LANE = { width: 366, top: 8, height: 236 };
const GAUGE = { x: 318, y: 110, reach: 40 };
const TURN = 75; // degrees from upright to the ends of the gauge

// The states h_0 … h_3 of a sentence, and how surely each says news.
function read(words, { nouns, verbs, W_xh, W_hh, b_h, W_hy, b_y }) {
  const vocabulary = [...nouns, ...verbs];
  const states = [b_h.map(() => 0)];
  for (const word of words) {
    const x = vocabulary.map((known) => (known === word ? 1 : 0));
    states.push(add(matvec(W_xh, x), matvec(W_hh, states.at(-1)), b_h).map(Math.tanh));
  }
  return { words, states, news: states.map((h) => logistic(matvec(W_hy, h)[0] + b_y[0])) };
}

function polar(degrees, reach) {
  const angle = ((degrees - 90) * Math.PI) / 180;
  return [GAUGE.x + reach * Math.cos(angle), GAUGE.y + reach * Math.sin(angle)];
}

function gauge(share, key) {
  const arc = (from, to, role) =>
    svg("path", {
      d: `M${polar(from, GAUGE.reach)} A${GAUGE.reach} ${GAUGE.reach} 0 0 1 ${polar(to, GAUGE.reach)}`,
      fill: "none", stroke: color(role), "stroke-width": 9,
    });
  const name = (text, x, bold) =>
    svg("text", { x, y: GAUGE.y + 10, "text-anchor": "middle", "font-weight": bold ? 700 : 400, class: bold ? null : "rnn-muted", style: `font-size: 14px; paint-order: stroke; stroke: ${color("paper")}; stroke-width: 4px` }, text);
  const turn = `rotate(${((2 * share - 1) * TURN).toFixed(1)}deg)`;
  return svg("g", { class: "rnn-gauge" },
    svg("text", { x: GAUGE.x, y: GAUGE.y - 58, "text-anchor": "middle", "font-weight": 600 }, "news?"),
    arc(-90, 0, "rule"), arc(0, 90, "output"),
    svg("path", {
      d: `M${GAUGE.x - 4} ${GAUGE.y} L${GAUGE.x} ${GAUGE.y - 47} L${GAUGE.x + 4} ${GAUGE.y} z`, fill: color("ink"),
      style: `transform: ${turn}; transform-origin: ${GAUGE.x}px ${GAUGE.y}px`, "data-key": key,
    }),
    svg("circle", { cx: GAUGE.x, cy: GAUGE.y, r: 7, fill: color("ink") }),
    name("no", GAUGE.x - GAUGE.reach, share < 0.5), name("yes", GAUGE.x + GAUGE.reach, share >= 0.5),
    svg("text", { x: GAUGE.x, y: GAUGE.y + 32, "text-anchor": "middle" }, number(share)));
}

// The edges of W_hy, from the units of the last column to the needle.
function edgesOut(W_hy, shown) {
  const x = columnX(2) + UNIT.width + 1;
  return W_hy[0].map((weight, k) =>
    svg("line", {
      x1: x, y1: unitY(k, LANE.top) + UNIT.height / 2, x2: GAUGE.x - 7, y2: GAUGE.y, stroke: color("output"),
      "stroke-width": Math.min(0.4 + 1.2 * Math.abs(weight), 3.4), "stroke-dasharray": weight < 0 ? "4 3" : null,
      opacity: shown ? 0.55 : 0.14,
    }));
}

function wordBox(t, word, differs, shown) {
  const [x, y] = [columnX(t), unitY(4, LANE.top) + 20];
  const middle = x + UNIT.width / 2;
  return svg("g", { opacity: shown ? 1 : 0.45 },
    svg("path", { d: `M${middle} ${y - 2} V${y - 15} m-5 6 l5 -7 l5 7`, fill: "none", stroke: color("input"), "stroke-width": 2 }),
    svg("rect", { x, y, width: UNIT.width, height: 28, rx: 14, fill: color(differs ? "lit" : "paper"), stroke: color("input"), "stroke-width": 2 }),
    svg("text", { x: middle, y: y + 19, "text-anchor": "middle", "font-weight": 600 }, word));
}

function lane(here, there, step, W_hh, W_hy, key) {
  return svg("svg", { viewBox: `0 0 ${LANE.width} ${LANE.height}`, "aria-hidden": "true", class: "rnn-lane" },
    here.words.map((word, t) => {
      const [shown, now] = [t < step, t + 1 === step];
      return svg("g", { "data-step": t + 1 },
        t > 0 && unitEdges(t, LANE.top, { W_hh, now, shown }),
        here.states[t + 1].map((value, k) =>
          unitBox(columnX(t), unitY(k, LANE.top), value, {
            shown, now, lit: shown ? apartness(value, there.states[t + 1][k]) : 0, key: `${key}-${t}-${k}`,
          })),
        wordBox(t, word, word !== there.words[t], shown));
    }),
    edgesOut(W_hy, step === 3), gauge(here.news[step], `${key}-needle`));
}

function render({ model, el }) {
  const root = stage(el, "Four trained units read a sentence in both orders");
  const network = Object.fromEntries(
    ["nouns", "verbs", "W_xh", "W_hh", "b_h", "W_hy", "b_y"].map((key) => [key, model.get(key)]));
  let timer = null;

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Read";
  }
  function go(step) {
    store(model, { step: Math.min(Math.max(step, 0), 3) });
    if (model.get("step") === 3) pause();
  }
  const back = button("◀", () => { pause(); go(model.get("step") - 1); }, { "aria-label": "step back" });
  const on = button("▶", () => { pause(); go(model.get("step") + 1); }, { "aria-label": "step forward" });
  const play = button("Read", () => {
    if (timer) return pause();
    go(0);
    play.textContent = "Pause";
    timer = setInterval(() => (el.isConnected ? go(model.get("step") + 1) : pause()), 900);
  });

  // One menu a word. A noun that the other place holds changes places with it.
  const choose = (place, word) => {
    const words = [...model.get("words")];
    if (words[2 - place] === word && place !== 1) words[2 - place] = words[place];
    words[place] = word;
    store(model, { words });
  };
  const menus = ["who", "does", "whom"].map((label, place) => menu({
    label, value: model.get("words")[place],
    options: network[place === 1 ? "verbs" : "nouns"].map((word) => [word, word]),
    onchange: (word) => choose(place, word),
  }));
  for (const { node } of menus) node.firstChild.classList.add("rnn-sr"); // they read as a sentence
  const swap = button("", () => store(model, { words: [...model.get("words")].reverse() }), { class: "rnn-button rnn-main" });

  const lanes = html("div", { class: "rnn-lanes" });
  const readout = spoken();

  function draw() {
    const [words, step] = [model.get("words"), model.get("step")];
    const both = [words, [...words].reverse()].map((said) => read(said, network));
    glide(lanes, () => lanes.replaceChildren(
      lane(both[0], both[1], step, network.W_hh, network.W_hy, "a"),
      lane(both[1], both[0], step, network.W_hh, network.W_hy, "b")));
    menus.forEach((control, place) => control.set(words[place]));
    swap.textContent = `Swap ${words[0]} and ${words[2]}`;
    on.disabled = false;
    close(back, step === 0, on);
    close(on, step === 3, back);
    const say = ({ words: said, news }) => `“${said.slice(0, step).join(" ")}”: ${number(news[step])}`;
    readout.textContent = step ? `News? ${say(both[0])}, ${say(both[1])}.` : "Nothing is read yet.";
  }

  arrowKeys(root, (change) => { pause(); go(model.get("step") + change); });
  root.append(
    html("div", { class: "rnn-controls" }, swap,
      html("div", { class: "rnn-control" }, back, play, on),
      html("div", { class: "rnn-control" }, menus.map((control) => control.node))),
    lanes, readout,
    html("p", { class: "rnn-note" },
      "Swap dog and man: you should see both needles swing. Yellow is what differs between the two orders. " +
      "Each column is the network’s memory after a word: four numbers. It is a toy, trained on 36 made-up " +
      "sentences, all that these words make: it is news when a man bites, when an animal bites a larger " +
      "one, and when an animal feeds anybody."),
  );
  for (const key of ["words", "step"]) model.on(`change:${key}`, draw);
  draw();
  return pause;
}

export default { render };
