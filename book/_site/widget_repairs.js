// The widget manager calls MathJax 2's Hub.
(() => {
  const typeset = (nodes) => window.MathJax.typesetPromise?.(nodes);
  const Hub = {
    Queue: (...jobs) => typeset(jobs.flat().filter((part) => part instanceof Node)),
  };
  let current = window.MathJax;
  Object.defineProperty(window, "MathJax", {
    get: () => current,
    set: (value) => { current = Object.assign(value, { Hub }); }, // MathJax replaces it on loading
  });
  if (current) window.MathJax = current;
})();
