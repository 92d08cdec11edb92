// Where require.js finds the parts of the widget manager when the site uses no network.
(() => {
  const here = document.currentScript.src.replace(/\/widget_paths\.js.*$/, "");
  require.config({
    paths: {
      anywidget: `${here}/anywidget`,
      "@jupyter-widgets": `${here}/widgets`, // the fonts of the controls
      "@jupyter-widgets/html-manager/dist": `${here}/widgets`,
    },
  });
})();
