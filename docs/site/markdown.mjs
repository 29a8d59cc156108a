// Renders Markdown as GitHub does: with the same anchors, and the code colored.
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import go from "highlight.js/lib/languages/go";
import json from "highlight.js/lib/languages/json";
import nginx from "highlight.js/lib/languages/nginx";
import yaml from "highlight.js/lib/languages/yaml";
import MarkdownIt from "markdown-it";
import path from "node:path";

const repository = "https://github.com/ptero-go/ptero";
const site = "https://ptero-go.github.io/ptero/"; // where Markdown links the reference

for (const [name, language] of Object.entries({ go, sh: bash, json, yaml, nginx })) {
  hljs.registerLanguage(name, language);
}

const md = new MarkdownIt({
  html: false,
  linkify: false,
  highlight: (code, language) => (hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : ""),
});

export const escape = md.utils.escapeHtml;

// highlight colors code.
export const highlight = (code, language) => `<pre><code>${hljs.highlight(code, { language }).value}</code></pre>`;

// slug is the anchor that GitHub gives to a heading.
export const slug = (heading) =>
  heading.toLowerCase().replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "").replaceAll(" ", "-");

// plain is a text without its markup.
const plain = (tokens) => tokens.map((token) => (token.children ? plain(token.children) : token.type === "softbreak" ? " " : token.content)).join("");

// render returns the title, the HTML and the sections of a page. The source is
// its path below docs/.
export function render(text, source) {
  const tokens = md.parse(text.replaceAll(/^<!--.*-->$/gm, ""), {});
  const sections = [];
  let title = "";
  tokens.forEach((token, i) => {
    if (token.type === "heading_open") {
      const name = plain(tokens[i + 1].children);
      const id = slug(name);
      token.attrSet("id", id);
      if (token.tag === "h1") {
        title = name;
      }
      sections.push({ id: token.tag === "h1" ? "" : id, name, level: Number(token.tag[1]), text: "" });
    } else if (token.type === "inline" && tokens[i - 1].type !== "heading_open") {
      if (sections.length > 0) {
        sections.at(-1).text += plain(token.children) + " ";
      }
    }
    for (const child of token.children ?? []) {
      if (child.type === "link_open") {
        child.attrSet("href", target(child.attrGet("href"), source));
      } else if (child.type === "image") {
        child.attrSet("src", path.posix.relative(path.posix.dirname(source), path.posix.join(path.posix.dirname(source), child.attrGet("src"))));
        child.attrSet("loading", "lazy");
      }
    }
  });
  const html = md.renderer
    .render(tokens, md.options, {})
    .replaceAll(/<thead>\s*<tr>(\s*<th><\/th>)+\s*<\/tr>\s*<\/thead>/g, "") // GitHub demands a head
    .replaceAll("<table>", '<div class="table" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>")
    .replaceAll(/<(h[23]) id="([^"]*)">/g, '<$1 id="$2"><a class="anchor" href="#$2" aria-hidden="true" tabindex="-1">#</a>');
  return { title, html, sections };
}

// target returns where a link of a Markdown file leads to in the site: pages
// below docs/ to their page, other files to the repository.
function target(address, source) {
  const up = "../".repeat(source.split("/").length - 1);
  if (address.startsWith(site)) {
    return up + (address.slice(site.length) || "index.html");
  }
  if (/^\w+:/.test(address) || address.startsWith("#")) {
    return address;
  }
  const [file, anchor] = address.split("#");
  const name = path.posix.join("docs", path.posix.dirname(source), file);
  const hash = anchor ? "#" + anchor : "";
  if (name.startsWith("docs/") && name.endsWith(".md")) {
    const page = name === "docs/README.md" ? "index.html" : name.slice("docs/".length).replace(/\.md$/, ".html");
    return up + page + hash;
  }
  return `${repository}/blob/main/${name}${hash}`;
}
