import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { explainDifference, fingerprint, tableFingerprints } from "../../../src/schema/fingerprint.ts";
import { hasMariadb, onMysql } from "../../harness/mariadb.ts";
import { everything, openedWith, tableOf } from "./opened.ts";

// MySQL's has what no Schema models, and settings that come with the session.
describe.runIf(hasMariadb && !onMysql)("what is made again from its own text on MariaDB", () => {
  /** Two things that SHOW CREATE TABLE cannot tell through text: bytes that are no UTF-8, and the reference system of a geometry. */
  const tellable = everything.replace("binary(3) default 0x00ff01", "binary(3) default 'abc'").replace(" ref_system_id=4326", "");

  test("has the same fingerprint when it comes from SHOW CREATE", async (t) => {
    const { db, session, read } = await openedWith(t, tellable);
    const before = await read();
    const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
    const show = async (what: string, name: string, field: string): Promise<string> => {
      const [rows = []] = await session.script([`show create ${what} ${quoted(name)}`]);
      return String(rows[0]?.[field]);
    };
    const again: string[] = ["set foreign_key_checks = 0"];
    for (const { name } of Object.values(before.tables)) again.push(`drop table ${quoted(name.name)}`, await show("table", name.name, "Create Table"));
    for (const { name } of Object.values(before.sequences)) again.push(`drop sequence ${quoted(name.name)}`, await show("sequence", name.name, "Create Table"));
    for (const { name } of Object.values(before.views)) {
      const text = await show("view", name.name, "Create View");
      again.push(text.replace(/^CREATE /, "CREATE OR REPLACE "));
    }
    const triggers = Object.values(before.tables).flatMap((table) => table.triggers);
    for (const trigger of triggers.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0)))
      again.push(`set sql_mode = '${trigger.attributes?.["sql mode"]}'`, await show("trigger", trigger.name, "SQL Original Statement"));
    const client = await db.connect();
    for (const statement of again) await client.query(statement);
    expect(explainDifference(before, await read())).toEqual([]);
    expect(tableFingerprints(await read())).toEqual(tableFingerprints(before));
  });

  test("and when indexes, checks, foreign keys, triggers, routines and events come from the Schema's own definitions", async (t) => {
    const { db, read, key } = await openedWith(t, tellable);
    const before = await read();
    const table = tableOf(before, key("everything"));
    const client = await db.connect();
    await client.query("set foreign_key_checks = 0");
    const name = (text: string): string => `\`${text.replaceAll("`", "``")}\``;
    for (const trigger of table.triggers) await client.query(`drop trigger ${name(trigger.name)}`);
    for (const constraint of table.constraints.filter((each) => each.kind === "foreign-key" || (each.kind === "check" && !each.form))) {
      const word = constraint.kind === "check" ? "constraint" : "foreign key";
      await client.query(`alter table everything drop ${word} ${name(constraint.name)}`);
      await client.query(`alter table everything add constraint ${name(constraint.name)} ${constraint.definition}`);
    }
    for (const index of table.indexes.filter((each) => !each.primary && each.constraint !== "to_parent" && each.name !== "explicit_one"))
      await client.query(`alter table everything drop index ${name(index.name)}, add ${index.definition}`);
    for (const trigger of table.triggers.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))) {
      await client.query(`set sql_mode = '${trigger.attributes?.["sql mode"]}'`);
      await client.query(trigger.definition);
    }
    await client.query("set sql_mode = default");
    for (const routine of Object.values(before.routines)) {
      await client.query(`drop ${routine.kind === "procedure" ? "procedure" : "function"} ${name(routine.name.name)}`);
      await client.query(routine.definition);
    }
    for (const event of Object.values(before.events ?? {})) {
      await client.query(`drop event ${name(event.name.name)}`);
      await client.query(event.definition);
    }
    expect(explainDifference(before, await read())).toEqual([]);
  });
});

describe.runIf(hasMariadb)("a fingerprint on MariaDB", () => {
  test("takes no notice of the order of columns, of what was dropped, of counters and rows", async (t) => {
    const { db, read } = await openedWith(t, "create table t (id int auto_increment primary key, a int, b varchar(5), key i (a), key j (b), check (a > 0))");
    const before = await read();
    await db.rows("insert into t (a) values (1), (2); alter table t auto_increment = 1000; analyze table t");
    await db.rows(
      "alter table t add c int first, add key k (c); alter table t drop c; alter table t modify a int after b; alter table t drop index i; alter table t add key i (a)",
    );
    expect(explainDifference(before, await read())).toEqual([]);
  });

  /** Each is done to `t` of this shape, one after the other, and must show. */
  const shape = `create table p (id int primary key);
    create table t (id int auto_increment primary key, a int, b varchar(20), c text, d timestamp(6) null, e enum('x', 'y'), p int, key a (a), constraint k check (a > 0));
    create view v as select id, a from t; ${onMysql ? "" : "create sequence s;"} create function f(x int) returns int deterministic return x; create procedure r() select 1;
    create trigger g before insert on t for each row set new.a = 1; create event n on schedule every 1 day do select 1`;
  const everywhere: readonly (readonly [change: string, said: RegExp])[] = [
    ["alter table t modify a int unsigned", onMysql ? /column a, type: int → int unsigned/ : /column a, type: int\(11\) → int\(10\) unsigned/],
    ["alter table t modify a int unsigned zerofill", /zerofill/],
    ["alter table t modify a int not null", /notNull/],
    ["alter table t modify a int not null default 5", /default: nothing → 5/],
    ["alter table t modify a int not null default 5 comment 'x'", /comment/],
    ["alter table t modify a int not null default 5 comment 'x' invisible", /attributes/],
    ["alter table t modify a int default (p + 1)", /default/],
    ["alter table t modify b varchar(20) collate utf8mb4_bin", /collation/],
    ["alter table t modify b varchar(20) character set latin1", /charset/],
    ["alter table t modify b varchar(20) compressed", /compressed/],
    ["alter table t modify d timestamp(6) null on update current_timestamp(6)", /column d, attributes: is new/],
    ["alter table t modify e enum('x', 'y,z')", /type: enum\('x','y'\) → enum\('x','y,z'\)/],
    ["alter table t modify b varchar(20) check (length(b) > 1)", /constraint/],
    ["alter table t add z int as (a + 1) virtual", /column z: is new/],
    ["alter table t drop z, add z int as (a + 1) stored", /kind: virtual → stored/],
    ["alter table t drop z, add z int as (a + 2) stored", /expression/],
    ["alter table t modify id int", /identity/],
    [`alter table t alter index a ${onMysql ? "invisible" : "ignored"}`, onMysql ? /INVISIBLE/ : /IGNORED/],
    ["alter table t drop index a, add index a (a desc)", /DESC/],
    ["alter table t drop index a, add unique index a (a)", /unique/],
    ["alter table t drop index a, add index a (b(5), a)", /keys|definition/],
    ["alter table t drop index a, add index a (b(6), a)", /definition/],
    ["alter table t drop index a, add index a (b(6), a) comment 'why'", /comment/],
    ["alter table t add fulltext key w (c)", /index w: is new/],
    ["alter table t drop constraint k, add constraint k check (a > 1)", /CHECK/],
    ["alter table t add constraint fk foreign key (p) references p (id)", /fk: is new/],
    ["alter table t drop foreign key fk, add constraint fk2 foreign key (p) references p (id) on delete cascade", /onDelete|fk2/],
    ["alter table t comment 'x'", /comment/],
    ["alter table t row_format = compressed", /row format/],
    ["alter table t row_format = dynamic", /row format/],
    ["alter table t page_compressed = 1", /page_compressed/],
    ["alter table t default character set latin1", /charset/],
    ["alter table t default character set utf8mb4 collate utf8mb4_unicode_ci", /collation/],
    ["alter table t drop foreign key fk2; alter table t engine = myisam", /engine/],
    ["alter table t engine = innodb, add system versioning", /system versioning/],
    ["create or replace view v as select id from t", /view/],
    ["alter algorithm = merge view v as select id from t", /algorithm/],
    ["alter sql security invoker view v as select id from t", /security/],
    ["alter sequence s increment 5", /increment/],
    ["create or replace function f(x int) returns int deterministic return x + 1", /definition|body/],
    ["create or replace function f(x int) returns bigint deterministic return x + 1", /returns/],
    ["alter procedure r sql security invoker", /security/],
    ["create or replace trigger g before insert on t for each row set new.a = 2", /trigger g/],
    ["create trigger g2 before insert on t for each row precedes g set new.a = 3", /order|g2/],
    ["set sql_mode = ''; create or replace trigger g2 before insert on t for each row precedes g set new.a = 3", /sql mode/],
    ["alter event n disable", /enabled/],
    ["alter event n on schedule every 2 day", /EVERY 2 DAY/],
    ["alter database character set latin1", /charset/],
  ];

  /** MySQL has no such words, and no catalog that tells a view's algorithm. */
  const changes = onMysql
    ? everywhere.filter(
        ([change]) => !/\) compressed|page_compressed|system versioning|sequence|create or replace (function|trigger)|alter algorithm/.test(change),
      )
    : everywhere;

  test("tells every change of an attribute", async (t) => {
    const { db, read } = await openedWith(t, shape);
    let before = await read();
    for (const [change, said] of changes) {
      await db.rows(change.replace("alter database", `alter database ${db.name}`));
      const after = await read();
      expect(fingerprint(after), change).not.toBe(fingerprint(before));
      expect(explainDifference(before, after).join("\n"), change).toMatch(said);
      before = after;
    }
  });

  test("leaves out temporary tables, other databases and our own", async (t) => {
    const { db, session, read } = await openedWith(t, "create table t (a int)");
    const before = await read();
    await session.script(["create temporary table x (a int)"]);
    await db.rows(`create database ${db.name}_other; create table ${db.name}_other.t (b int)`);
    onTestFinished(() => void db.rows(`drop database ${db.name}_other`));
    expect(await read()).toEqual(before);
  });
});

const corpus = join(import.meta.dirname, "../../../../shared/corpus");

describe.runIf(hasMariadb)("real schemas on MariaDB", () => {
  const chinook = join(corpus, "schemas/chinook-mysql.sql");
  if (!existsSync(chinook)) console.error("../shared/corpus/schemas/chinook-mysql.sql is absent; its test is SKIPPED.");

  test.skipIf(!existsSync(chinook))("Chinook is read whole", async (t) => {
    const text = readFileSync(chinook, "utf8")
      .split("\n")
      .filter((line) => !/^(DROP DATABASE|CREATE DATABASE|USE )/.test(line))
      .join("\n");
    const { read, key } = await openedWith(t, text);
    const schema = await read();
    expect(Object.keys(schema.tables)).toHaveLength(11);
    const constraints = Object.values(schema.tables).flatMap((table) => table.constraints);
    expect(constraints.filter(({ kind }) => kind === "foreign-key")).toHaveLength(11);
    expect(constraints.filter(({ kind }) => kind === "primary-key")).toHaveLength(11);
    expect(tableOf(schema, key("Track")).columns.map(({ name, type, notNull }) => [name, type, notNull])).toContainEqual(["UnitPrice", "decimal(10,2)", true]);
    expect(schema.unmodelled).toEqual([]);
  });

  const chain = join(corpus, "chains/temporal-mysql/versioned");
  if (!existsSync(chain)) console.error("../shared/corpus/chains/temporal-mysql is absent; its test is SKIPPED.");

  test.skipIf(!existsSync(chain))("a chain of versions ends in a schema that is read the same when it comes from SHOW CREATE", async (t) => {
    const { db, session, read } = await openedWith(t);
    const inOrder = readdirSync(chain).toSorted((a, b) => Number(a.split(".")[1]) - Number(b.split(".")[1]));
    for (const version of inOrder) {
      const manifest = JSON.parse(readFileSync(join(chain, version, "manifest.json"), "utf8")) as { readonly SchemaUpdateCqlFiles: readonly string[] };
      for (const file of manifest.SchemaUpdateCqlFiles) await db.rows(readFileSync(join(chain, version, file), "utf8"));
    }
    const before = await read();
    expect(Object.keys(before.tables).length).toBeGreaterThan(30);
    expect(before.unmodelled).toEqual([]);
    for (const { name } of Object.values(before.tables)) {
      const [[row] = []] = await session.script([`show create table ${name.name}`]);
      await db.rows(`drop table ${name.name}; ${String(row?.["Create Table"])}`);
    }
    expect(explainDifference(before, await read())).toEqual([]);
  });
});
