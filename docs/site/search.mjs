// The entries that the site's search looks through.

const words = (text) => text.replaceAll(/[`*_[\]()|#]/g, " ").replaceAll(/\s+/g, " ").trim();

// searchIndex lists the operations of the first contract and those that only
// later ones have, and the sections of pages.
export function searchIndex(references, pages) {
  const entries = [];
  const listed = new Set();
  for (const { name, title, contract } of references) {
    for (const [path, item] of Object.entries(contract.paths)) {
      for (const [method, op] of Object.entries(item)) {
        if (!op.operationId || listed.has(op.operationId)) {
          continue;
        }
        listed.add(op.operationId);
        entries.push({
          title: op.summary, kind: name === references[0].name ? op.tags[0] : `${title} ${op.tags[0]}`, address: `${name}#${op.operationId}`,
          method: method.toUpperCase(), path, text: words(`${op.operationId} ${op.description}`), deprecated: op.deprecated,
        });
      }
    }
  }
  for (const page of pages) {
    for (const section of page.sections) {
      if (section.level <= 3) {
        const anchor = section.id ? "#" + section.id : "";
        entries.push({ title: section.name, kind: anchor ? page.title : "Page", address: page.name + anchor, text: words(section.text) });
      }
    }
  }
  return JSON.stringify(entries.map((entry, id) => ({ id, ...entry })));
}
