// A change is a change of the stored bytes: equality would miss these, or does not exist for their types.
import { describe, expect, test } from "vitest";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";
import { lay } from "./laid.ts";
import { copy } from "./shapes.ts";

/** Values that differ in their bytes; most are equal where their type has equality at all. */
const twins: readonly (readonly [type: string, before: string, after: string, collation?: string])[] = [
  ["numeric", "1.0", "1.00"],
  ["numeric", "'NaN'", "1"],
  ["numeric(10,2)", "1", "null"],
  ["interval", "'1 month'", "'30 days'"],
  ["double precision", "0", "'-0'"],
  ["public.citext", "'ada'", "'Ada'"],
  ["public.folded", "'ada'", "'Ada'"],
  ["text", "'ada'", "'ADA'", "public.folding"],
  ["character varying(20)", "'a'", "'a '"],
  ["character(4)", "'a'", "'b'"],
  ["json", `'{"a":1}'`, `'{"a": 1}'`],
  ["jsonb", `'{"a":1.0}'`, `'{"a":1.00}'`],
  ["point", "'(0,0)'", "'(0,1)'"],
  ["box", "'(2,2),(0,0)'", "'(4,1),(0,0)'"],
  ["xml", "'<a/>'", "'<b/>'"],
  ["text[]", "'{a}'", "'[2:2]={a}'"],
  ["public.pair", "'(,)'", "'(1,)'"],
  ["bytea", "'\\x00'", "'\\x01'"],
  ["uuid", "'00000000-0000-0000-0000-000000000001'", "null"],
  ["timestamp(3) with time zone", "'2026-01-01 00:00Z'", "'2026-01-01 00:00:00.001Z'"],
  ["time without time zone", "'10:00'", "'11:00'"],
  ["bit varying(8)", "B'1'", "B'10'"],
  ["inet", "'10.0.0.1/8'", "'10.0.0.1/9'"],
  ["boolean", "true", "null"],
];

describe.each(majors)("image equality on PostgreSQL %i", (major) => {
  test("the least change of any type reaches the other side", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(`create extension citext schema public;
      create type public.pair as (a int, b int);
      create domain public.folded as public.citext;
      create collation public.folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
    const collated = (collation: string | undefined): string => (collation === undefined ? "" : ` collate ${collation}`);
    await db.rows(`create table twins (id int primary key, ${twins.map(([type, , , collation], i) => `o${i} ${type}${collated(collation)}`).join(", ")})`);
    const links = twins.map(([type, , , collation], i) => copy(`o${i}`, `n${i}`, type, collation === undefined ? {} : { collation }));
    const laid = await lay(db, "twins", links);
    const same = async (value: string, i: number, id = 1): Promise<boolean | undefined> => {
      const [row] = await db.rows<{ same: boolean }>(
        `select pg_catalog.record_image_eq(row(o${i}), row(n${i})) and pg_catalog.record_image_eq(row(n${i}), row((${value})::${twins[i]?.[0]}${collated(twins[i]?.[3])})) as same from twins where id = ${id}`,
      );
      return row?.same;
    };
    const wrong: string[] = [];
    for (const [i, [type, before, after]] of twins.entries()) {
      await db.rows(`delete from twins; insert into twins (id, o${i}) values (1, ${before})`);
      await db.rows(`insert into twins (id, n${i}) values (2, ${before})`);
      if (!(await same(before, i, 2))) wrong.push(`${type}: insert of the new side`);
      await db.rows("delete from twins where id = 2");
      const steps: [string, string][] = [["insert", before]];
      for (const [column, value] of [
        [`o${i}`, after],
        [`n${i}`, before],
        [`n${i}`, after],
        [`o${i}`, before],
      ] as const)
        steps.push([`${column} := ${value}`, value]);
      for (const [step, value] of steps) {
        if (step !== "insert") await db.rows(`update twins set ${step.replace(":=", "=")}`);
        if (!(await same(value, i))) wrong.push(`${type}: ${step}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await laid.bad()).toBe(0);
  });
});
