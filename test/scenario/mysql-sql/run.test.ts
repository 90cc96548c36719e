// A migration of a user's own SQL on MariaDB: its file, its steps, a death between act and journal, and the way back from anywhere.
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../../src/dialects/mysql/native/limits.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { bytesHash } from "../../../src/sources/hash.ts";
import { readSql } from "../../../src/sources/sql.ts";
import { splitFile } from "../../../src/syntax/mysql/split.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "../mysql-lifecycle/lived.ts";
import { large, planOf, sent, textsOf } from "./planned.ts";

function read(text: string): { readonly operations: readonly Operation[]; readonly accept: readonly string[] } {
  const bytes = Buffer.from(text);
  const { operations, accept } = readSql({ name: "change", path: "/change.sql", format: "sql", bytes, bytesHash: bytesHash(bytes) }, splitFile);
  return { operations: operations as unknown as readonly Operation[], accept };
}

const table =
  "create table t (id int primary key, a int not null, b varchar(20), key ka (a)) engine = InnoDB; insert into t select seq, seq, concat('b', seq) from seq_1_to_20";

/** From MariaDB 11.2 on others write while a table is copied. */
const { copiesOnline } = limitsOf(versionHere);

/** A statement that only MariaDB reads, and what it leaves; MySQL has it plainly. */
const setDefault = onMysql ? "alter table t alter column m set default 5" : "/*M!100000 alter table t alter column m set default 5 */";
/** MySQL has no IF NOT EXISTS for an index, and shows no width of an INT. */
const [ifNotExists, int, instant, build] = onMysql
  ? ["", "int", "INSTANT", "INPLACE, LOCK = NONE"]
  : ["if not exists ", "int(11)", "INSTANT, LOCK = NONE", "NOCOPY, LOCK = NONE"];

const file = `# a comment of this engine's; with a semicolon
alter table \`t\` add column note varchar(40) not null default 'a;b \\'c' comment "it's;", add index by_note (note);
/*!50000 alter table t add column m int */;
${setDefault};
update t set note = concat('#', id);
update t set m = 7 where id < 5;
delimiter $$
create procedure fill() begin
  update t set m = 1; -- here too;
  select 1;
end $$
delimiter ;
create trigger lower_note before insert on t for each row begin set new.note = lower(new.note); set new.m = 2; end;
create index ${ifNotExists}by_m on t (m);
-- hotstick: undo
drop index by_m on t;
drop trigger lower_note;
drop procedure fill;
update t set note = note;
update t set m = null;
alter table t alter column m drop default;
alter table t drop column m;
alter table t drop index by_note, drop column note;
`;

describe.runIf(hasMariadb)("a SQL migration", () => {
  test("is cut by the engine's rules, carried, and walked back from every step", { timeout: 120_000 }, async (t) => {
    const { operations, accept } = read(file);
    const all = await planOf(await withTable(t), (operations[0] as unknown as { statements: string[] }).statements);
    expect(all.plan?.steps.map(({ title }) => title.split(" ").slice(0, 2).join(" "))).toEqual([
      "alter table",
      "alter table",
      "/*!50000 alter",
      setDefault.split(" ").slice(0, 2).join(" "),
      "2 statements:",
      "create procedure",
      "create trigger",
      "create index",
    ]);
    for (let stop = 1; stop <= 8; stop++) {
      const db = await withTable(t);
      const before = await look(db, "t");
      let met = 0;
      const life = await lifecycleOf(db, operations, {
        accept,
        checkpoint: (point) => {
          if (point === "step:after" && ++met === stop) throw new Error("stopped");
        },
      });
      await life.to("expand").catch((error: Error) => expect(error.message).toContain("stopped"));
      expect(met).toBe(stop);
      await life.back("start");
      const after = await look(db, "t");
      // Rows that were written before stay as they are; what the file made is gone.
      expect(after.create).toBe(before.create);
      expect(after.rows).toEqual(before.rows);
      expect(after.triggers).toEqual([]);
      expect(await db.rows("select routine_name from information_schema.routines where routine_schema = database()")).toEqual([]);
    }
  });

  test("goes on after a death between act and journal, whatever it was at", { timeout: 120_000 }, async (t) => {
    for (let stop = 1; ; stop++) {
      const { operations, accept } = read(file);
      const db = await withTable(t);
      let met = 0;
      const life = await lifecycleOf(db, operations, {
        accept,
        checkpoint: (point) => {
          if (point === "statement:returned" && ++met === stop) throw new Error("died");
        },
      });
      const died = await life.to("expand").then(
        () => false,
        () => true,
      );
      if (!died) {
        expect(stop).toBe(8);
        break;
      }
      await life.to("drop");
      const { create, triggers, rows } = await look(db, "t");
      expect(create).toContain("`note` varchar(40) NOT NULL DEFAULT 'a;b ''c' COMMENT 'it''s;'");
      expect(create).toMatch(onMysql ? /`m` int DEFAULT '5'/ : /`m` int\(11\) DEFAULT 5/);
      expect(create).toContain("KEY `by_note` (`note`)");
      expect(create).toContain("KEY `by_m` (`m`)");
      expect(triggers).toHaveLength(1);
      expect(rows.filter((row) => row["m"] === 7)).toHaveLength(4);
    }
  });

  test("whose statement fails is walked back from there, with what was done and no more", async (t) => {
    const db = await withTable(t);
    await db.rows("insert into t values (21, 20, 'b20')");
    const before = await look(db, "t");
    const operation: Operation = {
      kind: "sql",
      phase: "expand",
      statements: ["alter table t add column c int", "create unique index one_a on t (a)", "create table never (a int)"],
      undo: ["drop table never", "drop index one_a on t", "alter table t drop column c"],
    };
    const life = await lifecycleOf(db, [operation]);
    await expect(life.to("expand")).rejects.toMatchObject({ code: "step-refused" });
    expect((await look(db, "t")).create).toContain(`\`c\` ${int}`);
    await life.back("start");
    expect(await look(db, "t")).toEqual(before);
  });
});

async function withTable(t: Parameters<typeof mariadbDatabaseFor>[0]) {
  const db = await mariadbDatabaseFor(t);
  await db.rows(table);
  return db;
}

describe.runIf(hasMariadb)("the plan of a user's own ALTER", () => {
  const rules = (findings: readonly { readonly rule: string; readonly severity: string }[]): string[] =>
    findings.map(({ rule, severity }) => `${rule} ${severity}`);

  test.runIf(copiesOnline)("lets a copy go on while others write, and says that it copies", async (t) => {
    const db = await withTable(t);
    const { plan, findings } = await planOf(db, ["alter table t modify a bigint not null"], { size: large });
    expect(plan?.steps[0]).toMatchObject({ work: "rewrite" });
    expect(rules(findings)).toContain("rebuilds-table warn");
  });

  test.skipIf(copiesOnline)("refuses a copy under which writers wait, unless it is accepted or small", async (t) => {
    const db = await withTable(t);
    const copy = ["alter table t modify a bigint not null"];
    const refused = await planOf(db, copy, { size: large });
    expect(refused.plan).toBeNull();
    expect(rules(refused.findings)).toEqual(["needs-shadow-copy refuse"]);
    expect(refused.findings[0]?.message).toContain("about 5,000,000 rows, 800 MB, 36 s");
    const accepted = await planOf(db, copy, { size: large, accept: ["needs-shadow-copy"] });
    expect(rules(accepted.findings)).toEqual(["needs-shadow-copy warn"]);
    expect(accepted.plan?.steps[0]).toMatchObject({ work: "rewrite", timeouts: { statement: 0 }, estimate: { rows: 5_000_000, holdMs: 36_364 } });
    const small = await planOf(db, copy);
    expect(rules(small.findings)).toEqual(["needs-shadow-copy warn"]);
    expect(sent(small)[0]?.text).toBe(copy[0]);
  });

  test("names what goes on to use a column that it takes away, but for what it sees to itself", async (t) => {
    const db = await withTable(t);
    await db.rows(`create view reads_b as select b from t; create view reads_a as select a from t; create procedure uses_b() select b from t;
      create trigger writes_b before insert on t for each row set new.b = trim(new.b)`);
    const told = async (...statements: string[]) =>
      (await planOf(db, statements)).findings
        .filter(({ rule }) => rule.startsWith("dependent-"))
        .map(({ rule, severity, subject }) => `${severity} ${rule} ${subject.name}`)
        .sort();
    const all = [`warn dependent-routine ${db.name}.uses_b`, "warn dependent-trigger writes_b", `warn dependent-view ${db.name}.reads_b`];
    expect(await told("alter table t drop column b")).toEqual(all);
    expect(await told("alter table t rename column b to c")).toEqual(all);
    expect(await told("alter table t change b c varchar(20)")).toEqual(all);
    expect(await told("alter table t modify b varchar(30)", "alter table t add column d int")).toEqual([]);
    // It is back under its name at the end, or what names it was made anew.
    expect(await told("alter table t rename column b to c", "alter table t rename column c to b")).toEqual([]);
    expect(
      await told(
        "drop view reads_b",
        "drop trigger if exists writes_b",
        "create or replace procedure uses_b() select c from t",
        "alter table t rename column b to c",
      ),
    ).toEqual([]);
  });

  test.skipIf(copiesOnline)("judges the undo too, by what the statement before it leaves", async (t) => {
    const db = await withTable(t);
    const { findings } = await planOf(db, ["alter table t modify b varchar(60)"], { undo: ["alter table t modify b varchar(20)"], size: large });
    expect(rules(findings)).toEqual(["needs-shadow-copy refuse"]);
    expect(findings[0]?.message).toMatch(/^The undo /);
    const same = await planOf(db, ["alter table t modify b varchar(20) comment 'x'"], { undo: ["alter table t modify b varchar(20)"], size: large });
    expect(same.findings).toEqual([]);
    expect(sent(same)[0]?.undo[0]).toContain("ALGORITHM = INSTANT");
  });

  test("knows what the statements before have done", async (t) => {
    const db = await withTable(t);
    const { plan } = await planOf(
      db,
      [
        "alter table t add column c varchar(20)",
        "alter table t modify c varchar(60)",
        "create index by_c on t (c)",
        "alter table t drop column c",
        "create table n (a int)",
        "alter table n modify a bigint",
        "rename table t to u",
        "alter table u add column d int as (a) virtual",
        "alter table u add column e int after a",
      ],
      { size: large, accept: ["needs-shadow-copy"] },
    );
    expect(plan?.steps.map(({ act }) => /ALGORITHM = (\w+)/.exec(textsOf(act)[0] ?? "")?.[1] ?? "none")).toEqual([
      "INSTANT",
      // A varchar grows in place on MySQL; a column with an index goes with the table made anew, and one beside a virtual column comes at any place.
      ...(onMysql ? ["INPLACE", "INPLACE", "INPLACE"] : ["INSTANT", "NOCOPY", "NOCOPY"]),
      "none",
      "none",
      "none",
      "INSTANT",
      onMysql ? "INSTANT" : copiesOnline ? "COPY" : "none",
    ]);
  });

  test("sends what would make the table anew only together in parts, each with its own way back", async (t) => {
    const db = await withTable(t);
    const statement = "alter table t add column c int, add index by_c (c)";
    const parts = await planOf(db, [statement], { undo: ["alter table t drop index by_c, drop column c"] });
    expect(sent(parts)).toEqual([
      { text: `alter table t add column c int, ALGORITHM = ${instant}`, undo: [`alter table t drop column c, ALGORITHM = ${instant}`] },
      { text: `alter table t add index by_c (c), ALGORITHM = ${build}`, undo: [`alter table t drop index by_c, ALGORITHM = ${build}`] },
    ]);
    // Nobody could tell which part this takes back.
    const whole = await planOf(db, [statement], { undo: ["alter table t drop column c"] });
    expect(sent(whole).map(({ text }) => text)).toEqual([`${statement}, ALGORITHM = INPLACE, LOCK = NONE`]);
    // Another index takes over what hung on the one that is dropped.
    const one = await planOf(db, ["alter table t drop index ka, add index ka (a, b), add column c int"]);
    expect(one.plan?.steps).toHaveLength(1);
  });

  test("leaves what says its own way as it is", async (t) => {
    const db = await withTable(t);
    const own = ["alter table t add column c int, algorithm=inplace", "create index i on t (b) lock=shared"];
    expect(sent(await planOf(db, own, { size: large, accept: ["needs-shadow-copy"] })).map(({ text }) => text)).toEqual(own);
    expect(rules((await planOf(db, ["alter table t add column c int, algorithm=copy"], { size: large })).findings)).toEqual(["needs-shadow-copy refuse"]);
    // The server refuses it, so nobody waits.
    expect((await planOf(db, ["alter table t modify a bigint, algorithm=instant"], { size: large })).findings).toEqual([]);
  });

  test("says what could be done twice", async (t) => {
    const db = await withTable(t);
    const { findings } = await planOf(
      db,
      ["truncate table t", "create table n (a int)", "alter table n add column b int", "alter table t add index (b)", "alter table t add index (b)"],
      { undo: ["drop index b_2 on t", "drop index b on t", "alter table n drop column b", "drop table n", "analyze table t"] },
    );
    expect(findings.map(({ rule, severity, subject }) => `${rule} ${severity} ${subject.name}`)).toEqual(["sent-again note truncate table t"]);
  });

  test.skipIf(copiesOnline)("asks for no copy where only the server can tell, and says so", async (t) => {
    const db = await withTable(t);
    await db.rows("alter table t add column g int as (a) stored");
    const { plan, findings } = await planOf(db, ["alter table t modify g bigint as (a) stored"], { size: large });
    expect(findings).toEqual([]);
    expect(plan?.steps[0]?.why).toContain("Only the server can tell");
    await expect(db.rows(sent({ plan })[0]?.text ?? "")).rejects.toThrow(/ALGORITHM=INPLACE is not supported/);
  });

  test("is sent without what stands behind it, so that its clause is read", async (t) => {
    const db = await withTable(t);
    for (const statement of ["alter table t add column x int;", "alter table t add column y int -- why", "alter table t add column z int /* why */ ;"]) {
      const [step] = sent(await planOf(db, [statement], { size: large }));
      expect(step?.text).toMatch(/ int, ALGORITHM = INSTANT/);
      await db.rows(step?.text ?? "");
    }
  });

  test.skipIf(onMysql)("drops a foreign key by that name where the server would keep it", async (t) => {
    const db = await withTable(t);
    await db.rows(
      "create table o (id int primary key); insert into o select id from t; alter table t add constraint f foreign key (a) references o (id), add column n int",
    );
    const life = await lifecycleOf(db, [{ kind: "sql", phase: "expand", statements: ["alter table t modify n bigint, drop constraint f"] } as Operation]);
    await life.to("drop");
    expect((await look(db, "t")).create).not.toContain("CONSTRAINT");
  });
});
