// The five changes of a shape, one per phase: every operation that lays two shapes side by side emits them.
import type { ObjectName } from "../schema/model.ts";
import { derivedName, hiddenPrefix } from "../schema/names.ts";
import type { PhasedChange } from "../step/change.ts";
import type { Link, OldColumn, Shape } from "../step/shape.ts";

export function shapeChanges(table: ObjectName, link: Link): readonly PhasedChange[] {
  const shape: Shape = { table, links: [link] };
  return [
    { phase: "expand", change: { kind: "open-shape", shape } },
    { phase: "backfill", change: { kind: "fill-shape", shape } },
    { phase: "switch", change: { kind: "turn-shape", shape } },
    { phase: "retire", change: { kind: "settle-shape", shape } },
    { phase: "drop", change: { kind: "discard-shape", shape } },
  ];
}

/** The names that an old column bears in time; where the new shape takes its name it is parked from switch on. */
export function oldColumn(name: string, swapped: boolean, nameBytes: number): OldColumn {
  const retired = derivedName([`${hiddenPrefix}old`, name], nameBytes);
  return { name, parked: swapped ? retired : name, retired };
}
