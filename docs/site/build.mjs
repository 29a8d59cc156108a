// Builds the site: the reference of the contract's published form, the reference
// of the console, and the guides. Nothing of it is loaded from elsewhere.
//
//	node build.mjs                  writes out/
//	node build.mjs --embed FOLDER   also writes it, compressed, for cmd/panelsim
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { fileURLToPath } from "node:url";
import YAML from "yaml";
import { consolePage } from "./console.mjs";
import { layout } from "./layout.mjs";
import { render } from "./markdown.mjs";
import { searchIndex } from "./search.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..", "..");
const out = path.join(here, "out");
const read = (...name) => fs.readFileSync(path.join(root, ...name), "utf8");
const modules = (name) => path.join(here, "node_modules", name);

// The contracts, each with its own reference page.
const references = [
  { name: "reference.html", title: "Reference", file: "ptero.openapi.json" },
  { name: "pelican.html", title: "Pelican", file: "pelican.openapi.json" },
].map((page) => {
  const contract = JSON.parse(read("api", page.file));
  const operations = new Set(Object.values(contract.paths).flatMap((item) => Object.values(item)).map((op) => op.operationId));
  return { ...page, app: true, contract, operations };
});
const asyncapi = YAML.parse(read("api", "asyncapi.yaml"));

// The order of the guides is that of the table in docs/README.md.
const guides = [...read("docs", "README.md").matchAll(/\]\((guides\/[\w-]+\.md)\)/g)].map((found) => found[1]);
for (const name of fs.readdirSync(path.join(root, "docs", "guides"))) {
  if (!guides.includes("guides/" + name)) {
    throw new Error(`docs/README.md does not link guides/${name}`);
  }
}

const files = new Map(); // by their path in the site
const copy = (name, source) => files.set(name, fs.readFileSync(source));

// Pages of Markdown.
const pages = ["README.md", ...guides, "quirks.md", "benchmarks.md"].map((source) => {
  const page = render(read("docs", source), source);
  return { ...page, source, name: source === "README.md" ? "index.html" : source.replace(/\.md$/, ".html") };
});
const console_ = { ...consolePage(asyncapi), name: "console.html" };
const navigation = pages.filter((page) => page.source.startsWith("guides/"));
for (const page of [...pages, console_]) {
  page.html = linkOperations(page);
  files.set(page.name, layout(page, navigation));
}
for (const page of references) {
  files.set(page.name, layout(page, navigation));
  files.set(page.file, JSON.stringify(page.contract));
}
files.set("404.html", layout({
  name: "404.html", title: "Not found", sections: [],
  html: '<h1>Not found</h1><p>There is no such page. Search for it, or begin at the <a href="index.html">start</a>.</p>',
}, navigation));

// What they need.
files.set("search.json", searchIndex(references, [...pages, console_]));
files.set("asyncapi.yaml", read("api", "asyncapi.yaml"));
files.set("try.json", "null\n"); // panelsim answers with its address and keys
for (const name of ["site.css", "site.js", "reference.js", "theme.js", "icon.svg"]) {
  copy(name, path.join(here, "assets", name));
}
copy("scalar.js", modules("@scalar/api-reference/dist/browser/standalone.js"));
copy("minisearch.js", modules("minisearch/dist/umd/index.js"));
for (const { html } of pages) {
  for (const [, name] of html.matchAll(/src="(?:\.\.\/)*(images\/[^"]+)"/g)) {
    copy(name, path.join(root, "docs", name));
  }
}
files.set("licenses.txt", licenses());
checkLinks();

fs.rmSync(out, { recursive: true, force: true });
for (const [name, content] of files) {
  write(path.join(out, name), content);
}
const embed = process.argv.indexOf("--embed");
if (embed > 0) {
  compress(process.argv[embed + 1]);
}
console.log(`${files.size} files in ${path.relative(process.cwd(), out) || "."}`);

// linkOperations links the operations that a page names.
function linkOperations({ name, html }) {
  const up = "../".repeat(name.split("/").length - 1);
  return html.replaceAll(/<code>(\w+)<\/code>/g, (all, id) => (references[0].operations.has(id) ? `<a href="${up}reference.html#${id}">${all}</a>` : all));
}

function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

// compress writes the files for panelsim. One whose content is unchanged stays as
// it is, as another version of zlib may compress it differently.
function compress(folder) {
  const wanted = new Set();
  for (const [name, content] of files) {
    const file = path.join(folder, name + ".gz");
    wanted.add(path.relative(folder, file));
    if (fs.existsSync(file) && zlib.gunzipSync(fs.readFileSync(file)).equals(Buffer.from(content))) {
      continue;
    }
    write(file, zlib.gzipSync(content, { level: 9 }));
  }
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    if (name.endsWith(".gz") && !wanted.has(name)) {
      fs.rmSync(path.join(folder, name));
    }
  }
}

// licenses lists what of other people is part of the site: the packages that the
// renderer's script was bundled of, and the search.
function licenses() {
  const { modules: bundled } = JSON.parse(fs.readFileSync(modules("@scalar/api-reference/dist/browser/webpack-stats.json"), "utf8"));
  const names = new Set(["@scalar/api-reference", "minisearch"]);
  for (const { name } of bundled) {
    const found = name.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//) ?? name.match(/packages\/([\w-]+)\//);
    if (found) {
      names.add(name.includes("node_modules/") ? found[1] : "@scalar/" + found[1]);
    }
  }
  const texts = new Map(); // which packages have it
  for (const name of [...names].sort()) {
    if (!fs.existsSync(modules(name + "/package.json"))) {
      continue;
    }
    const { license, author } = JSON.parse(fs.readFileSync(modules(name + "/package.json"), "utf8"));
    const file = fs.readdirSync(modules(name)).find((file) => /^licen[sc]e/i.test(file));
    const text = file ? fs.readFileSync(modules(`${name}/${file}`), "utf8").trim() : `${license}, ${author?.name ?? author ?? "see its repository"}`;
    texts.set(text, [...(texts.get(text) ?? []), name]);
  }
  return "The pages contain code of these packages.\n\n" +
    [...texts].map(([text, of]) => `${of.join(", ")}\n\n${text}\n`).join("\n----\n\n");
}

// checkLinks fails for a link to a page, heading or operation that is not there.
// Those of the Markdown to files of the repository are tested in internal/docs.
function checkLinks() {
  const text = (name) => String(files.get(name));
  const problems = [];
  for (const name of [...files.keys()].filter((name) => name.endsWith(".html"))) {
    for (const [, address] of text(name).matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|mailto):/.test(address)) {
        continue;
      }
      const [target, anchor] = address.split("#");
      const page = target === "" ? name : path.posix.join(path.posix.dirname(name), target);
      const reference = references.find(({ name }) => name === page);
      const found = !anchor || (reference ? reference.operations.has(anchor) : text(page).includes(`id="${anchor}"`));
      if (!files.has(page) || !found) {
        problems.push(`${name} links ${address}, which is not there`);
      }
    }
  }
  if (problems.length > 0) {
    throw new Error(problems.join("\n"));
  }
}
