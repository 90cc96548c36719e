// Renames that end as the server's own. While both names live, the new one is a second column. At retire both hold the same values in every
// row, so one ALTER can exchange their names: the column that was there before bears the new name from then on, and what hangs on it follows,
// as it follows any rename. What is dropped in the end is the second column.
//
// Measured on MariaDB 10.11.19 (test/scenario/mysql-lifecycle/exchanged.test.ts): indexes of every kind, foreign keys from and to the column,
// checks and generated columns follow such an exchange, in an instant. MySQL, by its manual, refuses it where a check or a generated column names one.
import type { Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { NewColumn, Shape } from "../../../step/shape.ts";
import { oldOf, originals, successors } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { names } from "./refusals.ts";

/** Foreign keys to the table, those of its own among them. */
export const incoming = (schema: Schema, table: Table) =>
  Object.values(schema.tables).flatMap((on) =>
    on.constraints.flatMap((constraint) =>
      constraint.references && keyOf(constraint.references.table) === keyOf(table.name) ? [{ on, constraint, columns: constraint.references.columns }] : [],
    ),
  );

/** The columns that each dependant names, where the server rewrites it at a rename. */
function mentions(schema: Schema, table: Table, leaving: readonly string[]): readonly (readonly string[])[] {
  return [
    ...table.indexes.map((index) => index.mentions),
    ...table.constraints.filter(({ kind }) => kind === "check" || kind === "foreign-key").map(({ columns }) => columns),
    ...incoming(schema, table).map(({ columns }) => columns),
    ...table.columns.flatMap(({ generated }) => (generated ? [leaving.filter((name) => names(generated.expression, [name]))] : [])),
  ];
}

/** Whether a column becomes this one by renames alone. */
function isRename(shape: Shape, from: string, to: NewColumn | null | undefined): boolean {
  if (!to || to.hidden !== to.spec.name) return false;
  const links = shape.links.filter((link) => oldOf(link).some(({ name }) => name === from));
  const [link] = links;
  if (links.length !== 1 || link?.kind !== "copy") return false;
  return link.new === to || isRename(shape, link.new.spec.name, to);
}

/**
 * The old names of the columns whose rename ends by an exchange. A dependant that also names a column which leaves in another way cannot
 * follow both, so then none of its columns is exchanged.
 */
export function exchangedColumns(schema: Schema, table: Table, shape: Shape): ReadonlySet<string> {
  if (!isMariadb(schema.version)) return new Set();
  const olds = originals(shape, table);
  const leaving = olds.map(({ old }) => old.name);
  const next = successors(shape, table);
  const result = new Set(olds.filter(({ old }) => old.parked === old.name && isRename(shape, old.name, next.get(old.name))).map(({ old }) => old.name));
  const groups = mentions(schema, table, leaving).map((group) => group.filter((name) => leaving.includes(name)));
  for (;;) {
    const mixed = groups.filter((group) => group.some((name) => !result.has(name))).flat();
    const before = result.size;
    for (const name of mixed) result.delete(name);
    if (result.size === before) return result;
  }
}
