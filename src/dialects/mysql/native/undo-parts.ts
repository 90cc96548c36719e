// What walks back one part of an ALTER that is sent in several: the actions of its undo, sorted by what they take back.
import type { AlterAction } from "../../../syntax/mysql/alter.ts";
import type { AlterKind } from "../../../syntax/mysql/alter-actions.ts";
import { alteredBy } from "./altered.ts";
import type { Decided } from "./native.ts";

const adds = (kind: AlterKind): string | null =>
  /^add (column|checked column|virtual column)/.test(kind) ? "column" : kind === "add index" || kind === "add unique" ? "index" : null;
const drops = (kind: AlterKind): string | null => (kind === "drop column" ? "column" : kind === "drop index" ? "index" : null);
const settings: ReadonlySet<AlterKind> = new Set<AlterKind>(["change default", "change column visibility", "change index visibility"]);

/** Whether one action takes the other back, as far as names tell. */
function inverts(undo: AlterAction, done: AlterAction): boolean {
  if (undo.name === null || undo.name.toLowerCase() !== done.name?.toLowerCase()) return false;
  if (settings.has(undo.kind)) return undo.kind === done.kind;
  const [dropped, added] = [drops(undo.kind), adds(undo.kind)];
  return (dropped !== null && dropped === adds(done.kind)) || (added !== null && added === drops(done.kind));
}

/** One statement for each part; null where some action has no counterpart, or has several. */
export function undoOfParts({ alter, parts }: Decided, undo: string, version: number): readonly string[] | null {
  const back = alteredBy(undo, version);
  if (!back || undo.includes("/*") || back.algorithm !== null || back.lock !== null || back.actions.length !== alter.actions.length) return null;
  if (back.table.name !== alter.table.name || back.table.schema !== alter.table.schema) return null;
  if (back.actions.some(({ listed }) => listed) || new Set(back.actions.map(({ start }) => start)).size !== back.actions.length) return null;
  const head = undo.slice(0, back.actions[0]?.start ?? 0);
  const texts = parts.map(({ actions }) => {
    const own = back.actions.filter((action) => actions.some((done) => inverts(action, done)));
    const complete = own.length === actions.length && actions.every((done) => own.filter((action) => inverts(action, done)).length === 1);
    return complete ? `${head}${own.map(({ start, end }) => undo.slice(start, end)).join(", ")}` : null;
  });
  return texts.every((text) => text !== null) ? texts : null;
}
