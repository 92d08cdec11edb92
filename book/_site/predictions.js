// Holds answers back until the reader has made a prediction. Runs when host.js has mounted the figures.
(() => {
  const QUIZ = '[data-figure="quiz"], [data-figure="draw_curve"]';

  // What a prediction is about: the output, and all that tells of it, up to the next heading or
  // question.
  function spoilers(cell) {
    const found = [...cell.querySelectorAll(":scope > .cell_output, :scope > .rnn-decides")];
    let next = cell.nextElementSibling;
    while (next && next.tagName !== "SECTION" && !next.querySelector(QUIZ)) {
      found.push(next);
      next = next.nextElementSibling;
    }
    return found;
  }

  function holdBack(cell, quiz) {
    const held = spoilers(cell);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show anyway";
    const note = document.createElement("div");
    note.className = "rnn-held-back";
    note.append("Answer the question above to see what comes out, and to read on. ", button);
    const reveal = () => {
      for (const node of held) node.classList.remove("rnn-held");
      note.remove();
      window.removeEventListener("hashchange", follow);
      window.dispatchEvent(new Event("resize")); // what was laid out while hidden
    };
    // A link into what is held back shows it.
    const follow = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !held.some((node) => node.contains(target))) return;
      reveal();
      target.scrollIntoView();
    };
    button.addEventListener("click", () => {
      reveal();
      held[0].tabIndex = -1;
      held[0].focus();
    });
    quiz.addEventListener("rnn-answer", reveal, { once: true });
    window.addEventListener("hashchange", follow);
    for (const node of held) node.classList.add("rnn-held");
    held[0].before(note);
    follow();
  }

  for (const cell of document.querySelectorAll(".cell.tag_predicted")) {
    if (cell.closest(".rnn-held") || !cell.querySelector(":scope > .cell_output")) continue;
    const before = [...document.querySelectorAll(QUIZ)].filter(
      (quiz) => quiz.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    if (before.length) holdBack(cell, before.at(-1));
  }
})();
