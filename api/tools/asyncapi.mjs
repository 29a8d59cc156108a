// Holds a file against AsyncAPI's own parser.
import { Parser } from "@asyncapi/parser";
import fs from "node:fs";

const { document, diagnostics } = await new Parser().parse(fs.readFileSync(process.argv[2], "utf8"));
const problems = diagnostics.filter((d) => d.severity < 2); // errors and warnings
for (const d of problems) {
  console.log(`${d.path.join(".")}: ${d.message}`);
}
if (!document || problems.length > 0) {
  process.exit(1);
}
console.log(`${document.allMessages().length} messages, version ${document.info().version()}`);
