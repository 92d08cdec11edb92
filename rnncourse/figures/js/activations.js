// A curve, a point on it, its tangent. The smallest figure of the course: copy it.

const WIDTH = 420;
const HEIGHT = 220;
const px = (z) => WIDTH / 2 + (z * WIDTH) / 10.4;
// each function has an axis that holds all its values: [where it ends, what is marked]
const REACH = { tanh: [1.7, 1], logistic: [1.7, 1], relu: [5.4, 4], linear: [5.4, 4] };

function curve(value, py) {
  const points = [];
  for (let z = -5; z <= 5.001; z += 0.1) {
    points.push(`${px(z).toFixed(1)},${py(value(z)).toFixed(1)}`);
  }
  return points.join(" ");
}

const axis = (x1, y1, x2, y2) => svg("line", { x1, y1, x2, y2, stroke: color("rule") });

function render({ model, el }) {
  const root = stage(el, "Activation function with its slope");
  const line = svg("polyline", { fill: "none", stroke: color("state"), "stroke-width": 3 });
  const tangent = svg("line", { stroke: color("gradient"), "stroke-width": 2.5, class: "rnn-tangent" });
  // one to the right, slope up
  const triangle = svg("path", { fill: color("gradient"), "fill-opacity": 0.18 });
  const rise = svg("text", { style: `fill: ${color("gradient")}; font-weight: 700` });
  const point = svg("circle", { r: 6, fill: color("state"), stroke: color("paper") });
  const marks = [-1, 1].map((sign) => [sign, svg("text", { x: px(0) + 6, class: "rnn-muted" })]);
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", class: "rnn-plot" },
    axis(px(-5), HEIGHT / 2, px(5), HEIGHT / 2),
    axis(px(0), 4, px(0), HEIGHT - 4),
    marks.map(([, node]) => node),
    [-4, -2, 2, 4].map((z) =>
      svg("text", { x: px(z), y: HEIGHT / 2 + 18, "text-anchor": "middle", class: "rnn-muted" }, number(z, 0))),
    triangle, line, tangent, point, rise,
  );
  const readout = spoken();
  const which = menu({
    label: "function",
    options: Object.entries(ACTIVATIONS).map(([key, entry]) => [key, entry.text]),
    value: model.get("function"),
    onchange: (value) => store(model, { function: value }),
  });
  const where = slider({
    label: "z", min: -5, max: 5, step: 0.1, value: model.get("z"),
    oninput: (value) => store(model, { z: value }),
  });

  function draw() {
    const z = model.get("z");
    const { text, value, slope } = ACTIVATIONS[model.get("function")];
    const [a, s] = [value(z), slope(z)];
    const [end, mark] = REACH[model.get("function")];
    const py = (v) => (HEIGHT / 2) * (1 - v / end);
    for (const [sign, node] of marks) {
      fill(node, { y: py(sign * mark) + 5 }, []);
      node.textContent = number(sign * mark, 0);
    }
    const reach = 2.2 / Math.hypot(1, s); // the tangent keeps its length
    const [from, to] = [Math.max(z - reach, -5), Math.min(z + reach, 5)]; // inside the picture
    const run = z > 3 ? -1 : 1; // to the left where the right has no room
    line.setAttribute("points", curve(value, py));
    fill(tangent, {
      x1: px(from), x2: px(to), y1: py(a + s * (from - z)), y2: py(a + s * (to - z)),
    }, []);
    fill(triangle, { d: `M${px(z)} ${py(a)} H${px(z + run)} V${py(a + run * s)} z` }, []);
    const free = run < 0 || s < 0.1 ? -8 : 18; // the side of the point that the curve leaves free
    fill(rise, { x: px(z + run / 2), y: py(a) + free, "text-anchor": "middle" }, []);
    rise.textContent = number(s, 2);
    fill(point, { cx: px(z), cy: py(a) }, []);
    readout.textContent = `${text}(${number(z, 1)}) = ${number(a, 3)}, slope ${number(s, 3)}`;
    which.set(model.get("function"));
    where.set(z);
  }

  root.append(html("div", { class: "rnn-controls" }, which.node, where.node), picture, readout,
    html("p", { class: "rnn-note" },
      "Choose tanh and move z from 0 to 3: you should see the slope fall from 1 to 0.01. The triangle goes " +
      "one to the side and as far up or down as the slope says."));
  model.on("change:z", draw);
  model.on("change:function", draw);
  draw();
}

export default { render };
