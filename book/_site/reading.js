// One switch for the whole book: to read it, or to see all of its code.
(() => {
  const { dataset } = document.documentElement;

  function follow(button) {
    const all = dataset.reading === "code";
    button.setAttribute("aria-checked", all);
    for (const cell of document.querySelectorAll("details.hide")) cell.open = all;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".rnn-reading");
    if (!document.querySelector("details.hide")) return button?.remove();
    follow(button);
    button.addEventListener("click", () => {
      dataset.reading = dataset.reading === "code" ? "read" : "code";
      localStorage.setItem("reading", dataset.reading);
      follow(button);
    });
  });
})();
