// Formulas: those of the page are set already and are copied as TeX. MathJax is loaded only when a
// formula that a script wrote comes near.
(() => {
  const root = document.documentElement.dataset.content_root ?? "";
  let loading = null;

  function load() {
    window.MathJax ??= {
      startup: { typeset: false },
      options: { menuOptions: { settings: { assistiveMml: true } } },
    };
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `${root}_static/rnncourse/mathjax/tex-mml-chtml.js`, onload: resolve, onerror: reject });
      document.head.append(script);
    }).then(() => window.MathJax.startup.promise);
    return loading;
  }

  // Ready when the node is near the screen and MathJax is there.
  window.rnncourseMath = (node) =>
    new Promise((near) => {
      const watch = new IntersectionObserver((seen) => {
        if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
        watch.disconnect();
        near();
      }, { rootMargin: "600px" });
      watch.observe(node);
    }).then(load);

  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const copied = selection.getRangeAt(0).cloneContents();
    const formulas = copied.querySelectorAll("[data-tex]");
    if (!formulas.length) return;
    for (const formula of formulas) {
      const mark = formula.tagName === "DIV" ? "$$" : "$";
      formula.replaceChildren(`${mark}${formula.dataset.tex}${mark}`);
    }
    const page = document.createElement("div");
    page.append(copied);
    page.style.cssText = "position: absolute; left: -9999px; width: 40em";
    document.body.append(page); // innerText needs a layout
    event.clipboardData.setData("text/plain", page.innerText);
    event.clipboardData.setData("text/html", page.innerHTML);
    page.remove();
    event.preventDefault();
  });
})();
