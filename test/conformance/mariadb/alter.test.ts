// The forms of ALTER TABLE that are kept as data, against what a server accepts and does.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, type TestContext, test } from "vitest";
import { limitsOf } from "../../../src/dialects/mysql/native/limits.ts";
import { parseAlter } from "../../../src/syntax/mysql/alter.ts";
import { type Algorithm, type AlterKind, algorithms, alterKinds, clauseOf, formOf } from "../../../src/syntax/mysql/alter-actions.ts";
import { formOn, type TableTraits } from "../../../src/syntax/mysql/alter-traits.ts";
import { hasMariadb, innodbTables, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";

interface Case {
  readonly kind: AlterKind;
  readonly action: string;
  /** Instead of the usual table. */
  readonly table?: string;
  /** What the table has that the form depends on. */
  readonly traits?: TableTraits;
  /** Run before, such as SET. */
  readonly before?: string;
}

const columns =
  "id int not null primary key, a int not null, b int, c varchar(50), v varchar(20), w varchar(64), e enum('x', 'y'), t text, u int not null, n varchar(20) not null, g int as (b + 1) virtual, s int as (b + 2) stored, pt point not null";
const usual = `create table t (${columns}, key k (a), key kn (n), constraint chk check (b < 1000)) engine = InnoDB default character set utf8mb4 collate utf8mb4_general_ci`;
/** Without generated columns and constraints, which forbid some forms. */
const bare =
  "create table t (id int not null primary key, a int not null, b int, c varchar(50), v varchar(20), e enum('x', 'y'), x varchar(20) character set utf8mb4 collate utf8mb4_bin, i varchar(20), key k (a), key ki (i)) engine = InnoDB default character set utf8mb4 collate utf8mb4_general_ci";
const other = (column: string, options = ""): string =>
  `create table t (id int not null primary key, a int not null, b int, c varchar(50), key k (a)${column === "" ? "" : `, ${column}`}) engine = InnoDB ${options}`;
const partitioned =
  "create table t (id int not null primary key, a int) engine = InnoDB partition by range (id) (partition p0 values less than (10), partition p1 values less than (100))";
const hashed = "create table t (id int not null primary key, a int) engine = InnoDB partition by hash (id) partitions 4";
const versioned = "create table t (id int not null primary key, a int) engine = InnoDB with system versioning";

const everywhere: readonly Case[] = [
  { kind: "add column", action: "add z int not null default 7" },
  { kind: "add column", action: "add z int invisible" },
  { kind: "add column", action: "add z datetime not null default current_timestamp", table: bare },
  { kind: "add column at place", action: "add z int first", table: bare },
  { kind: "add column at place", action: "add z int after a", table: bare },
  // MySQL holds uuid() unsafe beside a binary log.
  { kind: "add column with computed default", action: `add z char(36) default (${onMysql ? "concat(a)" : "uuid()"})`, table: bare },
  { kind: "add auto_increment column", action: "add z int auto_increment, add key (z)", table: bare },
  { kind: "add auto_increment column", action: "add z serial", table: bare },
  ...(onMysql
    ? []
    : [
        {
          kind: "add column with computed default" as const,
          action: "add z int default next value for sq",
          table: bare,
          before: "create sequence if not exists sq",
        },
      ]),
  { kind: "add keyed column", action: "add z int unique", table: bare },
  { kind: "add checked column", action: "add z int check (z > 1)", table: bare },
  { kind: "add virtual column", action: "add z int as (b + 3) virtual" },
  { kind: "add stored column", action: "add z int as (b + 3) stored", table: bare },
  { kind: "drop indexed column", action: "drop column a", table: bare },
  { kind: "drop column out of index", action: "drop column c", table: other("key kc (c, b)") },
  { kind: "drop column out of index", action: "drop column c", table: other("key kc (b, c), g int as (b + 1) virtual"), traits: { virtualColumn: true } },
  { kind: "drop column of unique index", action: "drop column c", table: other("unique key kc (c)") },
  {
    kind: "drop column of unique index",
    action: "drop column c",
    table: other("unique key kc (c), g int as (b + 1) virtual"),
    traits: { virtualColumn: true },
  },
  { kind: "drop virtual column", action: "drop column g", table: other("g int as (b + 1) virtual"), traits: { virtualColumn: true } },
  {
    kind: "drop indexed virtual column",
    action: "drop column g",
    table: other("g int as (b + 1) virtual, key kg (g)"),
    traits: { virtualColumn: true, indexedVirtualColumn: true },
  },
  { kind: "add index over new virtual column", action: "add z int as (b + 3) virtual, add index kz (b, z)", table: other("") },
  { kind: "drop unindexed column", action: "drop column c", table: bare },
  { kind: "drop unindexed column", action: "drop column s" },
  { kind: "rename column", action: "rename column c to z" },
  { kind: "change default", action: "alter column a set default 9" },
  { kind: "change default", action: "alter column a drop default" },
  { kind: "change column visibility", action: "modify b int invisible", table: bare },
  { kind: "modify column", action: "modify b bigint", table: bare },
  { kind: "change column type", action: "modify b bigint", table: bare },
  { kind: "change column type", action: "change c c text", table: bare },
  { kind: "change column type", action: "modify c varchar(10)", table: bare },
  { kind: "extend varchar", action: "modify v varchar(63)", table: bare },
  { kind: "extend varchar over 255 bytes", action: "modify c varchar(100)", table: bare },
  { kind: "set not null", action: "modify c varchar(50) not null", table: bare },
  { kind: "drop not null", action: "modify a int null", table: bare },
  { kind: "reorder column", action: "modify c varchar(50) first", table: bare },
  { kind: "comment column", action: "modify c varchar(50) comment 'z'", table: bare },
  { kind: "append enum member", action: "modify e enum('x', 'y', 'z')", table: bare },
  { kind: "change enum members", action: "modify e enum('x', 'z', 'y')", table: bare },
  { kind: "change collation", action: "modify v varchar(20) collate utf8mb4_bin", table: bare },
  { kind: "change collation of indexed column", action: "modify i varchar(20) collate utf8mb4_bin", table: bare },
  { kind: "change virtual expression", action: "modify g int as (b + 9) virtual" },
  { kind: "check by modify", action: "modify b int check (b < 5)", table: bare },
  { kind: "add index", action: "add index z (b)" },
  { kind: "add index", action: "add index z (g)" },
  { kind: "add unique", action: "add unique z (id, b)" },
  { kind: "add fulltext", action: "add fulltext z (t)" },
  { kind: "add spatial", action: "add spatial index z (pt)" },
  { kind: "drop index", action: "drop index k" },
  { kind: "rename index", action: "rename index k to z" },
  { kind: "change index visibility", action: onMysql ? "alter index k invisible" : "alter index k ignored" },
  { kind: "add primary key", action: "add primary key (a)", table: "create table t (a int not null, b int) engine = InnoDB" },
  { kind: "drop primary key", action: "drop primary key", table: bare },
  { kind: "replace primary key", action: "drop primary key, add primary key (a)", table: bare },
  { kind: "add foreign key", action: "add foreign key (b) references other (id)", table: bare },
  { kind: "add foreign key unchecked", action: "add foreign key (b) references other (id)", table: bare, before: "set foreign_key_checks = 0" },
  {
    kind: "drop foreign key",
    action: "drop foreign key f",
    table: "create table t (id int primary key, b int, constraint f foreign key (b) references other (id)) engine = InnoDB",
  },
  { kind: "add check", action: "add check (b < 7)", table: bare },
  { kind: "drop check", action: "drop constraint chk" },
  { kind: "convert character set", action: "convert to character set latin1", table: bare },
  { kind: "default character set", action: "default character set latin1" },
  { kind: "auto_increment value", action: "auto_increment = 100", table: "create table t (id int auto_increment primary key) engine = InnoDB" },
  { kind: "table comment", action: "comment = 'z'" },
  { kind: "statistics", action: "stats_persistent = 1" },
  { kind: "row format", action: "row_format = redundant", table: bare },
  { kind: "force", action: "force" },
  { kind: "engine", action: "engine = MyISAM", table: bare },
  { kind: "rename table", action: "rename to renamed" },
  { kind: "order by", action: "order by b", table: "create table t (b int) engine = InnoDB" },
  { kind: "add versioning", action: "add system versioning", table: bare },
  { kind: "drop versioning", action: "drop system versioning", table: versioned },
  { kind: "add referencing column", action: "add z int references other (id)", table: bare },
  { kind: "drop constraint", action: "drop constraint chk" },
  { kind: "keys", action: "disable keys" },
  { kind: "table option", action: "max_rows = 5" },
  { kind: "table option", action: "checksum = 1" },
  { kind: "period", action: "add period for z (p1, p2)", table: "create table t (id int, p1 date not null, p2 date not null) engine = InnoDB" },
  { kind: "check partitions", action: "check partition p0", table: partitioned },
  { kind: "force", action: "engine = InnoDB" },
  { kind: "drop column", action: "drop column s" },
  { kind: "extend varchar", action: "modify w varchar(300)" },
  { kind: "drop unindexed column", action: "drop column c" },
  { kind: "comment column", action: "modify c varchar(50) comment 'z'" },
  { kind: "add foreign key unchecked", action: "add foreign key (a) references other (id)", table: bare, before: "set foreign_key_checks = 0" },
  { kind: "change partitions", action: "add partition (partition p2 values less than (1000))", table: partitioned },
  { kind: "change partitions", action: "drop partition p1", table: partitioned },
  {
    kind: "rebuild partitions",
    action: "reorganize partition p1 into (partition p2 values less than (50), partition p3 values less than (100))",
    table: partitioned,
  },
  { kind: "rebuild partitions", action: "coalesce partition 1", table: hashed },
  { kind: "exchange partition", action: "exchange partition p0 with table plain", table: partitioned },
  { kind: "partition table", action: "partition by hash (id) partitions 2", table: "create table t (id int not null primary key, a int) engine = InnoDB" },
  { kind: "remove partitioning", action: "remove partitioning", table: hashed },
];

const cases = everywhere.filter(({ kind }) => formOf(kind, version) !== null);

/** Actions whose form depends on what the table has. */
const sensitive: readonly (readonly [AlterKind, string])[] = [
  ["add column", "add z int not null default 7 invisible"],
  ["add column at place", "add z int after a"],
  ["add checked column", "add z int check (z > 1)"],
  ["add virtual column", "add z int as (a + 2) virtual"],
  ["add keyed column", "add z int, add unique (z, id)"],
  ["drop indexed column", "drop column a"],
  ["drop unindexed column", "drop column c"],
  ["rename column", "rename column c to z"],
  ["set not null", "modify c varchar(50) not null"],
  ["drop not null", "modify a int null"],
  ["reorder column", "modify c varchar(50) first"],
  ["comment column", "modify c varchar(50) comment 'z'"],
  ["change column visibility", "modify b int invisible"],
  ["add index", "add index z (b)"],
  ["force", "force"],
];

const traited: readonly (readonly [string, TableTraits])[] = [
  [other(""), {}],
  [other("fulltext (c)").replace("c varchar", "x text, c varchar").replace("(c)", "(x)"), { fulltext: true }],
  [other("", "row_format = compressed"), { compressed: true }],
  [other("g int as (b + 1) virtual"), { virtualColumn: true }],
  [other("g int as (b + 1) virtual, key kg (g)"), { virtualColumn: true, indexedVirtualColumn: true }],
  [other("s int as (b + 1) stored"), { storedColumn: true }],
  [other("", "partition by range (id) (partition p0 values less than (10), partition p1 values less than maxvalue)"), { partitioned: true }],
];

const onTraits: readonly Case[] = traited.flatMap(([table, traits]) => sensitive.map(([kind, action]): Case => ({ kind, action, table, traits })));

/** Forms that are the worst case of something else's, or that this server does not have. */
const elsewhere: ReadonlySet<AlterKind> = new Set(["alter constraint", "tablespace", "unknown"]);

async function prepare(session: Connection, { table = usual, before }: Case): Promise<void> {
  await session.query("set foreign_key_checks = 1");
  await session.query("drop table if exists t, renamed, plain, other");
  await session.query("create table other (id int primary key) engine = InnoDB");
  await session.query("create table plain (id int not null primary key, a int) engine = InnoDB");
  await session.query(table);
  if (before !== undefined) await session.query(before);
}

/** What identifies the files of the table: another one after a rebuild. */
async function tableIds(session: Connection): Promise<string> {
  const [rows] = await session.query<RowDataPacket[]>(
    `select cast(table_id as char) as table_id from ${innodbTables} where name like concat(database(), '/t') or name like concat(database(), '/t#%') or name like concat(database(), '/renamed') order by 1`,
  );
  return rows.map((row) => String(row["table_id"])).join(",");
}

interface Seen {
  readonly accepted: boolean;
  readonly rebuilt: boolean;
  readonly message: string;
}

const locks = ["NONE", "SHARED", "EXCLUSIVE"] as const;

/** The place of a clause: partitioning follows the options without a comma, and ORDER BY, which has commas of its own, is the last. */
function statement(action: string, clause: string): string {
  if (/^(partition by|remove partitioning)/.test(action)) return `alter table t ${clause.replace(/^, /, "")} ${action}`;
  return action.startsWith("order by") && clause !== "" ? `alter table t ${clause.replace(/^, /, "")}, ${action}` : `alter table t ${action}${clause}`;
}

async function attempt(session: Connection, each: Case, clause: string): Promise<Seen> {
  await prepare(session, each);
  const before = await tableIds(session);
  try {
    await session.query(statement(each.action, clause));
    return { accepted: true, rebuilt: (await tableIds(session)) !== before, message: "" };
  } catch (error) {
    return { accepted: false, rebuilt: false, message: (error as Error).message };
  }
}

/** The strictest clause that the server accepts, and whether it rebuilt. */
async function strictest(session: Connection, each: Case): Promise<{ algorithm: Algorithm | null; lock: string | null; rebuilt: boolean; message: string }> {
  let message = "";
  for (const algorithm of algorithms) {
    const asked = await attempt(session, each, `, algorithm = ${algorithm}`);
    message = asked.message;
    if (!asked.accepted) continue;
    for (const lock of locks) {
      const seen = await attempt(session, each, `, algorithm = ${algorithm}, lock = ${lock}`);
      if (seen.accepted) return { algorithm, lock, rebuilt: seen.rebuilt, message };
    }
    return { algorithm, lock: "DEFAULT", rebuilt: asked.rebuilt, message };
  }
  const plain = await attempt(session, each, "");
  return { algorithm: null, lock: null, rebuilt: plain.rebuilt, message: plain.accepted ? message : plain.message };
}

describe.runIf(hasMariadb)("forms of ALTER TABLE", () => {
  test("every form is tried", () => {
    const tried = new Set(cases.map(({ kind }) => kind));
    expect(alterKinds.filter((kind) => formOf(kind, version) !== null && !tried.has(kind) && !elsewhere.has(kind))).toEqual([]);
  });

  test("are the strictest that the server accepts, rebuild when they say so, and their clause is accepted", { timeout: 300_000 }, async (t: TestContext) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    const wrong: string[] = [];
    for (const each of [...cases, ...onTraits]) {
      const form = formOn([each.kind], version, each.traits ?? {});
      if (!form) throw new Error(each.kind);
      const seen = await strictest(session, each);
      // Newer MariaDB lets others write while it copies; the forms are those of a copy, and the plan asks for that besides.
      const online = limitsOf(version).copiesOnline && form.algorithm === "COPY" && seen.lock === "NONE";
      const same = seen.algorithm === form.algorithm && (seen.lock === form.lock || online);
      // Where only the catalog tells, the server may do better.
      const better = form.worst === true && algorithms.indexOf(seen.algorithm ?? "COPY") <= algorithms.indexOf(form.algorithm ?? "COPY");
      const strict = form.deceives || form.algorithm === null || same || better;
      const rebuilds = form.algorithm === null || (form.worst ? form.rebuilds || !seen.rebuilt : seen.rebuilt === form.rebuilds);
      const own = await attempt(session, each, clauseOf(form));
      if (!strict || !rebuilds || !own.accepted)
        wrong.push(
          `${each.kind} (${each.action}): ${form.algorithm}/${form.lock} ${form.work}, but ${seen.algorithm}/${seen.lock} rebuilt ${seen.rebuilt} ${own.message || seen.message}`,
        );
    }
    expect(wrong).toEqual([]);
  });

  test("an action is read as its kind, or as one that costs no less", () => {
    const works = ["instant", "scan", "build", "unknown", "rewrite"];
    const wrong = cases.flatMap(({ kind, action }) => {
      const read = parseAlter(`alter table t ${action}`)?.actions.map((each) => formOf(each.kind, version)?.work ?? "unknown") ?? [];
      const cost = Math.max(-1, ...read.map((work) => works.indexOf(work)));
      return cost >= works.indexOf(formOf(kind, version)?.work ?? "") ? [] : [`${action}: ${read.join()}`];
    });
    expect(wrong).toEqual([]);
  });
});
