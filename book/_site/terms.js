// A term of the glossary says what it means, on hover, focus or the first tap.
(() => {
  let open = null;

  function close() {
    open?.removeAttribute("aria-describedby");
    document.getElementById("rnn-definition")?.remove();
    open = null;
  }

  function show(term) {
    if (open === term) return;
    close();
    const box = document.createElement("div");
    Object.assign(box, { id: "rnn-definition", role: "tooltip", textContent: term.dataset.definition });
    document.body.append(box);
    const at = term.getBoundingClientRect();
    const left = Math.min(Math.max(at.left, 8), innerWidth - box.offsetWidth - 8);
    const above = at.top > box.offsetHeight + 70;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${scrollY + (above ? at.top - box.offsetHeight - 6 : at.bottom + 6)}px`;
    term.setAttribute("aria-describedby", box.id);
    open = term;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const term of document.querySelectorAll(".rnn-term")) {
      term.addEventListener("mouseenter", () => show(term));
      term.addEventListener("mouseleave", close);
      term.addEventListener("focus", () => show(term));
      term.addEventListener("blur", close);
      let known = false; // was it open before the finger came down?
      term.addEventListener("pointerdown", (event) => { known = event.pointerType !== "touch" || open === term; });
      term.addEventListener("click", (event) => {
        if (known || !event.detail) return;
        event.preventDefault();
        show(term);
      });
    }
    document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  });
})();
