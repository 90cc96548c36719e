// The sequence that counts what old code writes after the switch: evidence that it is still there. It takes no row lock.

import type { ObjectName } from "../../../schema/model.ts";
import { homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { needsSync, oldColumns } from "../../shape/columns.ts";
import { quietStep } from "../core.ts";
import { at } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

const sequence = ({ table }: ShapeContext, prefix: string): ObjectName => ({
  schema: homeNamespace,
  name: nameFor(`${prefix}_{{run}}`, [table.name.schema, table.name.name], 64),
});

/** Bumped by the sync trigger whenever old code writes after switch; null where the server has no sequences, or there is no old shape. */
export const oldWrites = (context: ShapeContext): ObjectName | null =>
  context.can.sequences && oldColumns(context.shape).length > 0 ? sequence(context, "old_writes") : null;

interface Evidence {
  readonly create: readonly Template[];
  readonly drop: readonly Template[];
}

/**
 * CREATE SEQUENCE writes the only row and does not flush it: a server that dies then has a sequence without a row for ever, which fails every
 * write that is counted. (Measured on MariaDB 10.11, whatever innodb_flush_log_at_trx_commit is.) A rename flushes what came before it, so
 * what has the name has its row. May be sent again where nothing names it.
 */
function evidence(context: ShapeContext): Evidence | null {
  const name = oldWrites(context);
  if (name === null || !context.shape.links.some(needsSync)) return null;
  const unsafe = at(sequence(context, "new_writes"));
  const drop = [`drop sequence if exists ${at(name)}, ${unsafe}`];
  return { create: [...drop, `create sequence ${unsafe}`, `rename table ${unsafe} to ${at(name)}`], drop };
}

const begin = (context: ShapeContext, { create }: Evidence, why: string): StepCore => ({
  ...quietStep({
    title: `count what old code writes to ${keyOf(context.table.name)} after the switch`,
    why,
    statements: create,
    probe: null,
    group: context.group,
  }),
  work: "instant",
});

const end = (context: ShapeContext, { drop }: Evidence): StepCore => ({
  ...quietStep({
    title: `count no more what old code writes to ${keyOf(context.table.name)}`,
    why: "Nothing names the sequence any more.",
    statements: drop,
    probe: null,
    group: context.group,
  }),
  work: "instant",
});

/** Before the first column comes. */
export function beginOfEvidence(context: ShapeContext): readonly DraftStep[] {
  const made = evidence(context);
  if (made === null) return [];
  const why = "It is there before the first column and goes after the last: by then every statement has been prepared anew.";
  return [{ ...begin(context, made, why), undo: [end(context, made)] }];
}

/** After the last column went; on the way back it is there before the first one comes back. */
export function endOfEvidence(context: ShapeContext): readonly DraftStep[] {
  const made = evidence(context);
  return made === null ? [] : [{ ...end(context, made), undo: [begin(context, made, "The triggers will name the sequence.")] }];
}
