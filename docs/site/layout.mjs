// The frame of all pages: one bar with the navigation, and beside a text its
// sections.
import { escape } from "./markdown.mjs";

const areas = [
  ["reference.html", "Reference"],
  ["console.html", "Console"],
  ["pelican.html", "Pelican"],
  ["guides", "Guides"],
  ["quirks.html", "Quirks"],
  ["benchmarks.html", "Benchmarks"],
];

// layout returns a page as HTML. A page that is an app fills the window.
export function layout(page, guides) {
  const up = "../".repeat(page.name.split("/").length - 1);
  const inGuides = page.name.startsWith("guides/");
  const link = ([name, title]) => {
    const current = name === page.name || (name === "guides" && inGuides) ? ' aria-current="page"' : "";
    const address = name === "guides" ? "index.html#guides" : name;
    return `<a href="${up}${address}"${current}>${title}</a>`;
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)}${page.name === "index.html" ? "" : " · ptero"}</title>
<meta name="description" content="The unofficial reference of the Pterodactyl Panel's API, tested against recorded answers.">
<link rel="icon" href="${up}icon.svg">
<link rel="stylesheet" href="${up}site.css">
<script src="${up}theme.js"></script>
<script src="${up}minisearch.js" defer></script>
<script src="${up}site.js" defer data-up="${up}"></script>
${page.app ? '<script src="scalar.js" defer></script>\n<script src="reference.js" defer data-contract="' + page.file + '"></script>\n' : ""}</head>
<body${page.app ? ' class="app"' : ""}>
<header class="bar">
<a class="brand" href="${up}index.html"><img src="${up}icon.svg" alt="" width="26" height="26">ptero</a>
<nav id="areas" aria-label="Site">${areas.map(link).join("")}<a href="https://github.com/ptero-go/ptero">GitHub</a></nav>
<button id="search" type="button" aria-label="Search"><svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 4 4"/></svg><span>Search</span><kbd>/</kbd></button>
<button id="theme" type="button" aria-label="Light or dark"><svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><circle cx="10" cy="10" r="6.5"/><path class="half" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/></svg></button>
<button id="menu" type="button" aria-label="Menu" aria-expanded="false" aria-controls="areas"><svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M3 6h14M3 10h14M3 14h14"/></svg></button>
</header>
${page.app ? '<div id="reference"><noscript><p>The reference needs JavaScript. The contract itself is <a href="' + page.file + '">' + page.file + '</a>.</p></noscript></div>' : article(page, guides, up, inGuides)}
<dialog id="finder" aria-label="Search"><form method="dialog"><input type="search" placeholder="An operation, a field, a guide" aria-label="Search" autocomplete="off" spellcheck="false"><button>Close</button></form><ul></ul><p hidden></p></dialog>
</body>
</html>
`;
}

function article(page, guides, up, inGuides) {
  const list = guides.map((g) => `<li><a href="${up}${g.name}"${g.name === page.name ? ' aria-current="page"' : ""}>${escape(g.title)}</a></li>`);
  const sections = page.sections.filter((s) => s.level === 2 || (s.level === 3 && !inGuides));
  const here = sections.map((s) => `<li class="level${s.level}"><a href="#${s.id}">${escape(s.name)}</a></li>`);
  return `<div class="columns">
<aside><nav aria-label="Pages">${inGuides || page.name === "index.html" ? `<h2>Guides</h2><ul>${list.join("")}</ul>` : ""}${
    here.length > 1 ? `<h2>On this page</h2><ul>${here.join("")}</ul>` : ""
  }</nav></aside>
<main>${page.html}<footer>An unofficial project. <a href="https://github.com/ptero-go/ptero/tree/main/docs">Edit these pages</a> · <a href="${up}ptero.openapi.json">OpenAPI</a> · <a href="${up}asyncapi.yaml">AsyncAPI</a> · <a href="${up}licenses.txt">Licenses</a></footer></main>
</div>`;
}
