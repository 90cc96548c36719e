// Expand and backfill, then stay: old and new code may both run for as long as the deploys need.
import type { Migration } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { positions } from "../step/phase.ts";
import { fold } from "../store/fold.ts";
import type { RunResult, StartOptions, UseCases } from "./contract.ts";
import { type Desk, inForce, readDesk } from "./desk.ts";
import { holding } from "./drive.ts";
import { goForward } from "./forward.ts";
import { whence } from "./go-on.ts";
import { openNew } from "./hold.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { accepted, draftPlan, type Ground, readGround, togetherOn } from "./planning.ts";
import { noSuchMigration, parentsPending, plannedApart } from "./problems.ts";
import { railOf, readStored, stateOf } from "./view.ts";
import { withRun } from "./with-run.ts";

/**
 * The pending migrations that were named, in the order in which they go.
 * @throws Problem `no-such-migration`, `parents-pending`.
 */
export function named(desk: Desk, names: readonly string[] | undefined): readonly Migration[] {
  if (names === undefined) return desk.pending;
  const known = new Set(inForce(desk.overview).map(({ name }) => name));
  const pending = new Map(desk.pending.map((migration) => [migration.name, migration]));
  for (const name of names) if (!pending.has(name) && !known.has(name)) throw noSuchMigration(name, [...pending.keys(), ...known]);
  const wanted = new Set(names);
  for (const name of names) {
    const missing = pending.get(name)?.parents.filter((parent) => pending.has(parent) && !wanted.has(parent)) ?? [];
    if (missing.length > 0) throw parentsPending(name, missing);
  }
  return desk.pending.filter(({ name }) => wanted.has(name));
}

/** @throws Problem `planned-apart` where these cannot be one run. */
function together(ground: Ground, migrations: readonly Migration[]): readonly Migration[] {
  const first = togetherOn(ground, migrations);
  const next = migrations[first.length];
  if (next !== undefined)
    throw plannedApart(
      first.map(({ name }) => name),
      next.name,
    );
  return first;
}

/** Open runs of these migrations, or all of them, that were left before they were ready. */
async function unready(parts: Parts, { overview }: Desk, names: readonly string[] | undefined): Promise<readonly number[]> {
  const found: number[] = [];
  for (const { id, migrations } of overview.openRuns) {
    const meant = names === undefined || migrations.some((name) => names.includes(name));
    const stored = meant ? await readStored(parts, id) : null;
    if (stored === null) continue;
    const state = fold(stored.events);
    const named = names !== undefined && positions.indexOf(state.position) < positions.indexOf("backfill");
    if (state.direction === "forward" && (named || ["interrupted", "stopped", "paused"].includes(stateOf(stored, state)))) found.push(id);
  }
  return found;
}

const toReady = (parts: Parts, held: Held) => goForward(parts, held, "backfill", { command: "hotstick start", gates: true });

/** Goes on with what was started and left. */
const goOn = (parts: Parts, run: number): Promise<RunResult> =>
  withRun(parts, run, async (held) => {
    parts.teller.resumed(railOf(held.plan, held.journal.state), whence(held));
    return positions.indexOf(held.journal.state.position) < positions.indexOf("backfill") ? toReady(parts, held) : null;
  });

/** @throws Problem `refused` (exit 3), `migration-edited`, `migration-missing` (exit 4), `table-claimed`, `lease-busy` (exit 5), and whatever stops a run. */
export const start: UseCases["start"] = (context, { migrations: names }: StartOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick start" }, async (parts) => {
    const desk = await readDesk(parts, { writes: true });
    let result = nothingDone;
    for (const run of await unready(parts, desk, names)) {
      result = await goOn(parts, run);
      if (result.paused !== null) return result;
    }
    const migrations = named(desk, names);
    if (migrations.length === 0) return result;
    const overview = result === nothingDone ? desk.overview : await parts.ask((session) => parts.store.overview(session));
    const ground = await readGround(parts, { writes: true });
    const drafted = await draftPlan(parts, ground, together(ground, migrations), "phased");
    const plan = await accepted(parts, drafted);
    const held = await openNew(parts, plan, overview);
    const paused = await holding(held, () => toReady(parts, held));
    return outcomeOf(parts, held.run, { findings: drafted.findings, paused });
  });
