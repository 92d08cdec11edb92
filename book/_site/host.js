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

  function fitOutput(pre) {
    pre.style.fontSize = "";
    pre.classList.remove("rnn-wrap");
    if (!pre.clientWidth || pre.scrollWidth <= pre.clientWidth + 1) return;
    if (!isColumns(pre.textContent)) return pre.classList.add("rnn-wrap");
    const style = getComputedStyle(pre);
    const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
    const share = (pre.clientWidth - padding) / (pre.scrollWidth - padding);
    pre.style.fontSize = `${Math.max(parseFloat(style.fontSize) * share - 0.1, SMALLEST)}px`;
  }

  // A formula wider than its column gets smaller, down to six tenths; then it scrolls.
  function fitFormula(formula) {
    formula.dataset.size ??= formula.style.fontSize; // MathJax matches the text's height
    formula.style.fontSize = formula.dataset.size;
    const wide = formula.querySelector("mjx-math")?.scrollWidth ?? 0;
    const room = formula.closest("p, li, dd, td, div")?.clientWidth ?? 0;
    if (!room || wide <= room + 1) return;
    const size = parseFloat(getComputedStyle(formula).fontSize);
    formula.style.fontSize = `${(size * Math.max(room / wide - 0.005, 0.6)).toFixed(2)}px`;
  }

  // What scrolls sideways must be reachable from the keyboard.
  function scrollable() {
    const wide = "pre, .output.text_html, .pst-scrollable-table-container, .rnn-scroll, div.math, mjx-container[display]";
    for (const node of document.querySelectorAll(wide)) {
      if (node.scrollWidth > node.clientWidth + 1 && !node.hasAttribute("tabindex")) {
        node.tabIndex = 0;
      }
    }
  }

  function fit() {
    document.querySelectorAll(".cell_output pre").forEach(fitOutput);
    document.querySelectorAll("article mjx-container").forEach(fitFormula);
    scrollable();
  }

  let waiting = 0;
  function fitSoon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(fit);
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
    const { dataset } = document.documentElement;
    let shown;
    window.addEventListener("beforeprint", () => {
      shown = dataset.theme;
      dataset.theme = "light";
    });
    window.addEventListener("afterprint", () => {
      dataset.theme = shown;
    });
  }

  function start() {
    tables();
    paper();
    plots();
    document.querySelectorAll(".rnncourse-figure").forEach(mount);
    fit();
    window.addEventListener("resize", fitSoon);
    window.addEventListener("load", () => window.MathJax?.startup?.promise?.then(fitSoon));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
