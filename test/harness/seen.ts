// What a database holds, on any engine: all rows by the columns of its schema, and the schema without the database's own name.
import { engineOf } from "../../src/app/engines.ts";
import type { Schema } from "../../src/schema/model.ts";
import { ident, renderInline } from "../../src/sql/sql.ts";
import { schemaOf } from "./lifecycle.ts";

/** Tells rows that were archived from later ones; it stays until nobody can want the archive any more. */
const isProof = (name: string): boolean => /^hotstick_kept_\d+$/.test(name);

export type Rows = Readonly<Record<string, readonly string[]>>;

/** Every row of every table, as text in an order of its own; columns by their names. */
export async function rowsIn(url: string, schema: Schema): Promise<Rows> {
  const engine = await engineOf(url);
  const { quoting } = await engine.dialect();
  const session = await (await engine.driver(url)).connect({ purpose: "look" });
  try {
    const found: Record<string, readonly string[]> = {};
    for (const table of Object.values(schema.tables).filter(({ partitionOf }) => !partitionOf)) {
      const columns = table.columns.map(({ name }) => name).toSorted();
      const list = columns.map((name) => renderInline(ident(name), quoting)).join(", ");
      const [rows = []] = await session.script([`select ${list} from ${renderInline(ident(table.name.schema, table.name.name), quoting)}`]);
      found[table.name.name] = rows.map((row) => JSON.stringify(row)).sort();
    }
    return found;
  } finally {
    await session.close();
  }
}

/** Schema and rows at the end of a run, comparable between databases. */
export async function ended(url: string, namespace: string): Promise<{ readonly schema: Schema; readonly rows: Rows }> {
  const read = await schemaOf(url);
  const tables = Object.fromEntries(
    Object.entries(read.tables).map(([key, table]) => [
      key,
      { ...table, columns: table.columns.filter(({ name }) => !isProof(name)).map((column, i) => ({ ...column, position: i + 1 })) },
    ]),
  );
  const schema: Schema = { ...read, tables };
  const rows = await rowsIn(url, schema);
  return { schema: namespace === "public" ? schema : (JSON.parse(JSON.stringify(schema).replaceAll(namespace, "home")) as Schema), rows };
}
