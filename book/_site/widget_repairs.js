// The widget manager asks for MathJax 2, and the theme's Font Awesome would replace <i> nodes
// that widgets hold on to.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };
window.MathJax = window.MathJax || {};
window.MathJax.Hub = {
  Queue: (...jobs) => {
    for (const job of jobs) {
      const node = Array.isArray(job) ? job.at(-1) : null;
      if (node instanceof Node && window.MathJax.typesetPromise) {
        window.MathJax.typesetPromise([node]);
      }
    }
  },
};
