// The page of the console, from the AsyncAPI document.
import { escape, highlight, render, slug } from "./markdown.mjs";

const code = (text) => `<code>${escape(text)}</code>`;
const inline = (text) => render(text ?? "", "console.md").html.replace(/^<p>(.*)<\/p>\n$/s, "$1");

// consolePage returns the page with its sections.
export function consolePage(document) {
  const body = render(document.info.description, "console.md");
  const sections = [{ id: "", name: "The console's WebSocket", level: 1, text: document.info.title }, ...body.sections];
  let html = `<h1>The console's WebSocket</h1>${body.html}`;
  const section = (level, name, text = "") => {
    const id = slug(name);
    sections.push({ id, name, level, text });
    html += `<h${level} id="${id}"><a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a>${level === 3 ? code(name) : escape(name)}</h${level}>`;
  };
  const { console: channel } = document.channels;
  section(2, "The channel", channel.description);
  html += `<p class="endpoint"><b>GET</b> ${code("wss://{node}" + channel.address)}</p><p>${inline(channel.description)}</p>`;
  for (const [name, title] of [["send", "Sent to Wings"], ["receive", "Received from Wings"]]) {
    section(2, title);
    for (const { $ref } of document.operations[name].messages) {
      const message = document.components.messages[$ref.split("/").at(-1)];
      section(3, message.name, `${message.title} ${message.description}`);
      html += describe(document, message);
    }
  }
  return { title: "Console", html, sections };
}

function describe(document, message) {
  const facts = [];
  if (message["x-permission"]) {
    facts.push(["Permission", code(message["x-permission"])]);
  }
  const argument = message.payload.properties.args?.items;
  let fields = "";
  if (argument) {
    const values = argument.enum ?? (argument.const === undefined ? undefined : [argument.const]);
    const schema = argument.contentSchema && document.components.schemas[argument.contentSchema.$ref.split("/").at(-1)];
    facts.push(["Argument", `${code(argument.title ?? "text")} ${inline(argument.description)} ${values ? "One of " + values.map(code).join(", ") + "." : ""}`]);
    if (schema) {
      fields = `<div class="table" tabindex="0"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows("", schema)}</tbody></table></div>`;
    }
  }
  if (message["x-go"]) {
    const name = message["x-go"];
    facts.push(["Go", `<a href="https://pkg.go.dev/github.com/ptero-go/ptero/console#${name}">${code("console." + name)}</a>`]);
  }
  const list = facts.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join("");
  const examples = (message.examples ?? []).map((example) => highlight(JSON.stringify(example.payload), "json")).join("");
  const repeated = message.description.toLowerCase().startsWith(message.title.toLowerCase());
  const title = repeated ? "" : `<strong>${escape(message.title)}.</strong> `;
  return `<p>${title}${inline(message.description)}</p><dl>${list}</dl>${fields}${examples}`;
}

function rows(prefix, schema) {
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => {
      const optional = (schema.required ?? []).includes(name) ? "" : ", optional";
      const values = field.enum ? " One of " + field.enum.map(code).join(", ") + "." : "";
      const row = `<tr><td>${code(prefix + name)}</td><td>${field.type}${optional}</td><td>${inline(field.description)}${values}</td></tr>`;
      return row + rows(prefix + name + ".", field);
    })
    .join("");
}
