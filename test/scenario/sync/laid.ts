// Lays a sync on a real table: reads the table, adds the new columns, sends the generated statements.

import { quoteName } from "../../../src/dialects/postgres/quoting.ts";
import { fillAssignments, pendingCondition, setClause } from "../../../src/dialects/postgres/sync/fill.ts";
import type { SyncInput } from "../../../src/dialects/postgres/sync/input.ts";
import { syncStatements } from "../../../src/dialects/postgres/sync/statements.ts";
import { badRowCondition } from "../../../src/dialects/postgres/sync/verify.ts";
import { connect } from "../../../src/drivers/postgres/connect.ts";
import { introspect } from "../../../src/drivers/postgres/introspect.ts";
import type { Schema } from "../../../src/schema/model.ts";
import { keyOf, parseName } from "../../../src/schema/names.ts";
import type { Link } from "../../../src/step/shape.ts";
import type { TestDatabase } from "../../harness/servers.ts";
import { rewrite } from "./shapes.ts";

export interface Laid {
  readonly input: SyncInput;
  /** Fills holes. */
  fill(template: string, generation?: number): string;
  /** Rows that batches would still fill. */
  pending(): Promise<number>;
  /** Rows that verify finds wrong. */
  bad(): Promise<number>;
  /** One batch over rows that `where` picks, as the run would send it. */
  batch(where?: string): Promise<number>;
  /** Takes the triggers away. */
  lift(): Promise<void>;
}

export const read = async (db: TestDatabase): Promise<Schema> => {
  const session = await connect({ url: db.url }, "test");
  try {
    return await introspect(session);
  } finally {
    await session.close();
  }
};

interface Options extends Partial<Omit<SyncInput, "links" | "table">> {
  /** Columns are there already. */
  readonly bare?: boolean;
  readonly generation?: number;
  /** The snapshot bound of the retirement. */
  readonly settled?: string;
  /** The schema of the time of the plan, where columns have changed their names since. */
  readonly planned?: Schema;
}

export async function lay(db: TestDatabase, table: string, links: readonly Link[], options: Options = {}): Promise<Laid> {
  const { bare = false, generation = 0, settled = "0", planned, ...more } = options;
  const schema = planned ?? (await read(db));
  const name = parseName(table, "public");
  const found = schema.tables[keyOf(name)];
  if (!found) throw new Error(`no table ${table}`);
  const primary = found.indexes.find((index) => index.primary);
  const members = Object.values(schema.tables).filter((other) => other.partitionOf && keyOf(other.partitionOf.parent) === keyOf(name));
  const input: SyncInput = {
    table: name,
    columns: found.columns,
    children: Object.values(schema.tables)
      .filter((other) => other.inherits.some((parent) => keyOf(parent) === keyOf(name)))
      .map((child) => child.name),
    key: (primary?.keys ?? []).filter((key) => key !== null),
    links,
    stage: "expanded",
    fill: "forward",
    serial: "expanded_{{run}}",
    userTriggers: [found, ...members].flatMap((one) => one.triggers),
    partitionKey: found.partitionKey?.columns ?? [],
    oldWrites: null,
    canRaise: [],
    rewrite,
    ...more,
  };
  const fill = (template: string, at = generation): string =>
    template.replaceAll("{{run}}", "7").replaceAll("{{generation}}", String(at)).replaceAll("{{settled}}", settled);
  const at = quoteName([name.schema, name.name]);
  const adds = bare
    ? []
    : links.flatMap((link): string[] => {
        const columns = link.kind === "copy" ? [link.new] : link.kind === "transform" ? link.new : [];
        const added = columns.map(
          (column) => `add ${quoteName([column.hidden])} ${column.spec.type}${column.spec.collation === undefined ? "" : ` collate ${column.spec.collation}`}`,
        );
        return link.kind === "transform" ? [...added, `add ${quoteName([link.marker])} smallint`] : added;
      });
  const statements = syncStatements(input);
  const alter = adds.length > 0 ? [`alter table ${at} ${adds.join(", ")}`] : [];
  await db.rows(
    [
      "begin",
      "create schema if not exists hotstick",
      "grant usage on schema hotstick to public",
      ...alter,
      ...statements.create.map((one) => fill(one)),
      "commit",
    ].join(";\n"),
  );
  const count = async (condition: string): Promise<number> =>
    Number((await db.rows<{ n: string }>(`select count(*) as n from ${at} where ${fill(condition)}`))[0]?.n);
  return {
    input,
    fill,
    pending: () => count(pendingCondition(input)),
    bad: () => count(badRowCondition(input)),
    batch: async (where = "true") => {
      const update = fill(`update ${at} set ${setClause(fillAssignments(input))} where (${where}) and (${pendingCondition(input)})`);
      const rows = await db.rows<{ n: number }>(`set hotstick.batch = 'on'; with filled as (${update} returning 1) select count(*)::int as n from filled`);
      return rows[0]?.n ?? 0;
    },
    lift: async () => {
      await db.rows(statements.drop.map((one) => fill(one)).join(";\n"));
    },
  };
}
