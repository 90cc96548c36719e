// Who waits while a user's own ALTER works, by the plan and by the clocks of a reader and a writer.
import { describe, expect, test } from "vitest";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { measureSlowest } from "../../harness/slowest.ts";
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

/** Who waited how long, ms, and how long somebody did meanwhile whom no lock concerns. */
interface Measured {
  readonly holds: boolean;
  readonly took: number;
  readonly written: number;
  readonly read: number;
  readonly late: number;
}

async function measure(db: MariadbDatabase, statement: string): Promise<Measured> {
  const [owner, writer, reader, other] = await Promise.all([db.connect(), db.connect(), db.connect(), db.connect()]);
  await owner.query("create table t (id int primary key auto_increment, a int not null, s varchar(200)) engine = InnoDB default character set utf8mb4");
  await db.rows("insert into t (a, s) select seq, concat('some words ', seq, repeat(' more', 10)) from seq_1_to_400000; create table free (a int)");
  const { plan, findings } = await planOf(db, [statement], { size: large, accept: ["needs-shadow-copy"] });
  const texts = plan?.steps.flatMap(({ act }) => textsOf(act)) ?? [];
  expect(texts.length).toBeGreaterThan(0);
  const clients = [
    measureSlowest(() => writer.query("insert into t (a, s) values (1, 'x')")),
    measureSlowest(() => reader.query("select a from t where id = 7")),
    measureSlowest(() => other.query("insert into free values (1)")),
  ];
  const began = performance.now();
  for (const text of texts) await owner.query(text);
  const took = performance.now() - began;
  const [written = 0, read = 0, late = 0] = (await Promise.all(clients.map((client) => client.stop()))).map(({ ms }) => ms);
  return { holds: findings.some(({ rule }) => rule === "needs-shadow-copy"), took, written, read, late };
}

/** A writer that waits waits for most of it; a reader never does. */
function isAsPlanned({ holds, took, written, read, late }: Measured): boolean {
  const writerWaits = holds ? written > took / 2 : written - late >= took / 2;
  return took > least && writerWaits === holds && read - late < took / 2;
}

describe.runIf(hasMariadb)("while a user's own ALTER works", () => {
  test.for(statements)("%s", { timeout: 60_000 }, async (statement, t) => {
    // What a lock holds up it holds up each time; what a busy machine delays it seldom delays three times.
    let measured = await measure(await mariadbDatabaseFor(t), statement);
    for (let again = 0; again < 2 && !isAsPlanned(measured); again += 1) measured = await measure(await mariadbDatabaseFor(t), statement);
    expect(measured).toSatisfy(isAsPlanned);
  });
});
