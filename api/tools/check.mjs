// Holds the published contract against programs by other people. It needs Node
// 20, Go, and `npm ci` in this folder; nothing is ignored for any of them.
//
//	node check.mjs [step …]
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ajvErrors } from "./recordings.mjs";
import { mock, proxy } from "./prism.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..", "..");
const contract = path.join(root, "api", "ptero.openapi.json");
const out = path.join(here, "out");
const bin = (name) => path.join(here, "node_modules", ".bin", name);

// run runs a program to its end and returns what it wrote. A failure ends the
// check.
function run(program, args, options = {}) {
  const result = spawnSync(program, args, {
    cwd: here,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    ...options,
    env: { ...process.env, REDOCLY_TELEMETRY: "off", ...options.env },
  });
  const text = (result.stdout ?? "") + (result.stderr ?? "");
  if (result.status !== 0) {
    throw new Error(`${path.basename(program)} ${args.join(" ")}: ${result.error ?? "status " + result.status}\n${text}`);
  }
  return text;
}

// start starts a program that serves, and waits until the port takes connections.
async function start(program, args, port) {
  const child = spawn(program, args, { cwd: here, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stdout.on("data", (data) => (log += data));
  child.stderr.on("data", (data) => (log += data));
  const ended = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}\n${log}`)));
  });
  ended.catch(() => {}); // it ends when it is stopped
  for (;;) {
    try {
      await Promise.race([fetch(`http://127.0.0.1:${port}/`), ended]);
      break;
    } catch (error) {
      if (error.cause?.code !== "ECONNREFUSED") {
        throw error;
      }
      await Promise.race([new Promise((done) => setTimeout(done, 100)), ended]);
    }
  }
  return { stop: () => child.kill(), log: () => log };
}

// freePort returns a port that nobody listens on.
function freePort() {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// servePanel starts a fake Panel and returns its address and the client keys of
// its accounts.
async function servePanel() {
  const program = path.join(out, "panelsim");
  run("go", ["build", "-o", program, "."], { cwd: path.join(root, "cmd", "panelsim") });
  const port = await freePort();
  const panel = await start(program, ["-addr", `127.0.0.1:${port}`, "-rate-limits", "off", "-version", "1.12"], port);
  const [, client] = panel.log().match(/(ptlc_\w+)/);
  const [, application] = panel.log().match(/(ptla_\w+)/);
  return { address: `http://127.0.0.1:${port}`, client, application, ...panel };
}

const steps = {
  asyncapi() {
    return run("node", ["asyncapi.mjs", path.join(root, "api", "asyncapi.yaml")]);
  },

  redocly() {
    return run(bin("redocly"), ["lint", "--extends", "recommended", "--format", "summary", contract]);
  },

  spectral() {
    fs.writeFileSync(path.join(out, "spectral.yaml"), "extends: ['spectral:oas']\n");
    return run(bin("spectral"), ["lint", "--fail-severity", "warn", "--ruleset", path.join(out, "spectral.yaml"), contract]);
  },

  async "openapi-typescript"() {
    run(bin("openapi-typescript"), [contract, "--output", path.join(out, "schema.d.ts")]);
    fs.copyFileSync(path.join(here, "program.ts"), path.join(out, "program.ts"));
    const panel = await servePanel();
    try {
      run(bin("tsc"), ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--skipLibCheck", path.join(out, "program.ts")]);
      return run("node", [path.join(out, "program.js")], { env: { PANEL: panel.address, KEY: panel.client } });
    } finally {
      panel.stop();
    }
  },

  "hey-api"() {
    const text = run(bin("openapi-ts"), ["-i", contract, "-o", path.join(out, "hey"), "-p", "@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk", "--no-log-file"]);
    run(bin("tsc"), ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable", path.join(out, "hey", "index.ts")]);
    return text;
  },

  ogen() {
    const folder = path.join(out, "ogen");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, "go.mod"), "module ogen\n\ngo 1.25\n");
    fs.writeFileSync(path.join(folder, "ogen.yml"), "generator:\n  features:\n    disable_all: true\n    enable: [paths/client]\n");
    const text = run("go", ["run", "github.com/ogen-go/ogen/cmd/ogen@v1.24.0", "--config", "ogen.yml", "--target", "api", "--package", "api", "--clean", contract], { cwd: folder });
    if (text.includes("Skipping")) {
      throw new Error(text);
    }
    run("go", ["mod", "tidy"], { cwd: folder });
    run("go", ["build", "./..."], { cwd: folder });
    const methods = fs.readFileSync(path.join(folder, "api", "oas_client_gen.go"), "utf8").match(/^\t\w+\(ctx context\.Context/gm).length;
    if (methods !== 118) {
      throw new Error(`ogen has ${methods} operations, want 118`);
    }
    return `${methods} operations`;
  },

  ajv() {
    let count = 0;
    for (const version of ["1.11", "1.12"]) {
      const folder = path.join(out, "recordings-" + version);
      fs.rmSync(folder, { recursive: true, force: true });
      run("go", ["run", "./internal/recorded/pack", "-x", `testdata/panel-${version}.zip.gz`, folder], { cwd: root });
      const { errors, checked } = ajvErrors(JSON.parse(fs.readFileSync(contract, "utf8")), folder);
      if (errors.length > 0) {
        throw new Error(errors.join("\n"));
      }
      count += checked;
    }
    return `${count} recorded requests and answers are valid`;
  },

  async "prism-mock"() {
    const port = await freePort();
    const server = await start(bin("prism"), ["mock", "--port", String(port), contract], port);
    try {
      return await mock(JSON.parse(fs.readFileSync(contract, "utf8")), `http://127.0.0.1:${port}`);
    } finally {
      server.stop();
    }
  },

  async "prism-proxy"() {
    const panel = await servePanel();
    const port = await freePort();
    const server = await start(bin("prism"), ["proxy", "--port", String(port), contract, panel.address], port);
    try {
      return await proxy(JSON.parse(fs.readFileSync(contract, "utf8")), `http://127.0.0.1:${port}`, panel);
    } finally {
      server.stop();
      panel.stop();
    }
  },

  // Here a violation by the SDK or by the Panel is an error of the proxy. The
  // tour's last request is meant to be refused, which Prism does by the contract.
  async "prism-tour"() {
    const panel = await servePanel();
    const port = await freePort();
    const server = await start(bin("prism"), ["proxy", "--errors", "--port", String(port), contract, panel.address], port);
    try {
      const text = run("go", ["run", "./examples/tour"], {
        cwd: root, env: { PTERODACTYL_URL: `http://127.0.0.1:${port}`, PTERODACTYL_KEY: panel.client },
      });
      for (const part of ["lobby, live", "was typed into its console", 'The signal "start" was sent', "status 422"]) {
        if (!text.includes(part)) {
          throw new Error(`the tour does not print ${part}\n${text}`);
        }
      }
      return text;
    } finally {
      server.stop();
      panel.stop();
    }
  },
};

fs.mkdirSync(out, { recursive: true });
let failed = false;
for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps)) {
  const began = Date.now();
  try {
    const text = (await steps[name]()).trim().split("\n").slice(-3).join("\n");
    console.log(`ok    ${name} (${Math.round((Date.now() - began) / 1000)} s)\n${text.replace(/^/gm, "      ")}`);
  } catch (error) {
    failed = true;
    console.log(`FAIL  ${name}\n${error.stack ?? error}`);
  }
}
process.exit(failed ? 1 : 0);
