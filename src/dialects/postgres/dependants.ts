// Everything in a schema that names some columns of a table.
import type { Constraint, Index, ObjectName, Policy, Publication, Routine, Schema, Sequence, Statistics, Table, Trigger, View } from "../../schema/model.ts";
import { keyOf, sameName } from "../../schema/names.ts";

export interface Dependants {
  readonly indexes: readonly Index[];
  /** Of the table itself: checks, keys, foreign keys that leave it, exclusions. Not the not-nulls. */
  readonly constraints: readonly Constraint[];
  /** Foreign keys of any table that reference the columns. */
  readonly incoming: readonly { readonly table: Table; readonly constraint: Constraint }[];
  readonly statistics: readonly Statistics[];
  readonly sequences: readonly Sequence[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly publications: readonly Publication[];
  readonly views: readonly View[];
  readonly routines: readonly Routine[];
  /** Generated columns whose expression names one of the columns. */
  readonly generated: readonly string[];
  /** Plain inheritance children. */
  readonly children: readonly Table[];
}

const meets = (list: readonly string[], names: ReadonlySet<string>): boolean => list.some((name) => names.has(name));

/** A column named in an expression's text; errs on the side of finding. */
const inText = (text: string, name: string): boolean =>
  text.includes(`"${name.replaceAll('"', '""')}"`) ||
  new RegExp(`(^|[^A-Za-z0-9_$"])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}($|[^A-Za-z0-9_$"])`, "i").test(text);

export function dependantsOf(schema: Schema, table: Table, columns: readonly string[]): Dependants {
  const names = new Set(columns);
  const uses = (list: readonly { readonly name: ObjectName; readonly columns: readonly string[] }[]): boolean =>
    list.some((use) => sameName(use.name, table.name) && meets(use.columns, names));
  const tables = Object.values(schema.tables);
  return {
    indexes: table.indexes.filter((index) => meets(index.mentions, names)),
    constraints: table.constraints.filter((constraint) => constraint.kind !== "not-null" && meets(constraint.columns, names)),
    incoming: tables.flatMap((other) =>
      other.constraints
        .filter((constraint) => constraint.references && sameName(constraint.references.table, table.name) && meets(constraint.references.columns, names))
        .map((constraint) => ({ table: other, constraint })),
    ),
    statistics: Object.values(schema.statistics).filter((statistics) => sameName(statistics.table, table.name) && meets(statistics.mentions, names)),
    sequences: Object.values(schema.sequences).filter(
      (sequence) => sequence.ownedBy && sameName(sequence.ownedBy.table, table.name) && names.has(sequence.ownedBy.column),
    ),
    triggers: table.triggers.filter(
      (trigger) =>
        meets(trigger.updateOf, names) || columns.some((column) => /\bwhen\b/i.test(trigger.definition) && inText(whenOf(trigger.definition), column)),
    ),
    policies: table.policies.filter((policy) => meets(policy.mentions, names)),
    publications: Object.values(schema.publications).filter((publication) =>
      publication.tables.some(
        (member) =>
          sameName(member.table, table.name) &&
          (meets(member.columns ?? [], names) || (member.where !== null && columns.some((column) => inText(member.where ?? "", column)))),
      ),
    ),
    views: Object.values(schema.views).filter((view) => uses(view.uses)),
    routines: Object.values(schema.routines).filter((routine) => uses(routine.uses)),
    generated: table.columns
      .filter((column) => column.generated && columns.some((name) => inText(column.generated?.expression ?? "", name)))
      .map((column) => column.name),
    children: tables.filter((other) => other.inherits.some((parent) => keyOf(parent) === keyOf(table.name))),
  };
}

/** The WHEN clause of a CREATE TRIGGER text, up to EXECUTE. */
function whenOf(definition: string): string {
  const from = definition.search(/\bwhen\b\s*\(/i);
  const to = definition.search(/\bexecute\b/i);
  return from < 0 ? "" : definition.slice(from, to < from ? undefined : to);
}
