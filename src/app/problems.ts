// What the use cases themselves have to say when they do not go on.
import type { Finding } from "../finding.ts";
import { didYouMean } from "../nearest.ts";
import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import type { Position } from "../step/phase.ts";
import type { RunState } from "../store/fold.ts";
import type { ArchiveRecord, Holder, RunHeader } from "../store/store.ts";

const list = (names: readonly string[], most = 5): string => names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");

/** `run 3 (split_name)`. */
const nameRun = ({ id, migrations }: Pick<RunHeader, "id" | "migrations">): string => `run ${id} (${list(migrations, 2)})`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** @param done what stands already. */
export function refused(findings: readonly Finding[], done?: string): Problem {
  const against = findings.filter(({ severity }) => severity === "refuse");
  // A server's own words may end without a full stop.
  const ended = (message: string): string => (/[.!?…]$/.test(message.trim()) ? message : `${message}.`);
  const shown = against
    .slice(0, 5)
    .map(({ rule, subject, message, fix }) => `- ${rule} (${subject.name}): ${fix === undefined ? message : `${ended(message)} ${fix}`}`);
  const rest = against.length > shown.length ? [`- and ${against.length - shown.length} more`] : [];
  const acceptable = against.filter((finding) => finding.acceptable).map(({ rule }) => rule);
  return new Problem({
    code: "refused",
    message: `${against.length === 1 ? "One finding refuses" : `${against.length} findings refuse`} this plan:\n${[...shown, ...rest].join("\n")}`,
    hint:
      acceptable.length > 0
        ? `Correct it, or accept it in the migration by name: accept: ["${[...new Set(acceptable)].join('", "')}"]`
        : "Correct the migration; nothing of it was applied. hotstick plan shows all findings.",
    exit: 3,
    details: { findings },
    ...(done === undefined ? {} : { done }),
  });
}

export const missingPrivilege = (missing: readonly string[]): Problem =>
  new Problem({
    code: "missing-privilege",
    message: `The connected user may not do what this plan needs:\n${missing.map((each) => `- ${each}`).join("\n")}`,
    hint: "Grant what is missing as the lines say, or connect as a user who may do it; nothing was changed. hotstick doctor checks all of it.",
    details: { missing },
  });

/** Met in mid-work, where rights have been looked at before. @param description the server's own words. */
export const denied = (description: string, cause: unknown): Problem =>
  new Problem({
    code: "missing-privilege",
    message: `The server does not allow it: ${description}`,
    hint: "What was done before stands. Grant what is missing, or connect as a user who may do it (hotstick doctor names what a run needs), and say it again; hotstick status tells where a run stands.",
    cause,
  });

export const nothingRunning = (): Problem =>
  new Problem({
    code: "nothing-running",
    message: "No run is open here, so there is nothing to go back.",
    hint: "A completed migration is reversed by: hotstick undo NAME. hotstick history lists them.",
  });

export const notOpen = ({ id, migrations, outcome }: RunHeader): Problem =>
  new Problem({
    code: "nothing-running",
    message: `${capital(nameRun({ id, migrations }))} is over: it was ${outcome === "applied" ? "completed" : "rolled back"}.`,
    hint: outcome === "applied" ? `Reverse it with: hotstick undo ${migrations[0] ?? "NAME"}` : "There is nothing left of it to go back.",
    subject: { kind: "run", name: String(id) },
  });

/** For a command that goes forward; null where the run is open, or was completed. */
export const refuseReverted = ({ id, migrations, outcome }: RunHeader): Problem | null =>
  outcome !== "reverted"
    ? null
    : new Problem({
        code: "nothing-running",
        message: `${capital(nameRun({ id, migrations }))} is over: it was rolled back. This command did nothing.`,
        hint: `Begin anew with: hotstick start ${migrations.join(" ")}`,
        subject: { kind: "run", name: String(id) },
      });

const standsAt = (position: Position): string => (position === "start" ? "before its first phase" : `after ${position}`);

export interface TakenBack {
  readonly run: Pick<RunHeader, "id" | "migrations">;
  readonly state: RunState;
  /** It is where it was to go back to. */
  readonly arrived: boolean;
  /** The command that goes forward nevertheless. */
  readonly command: string;
}

/** Somebody else went back with the run while this command waited for it. */
export const takenBack = ({ run, state: { position }, arrived, command }: TakenBack): Problem =>
  new Problem({
    code: "going-back",
    message: `${capital(nameRun(run))} was taken back by somebody else while this command waited for it; it stands ${standsAt(position)}. This command did nothing.`,
    hint: `${arrived ? `Take back the rest with: hotstick rollback ${run.id}` : `Finish the way back with: hotstick resume ${run.id}`}; or go forward nevertheless: ${command}`,
    subject: { kind: "run", name: String(run.id) },
    exit: 5,
  });

/** @param driver who is taking it back; null: it was left on the way. */
export const goingBack = (run: Pick<RunHeader, "id" | "migrations">, goal: Position, driver: Holder | null): Problem =>
  new Problem({
    code: "going-back",
    message:
      driver === null
        ? `${capital(nameRun(run))} was left on its way back to ${goal === "start" ? "its start" : goal}. Nothing was started.`
        : `${capital(nameRun(run))} is being taken back by ${driver.name} (pid ${driver.pid}). Nothing was started.`,
    hint: `${driver === null ? `Finish that with: hotstick resume ${run.id}` : "Wait for that: hotstick status --watch"}; then start again.`,
    subject: { kind: "run", name: String(run.id) },
    exit: 5,
  });

/** @param to a phase that the run has not done. */
export const notReached = (run: number, position: Position, to: Position): Problem =>
  new Problem({
    code: "not-reached",
    message: `Run ${run} cannot go back to ${to}: it stands ${standsAt(position)}.`,
    hint: `Name ${position === "start" ? "--to start" : `--to ${position} or an earlier phase`}; hotstick advance goes the other way.`,
    subject: { kind: "run", name: String(run) },
  });

export const severalRunning = (open: readonly Pick<RunHeader, "id" | "migrations">[]): Problem =>
  new Problem({
    code: "several-running",
    message: `Several runs are open: ${list(open.map(nameRun), 10)}.`,
    hint: "Name the one that is meant by its id or one of its migrations.",
    details: { runs: open.map(({ id, migrations }) => ({ id, migrations })) },
  });

export const noSuchRun = (name: string, known: readonly string[]): Problem =>
  new Problem({
    code: "no-such-run",
    message: `No run here has the id or a migration called ${name}.${didYouMean(name, known)}`,
    hint: "hotstick status lists open runs, hotstick history all of them.",
    subject: { kind: "run", name },
  });

export const noSuchMigration = (name: string, known: readonly string[]): Problem =>
  new Problem({
    code: "no-such-migration",
    message: `There is no migration ${name}.${didYouMean(name, known)}`,
    hint: "hotstick status lists what is pending, hotstick history what was applied.",
    subject: { kind: "migration", name },
  });

export const parentsPending = (name: string, parents: readonly string[]): Problem =>
  new Problem({
    code: "parents-pending",
    message: `Migration ${name} comes after ${list(parents)}, which ${parents.length === 1 ? "is" : "are"} not applied here.`,
    hint: `Name ${parents.length === 1 ? "it" : "them"} too, or apply ${parents.length === 1 ? "it" : "them"} first.`,
    subject: { kind: "migration", name },
  });

export const plannedApart = (first: readonly string[], next: string): Problem =>
  new Problem({
    code: "planned-apart",
    message: `Migration ${next} cannot be planned before ${list(first)}, for what SQL leaves behind is known only once it is there.`,
    hint: `Take them one after another: hotstick start ${first.join(" ")}`,
    subject: { kind: "migration", name: next },
  });

export const pausedByPerson = (run: number, by: string): Problem =>
  new Problem({
    code: "run-paused",
    message: `Run ${run} was paused: ${by}.`,
    hint: `When it may go on: hotstick resume ${run}`,
    subject: { kind: "run", name: String(run) },
    exit: 5,
  });

export const noWayBack = (steps: Plan["steps"]): Problem =>
  new Problem({
    code: "no-way-back",
    message: `This cannot be taken back:\n${steps.map((step) => `- ${step.id} (${step.title}): ${step.oneWay}`).join("\n")}`,
    hint: "Stop before it with --to, or write a new migration that makes up for it. Nothing was changed.",
    subject: { kind: "step", name: steps[0]?.id ?? "" },
    details: { steps: steps.map(({ id, title, oneWay }) => ({ id, title, oneWay })) },
  });

/** @param open its columns may be there again already, so that no other migration may have its tables. */
export const archiveGone = (run: number, archives: readonly ArchiveRecord[], open: boolean): Problem =>
  new Problem({
    code: "no-way-back",
    message: `The way back of run ${run} needs what is gone:\n${archives.map(({ source, archive }) => `- ${archive}, the archive of what was dropped from ${source}`).join("\n")}`,
    hint: `${open ? "Put" : "Write a new migration that makes up for it: hotstick new; or put"} the archive back from a backup, whole and under its name. Nothing was changed.`,
    subject: { kind: "table", name: archives[0]?.source ?? "" },
    details: { archives: archives.map(({ source, archive, rows }) => ({ source, archive, rows })) },
  });

/** @param lines what differs, one place each. @param goOn the command that accepts it. */
export const tableChanged = (tables: readonly string[], lines: readonly string[], goOn: string): Problem =>
  changedBy(tables, lines, `Take that change back; or, if the run's plan still fits, go on with: ${goOn}`);

/** What is to be compared is not there. @param again the command that looks once more. @param giveUp the one that ends the run without its table. */
export const notToCompare = (tables: readonly string[], lines: readonly string[], again: string, giveUp: string): Problem =>
  changedBy(
    tables,
    lines,
    `Bring back what is gone, under its name and as it was, and look again: ${again}. Where a table is gone for good, this passes over it: ${giveUp}`,
  );

const changedBy = (tables: readonly string[], lines: readonly string[], hint: string): Problem =>
  new Problem({
    code: "table-changed",
    message: `Somebody else changed ${list(tables)} since the last command:\n${lines
      .slice(0, 20)
      .map((line) => `- ${line}`)
      .join("\n")}${lines.length > 20 ? `\n- and ${lines.length - 20} more` : ""}`,
    hint,
    subject: { kind: "table", name: tables[0] ?? "" },
    exit: 4,
    details: { tables, differences: lines },
  });

export const declined = (): Problem =>
  new Problem({ code: "declined", message: "Not done, as you answered.", hint: "Nothing was changed; run the command again when it may be, or with --yes." });
