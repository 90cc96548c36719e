// All pending migrations through all phases; for deploys with one version at a time, fresh databases and tests. Any number of pods at once.
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../finding.ts";
import type { Migration } from "../plan/plan.ts";
import type { Paused, UpOptions, UpResult, UseCases } from "./contract.ts";
import { type Desk, readDesk } from "./desk.ts";
import { holding } from "./drive.ts";
import { finishOpenRuns, unfinished } from "./finish.ts";
import { goForward } from "./forward.ts";
import { checkWritable } from "./go-on.ts";
import { isStale, openNew } from "./hold.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { accepted, draftNext, readGround, refuseBadSql } from "./planning.ts";
import { noSuchMigration } from "./problems.ts";
import { awaitTurn } from "./turn.ts";

/** What this command has done so far. */
interface Tally {
  readonly applied: string[];
  readonly findings: Finding[];
  /** The last run that it carried. */
  run: number | null;
}

/** @throws Problem `no-such-migration`. */
function upTo({ pending, overview }: Desk, to: string | undefined): readonly Migration[] {
  if (to === undefined) return pending;
  const last = pending.findIndex(({ name }) => name === to);
  if (last >= 0) return pending.slice(0, last + 1);
  const known = overview.migrations.map(({ name }) => name);
  if (known.includes(to)) return [];
  throw noSuchMigration(to, [...pending.map(({ name }) => name), ...known]);
}

/** One run of as many migrations as one reading of the schema allows. */
async function applyNext(parts: Parts, desk: Desk, wanted: readonly Migration[], tally: Tally): Promise<Paused["reason"] | null> {
  const ground = await readGround(parts, { writes: true });
  const known = tally.run === null ? await refuseBadSql(parts, ground, wanted) : undefined;
  const drafted = await draftNext(parts, ground, wanted, known);
  const done = tally.applied.length === 0 ? undefined : `${tally.applied.join(", ")} ${tally.applied.length === 1 ? "is" : "are"} applied.`;
  const plan = await accepted(parts, drafted, done);
  const held = await openNew(parts, plan, desk.overview);
  tally.run = held.run;
  tally.findings.push(...drafted.findings);
  const paused = await holding(held, () => goForward(parts, held, "drop", { command: "hotstick up", gates: false }));
  if (paused === null) tally.applied.push(...plan.migrations.map(({ name }) => name));
  return paused;
}

async function resultOf(parts: Parts, tally: Tally, pending: readonly string[], paused: Paused["reason"] | null): Promise<UpResult> {
  const { applied, findings } = tally;
  const result = tally.run === null ? nothingDone : await outcomeOf(parts, tally.run);
  return { ...result, findings, applied, pending, paused: paused === null ? null : { reason: paused, resume: "hotstick up" } };
}

/** What was read after our last run, unless somebody else was faster than we. */
function forgetStale({ memory }: Parts, { overview }: Desk, run: number | null): void {
  if (overview.openRuns.length > 0 || !overview.seen.startsWith(`${run}/`)) memory.schema = null;
}

async function checkOnly(parts: Parts, desk: Desk, to: string | undefined): Promise<UpResult> {
  const pending = upTo(desk, to).map(({ name }) => name);
  return { ...nothingDone, applied: [], pending: [...(await unfinished(parts, desk)), ...pending] };
}

const pauseAsked = ({ context }: Parts): Paused["reason"] | null =>
  context.pause.aborted ? (context.pause.reason as Paused["reason"]) : context.abort.aborted ? "interrupt" : null;

async function goUp(parts: Parts, to: string | undefined): Promise<UpResult> {
  const tally: Tally = { applied: [], findings: [], run: null };
  const atRest = new Set<number>();
  for (;;) {
    const desk = await readDesk(parts, { writes: true });
    const wanted = upTo(desk, to);
    const names = (): readonly string[] => desk.pending.map(({ name }) => name).filter((name) => !tally.applied.includes(name));
    const finished = await finishOpenRuns(parts, desk, atRest);
    if (finished !== null) {
      tally.run = finished.run;
      tally.applied.push(...finished.applied);
      if (finished.paused !== null) return resultOf(parts, tally, names(), finished.paused);
      continue;
    }
    if (wanted.length === 0) return resultOf(parts, tally, names(), null);
    const asked = pauseAsked(parts);
    if (asked !== null) return resultOf(parts, tally, names(), asked);
    await checkWritable(parts);
    if (!(await awaitTurn(parts, desk.overview))) continue;
    forgetStale(parts, desk, tally.run);
    try {
      const paused = await applyNext(parts, desk, wanted, tally);
      if (paused !== null) return resultOf(parts, tally, names(), paused);
    } catch (error) {
      if (!isStale(error)) throw error;
      // Another pod was faster; it may be done by now, or is waited for.
      await sleep(20 + Math.random() * 80);
    }
  }
}

/**
 * @throws Problem `refused` (exit 3), `migration-edited`, `migration-missing`, `table-changed` (exit 4), `table-claimed`, `run-paused` (exit 5), and
 * whatever stops a run.
 */
export const up: UseCases["up"] = (context, { check, to }: UpOptions): Promise<UpResult> =>
  withParts(context, { purpose: "hotstick up", reads: check }, async (parts) =>
    check ? checkOnly(parts, await readDesk(parts, { writes: false }), to) : goUp(parts, to),
  );
