// Whether a completed run may be undone, and what going back needs to know: read at one time, which `seen` names.
import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import { journeyOf } from "../run/journey.ts";
import { keyOf } from "../schema/names.ts";
import type { Position } from "../step/phase.ts";
import { fold, type RunState } from "../store/fold.ts";
import type { RunHeader, StoredMigration } from "../store/store.ts";
import { checkWayBack } from "./backward.ts";
import type { UndoOptions } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { noSuchMigration } from "./problems.ts";
import { touchedBy, writesSql } from "./touched.ts";
import { readStored } from "./view.ts";

export interface Undoable {
  readonly header: RunHeader;
  readonly plan: Plan;
  readonly state: RunState;
  /** Keys of its tables that somebody has dropped. */
  readonly gone: ReadonlySet<string>;
  /** Before anything of this was read: once another run has opened or closed, it may not be so any more. */
  readonly seen: string;
}

const standing = ({ state }: StoredMigration, back: boolean): string =>
  state === "open"
    ? `is ${back ? "being taken back" : "under way"}`
    : state === "reverted"
      ? "is not applied: it was rolled back"
      : "is recorded as applied, but was not carried out by Hotstick";

/** @param back it is open, and on its way back: further back than that may not be where its code can live. */
const notCompleted = (migration: StoredMigration, back: boolean): Problem =>
  new Problem({
    code: "not-completed",
    message: `Migration ${migration.name} ${standing(migration, back)}.`,
    hint:
      migration.state !== "open"
        ? "Write a new migration that takes it back: hotstick new"
        : back
          ? `Go on with that: hotstick resume ${migration.name}`
          : `Take it back with: hotstick rollback ${migration.name}`,
    subject: { kind: "migration", name: migration.name },
  });

const touchedLater = (name: string, later: readonly Later[]): Problem =>
  new Problem({
    code: "touched-later",
    message: `${name} cannot be undone by itself: ${later.map(({ header, tables }) => `${header.migrations.join(", ")} changed ${tables.join(", ")} after it`).join("; ")}.`,
    hint: `Undo ${later.length === 1 ? "that" : "those"} first: hotstick undo ${later.at(-1)?.header.migrations[0] ?? ""}`,
    subject: { kind: "migration", name },
    details: { later: later.map(({ header, tables }) => ({ run: header.id, migrations: header.migrations, tables })) },
  });

interface Later {
  readonly header: RunHeader;
  readonly tables: readonly string[];
}

/** As far back as anybody will want to undo past; older ones would be in the way all the same. */
const mostRuns = 10_000;

/** Applied runs that touched one of the plan's tables after that run. */
async function laterRuns({ ask, store, engine, server }: Parts, id: number, plan: Plan): Promise<readonly Later[]> {
  const plans = await ask(async (session) => {
    const runs = (await store.runs(session, mostRuns)).filter((run) => run.id > id && run.outcome !== "reverted");
    const found: { readonly header: RunHeader; readonly plan: Plan }[] = [];
    for (const header of runs.toReversed()) {
      const run = await store.run(session, header.id);
      if (run !== null) found.push({ header, plan: run.plan });
    }
    return found;
  });
  // Only SQL needs the parser to be judged.
  const planning = [plan, ...plans.map((later) => later.plan)].some(writesSql) ? await engine.planning(plan.version) : null;
  const { namespace } = await server();
  const touched = (each: Plan): ReadonlySet<string> => (planning === null ? new Set(each.tables.map(keyOf)) : touchedBy(each, planning, namespace));
  const own = touched(plan);
  return plans.flatMap(({ header, plan: later }) => {
    const tables = [...touched(later)].filter((table) => own.has(table));
    return tables.length === 0 ? [] : [{ header, tables }];
  });
}

/** The open run of a migration is on its way back already. */
async function isTakenBack(parts: Parts, run: number | null): Promise<boolean> {
  const stored = run === null ? null : await readStored(parts, run);
  if (stored === null) return false;
  const state = fold(stored.events);
  return state.direction === "backward" && journeyOf(stored.plan.steps, state) === "under-way";
}

/** @throws Problem `no-such-migration`, `not-completed`, `touched-later`, `no-way-back`, `table-changed` (exit 4). */
export async function checkUndo(parts: Parts, { migration: name, acceptDrift = false }: UndoOptions, to: Position): Promise<Undoable> {
  const { ask, store } = parts;
  const { version, seen } = await ask((session) => store.overview(session));
  const known = version === 0 ? [] : await ask((session) => store.migrations(session));
  const migration = known.find((each) => each.name === name);
  if (migration === undefined)
    throw noSuchMigration(
      name,
      known.map((each) => each.name),
    );
  const { run: id, state: stands } = migration;
  const stored = stands === "applied" && id !== null ? await ask((session) => store.run(session, id)) : null;
  if (stored === null) throw notCompleted(migration, stands === "open" && (await isTakenBack(parts, id)));
  const { plan, ...header } = stored;
  const later = await laterRuns(parts, header.id, plan);
  if (later.length > 0) throw touchedLater(name, later);
  const state = fold(await ask((session) => store.events(session, header.id)));
  const gone = await checkWayBack(parts, { run: header.id, plan, state }, to, { acceptDrift, command: `hotstick undo ${name}` });
  return { header, plan, state, gone, seen };
}
