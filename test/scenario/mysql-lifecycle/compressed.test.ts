// A compressed column that becomes NOT NULL, or is renamed, has no default that nobody gave: the server writes one where a definition says none.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import type { Checkpoint } from "../../../src/run/checkpoints.ts";
import { hasMariadb, type MariadbDatabase, onMysql } from "../../harness/mariadb.ts";
import { look } from "./lived.ts";
import { withRun } from "./stopping.ts";

const types = ["text", "varchar(100)", "varchar(5)", "blob"] as const;
/** As it was before: NOT NULL without a default. */
const bare = (type: string): string =>
  `create table t (id int primary key, d ${type} compressed not null, z int) engine = InnoDB; alter table t alter d drop default; insert into t values (1, 'x', 1)`;
const empty = (type: string): string => `create table t (id int primary key, d ${type} compressed null, z int) engine = InnoDB`;
const rename: Operation = { kind: "rename-column", table: "t", from: "d", to: "e" };
const set: Operation = { kind: "set-not-null", table: "t", column: "d", fill: "'x'" };

interface Case {
  readonly create: string;
  readonly operations: readonly Operation[];
  readonly ends: readonly string[];
  readonly plain?: boolean;
}

const cases: readonly (readonly [string, Case])[] = types.flatMap((type): readonly (readonly [string, Case])[] => [
  [`${type}, set NOT NULL`, { create: `${empty(type)}; insert into t values (1, null, 1)`, operations: [set], ends: ["d"] }],
  [`${type}, renamed`, { create: bare(type), operations: [rename], ends: ["e"] }],
  [`${type}, renamed beside a link that is none`, { create: bare(type), operations: [rename, { kind: "drop-column", table: "t", column: "z" }], ends: ["e"] }],
  [
    `${type}, with a check of its own, dropped`,
    {
      create: bare(type).replace("compressed not null", "compressed not null check (d <> 'y')"),
      operations: [{ kind: "drop-column", table: "t", column: "d", down: "'x'" }],
      ends: [],
    },
  ],
  [`${type}, set NOT NULL while empty`, { create: empty(type), operations: [set], ends: ["d"], plain: true }],
]);

const returned: ReadonlySet<Checkpoint> = new Set<Checkpoint>(["statement:returned"]);

/** Without the rows: what was filled stays filled. */
async function shape(db: MariadbDatabase) {
  const { create, triggers } = await look(db, "t");
  return { create, triggers };
}

async function isBare(db: MariadbDatabase, names: readonly string[]): Promise<void> {
  const { create } = await look(db, "t");
  for (const name of names)
    expect(create).toMatch(new RegExp(`\`${name}\` \\w+(\\(\\d+\\))? /\\*M?!\\d+ COMPRESSED\\*/( CHARACTER SET \\w+)?( COLLATE \\w+)? NOT NULL,`));
}

describe.runIf(hasMariadb && !onMysql)("compressed columns", () => {
  test.each(cases)("%s", async (_, of) => {
    await withRun(of, returned, async (db, run) => {
      const before = await shape(db);
      await run.to("drop");
      await isBare(db, of.ends);
      await run.undo("start");
      expect(await shape(db)).toEqual(before);
    });
  });

  test.each(cases.filter(([name, { plain }]) => /^(text|varchar\(5\)),/.test(name) && !plain))("%s, stopped behind each statement of retire", async (_, of) => {
    let total = 0;
    await withRun(of, returned, async (_, run, stop) => {
      await run.to("switch");
      stop.met = 0;
      await run.to("retire");
      total = stop.met;
    });
    expect(total).toBeGreaterThan(0);
    for (let at = 1; at <= total; at++)
      for (const back of [false, true])
        await withRun(of, returned, async (db, run, stop) => {
          const before = await shape(db);
          await run.to("switch");
          stop.met = 0;
          stop.at = at;
          await expect(run.to("retire")).rejects.toThrow(/stopped here/);
          stop.at = 0;
          if (!back) {
            await run.to("retire");
            await isBare(db, of.ends);
          }
          await run.back("start");
          expect(await shape(db), `stop ${at} of ${total}`).toEqual(before);
        });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
