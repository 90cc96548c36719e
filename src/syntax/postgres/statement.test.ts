import { expect, test } from "vitest";
import { loadPostgresSyntax } from "./parser.ts";
import { describeStatement, type StatementDescription } from "./statement.ts";

const syntax = await loadPostgresSyntax();

function describe(sql: string): StatementDescription {
  const [statement, ...more] = syntax.parse(sql);
  if (!statement || more.length > 0) throw new Error(`one statement expected: ${sql}`);
  return describeStatement(statement.node);
}

const short: Readonly<Record<string, string>> = {
  "ACCESS SHARE": "AS",
  "ROW SHARE": "RS",
  "ROW EXCLUSIVE": "RX",
  "SHARE UPDATE EXCLUSIVE": "SUE",
  SHARE: "S",
  "SHARE ROW EXCLUSIVE": "SRE",
  EXCLUSIVE: "X",
  "ACCESS EXCLUSIVE": "AE",
};

/** `AE a.t, AS b` and a plus where more tables may be locked. */
const locks = ({ tables, moreTables }: StatementDescription): string =>
  tables.map(({ schema, name, mode }) => `${short[mode]} ${schema === null ? "" : `${schema}.`}${name}`).join(", ") + (moreTables ? "+" : "");

test.each([
  // rows
  ["select * from a.t, b where x in (select 1 from c)", "select", "AS a.t, AS b, AS c", "unknown"],
  ["select * from t for update", "select", "RS t", "unknown"],
  ["with t as (select * from t), u as (select * from t) select * from u, s.t", "select", "AS t, AS s.t", "unknown"],
  ["with recursive t as (select 1 union select * from t) select * from t", "select", "", "unknown"],
  ["insert into t select * from u", "insert", "RX t, AS u", "unknown"],
  ["with d as (delete from t returning *) insert into h select * from d", "insert", "RX t, RX h", "unknown"],
  ["update t set a = 1 from u where t.id = u.id", "update", "RX t, AS u", "unknown"],
  ["update t set a = 1 from t as o", "update", "RX t", "unknown"],
  ["delete from only t using u", "delete", "RX t, AS u", "unknown"],
  ["merge into t using s on t.a = s.a when matched then delete", "merge", "RX t, AS s", "unknown"],
  ["copy t from stdin", "copy", "RX t", "unknown"],
  ["copy t to stdout", "copy", "AS t", "unknown"],
  ["truncate a, b cascade", "truncate", "AE a, AE b+", "instant"],
  ["lock table a in share row exclusive mode", "lock table", "SRE a", "instant"],
  ["lock table a", "lock table", "AE a", "instant"],
  ["do $$ begin end $$", "do", "+", "unknown"],
  // tables
  ["create table t (a int references b.c, like d)", "create table", "AS d, SRE b.c", "instant"],
  ["create table t (a int, foreign key (a) references r) inherits (p)", "create table", "SUE p, SRE r", "instant"],
  ["create table t partition of p for values in (1)", "create table", "AE p+", "instant"],
  ["create table t as select * from u", "create table as", "AS u", "unknown"],
  ["alter table t add column a int", "alter table", "AE t", "instant"],
  ["alter table t add column a int default 1 not null", "alter table", "AE t", "instant"],
  ["alter table t add column a timestamptz default now() not null", "alter table", "AE t", "instant"],
  ["alter table t add column a int not null", "alter table", "AE t", "scan"],
  ["alter table t add column a uuid default gen_random_uuid()", "alter table", "AE t", "rewrite"],
  ["alter table t add column a int default app.f()", "alter table", "AE t", "unknown"],
  ["alter table t add column a app.positive", "alter table", "AE t", "unknown"],
  ["alter table t add column a bigserial", "alter table", "AE t", "rewrite"],
  ["alter table t add column a int generated always as identity", "alter table", "AE t", "rewrite"],
  ["alter table t add column a int generated always as (b + 1) stored", "alter table", "AE t", "rewrite"],
  ["alter table t add column a int generated always as (b + 1)", "alter table", "AE t", "instant"],
  ["alter table t add column a int unique", "alter table", "AE t", "build"],
  ["alter table t add column a int references u", "alter table", "AE t, SRE u", "instant"],
  ["alter table t add column a int check (a > 0)", "alter table", "AE t", "scan"],
  ["alter table t drop column a", "alter table", "AE t+", "instant"],
  ["alter table t alter a type text", "alter table", "AE t+", "unknown"],
  ["alter table t alter a set not null", "alter table", "AE t", "scan"],
  ["alter table t alter a drop not null, alter a set default 1", "alter table", "AE t", "instant"],
  ["alter table t alter a set statistics 100", "alter table", "SUE t", "instant"],
  ["alter table t alter a set (n_distinct = 1)", "alter table", "SUE t", "instant"],
  ["alter table t set (fillfactor = 50)", "alter table", "SUE t", "instant"],
  ["alter table t set (user_catalog_table = true)", "alter table", "AE t", "instant"],
  ["alter table t add check (a > 0)", "alter table", "AE t", "scan"],
  ["alter table t add check (a > 0) not valid", "alter table", "AE t", "instant"],
  ["alter table t add check (a > 0) not enforced", "alter table", "AE t", "instant"],
  ["alter table t add constraint c not null a", "alter table", "AE t", "scan"],
  ["alter table t add constraint c not null a not valid", "alter table", "AE t", "instant"],
  ["alter table t add foreign key (a) references u", "alter table", "SRE t, SRE u", "scan"],
  ["alter table t add foreign key (a) references u not valid", "alter table", "SRE t, SRE u", "instant"],
  ["alter table t add foreign key (a) references t", "alter table", "SRE t", "scan"],
  ["alter table t validate constraint c", "alter table", "SUE t+", "scan"],
  ["alter table t validate constraint c, alter a set default 1", "alter table", "AE t+", "scan"],
  ["alter table t add unique (a)", "alter table", "AE t", "build"],
  ["alter table t add unique using index i", "alter table", "AE t", "instant"],
  ["alter table t add primary key using index i", "alter table", "AE t", "unknown"],
  ["alter table t drop constraint c", "alter table", "AE t+", "instant"],
  ["alter table t alter constraint c deferrable", "alter table", "AE t+", "instant"],
  ["alter table t alter constraint c enforced", "alter table", "AE t+", "scan"],
  ["alter table t disable trigger all", "alter table", "SRE t", "instant"],
  ["alter table t cluster on i", "alter table", "SUE t", "instant"],
  ["alter table t set unlogged", "alter table", "AE t", "rewrite"],
  ["alter table t set tablespace x", "alter table", "AE t", "rewrite"],
  ["alter table t replica identity full", "alter table", "AE t", "instant"],
  ["alter table t attach partition p default", "alter table", "SUE t, AE p+", "scan"],
  ["alter table t detach partition p", "alter table", "AE t, AE p+", "instant"],
  ["alter table t detach partition p concurrently", "alter table", "SUE t, AE p+", "instant"],
  ["alter table t inherit p", "alter table", "AE t, SUE p", "instant"],
  ["alter table t rename a to b", "alter table", "AE t", "instant"],
  ["alter table t rename to u", "alter table", "AE t", "instant"],
  ["alter table t rename constraint a to b", "alter table", "AE t", "instant"],
  ["alter table t set schema x", "alter table", "AE t", "instant"],
  ["alter table t owner to x", "alter table", "AE t", "instant"],
  ["drop table a.t, u", "drop table", "AE a.t, AE u+", "instant"],
  ["comment on column a.t.c is 'x'", "comment", "SUE a.t", "instant"],
  ["comment on constraint c on a.t is 'x'", "comment", "AS a.t", "instant"],
  ["drop statistics s", "drop statistics", "+", "instant"],
  ["alter table t no inherit p", "alter table", "AE t, AS p", "instant"],
  ["comment on function f is 'x'", "comment", "", "instant"],
  ["grant select on t to x", "grant", "AS t", "instant"],
  // indexes, statistics, maintenance
  ["create index i on t (a)", "create index", "S t", "build"],
  ["create unique index concurrently i on t (a)", "create index", "SUE t", "build"],
  ["alter index i rename to j", "alter index", "", "instant"],
  ["alter index i set (fillfactor = 50)", "alter index", "", "instant"],
  ["drop index i", "drop index", "+", "instant"],
  ["reindex table t", "reindex", "S t", "build"],
  ["reindex (concurrently) table t", "reindex", "SUE t", "build"],
  ["reindex index i", "reindex", "+", "build"],
  ["cluster t using i", "cluster", "AE t", "rewrite"],
  ["vacuum t", "vacuum", "SUE t", "scan"],
  ["vacuum full t", "vacuum", "AE t", "rewrite"],
  ["analyze t", "analyze", "SUE t", "scan"],
  ["create statistics s on a, b from t", "create statistics", "SUE t", "instant"],
  // what hangs on tables
  ["create trigger g before insert on t for each row execute function f()", "create trigger", "SRE t", "instant"],
  ["drop trigger g on a.t", "drop trigger", "AE a.t", "instant"],
  ["alter trigger g on t rename to h", "alter trigger", "AE t", "instant"],
  ["create policy p on t using (true)", "create policy", "AE t", "instant"],
  ["drop policy p on t", "drop policy", "AE t", "instant"],
  ["create rule r as on insert to t do nothing", "create rule", "AE t", "instant"],
  // views, sequences, types, routines, publications
  ["create view v as select * from t", "create view", "AS t", "instant"],
  ["drop view a.v", "drop view", "AE a.v", "instant"],
  ["create materialized view m as select * from t", "create materialized view", "AS t", "unknown"],
  ["refresh materialized view m", "refresh materialized view", "AE m+", "scan"],
  ["refresh materialized view concurrently m", "refresh materialized view", "X m+", "scan"],
  ["alter sequence s restart", "alter sequence", "SRE s", "instant"],
  ["create sequence s", "create sequence", "", "instant"],
  ["create type c as (a int)", "create type", "", "instant"],
  ["alter type e add value 'x'", "alter type", "", "instant"],
  ["alter domain d add check (value > 0) not valid", "alter domain", "", "instant"],
  ["alter domain d validate constraint c", "alter domain", "+", "scan"],
  ["create function f() returns int begin atomic select a from t; end", "create function", "AS t", "instant"],
  ["drop function f(int)", "drop function", "", "instant"],
  ["create publication p for table a, b", "create publication", "SUE a, SUE b", "instant"],
  ["create extension citext", "create extension", "", "instant"],
  ["set search_path = a", "set", "", "instant"],
])("%s", (sql, kind, expected, work) => {
  const found = describe(sql);
  expect([found.kind, locks(found), found.work]).toEqual([kind, expected, work]);
});

test.each([
  "create index concurrently on t (a)",
  "drop index concurrently i",
  "reindex table concurrently t",
  "reindex (concurrently) index i",
  "reindex schema s",
  "vacuum t",
  "cluster",
  "create database d",
  "drop database d",
  "create tablespace x location '/x'",
  "alter system set a = 1",
  "alter database d set tablespace x",
  "alter table t detach partition p concurrently",
  "create subscription s connection 'x' publication p",
  "alter subscription s refresh publication",
  "alter subscription s set publication p",
  "drop subscription s",
  "discard all",
  "commit prepared 'x'",
])("%s cannot run in a transaction", (sql) => {
  expect(describe(sql).transactional).toBe(false);
});

test.each([
  "create index on t (a)",
  "reindex (concurrently false) table t",
  "refresh materialized view concurrently v",
  "analyze t",
  "cluster t",
  "alter type e add value 'x'",
  "create subscription s connection 'x' publication p with (create_slot = false)",
  "alter subscription s set publication p with (refresh = false)",
  "alter subscription s disable",
  "alter database d set x = 1",
  "discard plans",
])("%s can run in a transaction", (sql) => {
  expect(describe(sql).transactional).toBe(true);
});

test.each([
  "begin",
  "start transaction",
  "commit",
  "end",
  "rollback",
  "savepoint a",
  "release a",
  "rollback to a",
  "prepare transaction 'x'",
  "set transaction read only",
])("%s controls the transaction", (sql) => {
  expect(describe(sql).transactionControl).toBe(true);
});

test("names the index that is built or dropped concurrently", () => {
  expect(describe("create index concurrently i on a.t (x)").index).toEqual({ schema: "a", name: "i" });
  expect(describe("drop index concurrently a.i").index).toEqual({ schema: "a", name: "i" });
  expect(describe("create index concurrently on t (x)").index).toBeNull();
  expect(describe("create index i on t (x)").index).toBeNull();
});

test.each([
  ["create table a.t ()", [{ kind: "table", schema: "a", name: "t" }]],
  ["create foreign table f (a int) server s", [{ kind: "foreign table", schema: null, name: "f" }]],
  ["create index i on a.t (x)", [{ kind: "index", schema: "a", name: "i" }]],
  ["create index on a.t (x)", []],
  ["create or replace view v as select 1", [{ kind: "view", schema: null, name: "v" }]],
  ["create materialized view v as select 1", [{ kind: "materialized view", schema: null, name: "v" }]],
  ["create table t as select 1", [{ kind: "table", schema: null, name: "t" }]],
  ["select 1 into t", [{ kind: "table", schema: null, name: "t" }]],
  ["create sequence s", [{ kind: "sequence", schema: null, name: "s" }]],
  ["create type a.e as enum ('x')", [{ kind: "type", schema: "a", name: "e" }]],
  ["create type c as (x int)", [{ kind: "type", schema: null, name: "c" }]],
  ["create type r as range (subtype = int4)", [{ kind: "type", schema: null, name: "r" }]],
  ["create domain a.d as int", [{ kind: "domain", schema: "a", name: "d" }]],
  ["create function a.f(int) returns int language sql as 'select 1'", [{ kind: "function", schema: "a", name: "f" }]],
  ["create procedure p() language sql as ''", [{ kind: "procedure", schema: null, name: "p" }]],
  ["create aggregate g(int) (sfunc = int4pl, stype = int)", [{ kind: "aggregate", schema: null, name: "g" }]],
  ["create trigger g before insert on t execute function f()", [{ kind: "trigger", schema: null, name: "g" }]],
  ["create statistics a.s on x, y from t", [{ kind: "statistics", schema: "a", name: "s" }]],
  ["create extension citext", [{ kind: "extension", schema: null, name: "citext" }]],
  [
    "create schema s create table t (a int)",
    [
      { kind: "schema", schema: null, name: "s" },
      { kind: "table", schema: "s", name: "t" },
    ],
  ],
  ["create policy p on t", [{ kind: "policy", schema: null, name: "p" }]],
  ["create role r", [{ kind: "role", schema: null, name: "r" }]],
  ["alter table t add column a int", []],
])("%s creates", (sql, expected) => {
  expect(describe(sql).creates).toEqual(expected);
});

test("an added enum value is unusable until COMMIT", () => {
  expect(describe("alter type a.e add value if not exists 'x' before 'y'").enumValueAdded).toEqual({ type: { schema: "a", name: "e" }, value: "x" });
  expect(describe("alter type a.e rename value 'x' to 'y'").enumValueAdded).toBeNull();
});
