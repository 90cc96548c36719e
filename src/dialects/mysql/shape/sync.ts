// The sync of a shape at a stage of its life, as its generator is told, and the steps that lay it and take it away.
import { questionKey } from "../../../schema/facts.ts";
import { keyOf } from "../../../schema/names.ts";
import type { StepCore } from "../../../step/step.ts";
import { parseExpression, substitute } from "../../../syntax/mysql/expression.ts";
import { needsSync, newColumns } from "../../shape/columns.ts";
import type { Stage } from "../../sync/naming.ts";
import { catalogStep, probe } from "../core.ts";
import { quoteLiteral } from "../quoting.ts";
import type { Fill, Rewrite, SyncInput } from "../sync/input.ts";
import { type SyncStatements, syncStatements } from "../sync/statements.ts";
import { triggerNames } from "../sync/triggers.ts";
import { at } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { finalDefinition } from "./definitions.ts";
import { oldWrites } from "./evidence.ts";

/** Ours are no part of a schema. */
export const otherTriggers = (table: ShapeContext["table"]): readonly string[] =>
  table.triggers.filter(({ timing, events }) => timing === "before" && events.includes("update")).map(({ name }) => name);

const rewrite: Rewrite = (qualified, column) => substitute(parseExpression(qualified, null), column);

export function syncInput(context: ShapeContext, stage: Stage, fill: Fill): SyncInput {
  const { table, shape, facts } = context;
  const constrained = (type: string): boolean => {
    const fact = facts.type[questionKey({ kind: "type", text: type })];
    return fact?.ok !== true || fact.constrained;
  };
  const fresh = newColumns(shape);
  return {
    table: table.name,
    version: context.version,
    columns: table.columns,
    collation: table.options["collation"] ?? "utf8mb4_general_ci",
    links: shape.links.filter(needsSync),
    stage,
    fill,
    onUpdate: [
      ...table.columns.filter((column) => column.attributes["on update"] !== undefined).map(({ name }) => name),
      ...fresh.filter((column) => finalDefinition(context, column).onUpdate !== null).map(({ hidden }) => hidden),
    ],
    partitionKey: table.partitionKey?.columns ?? [],
    otherTriggers: otherTriggers(table),
    oldWrites: oldWrites(context),
    canRaise: fresh.filter((column) => column.spec.notNull === true || constrained(column.spec.type)).map(({ hidden }) => hidden),
    sentinels: context.sentinels,
    standIns: context.standIns,
    rewrite,
  };
}

export const syncAt = (context: ShapeContext, stage: Stage, fill: Fill): SyncStatements => syncStatements(syncInput(context, stage, fill));

/** @returns one step for each trigger, UPDATE first. Each takes the place of the one that stands, and may be sent again. */
export const createSteps = (context: ShapeContext, sync: SyncStatements, why: string): readonly StepCore[] =>
  sync.turns.map((statements, i) =>
    catalogStep({
      title: `keep both shapes of ${keyOf(context.table.name)} in step at every ${(sync.events[i] ?? "insert").toUpperCase()}`,
      why,
      table: context.table.name,
      statements,
      probe: null,
      group: context.group,
    }),
  );

export function dropStep(context: ShapeContext, event: "insert" | "update", fields: { readonly why: string; readonly mark?: StepCore["mark"] }): StepCore {
  const { table } = context;
  const names = triggerNames(table.name, event, context.can.replacesTriggers);
  return catalogStep({
    title: `${event.toUpperCase()} of ${keyOf(table.name)} is not kept in step any more`,
    why: fields.why,
    table: table.name,
    statements: names.map((name) => `drop trigger if exists ${at({ schema: table.name.schema, name })}`),
    probe: probe(
      // By the table too, whose name is looked up as it is: names of triggers are compared without their letter case, and `T` and `t` are two tables.
      `not exists (select 1 from information_schema.triggers where event_object_schema = ${quoteLiteral(table.name.schema)} and event_object_table = ${quoteLiteral(table.name.name)} and trigger_name ${names.length === 1 ? `= ${names.map(quoteLiteral).join()}` : `in (${names.map(quoteLiteral).join(", ")})`})`,
    ),
    group: context.group,
    mark: fields.mark ?? null,
  });
}
