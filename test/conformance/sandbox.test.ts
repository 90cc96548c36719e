import { describe, expect, test } from "vitest";
import { majors } from "../harness/majors.ts";
import { databaseFor, serverFor } from "../harness/servers.ts";

describe.each(majors)("PostgreSQL %i", (major) => {
  test("answers, as the major that was asked for", async (t) => {
    const started = performance.now();
    const server = await serverFor(major);
    console.log(major, "start", performance.now() - started);
    const db = await databaseFor(t, { major });
    const [row] = await db.rows("show server_version_num");
    expect(Number(row?.["server_version_num"])).toBeGreaterThanOrEqual(major * 10_000);
    console.log(major, "all", performance.now() - started, server.pid);
  });
});
