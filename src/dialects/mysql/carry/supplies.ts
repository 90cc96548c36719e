// Columns that get a value where a writer gives none, and what of the table does not allow that value.
import type { Finding } from "../../../finding.ts";
import type { Index, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Link, Shape } from "../../../step/shape.ts";
import { readDefault } from "../sync/default.ts";
import { readBy } from "./reads.ts";
import { refuse } from "./refusals.ts";

type Leave = Extract<Link, { readonly kind: "leave" }>;

/** The server lets no column be NOT NULL that a foreign key sets to NULL (error 1830). */
function nulled(table: Table, column: string): readonly Finding[] {
  return table.constraints.flatMap(({ name, columns, references }) => {
    const actions = references ? ([["DELETE", references.onDelete] as const, ["UPDATE", references.onUpdate] as const] as const) : [];
    const action = actions.find(([, what]) => /^set null$/i.test(what));
    if (!action || !columns.includes(column)) return [];
    return [
      refuse(
        "dependant-cannot-follow",
        "constraint",
        `${keyOf(table.name)}.${name}`,
        `Foreign key ${name} of ${keyOf(table.name)} sets ${column} to NULL ON ${action[0]}, so the server lets nobody forbid NULL there (error 1830).`,
        `Make ${name} anew in an earlier migration, with RESTRICT or CASCADE in the place of SET NULL.`,
      ),
    ];
  });
}

/** By which columns a row of new code differs from another in this index; null where it surely does, by NULL or by a value made for each row. */
function differingBy(table: Table, index: Index, leaving: ReadonlyMap<string, Leave>): ReadonlySet<string> | null {
  const found = new Set<string>();
  for (const name of index.mentions) {
    const link = leaving.get(name);
    if (!link) found.add(name);
    else if (link.supply) {
      if (/^\(*null\)*$/i.test(link.supply.text.trim())) return null;
      for (const read of readBy(table, link.supply.columns)) found.add(read);
    } else if (readDefault(table.columns.find((column) => column.name === name) ?? null).kind !== "constant") return null;
  }
  return found;
}

/** Whether no two rows of the table have the same in all of these columns. */
const tellsApart = (table: Table, by: ReadonlySet<string>, index: Index): boolean =>
  index.unique &&
  index.keys.length > 0 &&
  index.keys.every((key) => key !== null && by.has(key) && table.columns.some(({ name, notNull }) => name === key && notNull));

/** New code leaves the column out, and what it holds then may be in the index already. */
function repeated(table: Table, leaves: readonly Leave[]): readonly Finding[] {
  const leaving = new Map(leaves.map((link) => [link.old.name, link]));
  const name = keyOf(table.name);
  const unique = table.indexes.filter((index) => index.unique && !index.primary);
  return unique.flatMap((index): Finding[] => {
    const gone = index.mentions.filter((column) => leaving.has(column));
    const by = gone.length === 0 ? null : differingBy(table, index, leaving);
    if (by === null || table.indexes.some((other) => other !== index && tellsApart(table, by, other))) return [];
    const list = gone.join(", ");
    const both = "error 1062, and an undo could not build the index";
    const found = refuse(
      "down-not-unique",
      "index",
      `${name}.${index.name}`,
      by.size === 0
        ? `Unique index ${index.name} of ${name} covers ${list}, and every row of new code would hold the same there: its second INSERT would fail (${both}).`
        : `Unique index ${index.name} of ${name} covers ${list}, and rows of new code may hold the same there: such an INSERT fails (${both}).`,
      `Drop the index in an earlier migration; or let ${list} hold NULL, and leave down and the default out; or write a down over columns that are unique.`,
    );
    return [by.size === 0 ? found : { ...found, severity: "warn" }];
  });
}

export const checkSupplies = (table: Table, shape: Shape): readonly Finding[] => [
  ...shape.links.flatMap((link) => (link.kind === "supply" && link.notNull && !link.adds ? nulled(table, link.column) : [])),
  ...repeated(
    table,
    shape.links.filter((link) => link.kind === "leave"),
  ),
];
