// What a walk along a key is: its ranges, how bounds are found, and the message of one batch.
import type { BatchesAct, Template } from "../../step/step.ts";
import { holdStatement, holes, type RunContext, timeout } from "../context.ts";
import { fill, type Holes } from "../holes.ts";
import type { Task } from "../route.ts";

/** A key's values as the server printed them. */
export type Key = readonly string[];
type Row = Readonly<Record<string, unknown>>;

/** What walking needs to know. */
export interface Walk {
  readonly context: RunContext;
  readonly task: Task;
  readonly act: BatchesAct;
  readonly attempt: number;
  readonly keyOf: (row: Row) => Key;
  /** Sends a query of the act, its holes filled with the run's and these. */
  readonly ask: (template: Template, extra: Holes) => Promise<readonly Row[]>;
}

/** Keys beyond `after` and not beyond `upto`; null: no bound. */
export interface Range {
  readonly after: Key | null;
  readonly upto: Key;
}

export function rangeHoles({ act, context }: Walk, { after, upto }: Range): { readonly after: string; readonly upto: string } {
  const { dialect } = context;
  return { after: after === null ? "true" : dialect.bounds(act.key, after).after, upto: dialect.bounds(act.key, upto).upto };
}

/** The last key of the next so many rows of a range; null where there are fewer. */
export async function findBound(walk: Walk, range: Range, rows: number): Promise<Key | null> {
  const { after, upto } = rangeHoles(walk, range);
  // The template bounds it below; it ends with its range too, or a pass would never end under constant inserts.
  const [row] = await walk.ask(walk.act.bound, { after: `(${after} and ${upto})`, upto, limit: String(rows), skip: String(rows - 1) });
  return row === undefined ? null : walk.keyOf(row);
}

/** `id = 5`, or `(a, b) = (1, x)`. */
export const nameKey = ({ act }: Walk, key: Key): string => {
  const row = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(", ")})`);
  return `${row(act.key.map((column) => column.name))} = ${row(key)}`;
};

/** How long a batch may wait for a lock, ms. */
export const lockWaitMs = ({ context, task }: Walk): number => timeout(task.core.timeouts.lock, context.options.lockBudgetMs / 2);

/** How long the statements of a batch may take, ms; 0: no limit. */
export const batchLimitMs = ({ context, task }: Walk): number => timeout(task.core.timeouts.statement, context.options.lockBudgetMs);

/** The message of one batch. @param trial take it back again. @param apply instead of the act's own. */
export function batchStatements(
  walk: Walk,
  range: Range,
  journal: (changed: string) => readonly string[],
  trial = false,
  apply: Template | null = walk.act.apply,
): readonly string[] {
  const { context, task } = walk;
  return context.dialect.batch({
    lease: holdStatement(context),
    apply: apply === null ? null : fill(apply, { ...holes(context, task), ...rangeHoles(walk, range) }),
    journal,
    lockTimeout: lockWaitMs(walk),
    statementTimeout: batchLimitMs(walk),
    trial,
  });
}
