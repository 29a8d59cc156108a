// A program in TypeScript, against the types that openapi-typescript makes of the
// contract. It must compile with --strict.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Server = components["schemas"]["ClientServer"];

// What is known of an enum is known to the compiler.
const states: Record<NonNullable<components["schemas"]["ClientServerStatus"]>, string> = {
  installing: "is being installed",
  install_failed: "could not be installed",
  reinstall_failed: "could not be reinstalled",
  suspended: "is suspended",
  restoring_backup: "is being restored",
};

function describe(server: Server): string {
  const state = server.status === null ? "is ready" : states[server.status];
  return `${server.name} on ${server.node} ${state}, ${server.limits.memory} MiB`;
}

const client = createClient<paths>({
  baseUrl: process.env["PANEL"]!,
  headers: { Authorization: `Bearer ${process.env["KEY"]}`, Accept: "application/json" },
});

const { data, error } = await client.GET("/api/client", { params: { query: { per_page: 10 } } });
if (error) {
  throw new Error(error.errors[0]?.detail);
}
for (const { attributes } of data.data) {
  console.log(describe(attributes));
}

const server = data.data[0]!.attributes.uuid;
const power = await client.POST("/api/client/servers/{server}/power", {
  params: { path: { server } },
  body: { signal: "start" },
});
console.log("power", power.response.status);

const permission: components["schemas"]["ClientPermission"] = "control.console";
const subuser = await client.POST("/api/client/servers/{server}/users", {
  params: { path: { server } },
  body: { email: "no address", permissions: [permission, "a.permission.of.tomorrow"] },
});
if (subuser.response.status !== 422 || !subuser.error) {
  throw new Error(`a bad address was answered with ${subuser.response.status}`);
}
console.log(subuser.error.errors[0]!.meta?.source_field);
