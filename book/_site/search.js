// The search of the course: sections rather than pages, found while one types. The index and
// MiniSearch are loaded when the search is opened.
(() => {
  const root = document.documentElement.dataset.content_root ?? "";
  const MOST = 30; // hits that are shown
  const AROUND = 170; // characters of an excerpt
  const SHORT = 260; // a text that is shown whole

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `${root}_static/rnncourse/${name}.js`, onload: resolve, onerror: reject });
      document.head.append(script);
    });
  }

  // ---- the index ------------------------------------------------------------------------

  const fold = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
  const parts = (text) => text.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
  // "back-propagation" is found as back, as propagation and as backpropagation
  const joined = (text) => (text.match(/\p{L}+(-\p{L}+)+/gu) ?? []).map((word) => word.replaceAll("-", ""));

  let index = null;
  async function ready() {
    index ??= Promise.all([load("minisearch"), load("sections")]).then(() => {
      const search = new window.MiniSearch({
        fields: ["title", "where", "text"],
        storeFields: ["address", "title", "where", "weight", "text"],
        tokenize: (text) => [...parts(text), ...joined(text)],
        processTerm: fold,
        searchOptions: { tokenize: parts, boost: { title: 3, where: 1.5 } },
      });
      search.addAll(window.rnncourseSections.map(([address, title, where, weight, text], id) =>
        ({ id, address, title, where, weight, text })));
      return search;
    });
    return index;
  }

  // Every word, or what begins with it, or is nearly it; what says them side by side comes first.
  function find(search, query) {
    const phrase = fold(query.trim().replace(/\s+/g, " "));
    const times = (text) => fold(text).split(phrase).length - 1;
    const options = {
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > 3 ? 0.2 : false),
      weights: { fuzzy: 0.25, prefix: 0.7 },
      boostDocument: (id, term, { title, text, weight }) => {
        if (!phrase.includes(" ")) return weight;
        return weight * (1 + 2 * times(title) + Math.sqrt(times(text)));
      },
    };
    let all = search.search(query, { ...options, combineWith: "AND" });
    if (!all.length) all = search.search(query, options);
    // A section counts for more where the whole page speaks of it.
    const page = ({ address }) => address.split("#")[0];
    const total = {};
    for (const one of all) total[page(one)] = (total[page(one)] ?? 0) + one.score;
    const value = (one) => one.score * total[page(one)];
    return all.sort((a, b) => value(b) - value(a));
  }

  // The term of the glossary that was asked for, if it is one: the nearest in length.
  function asTerm(hits, query) {
    const phrase = fold(query.trim());
    const far = ({ title }) => Math.abs(title.length - phrase.length);
    return hits.filter(({ where, title }) => where === "Glossary"
      && (fold(title).includes(phrase) || phrase.includes(fold(title))))
      .sort((a, b) => far(a) - far(b))[0];
  }

  // ---- what is shown --------------------------------------------------------------------

  function element(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }

  // The text with the words that were found marked.
  function marked(text, terms) {
    const pieces = [];
    for (const piece of text.split(/([\p{L}\p{N}_]+)/u)) {
      pieces.push(terms.has(fold(piece)) ? element("mark", "", piece) : piece);
    }
    return pieces;
  }

  // The stretch of text with most of the words.
  function excerpt(text, terms) {
    if (text.length <= SHORT) return text;
    const found = [...text.matchAll(/[\p{L}\p{N}_]+/gu)].filter(([word]) => terms.has(fold(word)));
    let best = { count: 0, start: 0 };
    for (const { index: start } of found) {
      const inside = found.filter((word) => word.index >= start && word.index < start + AROUND - 40);
      const count = new Set(inside.map(([word]) => fold(word))).size + inside.length / 100;
      if (count > best.count) best = { count, start };
    }
    let start = Math.max(best.start - 40, 0);
    if (start) start = text.indexOf(" ", start) + 1;
    let end = Math.min(start + AROUND, text.length);
    if (end < text.length) end = text.lastIndexOf(" ", end);
    return `${start ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`;
  }

  function hit({ address, title, where, text, match }) {
    const terms = new Set(Object.keys(match));
    const link = element("a", "", element("span", "rnn-hit-title", ...marked(title, terms)));
    link.href = root + address;
    if (where) link.append(element("span", "rnn-hit-where", where));
    link.append(element("span", "rnn-hit-text", ...marked(excerpt(text, terms), terms)));
    return link;
  }

  // ---- one form and the list below it -----------------------------------------------------

  function attach(form) {
    const input = form.querySelector("input");
    const dialog = form.closest("dialog");
    const box = dialog ? element("div", "") : document.getElementById("search-results");
    if (!input || !box) return;
    if (dialog) {
      form.after(box);
      dialog.ariaLabel = "Search";
    }
    box.classList.add("rnn-hits");
    const told = element("p", "rnn-hits-told");
    told.role = "status";
    const list = element("ol", "");
    list.ariaLabel = "Sections found";
    const meaning = element("div", "rnn-meaning");
    box.append(told, meaning, list);
    let asked = "";

    async function show() {
      const query = asked = input.value.trim();
      if (!query) {
        told.textContent = "";
        for (const part of [meaning, list]) part.replaceChildren();
        return;
      }
      let search;
      try {
        search = await ready();
      } catch {
        told.textContent = "The search could not be loaded.";
        return;
      }
      if (query !== asked) return;
      const hits = find(search, query);
      const term = hits.length > 1 && asTerm(hits, query);
      if (term) hits.splice(hits.indexOf(term), 1);
      const shown = hits.length > MOST ? `The first ${MOST} of ${hits.length} sections.` : `${hits.length} section${hits.length === 1 ? "" : "s"}.`;
      told.textContent = hits.length ? shown : `Nothing is found for “${query}”. A shorter word may help.`;
      meaning.replaceChildren(...(term ? [hit(term)] : []));
      list.replaceChildren(...hits.slice(0, MOST).map((one) => element("li", "", hit(one))));
      box.dataset.asked = query;
      if (!dialog) history.replaceState(null, "", `?q=${encodeURIComponent(query)}`);
    }

    const links = () => [input, ...box.querySelectorAll("a")];
    function move(step) {
      const all = links();
      const place = all.indexOf(document.activeElement) + step;
      if (place < 0 || place >= all.length) return;
      all[place].focus();
      all[place].scrollIntoView({ block: "nearest" });
    }

    input.addEventListener("focus", () => ready().catch(() => {}));
    input.addEventListener("input", show);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await show();
      (list.querySelector("a") ?? box.querySelector("a"))?.click();
    });
    (dialog ?? form.parentElement).addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(step);
    });
    box.addEventListener("click", (event) => event.target.closest("a") && dialog?.close());
    if (document.activeElement === input) ready().catch(() => {});
    if (!dialog) {
      input.value = new URLSearchParams(location.search).get("q") ?? "";
      show();
    }
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form.bd-search").forEach(attach));
})();
