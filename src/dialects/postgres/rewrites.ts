// Columns that the server cannot add without writing every row anew.
import type { Finding } from "../../finding.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { ColumnSpec } from "../../step/shape.ts";
import type { Work } from "../../step/step.ts";

type Added = Pick<ColumnSpec, "type" | "generated" | "identity" | "notNull">;

const bare = (text: string): string => text.replaceAll('"', "");

/** A type's name may have been written with its namespace or without; errs on the side of finding. */
function hasRule(schema: Schema, type: string): boolean {
  return Object.values(schema.types).some(({ name, definition }) => {
    if (definition.kind !== "domain") return false;
    const spelt = [`${name.schema}.${name.name}`, name.name].map(bare);
    return spelt.includes(bare(type)) && (definition.notNull || definition.constraints.length > 0 || hasRule(schema, definition.type));
  });
}

/**
 * What ADD COLUMN does with the rows that are there. A domain's rules are checked row by row, also where every value is NULL (18 and below).
 * @see https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
 */
export function workOfAdding(schema: Schema, columns: readonly Added[]): Work {
  if (columns.some((column) => column.identity !== undefined || column.generated?.kind === "stored" || hasRule(schema, column.type))) return "rewrite";
  return columns.some((column) => column.generated?.kind === "virtual" && column.notNull === true) ? "scan" : "instant";
}

/** A column of such a domain cannot be added online, whoever asks for it. */
export const checkDomains = (schema: Schema, table: ObjectName, columns: readonly ColumnSpec[]): readonly Finding[] =>
  columns
    .filter((column) => hasRule(schema, column.type))
    .map((column) => ({
      rule: "rewrites-table",
      severity: "refuse",
      acceptable: true,
      subject: { kind: "column", name: `${keyOf(table)}.${column.name}` },
      message: `Adding a column of the domain ${column.type} rewrites ${keyOf(table)} while nobody can read or write it, since the domain's rules are checked for every row.`,
      fix: "Give the column the domain's base type, and the table a check with the domain's rule.",
    }));
