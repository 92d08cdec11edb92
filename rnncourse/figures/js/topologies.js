// Five shapes of task, one drawing: inputs from below, columns of eight numbers, outputs above.

const WIDTH = 440;
const BAR = { height: 10, gap: 3 };
const TOP = 58; // of the columns
const TALL = 8 * (BAR.height + BAR.gap);
const BELOW = TOP + TALL + 34; // where inputs stand

const isPicture = (into) => into === "picture";
const rowOf = (into) => (/^row \d$/.test(into ?? "") ? Number(into.slice(4)) - 1 : null);

const ROWS = [0, 1, 2, 3, 4, 5, 6, 7];

// Grey levels 0 … 16 as squares, or as boxes `tall` high; rows: which of them are drawn
function pixels(picture, x, y, size, rows = ROWS, tall = size) {
  const wide = 8 * size;
  return svg("g", {},
    rows.flatMap((row, line) => Array.from({ length: 8 }, (_, column) =>
      svg("rect", {
        x: x - wide / 2 + column * size, y: y + line * tall, width: size, height: tall,
        fill: `color-mix(in srgb, ${color("ink")} ${Math.round((100 * picture[8 * row + column]) / 16)}%, ${color("paper")})`,
      }))),
    svg("rect", { x: x - wide / 2, y, width: wide, height: rows.length * tall, fill: "none", stroke: color("input"), "stroke-width": 1.5 }));
}

function arrow(x1, y1, x2, y2, role, attributes = {}) {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return svg("g", attributes,
    svg("line", { x1, y1, x2, y2, stroke: color(role), "stroke-width": 2 }),
    svg("path", { d: "M0 0 L-8 -4.5 L-8 4.5 z", fill: color(role), transform: `translate(${x2} ${y2}) rotate(${angle})` }));
}

// One state: eight bars, left of the middle where negative.
function column(x, half, h, t, shown, now) {
  return svg("g", { "data-step": t },
    svg("rect", {
      x: x - half - 2, y: TOP - 4, width: 2 * half + 4, height: TALL + 5, rx: 6, "stroke-dasharray": shown ? null : "3 3",
      fill: color(now ? "panel" : "paper"), stroke: color(now ? "state" : "muted"), "stroke-width": now ? 2.5 : 1,
    }),
    shown && svg("line", { x1: x, x2: x, y1: TOP - 2, y2: TOP + TALL - 1, stroke: color("muted") }),
    shown && h.map((value, k) => svg("rect", {
      x: value < 0 ? x + value * half : x, y: TOP + k * (BAR.height + BAR.gap), width: Math.abs(value) * half, height: BAR.height,
      fill: color(value < 0 ? "paper" : "state"), stroke: color("state"), "stroke-width": 1.2, "data-key": `h-${t}-${k}`,
    })));
}

function token(x, y, text, half, role, { bold, faint }) {
  return svg("g", { opacity: faint ? 0.4 : 1 },
    svg("rect", { x: x - half, y, width: 2 * half, height: 26, rx: 8, fill: color("paper"), stroke: color(role), "stroke-width": bold ? 2.5 : 1.5 }),
    svg("text", { x, y: y + 18, "text-anchor": "middle", "font-weight": bold ? 700 : 400 }, text));
}

function drawing({ run, shape, picture, step }) {
  const pitch = Math.min(62, (WIDTH - 8) / run.length);
  const half = Math.min(pitch / 2 - 6, 22);
  const left = (WIDTH - pitch * run.length) / 2 + pitch / 2;
  const at = (t) => left + (t - 1) * pitch;
  const encoder = shape === "seq2seq" ? run.filter(([, , out]) => out === null).length : 0;
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${BELOW + 96}`, "aria-hidden": "true", class: "rnn-plot" },
    encoder > 0 && [["encoder", 0, encoder], ["decoder", encoder, run.length]].map(([name, from, to]) =>
      svg("text", { x: (at(from + 1) + at(to)) / 2, y: BELOW + 50, "text-anchor": "middle", class: "rnn-muted" }, name)),
    shape === "many to one" && [ // what has been read so far, row under row
      svg("text", { x: WIDTH / 2 - 44, y: BELOW + 58, "text-anchor": "end", class: "rnn-muted" }, "read so far"),
      pixels(picture, WIDTH / 2, BELOW + 28, 8, ROWS.slice(0, step)),
    ],
    run.map(([into, h, out], index) => {
      const t = index + 1;
      const [shown, now, x] = [t <= step, t === step, at(t)];
      const fedBack = into !== null && index > encoder && ["one to many", "seq2seq"].includes(shape);
      const row = rowOf(into);
      return svg("g", {},
        t > 1 && arrow(at(t - 1) + half + 3, TOP + TALL / 2, x - half - 4, TOP + TALL / 2, "state", { opacity: shown ? 1 : 0.3 }),
        fedBack && svg("path", {
          d: `M${at(t - 1) + half} ${TOP - 35} C${x - pitch / 2 + 2} ${TOP - 35} ${x - pitch / 2} ${TOP - 20} ${x - pitch / 2} ${TOP} V${BELOW - 12} C${x - pitch / 2} ${BELOW + 8} ${x - pitch / 2 - 2} ${BELOW + 13} ${x - half} ${BELOW + 13}`,
          fill: "none", stroke: color("output"), "stroke-width": 1.5, "stroke-dasharray": dashes("output"), opacity: shown ? 0.9 : 0.25,
        }),
        column(x, half, h, t, shown, now),
        into !== null && arrow(x, BELOW - 3, x, TOP + TALL + 6, "input", { opacity: shown ? 1 : 0.3 }),
        isPicture(into) ? pixels(picture, run.length > 1 ? x - 24 : x, BELOW, 10)
          : row !== null ? svg("g", { opacity: shown ? 1 : 0.4 }, pixels(picture, x, BELOW, pitch / 9, [row], 14))
            : into !== null && token(x, BELOW, shown || !fedBack ? into : "?", half, fedBack ? "output" : "input", { bold: now, faint: !shown }),
        out !== null && [
          arrow(x, TOP - 6, x, TOP - 20, "output", { opacity: shown ? 1 : 0.3 }),
          token(x, TOP - 48, shown ? out : "?", half, "output", { bold: now, faint: !shown }),
        ]);
    }));
}

function render({ model, el }) {
  const root = stage(el, "One digit through five shapes of task");
  const picture = html("div");
  const [readout, arrays] = [spoken(), html("p", { class: "rnn-note" })];
  const runOf = () => model.get("runs")[model.get("shape")][model.get("digit")];
  const last = (shape, digit) => model.get("runs")[shape][digit].length;
  const go = (step) => store(model, { step: Math.min(Math.max(step, 1), runOf().length) });
  const choose = (shape, digit, step) => store(model, { shape, digit, step: step ?? last(shape, digit) });

  const kinds = Object.keys(model.get("shapes")).map((shape) => ({
    shape, node: button(shape, () => choose(shape, model.get("digit"))),
  }));
  const digits = menu({
    label: "digit", value: model.get("digit"), options: model.get("names").map((name, d) => [d, name]),
    onchange: (d) => choose(model.get("shape"), Number(d)),
  });
  const back = button("◀", () => go(model.get("step") - 1), { "aria-label": "step back" });
  const on = button("▶", () => go(model.get("step") + 1), { "aria-label": "step forward" });
  const first = button("start", () => go(1), { "aria-label": "first step" });
  const time = html("span", { class: "rnn-value" });

  function draw() {
    const [shape, digit] = [model.get("shape"), model.get("digit")];
    const run = runOf();
    if (!run) return;
    const step = Math.min(model.get("step"), run.length); // the other half of a change may be to come
    const [into, h, out, p] = run[step - 1];
    const [asked, shapes] = model.get("shapes")[shape];
    glide(picture, () => picture.replaceChildren(drawing({ run, shape, picture: model.get("pictures")[digit], step })));
    kinds.forEach(({ shape: kind, node }) => node.setAttribute("aria-pressed", kind === shape));
    digits.set(digit);
    time.textContent = `step ${step} of ${run.length}`;
    on.disabled = false;
    close(back, step === 1, on);
    close(on, step === run.length, step === 1 ? digits.input : back);
    const reads = into === null ? "nothing comes in" : `in: ${into}`;
    const says = out === null ? "nothing is asked" : `out: ${out} (${number(p)})`;
    readout.textContent = `${asked} Step ${step}: ${reads}; ${says}. h${low(step)} = (${h.map((v) => number(v)).join(", ")})`;
    arrays.textContent = shapes;
  }

  arrowKeys(root, (change) => go(model.get("step") + change));
  root.append(
    html("div", { class: "rnn-controls rnn-lights", role: "group", "aria-label": "shape of the task" }, kinds.map(({ node }) => node)),
    html("div", { class: "rnn-controls" }, digits.node, html("div", { class: "rnn-control" }, first, back, on, time)),
    picture, readout, arrays,
    html("p", { class: "rnn-note" },
      "Choose “aligned”, press start and step: after its first letter you should see the network unsure between the sounds of " +
      "two and three, which begin alike; one letter later it knows, too late for the first. Below is what comes in, above what " +
      "goes out, dashed what is fed back; ■ ends a word, – is a silent letter. Pictures are scikit-learn’s, held out; the ten names are all learned."));
  for (const key of ["shape", "digit", "step"]) model.on(`change:${key}`, draw);
  draw();
}

export default { render };
