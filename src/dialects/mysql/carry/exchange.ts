// Renames that end as the server's own. While both names live, the new one is a second column. At retire both hold the same values in every
// row, so one ALTER can exchange their names: the column that was there before bears the new name from then on, and what hangs on it follows,
// as it follows any rename. What is dropped in the end is the second column.
//
// Measured on MariaDB 10.11.19 and MySQL 9.7.4 (test/scenario/mysql-lifecycle/exchanged.test.ts): indexes of every kind and foreign keys from and
// to the column follow such an exchange, in an instant; on MariaDB checks and generated columns do too. MySQL refuses it where one of them, or
// an index over an expression, names the column (3959, 3108, 3837).
import type { Index, Schema, Table } from "../../../schema/model.ts";
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

/** The beginning of a value is no expression: its parentheses stand behind a name. */
const isOverExpression = ({ keys, definition }: Index): boolean => keys.includes(null) && /[(,]\s*\(/.test(definition.replaceAll(/`(?:[^`]|``)*`/g, "name"));

/** Columns that the server lets nobody rename: what names them would not follow. */
const heldByName = (table: Table, leaving: readonly string[]): readonly string[] => [
  ...table.constraints.filter(({ kind }) => kind === "check").flatMap(({ columns }) => columns),
  ...table.columns.flatMap(({ generated }) => (generated ? leaving.filter((name) => names(generated.expression, [name])) : [])),
  ...table.indexes.filter(isOverExpression).flatMap(({ mentions }) => mentions),
];

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
  const olds = originals(shape, table);
  const leaving = olds.map(({ old }) => old.name);
  const next = successors(shape, table);
  const result = new Set(olds.filter(({ old }) => old.parked === old.name && isRename(shape, old.name, next.get(old.name))).map(({ old }) => old.name));
  const groups = mentions(schema, table, leaving).map((group) => group.filter((name) => leaving.includes(name)));
  if (!isMariadb(schema.version)) for (const name of heldByName(table, leaving)) result.delete(name);
  for (;;) {
    const mixed = groups.filter((group) => group.some((name) => !result.has(name))).flat();
    const before = result.size;
    for (const name of mixed) result.delete(name);
    if (result.size === before) return result;
  }
}
