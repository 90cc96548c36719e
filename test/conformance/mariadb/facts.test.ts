import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { answer } from "../../../src/drivers/mysql/facts.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { type ExpressionFact, type Facts, type Question, questionKey, type TypeFact } from "../../../src/schema/facts.ts";
import type { Schema } from "../../../src/schema/model.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql, versionHere } from "../../harness/mariadb.ts";
import { sessionOfFew } from "./opened.ts";

/** As the server prints a type: MySQL shows no width of whole numbers. */
const printed = (type: string): string => (onMysql && !/zerofill|^tinyint\(1\)/.test(type) ? type.replace(/^(\w*int)\(\d+\)/, "$1") : type);

const columns = [
  { name: "id", type: printed("bigint(20)") },
  { name: "name", type: "text" },
  { name: "code", type: "varchar(20)" },
  { name: "Small", type: printed("smallint(6)") },
  { name: "count", type: printed("int(10) unsigned") },
  { name: "price", type: "decimal(10,2)" },
  { name: "ratio", type: "double" },
  { name: "mood", type: "enum('sad','it''s, \\\\ \"ok\"')" },
  { name: "tags", type: "set('a','b')" },
  { name: "at", type: "timestamp(6)" },
  { name: "due", type: "datetime" },
  { name: "day", type: "date" },
  { name: "data", type: "longtext" },
  { name: "raw", type: "varbinary(10)" },
  { name: "place", type: "point" },
  ...(onMysql ? [] : [{ name: "uid", type: "uuid" }]),
  { name: 'we`ird " x', type: "text" },
  { name: "german", type: "varchar(10)" },
];

type ExpressionQuestion = Extract<Question, { readonly kind: "expression" }>;

interface Asking {
  readonly db: MariadbDatabase;
  readonly driver: Driver;
  readonly session: Session;
  readonly schema: Schema;
  ask(questions: readonly Question[]): Promise<Facts>;
  expression(text: string, target?: string, over?: Partial<ExpressionQuestion>): Promise<ExpressionFact>;
  type(text: string): Promise<TypeFact>;
}

async function asking(t: Parameters<typeof mariadbDatabaseFor>[0], text = ""): Promise<Asking> {
  const db = await mariadbDatabaseFor(t);
  if (text !== "") await db.rows(text);
  const driver = mysqlDriver({ url: db.url });
  const session = await driver.connect({ purpose: "facts" });
  onTestFinished(() => session.close());
  const schema = await driver.introspect(session);
  const ask = (questions: readonly Question[]): Promise<Facts> => answer(session, questions, schema);
  const one = <F>(found: F | undefined): F => found ?? expect.unreachable("no answer");
  return {
    db,
    driver,
    session,
    schema,
    ask,
    async expression(text, target = "text", over = {}) {
      const question: ExpressionQuestion = { kind: "expression", text, row: "people", columns, target, ...over };
      return one((await ask([question])).expression[questionKey(question)]);
    },
    async type(text) {
      return one((await ask([{ kind: "type", text }])).type[text]);
    },
  };
}

const good = (fact: ExpressionFact): Extract<ExpressionFact, { readonly ok: true }> => (fact.ok ? fact : expect.unreachable(`refused: ${fact.message}`));
const bad = (fact: ExpressionFact): Extract<ExpressionFact, { readonly ok: false }> => (fact.ok ? expect.unreachable(`accepted: ${fact.qualified}`) : fact);

/** What no expression may be, and what is said of it. */
const refused: readonly (readonly [text: string, message: RegExp])[] = [
  ["count(name)", /many rows/],
  ["(select 1)", /subquery/],
  ["?", /parameter/],
  ["@x", /@x/],
  ["nope", /no column nope/],
  ["elsewhere.name", /elsewhere/],
  ["nope(name)", /not known to give the same value/],
  ["now()", /now\(\)/],
  ["concat(at, '')", /TIMESTAMP column at/],
  ["count + place", onMysql ? /Incorrect arguments to \+/ : /Illegal parameter data types int unsigned and point/],
  ["name collate latin1_bin", /COLLATION 'latin1_bin' is not valid/],
  ["concat()", /parameter count/],
  ["cast(name as nope)", onMysql ? /does not parse it near nope/ : /Unknown data type/],
  // MySQL has the arrow.
  ...(onMysql ? [] : [["data->'$.a'", /^the server does not parse it near >'\$\.a'$/] as const]),
  ["1, 2", /not one expression/],
  ["name from people", /not one expression/],
  ["1); drop table people; --", /does not parse|not one expression|not expected/],
  ["1 limit 1", /not one expression/],
  ["", /no expression/],
  ["count +", /ends too early/],
  ["'never ends", /never ends/],
  ["sleep(1)", /sleep/],
  ["price / 3", /div_precision_increment/],
];

describe.runIf(hasMariadb)("expressions on MariaDB", () => {
  test("are typed by the server, with the columns that they read", async (t) => {
    const { expression } = await asking(t);
    expect(good(await expression("concat(people.name, CODE)"))).toMatchObject({
      type: onMysql ? "longtext" : "mediumtext",
      assignable: true,
      columns: ["name", "code"],
      qualified: "concat(`name`, `code`)",
      volatility: "immutable",
    });
    expect(good(await expression("price", "decimal(10,2)"))).toMatchObject({ type: "decimal(10,2)", assignable: true, columns: ["price"], total: true });
    expect(good(await expression('`we``ird " x`'))).toMatchObject({ columns: ['we`ird " x'], qualified: '`we``ird " x`' });
    expect(good(await expression("`small`", "int"))).toMatchObject({ columns: ["Small"], qualified: "`Small`", type: printed("smallint(6)") });
    expect(good(await expression("42", "int"))).toMatchObject({ columns: [], volatility: "immutable", type: printed("int(2)") });
    expect(good(await expression("name -- a comment\n is null", "tinyint(1)"))).toMatchObject({ columns: ["name"] });
    expect(good(await expression("null", "int"))).toMatchObject({ columns: [], assignable: true, total: true });
    expect(good(await expression("mood", "varchar(20)")).type).toBe("enum('sad','it''s, \\\\ \"ok\"')");
    expect(good(await expression("`odd row`.code", "text", { row: "odd row" })).qualified).toBe("`code`");
  });

  test("are refused with what is wrong, and where", async (t) => {
    const { expression } = await asking(t);
    for (const [text, message] of refused) expect(bad(await expression(text)).message, text).toMatch(message);
    expect(bad(await expression("concat(name,\n code + )"))).toMatchObject({ position: 22 });
    expect(bad(await expression("name + now()"))).toMatchObject({ position: 8, hint: expect.any(String) });
    expect(bad(await expression("count + place")).message).not.toMatch(/hotstick/);
  });

  test("are assignable as the server assigns", async (t) => {
    const { expression } = await asking(t);
    const cases = [
      ["id", "tinyint", true],
      ["name", "int", true],
      ["mood", "int", true],
      ["code", "enum('a')", true],
      ["data", "json", true],
      ["code", "uuid", true],
      ["id", "uuid", false],
      ["uid", "int", false],
      ["id", "point", false],
      ["place", "int", false],
      ["name", "date", true],
    ] as const;
    // Only a value tells MySQL that it is no geometry.
    for (const [text, target, expected] of onMysql ? cases.filter((each) => !/uuid|uid|point|place/.test(each.join())) : cases)
      expect(good(await expression(text, target)), `${text} → ${target}`).toMatchObject({ assignable: expected });
  });

  test("without columns are tried for real, so that a default which the column refuses shows", async (t) => {
    const { expression } = await asking(t);
    expect(bad(await expression("'abc'", "int")).message).toMatch(/Incorrect integer value: 'abc'/);
    expect(bad(await expression("'abc'", "varchar(2)")).message).toMatch(/Data too long/);
    expect(bad(await expression("'sad'", "enum('a')")).message).toMatch(/Data truncated/);
    expect(good(await expression("'ab'", "varchar(2)")).total).toBe(true);
    const byDefault = { columns: [] };
    expect(good(await expression("current_timestamp(6)", "datetime(6)", byDefault)).volatility).toBe("stable");
    expect(good(await expression("uuid()", "varchar(36)", byDefault)).volatility).toBe("volatile");
    expect(good(await expression("'x'", "text", byDefault)).volatility).toBe("immutable");
    expect(bad(await expression("id", "int", byDefault)).message).toMatch(/no column id/);
  });

  test("are total only where neither computing nor storing can fail", async (t) => {
    const { expression } = await asking(t);
    for (const [text, target, expected] of [
      ["count", "bigint", true],
      ["count", "int", false],
      ["`Small`", "int unsigned", false],
      ["id", "decimal(20,0)", true],
      ["id", "decimal(19,0)", false],
      ["price", "decimal(12,4)", true],
      ["price", "decimal(10,4)", false],
      ["code", "varchar(20)", true],
      ["code", "varchar(19)", false],
      ["code", "varchar(40)", true],
      ["code", "text", true],
      ["name", "varchar(20)", false],
      ["name", "tinytext", false],
      ["name", "longtext", true],
      ["code", "varchar(20) ", true],
      ["code", "char(20)", false],
      ["code", "json", false],
      ["day", "datetime", true],
      ["due", "date", false],
      ["due", "datetime(6)", true],
      ["mood", "varchar(100)", false],
      // By the collations of newer MariaDB a letter may become several.
      ["upper(code)", "varchar(20)", onMysql || versionHere < 110_500],
      ["id + 1", "bigint", false],
    ] as const)
      expect(good(await expression(text, target)).total, `${text} → ${target}`).toBe(expected);
  });

  test("know the characters that the table's own columns hold", async (t) => {
    const { expression } = await asking(
      t,
      "create table people (german varchar(10) character set latin1, other varchar(10) collate utf8mb4_unicode_ci, name text)",
    );
    const over = { columns: [...columns, { name: "other", type: "varchar(10)" }] };
    expect(good(await expression("german", "varchar(10)", over)).total).toBe(true);
    expect(good(await expression("coalesce(german, '')", "varchar(10)", over)).type).toBe("varchar(10)");
    // The target may be the column that holds no more than latin1.
    expect(good(await expression("code", "varchar(20)", over)).total).toBe(false);
    expect(good(await expression("'☃'", "varchar(20)", over)).total).toBe(false);
    expect(good(await expression("upper(mood)", "blob", over)).assignable).toBe(true);
    expect(bad(await expression("other = name", "int", over)).message).toMatch(/Illegal mix of collations/);
  });

  test("leave nothing behind and commit nothing", async (t) => {
    const { db, session, expression, type } = await asking(t, "create table people (a int); create table hotstick_row_0 (mine int)");
    await session.script(["start transaction", "insert into people values (1)"]);
    await expression("concat(name, 'x')");
    await expression("nope(");
    await expression("id", "uuid");
    await type("varchar(10)");
    await session.script(["rollback"]);
    expect(await db.rows("select * from people")).toEqual([]);
    expect(await session.script(["select * from hotstick_row_0"])).toEqual([[]]);
    expect((await db.rows("show tables")).map((row) => Object.values(row)[0])).toEqual(["hotstick_row_0", "people"]);
  });

  test("are answered in one message, and one that is wrong spoils no other", async (t) => {
    const { session, schema } = await asking(t);
    let messages = 0;
    const counting = {
      script: (statements: readonly string[]) => {
        messages += 1;
        return session.script(statements);
      },
    } as Session;
    const question = (text: string): ExpressionQuestion => ({ kind: "expression", text, row: "people", columns, target: "text" });
    const fine = Array.from({ length: 20 }, (_, i) => question(`concat(name, '${i}')`));
    const all = await answer(counting, fine, schema);
    expect(messages).toBe(1);
    expect(Object.values(all.expression).every(({ ok }) => ok)).toBe(true);
    const mixed = await answer(counting, [...fine, question("count + place")], schema);
    expect(Object.values(mixed.expression).filter(({ ok }) => !ok)).toHaveLength(1);
    expect(mixed.expression[questionKey(question("count + place"))]?.ok).toBe(false);
  });

  test("need CREATE TEMPORARY TABLES, and say so", async (t) => {
    const { db, schema } = await asking(t);
    const session = await sessionOfFew(db, `grant select on ${db.name}.* to $account`);
    const question: ExpressionQuestion = { kind: "expression", text: "name", row: "people", columns, target: "text" };
    const facts = await answer(session, [question], schema);
    expect(bad(facts.expression[questionKey(question)] as ExpressionFact).hint).toMatch(/GRANT CREATE TEMPORARY TABLES/);
  });
});

describe.runIf(hasMariadb)("types on MariaDB", () => {
  test("are printed as the server prints them", async (t) => {
    const { type } = await asking(t);
    for (const [text, name, constrained] of [
      ["integer", printed("int(11)"), false],
      ["INT UNSIGNED", printed("int(10) unsigned"), false],
      ["bool", "tinyint(1)", false],
      ["numeric(10, 2)", "decimal(10,2)", true],
      ["character varying(20)", "varchar(20)", true],
      ["double precision", "double", false],
      ["enum('a,b', 'it''s', \"q\")", "enum('a,b','it''s','q')", true],
      ["text", "text", false],
      ["json", "json", false],
      ...(onMysql ? [] : [["uuid", "uuid", false] as const]),
      ["datetime(6)", "datetime(6)", false],
      ["national varchar(5)", "varchar(5)", true],
      ["bigint zerofill", "bigint(20) unsigned zerofill", false],
      ["int -- really\n", printed("int(11)"), false],
    ] as const)
      expect(await type(text), text).toMatchObject({ ok: true, name, constrained });
  });

  test("that a table has are printed the same by the reader and by the answer", async (t) => {
    const types = [
      ...["tinyint", "smallint", "mediumint", "int", "bigint"].flatMap((type) => [type, `${type} unsigned`, `${type}(3) zerofill`]),
      ...["float", "float(7,3)", "double", "double unsigned", "double(20,5)", "real", "decimal", "decimal(65,30)", "decimal(1,1) unsigned", "bit(64)", "year"],
      ...["date", "time", "time(6)", "datetime", "datetime(6)", "timestamp", "timestamp(3)"],
      ...["char", "char(0)", "char(255)", "nchar(5)", "varchar(0)", "varchar(1000)", "tinytext", "text", "mediumtext", "longtext", "text(300)"],
      ...["binary", "binary(255)", "varbinary(0)", "varbinary(20000)", "tinyblob", "blob", "mediumblob", "longblob", "blob(100000)"],
      ...["enum('')", "enum('a','b')", "enum('it''s','a,b','back\\\\slash','\"','`','%_','ü☃','(',')')", "set('x','y''','\\\\')"],
      ...["geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"],
      ...(onMysql ? [] : ["uuid", "inet4", "inet6"]),
      ...["bool", "integer", "numeric(5)", "character varying(7)", "double precision"],
    ];
    const { ask, schema } = await asking(t, `create table every (${types.map((type, i) => `c${i} ${type} null`).join(", ")})`);
    const facts = await ask(types.map((text): Question => ({ kind: "type", text })));
    const read = Object.values(schema.tables).flatMap((table) => table.columns.map((column) => column.type));
    expect(types.map((type) => facts.type[type])).toMatchObject(read.map((name) => ({ ok: true, name })));
    // What the server prints, it reads as the same.
    const again = await ask(read.map((text): Question => ({ kind: "type", text })));
    for (const type of read) expect(again.type[type], type).toMatchObject({ ok: true, name: type });
  });

  test("are one type and nothing else", async (t) => {
    const { type } = await asking(t);
    for (const text of [
      "nope",
      "",
      "int, other int",
      "int) , (x int",
      "int not null",
      "int default 1",
      "int auto_increment",
      "int primary key",
      "int; drop table t",
      "int as (1)",
      "varchar",
      "varchar(70000)",
      "enum()",
      "serial",
      "int comment 'x'",
      "'int'",
      "int /*!50000 , x int */",
      "int check (true)",
      "varchar(10) collate utf8mb4_bin",
      "varchar(10) character set latin1",
    ])
      expect(await type(text), text).toMatchObject({ ok: false });
    expect(await type("varchar(10) character set latin1")).toMatchObject({ message: expect.stringContaining("collation by itself") });
  });
});

describe.runIf(hasMariadb)("tables on MariaDB", () => {
  test("have a size, are empty or not, and belong to somebody", async (t) => {
    const { db, ask, schema } = await asking(
      t,
      "create table full (a int primary key, b text); insert into full select seq, repeat('x', 100) from seq_1_to_5000; analyze table full; create table bare (a int); create table parted (a int) partition by hash (a) partitions 3; create view v as select 1 as one",
    );
    const at = (name: string) => ({ schema: db.name, name });
    const key = (name: string) => JSON.stringify([db.name, name]);
    const names = ["full", "bare", "parted", "v", "missing"];
    const facts = await ask(names.flatMap((name): Question[] => (["size", "empty", "rights"] as const).map((kind) => ({ kind, table: at(name) }))));
    expect(facts.size[key("full")]?.rows).toBeGreaterThan(3_000);
    expect(facts.size[key("full")]?.bytes).toBeGreaterThan(500_000);
    expect(facts.size[key("full")]?.partitions).toBe(0);
    expect(facts.size[key("parted")]).toMatchObject({ partitions: 3 });
    expect(facts.size[key("missing")]).toEqual({ rows: 0, bytes: 0, partitions: 0 });
    expect(names.map((name) => facts.empty[key(name)])).toEqual([false, true, true, false, true]);
    expect(facts.rights[key("full")]).toEqual({ owner: true, seesAllRows: true, create: true });
    expect(schema.tables[`${db.name}.full`]).toBeDefined();
  });

  test("may be looked at and changed only as was granted, by name, pattern or role", async (t) => {
    const { db, schema } = await asking(t, "create table mine (a int); create table seen (a int); create table hidden (a int); insert into hidden values (1)");
    const role = `role_${db.name}`;
    const pattern = db.name.replaceAll("_", "\\_").replace(/.$/, "%");
    await db.rows(`create role ${role}; grant select, insert, update, alter, create, drop, index on ${db.name}.mine to ${role}`);
    onTestFinished(() => void db.rows(`drop role ${role}`));
    const session = await sessionOfFew(
      db,
      `grant ${role} to $account; set default role ${role} ${onMysql ? "to" : "for"} $account; grant create temporary tables on \`${pattern}\`.* to $account;
      grant trigger on ${db.name}.mine to $account; grant select, update (a) on ${db.name}.seen to $account`,
    );
    const questions = ["mine", "seen", "hidden"].flatMap((name): Question[] =>
      (["empty", "rights"] as const).map((kind) => ({ kind, table: { schema: db.name, name } })),
    );
    const facts = await answer(session, questions, schema);
    const of = (name: string) => JSON.stringify([db.name, name]);
    expect(facts.rights[of("mine")]).toEqual({ owner: true, seesAllRows: true, create: false });
    expect(facts.rights[of("seen")]).toMatchObject({ owner: false });
    expect(facts.empty).toEqual({ [of("mine")]: true, [of("seen")]: true, [of("hidden")]: false });
  });
});
