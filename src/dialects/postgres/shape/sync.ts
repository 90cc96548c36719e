// The sync of a shape at a stage of its life, from the generator's parts.
import { derivedName, homeNamespace } from "../../../schema/names.ts";
import type { ObjectName } from "../../../schema/model.ts";
import type { ShapeContext } from "./context.ts";
import { needsSync } from "./columns.ts";

/** Bumped by the sync trigger whenever old code writes after switch: evidence that it is still there. */
export const oldWrites = (context: ShapeContext): ObjectName => ({ schema: homeNamespace, name: derivedName(["old_writes_{{run}}", context.table.name.schema, context.table.name.name]) });

export interface SyncAt {
  readonly create: readonly string[];
  readonly drop: readonly string[];
}

export function syncAt(context: ShapeContext, _stage: "expanded" | "switched", _fill: "forward" | "backward"): SyncAt {
  if (!context.shape.links.some(needsSync)) return { create: [], drop: [] };
  throw new Error("not wired yet");
}
