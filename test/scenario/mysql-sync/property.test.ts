// Statements at random through old and new names, at random stages, against a model; and mistakes of the generator that this must find.
import fc from "fast-check";
import type { Connection } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { quoteLiteral, quoteName } from "../../../src/dialects/mysql/quoting.ts";
import { turn } from "../../../src/dialects/mysql/sync/flags.ts";
import { creationSettings } from "../../../src/dialects/mysql/sync/statements.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { type Laid, lay } from "./laid.ts";
import { assigned, definitions, type Given, Model, rules, selection, sentinel, standIn, table, type Value } from "./model.ts";

const number = fc.constantFrom("0", "1", "2", "-3", "40");
const name = fc.constantFrom("Ada King", "ada king", "Ada King ", "Bo", "", "Cy Two Three", "No One", null);
const part = fc.constantFrom("Ada", "ada", "Ada ", "Bo", "King", null);
const tuple = (...of: readonly fc.Arbitrary<Value>[]): fc.Arbitrary<readonly Value[]> => fc.tuple(...of);
const sides: readonly (readonly [old: fc.Arbitrary<readonly Value[]>, fresh: fc.Arbitrary<readonly Value[]>])[] = [
  [tuple(number), tuple(fc.constantFrom("0.00", "1.25", "2.50", "-3.75", "40.00"))],
  [tuple(name), tuple(part, part)],
  [tuple(name), tuple(name)],
  [tuple(fc.option(number)), tuple(fc.option(fc.constantFrom("0", "1", "007", "-3", "40")))],
];
const given: fc.Arbitrary<readonly Given[]> = fc.tuple(
  ...sides.map(([old, fresh]) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      { weight: 3, arbitrary: fc.record({ old }) },
      { weight: 3, arbitrary: fc.record({ fresh }) },
      { weight: 1, arbitrary: fc.record({ old, fresh }) },
    ),
  ),
) as fc.Arbitrary<readonly Given[]>;

const key = fc.integer({ min: 1, max: 6 });
type Act =
  | { readonly act: "insert" | "replace" | "select" | "upsert" | "update"; readonly id: number; readonly given: readonly Given[] }
  | { readonly act: "move"; readonly id: number; readonly to: number; readonly given: readonly Given[] }
  | { readonly act: "other"; readonly id: number }
  | { readonly act: "delete"; readonly id: number }
  | { readonly act: "batch"; readonly id: number }
  | { readonly act: "turn" };
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constantFrom("insert" as const, "replace" as const, "select" as const, "upsert" as const), id: key, given }) },
  { weight: 12, arbitrary: fc.record({ act: fc.constant("update" as const), id: key, given }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("move" as const), id: key, to: fc.integer({ min: 7, max: 9 }), given }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("other" as const, "delete" as const, "batch" as const), id: key }) as fc.Arbitrary<Act> },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("turn" as const) }) },
);
const seed = fc.array(fc.tuple(...sides.map(([old]) => old)), { maxLength: 4 });

const text = (value: Value): string => (value === null ? "null" : quoteLiteral(value));

/** One statement; null: the model says that nothing is sent. */
function statement(one: Act, model: Model, laid: Laid): string | null {
  if (one.act === "turn") {
    const direction = model.stage === "expanded" ? "there" : "back";
    return turn(laid.input, direction, (from, to) => {
      const definition = definitions[direction].get(from);
      return definition === undefined
        ? `rename column ${quoteName([from])} to ${quoteName([to])}`
        : `change column ${quoteName([from])} ${quoteName([to])} ${definition}`;
    });
  }
  if (one.act === "other") return `update goods set visits = visits + 1, id = id where id = ${one.id}`;
  if (one.act === "delete") return `delete from goods where id = ${one.id}`;
  // Batches run before the switch.
  if (one.act === "batch") return model.stage === "expanded" ? laid.batchText(`id <= ${one.id}`) : null;
  if (!("given" in one)) return null;
  const values = assigned(one.given, model.stage);
  const sets = values.map(([column, value]) => `${quoteName([column])} = ${text(value)}`);
  if (one.act === "update") return sets.length === 0 ? null : `update goods set ${sets.join(", ")} where id = ${one.id}`;
  if (one.act === "move") return model.rows.has(one.to) ? null : `update goods set ${[`id = ${one.to}`, ...sets].join(", ")} where id = ${one.id}`;
  const columns = ["id", ...values.map(([column]) => quoteName([column]))].join(", ");
  const row = [String(one.id), ...values.map(([, value]) => text(value))].join(", ");
  if (one.act === "upsert")
    return `insert into goods (${columns}) values (${row}) on duplicate key update ${["id = id", ...values.map(([column]) => `${quoteName([column])} = values(${quoteName([column])})`)].join(", ")}`;
  if (one.act !== "replace" && model.rows.has(one.id)) return null;
  return `${one.act === "replace" ? "replace" : "insert"} into goods (${columns}) ${one.act === "select" ? `select ${row}` : `values (${row})`}`;
}

/** What the statement does to the model; false: the server refuses it. */
function expected(one: Act, model: Model): boolean {
  switch (one.act) {
    case "turn":
      model.stage = model.stage === "expanded" ? "switched" : "expanded";
      return true;
    case "other":
      return true;
    case "delete":
      model.rows.delete(one.id);
      return true;
    case "batch":
      model.batch((id) => id <= one.id);
      return true;
    case "update":
      model.update(one.id, one.given);
      return true;
    case "move":
      model.update(one.id, one.given, one.to);
      return true;
    case "upsert": {
      const before = model.rows.get(one.id);
      // What an INSERT may not leave out is asked before the key is looked for, with the run as without it.
      const accepted = model.insert(one.id, one.given);
      if (!before || !accepted) return accepted;
      // VALUES() gives what the INSERT trigger has made of a column.
      const made = model.rows.get(one.id) ?? [];
      const values = one.given.map(
        ({ old, fresh }, i): Given => ({ ...(old && made[i] ? { old: made[i].old } : {}), ...(fresh && made[i] ? { fresh: made[i].fresh } : {}) }),
      );
      model.rows.set(one.id, before);
      model.update(one.id, values);
      return true;
    }
    default:
      return model.insert(one.id, one.given);
  }
}

const list = async (client: Connection, model: Model): Promise<readonly (readonly Value[])[]> => {
  const columns = selection(model.stage).map((column) => `cast(${quoteName([column])} as char)`);
  const [rows] = await client.query({ sql: `select ${columns.join(", ")} from goods order by id`, rowsAsArray: true });
  return rows as unknown as readonly (readonly Value[])[];
};

/** A difference that a person can read in one line. */
function same(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${what}\n  found  ${JSON.stringify(found)}\n  wanted ${JSON.stringify(wanted)}`);
}

async function play(
  db: MariadbDatabase,
  client: Connection,
  seeds: readonly (readonly (readonly Value[])[])[],
  acts: readonly Act[],
  spoil: (trigger: string) => string,
): Promise<void> {
  const model = new Model();
  await client.query(`drop table if exists goods; ${table}`);
  for (const [i, row] of seeds.entries()) {
    model.seed(i + 1, row);
    await client.query(`insert into goods (id, price, name, noted, qty) values (${[String(i + 1), ...row.map(([value = null]) => text(value))].join(", ")})`);
  }
  const laid = await lay(
    db,
    "goods",
    rules.map(({ link }) => link),
    { standIns: { price: standIn }, sentinels: { amount: sentinel } },
  );
  const spoilt = laid.statements.create.map((one) => spoil(laid.fill(one)));
  if (spoilt.some((one, i) => one !== laid.fill(laid.statements.create[i] ?? "")))
    await client.query([...creationSettings, ...laid.statements.drop, ...spoilt].join(";\n"));
  for (const one of acts) {
    const sent = statement(one, model, laid);
    if (sent === null) continue;
    const before = structuredClone([...model.rows]);
    const accepted = expected(one, model);
    const errno = await client.query(sent).then(
      () => null,
      (error: { errno?: number }) => error.errno ?? 0,
    );
    if (!accepted) {
      model.rows.clear();
      for (const [id, row] of before) model.rows.set(id, row);
    }
    same(sent, errno, accepted ? null : 1048);
    same(sent, await list(client, model), model.list());
  }
  if (model.stage === "switched") await client.query(statement({ act: "turn" }, model, laid) ?? "");
  await laid.batch();
  same("in the end", [await laid.unfilled(), await laid.bad()], [0, 0]);
}

/** Runs the property; null: it held. */
async function counterexample(db: MariadbDatabase, runs: number, spoil: (trigger: string) => string = (trigger) => trigger): Promise<string | null> {
  const client = await db.connect();
  await client.query(creationSettings.join(";"));
  const property = fc.asyncProperty(seed, fc.array(act, { minLength: 1, maxLength: 25 }), async (seeds, acts) => {
    await play(db, client, seeds, acts, spoil);
  });
  const result = await fc.check(property, {
    numRuns: runs,
    endOnFailure: true,
    ...(process.env["HOTSTICK_SEED"] === undefined ? {} : { seed: Number(process.env["HOTSTICK_SEED"]) }),
  });
  return result.failed ? `seed ${result.seed}: ${result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance)}` : null;
}

/** Mistakes that a generator could make, as what they make of a trigger's text. */
const mistakes: readonly (readonly [what: string, spoil: (trigger: string) => string])[] = [
  ["characters compared by their collation", (trigger) => trigger.replaceAll(/cast\((\S+) as binary\)/g, "$1")],
  ["the marker's guard left out", (trigger) => trigger.replaceAll(/new\.`(hotstick_side_\w+)` <=> old\.`\1`/g, "true")],
  ["new code's write marked as old code's", (trigger) => trigger.replaceAll("= 02;", "= 01;")],
  ["a write of both sides marked as old code's", (trigger) => trigger.replaceAll("= 03;", "= 01;")],
  ["an unfilled row not made whole", (trigger) => trigger.replaceAll(/if not not \(/g, "if false and not (")],
  ["the flag not asked", (trigger) => trigger.replaceAll("new.`hotstick_a` = 1", "true")],
  ["the flag asked the wrong way round", (trigger) => trigger.replaceAll("new.`hotstick_a` = 1", "new.`hotstick_a` = 0")],
  ["an old default taken for a given value", (trigger) => trigger.replaceAll("'No One'", "'Nobody'")],
  ["a stand-in taken for a value", (trigger) => trigger.replaceAll(standIn, "-1")],
  ["a sentinel taken for a value", (trigger) => trigger.replaceAll(sentinel, "-9.99")],
  ["a change to NULL not seen", (trigger) => trigger.replaceAll(/not \((old\.\S+) <=> (new\.\S+)\)/g, "coalesce($1 <> $2, false)")],
];

describe.runIf(hasMariadb)("statements at random on MariaDB", () => {
  test("every row is what the model says, after every statement", { timeout: 180_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t);
    expect(await counterexample(db, Number(process.env["HOTSTICK_RUNS"] ?? 60))).toBeNull();
  });

  for (const [what, spoil] of mistakes)
    test(`finds a mistake: ${what}`, { timeout: 180_000 }, async (t) => {
      const db = await mariadbDatabaseFor(t);
      // A wrong row, and not a text that the server does not take.
      expect(await counterexample(db, 150, spoil)).toMatch(/\n {2}found /);
    });
});
