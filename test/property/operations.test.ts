// Operation lists at random, on a real database: what they leave names nothing that is gone, their plans are made the same each time,
// say things in their order, and carry there and back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { engineOf } from "../../src/app/engines.ts";
import type { Session } from "../../src/drivers/driver.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { planHash } from "../../src/plan/hash.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { ObjectName, Schema } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import { phaseIndex } from "../../src/step/phase.ts";
import type { StepCore } from "../../src/step/step.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { firstOperationStands, type OperationDatabase, type OperationStand, operationStands, withDatabase } from "../harness/operation-stands.ts";
import { type Choice, choices, operationsFrom } from "../harness/random-operations.ts";
import { ended, rowsIn } from "../harness/seen.ts";

const everything = process.env["HOTSTICK_SCOPE"] === "all";
const options = { accept: ["swaps-names"] };

/** Null where the list is refused, which must be said and not thrown in the middle. */
const refused = (error: Error): null | Promise<never> => (error.message.startsWith("refused: ") ? null : Promise.reject(error));

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

/** Both engines' quotes; on MariaDB what stands in double quotes is a text, which names nothing that a step makes. */
const name = '(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`)';
const quotedName = new RegExp(name, "g");
const creates = new RegExp(`^create (?:unique )?(?:table|index|sequence)(?: concurrently)?(?: if not exists)? (?:only )?(?<thing>(?:${name}\\.)*${name})`, "s");

/** What a statement makes: quoted names of columns, tables, indexes and constraints. */
function madeBy(statement: string): readonly string[] {
  const thing = creates.exec(statement)?.groups?.["thing"];
  const own = thing?.match(quotedName)?.at(-1);
  const added = [...statement.matchAll(new RegExp(`\\badd (?:column|constraint|index|unique index) (${name})`, "g"))].map(([, found]) => found ?? "");
  return [...(own === undefined ? [] : [own]), ...added];
}

/** Names that a step uses before the step that makes them, where nothing of that name was there before. */
function early(plan: Plan, schema: Schema, { quoted }: OperationStand["words"]): readonly string[] {
  const known = new Set(
    Object.values(schema.tables)
      .flatMap((table) => [
        table.name.name,
        ...table.columns.map(({ name }) => name),
        ...table.indexes.map(({ name }) => name),
        ...table.constraints.map(({ name }) => name),
      ])
      .map(quoted),
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

async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await (await (await engineOf(url)).driver(url)).connect({ purpose: "test" });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Runs a property on plans against the database. */
async function onPlans(
  { words }: OperationStand,
  { url, namespace }: OperationDatabase,
  numRuns: number,
  property: (plan: Plan, again: () => Promise<Plan | null>) => unknown,
): Promise<number> {
  const schema = await schemaOf(url);
  let planned = 0;
  await withSession(url, async (session) => {
    const making = async (operations: readonly Operation[]): Promise<Plan | null> => (await planOf(session, url, operations, options)).plan;
    await fc.assert(
      fc.asyncProperty(choices, async (list) => {
        const { operations } = operationsFrom(list, schema, { words, namespace });
        const plan = operations.length === 0 ? null : await making(operations);
        if (plan === null) return;
        planned += 1;
        await property(plan, () => making(operations));
      }),
      { numRuns },
    );
  });
  return planned;
}

describe.each(firstOperationStands)("operation lists at random on %s", (_, stand) => {
  const { words } = stand;
  const laid = async (t: Parameters<OperationStand["databaseFor"]>[0]): Promise<OperationDatabase> => {
    const db = await stand.databaseFor(t);
    await db.rows(words.somewhere);
    return db;
  };

  test("leave no name of a column that is gone", async (t) => {
    const { url, namespace } = await laid(t);
    const schema = await schemaOf(url);
    expect(dangling(schema)).toEqual([]);
    fc.assert(
      fc.property(choices, (list) => void expect(dangling(operationsFrom(list, schema, { words, namespace }).after)).toEqual([])),
      { numRuns: 500 },
    );
  });

  test("give the same plan each time, whose hash means what is done and not what is said", async (t) => {
    const planned = await onPlans(stand, await laid(t), everything ? 60 : 12, async (plan, again) => {
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
    const db = await laid(t);
    const schema = await schemaOf(db.url);
    const planned = await onPlans(stand, db, everything ? 200 : 40, (plan) => {
      expect(early(plan, schema, words)).toEqual([]);
      const phases = plan.steps.map((step) => phaseIndex(step.phase));
      expect(phases).toEqual([...phases].sort((a, b) => a - b));
      const ids = plan.steps.flatMap((step) => [step.id, ...step.undo.map(({ id }) => id)]);
      expect(new Set(ids).size).toBe(ids.length);
    });
    expect(planned).toBeGreaterThan(0);
  });

  test("a plan in the wrong order is seen", async (t) => {
    const { url } = await laid(t);
    const { plan } = await withSession(url, (session) => planOf(session, url, [{ kind: "rename-column", table: "users", from: "name", to: "called" }]));
    if (!plan) throw new Error("refused");
    const wrong = early({ ...plan, steps: plan.steps.toReversed() }, await schemaOf(url), words);
    expect(wrong.filter((line) => /^backfill-\d+ uses .called., which expand-\d+ makes$/.test(line))).not.toEqual([]);
  });
});

describe.each(everything ? operationStands : firstOperationStands)("operation lists at random on %s", (_, stand) => {
  const { words } = stand;

  test("carry to their end, which is that of the plain form, and back", { timeout: 1_200_000 }, async () => {
    const carry = async (list: readonly Choice[]): Promise<void> => {
      const end = await withDatabase(stand, words.somewhere, async ({ url, namespace }) => {
        const schema = await schemaOf(url);
        const rows = await rowsIn(url, schema);
        const { operations } = operationsFrom(list, schema, { words, namespace });
        const life = operations.length === 0 ? null : await lifecycleOf(url, operations, options).catch(refused);
        if (life === null) return null;
        await life.to("drop");
        const after = await ended(url, namespace);
        await life.undo("start");
        expect(schemaDifference(schema, await schemaOf(url))).toEqual([]);
        // What was filled for the sake of NOT NULL stays filled.
        if (!operations.some(({ kind }) => kind === "set-not-null")) expect(await rowsIn(url, schema)).toEqual(rows);
        return after;
      });
      if (end === null) return;
      await withDatabase(stand, words.somewhere, async ({ url, namespace }) => {
        const { operations } = operationsFrom(list, await schemaOf(url), { words, namespace });
        await (await lifecycleOf(url, operations, { ...options, mode: "plain" })).to("drop");
        const plain = await ended(url, namespace);
        expect(schemaDifference(end.schema, plain.schema)).toEqual([]);
        expect(plain.rows).toEqual(end.rows);
      });
    };
    const numRuns = everything ? stand.randomLists.all : stand.randomLists.quick;
    await fc.assert(fc.asyncProperty(choices, carry), { numRuns, endOnFailure: true });
  });
});
