// Memory and time against length on logarithmic axes; what lies beyond the measured is dotted.

const WIDTH = 340;
const HEIGHT = 250;
const FRAME = { left: 64, right: 334, top: 26, bottom: 200, low: 7, high: 20 };
const LINES = {
  GRU: { role: "gru", dash: "none", mark: "circle" },
  "Transformer, explicit": { role: "attention", dash: "none", mark: "square" },
  "Transformer, fused": { role: "attention", dash: "7 4", mark: "circle" },
  "minimal GRU": { role: "linear", dash: "none", mark: "circle" },
  "state space": { role: "linear", dash: "7 4", mark: "square" },
};
const KINDS = {
  mib: { text: "memory", ticks: [[0.0001, "0.1 KiB"], [0.01, "10 KiB"], [1, "1 MiB"], [100, "100 MiB"], [10240, "10 GiB"], [1048576, "1 TiB"]] },
  ms: { text: "time", ticks: [[0.01, "10 µs"], [1, "1 ms"], [100, "0.1 s"], [10000, "10 s"], [1000000, "17 min"], [100000000, "28 h"]] },
};
const MODES = {
  learn: "learning from a text",
  write: "writing one token more",
};
const UNITS = {
  mib: [["KiB", 1 / 1024], ["MiB", 1], ["GiB", 1024], ["TiB", 1024 ** 2]],
  ms: [["µs", 0.001], ["ms", 1], ["s", 1000], ["min", 60000], ["h", 3600000]],
};

function inUnits(value, kind) {
  const steps = UNITS[kind];
  const [unit, size] = [...steps].reverse().find((step) => value >= step[1]) ?? steps[0];
  return `${number(value / size, value / size < 9.95 ? 1 : 0)} ${unit}`;
}

// The cost at a length of 2^power, and how it is known: as MemoryAndTime.cost in Python.
function cost(S, model, kind, power, mode = S.mode) {
  const curve = S.curves[mode][model];
  const [lengths, values] = [curve.length, curve[kind]];
  const last = lengths.length - 1;
  if (2 ** power > lengths[last]) {
    return [values[last] * (2 ** power / lengths[last]) ** S.laws[mode][kind][model], "beyond"];
  }
  const k = lengths.findLastIndex((known) => known <= 2 ** power);
  if (lengths[k] === 2 ** power) return [values[k], "measured"];
  const [from, to] = [Math.log2(lengths[k]), Math.log2(lengths[k + 1])];
  const share = (power - from) / (to - from);
  return [values[k] ** (1 - share) * values[k + 1] ** share, "between"];
}

const px = (power) => FRAME.left + ((power - FRAME.low) * (FRAME.right - FRAME.left)) / (FRAME.high - FRAME.low);
const many = (length) => Math.round(length).toLocaleString("en-GB");

function scaleOf(S, kind) {
  const all = Object.keys(S.curves[S.mode]).flatMap((model) =>
    [FRAME.low, FRAME.high].map((power) => Math.log10(cost(S, model, kind, power)[0])));
  const [low, high] = [Math.floor(Math.min(...all) - 0.2), Math.ceil(Math.max(...all) + 0.2)];
  return (value) => FRAME.bottom - ((Math.log10(value) - low) * (FRAME.bottom - FRAME.top)) / (high - low);
}

function marker({ mark, role }, x, y) {
  const look = { fill: color("paper"), stroke: color(role), "stroke-width": 2 };
  return mark === "circle" ? svg("circle", { cx: x, cy: y, r: 3.5, ...look })
    : svg("rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7, ...look });
}

function drawn(S, kind) {
  const py = scaleOf(S, kind);
  const inside = (y) => y > FRAME.top - 1 && y < FRAME.bottom + 1;
  const parts = [svg("text", { x: FRAME.left, y: 14, "font-weight": 700 }, KINDS[kind].text)];
  for (const [value, text] of KINDS[kind].ticks) {
    const y = py(value);
    if (!inside(y)) continue;
    parts.push(svg("line", { x1: FRAME.left, x2: FRAME.right, y1: y, y2: y, stroke: color("rule") }),
      svg("text", { x: FRAME.left - 10, y: y + 5, "text-anchor": "end", class: "rnn-muted", style: "font-size: 13px" }, text));
  }
  for (const [power, text] of [[7, "128"], [11, "2,048"], [15, "32,768"], [20, "1,048,576"]]) {
    parts.push(svg("text", { x: px(power), y: FRAME.bottom + 22, "text-anchor": power === 20 ? "end" : power === 7 ? "start" : "middle", class: "rnn-muted", style: "font-size: 13px" }, text));
  }
  parts.push(svg("text", { x: (FRAME.left + FRAME.right) / 2, y: FRAME.bottom + 40, "text-anchor": "middle", class: "rnn-muted" }, "tokens"));
  for (const model of Object.keys(S.curves[S.mode])) {
    const { length, [kind]: values } = S.curves[S.mode][model];
    const line = LINES[model];
    const known = length.map((l, k) => [px(Math.log2(l)), py(values[k])]);
    const text = (points) => points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ");
    const end = [px(FRAME.high), py(cost(S, model, kind, FRAME.high)[0])];
    parts.push(
      svg("polyline", { points: text([known.at(-1), end]), fill: "none", stroke: color(line.role), "stroke-width": 1.8, "stroke-dasharray": "1.5 4", "data-beyond": model }),
      svg("polyline", { points: text(known), fill: "none", stroke: color(line.role), "stroke-width": 2.4, "stroke-dasharray": line.dash, "data-model": model }),
      known.map(([x, y]) => marker(line, x, y)));
  }
  const x = px(S.power);
  parts.push(svg("line", { x1: x, x2: x, y1: FRAME.top, y2: FRAME.bottom, stroke: color("ink"), "stroke-width": 1.5, "data-key": `${kind}-here` }));
  return parts;
}

function swatch(line) {
  return svg("svg", { viewBox: "0 0 34 12", "aria-hidden": "true", style: "width: 30px; height: 11px; flex: none" },
    svg("line", { x1: 1, x2: 33, y1: 6, y2: 6, stroke: color(line.role), "stroke-width": 2.6, "stroke-dasharray": line.dash }),
    marker(line, 17, 6));
}

function render({ model, el }) {
  const root = stage(el, "Memory and time against length");
  const pictures = ["mib", "ms"].map((kind) =>
    [kind, svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" })]);
  const readout = spoken();
  const body = html("tbody", {});
  const cell = "padding: 0.15rem 0.2rem; border: 0; text-align: right; white-space: nowrap";
  const costs = html("table", { class: "rnn-costs", style: "border-collapse: collapse; margin: 0.5rem auto 0; font-variant-numeric: tabular-nums; display: table; width: auto" },
    html("thead", {}, html("tr", {}, ["model", "memory", "time"].map((text, n) =>
      html("th", { scope: "col", style: n ? cell : cell.replace("right", "left") }, text)))), body);
  const mode = menu({
    label: "cost of", options: Object.entries(MODES), value: model.get("mode"),
    onchange: (value) => store(model, { mode: value }),
  });
  const where = slider({
    label: "tokens", min: FRAME.low, max: FRAME.high, step: 0.5, value: model.get("power"),
    show: (power) => many(2 ** power), oninput: (value) => store(model, { power: value }),
  });

  function draw() {
    const S = Object.fromEntries(["curves", "laws", "mode", "power"].map((key) => [key, model.get(key)]));
    for (const [kind, picture] of pictures) glide(picture, () => picture.replaceChildren(...drawn(S, kind).flat()));
    const models = Object.keys(S.curves[S.mode]);
    const found = models.map((name) => ["mib", "ms"].map((kind) => cost(S, name, kind, S.power)));
    const tell = ([value, how], kind) => inUnits(value, kind) + (how === "beyond" ? "*" : "");
    body.replaceChildren(...models.map((name, n) => html("tr", { "data-row": name },
      html("th", { scope: "row", style: `${cell.replace("right", "left").replace("nowrap", "normal")}; font-weight: 400` },
        html("span", { style: "display: inline-flex; align-items: center; gap: 0.35rem; white-space: normal" }, swatch(LINES[name]), name)),
      html("td", { style: cell }, tell(found[n][0], "mib")),
      html("td", { style: cell }, tell(found[n][1], "ms")))));
    const beyond = models.filter((_, n) => found[n][0][1] === "beyond").length;
    const most = (at) => models[found.map((f) => f[at][0]).reduce((best, v, n, all) => (v > all[best] ? n : best), 0)];
    readout.textContent = `${many(2 ** S.power)} tokens, ${S.mode === "learn" ? "learning" : "writing"}: most memory ${most(0)}, most time ${most(1)}. ` +
      (beyond ? `Extrapolated (*) for ${beyond} of ${models.length}.` : "All measured, or between two measured lengths.");
    mode.set(S.mode);
    where.set(S.power);
  }

  root.append(
    html("div", { class: "rnn-controls" }, mode.node, where.node),
    html("div", { class: "rnn-lanes" }, pictures.map(([, picture]) => picture)),
    costs, readout,
    html("p", { class: "rnn-note" },
      "Choose learning and move the tokens from 2,048 to 4,096: you should see the explicit Transformer's memory grow about fourfold, " +
      "and that of the others about twofold. Marks are measurements on one processor core; dotted lines go on from the last of them, " +
      "with the length or with its square, and were not measured."));
  for (const key of ["mode", "power"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
