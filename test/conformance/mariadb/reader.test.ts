import { describe, expect, onTestFinished, test } from "vitest";
import type { Row, Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { introspect } from "../../../src/drivers/mysql/introspect.ts";
import { fingerprint } from "../../../src/schema/fingerprint.ts";
import { hasMariadb, onMysql, versionHere } from "../../harness/mariadb.ts";
import { everything, named, openedWith, sessionOfFew, tableOf } from "./opened.ts";

/** From 11 on bytes are shown by their digits, and characters have another collation by default. */
const newer = versionHere >= 110_500;
const usual = newer ? "utf8mb4_uca1400_ai_ci" : "utf8mb4_general_ci";

// What MySQL has is read in ../mysql/reader.test.ts.
describe.runIf(hasMariadb && !onMysql)("one of everything on MariaDB", () => {
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

  test("gives a column's check the name of its column, which the server does not after RENAME COLUMN", async (t) => {
    const { db, read, key } = await openedWith(
      t,
      "create table t (a int comment 'a CHECK (b)' check (a > 0), b int default 7 check (b > a), c json, d int check (1 > 0)); alter table t rename column a to b, rename column b to a, rename column c to e",
    );
    const checks = async () => tableOf(await read(), key("t")).constraints.map(({ name, definition }) => [name, definition]);
    const renamed = [
      ["a", "CHECK (`a` > `b`)"],
      ["b", "CHECK (`b` > 0)"],
      ["d", "CHECK (1 > 0)"],
      ["e", "CHECK (json_valid(`e`))"],
    ];
    expect(await checks()).toEqual(renamed);
    await db.rows("flush tables");
    expect(await checks()).toEqual(renamed);
  });

  test("has routines and events, with the settings they run under", async (t) => {
    const { read, key } = await openedWith(t, everything);
    const { routines, events } = await read();
    expect(Object.keys(routines)).toEqual([
      key("product(`x` int(11))"),
      key("f()"),
      key("joined(`a` int(11), `b` varchar(10) CHARSET latin1 COLLATE latin1_swedish_ci)"),
      `procedure ${key("f()")}`,
      key(`run(IN \`a\` int(11), OUT \`b\` decimal(10,2), INOUT \`c d\` enum('x','y') CHARSET utf8mb4 COLLATE ${usual})`),
    ]);
    expect(Object.values(routines).map(({ kind }) => kind)).toEqual(["aggregate", "function", "function", "procedure", "procedure"]);
    expect(
      named(
        Object.values(routines).map((each) => ({ ...each, name: each.name.name })),
        "joined",
      ),
    ).toMatchObject({
      returns: `varchar(20) CHARSET utf8mb4 COLLATE ${usual}`,
      body: "return concat(a, b)",
      volatility: "immutable",
      comment: "two 'texts'",
      owner: expect.stringMatching(/^root@/),
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
      page_compressed: "1",
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
    expect(column("more_bytes").default).toBe(newer ? "x'610062'" : "'a\\0b'");
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
      owner: expect.stringMatching(/^root@/),
      attributes: { "sql mode": "NO_BACKSLASH_ESCAPES" },
      definition: expect.stringMatching(/^CREATE DEFINER=`root`@`\S+` TRIGGER `after_update` AFTER UPDATE ON `everything` FOR EACH ROW set @x = 'a\\'$/),
    });
    expect(schema.views[key("bright")]).toMatchObject({
      definition: expect.stringContaining(`from \`${db.name}\`.\`everything\``),
      owner: expect.stringMatching(/^root@/),
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

describe.runIf(hasMariadb)("reading on MariaDB", () => {
  test("takes the same few messages however large the database is", async (t) => {
    const { db, session } = await openedWith(t);
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

  test("looks again where something was changed in the middle of it", async (t) => {
    const { db, session, key } = await openedWith(t, "create table t (a int); create table u (b int)");
    let looks = 0;
    let changed = false;
    const disturbed = {
      async script(statements: readonly string[]) {
        if (statements.length === 2) return session.script(statements);
        looks += 1;
        const results: (readonly Row[])[] = [];
        for (const statement of statements) {
          results.push(...(await session.script([statement])));
          // Between the columns and the indexes of the first look.
          if (changed || !statement.includes("information_schema.columns")) continue;
          changed = true;
          await db.rows("alter table t add c int, add key c (c); drop table u");
        }
        return results;
      },
    } as Session;
    const schema = await introspect(disturbed);
    expect(looks).toBe(2);
    expect(Object.keys(schema.tables)).toEqual([key("t")]);
    expect(tableOf(schema, key("t")).columns.map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test("looks again where a change that was begun before it ends in the middle", async (t) => {
    const { db, session, key } = await openedWith(t, "create table t (a int); insert into t values (1)");
    // The server keeps whole seconds of when a table was made.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const [reader, writer] = [await db.connect(), await db.connect()];
    await reader.query("begin; select * from t");
    const altered = writer.query("alter table t add c int");
    const waits = async (): Promise<boolean> =>
      (await db.rows("select 1 from information_schema.processlist where state like 'Waiting for table metadata lock'")).length > 0;
    while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 10));
    let looks = 0;
    const disturbed = {
      async script(statements: readonly string[]) {
        if (statements.length === 2) return session.script(statements);
        looks += 1;
        const results: (readonly Row[])[] = [];
        for (const statement of statements) {
          results.push(...(await session.script([statement])));
          if (looks > 1 || !statement.includes("information_schema.columns")) continue;
          await reader.query("rollback");
          await altered;
        }
        return results;
      },
    } as Session;
    const schema = await introspect(disturbed);
    expect(looks).toBe(2);
    expect(tableOf(schema, key("t")).columns.map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test.skipIf(onMysql)("looks again where a sequence, which MySQL does not have, is gone before it was asked for its options", async (t) => {
    const { db, session, key } = await openedWith(t, "create sequence s; create sequence u");
    let messages = 0;
    const disturbed = {
      async script(statements: readonly string[]) {
        messages += 1;
        if (messages === 3) await db.rows("drop sequence s");
        return session.script(statements);
      },
    } as Session;
    expect(Object.keys((await introspect(disturbed)).sequences)).toEqual([key("u")]);
    expect(messages).toBe(5);
  });

  test("names the foreign keys of other databases, whatever they are called", async (t) => {
    const { db, read } = await openedWith(t, "create table t (id int primary key); create table u (id int references t (id))");
    const other = `${db.name} ö.x-y`;
    await db.rows(`create database \`${other}\`; create table \`${other}\`.\`a.b\` (id int, constraint k foreign key (id) references ${db.name}.t (id))`);
    onTestFinished(() => void db.rows(`drop database \`${other}\``));
    expect((await read()).unmodelled).toEqual([{ kind: "foreign key of another database", name: `${other}.a.b k`, tables: [{ schema: db.name, name: "t" }] }]);
  });

  test("reads defaults of bytes that are no text, with rows and without, NULL or not", async (t) => {
    const { read, db, key } = await openedWith(
      t,
      "create table t (a varbinary(9) not null default 0xff, b binary(4) not null default 0x00ff0102, c varbinary(9) default 0xfe00, d binary(2) not null default 0x3f3f)",
    );
    for (const rows of [0, 1]) {
      if (rows > 0) await db.rows("insert into t values (0x01, 0x02, 0x03, 0x04)");
      const { tables, unmodelled } = await read();
      expect([unmodelled, tables[key("t")]?.columns.map((column) => column.default)]).toEqual([[], ["x'FF'", "x'00FF0102'", "x'FE00'", "x'3F3F'"]]);
    }
  });

  test("names what it is not allowed to read", async (t) => {
    const { db } = await openedWith(t, "create table t (a binary(2) default 0xff00, b text, fulltext key (b))");
    // MySQL has no sequences.
    if (!onMysql) await db.rows("create sequence s");
    const session = await sessionOfFew(db, `grant insert on ${db.name}.t to $account${onMysql ? "" : `; grant insert on ${db.name}.s to $account`}`);
    const schema = await introspect(session);
    expect(schema.unmodelled).toEqual([
      ...(newer ? [] : [{ kind: "default that may not be read", name: "t.a", tables: [{ schema: db.name, name: "t" }] }]),
      ...(onMysql ? [] : [{ kind: "sequence that may not be read", name: "s", tables: [] }]),
    ]);
  });

  test("names a trigger whose text its account may not read", async (t) => {
    const { db } = await openedWith(t, "create table t (a int); create table u (a int); create trigger g before insert on t for each row set new.a = 1");
    const session = await sessionOfFew(db, `grant select, insert on ${db.name}.t to $account; grant select on ${db.name}.u to $account`);
    const { unmodelled, tables } = await introspect(session);
    expect(Object.keys(tables)).toHaveLength(2);
    // MySQL does not tell of it at all.
    expect(unmodelled).toEqual(onMysql ? [] : [{ kind: "trigger whose text may not be read", name: "g", tables: [{ schema: db.name, name: "t" }] }]);
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
    const session = await sessionOfFew(db, `grant select on ${db.name}.t to $account; grant select on ${db.name}.v to $account`);
    const schema = await introspect(session);
    expect(Object.values(schema.tables).map(({ name }) => name.name)).toEqual(["t"]);
    expect(schema.unmodelled.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["view whose text may not be read v"]);
  });
});
