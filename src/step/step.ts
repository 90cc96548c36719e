// One safe act on the database: plain data, so that a stored plan can be carried out by anyone from there.
import type { ObjectName } from "../schema/model.ts";
import type { Phase } from "./phase.ts";

/** A lock that a step takes, by the engine's own name for the mode. `strong` locks hold up applications and obey the lock budget. */
export interface Lock {
  readonly table: ObjectName;
  readonly mode: string;
  readonly strong: boolean;
}

/**
 * What a step makes the server do.
 * - `instant`: touches the catalog only.   - `scan`: reads a whole table.   - `build`: builds an index.
 * - `rewrite`: rewrites a table.           - `batched`: short transactions, one after another.
 */
export type Work = "instant" | "scan" | "build" | "rewrite" | "batched";

/** Milliseconds; 0 means no limit. `lock: "budget"` takes the run's lock budget. */
export interface Timeouts {
  readonly lock: number | "budget";
  readonly statement: number | "budget";
}

/**
 * Statements may hold these holes, filled from the run's own journal when they are sent:
 * `{{generation}}` how often steps of the same group with the mark `settle` were done (a number), `{{settled}}` and `{{archived}}`
 * the snapshot bounds (xid8, digits) that the last done step of the group with the mark `settle` or `archive` journalled
 * (`0` where there is none), `{{run}}` the run's id (a number), `{{braces}}` two opening braces.
 * A hole is filled with text that the store made; nothing of a user's goes through one.
 */
export type Template = string;

/** Every name that a hole may have: those of all statements, and those of batches. */
export const holeNames = ["run", "generation", "settled", "archived", "after", "upto", "limit", "skip", "braces"] as const;

const holeLike = new RegExp(`\\{\\{(?=(${holeNames.join("|")})\\}\\})`, "g");

/** A template of a text that is to be sent as it is, whatever it looks like. */
export const literally = (text: string): Template => text.replaceAll(holeLike, "{{braces}}");

/**
 * Settings of the session that hold for the statements of one act and for nothing else: sent on its session before them, and behind them to
 * set it back. A session that did not come as far is closed. Whoever carries the act, and however often, sends them.
 */
export interface Around {
  readonly before: readonly Template[];
  readonly after: readonly Template[];
}

/** One transaction, or statements outside any. */
export interface StatementsAct {
  readonly kind: "statements";
  /** `yes`: all in one transaction that also journals the step, so it happens exactly once. `no`: one by one, by intent and probe. */
  readonly transactional: boolean;
  /** Returns rows only where the step must not go on; each row's `problem` column says why. Run inside the transaction, after the locks. */
  readonly guards: readonly Template[];
  readonly statements: readonly Template[];
  /** True where an error may leave a part of a statement done. */
  readonly partial?: true;
  /** Outside a transaction: run first when the probe says `broken` (e.g. drop an invalid index concurrently). */
  readonly repair: readonly Template[];
  readonly around?: Around;
}

/**
 * Many short transactions along a key. Extra holes: `{{after}}` and `{{upto}}` are conditions on the key made from `key`,
 * `true` where there is no bound; `{{limit}}` is a number of rows, and `{{skip}}` one less.
 */
export interface BatchesAct {
  readonly kind: "batches";
  readonly table: ObjectName;
  /** Key columns with their types, in index order; a single `ctid` of type `tid` where the table has no usable key. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
  /**
   * Finds the last key of the next batch: returns at most one row with columns k1…kn (text), from `{{after}}` on, skipping `{{limit}}` - 1 rows.
   * No row: fewer than that many are left, and the batch is the last of the pass.
   */
  readonly bound: Template;
  /** The key's largest value when a pass begins (k1…kn), so that a pass ends under constant inserts; no row: the table is empty. */
  readonly last: Template;
  /** Changes one batch and is journalled with it; or null. */
  readonly apply: Template | null;
  /**
   * Sent instead for a batch whose `apply` the server refused: the same without the rows that cannot be changed. They stay as they are,
   * and a check names them. Absent: such a row stops the run.
   */
  readonly careful?: Template;
  /** Selects bad rows of one batch (k1…kn, `problem`), at most ten; or null. Any row stops the run, resumable. */
  readonly check: Template | null;
  /** Selects one row while anything is left to do; the act makes passes until it returns none. Null: one pass. */
  readonly remaining: Template | null;
  /** What one batch should last, ms. */
  readonly targetMs: number;
  /** Rows of the first batch. */
  readonly firstRows: number;
}

/** Whole-table checks: each selects bad rows (`problem`, `key`), at most ten. Any row stops the run, resumable. */
export interface ChecksAct {
  readonly kind: "checks";
  readonly checks: readonly { readonly title: string; readonly statement: Template }[];
}

/** A user's TypeScript function; going on or back through it needs the file with this hash. */
export interface ModuleAct {
  readonly kind: "module";
  readonly file: string;
  readonly export: string;
  readonly sha256: string;
}

/** A statement that only a copy of the whole table can do, where the server's own way would make writers wait. */
export interface ShadowCopyAct {
  readonly kind: "shadow-copy";
  readonly table: ObjectName;
  /** What the server would be sent. */
  readonly statement: Template;
  /**
   * - `blocking`: the server is sent the statement; writers wait until it is done.
   * - `beside`: into a copy beside the table while everybody works, which then takes its name. A run of this version refuses it.
   */
  readonly form: "blocking" | "beside";
  readonly around?: Around;
}

export type Act = StatementsAct | BatchesAct | ChecksAct | ModuleAct | ShadowCopyAct;

/** What the server is sent where an act is statements and no more; null for the others. */
export function asStatements(act: Act): StatementsAct | null {
  if (act.kind === "statements") return act;
  if (act.kind !== "shadow-copy" || act.form === "beside") return null;
  return { kind: "statements", transactional: false, guards: [], statements: [act.statement], repair: [], ...(act.around ? { around: act.around } : {}) };
}

/**
 * How to find out whether a step outside a transaction happened: a query that returns one row with `state`:
 * `done` (this very object, valid, with this definition), `absent`, `broken` (its ruin is there), or `other` (something else has its name).
 * `afterIntent`: asked only where the statement was sent before and nobody knows what came of it, since what it makes may have been
 * there all along. Null: the journal decides, because the act commits with its event.
 */
export type Probe = { readonly query: Template; readonly afterIntent?: true } | null;

/** An estimate for people; not part of the plan's hash. */
export interface Estimate {
  /** Rows read or changed; null where unknown. */
  readonly rows: number | null;
  /** What is written anew, bytes; absent where nothing is, or nobody knows. */
  readonly bytes?: number;
  /** Wall time, ms. */
  readonly ms: number | null;
  /** How long strong locks are held, ms. */
  readonly holdMs: number | null;
}

/** An act with what is known about it. */
export interface StepCore {
  /** For people: `add first_name, last_name to users, kept in step with name`. */
  readonly title: string;
  readonly act: Act;
  readonly probe: Probe;
  /** All locks, strongest first per table. */
  readonly locks: readonly Lock[];
  readonly work: Work;
  readonly timeouts: Timeouts;
  /** Why this form and not another. */
  readonly why: string;
  readonly estimate: Estimate;
  /** What it belongs together with: the table's key for steps of a shape, else null. Holes look only at steps of the same group. */
  readonly group: string | null;
  /** Counted and remembered for holes of the same group. */
  readonly mark: "settle" | "archive" | null;
}

export interface Step extends StepCore {
  /** Unique within its plan and stable: `retire-3`. */
  readonly id: string;
  readonly phase: Phase;
  /** Which of the plan's migrations asked for it, by name; several where their changes became one step. */
  readonly migrations: readonly string[];
  /** Why it cannot be walked back, for people; a rollback over it is refused before anything is touched. */
  readonly oneWay?: string;
  /** Walks this step back, in order; empty where there is nothing to walk back. Each has an id of its own: `retire-3-undo-1`. */
  readonly undo: readonly (StepCore & { readonly id: string })[];
}
