import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { introspect } from "../../../src/drivers/mysql/introspect.ts";
import { explainDifference, fingerprint, tableFingerprints } from "../../../src/schema/fingerprint.ts";
import type { Schema, Table } from "../../../src/schema/model.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";

const everything = readFileSync(join(import.meta.dirname, "everything.sql"), "utf8");

type Test = Parameters<typeof mariadbDatabaseFor>[0];

interface Opened {
  readonly db: MariadbDatabase;
  readonly session: Session;
  read(): Promise<Schema>;
  /** What is under this name in the database, as a key of the Schema's maps. */
  key(name: string): string;
}

async function opened(t: Test): Promise<Opened> {
  const db = await mariadbDatabaseFor(t);
  const driver = mysqlDriver({ url: db.url });
  const session = await driver.connect({ purpose: "reader" });
  onTestFinished(() => session.close());
  return { db, session, read: () => driver.introspect(session), key: (name) => `${db.name}.${name}` };
}

async function openedWith(t: Test, text: string): Promise<Opened> {
  const all = await opened(t);
  await all.db.rows(text);
  return all;
}

function tableOf(schema: Schema, key: string): Table {
  const table = schema.tables[key];
  if (!table) throw new Error(`${key} was not read`);
  return table;
}
const named = <T extends { readonly name: unknown }>(list: readonly T[], name: string): T => {
  const found = list.find((each) => each.name === name);
  if (!found) throw new Error(`${name} was not read`);
  return found;
};

describe.runIf(hasMariadb)("one of everything on MariaDB", () => {
  test("is read the same twice, whatever the settings of the database's own clients", async (t) => {
    const { db, read } = await openedWith(t, everything);
    const schema = await read();
    await db.rows("set global sql_mode = 'ANSI'; set global sql_quote_show_create = 0");
    onTestFinished(() => void db.rows("set global sql_mode = default; set global sql_quote_show_create = default"));
    const later = await mysqlDriver({ url: db.url }).connect({ purpose: "reader" });
    onTestFinished(() => later.close());
    expect(await introspect(later)).toEqual(schema);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    expect(fingerprint(await read())).toBe(fingerprint(schema));
  });

  test("has every family", async (t) => {
    const { db, read, key } = await openedWith(t, everything);
    const schema = await read();
    expect(schema).toMatchObject({ engine: "mysql", types: {}, extensions: {}, publications: {}, statistics: {} });
    expect(schema.version).toBeGreaterThanOrEqual(101_100);
    expect(schema.namespaces).toEqual({
      [db.name]: { name: db.name, owner: "", grants: [], comment: null, options: { charset: "utf8mb4", collation: expect.stringMatching(/^utf8mb4_/) } },
    });
    expect(Object.keys(schema.sequences)).toEqual([key("numbers")]);
    expect(schema.sequences[key("numbers")]).toMatchObject({
      type: "bigint",
      start: "5",
      increment: "3",
      min: "-10",
      max: "1000",
      cache: "7",
      cycle: true,
      comment: "seq 'c'",
    });
    expect(schema.unmodelled).toEqual([
      { kind: "package", name: "tools", tables: [] },
      { kind: "period", name: "stay", tables: [{ schema: db.name, name: "booked" }] },
    ]);
    expect(named(tableOf(schema, key("like_a_period")).constraints, "stay").kind).toBe("check");
    expect(Object.keys(schema.tables)).toContain(`${db.name}."Odd \`Table"""`);
  });

  test("has routines and events, with the settings they run under", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const { routines, events } = await read();
    expect(Object.keys(routines)).toEqual([
      key("product(`x` int(11))"),
      key("f()"),
      key("joined(`a` int(11), `b` varchar(10) CHARSET latin1 COLLATE latin1_swedish_ci)"),
      `procedure ${key("f()")}`,
      key("run(IN `a` int(11), OUT `b` decimal(10,2), INOUT `c d` enum('x','y') CHARSET utf8mb4 COLLATE utf8mb4_general_ci)"),
    ]);
    expect(Object.values(routines).map(({ kind }) => kind)).toEqual(["aggregate", "function", "function", "procedure", "procedure"]);
    expect(
      named(
        Object.values(routines).map((each) => ({ ...each, name: each.name.name })),
        "joined",
      ),
    ).toMatchObject({
      returns: "varchar(20) CHARSET utf8mb4 COLLATE utf8mb4_general_ci",
      body: "return concat(a, b)",
      volatility: "immutable",
      comment: "two 'texts'",
      owner: "root@localhost",
      attributes: { security: "DEFINER", "data access": "NO SQL", "sql mode": expect.stringContaining("STRICT_TRANS_TABLES") },
    });
    expect(events?.[key("hourly")]).toMatchObject({ enabled: false, comment: "e", body: "delete from everything where id = 0" });
    expect(events?.[key("once")]?.definition).toContain("ON SCHEDULE AT '2037-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO begin");
  });

  test("has every attribute of a table", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const schema = await read();
    const options = (name: string) => tableOf(schema, key(name)).options;
    expect(tableOf(schema, key("everything"))).toMatchObject({ comment: "table 'c\\", kind: "table", partitionKey: null });
    expect(options("everything")).toEqual({
      engine: "InnoDB",
      charset: "utf8mb4",
      collation: expect.stringMatching(/^utf8mb4_/),
      "row format": "Dynamic",
      stats_persistent: "1",
      page_compressed: "'1'",
    });
    expect(options("latin")).toMatchObject({ charset: "latin1", collation: "latin1_swedish_ci" });
    expect(options("not_safe")).toMatchObject({ engine: "MyISAM" });
    expect(options("versioned")).toMatchObject({ "system versioning": "yes" });
    expect(tableOf(schema, key("parted"))).toMatchObject({
      kind: "partitioned",
      partitionKey: { definition: "RANGE COLUMNS (`b`) SUBPARTITION BY HASH (`a`)", columns: ["a", "b"] },
      options: {
        partitions: "`p0` VALUES LESS THAN ('2020-01-01') (`p0sp0` COMMENT 'old', `p0sp1` COMMENT 'old'), `p1` VALUES LESS THAN MAXVALUE (`p1sp0`, `p1sp1`)",
      },
    });
    expect(options("listed")["partitions"]).toBe("`p0` VALUES IN (NULL,1,2), `p1` VALUES IN (3)");
    expect(tableOf(schema, key("keyed")).partitionKey).toEqual({ definition: "KEY (`a`)", columns: ["a"] });
    expect(tableOf(schema, key("versioned_weekly")).partitionKey?.definition).toContain("SYSTEM_TIME INTERVAL 7 DAY STARTS TIMESTAMP'2026-01-01 00:00:00'");
    expect(tableOf(schema, key("versioned_explicitly")).partitionKey?.definition).toBe("SYSTEM_TIME");
  });

  test("has every attribute of a column", async (t) => {
    const { db, read, key } = await openedWith(t, everything);
    const schema = await read();
    const { columns } = tableOf(schema, key("everything"));
    const column = (name: string) => named(columns, name);
    expect(columns.map(({ position }) => position)).toEqual(columns.map((_, at) => at + 1));
    expect(column("id")).toMatchObject({
      type: "int(10) unsigned",
      notNull: true,
      identity: { mode: "by default", sequence: { schema: db.name, name: "everything" } },
    });
    expect(named(tableOf(schema, key("parents")).columns, "id").type).toBe("int(10) unsigned zerofill");
    expect(column("bits")).toMatchObject({ type: "bit(5)", default: "b'101'" });
    expect(column("big").default).toBe("18446744073709551615");
    expect(column("amount")).toMatchObject({ type: "decimal(65,30) unsigned", default: "1.500000000000000000000000000000" });
    expect(column("twice").default).toBe("1e300");
    expect(column("clock").default).toBe("'-838:59:59.000'");
    expect(column("changed")).toMatchObject({ notNull: true, default: "current_timestamp(6)", attributes: { "on update": "current_timestamp(6)" } });
    expect(column("due").default).toBe("(current_timestamp() + interval 1 day)");
    expect(column("german")).toMatchObject({ collation: "latin1_german1_ci", attributes: { charset: "latin1" }, default: "'a\\\\b''c\"d\\n'" });
    expect(column("mood")).toMatchObject({
      type: "enum('a,b','it''s','back\\\\slash','dq\"x','ünï','','tab\tx','pct%')",
      collation: "utf8mb4_bin",
      default: "'it''s'",
    });
    expect(column("tags")).toMatchObject({ type: "set('x','y\\\\','z''')", default: "'x,y\\\\'" });
    expect(column("bytes")).toMatchObject({ type: "binary(3)", default: "x'00FF01'", collation: null });
    expect(column("more_bytes").default).toBe("'a\\0b'");
    expect(column("blob")).toMatchObject({ type: "blob", attributes: { compressed: "yes" }, toastable: true });
    expect(column("packed")).toMatchObject({ type: "varchar(100)", attributes: { compressed: "yes", charset: "utf8mb4" } });
    expect(column("note").comment).toBe('it\'s a \\ "note"');
    expect(column("data")).toMatchObject({ type: "longtext", collation: "utf8mb4_bin", default: "'{}'" });
    expect(column("plus")).toMatchObject({ default: null, generated: { kind: "virtual", expression: "`tiny` + 1" } });
    expect(column("double_plus")).toMatchObject({
      generated: { kind: "stored", expression: "`filled` * 2" },
      attributes: { invisible: "yes" },
      comment: "generated",
    });
    expect(column("hidden_required")).toMatchObject({ notNull: true, default: "6", attributes: { invisible: "yes" } });
    expect(column("uid")).toMatchObject({ type: "uuid", default: "uuid()" });
    expect(column("place")).toMatchObject({ type: "point", notNull: true, attributes: { srid: "4326" } });
    expect(column("shape").attributes).toEqual({});
    expect(column("sum").default).toBe("(`tiny` + 1)");
    expect([column("word").default, column("now_word").default, column("nothing").default]).toEqual(["'null'", "'current_timestamp'", null]);
    expect(column("we`ird \"n'ame").type).toBe("int(11)");
    expect(named(tableOf(schema, key("versioned")).columns, "b").attributes).toEqual({ "system versioning": "no" });
    expect(named(tableOf(schema, key("versioned_explicitly")).columns, "until")).toMatchObject({
      generated: { kind: "stored", expression: "ROW END" },
      attributes: { invisible: "yes" },
    });
  });

  test("has indexes of every kind by the server's words", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const schema = await read();
    const { indexes } = tableOf(schema, key("everything"));
    expect(indexes.map(({ definition }) => definition)).toEqual([
      "PRIMARY KEY (`id`)",
      "KEY `beginning` (`german`(4), `day` DESC) COMMENT 'ix ''c'''",
      "UNIQUE KEY `big` (`big`)",
      "KEY `explicit_one` (`other_parent`, `id`)",
      "KEY `ignored_one` (`born`) IGNORED",
      "UNIQUE KEY `long_unique` (`story`) USING HASH",
      "KEY `of_generated` (`plus`)",
      "SPATIAL KEY `places` (`place`)",
      "KEY `to_parent` (`parent`)",
      "UNIQUE KEY `unique_beginning` (`word`(5))",
      "UNIQUE KEY `unique_nothing` (`nothing`)",
      "FULLTEXT KEY `words` (`note`)",
    ]);
    expect(indexes.map(({ method }) => method).filter((method) => method !== "btree")).toEqual(["hash", "spatial", "fulltext"]);
    expect(named(indexes, "beginning")).toMatchObject({ keys: [null, "day"], mentions: ["german", "day"], comment: "ix 'c'", unique: false });
    expect(tableOf(schema, key("in_memory")).indexes.map(({ definition }) => definition)).toEqual(["KEY `a` (`a`)", "KEY `b` (`a`) USING BTREE"]);
  });

  test("has constraints, and the indexes that they lean on", async (t) => {
    const { db, read, key } = await openedWith(t, everything);
    const schema = await read();
    const { constraints, indexes } = tableOf(schema, key("everything"));
    const short = constraints.map(({ name, kind, columns, definition, form }) => [name, kind, columns.join(), definition, ...(form ? [form] : [])]);
    expect(short).toEqual([
      ["PRIMARY", "primary-key", "id", "PRIMARY KEY (`id`)"],
      ["big", "check", "big", "CHECK (`big` > 0)", "column"],
      ["big", "unique", "big", "UNIQUE (`big`)"],
      ["checked", "check", "tiny,checked", "CHECK (`checked` > `tiny`)", "column"],
      ["data", "check", "data", "CHECK (json_valid(`data`))", "column"],
      ["long_unique", "unique", "story", "UNIQUE (`story`)"],
      ["named", "check", "tiny,we`ird \"n'ame", "CHECK (`tiny` < 100 and `we``ird \"n'ame` > 0)"],
      ["short", "check", "short", "CHECK (octet_length(`short`) > 2)", "column"],
      ["to_other", "foreign-key", "other_parent", "FOREIGN KEY (`other_parent`) REFERENCES `parents` (`id`) ON DELETE NO ACTION"],
      ["to_parent", "foreign-key", "parent", "FOREIGN KEY (`parent`) REFERENCES `parents` (`id`) ON DELETE SET NULL ON UPDATE CASCADE"],
      ["unique_nothing", "unique", "nothing", "UNIQUE (`nothing`)"],
    ]);
    expect(named(constraints, "to_parent")).toMatchObject({
      index: "to_parent",
      references: { table: { schema: db.name, name: "parents" }, columns: ["id"], onDelete: "SET NULL", onUpdate: "CASCADE" },
    });
    // The server made this one by itself; of the other key somebody else's index takes care.
    expect(named(indexes, "to_parent").constraint).toBe("to_parent");
    expect(named(constraints, "to_other").index).toBe("explicit_one");
    expect(named(indexes, "explicit_one").constraint).toBeNull();
  });

  test("has triggers in their order, and views with the columns they need", async (t) => {
    const { db, read, key } = await openedWith(t, everything);
    const schema = await read();
    const { triggers } = tableOf(schema, key("everything"));
    expect(triggers.map(({ name, timing, events, order }) => [name, timing, events.join(), order])).toEqual([
      ["after_update", "after", "update", 1],
      ["first", "before", "insert", 1],
      ["second", "before", "insert", 2],
    ]);
    expect(named(triggers, "after_update")).toMatchObject({
      owner: "root@localhost",
      attributes: { "sql mode": "NO_BACKSLASH_ESCAPES" },
      definition: "CREATE DEFINER=`root`@`localhost` TRIGGER `after_update` AFTER UPDATE ON `everything` FOR EACH ROW set @x = 'a\\'",
    });
    expect(schema.views[key("bright")]).toMatchObject({
      definition: expect.stringContaining(`from \`${db.name}\`.\`everything\``),
      owner: "root@localhost",
      options: { security: "DEFINER", "check option": "LOCAL" },
      uses: [{ name: { schema: db.name, name: "everything" }, columns: ["id", "tiny", "german"] }],
    });
    expect(schema.views[key("bright")]?.columns.map(({ name, type }) => [name, type])).toEqual([
      ["id", "int(10) unsigned"],
      ["one", "tinyint(1)"],
      ["c", "varchar(11)"],
    ]);
    expect(schema.views[key("brighter")]).toMatchObject({
      options: { security: "INVOKER", algorithm: "MERGE" },
      uses: [
        { name: { schema: db.name, name: "bright" }, columns: ["id", "one", "c"] },
        { name: { schema: db.name, name: "parents" }, columns: ["id"] },
      ],
    });
  });

  test("has privileges on tables and columns", async (t) => {
    const { db, read, key } = await openedWith(t, "create table t (a int, b int)");
    const role = `${db.name}_reader`.slice(0, 60);
    await db.rows(`create role ${role}; grant select, update (b) on t to ${role} with grant option`);
    onTestFinished(() => void db.rows(`drop role ${role}`));
    const table = tableOf(await read(), key("t"));
    const grantee = `'${role}'@''`;
    expect(table.grants).toEqual([{ grantee, grantor: "", privilege: "SELECT", grantable: true }]);
    expect(named(table.columns, "b").grants).toEqual([{ grantee, grantor: "", privilege: "UPDATE", grantable: true }]);
  });
});

describe.runIf(hasMariadb)("what is made again from its own text on MariaDB", () => {
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
    create view v as select id, a from t; create sequence s; create function f(x int) returns int deterministic return x; create procedure r() select 1;
    create trigger g before insert on t for each row set new.a = 1; create event n on schedule every 1 day do select 1`;
  const changes: readonly (readonly [change: string, said: RegExp])[] = [
    ["alter table t modify a int unsigned", /column a, type: int\(11\) → int\(10\) unsigned/],
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
    ["alter table t alter index a ignored", /IGNORED/],
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
    ["alter table t drop foreign key fk2; alter table t engine = aria", /engine/],
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

describe.runIf(hasMariadb)("reading on MariaDB", () => {
  test("takes the same few messages however large the database is", async (t) => {
    const { db, session } = await opened(t);
    const make = Array.from({ length: 200 }, (_, i) => `create table t${i} (id int primary key, a int, key (a), p int, foreign key (p) references t0 (id))`);
    await db.rows(make.join(";"));
    let messages = 0;
    const counting = {
      script: (statements: readonly string[]) => {
        messages += 1;
        return session.script(statements);
      },
    } as Session;
    const schema = await introspect(counting);
    expect(Object.keys(schema.tables)).toHaveLength(200);
    expect(messages).toBe(2);
  });

  test("survives tables that come and go meanwhile, and sees what stays", async (t) => {
    const { db, read, key } = await openedWith(t, "create table stays (a int primary key)");
    const writer = await db.connect();
    let done = false;
    const churning = (async () => {
      while (!done)
        await writer.query(
          "create table goes (a int primary key, b text, check (b <> '')); create trigger g before insert on goes for each row set new.a = 1; create view sees as select a from goes; drop view sees; drop table goes",
        );
    })();
    for (let round = 0; round < 10; round += 1) expect(Object.keys((await read()).tables)).toContain(key("stays"));
    done = true;
    await churning;
  });

  test("goes on where a view's tables are gone", async (t) => {
    const { db, read, key } = await openedWith(t, "create table t (a int); create view v as select a from t");
    await db.rows("drop table t");
    expect((await read()).views[key("v")]).toMatchObject({ columns: [], uses: [] });
  });

  test("of an account with few rights gives what it may see", async (t) => {
    const { db } = await openedWith(
      t,
      "create table t (a int); create table u (a int); create function f() returns int deterministic return 1; create view v as select a from t",
    );
    const account = `few_${db.name}`.slice(0, 60);
    await db.rows(
      `create user '${account}'@'%' identified by 'x'; grant select on ${db.name}.t to '${account}'@'%'; grant select on ${db.name}.v to '${account}'@'%'`,
    );
    onTestFinished(() => void db.rows(`drop user '${account}'@'%'`));
    const url = new URL(db.url);
    url.username = account;
    url.password = "x";
    const session = await mysqlDriver({ url: url.href }).connect({ purpose: "reader" });
    onTestFinished(() => session.close());
    const schema = await introspect(session);
    expect(Object.values(schema.tables).map(({ name }) => name.name)).toEqual(["t"]);
    expect(schema.unmodelled.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["view whose text may not be read v"]);
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
});
