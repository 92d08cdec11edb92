// Tasks to match with shapes: choose one, then the other, or drag the task onto the shape.

// A small diagram of a shape: inputs below, states in the middle, outputs above.
const WIRING = {
  "one to one": { into: [0], states: [0], out: [0] },
  "one to many": { into: [0], states: [0, 1, 2], out: [0, 1, 2] },
  "many to one": { into: [0, 1, 2], states: [0, 1, 2], out: [2] },
  aligned: { into: [0, 1, 2], states: [0, 1, 2], out: [0, 1, 2] },
  seq2seq: { into: [0, 1], states: [0, 1, 2, 3], out: [2, 3] },
};

function wiring(shape) {
  const { into, states, out } = WIRING[shape];
  const at = (t) => 12 + t * 24 + (4 - states.length) * 12;
  const box = (t, y, role) =>
    svg("rect", { x: at(t) - 7, y, width: 14, height: 14, rx: 4, fill: color("paper"), stroke: color(role), "stroke-width": 2 });
  const line = (x1, y1, x2, y2) => svg("line", { x1, y1, x2, y2, stroke: color("ink"), "stroke-width": 1.5 });
  return svg("svg", { viewBox: "0 0 96 74", "aria-hidden": "true", class: "rnn-wiring" },
    states.slice(1).map((t) => line(at(t - 1) + 7, 37, at(t) - 7, 37)),
    into.map((t) => line(at(t), 44, at(t), 57)), out.map((t) => line(at(t), 17, at(t), 30)),
    into.map((t) => box(t, 57, "input")), states.map((t) => box(t, 30, "state")), out.map((t) => box(t, 3, "output")));
}

function render({ model, el }) {
  const root = stage(el, "A game: which shape does each task have?");
  const [tasks, shapes] = [model.get("tasks"), model.get("shapes")];
  const [readout, score] = [spoken(), html("span", { class: "rnn-value" })];
  let said = "Choose a task, then the shape that fits it.";
  let moved = null; // the task whose button is under the pointer's drag
  let dragged = false; // the click that ends a drag is none

  const isMatched = (n) => model.get("matched").includes(n);
  function choose(n) {
    said = `Chosen: ${tasks[n].asks}`;
    store(model, { chosen: n });
    draw();
  }

  function match(n, shape) {
    if (n < 0 || isMatched(n)) return;
    const { asks, feedback } = tasks[n];
    if (shape !== tasks[n].shape) {
      said = `“${asks}” is not ${shape}. ${feedback[shape]}`;
      store(model, { misses: model.get("misses") + 1, chosen: n });
      return draw(false);
    }
    const matched = [...model.get("matched"), n];
    const next = tasks.findIndex((_, k) => !matched.includes(k));
    said = `“${asks}” is ${shape}: right. ${feedback[shape]}`;
    if (next < 0) said += ` All ${tasks.length} are matched, with ${misses(model.get("misses"))}.`;
    store(model, { matched, chosen: next });
    draw(true);
  }

  const misses = (count) => (count === 1 ? "one miss" : `${count || "no"} misses`);
  const shapeAt = (event) =>
    el.getRootNode().elementsFromPoint(event.clientX, event.clientY)
      .map((node) => node.closest?.("[data-shape]")?.dataset.shape).find(Boolean);

  const cards = tasks.map(({ asks }, n) => {
    const card = button(asks, () => (dragged ? (dragged = false) : choose(n)), { class: "rnn-button rnn-task" });
    let start = null;
    card.addEventListener("pointerdown", (event) => {
      dragged = false;
      if (event.pointerType !== "mouse" || isMatched(n)) return;
      start = [event.clientX, event.clientY];
      card.setPointerCapture(event.pointerId);
    });
    card.addEventListener("pointermove", (event) => {
      if (!start) return;
      const [dx, dy] = [event.clientX - start[0], event.clientY - start[1]];
      if (!dragged && Math.hypot(dx, dy) < 6) return;
      dragged = true;
      card.style.transform = `translate(${dx}px, ${dy}px)`;
      card.classList.add("rnn-dragged");
    });
    const drop = (event) => {
      if (start && dragged) {
        card.style.transform = "";
        card.classList.remove("rnn-dragged");
        const shape = event.type === "pointerup" ? shapeAt(event) : null;
        if (shape) match(n, shape);
      }
      start = null;
    };
    card.addEventListener("pointerup", drop);
    card.addEventListener("pointercancel", drop);
    return card;
  });
  const bins = shapes.map((shape) => {
    const list = html("ul", { class: "rnn-matched" });
    const press = button("", () => match(model.get("chosen"), shape), { class: "rnn-button rnn-bin-name" });
    press.append(wiring(shape), html("span", {}, shape));
    return { shape, press, list, node: html("div", { class: "rnn-bin", "data-shape": shape }, press, list) };
  });
  const again = button("Start over", () => {
    said = "Choose a task, then the shape that fits it.";
    store(model, { matched: [], misses: 0, chosen: 0 });
    draw();
  });

  // tell: was the last match right? undefined: there was none
  function draw(tell) {
    const [matched, chosen] = [model.get("matched"), model.get("chosen")];
    const lost = cards.some((card, n) => isMatched(n) && card === el.getRootNode().activeElement);
    cards.forEach((card, n) => {
      card.hidden = isMatched(n);
      card.setAttribute("aria-pressed", n === chosen);
    });
    bins.forEach(({ shape, press, list }) => {
      press.disabled = chosen < 0;
      list.replaceChildren(...matched.filter((n) => tasks[n].shape === shape).map((n) => html("li", {}, `✓ ${tasks[n].asks}`)));
    });
    if (lost || chosen < 0) (chosen < 0 ? again : cards[chosen]).focus({ preventScroll: true });
    score.textContent = `${matched.length} of ${tasks.length} matched, ${misses(model.get("misses"))}`;
    readout.textContent = said;
    readout.dataset.tell = tell === undefined ? "" : tell ? "right" : "wrong";
  }

  root.append(
    html("div", { class: "rnn-tasks", role: "group", "aria-label": "tasks" }, cards),
    readout,
    html("div", { class: "rnn-bins", role: "group", "aria-label": "shapes" }, bins.map(({ node }) => node)),
    html("div", { class: "rnn-controls" }, again, score),
    html("p", { class: "rnn-note" },
      `Put “${tasks.find(({ shape }) => shape === "seq2seq").asks}” on aligned: you should see what speaks against it. ` +
      "Choose a task and press a shape, by pointer, finger or " +
      "keyboard, or drag the task there with a mouse. In the small diagrams inputs stand below, states in the middle, outputs above."));
  draw();
}

export default { render };
