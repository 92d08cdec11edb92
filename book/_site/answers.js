// What the reader answered, kept in this browser and nowhere else, and the page that lists what
// was wrong at first.
(() => {
  const OURS = "rnncourse "; // how our keys begin
  const KEY = `${OURS}answers`;

  // { "page question": { page, place, chapter, title, question, said: [{ answer, right }, …] } }
  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {};
    }
  }

  function allowed() {
    try {
      localStorage.setItem(`${OURS}try`, "");
      localStorage.removeItem(`${OURS}try`);
      return true;
    } catch {
      return false;
    }
  }

  function keep({ target, detail }) {
    const { pagename } = document.documentElement.dataset;
    if (!pagename || !detail) return;
    const answers = read();
    const id = `${pagename} ${detail.question}`;
    const { said = [] } = answers[id] ?? {};
    if (said.at(-1)?.answer === detail.answer) return;
    answers[id] = {
      page: pagename,
      place: target.closest("section[id]")?.id ?? "",
      chapter: document.querySelector("article h1")?.firstChild.textContent.trim() ?? "",
      title: detail.title,
      question: detail.question,
      said: [...said, { answer: detail.answer, right: detail.right }],
    };
    try {
      localStorage.setItem(KEY, JSON.stringify(answers));
    } catch {
      // the page of answers says so
    }
  }

  // ---- the list ---------------------------------------------------------------------------

  function element(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }

  // Text with code, indices and formulas, and nothing else that a storage may hold.
  function safe(html) {
    const copy = (node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.data;
      const children = [...node.childNodes].map(copy);
      const known = ["CODE", "I", "SUB", "SUP", "EM", "B", "STRONG"].includes(node.tagName);
      if (known) return element(node.tagName, "", ...children);
      return element("span", node.classList?.contains("math") ? "math" : "", ...children);
    };
    return [...new DOMParser().parseFromString(html, "text/html").body.childNodes].map(copy);
  }

  function item({ page, place, title, question, said }) {
    const again = element("a", "", "Back to the question");
    again.href = `${document.documentElement.dataset.content_root}${page}.html${place ? `#${place}` : ""}`;
    const later = said.some(({ right }) => right);
    const state = element("span", later ? "rnn-later" : "rnn-open-still", later ? "right later" : "not right yet");
    return element("li", "",
      element("p", "rnn-asked", ...safe(question)),
      element("p", "", "You said: ", element("q", "", ...safe(said[0].answer))),
      element("p", "rnn-small", state, ` · ${title} · `, again));
  }

  function list(box) {
    const all = Object.values(read()).sort((a, b) => a.page.localeCompare(b.page));
    const wrong = all.filter(({ said }) => !said[0].right);
    const chapters = new Map();
    for (const one of wrong) chapters.set(one.chapter, [...(chapters.get(one.chapter) ?? []), one]);
    const told = element("p", "rnn-tally");
    Object.assign(told, { role: "status", tabIndex: -1 });
    box.replaceChildren(told);
    if (!allowed()) {
      told.textContent = "Your browser keeps nothing for this page, so there is no list. A private window, or a "
        + "setting that blocks site data, does that.";
      return;
    }
    if (!all.length) {
      told.textContent = "Nothing yet. Open a chapter, predict before you run, and come back: what you got wrong "
        + "is what you will learn most from.";
      return;
    }
    const later = wrong.filter(({ said }) => said.some(({ right }) => right)).length;
    told.textContent = `${all.length} answered, ${wrong.length} wrong at first, ${later} of these right later.`;
    for (const [chapter, ones] of chapters) {
      const heading = element("h2", "", chapter);
      box.append(heading, element("ul", "rnn-wrongs", ...ones.map(item)));
    }
    const forget = element("button", "rnn-forget", "Forget all my answers");
    forget.type = "button";
    forget.addEventListener("click", () => {
      if (!confirm("Forget all answers and the scores of the quizzes?")) return;
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(OURS)) localStorage.removeItem(key);
      }
      list(box);
      box.firstChild.focus();
    });
    box.append(forget);
    if (box.querySelector(".math")) window.rnncourseSet?.([box]);
  }

  document.addEventListener("rnn-answer", keep);
  const box = document.querySelector(".rnn-answers");
  if (box) list(box);
})();
