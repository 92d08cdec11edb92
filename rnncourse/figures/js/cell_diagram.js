// One cell, drawn: touch a part, and its term of the equations and its line of code light up.

const WIDTH = 440;
const GATE = { width: 54, height: 52 };
const OP = 12; // radius of a product or a sum
const SIDE = { left: 2, right: WIDTH - UNIT.width - 2 };

// ---- what each cell computes: as CellDiagram.values in Python ------------------------------

function values(S) {
  const { cell, weights, x, h, c, keeps } = S;
  const sum = (name, old = h) => weights[name][0] * x + weights[name][1] * old + weights[name][2];
  if (cell === "rnn") {
    const [w_x, w_h, b] = weights.h;
    return { x: w_x * x, h_prev: w_h * h, b, sum: sum("h"), h: Math.tanh(sum("h")) };
  }
  if (cell === "lstm") {
    const [i, f, g, o] = [logistic(sum("i")), logistic(sum("f")), Math.tanh(sum("g")), logistic(sum("o"))];
    const [keep, write] = [f * c, i * g];
    const tanh_c = Math.tanh(keep + write);
    return { x, h_prev: h, c_prev: c, i, f, g, o, keep, write, c: keep + write, tanh_c, h: o * tanh_c };
  }
  const [r, old, m] = [logistic(sum("r")), logistic(sum("z")), weights.m[1] * h + weights.m[2]];
  const n = Math.tanh(sum("n", 0) + r * m);
  const [keep, write] = [old * h, (1 - old) * n];
  const [z, rest] = keeps ? [old, 1 - old] : [1 - old, old];
  return { x, h_prev: h, r, m, rm: r * m, n, z, rest, keep, write, h: keep + write };
}

const exact = (value) => number(value, 3);
// One step with its numbers, for each part: "0.848 · 0.500 = 0.424".
function arithmetic(part, S) {
  const v = values(S);
  const n = (value) => (value < 0 ? `(${exact(value)})` : exact(value));
  const product = (a, b) => `${n(a)} · ${n(b)} = ${exact(v[part])}`;
  const plus = (...terms) => `${terms.map(n).join(" + ")} = ${exact(v[part])}`;
  const gate = (squash) => {
    const [w_x, w_h, b] = S.weights[part];
    const terms = [`${n(w_x)} · ${n(S.x)}`, `${n(w_h)} · ${n(S.h)}`, n(b)];
    return `${squash}(${terms.join(" + ")}) = ${exact(v[part])}`;
  };
  const lines = {
    rnn: {
      x: () => product(S.weights.h[0], S.x), h_prev: () => product(S.weights.h[1], S.h),
      sum: () => plus(v.x, v.h_prev, v.b), h: () => `tanh(${exact(v.sum)}) = ${exact(v.h)}`,
    },
    lstm: {
      f: () => gate("σ"), i: () => gate("σ"), o: () => gate("σ"), g: () => gate("tanh"),
      keep: () => product(v.f, v.c_prev), write: () => product(v.i, v.g), c: () => plus(v.keep, v.write),
      tanh_c: () => `tanh(${exact(v.c)}) = ${exact(v.tanh_c)}`, h: () => product(v.o, v.tanh_c),
    },
    gru: {
      r: () => gate("σ"), z: () => (S.keeps ? gate("σ") : `1 − ${exact(v.rest)} = ${exact(v.z)}`),
      m: () => `${n(S.weights.m[1])} · ${n(S.h)} + ${n(S.weights.m[2])} = ${exact(v.m)}`,
      rm: () => product(v.r, v.m),
      n: () => `tanh(${n(S.weights.n[0])} · ${n(S.x)} + ${n(S.weights.n[2])} + ${n(v.rm)}) = ${exact(v.n)}`,
      keep: () => product(S.keeps ? v.z : v.rest, v.h_prev), rest: () => `1 − ${exact(v.z)} = ${exact(v.rest)}`,
      write: () => product(S.keeps ? v.rest : v.z, v.n), h: () => plus(v.keep, v.write),
    },
  };
  return lines[S.cell][part]?.() ?? exact(v[part]);
}

// ---- equations: lines of [parts, text]; the first part is the one that a touch chooses ------

const squashed = (gate, squash) => [
  [gate, `${gate} = ${squash}(`], [`x ${gate}`, `W_x${gate} x_t`], [gate, "+"],
  [`h_prev ${gate}`, `W_h${gate} h_t−1`], [gate, `+ b_${gate} )`],
];
const EQUATIONS = {
  rnn: () => [
    [["h", "h_t = tanh("], ["x sum h", "W_xh x_t"], ["sum h", "+"], ["h_prev sum h", "W_hh h_t−1"],
      ["sum h", "+"], ["b sum h", "b_h"], ["h", ")"]],
  ],
  lstm: () => [
    squashed("f", "σ"), squashed("i", "σ"), squashed("g", "tanh"), squashed("o", "σ"),
    [["c", "c_t ="], ["f keep c", "f"], ["keep c", "⊙"], ["c_prev keep c", "c_t−1"], ["c", "+"],
      ["i write c", "i"], ["write c", "⊙"], ["g write c", "g"]],
    [["h", "h_t ="], ["o h", "o"], ["h", "⊙"], ["tanh_c h", "tanh( c_t )"]],
  ],
  gru: (keeps) => [
    squashed("r", "σ"), squashed("z", "σ"),
    [["n", "n = tanh("], ["x n", "W_xn x_t"], ["n", "+ b_n +"], ["r rm n", "r"], ["rm n", "⊙"],
      ["m rm n", "("], ["h_prev m rm n", "W_hn h_t−1"], ["m rm n", "+ b_hn )"], ["n", ")"]],
    [["h", "h_t ="], [keeps ? "z keep h" : "rest keep h", keeps ? "z" : "( 1 − z )"], ["keep h", "⊙"],
      ["h_prev keep h", "h_t−1"], ["h", "+"],
      [keeps ? "rest write h" : "z write h", keeps ? "( 1 − z )" : "z"], ["write h", "⊙"], ["n write h", "n"]],
  ],
};

// "W_xf x_t + 1" as nodes: letters with what stands below them
function formula(text) {
  return text.split(" ").map((word) => {
    const [, letter, below] = word.match(/^([a-zA-Z])(?:_(.+))?$/) ?? [];
    return letter ? variable(letter, below) : operator(word);
  });
}

// "the belt, c_{t−1}" as words alone
const plain = (text) => text.replace(/_\{t−1\}/g, " t minus 1").replace(/_t\b/g, " t");

// ---- the pictures --------------------------------------------------------------------------

// A wire from point to point along right angles with round corners.
function wire(points, { role = "muted", arrow = true, wide = 2 } = {}) {
  const bend = 8;
  let d = `M${points[0]}`;
  for (let k = 1; k < points.length; k += 1) {
    const [[x0, y0], [x1, y1], next] = [points[k - 1], points[k], points[k + 1]];
    if (!next) d += ` L${x1} ${y1}`;
    else {
      const [before, after] = [Math.hypot(x1 - x0, y1 - y0), Math.hypot(next[0] - x1, next[1] - y1)];
      const b = Math.min(bend, before / 2, after / 2);
      d += ` L${x1 - (b * (x1 - x0)) / before} ${y1 - (b * (y1 - y0)) / before}`;
      d += ` Q${x1} ${y1} ${x1 + (b * (next[0] - x1)) / after} ${y1 + (b * (next[1] - y1)) / after}`;
    }
  }
  const [[xa, ya], [xb, yb]] = points.slice(-2);
  const angle = (Math.atan2(yb - ya, xb - xa) * 180) / Math.PI;
  return svg("g", { class: "rnn-wire", style: `color: ${color(role)}` },
    svg("path", { d, fill: "none", stroke: color("paper"), "stroke-width": wide + 5, class: "rnn-halo" }),
    svg("path", { d, fill: "none", stroke: "currentColor", "stroke-width": wide, class: "rnn-line" }),
    svg("path", { d, fill: "none", stroke: "currentColor", "stroke-width": wide + 2.5, class: "rnn-flow" }),
    arrow && svg("path", { d: "M0 0 L-9 -5 L-9 5 z", fill: "currentColor", transform: `translate(${xb} ${yb}) rotate(${angle})` }));
}

// The conveyor belt: two rails and the marks that ride between them.
function belt(from, to, y) {
  const marks = [];
  for (let x = from + 12; x < to - 6; x += 16) marks.push(`M${x - 3} ${y - 4} l4 4 l-4 4`);
  return svg("g", { class: "rnn-belt", style: `color: ${color("cell")}` },
    svg("path", { d: `M${from} ${y} H${to}`, stroke: color("paper"), "stroke-width": 16 }),
    svg("path", { d: `M${from} ${y} H${to}`, stroke: "currentColor", "stroke-width": 13, opacity: 0.16, class: "rnn-bed" }),
    svg("path", { d: `M${from} ${y - 7} H${to} M${from} ${y + 7} H${to}`, stroke: "currentColor", "stroke-width": 2 }),
    svg("path", { d: marks.join(" "), fill: "none", stroke: "currentColor", "stroke-width": 1.6, opacity: 0.75, class: "rnn-marks" }));
}

const box = (x, y, value, role, key) => unitBox(x, y, value, { shown: true, role, key });
const caption = (x, y, text, extra = {}) => {
  const [, letter, below] = text.match(/^(.)_(.+)$/);
  return svg("text", { x, y, "text-anchor": "middle", ...extra },
    svg("tspan", { class: "rnn-var" }, letter), svg("tspan", { dy: 4, style: "font-size: 0.72em" }, below));
};
const figureAt = (x, y, value, anchor = "start") =>
  svg("text", { x, y, "text-anchor": anchor, class: "rnn-on-wire" }, number(value));

// A gate or a candidate: its letter, its squashing, its number over a bar.
function gateBox(cx, cy, name, value, { squash = "σ", letter = name, below = "", key = name } = {}) {
  const role = name === "m" || name === "h" ? "state" : `gate-${name}`;
  const { width, height } = GATE;
  const [x, y] = [cx - width / 2, cy - height / 2];
  const full = width - 12;
  const zero = squash === "σ" ? x + 6 : cx;
  const long = Math.abs(value) * (squash === "σ" ? full : full / 2);
  return svg("g", {},
    svg("rect", { x, y, width, height, rx: 9, fill: color("paper"), stroke: color(role), "stroke-width": 2.5, class: "rnn-node" }),
    svg("text", { x: x + 6, y: y + 18, class: "rnn-var", style: `fill: ${color(role)}; font-weight: 700` },
      letter, below && svg("tspan", { dy: 4, style: "font-size: 0.7em" }, below)),
    svg("text", { x: x + width - 5, y: y + 17, "text-anchor": "end", class: "rnn-muted rnn-squash" }, squash),
    svg("text", { x: cx, y: y + 36, "text-anchor": "middle" }, number(value)),
    svg("rect", { x: x + 6, y: y + height - 11, width: full, height: 6, rx: 3, fill: color("panel") }),
    svg("rect", { x: value < 0 ? zero - long : zero, y: y + height - 11, width: long, height: 6, rx: 2,
      fill: value < 0 ? color("paper") : color(role), stroke: color(role), "data-key": `bar-${key}` }));
}

// A product, a sum or 1 − z: a small circle (a rectangle, so that it can glide).
const round = (cx, cy, sign, key) => svg("g", {},
  svg("rect", { x: cx - OP, y: cy - OP, width: 2 * OP, height: 2 * OP, rx: OP, fill: color("paper"), stroke: color("ink"), "stroke-width": 2, class: "rnn-node", "data-key": key }),
  svg("text", { x: cx, y: cy + (sign.length > 1 ? 5 : 6), "text-anchor": "middle", class: sign.length > 1 ? "rnn-squash" : "rnn-sign" }, sign));
const short = (text, x, y) => svg("text", { x, y, class: "rnn-muted rnn-roomy" }, text);
const body = (y, height) => svg("rect", { x: 74, y, width: 292, height, rx: 16, fill: color("panel"), stroke: color("rule") });

// Each picture: {height, ground, parts}: parts is {part: [what is drawn of it]}, wires first.
const PICTURES = {
  rnn(v, S) {
    const [Y, X] = [98, 62];
    return {
      height: 238, ground: body(30, 138),
      parts: {
        h_prev: [wire([[X + 4, Y], [206 - OP, Y]], { role: "state" }), box(SIDE.left, Y - 18, S.h, "state", "h_prev"),
          caption(33, Y - 28, "h_t−1"), caption(112, Y - 10, "W_hh", { class: "rnn-muted" }), figureAt(158, Y - 10, v.h_prev, "middle")],
        x: [wire([[206, 196], [206, Y + OP]], { role: "input" }), box(206 - UNIT.width / 2, 196, S.x, "input", "x"),
          caption(206 + 52, 220, "x_t"), caption(232, 184, "W_xh", { class: "rnn-muted" }), figureAt(216, 140, v.x)],
        b: [wire([[206, 62], [206, Y - OP]], {}), figureAt(206, 56, v.b, "middle"), caption(176, 56, "b_h")],
        sum: [wire([[206 + OP, Y], [268, Y]], {}), round(206, Y, "+", "sum"), figureAt(240, Y - 10, v.sum, "middle")],
        h: [wire([[322, Y], [SIDE.right, Y]], { role: "state" }), gateBox(295, Y, "h", v.h, { squash: "tanh", letter: "", key: "h" }),
          box(SIDE.right, Y - 18, v.h, "state", "h_next"), caption(SIDE.right + 31, Y - 28, "h_t")],
      },
    };
  },

  lstm(v, S) {
    const [B, G, H, X] = [58, 178, 238, 254]; // belt, gates, the lines of h and x
    const at = { f: 122, i: 182, g: 242, o: 302 };
    const OUT = 345;
    const taps = (name, role, dx, y) => wire([[at[name] + dx, y], [at[name] + dx, G + GATE.height / 2 + 2]], { role });
    const all = (role, dx, y) => Object.keys(at).map((name) => taps(name, role, dx, y));
    const gate = (name, path, word, squash) =>
      [wire(path, { role: `gate-${name}` }), gateBox(at[name], G, name, v[name], { squash }), short(word, at[name] + (name === "g" ? 4 : 5), G - 32)];
    const top = G - GATE.height / 2;
    return {
      height: 322, ground: body(20, 252),
      parts: {
        c_prev: [belt(64, at.f - OP, B), box(SIDE.left, B - 18, S.c, "cell", "c_prev"), caption(33, B - 26, "c_t−1")],
        h_prev: [wire([[64, H], [at.o - 8, H]], { role: "state", arrow: false }), ...all("state", -8, H), box(SIDE.left, H - 18, S.h, "state", "h_prev"), caption(33, H - 26, "h_t−1")],
        x: [wire([[98, 284], [98, X], [at.o + 8, X]], { role: "input", arrow: false }), ...all("input", 8, X), box(98 - UNIT.width / 2, 284, S.x, "input", "x"), caption(98 + 50, 308, "x_t")],
        f: gate("f", [[at.f, top], [at.f, B + OP]], "forget"),
        keep: [belt(at.f + OP, 212 - OP, B), round(at.f, B, "×", "keep"), figureAt(at.f + 46, B - 14, v.keep, "middle")],
        i: gate("i", [[at.i, top], [at.i, 112], [212 - OP, 112]], "input"),
        g: gate("g", [[at.g, top], [at.g, 112], [212 + OP, 112]], "candidate", "tanh"),
        write: [wire([[212, 112 - OP], [212, B + OP]], {}), round(212, 112, "×", "write"), figureAt(220, B + 32, v.write)],
        c: [belt(212 + OP, SIDE.right, B), round(212, B, "+", "c"), box(SIDE.right, B - 18, v.c, "cell", "c_next"), caption(SIDE.right + 31, B - 26, "c_t")],
        tanh_c: [wire([[OUT, B + 8], [OUT, 88]], { role: "cell", arrow: false }), wire([[OUT, 112], [OUT, G - OP]], {}),
          svg("rect", { x: OUT - 19, y: 88, width: 38, height: 24, rx: 8, fill: color("paper"), stroke: color("cell"), "stroke-width": 2, class: "rnn-node" }),
          svg("text", { x: OUT, y: 105, "text-anchor": "middle", class: "rnn-squash" }, "tanh"), figureAt(OUT - 6, 130, v.tanh_c, "end")],
        o: gate("o", [[at.o + GATE.width / 2, G], [OUT - OP, G]], "output"),
        h: [wire([[OUT, G + OP], [OUT, H], [SIDE.right, H]], { role: "state" }), round(OUT, G, "×", "h"), box(SIDE.right, H - 18, v.h, "state", "h_next"), caption(SIDE.right + 31, H - 26, "h_t")],
      },
    };
  },

  gru(v, S) {
    const [T, G, H, X] = [58, 178, 264, 280]; // the state's road, gates, the lines of h and x
    const at = { z: 118, r: 182, rm: 240, n: 304 };
    const foot = G + GATE.height / 2 + 2;
    const M = 122; // where the update gate's line turns
    const tap = (x, role, y, end = foot) => wire([[x, y], [x, end]], { role });
    const head = G - GATE.height / 2;
    const one = S.keeps ? [206, M] : [at.z, M - 26];
    const zUp = S.keeps ? [wire([[at.z, head], [at.z, T + OP]], { role: "gate-z" }), wire([[at.z, M], [one[0] - OP, M]], { role: "gate-z" })]
      : [wire([[at.z, head], [at.z, one[1] + OP]], { role: "gate-z" }), wire([[at.z, M], [at.n - OP, M]], { role: "gate-z" })];
    const rest = S.keeps ? wire([[one[0] + OP, M], [at.n - OP, M]], {}) : wire([[at.z, one[1] - OP], [at.z, T + OP]], {});
    return {
      height: 348, ground: body(20, 278),
      parts: {
        h_prev: [wire([[64, T], [at.z - OP, T]], { role: "state", wide: 4 }), wire([[84, T], [84, H], [at.rm, H], [at.rm, 252]], { role: "state" }),
          tap(at.z - 8, "state", H), tap(at.r - 8, "state", H), box(SIDE.left, T - 18, S.h, "state", "h_prev"), caption(33, T - 26, "h_t−1")],
        x: [wire([[118, 310], [118, X], [at.n, X], [at.n, foot]], { role: "input" }), tap(at.z + 8, "input", X), tap(at.r + 8, "input", X), box(118 - UNIT.width / 2, 310, S.x, "input", "x"), caption(118 + 50, 334, "x_t")],
        r: [wire([[at.r + GATE.width / 2, G], [at.rm - OP, G]], { role: "gate-r" }), gateBox(at.r, G, "r", v.r), short("reset", at.r - 5, head - 6)],
        m: [wire([[at.rm, 226], [at.rm, G + OP]], { role: "state" }),
          svg("rect", { x: at.rm - 23, y: 224, width: 46, height: 26, rx: 8, fill: color("paper"), stroke: color("state"), "stroke-width": 2, class: "rnn-node" }),
          svg("text", { x: at.rm, y: 242, "text-anchor": "middle" }, number(v.m)), svg("text", { x: at.rm + 29, y: 243, class: "rnn-var" }, "m")],
        rm: [wire([[at.rm + OP, G], [at.n - GATE.width / 2, G]], {}), round(at.rm, G, "×", "rm"), figureAt(at.rm, G - 18, v.rm, "middle")],
        n: [wire([[at.n, head], [at.n, M + OP]], { role: "gate-n" }), gateBox(at.n, G, "n", v.n, { squash: "tanh" }), short("candidate", at.n - 68, head - 6)],
        z: [...zUp, gateBox(at.z, G, "z", v.z), short("update", at.z + 6, head - 6)],
        keep: [wire([[at.z + OP, T], [at.n - OP, T]], { role: "state", wide: 4 }), round(at.z, T, "×", "keep"), figureAt(at.z + 64, T - 12, v.keep, "middle")],
        rest: [rest, round(...one, "1−", "rest"), figureAt(one[0] + (S.keeps ? 42 : 18), one[1] + (S.keeps ? -8 : 4), v.rest, S.keeps ? "middle" : "start")],
        write: [wire([[at.n, M - OP], [at.n, T + OP]], {}), round(at.n, M, "×", "write"), figureAt(at.n + 8, T + 34, v.write)],
        h: [wire([[at.n + OP, T], [SIDE.right, T]], { role: "state", wide: 4 }), round(at.n, T, "+", "h"), box(SIDE.right, T - 18, v.h, "state", "h_next"), caption(SIDE.right + 31, T - 26, "h_t")],
      },
    };
  },
};

// ---- the figure ----------------------------------------------------------------------------

const NOTES = {
  rnn: "Touch x_t: you should see another term of the sum light up, the one that is not memory. Then move x_t: the sum and h_t move with it, the term of h_{t−1} does not.",
  lstm: "Touch the forget gate f: you should see it light up in two equations, where it is made and where it is used. Then move x_t: c_t moves, c_{t−1} does not.",
  gru: "Touch the update gate z: you should see it light up where it is made and where it is used. Then switch what z near 1 does: you should see 1 − change its place, and h_t stay as it is.",
};

function render({ model, el }) {
  const cell = model.get("cell");
  const names = Object.keys(model.get("parts"));
  const root = stage(el, `The ${cell.toUpperCase()} cell, part by part`);
  const picture = svg("svg", { role: "group", "aria-label": "Parts of the cell" });
  const equations = html("div", { class: "rnn-terms", role: "group", "aria-label": "Equations" });
  const readout = spoken();
  const sum = html("p", { class: "rnn-sum" });
  const state = () => Object.fromEntries(["cell", "weights", "x", "h", "c", "keeps"].map((key) => [key, model.get(key)]));
  const choose = (part) => store(model, { part });
  // our code keeps with z: where z updates, its z is called 1 − z there, and the other way round
  const inCode = (part) => (!model.get("keeps") && { z: "rest", rest: "z" }[part]) || part;
  // a mouse shows by pointing, a finger by a tap, the keyboard by its focus
  const chooses = (part, name = (same) => same) => ({
    onclick: () => choose(name(part)),
    onpointerenter: (event) => event.pointerType === "mouse" && choose(name(part)),
  });

  const code = html("div", { class: "rnn-source", role: "group", "aria-label": "The step in rnncourse.cells" },
    model.get("code").map((line, k) => html("span", { class: "rnn-codeline", "data-line": k }, pieces(line, k))));

  // A line of code cut where a part begins or ends, so that each piece knows its parts.
  function pieces(line, k) {
    const here = Object.entries(model.get("marks")).filter(([, mark]) => mark[0] === k);
    const cuts = [...new Set([0, line.length, ...here.flatMap(([, mark]) => mark.slice(1))])].sort((a, b) => a - b);
    return cuts.slice(0, -1).map((from, n) => {
      const parts = here.filter(([, [, a, b]]) => a <= from && cuts[n + 1] <= b)
        .sort(([, one], [, other]) => one[2] - one[1] - other[2] + other[1]).map(([part]) => part);
      return html("span", parts.length ? { "data-parts": parts.join(" "), ...chooses(parts[0], inCode) } : {}, line.slice(from, cuts[n + 1]));
    });
  }

  const input = slider({
    label: "x_t", min: -1, max: 1, step: 0.1, value: model.get("x"), role: "input",
    oninput: (value) => store(model, { x: value }),
  });
  const convention = cell === "gru" && menu({
    label: "z near 1", options: [["true", "keeps (PyTorch, our code)"], ["false", "updates (many tutorials)"]],
    value: String(model.get("keeps")), onchange: (value) => store(model, { keeps: value === "true" }),
  });

  function build() {
    const S = state();
    const { height, ground, parts } = PICTURES[cell](values(S), S);
    picture.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
    glide(picture, () => picture.replaceChildren(ground, ...names.map((part) =>
      svg("g", { class: "rnn-part", role: "button", "data-part": part, tabindex: -1, ...chooses(part), onfocus: () => choose(part) },
        parts[part]))));
    equations.replaceChildren(...EQUATIONS[cell](S.keeps).map((line) =>
      html("div", { class: "rnn-term-line" }, line.map(([parts_, text]) =>
        [html("span", { "data-parts": parts_, ...chooses(parts_.split(" ")[0]) }, formula(text)), html("wbr", {})]))));
    input.set(S.x);
    if (convention) convention.set(String(S.keeps));
    light();
  }

  function light() {
    const [S, part] = [state(), model.get("part")];
    const v = values(S);
    const told = (name) => (!S.keeps && model.get("swapped")[name]) || model.get("parts")[name];
    for (const node of picture.querySelectorAll(".rnn-part")) {
      const here = node.dataset.part === part;
      node.classList.toggle("rnn-lit", here);
      node.setAttribute("aria-pressed", here);
      node.setAttribute("tabindex", here ? 0 : -1);
      node.setAttribute("aria-label", `${plain(told(node.dataset.part)[0])}: ${number(v[node.dataset.part])}`);
    }
    for (const node of root.querySelectorAll("[data-parts]")) {
      const name = code.contains(node) ? inCode(part) : part;
      node.classList.toggle("rnn-lit", node.dataset.parts.split(" ").includes(name));
    }
    const [line] = model.get("marks")[inCode(part)];
    for (const node of code.children) node.classList.toggle("rnn-lit", Number(node.dataset.line) === line);
    const [title, does] = told(part);
    readout.replaceChildren(html("strong", {}, rich(title)), `: ${does}`);
    sum.textContent = arithmetic(part, S);
  }

  arrowKeys(root, (change) => {
    const next = names[(names.indexOf(model.get("part")) + change + names.length) % names.length];
    choose(next);
    picture.querySelector(`[data-part="${next}"]`).focus();
  });
  root.append(
    html("div", { class: "rnn-controls" }, input.node, convention ? convention.node : null),
    html("div", { class: "rnn-halves" },
      html("div", { class: "rnn-half rnn-drawn" }, picture),
      html("div", { class: "rnn-half" }, html("div", { class: "rnn-explains" }, readout, sum), equations, code)),
    html("p", { class: "rnn-note" }, rich(NOTES[cell]),
      " One unit, so every wire carries one number; with H units it carries H. The code is the step of rnncourse.cells, as it stands there",
      convention ? ": its z is the one that keeps." : "."),
  );
  for (const key of ["x", "keeps"]) model.on(`change:${key}`, build);
  model.on("change:part", light);
  build();
}

export default { render };
