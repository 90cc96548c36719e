// The templates of a walk along a table's key.
import type { BatchesAct, StepCore, Template } from "../../../step/step.ts";
import { readKey } from "../key.ts";
import { at, column } from "../writing.ts";
import { rowsOf, type ShapeContext } from "./context.ts";

export interface Walk {
  /** Changes the rows of a batch: `set …`, what to set instead where a row refuses that, and the condition on a row; or null. */
  readonly apply: { readonly set: string; readonly careful?: string; readonly where: string } | null;
  /** Selects a bad row: the condition, and the words for it; or null. */
  readonly check: { readonly where: string; readonly problem: string } | null;
  /** Walks only these rows; null: all rows. */
  readonly only: string | null;
  /** Walks again while any of these is left; null: once. */
  readonly until: string | null;
}

const firstRows = 1000;
/** Rows are locked from when a batch meets them until it ends. Twice as long fills no faster; half as long loses a fifteenth. */
const targetMs = 50;
const batchTimeouts: StepCore["timeouts"] = { lock: "budget", statement: 0 };

type Key = readonly { readonly name: string; readonly type: string }[];

const keyAsText = (key: Key): string => key.map(({ name, type }, i) => `${readKey(type, name)} as k${i + 1}`).join(", ");
const order = (key: Key, how: string): string => key.map(({ name }) => `${column(name)}${how}`).join(", ");

/** How the next bound and the last key are found. @param from the table, as SQL. */
export function pageOf(key: Key, from: string, only: string | null): { readonly bound: Template; readonly last: Template } {
  const among = only === null ? "" : ` and (${only})`;
  return {
    // LIMIT takes no expression, so the number of rows to skip comes as a hole.
    bound: `select ${keyAsText(key)} from ${from} where {{after}}${among} order by ${order(key, "")} limit {{skip}}, 1`,
    last: `select ${keyAsText(key)} from ${from}${only === null ? "" : ` where ${only}`} order by ${order(key, " desc")} limit 1`,
  };
}

/**
 * Before an UPDATE that must wait for no row (enact.ts says why), where the server has no such setting: it locks the same rows, or refuses at
 * once. It reads them a second time. @see https://dev.mysql.com/doc/refman/8.4/en/innodb-locking-reads.html
 */
export const lockedFirst = ({ can }: ShapeContext, from: string, where: string): Template =>
  can.waitsForNoRow ? "" : `select count(*) into @hotstick_due from ${from} where ${where} for update nowait;\n`;

export function walk(context: ShapeContext, what: Walk): BatchesAct {
  const from = at(context.table.name);
  const key = context.key.map(({ name, type }) => ({ name, type }));
  const update = (set: string, where: string): Template => {
    const rows = `{{after}} and {{upto}} and (${where})`;
    return `${lockedFirst(context, from, rows)}update ${from} set ${set} where ${rows}`;
  };
  return {
    kind: "batches",
    table: context.table.name,
    key,
    ...pageOf(key, from, what.only),
    apply: what.apply ? update(what.apply.set, what.apply.where) : null,
    ...(what.apply?.careful === undefined ? {} : { careful: update(what.apply.careful, what.apply.where) }),
    check: what.check
      ? `select ${keyAsText(key)}, ${what.check.problem} as problem from ${from} where {{after}} and {{upto}} and (${what.check.where}) limit 10`
      : null,
    remaining: what.until === null ? null : `select 1 from ${from} where ${what.until} limit 1`,
    targetMs,
    firstRows,
  };
}

/** @param rowsPerMs measured. */
export const walkStep = (context: ShapeContext, title: string, why: string, what: Walk | BatchesAct, rowsPerMs = 40): StepCore => ({
  title,
  act: "kind" in what ? what : walk(context, what),
  probe: null,
  locks: [],
  work: "batched",
  timeouts: batchTimeouts,
  why,
  estimate: { rows: rowsOf(context), ms: rowsOf(context) === null ? null : Math.round((rowsOf(context) ?? 0) / rowsPerMs), holdMs: null },
  group: context.group,
  mark: null,
});
