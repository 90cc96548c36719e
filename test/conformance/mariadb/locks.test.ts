// Each step of each plan: the locks and the work that the plan says, against what the server shows.
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../src/plan/plan.ts";
import type { Lock, StepCore } from "../../../src/step/step.ts";
import { mariadbCases } from "../../harness/cases-mariadb.ts";
import { lockForms } from "../../harness/cases-mariadb-locks.ts";
import { planFor } from "../../harness/lifecycle.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { MariadbOracle, mariadbLocks } from "../../harness/oracle-mariadb.ts";
import { wrongPredictions } from "../../harness/predictions.ts";
import { core, type Draft, draft, inTransaction, outside, planOf } from "../../harness/runs.ts";

async function wrongIn(db: MariadbDatabase, plan: Plan): Promise<readonly string[]> {
  const seen = await (await MariadbOracle.on(db, plan)).thereAndBack();
  const acts = new Set(seen.map(({ core: { id } }) => id));
  const unseen = plan.steps.flatMap((step) => [step, ...step.undo]).filter(({ id }) => !acts.has(id));
  return [...unseen.map(({ id, title }) => `${id} (${title}) was not seen`), ...wrongPredictions(seen, mariadbLocks)];
}

describe.runIf(hasMariadb)("MariaDB", () => {
  test.for([...mariadbCases, ...lockForms].map((form) => [form.title, form] as const))("%s", { timeout: 240_000 }, async ([, form], t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(form.before);
    expect(await wrongIn(db, await planFor(db.url, form.operations, form.options))).toEqual([]);
  });
});

describe.runIf(hasMariadb)("the oracle sees", () => {
  /** Steps are made when the database has its name. */
  type Made = (lock: (table: string, mode?: string, strong?: boolean) => Lock) => Draft;
  const working = (made: Draft, work: StepCore["work"]): Draft => ({ ...made, work });
  const cases: readonly (readonly [title: string, made: Made, said: string | readonly string[]])[] = [
    ["a lock that is not said", () => draft("expand", outside(["alter table t add column b int"])), "takes EXCLUSIVE MDL on t, and says none"],
    [
      "a lock on another table",
      (lock) => draft("expand", outside(["alter table t add column b int"]), { locks: [lock("u")] }),
      ["takes EXCLUSIVE MDL on t, and says none", "says EXCLUSIVE MDL on u, and takes none"],
    ],
    [
      "a stronger lock than is said",
      (lock) => draft("expand", outside(["alter table t add column b int"]), { locks: [lock("t", "SHARED READ ONLY MDL")] }),
      "takes EXCLUSIVE MDL on t, and says SHARED READ ONLY MDL",
    ],
    [
      "that nobody waits for what is said to hold up everybody",
      (lock) => draft("expand", outside(["do 0"]), { locks: [lock("t")] }),
      "says EXCLUSIVE MDL on t, and takes none",
    ],
    [
      "a strong lock that is called weak",
      (lock) => draft("expand", outside(["alter table t add column b int"]), { locks: [lock("t", "EXCLUSIVE MDL", false)] }),
      "says that EXCLUSIVE MDL on t is weak",
    ],
    [
      "that writers of a table wait, and its readers do not",
      (lock) => draft("expand", outside(["alter table t add column b int"]), { locks: [lock("t"), lock("child", "EXCLUSIVE MDL")] }),
      "says EXCLUSIVE MDL on child, and takes none",
    ],
    [
      "writers of a table that references another",
      (lock) => draft("expand", outside(["alter table parent add index by_a (a), algorithm=nocopy, lock=none"]), { locks: [lock("parent")] }),
      ["takes SHARED READ ONLY MDL on child, and says none", "does a build, and says instant"],
    ],
    [
      "a look that waits for rows",
      () => working(draft("expand", inTransaction(["set @rows = (select count(*) from t)"])), "scan"),
      "takes locks of rows on t, and says none",
    ],
    [
      "a table that is made anew",
      (lock) => draft("expand", outside(["alter table t force, algorithm=inplace, lock=none"]), { locks: [lock("t")] }),
      "does a rewrite, and says instant",
    ],
    ["a table that is read", () => draft("expand", outside(["select count(*) from t"])), "does a scan, and says instant"],
    [
      "work that is not done",
      (lock) => working(draft("expand", outside(["alter table t add column b int"]), { locks: [lock("t")] }), "rewrite"),
      "says rewrite, and is instant",
    ],
    [
      "an undo",
      (lock) => draft("expand", outside(["alter table t add column b int"]), { locks: [lock("t")], undo: [core(outside(["alter table t drop column b"]))] }),
      "takes EXCLUSIVE MDL on t, and says none",
    ],
  ];
  test.for(cases)("%s", async ([, made, said], t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(`create table t (id int primary key, a int); insert into t select seq, seq from seq_1_to_60; create table u (t int);
      create table parent (id int primary key, a int); insert into parent values (1, 1);
      create table child (id int primary key, parent int, foreign key (parent) references parent (id)); insert into child values (1, 1)`);
    const lock = (name: string, mode = "EXCLUSIVE MDL", strong = true): Lock => ({ table: { schema: db.name, name }, mode, strong });
    const lines = await wrongIn(db, planOf([made(lock)]));
    expect(lines.map((line) => line.replace(/^\S+ \(.*?\) /, "").replaceAll(`${db.name}.`, ""))).toEqual([said].flat());
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
