// How a step is put to PostgreSQL: the order of its statements, and which clock limits which of them.

import type { ObjectName } from "../../schema/model.ts";
import type { Lock } from "../../step/step.ts";
import { leavesState } from "../../syntax/postgres/session-state.ts";
import type { BatchRequest, Dialect, Key, TransactionRequest } from "../dialect.ts";
import { quoteLiteral, quoteName } from "./quoting.ts";

/** Raised by a guard whose query returned a row; the message is the row's `problem`. Class HS is in nobody's use. */
export const guardState = "HS002";

/** Weakest first. https://www.postgresql.org/docs/current/explicit-locking.html */
const modes: readonly string[] = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

/**
 * This mode conflicts with autovacuum and with no statement of an application, so waiting for it costs nobody anything. Autovacuum
 * gives way to a waiting lock after deadlock_timeout (1 s by default), which a strong lock never waits for.
 */
const courtesyMode = "SHARE UPDATE EXCLUSIVE";
const courtesyMs = 3_000;

const dollar = (text: string): string => {
  let tag = "$h$";
  for (let n = 1; text.includes(tag); n += 1) tag = `$h${n}$`;
  return `${tag}${text}${tag}`;
};

const name = (table: ObjectName): string => quoteName([table.schema, table.name]);
const text = (value: number): string => String(Math.max(0, Math.ceil(value)));

/** One LOCK for each mode, strongest first; each table once, in name order, so that two runs cannot deadlock. */
function lockTables(locks: readonly Lock[]): readonly string[] {
  const strongest = new Map<string, string>();
  for (const { table, mode } of locks) {
    const known = strongest.get(name(table));
    if (known === undefined || modes.indexOf(mode) > modes.indexOf(known)) strongest.set(name(table), mode);
  }
  return modes.toReversed().flatMap((mode) => {
    const tables = [...strongest]
      .filter(([, wanted]) => wanted === mode)
      .map(([table]) => table)
      .sort();
    return tables.length === 0 ? [] : [`lock table ${tables.join(", ")} in ${mode.toLowerCase()} mode`];
  });
}

/**
 * The planner knows nothing of conditions on a marker, takes them for half of the table, and counts only the first column of a key of
 * several: it would read the whole table for each batch, and for a guard while applications wait.
 */
const byIndex = "set local enable_seqscan = off";
const asBefore = "set local enable_seqscan to default";

const guard = (query: string): string =>
  `do ${dollar(`declare found record; begin
  for found in execute ${dollar(query)} loop
    raise exception using errcode = '${guardState}', message = coalesce(found.problem::text, 'a guard of this step says no');
  end loop;
end`)}`;

/** statement_timeout is per statement, also within one message; so each gets what is left of the whole. */
const begunNow = "select pg_catalog.set_config('hotstick.begun', extract(epoch from pg_catalog.clock_timestamp())::text, true)";
const setRest = (ms: number): string =>
  `select pg_catalog.set_config('statement_timeout', greatest(1, pg_catalog.ceil(${text(ms)} - 1000 * (extract(epoch from pg_catalog.clock_timestamp()) - pg_catalog.current_setting('hotstick.begun')::numeric)))::int::text, true)`;

/** Whether a statement of a message puts those behind it under a limit. */
export const limitsStatements = (statement: string): boolean =>
  /^(select pg_catalog\.set_config\('statement_timeout'|set (local )?statement_timeout = [1-9])/.test(statement);

function transaction(request: TransactionRequest): readonly string[] {
  const strong = request.locks.filter((lock) => lock.strong).map((lock) => ({ ...lock, mode: courtesyMode }));
  const guards = request.guards.length === 0 ? [] : [byIndex, ...request.guards.map(guard), asBefore];
  const held = [...lockTables(request.locks), ...guards, ...request.statements];
  const capped = request.holdTimeout > 0 ? [begunNow, ...held.flatMap((statement) => [setRest(request.holdTimeout), statement])] : held;
  return [
    "begin",
    // A commit that waits for a standby would wait with the lock in its hand.
    ...(strong.length > 0 ? ["set local synchronous_commit = local"] : []),
    "set local statement_timeout = 0",
    `set local lock_timeout = ${courtesyMs}`,
    request.lease,
    ...request.journal,
    ...lockTables(strong),
    `set local lock_timeout = ${text(request.lockTimeout)}`,
    ...capped,
    // The commit itself must not be cancelled between being written and being told.
    ...(request.holdTimeout > 0 ? ["set local statement_timeout = 0"] : []),
    "commit",
  ];
}

/** Counted on the server, so that the journal can hold the number in the same message. */
const counted = (apply: string): string =>
  `do ${dollar(`declare changed bigint; begin
  execute ${dollar(apply)};
  get diagnostics changed = row_count;
  perform pg_catalog.set_config('hotstick.changed', changed::text, true);
end`)}`;

function batch(request: BatchRequest): readonly string[] {
  return [
    "begin",
    `set local lock_timeout = ${text(request.lockTimeout)}`,
    `set local statement_timeout = ${text(request.statementTimeout)}`,
    request.lease,
    "set local hotstick.batch = 'on'",
    byIndex,
    ...(request.apply === null ? [] : [counted(request.apply)]),
    ...request.journal(request.apply === null ? "0" : "pg_catalog.current_setting('hotstick.changed')::bigint"),
    request.trial ? "rollback" : "commit",
  ];
}

/** A row comparison, which one index scan answers. A column keeps its own collation against a cast literal. */
function bounds(key: Key, values: readonly string[]): { readonly after: string; readonly upto: string } {
  const row = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(", ")})`);
  const columns = row(key.map((column) => quoteName([column.name])));
  const literals = row(key.map((column, i) => `${quoteLiteral(values[i] ?? "")}::${column.type}`));
  return { after: `${columns} > ${literals}`, upto: `${columns} <= ${literals}` };
}

/** https://www.postgresql.org/docs/current/progress-reporting.html */
const progress = (pid: number): string => `
  select phase as doing, case when blocks_total > 0 then blocks_done else tuples_done end::float8 as done, nullif(case when blocks_total > 0 then blocks_total else tuples_total end, 0)::float8 as total
  from pg_catalog.pg_stat_progress_create_index where pid = ${text(pid)}`;

/** Statements of one message are one transaction, in which a setting can be local. */
const prelude = ({ lock, statement, walk }: Parameters<Dialect["prelude"]>[0]): readonly string[] => [
  `set lock_timeout = ${text(lock)}`,
  `set statement_timeout = ${text(statement)}`,
  ...(walk === true ? [byIndex] : []),
];

export const enact: Pick<
  Dialect,
  "transaction" | "batch" | "bounds" | "progress" | "queued" | "rowChangers" | "messageIsTransaction" | "leavesState" | "prelude"
> = {
  transaction,
  batch,
  bounds,
  progress,
  queued: null,
  rowChangers: null,
  messageIsTransaction: true,
  leavesState: (statements) => statements.some(leavesState),
  prelude,
};
