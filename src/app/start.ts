// Expand and backfill, then stay: old and new code may both run for as long as the deploys need.
import type { Migration } from "../plan/plan.ts";
import type { Held } from "../run/held.ts";
import { positions } from "../step/phase.ts";
import type { RunResult, StartOptions, UseCases } from "./contract.ts";
import { type Desk, inForce } from "./desk.ts";
import { holding } from "./drive.ts";
import { goForward } from "./forward.ts";
import { whence } from "./go-on.ts";
import { openNew } from "./hold.ts";
import { refuseTakenBack } from "./meanwhile.ts";
import { nothingDone, outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { accepted, draftPlan, type Ground, readGround, togetherOn } from "./planning.ts";
import { noSuchMigration, parentsPending, plannedApart, refuseReverted } from "./problems.ts";
import { readWork, type Unready } from "./unready.ts";
import { railOf } from "./view.ts";
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

const toReady = (parts: Parts, held: Held) => goForward(parts, held, "backfill", { command: "hotstick start", gates: true });

/** Goes on with what was started and left. */
const goOn = (parts: Parts, { header, state: before }: Unready): Promise<RunResult> =>
  withRun(parts, header.id, {
    closed: refuseReverted,
    async work(held) {
      await refuseTakenBack(parts, held, { header, before, command: `hotstick start ${header.migrations.join(" ")}` });
      parts.teller.resumed(railOf(held.plan, held.journal.state), whence(held));
      return positions.indexOf(held.journal.state.position) < positions.indexOf("backfill") ? toReady(parts, held) : null;
    },
  });

/**
 * @throws Problem `refused` (exit 3), `migration-edited`, `migration-missing` (exit 4), `table-claimed`, `lease-busy`, `going-back` (exit 5),
 * `nothing-running`, and whatever stops a run.
 */
export const start: UseCases["start"] = (context, { migrations: names }: StartOptions): Promise<RunResult> =>
  withParts(context, { purpose: "hotstick start" }, async (parts) => {
    const [desk, left] = await readWork(parts, names);
    let result = nothingDone;
    for (const run of left) {
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
