// Questions, one at a time. An option that is chosen tells its reason; the first choice counts.
// The browser keeps, under the text of each question, the options that were chosen in turn.

const LETTERS = "ABCD";

function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {}; // storage is refused, or holds something else
  }
}

function remember(key, answers) {
  try {
    localStorage.setItem(key, JSON.stringify(answers));
  } catch {
    // then the score lasts as long as the page
  }
}

// Text with marks of its own: code, indices, formulas.
function marked(tag, attributes, text) {
  const node = html(tag, attributes);
  node.innerHTML = text;
  return node;
}

// Has the page, or MathJax where it is there, set the formulas.
async function typeset(node) {
  const set = window.rnncourseSet ?? window.MathJax?.typesetPromise;
  if (!node.querySelector(".math") || !set) return;
  await set([node]);
  // A formula inside an option is no place to stop for the keyboard.
  for (const formula of node.querySelectorAll(".rnn-option mjx-container")) formula.tabIndex = -1;
  window.dispatchEvent(new Event("resize"));
}

// Radio buttons whose arrow keys only move, since a choice is an answer: Space or Enter chooses.
function radios(options, label, choose) {
  const buttons = options.map((text, k) =>
    html(
      "button",
      { type: "button", role: "radio", class: "rnn-option", onclick: () => choose(k) },
      html("span", { class: "rnn-letter", "aria-hidden": "true" }),
      html("span", { class: "rnn-sr" }),
      marked("span", {}, text),
    ),
  );
  const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const move = (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const here = buttons.indexOf(document.activeElement);
    reach((here + step + buttons.length) % buttons.length).focus();
  };
  const reach = (place) => {
    buttons.forEach((option, k) => (option.tabIndex = k === place ? 0 : -1));
    return buttons[place];
  };
  reach(0);
  const node = html(
    "div",
    { class: "rnn-options", role: "radiogroup", "aria-labelledby": label, onkeydown: move },
    buttons,
  );
  return { node, buttons, reach };
}

// Where a question is answered: a link in the book, words in a notebook, which has no address for it.
function section({ page, section, anchor }, text = section) {
  const root = document.documentElement.dataset.content_root;
  return root ? html("a", { href: `${root}notebooks/${page}.html#${anchor}` }, text) : html("span", {}, text);
}

// The score by chapter, and of each chapter the sections to read again.
function tally(questions) {
  const body = html("tbody");
  const head = ["chapter", "right at first", "read again"].map((name) => html("th", { scope: "col" }, name));
  const node = html("details", { class: "rnn-tally" },
    html("summary", {}, "By chapter"), html("table", {}, html("thead", {}, html("tr", {}, head)), body));
  const told = questions.filter(({ see }) => see).map(({ see }) => see.chapter);
  const chapters = [...new Set(told)].sort((a, b) => a - b);
  const row = (chapter, results) => {
    const asked = questions.map((question, k) => ({ ...question, right: results[k] }))
      .filter(({ see, right }) => see?.chapter === chapter && right !== undefined);
    const missed = new Map(asked.filter(({ right }) => !right).map(({ see }) => [see.section, see]));
    const links = [...missed.values()].map((see) => html("li", {}, section(see)));
    return asked.length && html("tr", {}, html("th", { scope: "row" }, `${chapter}`),
      html("td", {}, `${asked.filter(({ right }) => right).length} of ${asked.length}`),
      html("td", {}, links.length ? html("ul", {}, links) : "nothing"));
  };
  function show(results) {
    const done = !results.includes(undefined);
    node.hidden = !chapters.length || results.every((right) => right === undefined);
    if (done && body.dataset.done !== "true") node.open = true;
    body.dataset.done = done;
    body.replaceChildren(...chapters.map((chapter) => row(chapter, results)).filter(Boolean));
  }
  return { node, show };
}

// One question. tried: the options that were chosen so far; answer(k) is told of each choice.
function ask(question, tried, answer) {
  const id = freshId("question");
  const group = radios(question.options, id, (k) => {
    answer(k);
    show();
    typeset(feedback);
    feedback.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
  });
  const feedback = html("div", { class: "rnn-feedback", "aria-live": "polite" });
  const node = html(
    "div",
    { class: "rnn-question" },
    marked("div", { id, class: "rnn-asked" }, question.text),
    question.code ? html("div", { class: "rnn-code rnn-scroll" }, html("code", {}, question.code)) : null,
    group.node,
    feedback,
  );

  function show() {
    const chosen = tried().at(-1);
    group.buttons.forEach((option, k) => {
      const right = k === question.right;
      const known = tried().includes(k);
      option.setAttribute("aria-checked", k === chosen);
      option.classList.toggle("rnn-right", known && right);
      option.classList.toggle("rnn-wrong", known && !right);
      const [mark, words] = option.children;
      mark.textContent = known ? (right ? "✓" : "✗") : LETTERS[k];
      words.textContent = `${LETTERS[k]}${known ? (right ? ", right" : ", not right") : ""}: `;
    });
    feedback.replaceChildren();
    feedback.className = "rnn-feedback";
    if (chosen === undefined) return;
    const right = chosen === question.right;
    group.reach(chosen);
    feedback.classList.add(right ? "rnn-right" : "rnn-wrong");
    feedback.append(
      html("strong", {}, `${LETTERS[chosen]} is ${right ? "right" : "not right"}.`), " ",
      marked("span", {}, question.feedback[chosen]),
    );
    if (question.see) {
      feedback.append(html("div", { class: "rnn-see" }, `Chapter ${question.see.chapter}, section `, section(question.see)));
    }
  }
  show();
  return { node, show, focus: () => group.buttons.find((b) => !b.tabIndex).focus({ preventScroll: true }) };
}

// The way through several questions: a dot for each, back and forth.
function pager(count, go) {
  const dots = Array.from({ length: count }, (_, k) =>
    html("button", { type: "button", class: "rnn-dot", onclick: () => go(k) }));
  let here = 0;
  const back = button("Previous", () => go(here - 1));
  const forth = button("Next", () => go(here + 1));
  const node = html("div", { class: "rnn-pager", role: "group", "aria-label": "Questions" },
    back, html("div", { class: "rnn-dots" }, dots), forth);
  function show(place, results) {
    here = place;
    back.disabled = place === 0;
    forth.disabled = place === count - 1;
    dots.forEach((dot, k) => {
      const right = results[k];
      const told = { true: ", right", false: ", not right at first" }[right] ?? "";
      dot.textContent = { true: "✓", false: "✗" }[right] ?? k + 1;
      dot.setAttribute("aria-label", `Question ${k + 1}${told}`);
      dot.setAttribute("aria-current", k === place ? "step" : "false");
      dot.classList.toggle("rnn-right", right === true);
      dot.classList.toggle("rnn-wrong", right === false);
    });
  }
  return { node, show };
}

function render({ model, el }) {
  const [questions, title, keep] = ["questions", "title", "keep"].map((key) => model.get(key));
  const root = stage(el, title);
  root.classList.add("rnn-quiz");
  const key = `rnncourse ${keep}`;
  const answers = keep ? remembered(key) : {};
  const tried = ({ text }) => answers[text] ?? [];
  const results = () => questions.map((q) => (tried(q).length ? tried(q)[0] === q.right : undefined));

  const place = html("span");
  const score = html("span", { class: "rnn-score" });
  const again = button("Start again", () => {
    for (const text of Object.keys(answers)) delete answers[text];
    remember(key, answers);
    asked.forEach((one) => one.show());
    go(0);
  });
  const asked = questions.map((question) =>
    ask(question, () => tried(question), (k) => {
      if (tried(question).at(-1) !== k) answers[question.text] = [...tried(question), k];
      if (keep) remember(key, answers);
      show();
      const [said, right] = [question.options[k], k === question.right];
      const detail = { title, question: question.text, answer: said, right };
      el.dispatchEvent(new CustomEvent("rnn-answer", { bubbles: true, detail }));
    }));
  const pages = pager(questions.length, go);
  const told = tally(questions);
  let here = Math.max(results().indexOf(undefined), 0);

  function show() {
    const all = results();
    const known = all.filter((right) => right !== undefined).length;
    const right = all.filter(Boolean).length;
    place.textContent = questions.length > 1 ? `Question ${here + 1}` : title;
    score.textContent = `${right} of ${known} right`;
    score.hidden = again.hidden = !keep || !known;
    asked.forEach(({ node }, k) => (node.hidden = k !== here));
    pages.show(here, all);
    told.show(all);
  }

  function go(k) {
    here = k;
    show();
    asked[k].focus();
    if (root.getBoundingClientRect().top < 0) root.scrollIntoView({ block: "start" });
  }

  root.append(
    html("div", { class: "rnn-quiz-head" }, place, score, again),
    ...asked.map(({ node }) => node),
    ...(questions.length > 1 ? [pages.node, told.node] : []),
  );
  show();
  typeset(root);
}

export default { render };
