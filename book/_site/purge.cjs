// Joins style sheets into one and leaves out of those that stand elsewhere what no page uses.
// node purge.cjs SITE TARGET SHEET...
const { readFileSync, writeFileSync } = require("node:fs");
const { join, posix } = require("node:path");
const { PurgeCSS } = require("purgecss");

// Where the names of classes stand: in pages and in the scripts that make parts of pages.
const PAGES = [
  "**/*.html",
  "_static/rnncourse/!(sections|minisearch).js",
  "_static/*button.js",
  "_static/scripts/{pydata-sphinx,sphinx-book}-theme.js",
];

// In a page the names are in its tags; the words of its text are none.
const tags = (page) => page.match(/<[a-z][^>]*>/gi)?.join().match(/[\w-]+/g) ?? [];

const [site, target, ...sheets] = process.argv.slice(2);

const kept = (text) => `/* purgecss start ignore */\n${text}\n/* purgecss end ignore */`;

function read(name) {
  const from = (address) => posix.relative(posix.dirname(target), posix.join(posix.dirname(name), address));
  const text = readFileSync(join(site, name), "utf8")
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/@import[^;]*;/g, "") // what they import stands in the list
    .replace(/url\((?!["']?(?:data:|#))["']?([^"')]+)["']?\)/g, (_, address) => `url(${from(address)})`);
  return posix.dirname(name) === posix.dirname(target) ? kept(text) : text;
}

(async () => {
  const [used] = await new PurgeCSS().purge({
    content: PAGES.map((glob) => `${site}/${glob}`.replaceAll("\\", "/")),
    extractors: [{ extractor: tags, extensions: ["html"] }],
    safelist: { standard: ["show", "fade"], greedy: [/^(bs-)?tooltip/] },
    blocklist: [/version-(switcher|warning)/, /popover/, /^\.?(progress|navbar-nav)/],
    css: [{ raw: sheets.map(read).join("\n") }],
    variables: true,
  });
  writeFileSync(join(site, target), used.css);
})();
