// What the plan of a user's own ALTER says of its algorithm, lock and rebuild, against what a server does with it.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { hasMariadb, innodbTables, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { large, planOf, textsOf } from "../../scenario/mysql-sql/planned.ts";

const columns =
  "id int not null primary key, a int not null, b int, c varchar(50), v varchar(20), w varchar(64), e enum('x', 'y'), n varchar(20) not null, k1 int, d1 int, m3 varchar(20) character set utf8mb3, l1 varchar(30) character set latin1, i varchar(20), z int unsigned not null default 0, j json, dt datetime";
const usual = `create table t (${columns}, key ka (a), key kk (k1), key ki (i), key kr (b, a), constraint chk check (b < 1000), constraint f foreign key (d1) references other (id)) engine = InnoDB default character set utf8mb4 collate utf8mb4_general_ci`;
const plain = "id int not null primary key, a int not null, b int, c varchar(50)";
const tables: Readonly<Record<string, string>> = {
  usual,
  fulltext: `create table t (${plain}, x text, key ka (a), fulltext fx (x)) engine = InnoDB`,
  compressed: `create table t (${plain}, key ka (a)) engine = InnoDB row_format = compressed`,
  virtual: `create table t (${plain}, g int as (b + 1) virtual, key ka (a)) engine = InnoDB`,
  indexed: `create table t (${plain}, g int as (b + 1) virtual, key kg (g)) engine = InnoDB`,
  stored: `create table t (${plain}, s int as (b + 1) stored, key ka (a)) engine = InnoDB`,
  partitioned: `create table t (${plain}, key ka (a)) engine = InnoDB partition by range (id) (partition p0 values less than (10), partition p1 values less than maxvalue)`,
  keyless: "create table t (a int not null, b int, c varchar(50)) engine = InnoDB",
};

/** Every statement on the usual table, and those of `on` on the others. */
const onUsual: readonly string[] = [
  "add column q int",
  "add column q int not null default 7",
  "add q datetime not null default current_timestamp",
  "add column q int first",
  "add column q int after a",
  "add column q int invisible",
  "add column q varchar(20) character set latin1",
  "add column q char(36) default (uuid())",
  "add column q int auto_increment, add key (q)",
  "add column q int unique",
  "add column q serial",
  "add column q int default (b)",
  "add column q int check (q > 1)",
  "add column q int as (b + 3) virtual",
  "add column q int as (b + 3) stored",
  "add column (q int, r int)",
  "add column q int, add column r int, add column s int",
  "drop column c",
  "drop column k1",
  "drop column a",
  "drop column d1, drop foreign key f, drop key f",
  "drop column c, drop column v",
  "rename column c to q",
  "change c q varchar(50)",
  "change c q varchar(80)",
  "alter column a set default 9",
  "alter column z drop default",
  "modify b int invisible",
  "modify b bigint",
  "modify b int(11) unsigned",
  "modify b integer",
  "modify b INT(7)",
  "modify dt datetime(6)",
  "modify c text",
  "modify c varchar(10)",
  "modify v varchar(31)",
  "modify v varchar(64)",
  "modify w varchar(300)",
  "modify c varchar(63)",
  "modify c varchar(64)",
  "modify c varchar(50) not null",
  "modify c varchar(50) not null default 'x'",
  "modify a int",
  "modify a int null first",
  "modify c varchar(50) first",
  "modify c varchar(50) comment 'q'",
  "modify c varchar(50) default 'q'",
  "modify c varchar(50) collate utf8mb4_bin",
  "modify i varchar(20) collate utf8mb4_bin",
  "modify c varchar(50) character set latin1",
  "modify m3 varchar(20) character set utf8mb4",
  "modify l1 varchar(30)",
  "modify l1 varchar(40) character set latin1",
  "modify e enum('x', 'y', 'z')",
  "modify e enum('x', 'z', 'y')",
  "modify e enum('x')",
  "modify e enum('x', 'y') not null",
  "modify c varchar(50), modify v varchar(20) comment 'v'",
  "modify b bigint, add column q int",
  "add index q (b)",
  "add index (b)",
  "add unique index q (id, b)",
  "add constraint q unique (id, b)",
  "add fulltext q (c)",
  "drop index ka",
  "drop index kk, add index kk (k1, b)",
  "rename index ka to q",
  "alter index ka ignored",
  "drop primary key",
  "drop primary key, add primary key (a)",
  "add foreign key (b) references other (id)",
  "drop foreign key f",
  "add check (b < 7)",
  "add constraint q check (b < 7)",
  "drop constraint chk",
  "drop constraint f",
  "drop constraint f, modify b bigint",
  "convert to character set latin1",
  "default character set latin1",
  "comment = 'q'",
  "auto_increment = 100",
  "stats_persistent = 1",
  "row_format = redundant",
  "force",
  "engine = InnoDB",
  "order by b",
  "add system versioning",
  "max_rows = 5",
  "rename to renamed",
  // With a way of their own.
  "add column q int, algorithm = inplace",
  "add column q int, algorithm = copy",
  "add column q int, algorithm = nocopy, lock = none",
  "drop column k1, algorithm = inplace, lock = none",
  "rename column c to q, algorithm = inplace",
  "modify b bigint, algorithm = copy, lock = shared",
  "add index q (b), lock = shared",
  "drop index ka, algorithm = default",
  "force, algorithm = copy",
  "modify c varchar(50) not null, algorithm = inplace",
  // Several that are dearer together, or are not.
  "add column q int, add index qi (q)",
  "add column q int, add index qi (b), comment = 'q'",
  "add index qi (b), add column q int",
  "add column q int as (b + 3) virtual, add column r int",
  "add column q int as (b + 3) virtual, add index qi (b)",
  "add column q int as (b + 3) virtual, add index qi (q)",
  "drop column c, add index qi (b)",
  "rename column c to q, add index qi (b)",
  "rename column c to q, comment = 'q'",
  "modify b int comment 'q', add index qi (a)",
  "modify c varchar(50) not null, add column q int",
  "default character set latin1, modify c varchar(50) comment 'q'",
  "add column q int, drop column c, alter column a set default 3",
];
const onOthers: readonly string[] = [
  "add column q int",
  "add column q int after a",
  "add column q int as (a + 2) virtual",
  "add column q int, add index qi (q)",
  "drop column a",
  "drop column c",
  "rename column c to q",
  "modify c varchar(50) not null",
  "modify a int null",
  "modify c varchar(50) first",
  "modify c varchar(50) comment 'q'",
  "modify b int invisible",
  "modify b bigint",
  "add index q (b)",
  "force",
  "partition by hash (id) partitions 2",
  "add column q int, drop column c",
  "drop column c, alter column a set default 5",
];

const onPartitions: readonly string[] = [
  "drop partition p0",
  "reorganize partition p0 into (partition p1a values less than (5), partition p1b values less than (10))",
  "exchange partition p0 with table plain",
  "rebuild partition p0",
  "remove partitioning",
];

/** MySQL has no such words, holds uuid() unsafe beside a binary log, and parts no table that has a FULLTEXT index. */
const isElsewhere = (table: string, action: string): boolean =>
  /ignored|system versioning|nocopy|uuid\(\)/.test(action) || (table === "fulltext" && action.startsWith("partition by"));

const strictest = ["INSTANT", "NOCOPY", "INPLACE", "COPY"];

async function prepare(session: Connection, table: string): Promise<void> {
  await session.query(
    "set foreign_key_checks = 1; drop table if exists t, renamed, other, plain; create table plain (id int not null primary key, a int not null, b int, c varchar(50), key ka (a)) engine = InnoDB; create table other (id int primary key) engine = InnoDB",
  );
  await session.query(table);
}

/** Another one after a rebuild. */
async function tableIds(session: Connection): Promise<readonly string[]> {
  const [rows] = await session.query<RowDataPacket[]>(
    `select cast(table_id as char) as table_id from ${innodbTables} where name like concat(database(), '/t') or name like concat(database(), '/t#%') or name like concat(database(), '/renamed') order by 1`,
  );
  return rows.map((row) => String(row["table_id"]));
}

interface Seen {
  readonly error: string | null;
  readonly rebuilt: boolean;
}

async function sentTo(session: Connection, text: string): Promise<Seen> {
  const before = await tableIds(session);
  try {
    await session.query(text);
    return { error: null, rebuilt: (await tableIds(session)).some((id) => !before.includes(id)) };
  } catch (error) {
    return { error: (error as Error).message, rebuilt: false };
  }
}

/** What is wrong with the plan of a statement; null where the server does as it says. */
async function judged(db: MariadbDatabase, session: Connection, table: string, statement: string): Promise<string | null> {
  await prepare(session, table);
  const { plan, findings } = await planOf(db, [statement], { size: large, accept: ["needs-shadow-copy"] });
  if (!plan) return `refused: ${findings.map(({ message }) => message).join(" ")}`;
  const holds = findings.some(({ rule }) => rule === "needs-shadow-copy");
  let done = "";
  for (const step of plan.steps) {
    const [text = ""] = textsOf(step.act);
    const asked = /ALGORITHM = (\w+)/.exec(text)?.[1] ?? null;
    const unsure = step.why.includes("Only the server can tell");
    // Nothing stricter is accepted, so that nothing is left to gain; where the plan may be wrong it says so.
    if (asked !== null && !unsure) {
      for (const stricter of strictest.slice(0, strictest.indexOf(asked))) {
        await again(session, table, done);
        const seen = await sentTo(session, text.replace(`ALGORITHM = ${asked}`, `ALGORITHM = ${stricter}`));
        if (seen.error === null) return `${text}: ${stricter} is accepted too`;
      }
    }
    if (asked === null && holds && !/algorithm|lock =/.test(statement)) {
      await again(session, table, done);
      const free = await sentTo(session, `${text}, ALGORITHM = INPLACE, LOCK = NONE`);
      if (free.error === null && !/order by|partition/.test(text)) return `${text}: writers need not wait`;
    }
    await again(session, table, done);
    const seen = await sentTo(session, text);
    if (seen.error !== null && !(unsure && /ALGORITHM=INPLACE is not supported|LOCK=NONE/.test(seen.error))) return `${text}: ${seen.error}`;
    // Two tables exchange their rows without any being written.
    if (seen.error === null && seen.rebuilt !== (step.work === "rewrite") && !unsure && !text.includes("exchange"))
      return `${text}: said ${step.work}, but ${seen.rebuilt ? "rebuilt" : "not rebuilt"}`;
    if (seen.error === null && step.probe) {
      const [rows] = await session.query<RowDataPacket[]>(step.probe.query);
      if (rows[0]?.["state"] !== "done") return `${text}: done, but its probe says ${rows[0]?.["state"]}`;
      await again(session, table, done);
      const [before] = await session.query<RowDataPacket[]>(step.probe.query);
      if (before[0]?.["state"] !== "absent") return `${text}: not done, but its probe says ${before[0]?.["state"]}`;
    }
    done += `${text};`;
  }
  return null;
}

async function again(session: Connection, table: string, done: string): Promise<void> {
  await prepare(session, table);
  if (done !== "") await session.query(done);
}

describe.runIf(hasMariadb)("a user's own ALTER", () => {
  const cases = [
    ...onUsual.map((action) => ["usual", action] as const),
    ...Object.keys(tables)
      .slice(1)
      .flatMap((name) => onOthers.map((action) => [name, action] as const)),
  ];

  test("of partitions goes its own way", { timeout: 300_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    const session = await db.connect();
    const wrong: string[] = [];
    for (const action of onPartitions) wrong.push((await judged(db, session, tables["partitioned"] ?? "", `alter table t ${action}`)) ?? "");
    expect(wrong.filter((said) => said !== "")).toEqual([]);
  });

  test("is planned as the server does it: strictest form, rebuild, probe", { timeout: 300_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    const session = await db.connect();
    const wrong: string[] = [];
    for (const [name, action] of cases) {
      // There is no id in it.
      if (name === "keyless" && action.includes("(id)")) continue;
      if (onMysql && isElsewhere(name, action)) continue;
      const said = await judged(db, session, tables[name] ?? "", `alter table t ${action}`);
      if (said !== null) wrong.push(`${name}: ${said}`);
    }
    expect(wrong).toEqual([]);
  });
});
