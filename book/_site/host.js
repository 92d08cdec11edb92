// Brings a built page to life without a kernel: mounts the figures, and holds answers back
// until the reader has made a prediction.
(() => {
  // What a figure needs of a widget model: get, set, on, off, save_changes.
  function makeModel(values) {
    const listeners = new Map();
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    return {
      get: (key) => values[key],
      set(key, value) {
        if (same(values[key], value)) return;
        values[key] = value;
        for (const heard of listeners.get(`change:${key}`) ?? []) heard();
      },
      on(event, heard) {
        listeners.set(event, [...(listeners.get(event) ?? []), heard]);
      },
      off(event, heard) {
        listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== heard));
      },
      save_changes() {},
    };
  }

  function mount(place) {
    const render = window.rnncourseFigures?.[place.dataset.figure];
    if (!render || place.dataset.mounted) return;
    const el = document.createElement("div");
    render({ model: makeModel(JSON.parse(place.dataset.state)), el });
    place.append(el); // only now: a figure that fails leaves its table standing
    place.dataset.mounted = "true";
  }

  // ---- predictions ----------------------------------------------------------------------

  const QUIZ = "[data-shufflequestions]"; // what jupyterquiz draws into

  function holdBack(cell, quiz) {
    const output = cell.querySelector(":scope > .cell_output");
    if (!output) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show anyway";
    const note = document.createElement("div");
    note.className = "rnn-held-back";
    note.append("Answer the question above to see what this prints. ", button);
    const reveal = () => {
      output.hidden = false;
      note.remove();
      window.dispatchEvent(new Event("resize")); // what was laid out while hidden
    };
    button.addEventListener("click", () => {
      reveal();
      output.tabIndex = -1;
      output.focus();
    });
    // An answer is a click on an option or, from the keyboard, a change of its radio button.
    quiz.addEventListener("change", reveal, { once: true });
    output.hidden = true;
    output.before(note);
  }

  function predictions() {
    for (const cell of document.querySelectorAll(".cell.tag_predicted")) {
      const before = [...document.querySelectorAll(QUIZ)].filter(
        (quiz) => quiz.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      if (before.length) holdBack(cell, before.at(-1));
    }
  }

  // ---- small mends ----------------------------------------------------------------------

  // What scrolls sideways must be reachable from the keyboard.
  function scrollable() {
    const wide = "pre, .output.text_html, .pst-scrollable-table-container, .rnn-scroll, div.math";
    for (const node of document.querySelectorAll(wide)) {
      if (node.scrollWidth > node.clientWidth + 1 && !node.hasAttribute("tabindex")) {
        node.tabIndex = 0;
      }
    }
  }

  function start() {
    document.querySelectorAll(".rnncourse-figure").forEach(mount);
    predictions();
    scrollable();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
