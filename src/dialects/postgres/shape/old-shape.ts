// What the old shape loses when it ends, and how it gets it back: its own definitions are the journal.

import type { Constraint, Index, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { ident, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { StepCore } from "../../../step/step.ts";
import { originals } from "../../shape/columns.ts";
import { accessExclusive, catalogStep } from "../core.ts";
import { buildIndex, temporaryName } from "../index-steps.ts";
import { at, commentOn, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { moveIdentity } from "./new-shape.ts";
import { notNull, serverName } from "./not-null.ts";
import { declareAndValidate } from "./prepare.ts";

export interface OldShape {
  /** Takes constraints, unique indexes, defaults and NOT NULL off the old columns (parked names). */
  readonly end: readonly string[];
  /** Moves identities, when the new columns are NOT NULL and the old ones still have their parked names. */
  readonly handOver: readonly string[];
  /** For the first transaction of the way back, when the columns have their parked names again: defaults and sequences. */
  readonly begin: readonly string[];
  /** When the old columns are filled again: keys, checks, foreign keys and NOT NULL, proved while everybody works. */
  readonly restore: readonly StepCore[];
}

const isUnique = (index: Index): boolean => index.unique && index.parent === null;

export function endOldShape(context: ShapeContext): OldShape {
  const { table, analysis, schema } = context;
  const { dependants, carried } = analysis;
  const alter = (on: Table, what: Sql): string => text(sql`alter table ${at(on.name)} ${what}`);
  const drop = (on: Table, constraint: Constraint): string => alter(on, sql`drop constraint ${ident(constraint.name)}`);
  const own = dependants.constraints.filter((constraint) => !constraint.inherited);
  const keys = own.filter((constraint) => constraint.index !== null && constraint.kind !== "foreign-key");
  const bare = dependants.indexes.filter((index) => isUnique(index) && index.constraint === null);
  const incoming = dependants.incoming.filter(({ table: other, constraint }) => !constraint.inherited && keyOf(other.name) !== keyOf(table.name));
  const olds = originals(context.shape, table);
  const moved = carried.identities;

  const end = [
    ...incoming.map(({ table: other, constraint }) => drop(other, constraint)),
    ...own.filter((constraint) => constraint.kind === "foreign-key").map((constraint) => drop(table, constraint)),
    ...own.filter((constraint) => constraint.kind === "check").map((constraint) => drop(table, constraint)),
    ...keys.map((constraint) => drop(table, constraint)),
    ...bare.map((index) => text(sql`drop index ${ident(table.name.schema, index.name)}`)),
    ...olds
      .filter(({ column }) => column.identity && !moved.some((identity) => identity.from === column))
      .map(({ old }) => alter(table, sql`alter column ${ident(old.parked)} drop identity`)),
    ...olds
      .filter(({ column }) => column.default !== null && !column.generated)
      .map(({ old }) => alter(table, sql`alter column ${ident(old.parked)} drop default`)),
    ...olds
      .filter(({ column }) => column.notNull && !moved.some((identity) => identity.from === column))
      .map(({ old }) => alter(table, sql`alter column ${ident(old.parked)} drop not null`)),
  ];
  // When the new column is NOT NULL, and before the old one changes its name.
  const handOver = moved.flatMap((identity) => [
    ...moveIdentity(context, identity, parked(context, identity.from.name), identity.to),
    alter(table, sql`alter column ${ident(parked(context, identity.from.name))} drop not null`),
  ]);
  const begin = [
    ...carried.sequences.map(({ sequence }) =>
      text(sql`alter sequence ${at(sequence.name)} owned by ${ident(table.name.schema, table.name.name, parked(context, sequence.ownedBy?.column ?? ""))}`),
    ),
    ...olds
      .filter(({ column }) => column.default !== null && !column.generated)
      .map(({ old, column }) => alter(table, sql`alter column ${ident(old.parked)} set default ${raw(column.default ?? "null")}`)),
  ];
  const restoreKeys = keys.flatMap((constraint) => restoreKey(context, constraint));
  const restoreBare = bare.flatMap((index) => buildAgain(context, index));
  const required = olds
    .filter(({ column }) => column.notNull)
    .flatMap(({ old, column }) => {
      const name = table.constraints.find((constraint) => constraint.kind === "not-null" && constraint.columns[0] === column.name)?.name;
      const recipe = notNull(schema.version, table, old.parked, name ?? serverName(table.name.name, column.name));
      // An identity stands on a NOT NULL column only, so it goes back when every row is filled.
      const identity = moved
        .filter((each) => each.from === column)
        .flatMap((each) => [...moveIdentity(context, each, each.to, old.parked), alter(table, sql`alter column ${ident(each.to)} drop not null`)]);
      const attach = catalogStep({
        title: `${column.name} of ${keyOf(table.name)} is NOT NULL again`,
        why: "Proved by the validated constraint, so nothing is scanned.",
        locks: [accessExclusive(table.name)],
        statements: [...recipe.attach, ...identity, ...recipe.finish],
        group: context.group,
      });
      return [...recipe.prepare.map(({ undo: _undo, ...core }) => core), attach];
    });
  const constraints = [
    ...own.filter((constraint) => constraint.kind === "check" || constraint.kind === "foreign-key").map((constraint) => ({ on: table, constraint })),
    ...incoming.map(({ table: on, constraint }) => ({ on, constraint })),
  ].flatMap(({ on, constraint }) =>
    declareAndValidate(
      context,
      { on, original: constraint, temporary: constraint.name, definition: constraint.definition },
      constraint.name,
      analysis.parkedConstraint(on, constraint),
    ).map(({ step }) => step),
  );
  return { end, handOver, begin, restore: [...required, ...restoreBare, ...restoreKeys, ...constraints] };
}

/** Where an old column is between switch and retire. */
export const parked = (context: ShapeContext, name: string): string =>
  originals(context.shape, context.table).find(({ column }) => column.name === name)?.old.parked ?? name;

const bodyOfDefinition = (context: ShapeContext, index: Index): string => context.analysis.bodies.get(index.name) ?? "";

function buildAgain(context: ShapeContext, index: Index): readonly StepCore[] {
  const steps = buildIndex(
    context.schema,
    context.table,
    index.name,
    { unique: true, body: bodyOfDefinition(context, index) },
    "The old shape's own; built while everybody works.",
  );
  const comment =
    index.comment === null
      ? []
      : [
          catalogStep({
            title: `comment on index ${index.name}`,
            why: "As it was.",
            locks: [],
            statements: [commentOn("index", ident(context.table.name.schema, index.name), index.comment)],
            group: context.group,
          }),
        ];
  return [...steps.map(({ undo: _undo, ...core }) => core), ...comment];
}

function restoreKey(context: ShapeContext, constraint: Constraint): readonly StepCore[] {
  const { table, schema } = context;
  const index = table.indexes.find((each) => each.name === constraint.index);
  if (!index) return [];
  const temporary = temporaryName("old", index.name);
  const build = buildIndex(
    schema,
    table,
    temporary,
    { unique: true, body: bodyOfDefinition(context, index) },
    "The old shape's key; built while everybody works.",
  ).map(({ undo: _undo, ...core }) => core);
  const kind = constraint.kind === "primary-key" ? "primary key" : "unique";
  const deferred = /\b(not )?deferrable\b.*$/i.exec(constraint.definition)?.[0] ?? "";
  const comments = [
    ...(constraint.comment === null ? [] : [commentOn("constraint", sql`${ident(constraint.name)} on ${at(table.name)}`, constraint.comment)]),
    ...(index.comment === null ? [] : [commentOn("index", ident(table.name.schema, index.name), index.comment)]),
  ];
  const attach = catalogStep({
    title: `${constraint.name} of ${keyOf(table.name)} stands again`,
    why: "Takes the index that was built beforehand; nothing is scanned.",
    locks: [accessExclusive(table.name)],
    statements: [
      text(
        sql`alter table ${at(table.name)} add constraint ${ident(constraint.name)} ${raw(kind)} using index ${ident(temporary)}${raw(deferred === "" ? "" : ` ${deferred}`)}`,
      ),
      ...comments,
    ],
    group: context.group,
  });
  return [...build, attach];
}
