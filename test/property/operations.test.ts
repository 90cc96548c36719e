// Operation lists at random, on a real database: what they leave names nothing that is gone, their plans are made the same each time,
// say things in their order, and carry there and back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { planHash } from "../../src/plan/hash.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";
import type { ObjectName, Schema } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import { sql } from "../../src/sql/sql.ts";
import { phaseIndex } from "../../src/step/phase.ts";
import type { StepCore } from "../../src/step/step.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { majors, newest } from "../harness/majors.ts";
import { type Choice, choices, operationsFrom, somewhere } from "../harness/random-operations.ts";
import { databaseFor } from "../harness/servers.ts";

const everything = process.env["HOTSTICK_SCOPE"] === "all";
const options = { accept: ["swaps-names"] };

/** Names of columns that are not there. */
function dangling(schema: Schema): readonly string[] {
  const has = (table: ObjectName, column: string): boolean => schema.tables[keyOf(table)]?.columns.some(({ name }) => name === column) ?? false;
  const missing = (place: string, table: ObjectName, columns: readonly (string | null)[]): readonly string[] =>
    columns.flatMap((column) => (column === null || has(table, column) ? [] : [`${place} names ${column} of ${keyOf(table)}`]));
  return [
    ...Object.values(schema.tables).flatMap((table) => [
      ...table.constraints.flatMap((each) => [
        ...missing(each.name, table.name, each.columns),
        ...(each.references ? missing(each.name, each.references.table, each.references.columns) : []),
      ]),
      ...table.indexes.flatMap((each) => missing(each.name, table.name, [...each.keys, ...each.includes, ...each.mentions])),
      ...table.triggers.flatMap((each) => missing(each.name, table.name, each.updateOf)),
      ...table.policies.flatMap((each) => missing(each.name, table.name, each.mentions)),
    ]),
    ...Object.values(schema.statistics).flatMap((each) => missing(each.name.name, each.table, each.mentions)),
    ...Object.values(schema.sequences).flatMap((each) => (each.ownedBy ? missing(each.name.name, each.ownedBy.table, [each.ownedBy.column]) : [])),
  ];
}

const textsOf = ({ act }: StepCore): readonly string[] =>
  act.kind === "statements"
    ? [...act.guards, ...act.statements]
    : act.kind === "batches"
      ? [act.bound, act.last, act.apply ?? "", act.check ?? "", act.remaining ?? ""]
      : act.kind === "checks"
        ? act.checks.map(({ statement }) => statement)
        : [];

const quotedName = /"(?:[^"]|"")+"/g;
const creates =
  /^(?:create (?:unique )?(?:table|index|sequence)(?: concurrently)?(?: if not exists)? (?:only )?(?<thing>(?:"(?:[^"]|"")+"\.)*"(?:[^"]|"")+")|alter table \S+ .*)/s;

/** What a statement makes: quoted names of columns, tables, indexes and constraints. */
function madeBy(statement: string): readonly string[] {
  const thing = creates.exec(statement)?.groups?.["thing"];
  const own = thing?.match(quotedName)?.at(-1);
  const added = [...statement.matchAll(/\badd (?:column|constraint) ("(?:[^"]|"")+")/g)].map(([, name]) => name ?? "");
  return [...(own === undefined ? [] : [own]), ...added];
}

/** Names that a step uses before the step that makes them, where nothing of that name was there before. */
function early(plan: Plan, schema: Schema): readonly string[] {
  const known = new Set(
    Object.values(schema.tables)
      .flatMap((table) => [
        table.name.name,
        ...table.columns.map(({ name }) => name),
        ...table.indexes.map(({ name }) => name),
        ...table.constraints.map(({ name }) => name),
      ])
      .map((name) => `"${name.replaceAll('"', '""')}"`),
  );
  const wrong: string[] = [];
  const seen: { readonly id: string; readonly names: ReadonlySet<string> }[] = [];
  for (const step of plan.steps) {
    for (const made of textsOf(step).flatMap(madeBy)) {
      if (known.has(made)) continue;
      known.add(made);
      // What is dropped if it exists may well not exist.
      for (const earlier of seen) if (earlier.names.has(made)) wrong.push(`${earlier.id} uses ${made}, which ${step.id} makes`);
    }
    seen.push({
      id: step.id,
      names: new Set(
        textsOf(step)
          .filter((text) => !/^drop .* if exists/.test(text))
          .flatMap((text) => text.match(quotedName) ?? []),
      ),
    });
  }
  return wrong;
}

/** Runs a property on a session that plans against the database. */
async function onPlans(url: string, schema: Schema, numRuns: number, property: (plan: Plan, again: () => Promise<Plan | null>) => unknown): Promise<number> {
  let planned = 0;
  const session = await postgresDriver({ url }).connect({ purpose: "test" });
  const making = async (operations: readonly Operation[]): Promise<Plan | null> => (await planOf(session, url, operations, options)).plan;
  try {
    await fc.assert(
      fc.asyncProperty(choices, async (list) => {
        const { operations } = operationsFrom(list, schema);
        const plan = operations.length === 0 ? null : await making(operations);
        if (plan === null) return;
        planned += 1;
        await property(plan, () => making(operations));
      }),
      { numRuns },
    );
  } finally {
    await session.close();
  }
  return planned;
}

/** All values of all tables, columns and rows in an order of their own. */
async function rowsOf(url: string): Promise<unknown> {
  const session = await postgresDriver({ url }).connect({ purpose: "test" });
  try {
    const tables = await session.query<{ name: string; list: string }>(sql`
      select c.oid::regclass::text as name, string_agg(quote_ident(attname), ', ' order by attname) as list from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition group by c.oid order by 1`);
    return await session.script(tables.map(({ name, list }) => `select ${list} from ${name} order by ${list}`));
  } finally {
    await session.close();
  }
}

describe("operation lists at random", () => {
  test("leave no name of a column that is gone", async (t) => {
    const db = await databaseFor(t);
    await db.rows(somewhere);
    const schema = await schemaOf(db.url);
    expect(dangling(schema)).toEqual([]);
    fc.assert(
      fc.property(choices, (list) => void expect(dangling(operationsFrom(list, schema).after)).toEqual([])),
      { numRuns: 500 },
    );
  });

  test("give the same plan each time, whose hash means what is done and not what is said", async (t) => {
    const db = await databaseFor(t);
    await db.rows(somewhere);
    const planned = await onPlans(db.url, await schemaOf(db.url), everything ? 60 : 12, async (plan, again) => {
      expect(await again()).toEqual(plan);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      expect(planHash(plan)).toBe(plan.hash);
      const [first, ...rest] = plan.steps;
      if (!first) throw new Error("a plan without steps");
      const said = { ...first, title: "else", why: "else", estimate: { rows: 7, ms: 7, holdMs: 7 } };
      expect(planHash({ ...plan, findings: [], steps: [said, ...rest] })).toBe(plan.hash);
      const waits = { ...first, timeouts: { lock: 1, statement: 1 } } as const;
      expect(planHash({ ...plan, steps: [waits, ...rest] })).not.toBe(plan.hash);
      expect(planHash({ ...plan, steps: [...rest, first] }) === plan.hash).toBe(rest.length === 0);
      if (first.act.kind === "statements") {
        const [statement = "", ...others] = first.act.statements;
        expect(planHash({ ...plan, steps: [{ ...first, act: { ...first.act, statements: [`${statement} `, ...others] } }, ...rest] })).not.toBe(plan.hash);
      }
    });
    expect(planned).toBeGreaterThan(0);
  });

  test("give steps in an order in which each finds what it names", async (t) => {
    const db = await databaseFor(t);
    await db.rows(somewhere);
    const schema = await schemaOf(db.url);
    const planned = await onPlans(db.url, schema, everything ? 200 : 40, (plan) => {
      expect(early(plan, schema)).toEqual([]);
      const phases = plan.steps.map((step) => phaseIndex(step.phase));
      expect(phases).toEqual([...phases].sort((a, b) => a - b));
      const ids = plan.steps.flatMap((step) => [step.id, ...step.undo.map(({ id }) => id)]);
      expect(new Set(ids).size).toBe(ids.length);
    });
    expect(planned).toBeGreaterThan(0);
  });

  test("a plan in the wrong order is seen", async (t) => {
    const db = await databaseFor(t);
    await db.rows(somewhere);
    const session = await postgresDriver({ url: db.url }).connect({ purpose: "test" });
    const { plan } = await planOf(session, db.url, [{ kind: "rename-column", table: "users", from: "name", to: "called" }]);
    await session.close();
    if (!plan) throw new Error("refused");
    expect(early({ ...plan, steps: plan.steps.toReversed() }, await schemaOf(db.url))).toContain('backfill-1 uses "called", which expand-1 makes');
  });

  test.for(everything ? majors : [newest])("carry to their end and back on PostgreSQL %i", { timeout: 600_000 }, async (major, t) => {
    const template = await databaseFor(t, major);
    await template.rows(somewhere);
    const schema = await schemaOf(template.url);
    const rows = await rowsOf(template.url);
    const carry = async (list: readonly Choice[]): Promise<void> => {
      const { operations } = operationsFrom(list, schema);
      if (operations.length === 0) return;
      const copy = await createScratch(template.server, { purpose: "copy", template: template.name });
      try {
        const life = await lifecycleOf(copy.url, operations, options).catch((error: Error) =>
          error.message.startsWith("refused: ") ? null : Promise.reject(error),
        );
        if (life === null) return;
        await life.to("drop");
        await life.undo("start");
        expect(schemaDifference(schema, await schemaOf(copy.url))).toEqual([]);
        // What was filled for the sake of NOT NULL stays filled.
        if (!operations.some(({ kind }) => kind === "set-not-null")) expect(await rowsOf(copy.url)).toEqual(rows);
      } finally {
        await copy.drop();
      }
    };
    await fc.assert(fc.asyncProperty(choices, carry), { numRuns: everything ? 25 : 4, endOnFailure: true });
  });
});
