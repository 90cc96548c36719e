// The sync of a shape at a stage of its life, as its generator is told.
import { questionKey } from "../../../schema/facts.ts";
import type { Column, ObjectName, Table } from "../../../schema/model.ts";
import { homeNamespace, keyOf, nameFor, sameName } from "../../../schema/names.ts";
import { sql } from "../../../sql/sql.ts";
import { needsSync, newColumns, oldColumns } from "../../shape/columns.ts";
import type { Stage } from "../../sync/naming.ts";
import type { Fill, SyncInput } from "../sync/input.ts";
import { syncStatements } from "../sync/statements.ts";
import { at, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

/** Bumped by the sync trigger whenever old code writes after switch: evidence that it is still there. */
const oldWrites = (context: ShapeContext): ObjectName => ({
  schema: homeNamespace,
  name: nameFor("old_writes_{{run}}", [context.table.name.schema, context.table.name.name]),
});

/** Tables below this one: partitions, or plain inheritance children. */
const below = (context: ShapeContext, table: Table, how: (other: Table) => boolean): readonly Table[] =>
  Object.values(context.schema.tables)
    .filter(
      (other) =>
        how(other) && ((other.partitionOf && sameName(other.partitionOf.parent, table.name)) || other.inherits.some((parent) => sameName(parent, table.name))),
    )
    .flatMap((other) => [other, ...below(context, other, how)]);

/** A domain's default is its column's, where that has none of its own. */
const effective = (context: ShapeContext, column: Column): Column => {
  if (column.default !== null) return column;
  const domain = Object.values(context.schema.types).find(
    (type) => type.definition.kind === "domain" && (keyOf(type.name) === column.type || type.name.name === column.type),
  )?.definition;
  return domain?.kind === "domain" && domain.default !== null ? { ...column, default: domain.default } : column;
};

export function syncInput(context: ShapeContext, stage: Stage, fill: Fill): SyncInput {
  const { table, shape, facts, rewriting } = context;
  const partitions = below(context, table, (other) => other.partitionOf !== null);
  const children = below(context, table, (other) => other.partitionOf === null);
  const constrained = (type: string): boolean => {
    const fact = facts.type[questionKey({ kind: "type", text: type })];
    return fact?.ok !== true || fact.constrained;
  };
  return {
    table: table.name,
    columns: table.columns.map((column) => effective(context, column)),
    children: children.map((child) => child.name),
    key: context.key.map((column) => column.name),
    links: shape.links.filter(needsSync),
    stage,
    fill,
    serial: `${stage}_${fill}_{{run}}_{{generation}}`,
    userTriggers: [table, ...partitions, ...children].flatMap((each) => each.triggers.filter((trigger) => !trigger.inherited)),
    partitionKey: [table, ...partitions].flatMap((each) => each.partitionKey?.columns ?? []),
    oldWrites: oldColumns(shape).length > 0 ? oldWrites(context) : null,
    canRaise: newColumns(shape)
      .filter((column) => constrained(column.spec.type))
      .map((column) => column.hidden),
    rewrite: rewriting.expression,
  };
}

export interface Statements {
  readonly create: readonly string[];
  readonly drop: readonly string[];
}

export function syncAt(context: ShapeContext, stage: Stage, fill: Fill): Statements {
  if (!context.shape.links.some(needsSync)) return { create: [], drop: [] };
  const { create, drop } = syncStatements(syncInput(context, stage, fill));
  return { create, drop };
}

/** The sequence that counts what old code writes. Its writers are the application's roles, so everybody may bump it. */
export function evidence(context: ShapeContext): Statements {
  if (oldColumns(context.shape).length === 0 || !context.shape.links.some(needsSync)) return { create: [], drop: [] };
  const name = at(oldWrites(context));
  return {
    create: [text(sql`create sequence if not exists ${name}`), text(sql`grant usage on sequence ${name} to public`)],
    drop: [text(sql`drop sequence if exists ${name}`)],
  };
}
