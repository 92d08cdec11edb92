// The ledger, sorted through: a button a verdict with its tally, and a menu of chapters.
(() => {
  const VERDICTS = { holds: "holds", "in-part": "in part", "does-not-hold": "does not hold", open: "open" };

  function element(tag, attributes, text = "") {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(text);
    return node;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const cards = [...document.querySelectorAll(".rnn-claim")];
    if (!cards.length) return;
    const chosen = { verdict: "", chapter: "" };
    const box = element("div", { className: "rnn-filter", role: "group", ariaLabel: "Sort through the claims" });
    const told = element("output", {});
    told.setAttribute("aria-live", "polite");
    const buttons = Object.entries(VERDICTS).map(([key, text]) => {
      const count = cards.filter((card) => card.classList.contains(`rnn-${key}`)).length;
      const button = element("button", { type: "button", className: `rnn-${key}` }, `${count} ${text}`);
      button.addEventListener("click", () => {
        chosen.verdict = chosen.verdict === key ? "" : key;
        show();
      });
      return { key, button };
    });
    const chapters = new Set(cards.flatMap((card) =>
      [...card.classList].filter((name) => name.startsWith("rnn-chapter-")).map((name) => Number(name.slice(12)))));
    const menu = element("select", { ariaLabel: "Chapter" });
    menu.append(element("option", { value: "" }, "all chapters"));
    for (const number of [...chapters].sort((a, b) => a - b)) {
      menu.append(element("option", { value: number }, `chapter ${number}`));
    }
    menu.addEventListener("change", () => {
      chosen.chapter = menu.value;
      show();
    });

    function show() {
      let shown = 0;
      for (const card of cards) {
        const wanted = (!chosen.verdict || card.classList.contains(`rnn-${chosen.verdict}`))
          && (!chosen.chapter || card.classList.contains(`rnn-chapter-${chosen.chapter}`));
        card.hidden = !wanted;
        shown += wanted;
      }
      for (const { key, button } of buttons) button.setAttribute("aria-pressed", chosen.verdict === key);
      for (const part of document.querySelectorAll("article section section")) {
        part.hidden = !part.querySelector(".rnn-claim:not([hidden])");
      }
      told.textContent = `${shown} of ${cards.length} claims`;
    }

    // A link to a claim shows it, whatever is chosen.
    window.addEventListener("hashchange", () => {
      Object.assign(chosen, { verdict: "", chapter: "" });
      menu.value = "";
      show();
      document.getElementById(location.hash.slice(1))?.scrollIntoView();
    });
    box.append(...buttons.map(({ button }) => button), menu, told);
    document.querySelector("article section section").before(box);
    show();
  });
})();
