// The queries of walks along large tables: none may read a whole table to find or change a batch.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../src/operations/operation.ts";
import { planFor } from "../harness/lifecycle.ts";
import { majors, newest } from "../harness/majors.ts";
import { Oracle } from "../harness/oracle.ts";
import { databaseFor } from "../harness/servers.ts";

interface Walk {
  readonly title: string;
  readonly before: string;
  readonly operation: Operation;
  readonly keyless?: true;
}

const split = {
  from: ["name"],
  to: [
    { name: "first", type: "text", notNull: true, up: "split_part(name, ' ', 1)" },
    { name: "last", type: "text", up: "split_part(name, ' ', 2)" },
  ],
  down: { name: "first || ' ' || last" },
};

const walks: readonly Walk[] = [
  {
    title: "a key of one column",
    before: "create table t (id bigint primary key, name text not null); insert into t select g, 'Ada King' from generate_series(1, 50000) g",
    operation: { kind: "transform", table: "t", ...split },
  },
  {
    title: "a key of several columns",
    before:
      "create table t (a text, b uuid, c int, name text not null, primary key (a, b, c)); insert into t select 'a' || g % 7, md5(g::text)::uuid, g, 'Ada King' from generate_series(1, 50000) g",
    operation: { kind: "rename-column", table: "t", from: "name", to: "called" },
  },
  {
    title: "partitions",
    before:
      "create table t (id int, day date, name text, primary key (id, day)) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2060-01-01'); create table t_2 partition of t for values from ('2060-01-01') to ('2220-01-01'); insert into t select g, date '2020-01-01' + g, 'Ada King' from generate_series(1, 50000) g",
    operation: { kind: "rename-column", table: "t", from: "name", to: "called" },
  },
  {
    title: "no key",
    keyless: true,
    before: "create table t (name text, n int); insert into t select 'Ada King', g from generate_series(1, 50000) g",
    operation: { kind: "transform", table: "t", ...split },
  },
  {
    title: "a column that is filled",
    before: "create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 50000) g",
    operation: { kind: "add-column", table: "t", column: { name: "b", type: "int", notNull: true }, fill: "a * 2" },
  },
  {
    title: "a column that leaves",
    before: "create table t (id int primary key, a int not null, b text); insert into t select g, g, 'b' from generate_series(1, 50000) g",
    operation: { kind: "drop-column", table: "t", column: "a", down: "0" },
  },
];

/** Plans hardly differ between majors, but for the scan of places, which is as old as the oldest. */
const walksOf = (major: number): readonly Walk[] =>
  process.env["HOTSTICK_SCOPE"] === "all" || major === newest ? walks : walks.filter(({ keyless }) => keyless);

describe.each(majors)("PostgreSQL %i", (major) => {
  test.for(walksOf(major).map((walk) => [walk.title, walk] as const))("%s", async ([, { before, operation, keyless }], t) => {
    const db = await databaseFor(t, major);
    await db.rows(before);
    await db.rows("analyze t");
    const plan = await planFor(db.url, [operation]);
    const explained = await (await Oracle.on(db, plan)).explainAll(1000);
    const found = (words: RegExp) => explained.filter(({ query }) => words.test(query));
    const scanning = (words: RegExp, scan: RegExp): readonly string[] =>
      found(words).flatMap(({ query, scans }) => (scans.some((each) => scan.test(each)) ? [`${query}: ${scans.join(", ")}`] : []));
    expect(scanning(/./, /^Seq Scan on (t|archive)/)).toEqual([]);
    // Nobody may be kept waiting while the switch looks for rows that are not filled, and a walk ends by the same look.
    const looks = /guard|remaining/;
    const pending = scanning(looks, /using hotstick_pending/);
    const own = scanning(looks, / on t(_\d)?$/);
    expect(pending).toEqual(own);
    if (operation.kind !== "drop-column") expect(scanning(/guard/, /hotstick_pending/)).not.toEqual([]);
    const batches = /^(?!.*catch).*(bound|apply|check)/;
    if (keyless) expect(scanning(batches, /^Tid Range Scan on t$/)).toHaveLength(found(batches).length);
  });
});
