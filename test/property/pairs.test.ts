// Every two kinds of operation that meet in one column: planned or refused, and what is planned carries there and back.
import { describe, expect, test } from "vitest";
import { engineOf } from "../../src/app/engines.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { firstOperationStands, type OperationWords, operationStands, withDatabase } from "../harness/operation-stands.ts";
import { ended, rowsIn } from "../harness/seen.ts";

const table = "t";
const firsts = ({ text, cast }: OperationWords["pairs"]): Readonly<Record<string, readonly [Operation, string]>> => ({
  rename: [{ kind: "rename-column", table, from: "note", to: "n1" }, "n1"],
  "add, plain": [{ kind: "add-column", table, column: { name: "n1", type: text } }, "n1"],
  "add, with a default": [{ kind: "add-column", table, column: { name: "n1", type: text, notNull: true, default: "'d'" } }, "n1"],
  "add, filled": [{ kind: "add-column", table, column: { name: "n1", type: text, notNull: true }, fill: "coalesce(note, '')" }, "n1"],
  transform: [{ kind: "transform", table, from: ["note"], to: [{ name: "n1", type: text, up: "upper(note)" }], down: { note: "lower(n1)" } }, "n1"],
  retype: [{ kind: "transform", table, from: ["note"], to: [{ name: "note", type: text, up: "note" }], down: { note: cast("note") } }, "note"],
  drop: [{ kind: "drop-column", table, column: "note" }, "note"],
  "forbid null": [{ kind: "set-not-null", table, column: "note", fill: "'x'" }, "note"],
});

const seconds = (column: string, { text }: OperationWords["pairs"]): Readonly<Record<string, Operation>> => ({
  rename: { kind: "rename-column", table, from: column, to: "n2" },
  transform: { kind: "transform", table, from: [column], to: [{ name: "n2", type: text, up: `upper(${column})` }], down: { [column]: `lower(n2)` } },
  retype: { kind: "transform", table, from: [column], to: [{ name: column, type: text, up: column }], down: { [column]: column } },
  drop: { kind: "drop-column", table, column },
  "forbid null": { kind: "set-not-null", table, column, fill: "'x'" },
  "fill from it": { kind: "add-column", table, column: { name: "n3", type: text }, fill: `coalesce(${column}, '')` },
  index: { kind: "add-index", table, name: "i2", keys: [{ column }] },
  "take its old name": { kind: "rename-column", table, from: "name", to: "note" },
  "add its old name": { kind: "add-column", table, column: { name: "note", type: "int" } },
});

const pairsOf = ({ pairs }: OperationWords) =>
  Object.entries(firsts(pairs)).flatMap(([first, [operation, column]]) =>
    Object.entries(seconds(column, pairs)).map(([second, other]) => [`${first}, then ${second}`, [operation, other]] as const),
  );
const options = { accept: ["swaps-names"] };
const everything = process.env["HOTSTICK_SCOPE"] === "all";

/** Null where the pair is refused, which must be said and not thrown in the middle. */
const refused = (error: Error): null | Promise<never> => (error.message.startsWith("refused: ") ? null : Promise.reject(error));

test.each(firstOperationStands)("every pair is planned, or refused with a way out, on %s", { timeout: 120_000 }, async (_, stand) => {
  const pairs = pairsOf(stand.words);
  await withDatabase(stand, stand.words.pairs.before, async ({ url }) => {
    const session = await (await (await engineOf(url)).driver(url)).connect({ purpose: "plan" });
    let planned = 0;
    try {
      for (const [title, operations] of pairs) {
        const { plan, findings } = await planOf(session, url, operations, options).catch((error: Error) =>
          Promise.reject(new Error(`${title}: ${error.message}`, { cause: error })),
        );
        planned += plan === null ? 0 : 1;
        const against = findings.filter(({ severity }) => severity === "refuse");
        if (plan === null) expect(against, title).not.toEqual([]);
        expect(
          against.filter(({ fix, message }) => !fix || !message),
          title,
        ).toEqual([]);
      }
    } finally {
      await session.close();
    }
    expect(planned).toBeGreaterThan(pairs.length / stand.words.pairs.oneIn);
    expect(planned).toBeLessThan(pairs.length);
  });
});

describe.each(everything ? operationStands : firstOperationStands)("%s", (_, stand) => {
  // The quick part: what ended in a lost index, a column that was not there, and rows filled for ever.
  const few = ["retype, then index", "add, plain, then fill from it", "rename, then forbid null", "rename, then retype"];
  const pairs = pairsOf(stand.words);
  test.for(everything ? pairs : pairs.filter(([title]) => few.includes(title)))("%s", async ([, operations]) => {
    const { before } = stand.words.pairs;
    const end = await withDatabase(stand, before, async ({ url, namespace, rows }) => {
      const schema = await schemaOf(url);
      const select = "select id, note, name from t order by id";
      const old = await rows(select);
      const whole = await rowsIn(url, schema);
      const life = await lifecycleOf(url, operations, options).catch(refused);
      if (life === null) return null;
      await life.to("drop");
      const after = await ended(url, namespace);
      await life.undo("start");
      expect(schemaDifference(schema, await schemaOf(url))).toEqual([]);
      // What was filled for the sake of NOT NULL stays filled.
      if (!operations.some(({ kind }) => kind === "set-not-null")) {
        expect(await rows(select)).toEqual(old);
        expect(await rowsIn(url, schema)).toEqual(whole);
      }
      return after;
    });
    if (end === null) return;
    await withDatabase(stand, before, async ({ url, namespace }) => {
      await (await lifecycleOf(url, operations, { ...options, mode: "plain" })).to("drop");
      const plain = await ended(url, namespace);
      expect(schemaDifference(end.schema, plain.schema)).toEqual([]);
      expect(plain.rows).toEqual(end.rows);
    });
  });
});
