// Probes of ALTERs against the server: every action beside every other, in both orders. What is said to be seen is absent before and done after.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { traceOf } from "../../../src/dialects/mysql/probes/statement.ts";
import type { Before } from "../../../src/dialects/mysql/probes/trace.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";

const actions: readonly string[] = [
  "add column x int",
  "add column x int first",
  "add x int unique",
  "add column x int auto_increment unique",
  "add column z int auto_increment primary key",
  "add column b int",
  "add column d2 int, add index d2i (d2)",
  "add column g int as (a) virtual",
  "add (y int, key kz (y))",
  "add (index ky (b))",
  "add column (y int, y2 int, index xy (y, y2))",
  "drop column a",
  "drop column b",
  "drop column c",
  "drop column d",
  "drop column fk",
  "rename column a to x",
  "rename column b to y",
  "rename column a to b",
  "rename column b to a",
  "rename column a to A",
  "change c c2 int",
  "change a b bigint",
  "change a a bigint",
  "change b a int",
  "modify b bigint",
  "modify b int unique",
  "modify c int check (c > 0)",
  "modify a int not null first",
  "alter c set default 4",
  "add index (b)",
  "add index (c)",
  "add index kx (c)",
  "add index k (c)",
  "add unique (c)",
  "add unique index ux (b)",
  "add unique uq (c)",
  "add constraint uu unique (b)",
  "add constraint uu unique key kk (b)",
  "add fulltext ft (s)",
  "add index kfk2 (fk)",
  "drop index k",
  "drop index j",
  "drop index uq",
  "drop index kfk",
  "rename index k to kk",
  "rename index j to jj",
  "rename index k to j",
  "rename index j to k",
  "drop primary key",
  "add primary key (id, a)",
  "add primary key (c)",
  "add constraint c1 check (c > 0)",
  "add constraint uq check (c > 2)",
  "add check (c > 1)",
  "drop constraint ck",
  "drop constraint uq",
  "drop foreign key f",
  "add constraint f2 foreign key (c) references o (id)",
  "add constraint k foreign key (c) references o (id)",
  "add foreign key (c) references o (id)",
  "add constraint foreign key kf (c) references o (id)",
  "rename to u",
  "comment 'x'",
  "engine=innodb",
  "auto_increment = 7",
  "convert to character set latin1",
];

/** What MySQL does not have. */
const onMariadb: readonly string[] = [
  "add column if not exists a int",
  "add column if not exists x int",
  "drop column if exists zz",
  "rename column if exists zz to b",
  "drop index if exists zz",
  "add index if not exists (b)",
  "alter index k ignored",
  // Where the ALTER copies, the server forgets it without a word, unless it is said as DROP FOREIGN KEY.
  "drop constraint f, algorithm = nocopy",
];

const all = onMysql ? actions : [...actions, ...onMariadb];

const columns = new Set(["id", "a", "b", "c", "d", "s", "fk"]);
const indexes = new Set(["primary", "k", "j", "uq", "kfk"]);
const before: Before = {
  table: ({ name }) => name === "t" || name === "o",
  column: (_, name) => columns.has(name.toLowerCase()),
  index: (_, name) => indexes.has(name.toLowerCase()),
  partitioned: () => false,
  constraint: (_, kind, name) => (kind === "check" ? name === "ck" : name === "f"),
  object: () => null,
};

const made: readonly string[] = [
  "drop table if exists t, u",
  "create table if not exists o (id int primary key) engine = InnoDB",
  "create table t (id int not null primary key, a int not null default 1, b int, c int, d int, s varchar(20), fk int, key k (a), key j (b), unique uq (d), key kfk (fk), constraint f foreign key (fk) references o (id), constraint ck check (d > 0)) engine = InnoDB",
];

async function make(session: Connection): Promise<void> {
  for (const text of made) await session.query(text);
}

/** What is wrong with the trace of a statement; null where nothing is, or where the server does not take the statement. */
async function fault(session: Connection, statement: string): Promise<string | null> {
  const trace = traceOf(statement, version, before);
  const state = async (): Promise<unknown> => {
    if (trace.kind !== "seen") return trace.kind;
    const [rows] = await session.query<RowDataPacket[]>(trace.probe);
    return rows[0]?.["state"];
  };
  const first = await state();
  const taken = await session.query(statement).then(
    () => true,
    () => false,
  );
  if (!taken) return null;
  const then = await state();
  const twice = trace.kind === "again" ? await session.query(statement).then(() => null, String) : null;
  await make(session);
  if (twice !== null) return `${statement}: ${twice}`;
  if (trace.kind !== "seen" || (then === "done" && (first === "absent" || /if (not )?exists/.test(statement)))) return null;
  return `${statement}: ${first}, then ${then}`;
}

describe.runIf(hasMariadb)("the probe of an ALTER of two actions", () => {
  test.for(all)("%s, and another", { timeout: 300_000 }, async (action, t) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await make(session);
    const faults: (string | null)[] = [];
    for (const other of all) faults.push(await fault(session, `alter table t ${other === action ? action : `${action}, ${other}`}`));
    expect(faults.filter((each) => each !== null)).toEqual([]);
  });
});
