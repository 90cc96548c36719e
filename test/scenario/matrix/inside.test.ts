// kill -9 while the server is inside COMMIT, or inside a concurrent build: it goes on for a while, and its end decides.

import pg from "pg";
import { describe, expect, test } from "vitest";
import { type Afterwards, comeOut, disturbed, type Leg, legName, legs, startChild } from "../../harness/crash-matrix.ts";
import { majors, newest } from "../../harness/majors.ts";
import { postgresPlace } from "../../harness/matrix-place.ts";
import { serverFor } from "../../harness/servers.ts";
import { split } from "./cases.ts";
import { isWhole } from "./points.ts";

const legTo = (direction: Leg["direction"], to: Leg["to"]): Leg => legs.find((leg) => leg.direction === direction && leg.to === to) as Leg;

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: "test" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Until a query finds something. */
async function until(client: pg.Client, query: string): Promise<void> {
  await expect.poll(async () => (await client.query(query)).rows.length, { interval: 5 }).toBeGreaterThan(0);
}

const everywhere = isWhole ? majors : [newest];
const rest: readonly Afterwards[] = ["gone on with", "turned round"];

/** A commit is made to last by a deferred trigger of the journal, for as long as somebody holds this lock. */
const gate = 4711;
const slowCommit = `
  create function public.slow() returns trigger language plpgsql as 'begin while not pg_try_advisory_xact_lock_shared(${gate}) loop perform pg_sleep(0.01); end loop; return null; end';
  create constraint trigger slow after insert on hotstick.events deferrable initially deferred for each row when (new.kind in ('done', 'undo-done')) execute function public.slow();
  select pg_advisory_lock(${gate})`;
const openGate = `select pg_advisory_unlock(${gate})`;
const quickCommit = "select pg_advisory_unlock_all(); drop trigger slow on hotstick.events; drop function public.slow()";

/** A backend notices that its client is gone at its next look, after 500 ms: commits that end before that succeed, longer ones fail. */
const commits = ["succeeds", "fails"] as const;
const committing = [
  legTo("forward", "expand"),
  legTo("forward", "switch"),
  legTo("forward", "retire"),
  legTo("backward", "retire"),
  legTo("backward", "backfill"),
  legTo("backward", "start"),
];

describe.each(everywhere)("PostgreSQL %i", (major) => {
  for (const leg of isWhole ? committing : committing.slice(1, 2)) {
    for (const happens of commits) {
      for (const next of isWhole ? rest : rest.slice(0, 1)) {
        test(`killed inside a COMMIT that ${happens}, ${legName(leg)}, and ${next}`, { timeout: 120_000 }, async () => {
          await disturbed(split, postgresPlace(await serverFor(major)), leg, async (base, url) => {
            await withClient(url, async (client) => {
              await client.query(slowCommit);
              const child = startChild(base, url, leg, null);
              await until(client, "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'");
              const before = await client.query("select max(id) as last from hotstick.events");
              child.kill();
              if (happens === "succeeds") await client.query(openGate);
              expect((await child.ended).killed).toBe(true);
              await expect
                .poll(
                  async () =>
                    (await client.query("select 1 from pg_stat_activity where datname = current_database() and application_name like 'hotstick%'")).rows,
                  { timeout: 20_000 },
                )
                .toEqual([]);
              const done = await client.query("select 1 from hotstick.events where id > $1 and kind in ('done', 'undo-done')", [before.rows[0].last]);
              expect(done.rows.length).toBe(happens === "succeeds" ? 1 : 0);
              await client.query(quickCommit);
            });
            expect(await comeOut(base, url, leg, next)).toEqual([]);
          });
        });
      }
    }
  }

  const building = legTo("forward", "backfill");
  for (const ends of ["goes on", "is given up"]) {
    for (const next of isWhole ? rest : [rest[ends === "goes on" ? 1 : 0] as Afterwards]) {
      test(`killed inside a concurrent build that ${ends}, and ${next}`, { timeout: 120_000 }, async () => {
        await disturbed(split, postgresPlace(await serverFor(major)), building, (base, url) =>
          withClient(url, async (client) => {
            // A build waits for whoever has an older snapshot.
            const older = new pg.Client({ connectionString: url, application_name: "older" });
            await older.connect();
            await older.query("begin isolation level repeatable read; select 1");
            const child = startChild(base, url, building, null);
            await until(client, "select 1 from pg_stat_progress_create_index where datname = current_database() and phase like 'waiting%'");
            child.kill();
            await child.ended;
            if (ends === "is given up")
              await expect
                .poll(async () => (await client.query("select 1 from pg_stat_progress_create_index where datname = current_database()")).rows, {
                  timeout: 20_000,
                })
                .toEqual([]);
            await older.end();
            if (ends === "is given up")
              expect((await client.query("select indisvalid from pg_index where indrelid = 't'::regclass order by indexrelid desc limit 1")).rows).toEqual([
                { indisvalid: false },
              ]);
            expect(await comeOut(base, url, building, next)).toEqual([]);
          }),
        );
      });
    }
  }
});
