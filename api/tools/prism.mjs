// Calls every operation of the contract: answered by Prism's mock, and by a
// Panel behind Prism's proxy.
import { methods, resolve, validator } from "./recordings.mjs";

// requests lists a request for each operation, made of the contract's examples.
function requests(document) {
  const all = [];
  for (const [template, item] of Object.entries(document.paths)) {
    for (const method of methods.filter((method) => item[method])) {
      const operation = item[method];
      const query = new URLSearchParams();
      let address = template;
      operation.parameters?.forEach((_, i) => {
        const { node: p } = resolve(document, ["paths", template, method, "parameters", i]);
        if (!p.required) {
          return;
        }
        const example = p.example ?? 1024; // an amount of memory or disk space in MiB
        if (p.in === "path") {
          address = address.replace(`{${p.name}}`, encodeURIComponent(example));
        } else {
          query.set(p.name, example);
        }
      });
      const headers = { Accept: "application/json" };
      if (operation.security?.length) {
        headers.Authorization = "Bearer key";
      }
      let body;
      const [media, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      if (media === "multipart/form-data") {
        body = new FormData();
        body.append("files", new Blob(["content"]), "file.txt");
      } else if (media) {
        headers["Content-Type"] = media;
        body = media === "application/json" ? JSON.stringify(content.example) : (content.example ?? "content");
      }
      const [status] = Object.keys(operation.responses).filter((status) => status.startsWith("2"));
      const success = resolve(document, ["paths", template, method, "responses", status]);
      const [answer] = Object.keys(success.node.content ?? {});
      if (answer && answer !== "application/json") {
        headers.Accept = "application/json, " + answer; // the Panel's errors are in HTML if JSON is not first
      }
      const search = query.size ? "?" + query : "";
      all.push({ id: operation.operationId, method: method.toUpperCase(), template, address, search, headers, body, status, success, answer });
    }
  }
  return all;
}

// mock asks for an answer to each operation, and checks it.
export async function mock(document, base) {
  const at = validator(document);
  const problems = [];
  const all = requests(document);
  for (const r of all) {
    const response = await fetch(base + r.address + r.search, { method: r.method, headers: r.headers, body: r.body });
    const text = await response.text();
    if (String(response.status) !== r.status) {
      problems.push(`${r.id}: ${response.status}, want ${r.status}: ${text.slice(0, 500)}`);
    } else if (r.answer === "application/json") {
      const validate = at([...r.success.place, "content", r.answer, "schema"]);
      if (!validate(JSON.parse(text))) {
        problems.push(`${r.id}: ${JSON.stringify(validate.errors)}`);
      }
    }
  }
  if (problems.length > 0 || all.length !== 118) {
    throw new Error(`of ${all.length} operations, ${problems.length} fail\n${problems.join("\n")}`);
  }
  return `${all.length} operations are answered as described`;
}

// proxy calls each operation on a Panel through Prism, which reports what
// violates the contract. Signed URLs lead past it.
export async function proxy(document, base, panel) {
  const problems = [];
  const statuses = new Map();
  const call = async (method, address, headers, body, id) => {
    const key = address.startsWith("/api/application") ? panel.application : panel.client;
    const response = await fetch(base + address, { method, headers: { ...headers, Authorization: `Bearer ${key}` }, body });
    const text = await response.text();
    const violations = response.headers.get("sl-violations");
    if (violations) {
      problems.push(`${id}: ${response.status} ${violations}`);
    }
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    return /json/.test(response.headers.get("content-type")) ? JSON.parse(text) : text;
  };
  const accept = { Accept: "application/json" };
  const list = async (address) => (await call("GET", address, accept, undefined, address)).data.map((item) => item.attributes);
  // What there is takes the place of the examples.
  const [server] = await list("/api/client");
  const [own] = (await list("/api/application/servers")).filter(({ uuid }) => uuid === server.uuid);
  const numbers = {
    server: own.id, node: own.node, nest: own.nest, egg: own.egg, user: own.user, allocation: own.allocation,
    location: (await list("/api/application/locations"))[0].id,
    external_id: own.external_id ?? "none",
  };
  const order = { GET: 0, POST: 1, PUT: 2, PATCH: 3, DELETE: 4 };
  const all = requests(document).filter((r) => r.template.startsWith("/api/"));
  all.sort((a, b) => order[a.method] - order[b.method] || b.template.length - a.template.length);
  for (const r of all) {
    const application = r.template.startsWith("/api/application");
    let address = r.template.replace(/\{(\w+)\}/g, (hole, name) => {
      if (!application) {
        return name === "server" ? server.uuid : hole;
      }
      return numbers[name] ?? hole;
    });
    if (address.includes("{")) {
      const examples = r.address.split("/");
      address = address.split("/").map((part, i) => (part.startsWith("{") ? examples[i] : part)).join("/");
    }
    await call(r.method, address + r.search, r.headers, r.body, r.id);
  }
  if (problems.length > 0) {
    throw new Error(`${problems.length} violations\n${problems.join("\n")}`);
  }
  const counts = [...statuses].sort().map(([status, count]) => `${count} × ${status}`);
  return `${all.length} operations without a violation: ${counts.join(", ")}`;
}
