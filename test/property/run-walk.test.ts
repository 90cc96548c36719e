// However a run is carried back and forth, and wherever it is interrupted, its end is that of the straight way.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkpoints } from "../../src/run/checkpoints.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun } from "../../src/run/open.ts";
import { positions } from "../../src/step/phase.ts";
import { everyKind, everyTool, look, seed } from "../harness/every-kind.ts";
import { inDatabase, newestStands, type RunDatabase, type RunStand } from "../harness/run-stands.ts";
import { backward, forward, holder, never, open, patientTimes, withSession } from "../harness/runs.ts";

class Interruption extends Error {}

/** A leg of the walk; the last phase stays open, since a closed run cannot be carried. */
const leg = fc.record({
  direction: fc.constantFrom("forward" as const, "backward" as const),
  goal: fc.constantFrom(...positions.slice(1, -1)),
  interrupted: fc.option(fc.record({ checkpoint: fc.constantFrom(...checkpoints), time: fc.integer({ min: 1, max: 4 }) }), { nil: null }),
});

/** How often retire was done and undone shows in what its undo counts and in the generation that is told; all else must be the same. */
const withoutMet = async (db: RunDatabase): Promise<unknown> => {
  if (db.stand.engine === "mariadb") {
    await db.rows("update said set word = null where word like 'retired%'");
    const { added, ...rest } = await look(db);
    return { ...rest, added: typeof added === "string" ? added.replaceAll(/ \d+(?=,|$)/g, "") : null };
  }
  await db.rows(
    "do $$ begin if exists (select from pg_attribute where attrelid = 't'::regclass and attname = 'met') then alter table t drop column met; end if; comment on table t is null; end $$",
  );
  return look(db);
};

const straight = new Map<string, unknown>();

async function endOf(stand: RunStand, end: "drop" | "start"): Promise<unknown> {
  const key = `${stand.name} ${end}`;
  if (!straight.has(key)) {
    await inDatabase(stand, async (db) => {
      await seed(db, 100);
      const held = await open(everyTool(db.url), everyKind(db));
      if (end === "start") await carry(held, { ...forward, goal: "retire" });
      await carry(held, end === "start" ? backward : forward);
      await held.release();
      straight.set(key, await withoutMet(db));
    });
  }
  return straight.get(key);
}

describe.each(newestStands)("on %s", (_, stand) => {
  test("any walk ends like the straight one", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(leg, { minLength: 1, maxLength: 6 }), fc.constantFrom("drop" as const, "start" as const), (legs, end) =>
        inDatabase(stand, async (db) => {
          await seed(db, 100);
          let left = Number.POSITIVE_INFINITY;
          let watched: string | null = null;
          const tools = everyTool(db.url, {
            checkpoint: (name) => {
              if (name === watched && --left === 0) throw new Interruption(name);
            },
          });
          const { run, release } = await open(tools, everyKind(db), patientTimes);
          await release();
          const again = async (request: Parameters<typeof carry>[1]): Promise<void> => {
            const held = await withSession(tools, (session) => holdRun(tools, session, run, { holder, wait: true, signal: never, times: patientTimes }));
            try {
              await carry(held!, request);
            } catch (error) {
              // What is thrown while a step is under way comes back as that step's Problem.
              if (!(error instanceof Interruption) && !((error as Error).cause instanceof Interruption)) throw error;
            } finally {
              await held!.release();
            }
          };
          for (const { direction, goal, interrupted } of legs) {
            watched = interrupted?.checkpoint ?? null;
            left = interrupted?.time ?? 0;
            await again({ ...forward, direction, goal });
          }
          watched = null;
          await again({ ...forward, direction: end === "drop" ? "forward" : "backward", goal: end });
          expect(await withoutMet(db)).toEqual(await endOf(stand, end));
        }),
      ),
      { numRuns: process.env["HOTSTICK_SCOPE"] === "all" ? 60 : 8 },
    );
  });
});
