// Schemas that others wrote: every column of some tables is planned or refused by a finding, and a few are carried there and back.
import { describe, expect, test } from "vitest";
import { engineOf } from "../../src/app/engines.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Column, Table } from "../../src/schema/model.ts";
import { keyOf } from "../../src/schema/names.ts";
import { realSchema } from "../conformance/fixtures/schemas.ts";
import { firstAppStands } from "../harness/app-stands.ts";
import { lifecycleOf, planOf, schemaDifference, schemaOf } from "../harness/lifecycle.ts";
import { newest } from "../harness/majors.ts";

const everything = process.env["HOTSTICK_SCOPE"] === "all";

interface Schema {
  readonly name: string;
  readonly engine: "postgres" | "mariadb";
  /** Where there is one namespace only, without it. */
  readonly tables: readonly string[];
  /** The oldest major that understands it. */
  readonly from: number;
  /** Part of `npm test`. */
  readonly quick: boolean;
  /** What is in the way of every change, and is refused by name: here it goes first. */
  readonly first?: string;
}

const schemas: readonly Schema[] = [
  { name: "chinook-postgres", engine: "postgres", tables: ["public.track", "public.customer", "public.playlist_track"], from: 14, quick: true },
  { name: "danbooru", engine: "postgres", tables: ["public.posts", "public.users", "public.tags"], from: 14, quick: true },
  {
    name: "adventureworks",
    engine: "postgres",
    tables: ["person.person", "production.product", "sales.salesorderheader"],
    from: 14,
    quick: false,
    first: "drop schema hr, pe, pr, pu, sa cascade",
  },
  { name: "pagila", engine: "postgres", tables: ["public.film", "public.payment", "public.customer"], from: 18, quick: false },
  { name: "chinook-mysql", engine: "mariadb", tables: ["Track", "Customer", "PlaylistTrack", "InvoiceLine"], from: 0, quick: true },
  { name: "temporal-mysql", engine: "mariadb", tables: ["executions", "shards", "queue", "cluster_membership"], from: 0, quick: false },
];

const standOf = ({ engine }: Schema) => firstAppStands.find(([, stand]) => stand.engine === engine)?.[1];
const there = schemas.filter((schema) => newest >= schema.from && standOf(schema) !== undefined && realSchema(schema.name) !== null);
if (there.length === 0) console.info("no schemas beside the repository; the tests that plan on them are skipped");

const quotes = { postgres: '"', mariadb: "`" };
const quotedFor =
  (engine: Schema["engine"]) =>
  (name: string): string =>
    `${quotes[engine]}${name.replaceAll(quotes[engine], quotes[engine].repeat(2))}${quotes[engine]}`;
/** Types as they are written, and what each is turned into; there and back nothing is lost. */
const wider: Readonly<Record<Schema["engine"], readonly (readonly [RegExp, string])[]>> = {
  postgres: [
    [/^integer$/, "bigint"],
    [/^smallint$/, "integer"],
    [/^character varying/, "text"],
  ],
  mariadb: [
    [/^int\(\d+\)$/, "bigint"],
    [/^smallint\(\d+\)$/, "int"],
    [/^varchar/, "text"],
  ],
};

/** The way back of a value. */
const narrowed = { postgres: (name: string, type: string) => `${name}::${type}`, mariadb: (name: string) => name };

function operationsOn(engine: Schema["engine"], table: Table, column: Column): readonly Operation[] {
  const at = keyOf(table.name);
  const quoted = quotedFor(engine);
  const rename: Operation = { kind: "rename-column", table: at, from: column.name, to: `${column.name.slice(0, 50)}_renamed` };
  const to = wider[engine].find(([type]) => type.test(column.type))?.[1];
  const name = quoted(column.name);
  const retype: Operation | null =
    to === undefined
      ? null
      : {
          kind: "transform",
          table: at,
          from: [column.name],
          to: [{ name: column.name, type: to, notNull: column.notNull, up: name }],
          down: { [column.name]: narrowed[engine](name, column.type) },
        };
  return retype === null ? [rename] : [rename, retype];
}

/** Only what people accept by name; everything else that is refused stays so. */
const accept = ["swaps-names"];
const carriedOfEach = everything ? 3 : 1;

describe.runIf(there.length > 0)("schemas that others wrote", () => {
  test.for(there.filter(({ quick }) => quick || everything).map((each) => [each.name, each] as const))("%s", { timeout: 600_000 }, async ([, each], t) => {
    const { name, engine, tables, first = "select 1" } = each;
    const stand = standOf(each) ?? expect.fail(`there is no server for ${name}`);
    const db = await stand.databaseFor(t);
    await db.rows(`${realSchema(name) ?? ""}\n${first}`);
    const schema = await schemaOf(db.url);
    const chosen = tables.map((key) => schema.tables[engine === "mariadb" ? `${db.name}.${key}` : key] ?? expect.fail(`${name} has no table ${key}`));
    const planned = new Map<string, Operation>();
    const refused = new Set<string>();
    const session = await (await (await engineOf(db.url)).driver(db.url)).connect({ purpose: "test" });
    for (const table of chosen) {
      for (const column of table.columns.slice(0, everything ? undefined : 8)) {
        for (const operation of operationsOn(engine, table, column)) {
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
    // Where rows are stored by their primary key, they have none while a column of it leaves.
    const standing = engine === "mariadb" ? [...refused].filter((rule) => rule !== "no-key") : refused;
    for (const rule of standing)
      expect(rule).toMatch(
        /^(dependent-|dependant-|generated-column|partition-key|rewrites-table|unmodelled-dependant|trigger-|planned-later|inherited-column|bad-expression|published-columns)/,
      );
    for (const operation of [...planned.values()].slice(0, carriedOfEach)) {
      const life = await lifecycleOf(db.url, [operation], { accept, name: JSON.stringify(operation) });
      await life.to("drop");
      await life.undo("start");
      expect(schemaDifference(schema, await schemaOf(db.url))).toEqual([]);
    }
  });
});
