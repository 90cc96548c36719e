// Who waits while a user's own ALTER works, by the plan and by the clocks of a reader and a writer.
import type { Connection } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { measureBusy } from "../../harness/busy.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { large, planOf, textsOf } from "../../scenario/mysql-sql/planned.ts";

const statements: readonly string[] = [
  "alter table t force",
  "alter table t modify s varchar(200) not null",
  "alter table t add index q (s)",
  "alter table t add column q int, add index qi (s)",
  "create index q on t (s, a)",
  "alter table t modify a bigint",
  "alter table t add column q int as (a + 1) stored",
  "alter table t add check (a > -1)",
  "alter table t order by a",
  "alter table t convert to character set latin1",
  "alter table t add fulltext q (s)",
  "create fulltext index q on t (s)",
];

/** How long it is at its work with nobody else there must be far beyond what a waiting client could be late by itself. */
const least = 100;

/** The longest time that one of many statements took while `work` was done. */
async function longest(session: Connection, statement: string, work: Promise<unknown>): Promise<number> {
  let busy = true;
  const end = work.finally(() => {
    busy = false;
  });
  end.catch(() => undefined);
  let most = 0;
  while (busy) {
    const since = performance.now();
    await session.query(statement);
    most = Math.max(most, performance.now() - since);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await end;
  return most;
}

describe.runIf(hasMariadb)("while a user's own ALTER works", () => {
  test.for(statements)("%s", { timeout: 60_000 }, async (statement, t) => {
    const db = await mariadbDatabaseFor(t);
    const [owner, writer, reader] = await Promise.all([db.connect(), db.connect(), db.connect()]);
    await owner.query("create table t (id int primary key auto_increment, a int not null, s varchar(200)) engine = InnoDB default character set utf8mb4");
    await db.rows("insert into t (a, s) select seq, concat('some words ', seq, repeat(' more', 10)) from seq_1_to_400000");
    const { plan, findings } = await planOf(db, [statement], { size: large, accept: ["needs-shadow-copy"] });
    const holds = findings.some(({ rule }) => rule === "needs-shadow-copy");
    const texts = plan?.steps.flatMap(({ act }) => textsOf(act)) ?? [];
    expect(texts.length).toBeGreaterThan(0);
    const busy = measureBusy(await db.connect());
    const began = performance.now();
    const work = (async () => {
      for (const text of texts) await owner.query(text);
    })();
    const [written, read] = await Promise.all([
      longest(writer, "insert into t (a, s) values (1, 'x')", work),
      longest(reader, "select a from t where id = 7", work),
    ]);
    const took = performance.now() - began;
    const late = await busy.stop();
    expect(took).toBeGreaterThan(least);
    // A writer that waits waits for most of it; a reader never does.
    if (holds) expect(written).toBeGreaterThan(took / 2);
    else expect(written - late).toBeLessThan(took / 2);
    expect(read - late).toBeLessThan(took / 2);
  });
});
