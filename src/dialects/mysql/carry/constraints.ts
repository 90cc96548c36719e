// Foreign keys, checks and generated columns over columns that leave. A rename carries them all (see exchange.ts); a column that goes in
// another way takes its own with it, where they can come back in an instant.
import type { Finding } from "../../../finding.ts";
import type { Constraint, Index, Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { drops, originals, successors } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { isJson } from "../writing.ts";
import { incoming } from "./exchange.ts";
import { writtenByServer } from "./reads.ts";
import { names, refuse } from "./refusals.ts";

const first = "Drop it in an earlier migration, and make it anew over the new columns in a later one.";

/** What is asked of every dependant of one table. */
interface Leaving {
  readonly schema: Schema;
  readonly table: Table;
  readonly shape: Shape;
  readonly exchanged: ReadonlySet<string>;
  /** Every column that leaves. */
  readonly all: readonly string[];
  /** Those that nothing takes the place of. */
  readonly gone: ReadonlySet<string>;
  /** Those whose place one other column takes, each by its old name. */
  readonly heirs: ReadonlySet<string>;
  /** Dependants that the migration gives up by name. */
  readonly given: ReadonlySet<string>;
}

/** What the shape does to the columns that dependants name. */
export function leavingOf(schema: Schema, table: Table, shape: Shape, exchanged: ReadonlySet<string>): Leaving {
  const olds = originals(shape, table);
  return {
    schema,
    table,
    shape,
    exchanged,
    all: olds.map(({ old }) => old.name),
    gone: new Set(olds.filter(({ link }) => link.kind === "leave").map(({ old }) => old.name)),
    heirs: new Set([...successors(shape, table)].flatMap(([old, fresh]) => (fresh ? [old] : []))),
    given: drops(shape),
  };
}

const named = (columns: readonly string[], { all }: Leaving): readonly string[] => columns.filter((name) => all.includes(name));
const follows = (mentioned: readonly string[], { exchanged }: Leaving): boolean => mentioned.every((name) => exchanged.has(name));

/** Whether a dependant goes together with what it names: with columns that nothing follows, or because the migration says so. */
const goes = (constraint: Constraint, mentioned: readonly string[], leaving: Leaving): boolean =>
  leaving.given.has(constraint.name) || mentioned.every((name) => leaving.gone.has(name));

/** The check that is a part of this column's definition; JSON's own is not one, since it comes with the type. */
export const ownCheck = (table: Table, column: string): Constraint | undefined =>
  isJson(table, column) ? undefined : table.constraints.find(({ kind, form, name }) => kind === "check" && form === "column" && name === column);

/** Old names of columns whose own check the new column takes over; a rename that ends by an exchange is none of them. */
export const carriedChecks = (leaving: Leaving): ReadonlySet<string> =>
  new Set(
    leaving.all.filter((column) => {
      const check = ownCheck(leaving.table, column);
      if (!check || leaving.exchanged.has(column) || leaving.given.has(check.name) || !isMariadb(leaving.schema.version)) return false;
      return leaving.heirs.has(column) && named(check.columns, leaving).every((name) => leaving.heirs.has(name));
    }),
  );

/** Foreign keys of the table that end at retire. */
export const endingKeys = (leaving: Leaving): readonly Constraint[] =>
  leaving.table.constraints.filter((constraint) => {
    const mentioned = named(constraint.columns, leaving);
    return constraint.kind === "foreign-key" && mentioned.length > 0 && !follows(mentioned, leaving) && goes(constraint, mentioned, leaving);
  });

const covers = (table: Table, kind: string, name: string, columns: readonly string[], mentioned: readonly string[]): readonly Finding[] =>
  columns.length === mentioned.length
    ? []
    : [
        {
          rule: "drops-dependant",
          severity: "warn",
          subject: { kind: "constraint", name: `${keyOf(table.name)}.${name}` },
          message: `${kind} ${name} of ${keyOf(table.name)} is over ${columns.join(", ")} and goes with ${mentioned.join(", ")}.`,
          fix: "Add a constraint for what is left, if it should hold on.",
        },
      ];

/** What MySQL took in earlier versions only: no key over just the columns that are referred to is unique. */
function refersLoosely({ references }: Constraint, schema: Schema): boolean {
  if (references === null || isMariadb(schema.version)) return false;
  const table = schema.tables[keyOf(references.table)];
  const same = (index: Index): boolean => index.keys.length === references.columns.length && references.columns.every((name) => index.keys.includes(name));
  return table !== undefined && !table.indexes.some((index) => index.unique && same(index));
}

function foreignKey(constraint: Constraint, leaving: Leaving): readonly Finding[] {
  const { table, schema, shape } = leaving;
  const mentioned = named(constraint.columns, leaving);
  if (mentioned.length === 0) return [];
  const name = keyOf(table.name);
  const subject = `${name}.${constraint.name}`;
  const on = mentioned.join(", ");
  const no = (message: string, fix: string): readonly Finding[] => [refuse("dependant-cannot-follow", "constraint", subject, message, fix)];
  const synced = originals(shape, table).some(({ old, link }) => mentioned.includes(old.name) && link.kind !== "leave");
  if (synced && writtenByServer(constraint).length > 0)
    return no(
      `Foreign key ${constraint.name} of ${name} is on ${on}; its actions change rows without firing a trigger, so two columns would not stay in step.`,
      first,
    );
  if (follows(mentioned, leaving)) return [];
  if (goes(constraint, mentioned, leaving) && refersLoosely(constraint, schema))
    return no(`Foreign key ${constraint.name} of ${name} is on ${on} and refers to columns that are not unique; the server would not give it back.`, first);
  if (goes(constraint, mentioned, leaving))
    return leaving.given.has(constraint.name) ? [] : covers(table, "Foreign key", constraint.name, constraint.columns, mentioned);
  return no(
    `Foreign key ${constraint.name} of ${name} is on ${on}, and what takes the place of it holds other values.`,
    `Give it up by drops: [${JSON.stringify(constraint.name)}] in the transform and add what should replace it later, or drop it first in a migration of its own.`,
  );
}

function check(constraint: Constraint, leaving: Leaving): readonly Finding[] {
  const { table } = leaving;
  const mentioned = named(constraint.columns, leaving);
  if (mentioned.length === 0 || (constraint.form === "column" && isJson(table, constraint.name)) || follows(mentioned, leaving)) return [];
  const name = keyOf(table.name);
  const own = constraint.form === "column" && leaving.all.includes(constraint.name);
  if (own && isMariadb(leaving.schema.version)) {
    if (goes(constraint, [constraint.name], leaving) || carriedChecks(leaving).has(constraint.name)) return [];
    return [
      refuse(
        "dependant-cannot-follow",
        "constraint",
        `${name}.${constraint.name}`,
        `CHECK ${constraint.name} of ${name} is a part of that column, and no single column takes the place of each that it names.`,
        `Give it up by drops: [${JSON.stringify(constraint.name)}] in the transform and add what should replace it later.`,
      ),
    ];
  }
  return [
    refuse(
      "dependant-cannot-follow",
      "constraint",
      `${name}.${constraint.name}`,
      `CHECK ${constraint.name} of ${name} names ${mentioned.join(", ")}; on the way back the server would make the table anew for it, and let nobody write meanwhile.`,
      `Drop it in an earlier migration: alter table … drop constraint ${constraint.name}.`,
    ),
  ];
}

/** An index serves a foreign key where the key's columns are its first ones, in the same order. */
export const serves = (index: Index, columns: readonly string[]): boolean => index.method === "btree" && columns.every((name, i) => index.keys[i] === name);

/** @param replaced names of indexes that get a copy or stay. @returns foreign keys that would be left without an index. */
function bereft(leaving: Leaving, replaced: (index: Index) => boolean): readonly Finding[] {
  const { schema, table } = leaving;
  const ending = endingKeys(leaving);
  const keys = [
    ...table.constraints.filter((each) => each.kind === "foreign-key" && !ending.includes(each)).map(({ name, columns }) => ({ name, columns, on: table })),
    ...incoming(schema, table).map(({ constraint, columns, on }) => ({ name: constraint.name, columns, on })),
  ];
  return keys.flatMap(({ name, columns, on }) => {
    const serving = table.indexes.filter((index) => serves(index, columns));
    const [lost] = serving;
    if (!lost || serving.some(replaced)) return [];
    return [
      refuse(
        "dependant-cannot-follow",
        "index",
        `${keyOf(table.name)}.${lost.name}`,
        `Index ${lost.name} of ${keyOf(table.name)} goes with ${named(lost.mentions, leaving).join(", ")}, and foreign key ${name} of ${keyOf(on.name)} needs it.`,
        `Add an index over ${columns.join(", ")} in an earlier migration.`,
      ),
    ];
  });
}

/** Constraints and generated columns that nobody can carry. @param replaced whether an index stays, or gets a copy. */
export function checkConstraints(leaving: Leaving, replaced: (index: Index) => boolean): readonly Finding[] {
  const { schema, table, all, exchanged } = leaving;
  const name = keyOf(table.name);
  const own = table.constraints.flatMap((constraint) =>
    constraint.kind === "foreign-key" ? foreignKey(constraint, leaving) : constraint.kind === "check" ? check(constraint, leaving) : [],
  );
  const others = incoming(schema, table).flatMap(({ on, constraint, columns }) => {
    const mentioned = named(columns, leaving);
    if (mentioned.length === 0 || follows(mentioned, leaving)) return [];
    return [
      refuse(
        "dependant-cannot-follow",
        "constraint",
        `${keyOf(on.name)}.${constraint.name}`,
        `Foreign key ${constraint.name} of ${keyOf(on.name)} refers to ${mentioned.join(", ")} of ${name}.`,
        first,
      ),
    ];
  });
  const staying = all.filter((column) => !exchanged.has(column));
  const computed = table.columns.flatMap((column) => {
    if (!column.generated || !names(column.generated.expression, staying)) return [];
    return [
      refuse(
        "dependent-generated-column",
        "column",
        `${name}.${column.name}`,
        `Generated column ${column.name} is computed from ${staying.join(", ")}.`,
        `Drop ${column.name} first, and add it anew over the new columns later.`,
      ),
    ];
  });
  return [...own, ...others, ...computed, ...bereft(leaving, replaced)];
}
