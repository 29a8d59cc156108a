// Holds recorded exchanges against the contract by ajv: the answers, and the
// requests that a Panel accepted. Nothing unknown may be in them.
import Ajv from "ajv";
import addFormats from "ajv-formats";
import fs from "node:fs";
import path from "node:path";

export const methods = ["get", "post", "put", "patch", "delete"];

// forbidUnknown allows no property that the document does not name.
export function forbidUnknown(node) {
  if (Array.isArray(node)) {
    node.forEach(forbidUnknown);
  } else if (node && typeof node === "object") {
    if (node.properties && typeof node.properties === "object" && node.additionalProperties === undefined && !node.properties.$ref) {
      node.additionalProperties = false;
    }
    for (const [key, value] of Object.entries(node)) {
      if (key !== "example" && key !== "examples") {
        forbidUnknown(value);
      }
    }
  }
}

// validator returns a function that gets the validator for a place in the
// document, such as ["components", "schemas", "ClientServer"].
export function validator(document) {
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
  addFormats(ajv);
  for (const format of ["int64", "binary"]) {
    ajv.addFormat(format, true);
  }
  ajv.addSchema(document, "contract");
  const escape = (part) => encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1"));
  const known = new Map();
  return (place) => {
    const ref = "contract#/" + place.map(escape).join("/");
    if (!known.has(ref)) {
      known.set(ref, ajv.compile({ $ref: ref }));
    }
    return known.get(ref);
  };
}

// resolve follows a reference, and returns where it leads.
export function resolve(document, place) {
  const node = place.reduce((node, key) => node?.[key], document);
  return node?.$ref ? resolve(document, node.$ref.slice(2).split("/")) : { node, place };
}

// finder finds the path template and method of a request.
function finder(document) {
  const routes = Object.keys(document.paths)
    .map((template) => ({
      template,
      pattern: new RegExp("^" + template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+") + "$"),
      holes: template.split("{").length,
    }))
    .sort((a, b) => a.holes - b.holes);
  return (method, address) =>
    routes.find(({ template, pattern }) => pattern.test(address) && document.paths[template][method])?.template;
}

export function ajvErrors(document, folder) {
  forbidUnknown(document.components.schemas);
  const at = validator(document);
  const find = finder(document);
  const errors = [];
  let checked = 0;
  for (const file of fs.readdirSync(folder).sort()) {
    const { request, response } = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
    const method = request.method === "HEAD" ? "get" : request.method.toLowerCase();
    const template = find(method, request.path);
    const fail = (problem) => errors.push(`${file}: ${problem}`);
    const check = (place, value, what) => {
      const validate = at(place);
      checked++;
      if (!validate(value)) {
        fail(`${what}: ${validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join("; ")}`);
      }
    };
    const isJSON = (message) => /json/.test(header(message, "content-type")) && typeof message.body !== "undefined";
    if (!template) {
      if (response.status < 400 && response.status !== 204 && method !== "options") {
        fail(`${request.method} ${request.path} is no operation, but was answered with ${response.status}`);
      } else if (isJSON(response)) {
        check(["components", "schemas", "ErrorList"], response.body, "answer");
      }
      continue;
    }
    const operation = ["paths", template, method];
    const responses = document.paths[template][method].responses;
    const status = responses[response.status] ? String(response.status) : `${String(response.status)[0]}XX`;
    if (!responses[status]) {
      fail(`no response ${response.status}`);
      continue;
    }
    const { node, place } = resolve(document, [...operation, "responses", status]);
    const media = header(response, "content-type").split(";")[0];
    const empty = response.body === undefined || response.body === null || response.body === "";
    if (request.method !== "HEAD" && !empty) {
      if (!node.content?.[media]) {
        fail(`no response ${response.status} of type ${media}`);
      } else {
        check([...place, "content", media, "schema"], response.body, "answer");
      }
    }
    const body = document.paths[template][method].requestBody;
    if (response.status < 300 && body && request.body !== undefined && request.body !== null && request.body !== "") {
      const media = header(request, "content-type").split(";")[0];
      if (!body.content[media]) {
        fail(`no request of type ${media}`);
      } else {
        check([...operation, "requestBody", "content", media, "schema"], request.body, "request");
      }
    }
  }
  return { errors, checked };
}

function header(message, name) {
  for (const [key, value] of Object.entries(message.headers ?? {})) {
    if (key.toLowerCase() === name) {
      return value;
    }
  }
  return "";
}
