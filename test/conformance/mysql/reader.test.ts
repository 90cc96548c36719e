// What only MySQL has, or shows otherwise than MariaDB: runs where a MySQL is given by HOTSTICK_MYSQL_URLS.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { here } from "../../harness/mariadb.ts";
import { named, openedWith, tableOf } from "../mariadb/opened.ts";

const everything = readFileSync(join(import.meta.dirname, "everything.sql"), "utf8");

describe.runIf(here?.given?.engine === "mysql")("reading MySQL", () => {
  test("columns have every attribute", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const table = tableOf(await read(), key("everything"));
    const column = (name: string) => named(table.columns, name);
    expect(table).toMatchObject({ comment: "table 'c\\", options: { engine: "InnoDB", charset: "utf8mb4", "row format": "Dynamic", stats_persistent: "1" } });
    expect(column("id")).toMatchObject({ type: "bigint unsigned", notNull: true, identity: { mode: "by default" } });
    expect(column("tiny")).toMatchObject({ type: "tinyint(1)", default: "1" });
    expect(column("bits")).toMatchObject({ type: "bit(5)", default: "b'101'" });
    expect(column("big").default).toBe("18446744073709551615");
    expect(column("day").default).toBe("'2020-01-01'");
    expect(column("changed")).toMatchObject({ default: "CURRENT_TIMESTAMP(6)", attributes: { "on update": "CURRENT_TIMESTAMP(6)" } });
    expect(column("due").default).toBe("((now() + interval 1 day))");
    expect(column("german")).toMatchObject({ default: "'a\\\\b''c\"d\n'", collation: "latin1_german1_ci", attributes: { charset: "latin1" } });
    expect(column("story").default).toBe("(_utf8mb4'x')");
    expect(column("mood").type).toBe("enum('a,b','it''s','back\\\\slash','dq\"x','ünï','','tab\tx','pct%')");
    expect(column("bytes").default).toBe("x'00FF01'");
    expect(column("more_bytes").default).toBe("x'610062'");
    expect(column("no_bytes").default).toBe("x''");
    expect(column("data")).toMatchObject({ type: "json", default: "(_utf8mb4'{}')" });
    expect(column("plus").generated).toEqual({ kind: "virtual", expression: "(`tiny` + 1)" });
    expect(column("twofold")).toMatchObject({ generated: { kind: "stored" }, attributes: { invisible: "yes" }, comment: "generated" });
    expect(column("hidden")).toMatchObject({ default: "5", attributes: { invisible: "yes" } });
    expect(column("place")).toMatchObject({ type: "point", attributes: { srid: "4326" } });
    expect(column("word").default).toBe("'null'");
    expect(column("now_word").default).toBe("'current_timestamp'");
  });

  test("indexes of every kind, and constraints", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const table = tableOf(await read(), key("everything"));
    expect(Object.fromEntries(table.indexes.map(({ name, definition }) => [name, definition]))).toMatchObject({
      beginning: "KEY `beginning` (`german`(4), `day` DESC) COMMENT 'ix ''c'''",
      invisible_one: "KEY `invisible_one` (`born`) INVISIBLE",
      functional: "KEY `functional` (((`tiny` + 1)), (lower(`word`)) DESC)",
      many_valued: expect.stringContaining("array"),
      parsed: expect.stringContaining("WITH PARSER `ngram`"),
      places: "SPATIAL KEY `places` (`place`)",
      unique_beginning: "UNIQUE KEY `unique_beginning` (`word`(5))",
    });
    expect(named(table.indexes, "functional")).toMatchObject({ keys: [null, null], mentions: ["tiny", "word"] });
    expect(named(table.constraints, "loose")).toMatchObject({
      kind: "check",
      enforced: false,
      columns: ["tiny"],
      definition: "CHECK ((`tiny` > 5)) NOT ENFORCED",
    });
    expect(named(table.constraints, "named")).toMatchObject({ enforced: true, columns: ["tiny", "we`ird \"n'ame"] });
    expect(named(table.constraints, "to_parent")).toMatchObject({ kind: "foreign-key", columns: ["parent"] });
  });

  test("a primary key that the server has made is one, and its column is hidden", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const table = tableOf(await read(), key("keyless"));
    expect(named(table.columns, "my_row_id")).toMatchObject({ type: "bigint unsigned", identity: { mode: "by default" }, attributes: { invisible: "yes" } });
    expect(named(table.indexes, "PRIMARY")).toMatchObject({ primary: true, keys: ["my_row_id"] });
  });

  test("what is not modelled is listed with its table", async (t) => {
    const { db, read } = await openedWith(t, everything);
    const at = (name: string) => [{ schema: db.name, name }];
    expect((await read()).unmodelled).toEqual([
      { kind: "engine attribute", name: "attributed", tables: at("attributed") },
      { kind: "engine attribute", name: "attributed.a", tables: at("attributed") },
      { kind: "histogram", name: "counted.a", tables: at("counted") },
    ]);
  });

  test("a table that is made again from its own text reads the same", async (t) => {
    const { db, read, key } = await openedWith(t, everything);
    const before = await read();
    for (const name of ["everything", "parted", "latin", "in_memory"]) {
      const [text] = await db.rows<Record<string, string>>(`show create table ${name}`);
      await db.rows(`set foreign_key_checks = 0; drop table ${name}; ${text?.["Create Table"]}`);
      const after = tableOf(await read(), key(name));
      expect({ ...after, triggers: [] }).toEqual({ ...tableOf(before, key(name)), triggers: [] });
    }
  });

  test("foreign keys of other databases are named", async (t) => {
    const { db, read, session } = await openedWith(t, "create table p (id int primary key)");
    const other = `${db.name}-b c`;
    await db.rows(`create database \`${other}\`; create table \`${other}\`.\`c/d\` (x int, constraint \`f k\` foreign key (x) references ${db.name}.p (id))`);
    onTestFinished(() => session.script([`drop database \`${other}\``]).then(() => undefined));
    expect((await read()).unmodelled).toEqual([
      { kind: "foreign key of another database", name: `${other}.c/d f k`, tables: [{ schema: db.name, name: "p" }] },
    ]);
  });

  test("takes the same few messages however large the database is", async (t) => {
    const { db, session } = await openedWith(t);
    const count = async (): Promise<number> => {
      const asked = async (): Promise<number> => Number((await session.script(["show session status like 'Questions'"]))[0]?.[0]?.["Value"]);
      const before = await asked();
      await mysqlDriver({ url: db.url }).introspect(session);
      return (await asked()) - before;
    };
    await db.rows("create table a0 (id int primary key, b int, key b (b))");
    const few = await count();
    await db.rows(Array.from({ length: 60 }, (_, i) => `create table b${i} (id int primary key, b int, key b (b), check (b > ${i}))`).join("; "));
    expect(await count()).toBe(few);
  });
});

test.skipIf(here?.given?.engine === "mysql")("these tests need a MySQL", () => {
  expect(here?.given?.engine).not.toBe("mysql");
});
