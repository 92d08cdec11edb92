// An empty plot. The reader draws a curve, a value a column; then the measured one is laid over it.

const PLOT = { width: 420, height: 256, left: 58, right: 8, top: 12, bottom: 50 };
const STEPS = 40; // of the keyboard, from end to end of the axis

const raised = (n) => String(n).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻");

// Where a value stands on the axis, from 0 to 1, and back.
function scaleOf({ ends, log }) {
  const [low, high] = log ? ends.map(Math.log10) : ends;
  return {
    share: (value) => ((log ? Math.log10(value) : value) - low) / (high - low),
    value: (share) => (log ? 10 ** (low + share * (high - low)) : low + share * (high - low)),
    span: high - low,
  };
}

// A value as one reads it: 51, 0.25, and on a logarithmic axis 2.8·10⁻⁶
function said(value, log) {
  if (!log || (value >= 0.01 && value < 1000)) return number(value, Math.abs(value) >= 10 ? 0 : 2);
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits}·10${raised(Number(power))}`;
}

// How far the drawn curve is from the measured one: on average, and where most.
function distance({ y, drawn, ends, log }) {
  const { share, span } = scaleOf({ ends, log });
  const apart = y.map((value, k) => Math.abs(share(value) - share(drawn[k])) * span);
  const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length;
  const worst = apart.indexOf(Math.max(...apart));
  return { mean: log ? 10 ** mean : mean, worst };
}

// The empty columns between drawn ones take the straight line; those beyond, the last value.
function filled(drawn) {
  const known = drawn.flatMap((value, k) => (value === null ? [] : [k]));
  return drawn.map((value, k) => {
    const [before, after] = [known.filter((j) => j <= k).at(-1), known.find((j) => j >= k)];
    if (before === undefined || after === undefined) return drawn[before ?? after];
    return before === after ? value : drawn[before] + ((drawn[after] - drawn[before]) * (k - before)) / (after - before);
  });
}

function render({ model, el }) {
  const [x, y, labels, ends, log] = ["x", "y", "labels", "ends", "log"].map((key) => model.get(key));
  const root = stage(el, `Draw what you expect: ${labels[1]} against ${labels[0]}`);
  const scale = scaleOf({ ends, log });
  const px = (k) => PLOT.left + (k + 0.5) * ((PLOT.width - PLOT.left - PLOT.right) / x.length);
  const bottom = PLOT.height - PLOT.bottom;
  const py = (value) => bottom - scale.share(value) * (bottom - PLOT.top);
  let here = 0;

  const marks = log
    ? Array.from({ length: Math.round(scale.span) + 1 }, (_, k) => Math.log10(ends[0]) + k)
        .filter((power, k) => k % Math.ceil(scale.span / 5) === 0).map((power) => [10 ** power, `10${raised(Math.round(power))}`])
    : Array.from({ length: 5 }, (_, k) => scale.value(k / 4)).map((value) => [value, number(value, scale.span > 8 ? 0 : 2)]);
  const every = Math.ceil(x.length / 7);
  const line = (role, attributes) => svg("polyline", { fill: "none", stroke: color(role), "stroke-width": 3, ...attributes });
  const mine = line("input", { "stroke-dasharray": dashes("input"), class: "rnn-drawn" });
  const dots = svg("g", { fill: color("input") });
  const measured = line("state", { class: "rnn-measured" });
  const column = svg("line", { y1: PLOT.top, y2: bottom, stroke: color("muted"), "stroke-dasharray": "2 4" });
  const area = svg("rect", {
    x: PLOT.left, y: PLOT.top, width: PLOT.width - PLOT.left - PLOT.right, height: bottom - PLOT.top,
    fill: "transparent", stroke: color("rule"), style: "cursor: crosshair; touch-action: none", class: "rnn-handle",
    tabindex: 0, role: "slider", "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": STEPS,
    "aria-label": `the curve you expect, ${labels[1]}`, "data-lm-suppress-shortcuts": true,
  });
  const names = svg("g", {});
  const picture = svg("svg", { viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, class: "rnn-plot", style: "max-width: 32rem" },
    marks.map(([value, text]) => [
      svg("line", { x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: py(value), y2: py(value), stroke: color("rule") }),
      svg("text", { x: PLOT.left - 6, y: py(value) + 5, "text-anchor": "end", class: "rnn-muted" }, text),
    ]),
    x.map((value, k) => k % every === 0
      && svg("text", { x: px(k), y: bottom + 18, "text-anchor": "middle", class: "rnn-muted" }, String(value))),
    svg("text", { x: (PLOT.left + PLOT.width) / 2, y: PLOT.height - 9, "text-anchor": "middle", class: "rnn-muted" }, labels[0]),
    column, measured, mine, dots, names, area);
  const readout = spoken();
  const show = button("Show what was measured", () => {
    store(model, { drawn: filled(model.get("drawn")), compared: true });
    el.dispatchEvent(new Event("rnn-answer", { bubbles: true })); // what is held back is shown
  }, { class: "rnn-button rnn-main" });
  const again = button("Draw again", () => {
    store(model, { compared: false, drawn: x.map(() => null) });
    area.focus();
  });

  // Sets the columns from one to the other, along the straight line between the two values.
  function set(from, to, value) {
    if (model.get("compared")) return;
    const drawn = [...model.get("drawn")];
    const start = drawn[from] ?? value;
    const step = Math.sign(to - from) || 1;
    for (let k = from; k !== to + step; k += step) {
      const share = to === from ? 1 : (k - from) / (to - from);
      drawn[k] = k === from && to !== from ? start : start + (value - start) * share;
    }
    here = to;
    store(model, { drawn });
  }

  const held = (share) => Math.min(Math.max(share, 0), 1);
  const steps = (k) => Math.round(held(scale.share(model.get("drawn")[k] ?? scale.value(0.5))) * STEPS);

  function follow(event, from) {
    const box = area.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * x.length;
    const to = Math.min(Math.max(Math.floor(place), 0), x.length - 1);
    set(from ?? to, to, scale.value(held(1 - (event.clientY - box.top) / box.height)));
  }
  area.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  area.addEventListener("pointerdown", (event) => {
    area.setPointerCapture(event.pointerId);
    follow(event);
  });
  area.addEventListener("pointermove", (event) => event.buttons && follow(event, here));
  area.addEventListener("keydown", (event) => {
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!up && !side) return;
    event.preventDefault();
    if (up) return set(here, here, scale.value(held((steps(here) + up) / STEPS)));
    const next = Math.min(Math.max(here + side, 0), x.length - 1);
    const drawn = model.get("drawn");
    if (drawn[next] === null && drawn[here] !== null) set(next, next, drawn[here]); // goes on level
    here = next;
    draw();
  });

  function draw() {
    const [drawn, compared] = [model.get("drawn"), model.get("compared")];
    const known = drawn.flatMap((value, k) => (value === null ? [] : [k]));
    const points = (values, which) => which.map((k) => `${px(k).toFixed(1)},${py(values[k]).toFixed(1)}`).join(" ");
    mine.setAttribute("points", points(drawn, known));
    dots.replaceChildren(...known.map((k) => svg("circle", { cx: px(k), cy: py(drawn[k]), r: 3.5 })));
    measured.setAttribute("points", compared ? points(y, y.map((_, k) => k)) : "");
    fill(column, { x1: px(here), x2: px(here), visibility: compared ? "hidden" : "visible" }, []);
    const value = drawn[here] === null ? "nothing drawn" : said(drawn[here], log);
    fill(area, { "aria-valuenow": steps(here), "aria-valuetext": `${labels[0]} ${x[here]}: ${value}` }, []);
    show.disabled = compared || known.length < 2;
    again.disabled = !known.length;
    names.replaceChildren();
    if (!compared) {
      readout.textContent = known.length ? `${labels[0]} ${x[here]}: you say ${value}` : "Nothing drawn yet.";
      return;
    }
    const { mean, worst } = distance({ y, drawn, ends, log });
    const off = log ? `by a factor of ${said(mean, log)}` : `by ${number(mean, mean >= 10 ? 0 : 1)}`;
    readout.textContent = `You were off ${off} on average; most at ${x[worst]}, where you drew `
      + `${said(drawn[worst], log)} and ${said(y[worst], log)} was measured.`;
    const last = x.length - 1;
    const [low, high] = [y, drawn].map((values) => py(values[last])).sort((a, b) => a - b);
    const shift = Math.max(0, (22 - (high - low)) / 2); // the two names stand apart
    for (const [values, text, role] of [[y, "measured", "state"], [drawn, "yours", "input"]]) {
      const height = py(values[last]);
      const above = values === y ? height <= py(drawn[last]) : height < py(y[last]);
      names.append(svg("text", {
        x: px(last), y: height + (above ? -6 - shift / 2 : 18 + shift / 2), "text-anchor": "end",
        style: `fill: ${color(role)}; font-weight: 700; paint-order: stroke; stroke: ${color("paper")}; stroke-width: 4px`,
      }, text));
    }
  }

  root.append(html("p", { class: "rnn-muted" }, `${labels[1]}:`), picture, html("div", { class: "rnn-controls" }, show, again), readout,
    html("p", { class: "rnn-note" },
      "Draw with a finger or the mouse. On the keyboard left and right choose the column, up and down its value. Draw " +
      "what you expect and show what was measured: you should see where the two part."));
  model.on("change:drawn", draw);
  model.on("change:compared", draw);
  draw();
}

export default { render };
