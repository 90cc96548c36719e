// What up, down and fill read that the server writes without a trigger, or after it: nothing can be kept in step with that.
import type { Finding } from "../../../finding.ts";
import type { Constraint, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Expression, Link, Shape } from "../../../step/shape.ts";
import { names, refuse } from "./refusals.ts";

/** The columns that an expression reads, and those from which the generated ones among them are computed. */
export function readBy(table: Table, columns: readonly string[]): ReadonlySet<string> {
  const found = new Set(columns);
  for (const name of found) {
    const generated = table.columns.find((column) => column.name === name)?.generated;
    if (generated) for (const column of table.columns) if (column.name !== name && names(generated.expression, [column.name])) found.add(column.name);
  }
  return found;
}

/** One column that triggers compute. */
interface Computed {
  readonly column: string;
  readonly reads: ReadonlySet<string>;
  /** True where it follows every change of what it reads; false where it is computed once. */
  readonly follows: boolean;
}

function computedBy(table: Table, link: Link): readonly Computed[] {
  const one = (column: string, expression: Expression | null | undefined, follows: boolean): readonly Computed[] =>
    expression ? [{ column, reads: readBy(table, expression.columns), follows }] : [];
  switch (link.kind) {
    case "copy":
      return [];
    case "transform":
      return [...link.new.flatMap(({ spec }, i) => one(spec.name, link.up[i], true)), ...link.old.flatMap(({ name }, i) => one(name, link.down[i], true))];
    case "supply":
      return one(link.column, link.fill, false);
    case "leave":
      return one(link.old.name, link.supply, false);
  }
}

/**
 * The columns of a foreign key into which the server itself writes when the row changes or goes to which they refer. RESTRICT and its like
 * write nothing, and a delete with CASCADE takes the row as a whole.
 */
export function writtenByServer({ references, columns }: Constraint): readonly string[] {
  if (references === null) return [];
  const [onUpdate, onDelete] = [references.onUpdate.toLowerCase(), references.onDelete.toLowerCase()];
  return /^(cascade|set null|set default)$/.test(onUpdate) || /^set (null|default)$/.test(onDelete) ? columns : [];
}

/** The first number is given when the triggers are through: until then the column holds 0. */
function numbered(table: Table, { column, reads }: Computed): readonly Finding[] {
  const counter = table.columns.find(({ name, identity }) => identity && reads.has(name));
  if (!counter) return [];
  const name = `${keyOf(table.name)}.${column}`;
  return [
    refuse(
      "bad-expression",
      "expression",
      name,
      `What ${name} is computed from reads ${counter.name}, which is AUTO_INCREMENT: the server gives its number after the triggers, so every row that is inserted would be computed from 0.`,
      "Compute it from other columns. Where only your code can know the value, add a column without an expression that may be NULL, have new code write it after the insert, and fill the rows that are there by a migration of your own.",
    ),
  ];
}

/** Such a write leaves what was computed before, and a row that is marked as filled. */
function cascaded(table: Table, { column, reads, follows }: Computed): readonly Finding[] {
  if (!follows) return [];
  return table.constraints.flatMap((constraint) => {
    const written = writtenByServer(constraint).filter((name) => reads.has(name));
    if (written.length === 0) return [];
    const name = keyOf(table.name);
    return [
      refuse(
        "dependant-cannot-follow",
        "constraint",
        `${name}.${constraint.name}`,
        `${name}.${column} is computed from ${written.join(", ")}, into which foreign key ${constraint.name} writes by its actions; no trigger sees that, so ${column} would stay as it was.`,
        `Leave ${written.join(", ")} out of the expression; or give ${constraint.name} no actions in an earlier migration, and have your code do what they did until the run is complete.`,
      ),
    ];
  });
}

export function checkReads(table: Table, shape: Shape): readonly Finding[] {
  return shape.links.flatMap((link) => computedBy(table, link)).flatMap((each) => [...numbered(table, each), ...cascaded(table, each)]);
}
