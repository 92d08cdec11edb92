// One switch for the whole book: to read it, or to see all of its code. And names for controls.
(() => {
  const { dataset } = document.documentElement;

  function follow(button) {
    const all = dataset.reading === "code";
    button.setAttribute("aria-checked", all);
    for (const cell of document.querySelectorAll("details.hide")) cell.open = all;
  }

  // What the theme leaves without a name.
  function name() {
    const sidebar = document.getElementById("pst-primary-sidebar");
    if (sidebar) Object.assign(sidebar, { role: "complementary", ariaLabel: "The course" });
    for (const summary of document.querySelectorAll(".bd-links summary")) {
      const chapter = summary.closest("li").querySelector("a").textContent;
      summary.ariaLabel = `pages of ${chapter}`;
    }
  }

  // Bootstrap serves a menu and hints, nothing else: it comes when one of them is reached.
  function fetchBootstrap() {
    const parts = document.querySelectorAll("[data-bs-toggle]");
    const signs = ["pointerenter", "focus", "click"];
    let script = null;
    let pressed = null; // before it came
    const follow = ({ type, currentTarget }) => {
      if (type === "click") pressed = currentTarget;
      if (script) return;
      script = document.createElement("script");
      script.src = `${dataset.content_root}_static/scripts/bootstrap.js`;
      script.addEventListener("load", () => {
        for (const part of parts) for (const sign of signs) part.removeEventListener(sign, follow);
        if (pressed?.dataset.bsToggle === "dropdown") pressed.click();
      });
      document.head.append(script);
    };
    for (const part of parts) for (const sign of signs) part.addEventListener(sign, follow);
  }

  document.addEventListener("DOMContentLoaded", () => {
    name();
    fetchBootstrap();
    const button = document.querySelector(".rnn-reading");
    if (!document.querySelector("details.hide")) return button?.remove();
    follow(button);
    button.addEventListener("click", () => {
      dataset.reading = dataset.reading === "code" ? "read" : "code";
      try { localStorage.setItem("reading", dataset.reading); } catch { /* then for this page */ }
      follow(button);
    });
  });
})();
