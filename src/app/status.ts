// Where everything stands, and the next safe command; changes nothing and evaluates no file.
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../problem.ts";
import { readFolder } from "../sources/folder.ts";
import { fold } from "../store/fold.ts";
import type { Overview } from "../store/store.ts";
import type { Evidence, NextCommand, RunView, StatusOptions, StatusResult, UseCases } from "./contract.ts";
import { inForce } from "./desk.ts";
import { disturbancesOf } from "./disturbances.ts";
import { lookForOldUsers } from "./gates.ts";
import { chooseRun } from "./hold.ts";
import { type Parts, serverView, withParts } from "./parts.ts";
import { readStored, type Stored, viewOf } from "./view.ts";

/** Files that the database does not know. A folder that cannot be read does not hide where the runs stand. */
function pendingNames({ context, teller }: Parts, overview: Overview): readonly string[] {
  const known = new Set(inForce(overview).map(({ name }) => name));
  try {
    return readFolder(context.config.migrations)
      .map(({ name }) => name)
      .filter((name) => !known.has(name));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    teller.note(error.message);
    return [];
  }
}

/** Long enough to see busy old code, short enough to be waited for. */
const sampleMs = 250;

/** From switch to retire it matters who still uses the old shape. */
async function oldUsersOf(parts: Parts, { header, plan }: Stored, view: RunView): Promise<readonly Evidence[]> {
  if (view.position !== "switch" || plan.mode !== "phased" || header.outcome !== null) return [];
  return lookForOldUsers(parts, header.id, plan, null, sampleMs);
}

async function viewsOf(parts: Parts, overview: Overview, run: string | undefined): Promise<readonly RunView[]> {
  const chosen = run === undefined ? null : await chooseRun(parts, overview, run);
  const ids = chosen === null ? overview.openRuns.map(({ id }) => id) : [chosen.header.id];
  const several = overview.openRuns.length > 1;
  const views: RunView[] = [];
  for (const id of ids) {
    const stored = await readStored(parts, id);
    if (stored === null) continue;
    const { plan, header, events } = stored;
    const now = Date.now();
    const findings = header.outcome === null ? await disturbancesOf(parts, plan, fold(events), header.startedAt) : [];
    const oldUsers = await oldUsersOf(parts, stored, viewOf(stored, { several, now }));
    views.push(viewOf(stored, { several, now, oldUsers, findings }));
  }
  return views;
}

/** Among so many runs one was completed, or else only records tell. */
const recent = 20;

/** The migration that was completed last. */
async function lastApplied({ ask, store }: Parts, overview: Overview): Promise<StatusResult["last"]> {
  if (!overview.migrations.some(({ state }) => state === "applied")) return null;
  const runs = await ask((session) => store.runs(session, recent));
  const [run] = runs.filter(({ outcome }) => outcome === "applied").sort((a, b) => ((a.closedAt ?? "") < (b.closedAt ?? "") ? 1 : -1));
  const name = run?.migrations.at(-1);
  return name === undefined || run?.closedAt === null || run === undefined ? null : { migration: name, at: run.closedAt };
}

function nextOf(runs: readonly RunView[], pending: readonly string[]): NextCommand | null {
  const next = runs.find((run) => run.next !== null)?.next ?? null;
  return next ?? (pending.length > 0 ? { command: "hotstick plan", why: "shows what the pending migrations would do" } : null);
}

async function look(parts: Parts, run: string | undefined): Promise<StatusResult> {
  const overview = await parts.ask((session) => parts.store.overview(session));
  const server = serverView(parts, await parts.server());
  const pending = pendingNames(parts, overview);
  const runs = await viewsOf(parts, overview, run);
  const applied = overview.migrations.filter(({ state }) => state === "applied").length;
  return { server, runs, applied, last: await lastApplied(parts, overview), pending, next: nextOf(runs, pending) };
}

const watchMs = 1_000;

/** How quickly it goes on, from two looks at the same step; a tenth either way, as an estimate of rows is no better. */
function withRate(run: RunView, before: StatusResult, ms: number): RunView {
  const last = before.runs.find(({ id }) => id === run.id);
  const { progress } = run;
  if (progress === null || !last?.progress || last.step?.id !== run.step?.id || last.progress.pass !== progress.pass) return run;
  const rate = ((progress.rowsDone - last.progress.rowsDone) * 1000) / ms;
  const left = progress.rowsTotal === null ? null : progress.rowsTotal - progress.rowsDone;
  const eta = left === null || left <= 0 || rate <= 0 ? null : ([(900 * left) / rate, (1100 * left) / rate] as const);
  return { ...run, progress: { ...progress, rowsPerSecond: Math.max(0, Math.round(rate)), etaMs: eta } };
}

/** @throws Problem `no-such-run`. */
export const status: UseCases["status"] = (context, { run, watch }: StatusOptions): Promise<StatusResult> =>
  withParts(context, { purpose: "hotstick status", reads: true }, async (parts) => {
    let seen = await look(parts, run);
    let at = performance.now();
    while (watch !== undefined && !context.pause.aborted && !context.abort.aborted) {
      watch(seen);
      await sleep(watchMs, undefined, { signal: AbortSignal.any([context.pause, context.abort]) }).catch(() => undefined);
      if (context.pause.aborted || context.abort.aborted) break;
      const now = await look(parts, run);
      const before = seen;
      const ms = performance.now() - at;
      at += ms;
      seen = { ...now, runs: now.runs.map((each) => withRate(each, before, ms)) };
    }
    return seen;
  });
