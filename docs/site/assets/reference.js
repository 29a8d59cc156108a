// Shows the contract. Each operation is found at #operationId, whatever the
// renderer calls its own anchors. Where panelsim serves the page, requests can be
// tried on it.
"use strict";
(async () => {
  const get = async (name) => (await fetch(name)).json();
  const { contract: file } = document.currentScript.dataset;
  const [contract, running] = await Promise.all([get(file), get("try.json")]);
  const panel = running?.contract === file ? running : null; // else it is another kind of panel

  const slug = (tag) => tag.toLowerCase().replace(/[^a-z]+/g, "-");
  const anchors = new Map(); // by the operationId
  const titles = new Map();
  for (const item of Object.values(contract.paths)) {
    for (const op of Object.values(item)) {
      if (op.operationId) {
        titles.set(op.operationId, op.summary);
        anchors.set(op.operationId, `#tag/${slug(op.tags[0])}/${op.operationId}`);
      }
    }
  }
  const own = () => anchors.get(decodeURIComponent(location.hash.slice(1)));
  if (own()) {
    history.replaceState(null, "", own());
  }

  linkOperations(contract, titles);
  contract.info.description = contract.info.description.replace("`asyncapi.yaml`", "[`asyncapi.yaml`](console.html)");
  for (const tag of contract.tags) {
    tag["x-displayName"] = tag.name.split(": ")[1]; // its group names the API
  }
  if (panel) {
    aim(contract, panel);
  }
  const reference = Scalar.createApiReference("#reference", {
    content: contract,
    theme: "none",
    layout: "modern",
    telemetry: false,
    agent: { disabled: true },
    withDefaultFonts: false,
    hideSearch: true,
    hideClientButton: true,
    hideDarkModeToggle: true,
    hideTestRequestButton: !panel,
    showDeveloperTools: "never",
    documentDownloadType: "none",
    hideModels: true,
    orderSchemaPropertiesBy: "preserve",
    hiddenClients: true,
    generateTagSlug: (tag) => slug(tag.name),
    generateOperationSlug: (op) => op.operationId,
    darkMode: document.documentElement.dataset.theme === "dark",
    authentication: panel
      ? { securitySchemes: { clientKey: { token: panel.clientKey }, applicationKey: { token: panel.applicationKey } } }
      : undefined,
  });
  addEventListener("hashchange", () => {
    if (own()) {
      location.replace(own());
    }
  });
  window.ptero = { reference }; // for the tests
})();

// aim makes the contract that of a Panel which runs.
function aim(contract, panel) {
  contract.servers = [{ url: location.origin, description: "This panelsim" }];
  for (const item of Object.values(contract.paths)) {
    if (item.servers) {
      item.servers = [{ url: panel.node, description: "Its first node" }];
    }
    for (const sample of Object.values(item).flatMap((op) => op["x-codeSamples"] ?? [])) {
      sample.source = sample.source.replaceAll("https://panel.example.org", location.origin);
    }
  }
  for (const [name, example] of Object.entries(panel.examples)) {
    if (contract.components.parameters[name]) {
      contract.components.parameters[name].example = example;
    }
  }
}

// linkOperations makes links of the operations that descriptions name.
function linkOperations(node, titles) {
  for (const [key, value] of Object.entries(node)) {
    if (key === "description" && typeof value === "string") {
      node[key] = value.replaceAll(/`(\w+)`/g, (all, id) => (titles.has(id) ? `[${titles.get(id)}](#${id})` : all));
    } else if (value && typeof value === "object" && key !== "example" && key !== "examples") {
      linkOperations(value, titles);
    }
  }
}
