// What MariaDB writes by itself where a definition gives no default, and how that goes again.
import { keyOf } from "../../../schema/names.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import { catalogStep, columnIs, probe } from "../core.ts";
import { alter, column, type Definition } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

/**
 * True where MariaDB makes it DEFAULT '' each time that the definition is said (10.11.19), and would take a row that leaves the column out.
 * No operation makes a column compressed, so it is one that was there before, or is renamed.
 */
export const getsDefault = (of: Definition): boolean => of.notNull && of.default === null && of.compressed;

/** A condition on a row of information_schema.columns. MariaDB writes NULL for no default where a column may be NULL. */
export const hasNoDefault = "coalesce(column_default, 'NULL') = 'NULL'";

/** For an ALTER of its own: one that says the definition does not know the column to any other word. Safe to be sent again. */
export const dropDefault = (name: string): Template => `alter column ${column(name)} drop default`;

/** Behind a step that says these definitions, which tells by other signs that it has happened. */
export function bareSteps(context: ShapeContext, said: readonly (readonly [name: string, of: Definition])[]): readonly StepCore[] {
  const { table, version, group } = context;
  const names = said.flatMap(([name, of]) => (getsDefault(of) ? [name] : []));
  if (names.length === 0) return [];
  return [
    catalogStep({
      title: `${names.join(", ")} of ${keyOf(table.name)} ${names.length === 1 ? "has" : "have"} no default`,
      why: "The server gives a compressed column that is NOT NULL a default of its own; only the catalog changes.",
      table: table.name,
      statements: [alter(version, table.name, "instant", names.map(dropDefault))],
      probe: probe(names.map((name) => columnIs(table.name, name, hasNoDefault)).join(" and ")),
      group,
    }),
  ];
}
