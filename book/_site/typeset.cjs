// Sets formulas without a browser. In: the folder of MathJax, and on standard input JSON,
// [[tex, display], …]. Out: JSON, { formulas: [html, …], sheet: css }.

const { readFileSync } = require("node:fs");
const folder = process.argv[2];
const FONTS = "mathjax/output/chtml/fonts/woff-v2"; // beside the style sheet
const EX = 0.4747; // height of an x of the text's font, in em: formulas are made as large

require(`${folder}/node-main.js`).init({
  loader: { load: ["input/tex-full", "output/chtml", "a11y/assistive-mml"] },
  chtml: { fontURL: FONTS },
}).then((MathJax) => {
  const { adaptor } = MathJax.startup;
  const formulas = JSON.parse(readFileSync(0, "utf-8")).map(([tex, display]) =>
    adaptor.outerHTML(MathJax.tex2chtml(tex, { display, em: 16, ex: 16 * EX })));
  const sheet = adaptor.textContent(MathJax.chtmlStylesheet());
  process.stdout.write(JSON.stringify({ formulas, sheet }));
}).catch((error) => {
  console.error(error);
  process.exit(1);
});
