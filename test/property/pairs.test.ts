// Every two kinds of operation that meet in one column: planned or refused, and what is planned carries there and back.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../src/operations/operation.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";
import { lifecycleOf, planFor, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { majors, newest } from "../harness/majors.ts";
import { databaseFor } from "../harness/servers.ts";

const before = `create table t (id int primary key, note varchar(200), name text not null default 'nobody');
  insert into t select g, nullif('n' || g % 7, 'n0'), 'Ada ' || g from generate_series(1, 30) g`;

const table = "t";
const firsts: Readonly<Record<string, readonly [Operation, string]>> = {
  rename: [{ kind: "rename-column", table, from: "note", to: "n1" }, "n1"],
  "add, plain": [{ kind: "add-column", table, column: { name: "n1", type: "text" } }, "n1"],
  "add, with a default": [{ kind: "add-column", table, column: { name: "n1", type: "text", notNull: true, default: "'d'" } }, "n1"],
  "add, filled": [{ kind: "add-column", table, column: { name: "n1", type: "text", notNull: true }, fill: "coalesce(note, '')" }, "n1"],
  transform: [{ kind: "transform", table, from: ["note"], to: [{ name: "n1", type: "text", up: "upper(note)" }], down: { note: "lower(n1)" } }, "n1"],
  retype: [{ kind: "transform", table, from: ["note"], to: [{ name: "note", type: "text", up: "note" }], down: { note: "note::varchar" } }, "note"],
  drop: [{ kind: "drop-column", table, column: "note" }, "note"],
  "forbid null": [{ kind: "set-not-null", table, column: "note", fill: "'x'" }, "note"],
};

const seconds = (column: string): Readonly<Record<string, Operation>> => ({
  rename: { kind: "rename-column", table, from: column, to: "n2" },
  transform: { kind: "transform", table, from: [column], to: [{ name: "n2", type: "text", up: `upper(${column})` }], down: { [column]: `lower(n2)` } },
  retype: { kind: "transform", table, from: [column], to: [{ name: column, type: "text", up: column }], down: { [column]: column } },
  drop: { kind: "drop-column", table, column },
  "forbid null": { kind: "set-not-null", table, column, fill: "'x'" },
  "fill from it": { kind: "add-column", table, column: { name: "n3", type: "text" }, fill: `coalesce(${column}, '')` },
  index: { kind: "add-index", table, name: "i2", keys: [{ column }] },
  "take its old name": { kind: "rename-column", table, from: "name", to: "note" },
  "add its old name": { kind: "add-column", table, column: { name: "note", type: "int" } },
});

const pairs = Object.entries(firsts).flatMap(([first, [operation, column]]) =>
  Object.entries(seconds(column)).map(([second, other]) => [`${first}, then ${second}`, [operation, other]] as const),
);
const options = { accept: ["swaps-names"] };
const everything = process.env["HOTSTICK_SCOPE"] === "all";

/** Null where the pair is refused, which must be said and not thrown in the middle. */
const refused = (error: Error): null | Promise<never> => (error.message.startsWith("refused: ") ? null : Promise.reject(error));

test("every pair is planned or refused", async (t) => {
  const db = await databaseFor(t);
  await db.rows(before);
  let planned = 0;
  for (const [title, operations] of pairs) {
    const plan = await planFor(db.url, operations, options).catch((error: Error) =>
      error.message.startsWith("refused: ") ? null : Promise.reject(new Error(`${title}: ${error.message}`, { cause: error })),
    );
    planned += plan === null ? 0 : 1;
  }
  expect(planned).toBeGreaterThan(pairs.length / 4);
  expect(planned).toBeLessThan(pairs.length);
});

describe.each(everything ? majors : [newest])("PostgreSQL %i", (major) => {
  // The quick part: what ended in a lost index, a column that was not there, and rows filled for ever.
  const few = ["retype, then index", "add, plain, then fill from it", "rename, then forbid null", "rename, then retype"];
  test.for(everything ? pairs : pairs.filter(([title]) => few.includes(title)))("%s", async ([, operations], t) => {
    const template = await databaseFor(t, major);
    await template.rows(before);
    const schema = await schemaOf(template.url);
    const plain = await createScratch(template.server, { purpose: "plain", template: template.name });
    t.onTestFinished(() => plain.drop());
    const life = await lifecycleOf(template.url, operations, options).catch(refused);
    if (life === null) return;
    const rows = await template.rows("select * from t order by id");
    await life.to("drop");
    const after = await schemaOf(template.url);
    await (await lifecycleOf(plain.url, operations, { ...options, mode: "plain" })).to("drop");
    expect(schemaDifference(after, await schemaOf(plain.url))).toEqual([]);
    await life.undo("start");
    expect(schemaDifference(schema, await schemaOf(template.url))).toEqual([]);
    // What was filled for the sake of NOT NULL stays filled.
    if (!operations.some(({ kind }) => kind === "set-not-null")) expect(await template.rows("select id, note, name from t order by id")).toEqual(rows);
  });
});
