// A term says what it means and a citation what it cites, on hover, focus or the first tap.
(() => {
  let open = null; // the link whose card is shown
  let card = null;
  let leaving = 0;

  function close() {
    clearTimeout(leaving);
    card?.remove();
    open?.removeAttribute("aria-describedby");
    open = card = null;
  }

  // A pointer on its way from the link to the card crosses a gap.
  function leave() {
    clearTimeout(leaving);
    leaving = setTimeout(() => card?.contains(document.activeElement) || close(), 200);
  }

  function show(link) {
    clearTimeout(leaving);
    if (open === link) return;
    close();
    [open, card] = [link, document.createElement("span")];
    Object.assign(card, { id: "rnn-aside", innerHTML: link.dataset.aside, popover: "manual" });
    card.setAttribute("role", card.querySelector("a") ? "note" : "tooltip");
    card.addEventListener("mouseenter", () => clearTimeout(leaving));
    card.addEventListener("mouseleave", leave);
    card.addEventListener("focusout", (event) => event.relatedTarget === open || close());
    link.after(card); // so that Tab goes from the link into it
    card.showPopover?.(); // above whatever would cut it off
    const at = link.getClientRects()[0];
    const left = Math.min(Math.max(at.left, 8), innerWidth - card.offsetWidth - 8);
    const above = at.top > card.offsetHeight + 70;
    card.style.left = `${left + scrollX}px`;
    card.style.top = `${scrollY + (above ? at.top - card.offsetHeight - 6 : at.bottom + 6)}px`;
    link.setAttribute("aria-describedby", card.id);
  }

  function blur(event) {
    if (!card?.contains(event.relatedTarget)) close();
  }

  function escape(event) {
    if (event.key !== "Escape" || !card) return;
    if (card.contains(document.activeElement)) open.focus();
    close();
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll("[data-aside]")) {
      link.addEventListener("mouseenter", () => show(link));
      link.addEventListener("mouseleave", leave);
      link.addEventListener("focus", () => show(link));
      link.addEventListener("blur", blur);
      let known = false; // was it open before the finger came down?
      link.addEventListener("pointerdown", (event) => { known = event.pointerType !== "touch" || open === link; });
      link.addEventListener("click", (event) => {
        if (known || !event.detail) return;
        event.preventDefault();
        show(link);
      });
    }
    document.addEventListener("keydown", escape);
    document.addEventListener("pointerdown", (event) => {
      if (open && !open.contains(event.target) && !card.contains(event.target)) close();
    });
  });
})();
