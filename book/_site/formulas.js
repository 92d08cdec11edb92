// Sets formulas when the page asks for it. MathJax is fetched with the first of them.
(() => {
  const { src, dataset } = document.currentScript;
  let ready;

  function load() {
    ready ??= new Promise((resolve, reject) => {
      window.MathJax = {
        loader: { load: ["core", "input/tex", "output/chtml", "a11y/assistive-mml"] },
        options: { enableAssistiveMml: true },
        startup: {
          typeset: false,
          ready() {
            window.MathJax.startup.defaultReady();
            window.MathJax.startup.promise.then(resolve);
          },
        },
      };
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(dataset.mathjax, src), onerror: reject });
      document.head.append(script);
    });
    return ready;
  }

  let last = Promise.resolve(); // MathJax sets one thing after the other
  window.rnncourseSet = (nodes) => {
    last = last.catch(() => {}).then(load).then(() => window.MathJax.typesetPromise(nodes));
    return last;
  };
})();
