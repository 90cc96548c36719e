// The use cases as the command line, a console or a program calls them: what goes in, what comes out, what is told meanwhile.
// Every result is plain JSON. A refusal or failure is a thrown Problem, never a result.
import type { Config } from "../config/config.ts";
import type { Environment, Flags } from "../config/layers.ts";
import type { Blocker } from "../drivers/driver.ts";
import type { Finding } from "../finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { Phase, Position } from "../step/phase.ts";

export type { Config } from "../config/config.ts";
export type { Environment, Flags } from "../config/layers.ts";
export type { Blocker } from "../drivers/driver.ts";
export type { Finding, Severity } from "../finding.ts";
export type { Plan } from "../plan/plan.ts";
export type { Phase, Position } from "../step/phase.ts";
export type { Lock, Step, StepCore } from "../step/step.ts";

/** What a command asks a person before it destroys something. */
export interface Confirmation {
  readonly title: string;
  /** What will be gone, and where its archive will be; one line each. */
  readonly details: readonly string[];
}

/** What every use case gets besides its options. */
export interface AppContext {
  readonly config: Config;
  /** The working folder, absolute; paths in results are relative to it. */
  readonly cwd: string;
  /** Gives the default export of a user's TypeScript or JavaScript file. */
  readonly evaluate: (file: string) => Promise<unknown>;
  /** Hotstick's own version. */
  readonly version: string;
  /** Told of every change of state; must not throw. */
  readonly report: (event: RunEvent) => void;
  /** Aborted to pause safely after the step or batch under way; `reason` is a `PauseReason`. */
  readonly pause: AbortSignal;
  /** Aborted to cancel what the server is doing for us and leave at once. */
  readonly abort: AbortSignal;
  /** True where nobody can be asked, or `--yes` was given. */
  readonly confirm: (question: Confirmation) => Promise<boolean>;
}

export type PauseReason = "interrupt" | "hangup" | "max-time";

/** The next safe command, ready to be typed. */
export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

/** The server that a result speaks of. */
export interface ServerView {
  readonly engine: string;
  /** `PostgreSQL 18.4`. */
  readonly product: string;
  readonly database: string;
  readonly user: string;
}

export type Direction = "forward" | "back";

/**
 * - `working`: somebody holds its lease.             - `resting`: between two phases, as it should be.
 * - `paused`: at rest in mid-phase because asked to. - `interrupted`: whoever drove it is gone; the next writing command goes on.
 * - `stopped`: a Problem stopped it; resumable.      - the rest: it is over.
 */
export type RunState = "working" | "resting" | "paused" | "interrupted" | "stopped" | "complete" | "rolled-back" | "undone";

/** One arrow of the rail. */
export interface PhaseView {
  readonly phase: Phase;
  /** `empty`: the plan has nothing to do in it. */
  readonly state: "empty" | "pending" | "active" | "done";
  readonly steps: number;
  readonly stepsDone: number;
}

/** A step under way. */
export interface StepView {
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  readonly direction: Direction;
  /** From 1. */
  readonly attempt: number;
}

/** How far a batched step is. */
export interface Progress {
  readonly rowsDone: number;
  /** An estimate; null where unknown. */
  readonly rowsTotal: number | null;
  readonly rowsPerSecond: number | null;
  /** Between these two, ms; null where nothing can be said. */
  readonly etaMs: readonly [number, number] | null;
  /** From 1. Later passes catch rows that the cursor never met. */
  readonly pass: number;
}

/** What holds a run up. */
export interface Waiting {
  readonly for: "lock" | "transaction" | "lease" | "backend" | "connection" | "old-users";
  /** For people, without the blockers: `ACCESS EXCLUSIVE on app.users`. */
  readonly what: string;
  readonly blockers: readonly Blocker[];
  readonly sinceMs: number;
  /** From 1. */
  readonly attempt: number;
  /** Tries before the command gives up; null: it waits on. */
  readonly attempts: number | null;
}

/** Who drives a run. */
export interface Holder {
  /** `deploy@web-7`. */
  readonly name: string;
  readonly pid: number;
  /** Age of its last sign of life, ms, by the database's clock. */
  readonly silentMs: number;
}

/** Something that shows, or would have shown, that old code is still there. */
export interface Evidence {
  readonly source: "statements" | "objects" | "writers" | "connections";
  /** `null`: this source could not be asked; `message` says why. */
  readonly seen: boolean | null;
  readonly message: string;
}

/** A failure as data. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly subject: { readonly kind: string; readonly name: string } | null;
  readonly done: string | null;
  readonly details: unknown;
}

/** All that `status` knows of one run. */
export interface RunView {
  readonly id: string;
  readonly migrations: readonly string[];
  readonly mode: "phased" | "plain";
  readonly state: RunState;
  /** The last phase that is done. */
  readonly position: Position;
  readonly direction: Direction;
  /** All five, in order. */
  readonly rail: readonly PhaseView[];
  /** Backfilled and verified: code that uses the new shape may be deployed. */
  readonly ready: boolean;
  readonly step: StepView | null;
  readonly progress: Progress | null;
  readonly waiting: Waiting | null;
  readonly holder: Holder | null;
  /** What stopped it. */
  readonly problem: ErrorView | null;
  /** Asked from switch on; empty before. */
  readonly oldUsers: readonly Evidence[];
  /** What disturbs its sync; asked while its triggers stand. */
  readonly findings: readonly Finding[];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly finishedAt: string | null;
  readonly next: NextCommand | null;
}

/** What happens while a use case works. `at` is ISO 8601. */
export type RunEvent = { readonly at: string; readonly run: string | null } & (
  | { readonly event: "opened"; readonly migrations: readonly string[]; readonly rail: readonly PhaseView[] }
  /** An open run is gone on with; `message` says from where. */
  | { readonly event: "resumed"; readonly migrations: readonly string[]; readonly rail: readonly PhaseView[]; readonly message: string }
  | { readonly event: "phase"; readonly phase: Phase; readonly direction: Direction; readonly state: "begun" | "done" }
  | {
      readonly event: "step";
      readonly step: StepView;
      readonly state: "begun" | "done" | "failed";
      readonly ms: number | null;
      readonly rows: number | null;
      readonly message: string | null;
    }
  | { readonly event: "progress"; readonly step: StepView; readonly progress: Progress }
  /** Sent again while it lasts; over with the next event of another kind. */
  | { readonly event: "waiting"; readonly step: StepView | null; readonly waiting: Waiting }
  | { readonly event: "ready" }
  | { readonly event: "finding"; readonly finding: Finding }
  /** For people; nothing that a program must know. */
  | { readonly event: "note"; readonly message: string }
  | { readonly event: "ended"; readonly state: RunState; readonly position: Position }
);

/** Set where a command left before its goal, safely. */
export interface Paused {
  readonly reason: PauseReason | "asked";
  /** The command that goes on. */
  readonly resume: string;
}

/** Names a run by its id or one of its migrations; absent: the only one that is open. */
export interface RunOptions {
  readonly run?: string;
}

/** What somebody who knows better may say about a run that would else be refused. */
export interface GoOnOptions extends RunOptions {
  /** Ends the old shape though old users are seen. */
  readonly acceptOldUsers?: boolean;
  /** Goes on though somebody else changed the run's tables meanwhile. */
  readonly acceptDrift?: boolean;
}

/** What every command that drives a run gives back. */
export interface RunResult {
  /** Null where there was nothing to do. */
  readonly run: RunView | null;
  readonly findings: readonly Finding[];
  readonly paused: Paused | null;
  readonly next: NextCommand | null;
}

export interface InitOptions {
  /** A `hotstick.config.ts` needs nothing installed; `json` spares its loading. */
  readonly format: "ts" | "json";
}
export interface InitResult {
  /** Relative to the working folder. */
  readonly created: readonly string[];
  /** Was there before and is left as it was. */
  readonly kept: readonly string[];
  readonly next: NextCommand | null;
}

export interface NewOptions {
  /** Words for people; becomes the slug of the file's name. */
  readonly title: string;
  readonly format: "ts" | "sql";
}
export interface NewResult {
  /** Empty on failure. */
  readonly name: string;
  /** Relative to the working folder. */
  readonly file: string;
  readonly next: NextCommand | null;
}

export interface PlanOptions {
  /** Absent: all pending. */
  readonly migrations?: readonly string[];
  /** Exit 2 where something is pending. */
  readonly check: boolean;
}
export interface PlanResult {
  readonly server: ServerView | null;
  readonly pending: readonly string[];
  /** Null where nothing is pending. */
  readonly plan: Plan | null;
  readonly lockBudgetMs: number;
  readonly next: NextCommand | null;
}

export interface UpOptions {
  /** Changes nothing; exit 2 where something is pending. */
  readonly check: boolean;
  /** Up to and with this migration. */
  readonly to?: string;
}
export interface UpResult extends RunResult {
  readonly applied: readonly string[];
  /** What is still to do: with `check`, after a pause, or beyond `to`. */
  readonly pending: readonly string[];
}

export interface StartOptions {
  /** Absent: all pending. */
  readonly migrations?: readonly string[];
}

export interface RollbackOptions extends Omit<GoOnOptions, "acceptOldUsers"> {
  /** Where to stop; absent: `start`, so that the run is over. */
  readonly to?: Position;
}

export interface UndoOptions {
  readonly migration: string;
  /** Where to stop; absent: `switch`, where old and new code both work, so that old code can be deployed first. */
  readonly to?: Position;
  readonly acceptDrift?: boolean;
}
export interface UndoResult extends RunResult {
  /** Where the values came from, by object: counted and, up to a limit, listed. */
  readonly restored: readonly { readonly object: string; readonly source: "archive" | "down" | "default"; readonly rows: number }[];
}

export interface StatusOptions extends RunOptions {
  /** Called with every new state until `context.pause` is aborted; the result is the last one. */
  readonly watch?: (status: StatusResult) => void;
}
export interface StatusResult {
  readonly server: ServerView | null;
  /** Open runs, oldest first; or the one that was named. */
  readonly runs: readonly RunView[];
  /** How many migrations are applied here. */
  readonly applied: number;
  readonly last: { readonly migration: string; readonly at: string } | null;
  readonly pending: readonly string[];
  readonly next: NextCommand | null;
}

export interface VerifyCheck {
  readonly title: string;
  readonly object: string;
  /** As many as the plan expected, where all were compared. */
  readonly rows: number | null;
  /** The first bad rows, by key. */
  readonly bad: readonly { readonly key: string; readonly problem: string }[];
}
export interface VerifyResult {
  readonly run: RunView | null;
  /** False: exit 3. */
  readonly ok: boolean;
  readonly checks: readonly VerifyCheck[];
  readonly next: NextCommand | null;
}

export interface HistoryOptions {
  /** All that happened to this one. */
  readonly migration?: string;
  /** Newest first. */
  readonly limit: number;
}
export interface HistoryEntry {
  readonly migration: string;
  readonly run: string;
  readonly state: RunState;
  readonly position: Position;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Who: `deploy@web-7`. */
  readonly by: string;
}
export interface HistoryResult {
  readonly entries: readonly HistoryEntry[];
  /** Set where a migration was named: its events, oldest first. */
  readonly events: readonly { readonly at: string; readonly event: string; readonly step: string | null; readonly message: string }[];
}

export interface DoctorCheck {
  /** `logical replication slots`. */
  readonly title: string;
  readonly state: "good" | "warn" | "bad";
  readonly message: string;
  readonly fix: string | null;
}
export interface DoctorResult {
  readonly server: ServerView | null;
  /** False (exit 1) where a check is bad. */
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
}

export interface DemoOptions {
  /** Which database engine it runs on, by the demo's own names; absent: its first. */
  readonly engine?: string;
  readonly rows: number;
  /** Leaves the database up at the end, for looking around. */
  readonly keep: boolean;
  /** Called ten times a second with what can be seen. */
  readonly watch?: (view: DemoView) => void;
}

/** A part of the demo's story that is over. */
export interface DemoScene {
  readonly title: string;
  readonly ok: boolean;
  /** What came of it. */
  readonly message: string;
}

/** An application under traffic, as the demo's picture shows it. */
export interface DemoApplication {
  /** `old application`. */
  readonly name: string;
  /** What it uses: `first_name, last_name`. */
  readonly columns: string;
  readonly state: "absent" | "working";
  readonly requests: number;
  readonly failed: number;
  /** Of the last two seconds, ms; null where nothing was answered. */
  readonly p99: number | null;
  /** The longest request of each half second, ms, the newest last; null: none. */
  readonly slots: readonly (number | null)[];
  /** For how long the oldest request waits for its answer, ms. */
  readonly waitingMs: number;
}

/** What can be seen of the demo at one moment. */
export interface DemoView {
  /** `200,000 users · PostgreSQL 18`. */
  readonly subject: string;
  readonly elapsedMs: number;
  readonly scenes: readonly DemoScene[];
  /** The title of the one under way. */
  readonly scene: string | null;
  /** The command under way: `hotstick start`. */
  readonly command: string | null;
  /** Every row is being held against what the applications know they wrote. */
  readonly checking: boolean;
  /** As the last command left it. */
  readonly rail: readonly PhaseView[];
  readonly applications: readonly DemoApplication[];
  /** Sessions of others that wait for a lock behind Hotstick, and the longest wait so far. */
  readonly locks: { readonly waiting: number; readonly longestMs: number };
}

/** Figures are 0 and answers false where the demo did not get so far. All times are in ms. */
export interface DemoResult {
  /** False: exit 1. */
  readonly ok: boolean;
  readonly rows: number;
  readonly seconds: number;
  /** What both applications asked of the migrated table, and how much of it failed. */
  readonly requests: number;
  readonly failed: number;
  /** Held against what the applications know they wrote: every read of theirs, and every row in each of four checks. */
  readonly wrongReads: number;
  readonly wrongRows: number;
  readonly lostWrites: number;
  /** Of an application's session behind Hotstick's: any lock, and the two kinds. */
  readonly longestLockWaitMs: number;
  readonly longestTableLockWaitMs: number;
  readonly longestRowLockWaitMs: number;
  /** Of all requests: in the quiet stretch before, and while a command was under way. */
  readonly p50Before: number;
  readonly p50During: number;
  readonly p99Before: number;
  readonly p99During: number;
  readonly longestRequestMs: number;
  /** Of the first backfill. */
  readonly rowsPerSecond: number;
  readonly killed: boolean;
  readonly resumed: boolean;
  readonly rolledBack: boolean;
  readonly undone: boolean;
  /** The same change by plain statements, on a copy of the table under the traffic of the old application; null where it was not reached. */
  readonly naive: {
    readonly requests: number;
    readonly failed: number;
    readonly longestStallMs: number;
    /** Rows whose new columns do not mean what the old application wrote meanwhile. */
    readonly wrongRows: number;
  } | null;
  readonly scenes: readonly DemoScene[];
  /** The first things that went wrong, for people. */
  readonly problems: readonly string[];
  /** Where the database is, if it was kept. */
  readonly url: string | null;
  readonly next: NextCommand | null;
}

/** What a caller brings; `openContext` makes the rest. */
export interface Invocation extends Omit<AppContext, "config" | "evaluate"> {
  readonly flags: Flags;
  readonly env: Environment;
}

/** Every use case, by the name of its command and of its file in this folder (`newMigration` is in new.ts; `demo` has a folder of its own). */
export interface UseCases {
  init(context: AppContext, options: InitOptions): Promise<InitResult>;
  newMigration(context: AppContext, options: NewOptions): Promise<NewResult>;
  plan(context: AppContext, options: PlanOptions): Promise<PlanResult>;
  up(context: AppContext, options: UpOptions): Promise<UpResult>;
  start(context: AppContext, options: StartOptions): Promise<RunResult>;
  advance(context: AppContext, options: GoOnOptions): Promise<RunResult>;
  complete(context: AppContext, options: GoOnOptions): Promise<RunResult>;
  rollback(context: AppContext, options: RollbackOptions): Promise<RunResult>;
  undo(context: AppContext, options: UndoOptions): Promise<UndoResult>;
  status(context: AppContext, options: StatusOptions): Promise<StatusResult>;
  verify(context: AppContext, options: RunOptions): Promise<VerifyResult>;
  history(context: AppContext, options: HistoryOptions): Promise<HistoryResult>;
  pause(context: AppContext, options: RunOptions): Promise<RunResult>;
  resume(context: AppContext, options: GoOnOptions): Promise<RunResult>;
  doctor(context: AppContext, options: Record<never, never>): Promise<DoctorResult>;
  demo(context: AppContext, options: DemoOptions): Promise<DemoResult>;
}
