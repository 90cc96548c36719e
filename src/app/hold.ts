// Getting hold of the run that a command is about.
import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import { holdRun, openRun } from "../run/open.ts";
import type { Overview, RunHeader } from "../store/store.ts";
import type { Parts } from "./parts.ts";
import { noSuchRun, severalRunning } from "./problems.ts";
import { railOf } from "./view.ts";

type OpenRun = Overview["openRuns"][number];

/** A run that was named, or the only open one. */
export type Chosen = { readonly open: true; readonly header: OpenRun } | { readonly open: false; readonly header: RunHeader } | null;

/** The closed run that a name or an id means: the last one, where a migration had several. */
async function findClosed({ ask, store }: Parts, name: string, overview: Overview): Promise<RunHeader> {
  if (overview.version > 0) {
    const found = await ask(async (session) => {
      if (/^\d+$/.test(name)) return store.run(session, Number(name));
      const owner = (await store.migrations(session)).find((migration) => migration.name === name)?.run ?? null;
      return owner === null ? null : store.run(session, owner);
    });
    if (found !== null) {
      const { plan: _, ...header } = found;
      return header;
    }
  }
  throw noSuchRun(
    name,
    overview.migrations.map((migration) => migration.name),
  );
}

/**
 * Null where nothing is open and none was named.
 * @throws Problem `several-running`, `no-such-run`.
 */
export async function chooseRun(parts: Parts, overview: Overview, name: string | undefined): Promise<Chosen> {
  const { openRuns } = overview;
  if (name !== undefined) {
    const header = openRuns.find(({ id, migrations }) => String(id) === name || migrations.includes(name));
    return header === undefined ? { open: false, header: await findClosed(parts, name, overview) } : { open: true, header };
  }
  const [header, ...others] = openRuns;
  if (others.length > 0) throw severalRunning(openRuns);
  return header === undefined ? null : { open: true, header };
}

/** Somebody else opened or closed a run meanwhile; looking again will show what is left to do. */
export const isStale = (error: unknown): boolean => error instanceof Problem && ["plan-stale", "migration-claimed"].includes(error.code);

/**
 * Makes the store where it is missing, and a run of the plan.
 * @throws Problem `plan-stale`, `migration-claimed`, `table-claimed` (exit 5), `store-denied`, `store-newer`.
 */
export async function openNew(parts: Parts, plan: Plan, overview: Overview): Promise<Held> {
  const { ask, store, holder, teller } = parts;
  const tools = await parts.tools();
  const seen = await ask(async (session) => {
    if (overview.version === store.version) return overview.seen;
    await store.ensure(session);
    const made = await store.overview(session);
    // Only a run of somebody faster could be there already, and the plan does not know it.
    return overview.version === 0 && made.openRuns.length === 0 && made.migrations.length === 0 ? made.seen : overview.seen;
  });
  const held = await ask((session) => openRun(tools, session, plan, { holder, seen }));
  teller.follow(held.run, plan);
  teller.opened(railOf(plan, held.journal.state));
  return held;
}

/**
 * Takes an open run from where it is. Null where it is closed, maybe just now.
 * @param wait for whoever carries it now. @throws Problem `lease-busy` (exit 5), `paused` (exit 130).
 */
export async function takeRun(parts: Parts, run: number, wait: boolean): Promise<Held | null> {
  const { ask, holder, teller, context } = parts;
  const tools = await parts.tools();
  const signal = AbortSignal.any([context.pause, context.abort]);
  const held = await ask((session) => holdRun(tools, session, run, { holder, wait, signal }));
  if (held !== null) teller.follow(run, held.plan);
  return held;
}
