// What a portal writes with the types that openapi-typescript made: push, read, meet errors.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const [address, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: address });
const headers = { Authorization: `Bearer ${key}` };

function dossier(code: string): components["schemas"]["Dossier"] {
  return {
    code, unit_code: "H23.45", procedure_code: "1.004873", status: "processing",
    received_at: "2023-10-02T08:00:00+07:00",
  };
}

function check(condition: boolean, told: unknown): void {
  if (!condition) throw new Error(JSON.stringify(told));
}

async function main(): Promise<void> {
  const pushed = await client.POST("/api/v1/dossiers", { body: dossier("T-1"), headers });
  check(pushed.data?.result === "created", pushed.error);
  const stats = await client.GET("/api/v1/stats", {
    params: { query: { unit: "H23.45", period: "2023", as_of: "2023-10-05" } },
  });
  // The answer is a table where CSV is asked for: the type says both.
  const counts = typeof stats.data === "object" ? stats.data.counts : undefined;
  check((counts?.workload ?? 0) >= 1, stats.error);
  const widget = await client.GET("/api/v1/widget/{unit}", { params: { path: { unit: "H23.45" } } });
  check(widget.data?.schema === "tthc-widget/1", widget.error);
  const unknown = await client.GET("/api/v1/widget/{unit}", { params: { path: { unit: "H99" } } });
  check(unknown.error?.status === 404, unknown.data);
}

main().catch((error) => { console.error(error); process.exit(1); });
