// Brings a built page to life without a kernel: mounts the figures, and makes things fit.
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

  // ---- what does not fit ----------------------------------------------------------------

  // Rows that a phone shows as cards would no longer be a table to a screen reader.
  function tables() {
    for (const table of document.querySelectorAll("table.rnn-cards")) {
      table.role = "table";
      for (const part of table.querySelectorAll("thead, tbody")) part.role = "rowgroup";
      for (const row of table.rows) row.role = "row";
      for (const head of table.querySelectorAll("th")) head.role = "columnheader";
      for (const cell of table.querySelectorAll("td")) cell.role = "cell";
    }
  }

  // Printed text too wide for its column: columns of numbers get smaller, sentences wrap.
  const SMALLEST = 10; // px
  const isColumns = (text) => /\S {2,}\S|\|/.test(text);
  const printed = new WeakMap(); // as it came, before blanks were taken out

  // Where more than two blanks stand one below the other in every line, two are enough.
  function withoutGaps(text) {
    const lines = text.split("\n");
    const blank = Array.from(lines.reduce((a, b) => (a.length > b.length ? a : b)), (_, k) => lines.every((line) => (line[k] ?? " ") === " "));
    const kept = (line) => [...line].filter((_, k) => !(blank[k] && blank[k - 1] && blank[k - 2])).join("");
    return lines.some((line) => /[^\x00-\uffff]/u.test(line)) ? text : lines.map(kept).join("\n");
  }

  function fitOutput(pre) {
    pre.style.fontSize = "";
    pre.classList.remove("rnn-wrap");
    if (printed.has(pre)) pre.lastChild.data = printed.get(pre);
    if (!pre.clientWidth || pre.scrollWidth <= pre.clientWidth + 1) return;
    if (isColumns(pre.textContent) && pre.lastChild?.nodeType === Node.TEXT_NODE && !printed.has(pre)) printed.set(pre, pre.lastChild.data);
    if (printed.has(pre)) pre.lastChild.data = withoutGaps(printed.get(pre));
    const style = getComputedStyle(pre);
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const share = (pre.clientWidth - padding) / (pre.scrollWidth - padding);
    if (!isColumns(pre.textContent) && share < 0.85) return pre.classList.add("rnn-wrap");
    pre.style.fontSize = `${Math.max(parseFloat(style.fontSize) * share - 0.1, SMALLEST)}px`;
  }

  // A formula wider than its column gets smaller, down to a good half; then it scrolls.
  function fitFormula(formula) {
    formula.dataset.size ??= formula.style.fontSize; // MathJax matches the text's height
    formula.style.fontSize = formula.dataset.size;
    const room = formula.closest("p, li, dd, td, div")?.clientWidth ?? 0;
    const full = parseFloat(getComputedStyle(formula).fontSize);
    for (let size = full, turn = 0; turn < 3; turn += 1) { // parts of it do not shrink in step
      const wide = formula.querySelector("mjx-math")?.scrollWidth ?? 0;
      if (!room || wide <= room + 1) return;
      size = Math.max(size * (room / wide - 0.005), 0.54 * full);
      formula.style.fontSize = `${size.toFixed(2)}px`;
    }
  }

  // What scrolls sideways must be reachable from the keyboard.
  const WIDE = "pre, .output.text_html, .pst-scrollable-table-container, .rnn-scroll, div.math, mjx-container";
  function reachable(node) {
    if (node.scrollWidth > node.clientWidth + 1 && !node.hasAttribute("tabindex")) node.tabIndex = 0;
  }

  // ---- what is near -----------------------------------------------------------------------

  // A page is long. Its figures are mounted, its formulas set and its printed text fitted a
  // screen before the reader comes to them; the rest follows in pauses once the reader moves,
  // and at once for paper. Where the page gets another width, all of it is fitted anew.
  const FIGURE = ".rnncourse-figure";
  const FORMULA = "article .math";
  const OUTPUT = ".cell_output pre";
  const PARTS = [FIGURE, FORMULA, OUTPUT, WIDE].join(", ");
  const SLICE = 8; // ms of work before others have their turn

  const { dataset } = document.documentElement;
  let aim = location.hash; // what a link led to stays in place until the reader moves on
  let parts = [];
  let moved = false; // has the reader?
  let busy = 0; // preparations under way
  const waiting = new Set(); // parts not prepared, or prepared for another width
  const shown = new Set(); // parts that are near

  function settle() {
    if (waiting.size || busy) delete dataset.settled;
    else dataset.settled = "true";
  }

  function fit(node) {
    if (node.matches(OUTPUT)) fitOutput(node);
    if (node.matches(FORMULA)) node.querySelectorAll("mjx-container").forEach(fitFormula);
    if (node.matches(WIDE)) reachable(node);
    for (const wide of node.querySelectorAll(WIDE)) reachable(wide);
  }

  const unset = (node) => node.matches(FORMULA) && !node.querySelector("mjx-container");

  // Parts that came near, together, so that MathJax changes its style sheet once.
  async function prepare(nodes) {
    busy += 1;
    for (const node of nodes) waiting.delete(node);
    for (const node of nodes) if (node.matches(FIGURE)) mount(node);
    const formulas = nodes.filter(unset);
    if (formulas.length) await window.rnncourseSet?.(formulas).catch(() => {}); // not to be had
    nodes.forEach(fit);
    if (aim) document.getElementById(decodeURIComponent(aim.slice(1)))?.scrollIntoView();
    busy -= 1;
    settle();
  }

  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) shown[isIntersecting ? "add" : "delete"](target);
    prepare(entries.filter(({ target, isIntersecting }) => isIntersecting && waiting.has(target))
      .map(({ target }) => target));
  }, { rootMargin: "100% 0px" });

  const pause = (work) => (window.requestIdleCallback ?? setTimeout)(work);
  let resting = false;

  async function rest() {
    const end = performance.now() + SLICE;
    while (waiting.size && performance.now() < end) {
      const [first] = waiting;
      const formulas = [...waiting].filter(unset).slice(0, 3);
      await prepare(unset(first) ? formulas : [first]);
    }
    resting = waiting.size > 0;
    if (resting) pause(rest);
  }

  function goOn() {
    if (moved && !resting) pause(rest);
    if (moved) resting = true;
  }

  function prepareInTurn() {
    parts = [...document.querySelectorAll(PARTS)].filter(
      (node) => !node.parentElement.closest(FIGURE),
    );
    for (const node of parts) {
      waiting.add(node);
      near.observe(node);
    }
    for (const figure of parts.filter((node) => node.matches(FIGURE))) {
      if (figure.getBoundingClientRect().top > window.innerHeight) break;
      mount(figure); // before the first paint, so that nothing moves
    }
    settle();
    const signs = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
    const begin = () => {
      for (const sign of signs) window.removeEventListener(sign, begin);
      moved = true;
      goOn();
    };
    for (const sign of signs) window.addEventListener(sign, begin, { passive: true });
    window.addEventListener("hashchange", () => { aim = location.hash; });
    for (const sign of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      window.addEventListener(sign, () => { aim = ""; }, { passive: true });
    }
    window.addEventListener("beforeprint", () => prepare([...waiting]));
    let frame = 0;
    const anew = () => {
      for (const node of parts) waiting.add(node);
      settle();
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        prepare([...shown]);
        goOn();
      });
    };
    window.addEventListener("resize", anew);
    document.fonts?.addEventListener("loadingdone", anew); // other letters, other widths
  }

  // ---- plots, large ---------------------------------------------------------------------

  // A plot made for a page is small on a phone: a tap shows it as large as the screen allows,
  // turned by a quarter where that is larger.
  function enlarge(picture) {
    const large = picture.cloneNode();
    large.className = picture.naturalWidth > 1.2 * picture.naturalHeight ? "rnn-wide" : "";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    const dialog = document.createElement("dialog");
    dialog.className = "rnn-large";
    dialog.ariaLabel = "The plot, large";
    dialog.append(large, close);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function plots() {
    if (!matchMedia("(max-width: 720px)").matches) return;
    for (const picture of document.querySelectorAll("div.cell_output img")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "rnn-enlarge";
      button.title = "Show it large";
      button.addEventListener("click", () => enlarge(picture));
      picture.replaceWith(button);
      button.append(picture);
    }
  }

  // Paper is light, whatever the screen is.
  function paper() {
    let theme;
    window.addEventListener("beforeprint", () => {
      theme = dataset.theme;
      dataset.theme = "light";
    });
    window.addEventListener("afterprint", () => {
      dataset.theme = theme;
    });
  }

  function start() {
    tables();
    paper();
    plots();
    prepareInTurn();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
