// The menu of small screens, and the search.
"use strict";
(() => {
  const up = document.currentScript.dataset.up;
  const $ = (selector) => document.querySelector(selector);

  const menu = $("#menu");
  menu.addEventListener("click", () => {
    menu.setAttribute("aria-expanded", String(document.documentElement.classList.toggle("menu")));
  });

  const finder = $("#finder");
  const input = finder.querySelector("input");
  const list = finder.querySelector("ul");
  const note = finder.querySelector("p");
  let index;

  async function load() {
    const entries = await (await fetch(up + "search.json")).json();
    index = new MiniSearch({
      fields: ["title", "path", "kind", "text"],
      storeFields: ["title", "kind", "address", "method", "path", "deprecated"],
      searchOptions: { boost: { title: 4, path: 2, kind: 2 }, prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), combineWith: "AND" },
    });
    index.addAll(entries);
  }

  function element(name, text, className) {
    const node = document.createElement(name);
    node.textContent = text;
    node.className = className ?? "";
    return node;
  }

  function show() {
    const query = input.value.trim();
    const found = query && index ? index.search(query).slice(0, 30) : [];
    list.replaceChildren(
      ...found.map((entry) => {
        const link = document.createElement("a");
        link.href = up + entry.address;
        link.append(element("strong", entry.title, entry.deprecated ? "deprecated" : ""), element("span", entry.kind));
        if (entry.method) {
          const endpoint = element("code", entry.path);
          endpoint.prepend(element("b", entry.method, entry.method.toLowerCase()), " ");
          link.append(endpoint);
        }
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    note.hidden = found.length > 0 || query === "";
    note.textContent = index ? `Nothing is called “${query}”.` : "Loading…";
  }

  async function open() {
    if (finder.open) {
      return;
    }
    finder.showModal();
    input.select();
    show();
    if (!index) {
      try {
        await load();
      } catch {
        note.hidden = false;
        note.textContent = "The search could not be loaded.";
        return;
      }
      show();
    }
  }

  input.addEventListener("input", show);
  list.addEventListener("click", (event) => event.target.closest("a") && finder.close());
  finder.addEventListener("click", (event) => event.target === finder && finder.close());
  finder.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Enter" && document.activeElement === input) {
      event.preventDefault();
      links[0]?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (next < 0 ? input : links[Math.min(next, links.length - 1)])?.focus();
    }
  });
  $("#search").addEventListener("click", open);
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
    if ((event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      open();
    }
  }, true);
})();
