// Schemas that others wrote: every column of some tables is planned or refused by a finding, and a few are carried there and back.
import { describe, expect, test } from "vitest";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Column, Table } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import { realSchema } from "../conformance/fixtures/schemas.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { newest } from "../harness/majors.ts";
import { databaseFor } from "../harness/servers.ts";

const everything = process.env["HOTSTICK_SCOPE"] === "all";

interface Schema {
  readonly name: string;
  readonly tables: readonly string[];
  /** The oldest major that understands it. */
  readonly from: number;
  /** Part of `npm test`. */
  readonly quick: boolean;
  /** What is in the way of every change, and is refused by name: here it goes first. */
  readonly first?: string;
}

const schemas: readonly Schema[] = [
  { name: "chinook-postgres", tables: ["public.track", "public.customer", "public.playlist_track"], from: 14, quick: true },
  { name: "danbooru", tables: ["public.posts", "public.users", "public.tags"], from: 14, quick: true },
  {
    name: "adventureworks",
    tables: ["person.person", "production.product", "sales.salesorderheader"],
    from: 14,
    quick: false,
    first: "drop schema hr, pe, pr, pu, sa cascade",
  },
  { name: "pagila", tables: ["public.film", "public.payment", "public.customer"], from: 18, quick: false },
];

const there = schemas.filter(({ name, from }) => newest >= from && realSchema(name) !== null);
if (there.length === 0) console.info("no schemas beside the repository; the tests that plan on them are skipped");

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** Types as they are written, and what each is turned into; there and back nothing is lost. */
const wider: readonly (readonly [RegExp, string])[] = [
  [/^integer$/, "bigint"],
  [/^smallint$/, "integer"],
  [/^character varying/, "text"],
];

function operationsOn(table: Table, column: Column): readonly Operation[] {
  const at = keyOf(table.name);
  const rename: Operation = { kind: "rename-column", table: at, from: column.name, to: `${column.name.slice(0, 50)}_renamed` };
  const to = wider.find(([type]) => type.test(column.type))?.[1];
  const name = quoted(column.name);
  const retype: Operation | null =
    to === undefined
      ? null
      : {
          kind: "transform",
          table: at,
          from: [column.name],
          to: [{ name: column.name, type: to, notNull: column.notNull, up: name }],
          down: { [column.name]: `${name}::${column.type}` },
        };
  return retype === null ? [rename] : [rename, retype];
}

/** Only what people accept by name; everything else that is refused stays so. */
const accept = ["swaps-names"];
const carriedOfEach = everything ? 3 : 1;

describe.runIf(there.length > 0)("schemas that others wrote", () => {
  test.for(there.filter(({ quick }) => quick || everything).map((each) => [each.name, each] as const))(
    "%s",
    { timeout: 600_000 },
    async ([, { name, tables, first = "" }], t) => {
      const db = await databaseFor(t);
      await db.rows(`${realSchema(name) ?? ""};\n${first}`);
      const schema = await schemaOf(db.url);
      const chosen = tables.map((key) => schema.tables[key] ?? expect.fail(`${name} has no table ${key}`));
      const planned = new Map<string, Operation>();
      const refused = new Set<string>();
      const session = await postgresDriver({ url: db.url }).connect({ purpose: "test" });
      for (const table of chosen) {
        for (const column of table.columns.slice(0, everything ? undefined : 8)) {
          for (const operation of operationsOn(table, column)) {
            const { plan, findings } = await planOf(session, db.url, [operation], { accept, schema });
            if (plan !== null) planned.set(`${operation.kind} ${keyOf(table.name)}`, operation);
            else for (const { rule, severity } of findings) if (severity === "refuse") refused.add(rule);
            expect(plan !== null || findings.some(({ severity }) => severity === "refuse")).toBe(true);
          }
        }
      }
      await session.close();
      expect(planned.size).toBeGreaterThan(0);
      // Refusals are for what stands in the schema, never for a plan that could not be made.
      for (const rule of refused)
        expect(rule).toMatch(
          /^(dependent-|dependant-|generated-column|partition-key|rewrites-table|unmodelled-dependant|trigger-|planned-later|inherited-column|bad-expression|published-columns)/,
        );
      for (const operation of [...planned.values()].slice(0, carriedOfEach)) {
        const life = await lifecycleOf(db.url, [operation], { accept, name: JSON.stringify(operation) });
        await life.to("drop");
        await life.undo("start");
        expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
      }
    },
  );
});
