// What is refused of new columns, tables and indexes is what the server refuses, or holds up writers for; and any other name goes there and back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";

const table = "t";
const add = (name: string, type = "int"): Operation => ({ kind: "add-column", table, column: { name, type } });
const rename = (to: string): Operation => ({ kind: "rename-column", table, from: "a", to });
const index = (fields: object): Operation => ({ kind: "add-index", table, name: "i", keys: [{ column: "a" }], ...fields }) as Operation;
const plain = "create table t (id int primary key, a int, Name varchar(20), x text)";
/** More rows than are copied without being asked. */
const filled = (create: string): string => `${create}; insert into t (id) select seq from seq_1_to_20000; analyze table t`;

const everywhere: readonly (readonly [what: string, rule: string, operation: Operation, server: string, create?: string])[] = [
  ["a name in other letters", "name-taken", add("NAME"), "alter table t add column NAME int"],
  ["a rename to other letters", "name-taken", rename("A"), "alter table t add column A int"],
  ["a rename to another's letters", "name-taken", rename("name"), "alter table t rename column a to name"],
  ["a space at the end", "name-reserved", rename("b "), "alter table t rename column a to `b `"],
  ["a tab at the end", "name-reserved", add("b\t"), "alter table t add column `b\t` int"],
  ["a character beyond the first plane", "name-reserved", add("b😀"), "alter table t add column `b😀` int"],
  ["a name of the server's", "name-reserved", add("db_row_id"), "alter table t add column db_row_id int"],
  [
    "columns in other letters",
    "name-taken",
    {
      kind: "create-table",
      table: "u",
      columns: [
        { name: "id", type: "int" },
        { name: "ID", type: "int" },
      ],
    },
    "create table u (id int, ID int)",
  ],
  ["a condition", "bad-key", index({ where: "a > 1" }), "create index i on t (a) where a > 1"],
  ["more columns", "bad-key", index({ include: ["id"] }), "create index i on t (a) include (id)"],
  ["an expression", "bad-key", index({ keys: [{ expression: "lower(Name)" }] }), "create index i on t ((lower(Name)))"],
  ["NULL at the other end", "bad-key", index({ keys: [{ column: "a", nulls: "last" }] }), "create index i on t (a nulls last)"],
  ["a method", "bad-key", index({ method: "gin" }), "create index i using gin on t (a)"],
  ["a long text", "bad-key", index({ keys: [{ column: "x" }, { column: "Name" }] }), "create index i on t (x, Name)"],
  [
    "a fulltext index",
    "blocks-while-working",
    add("b"),
    "alter table t add column b int, algorithm=inplace, lock=none",
    filled(`${plain.slice(0, -1)}, fulltext (x))`),
  ],
  [
    "an index on a virtual column",
    "blocks-while-working",
    add("b"),
    "alter table t add column b int, algorithm=inplace, lock=none",
    filled(`${plain.slice(0, -1)}, v int as (a + 1) virtual, key (v))`),
  ],
  ["another engine", "blocks-while-working", add("b"), "alter table t add column b int, algorithm=inplace, lock=none", filled(`${plain} engine = MyISAM`)],
  ["a history", "blocks-while-working", add("b"), "alter table t add column b int, algorithm=inplace, lock=none", `${plain} with system versioning`],
];

/** What MySQL has or does not have, and does without holding up writers. */
const onlyMariadbs: ReadonlySet<string> = new Set(["an expression", "an index on a virtual column", "a history"]);
const onlyMysqls: typeof everywhere = [
  [
    "a long name of other letters",
    "name-reserved",
    add("é".repeat(30)),
    `alter table t add column ${"é".repeat(30)} int, algorithm=instant; alter table t drop column ${"é".repeat(30)}, algorithm=instant`,
  ],
  [
    "a backtick beside a letter that is not ASCII",
    "name-reserved",
    rename("ẞ`"),
    "alter table t add column `ẞ``` int; create trigger x before update on t for each row set new.`ẞ``` = 1",
  ],
];
const cases = onMysql ? [...everywhere.filter(([what]) => !onlyMariadbs.has(what)), ...onlyMysqls] : everywhere;

describe.runIf(hasMariadb)("refused by us and by the server", () => {
  test.for(cases)("%s", async ([, rule, operation, server, create], t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(create ?? plain);
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
    try {
      const { plan, findings } = await planOf(session, db.url, [operation]);
      expect(plan).toBeNull();
      const against = findings.filter(({ severity }) => severity === "refuse");
      expect(against.map((finding) => finding.rule)).toContain(rule);
      expect(against.filter(({ fix }) => !fix)).toEqual([]);
      // MySQL stores it with a question mark for the character.
      if (onMysql && server.includes("😀")) await session.script([server]);
      else await expect(session.script([server])).rejects.toThrow();
    } finally {
      await session.close();
    }
  });

  test("a column that the table takes only by a copy is the step shadow-copy, done by the server where the table is small", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(`${plain.slice(0, -1)}, fulltext (x))`);
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
    t.onTestFinished(() => session.close());
    const small = await planOf(session, db.url, [add("b")]);
    expect(small.findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(["blocks-while-working warn"]);
    const act = { kind: "shadow-copy", table: { schema: db.name, name: "t" } };
    expect(small.plan?.steps).toMatchObject([
      { act: { ...act, form: "blocking" }, undo: [{ act: { kind: "statements" } }, { act: { ...act, form: "blocking" } }] },
    ]);
    const life = await lifecycleOf(db.url, [add("b")]);
    await life.to("drop");
    expect((await db.rows("show columns from t like 'b'")).length).toBe(1);
    await life.undo("start");
    expect((await db.rows("show columns from t like 'b'")).length).toBe(0);
    await db.rows("insert into t (id) select seq from seq_1_to_20000; analyze table t");
    const large = await planOf(session, db.url, [add("b")]);
    expect(large.plan).toBeNull();
    expect(large.draft?.steps).toMatchObject([{ act: { ...act, form: "beside" } }]);
    const accepted = await planOf(session, db.url, [add("b")], { accept: ["blocks-while-working"] });
    expect(accepted.plan?.steps).toMatchObject([{ act: { ...act, form: "blocking" } }]);
  });

  test("a foreign key is not left to an index over its columns in another order", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(
      "create table p (a int, b int, unique key (a, b)); create table t (id int primary key, a int, b int, v int, key one (a, b, v), key two (b, a), foreign key (a, b) references p (a, b))",
    );
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
    try {
      const { plan, findings } = await planOf(session, db.url, [{ kind: "drop-column", table, column: "v" }]);
      expect(plan).toBeNull();
      expect(findings.map(({ rule }) => rule)).toContain("dependant-cannot-follow");
    } finally {
      await session.close();
    }
  });

  test("what somebody builds over the second column of a rename stops the run before it would be lost", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table t (id int primary key, a int, key (a)); insert into t select seq, seq from seq_1_to_20");
    const life = await lifecycleOf(db.url, [rename("b")]);
    await life.to("switch");
    await db.rows("create index mine on t (b)");
    await expect(life.to("drop")).rejects.toThrow(/mine.*was made since the run began/s);
    await db.rows("drop index mine on t");
    await life.to("drop");
    await db.rows("create index mine on t (b)");
  });
});

/** Names that people give: 64 bytes at most, of the first plane, without white space at the end. */
const pieces = fc.constantFrom(
  "`",
  "``",
  '"',
  "'",
  ".",
  " ",
  "\\",
  "\t",
  "%",
  "?",
  ";",
  "--",
  "/*",

  "$1",
  "é",
  "ß",
  "ẞ",
  "İ",
  "select",
  "A",
  "a",
  "_",
  "1",
  "\u00a0",
  "\u3000",
  "#",
  "@",
);
const name = fc
  .oneof(
    fc.array(pieces, { minLength: 1, maxLength: 10 }).map((parts) => parts.join("")),
    fc.constantFrom("x".repeat(64), "`".repeat(64), "é".repeat(32), "from", "HOTSTICK_a", "1e5", "0"),
  )
  // What MySQL names in no trigger, or cannot drop, is refused (carry/traits.ts).
  .filter((text) => !(onMysql && /[^\0-\x7f]/.test(text) && (text.includes("`") || Buffer.byteLength(text) > 20)))
  .filter((text) => !/\s$/.test(text) && Buffer.byteLength(text) <= 64 && !/^(id|hotstick_.*)$/i.test(text));
const quoted = (text: string): string => `\`${text.replaceAll("`", "``")}\``;

describe.runIf(hasMariadb)("names at random", () => {
  test("go there and back", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(name, name, name, fc.boolean(), async (from, to, key, transforms) => {
        fc.pre(from.toLowerCase() !== to.toLowerCase() && key.toLowerCase() !== "primary");
        const finishers: (() => unknown)[] = [];
        const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
        try {
          await db.rows(
            `create table t (id int primary key, ${quoted(from)} varchar(30) not null, key ${quoted(key)} (${quoted(from)})); insert into t select seq, concat('v', seq) from seq_1_to_20`,
          );
          const schema = await schemaOf(db.url);
          const rows = await db.rows("select * from t order by id");
          const operation: Operation = transforms
            ? {
                kind: "transform",
                table,
                from: [from],
                to: [{ name: to, type: "varchar(40)", notNull: true, up: `concat(${quoted(from)}, '!')` }],
                down: { [from]: `trim(trailing '!' from ${quoted(to)})` },
              }
            : { kind: "rename-column", table, from, to };
          const life = await lifecycleOf(db.url, [operation]);
          await life.to("drop");
          expect(await db.rows(`select ${quoted(to)} as v from t where id = 7`)).toEqual([{ v: transforms ? "v7!" : "v7" }]);
          await life.undo("start");
          expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
          expect(await db.rows("select * from t order by id")).toEqual(rows);
        } finally {
          for (const finish of finishers.toReversed()) await finish();
        }
      }),
      { numRuns: Number(process.env["NAMES_RUNS"] ?? 12), endOnFailure: false },
    );
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
