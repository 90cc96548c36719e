// Writers whose clocks differ: a TIMESTAMP is a moment, and what a trigger takes for "not given" must be the same moment to all of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sentinel } from "../../../src/dialects/mysql/types.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lay } from "./laid.ts";
import { copy } from "./shapes.ts";

const absent = sentinel("timestamp", true) ?? "";
const now = 1_700_000_000;
const fallback = 946_684_800;
const zones = ["+00:00", "+02:00", "-11:00", "+13:00", "-03:30"] as const;

interface Case {
  readonly definition: string;
  /** The new column's own default. */
  readonly supplied?: string;
  /** What a row holds that gives neither side; null: it is refused. */
  readonly neither: number | null;
}
const cases: readonly (readonly [string, Case])[] = [
  ["no default", { definition: "timestamp not null", neither: null }],
  ["a constant", { definition: "timestamp not null default '2000-01-01 00:00:00'", supplied: "'2000-01-01 00:00:00'", neither: fallback }],
  ["the present", { definition: "timestamp not null default current_timestamp", supplied: "current_timestamp", neither: now }],
  ["a fraction", { definition: "timestamp(3) not null default '2000-01-01 00:00:00.000'", supplied: "'2000-01-01 00:00:00.000'", neither: fallback }],
];

const given = fc.record({
  zone: fc.constantFrom(...zones),
  side: fc.constantFrom("old", "fresh", "neither"),
  at: fc.integer({ min: 1_600_000_000, max: 1_650_000_000 }),
});

describe.runIf(hasMariadb)("writers of any time zone on MariaDB", () => {
  async function laid(db: MariadbDatabase, { definition, supplied }: Case, stage: "expanded" | "switched"): Promise<void> {
    await db.rows(`set time_zone = '+00:00'; create table t (id int auto_increment primary key, old ${definition})`);
    const type = definition.split(" ")[0] ?? "";
    const link = copy("old", "fresh", type, { notNull: true, ...(supplied === undefined ? {} : { default: supplied }) });
    await lay(db, "t", [link], { stage, sentinels: { fresh: absent }, standIns: supplied === undefined ? { old: absent } : {} });
  }

  for (const [what, one] of cases)
    test.each(["expanded", "switched"] as const)(`an old column with ${what}, stage %s`, async (stage) => {
      const finishers: (() => unknown)[] = [];
      const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
      try {
        await laid(db, one, stage);
        const property = fc.asyncProperty(given, async ({ zone, side, at }) => {
          const wanted = side === "neither" ? one.neither : at;
          const values = side === "neither" ? "() values ()" : `(${side}) values (from_unixtime(${at}))`;
          const sent = `set time_zone = '${zone}', timestamp = ${now}; delete from t; insert into t ${values}`;
          const rows = () => db.rows<{ old: string; fresh: string }>("select unix_timestamp(old) as old, unix_timestamp(fresh) as fresh from t");
          if (wanted === null) {
            await expect(db.rows(sent)).rejects.toMatchObject({ errno: 1364 });
            return;
          }
          await db.rows(sent);
          expect((await rows()).map((row) => [Number(row.old), Number(row.fresh)])).toEqual([[wanted, wanted]]);
          if (side === "neither") return;
          await db.rows(`set time_zone = '${zone}'; update t set ${side} = from_unixtime(${at + 3600})`);
          expect((await rows()).map((row) => [Number(row.old), Number(row.fresh)])).toEqual([[at + 3600, at + 3600]]);
        });
        // MariaDB takes NULL for the present, and MySQL refuses it.
        if (!onMysql) {
          await db.rows(`set time_zone = '+02:00', timestamp = ${now}; delete from t; insert into t (old) values (null)`);
          expect(await db.rows("select floor(unix_timestamp(old)) as old, floor(unix_timestamp(fresh)) as fresh from t")).toEqual([
            { old: String(now), fresh: String(now) },
          ]);
        }
        await fc.assert(property, { numRuns: 25, examples: zones.map((zone) => [{ zone, side: "neither" as const, at: 0 }]) });
      } finally {
        for (const finish of finishers) await finish();
      }
    });
});
