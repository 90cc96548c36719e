// Readers of a replica meet our locks there, when they are replayed. On PostgreSQL: elsewhere a replica's statements wait by themselves, and nobody asks it.
import pg from "pg";
import { expect, test } from "vitest";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { startReplica } from "../../../src/sandbox/postgres/replica.ts";
import { ownServerFor } from "../../harness/servers.ts";
import { caught, projectFor, script } from "./project.ts";

const files = { "1_rename.ts": script([{ kind: "rename-column", table: "items", from: "name", to: "title" }]) };

async function connect(t: { onTestFinished(work: () => unknown): void }, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "reports" });
  client.on("error", () => undefined);
  await client.connect();
  t.onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

test("a lock waits for the readers of a replica that is named, and says who they are", { timeout: 60_000 }, async (t) => {
  const primary = await ownServerFor(t);
  await primary.createDatabase("app");
  const writer = await connect(t, primary.url("app"));
  await writer.query("create table items (id int primary key, name text); insert into items select g, 'n' from generate_series(1, 100) g");
  const replica = await startReplica(primary);
  t.onTestFinished(() => replica.stop("immediate"));
  await replica.catchUp();
  const reader = await connect(t, replica.url("app"));
  await reader.query("begin; select count(*) from items");

  const project = projectFor(t, primary.url("app"), files, { HOTSTICK_REPLICA_URLS: replica.url("app") });
  const config = { flags: {}, env: { DATABASE_URL: primary.url("app"), HOTSTICK_REPLICA_URLS: replica.url("app") } };
  const starting = start(await project.context(config), {});
  const waiting = () => project.events.flatMap((event) => (event.event === "waiting" ? [event.waiting] : []));
  await expect.poll(() => waiting().length).toBeGreaterThan(0);
  expect(waiting()[0]?.blockers[0]).toMatchObject({ application: "reports", server: `127.0.0.1:${replica.port}`, relation: "public.items" });
  // While it waits nothing stands in anybody's way.
  await writer.query("insert into items values (1000, 'new')");
  await reader.query("commit");
  expect((await starting).run).toMatchObject({ position: "backfill" });

  await replica.stop("immediate");
  expect(await caught(rollback(await project.context(config), {}))).toMatchObject({ code: "cannot-connect" });
  await rollback(await project.context({ flags: {}, env: { DATABASE_URL: primary.url("app") } }), {});
  expect((await writer.query("select count(*)::int as n from items where name in ('n', 'new')")).rows).toEqual([{ n: 101 }]);
});
