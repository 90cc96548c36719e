// Probes of a user's own statements: absent before, done after, on a server.
import type { RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { traceOf } from "../../../src/dialects/mysql/probes/statement.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";

const before = {
  table: () => null,
  column: () => null,
  index: (_: unknown, name: string) => name === "k" || name === "PRIMARY",
  partitioned: () => null,
  constraint: () => null,
  object: () => null,
};

/** What is there, and the statement. */
const seen: readonly (readonly [string, string])[] = [
  ["", "create table n (a int)"],
  ["", "create table if not exists `odd ``name` (a int)"],
  ["", "create table n like t"],
  ["", "create table n as select * from t"],
  ["", "drop table t"],
  ["create table n (a int)", "drop table if exists t, n"],
  ["", "rename table t to u"],
  ["create table n (a int)", "rename table t to u, n to t"],
  ["", "create view v as select a from t"],
  ["create view v as select a from t", "drop view v"],
  ["create view v as select a from t", "drop view if exists v, w"],
  ["", "create trigger x before insert on t for each row set new.a = 1"],
  ["create trigger x before insert on t for each row set new.a = 1", "drop trigger x"],
  ["", "create definer = current_user procedure p(a int) begin select a; end"],
  ["create procedure p() select 1", "drop procedure p"],
  ["", "create function f(a int) returns int deterministic return a"],
  ["create function f() returns int deterministic return 1", "drop function if exists f"],
  ["", "create event e on schedule every 1 day do select 1"],
  ["create event e on schedule every 1 day do select 1", "drop event e"],
  ["", "create sequence s"],
  ["create sequence s", "drop sequence s"],
  ["", "create index n on t (a)"],
  ["", "create unique index if not exists n on t (id, a)"],
  ["", "drop index k on t"],
  ["", "alter table t add index (a)"],
  ["", "alter table t add unique key (`A`, id)"],
  ["", "alter table t add index (K)"],
  ["", "alter table t add column b int, add index n (b)"],
  ["", "alter table t add (b int), drop column a"],
  ["", "alter table t change a b bigint"],
  ["", "alter table t rename column a to `b c`"],
  ["", "alter table t rename index k to n"],
  ["", "alter table t rename to u"],
  ["", "alter table t drop primary key"],
  ["", "alter table t add constraint n check (a > 0)"],
  ["", "alter table t add constraint n foreign key (a) references t (id)"],
  ["", "alter table t add constraint n unique (id, a)"],
  ["alter table t add constraint n check (a > 0)", "alter table t drop constraint n"],
  ["alter table t add constraint n foreign key (a) references t (id)", "alter table t drop foreign key n"],
  ["", "alter table t add column if not exists b int"],
  ["", "alter table t drop column if exists a"],
  ["", "alter table t add column b int, comment = 'x', modify a bigint"],
  ["alter table t partition by hash (id) partitions 2", "alter table t remove partitioning"],
  ["alter table t partition by hash (id) partitions 2", "alter table t rename to u remove partitioning"],
];

const again: readonly string[] = [
  "create or replace view v as select a from t",
  "create or replace procedure p() select 1",
  "alter table t modify a bigint",
  "alter table t comment = 'x', alter column a set default 1",
  "analyze table t",
  "optimize table t",
  "alter table t force",
];

const unseen: readonly string[] = [
  "truncate table t",
  "call p()",
  "truncate table u",
  "alter table t add index (a), add index (a, id)",
  "alter table t add check (a > 0)",
  "alter table t drop primary key, add primary key (a)",
  "alter table t drop index k, add index k (a, id)",
  "create user u",
];

/** MySQL has no such statements. */
const isThere = (text: string): boolean => !onMysql || !/sequence|(index|column) if (not )?exists|create or replace procedure/.test(text);

describe.runIf(hasMariadb)("the probe of a user's own statement", () => {
  test.for(seen.filter((each) => isThere(each.join())))("%j, then %j", async ([there, statement], t) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("create table t (id int not null primary key, a int, k int, key k (a)) engine = InnoDB");
    if (there !== "") await session.query(there);
    const trace = traceOf(statement, version, before);
    const state = async (): Promise<unknown> => {
      if (trace.kind !== "seen") return trace.kind;
      const [rows] = await session.query<RowDataPacket[]>(trace.probe);
      return rows[0]?.["state"];
    };
    expect(await state()).toBe("absent");
    await session.query(statement);
    expect(await state()).toBe("done");
  });

  test.for(again.filter(isThere))("%s may be sent twice", async (statement, t) => {
    const session = await (await mariadbDatabaseFor(t)).connect();
    await session.query("create table t (id int not null primary key, a int, k int, key k (a)) engine = InnoDB");
    expect(traceOf(statement, version, before).kind).toBe("again");
    await session.query(statement);
    await session.query(statement);
  });

  test.each([
    "alter table t rename column a to k, rename column k to a",
    "alter table t change a k int, change k a int",
    "alter table t rename column a to k, drop column k, add column a int",
    "rename table t to n, u to t, n to u",
  ])("%s gives the names back when it is sent twice", (statement) => expect(traceOf(statement, version, before).kind).toBe("exchange"));

  test.each(unseen)("%s leaves nothing to be seen", (statement) => expect(traceOf(statement, version, before).kind).toBe("unseen"));

  test("a temporary table is in no catalog", () => {
    const none = { table: () => false, column: () => null, index: () => null, partitioned: () => null, constraint: () => null, object: () => null };
    expect(traceOf("alter table t add column b int", version, none).kind).toBe("unseen");
  });

  test("what holds already is no sign", () => {
    const there = { table: () => true, column: () => true, index: () => true, partitioned: () => false, constraint: () => true, object: () => true };
    expect(traceOf("alter table t add column a int", version, there).kind).toBe("unseen");
    expect(traceOf("create table t (a int)", version, there).kind).toBe("unseen");
    expect(traceOf("create index k on t (a)", version, there).kind).toBe("unseen");
    expect(traceOf("alter table t remove partitioning", version, there).kind).toBe("unseen");
    expect(traceOf("alter table t add column if not exists a int", version, there).kind).toBe("seen");
  });
});
