// Reverses a completed run: walks it back to where old code may be deployed, with the values that were archived.
import type { Plan } from "../plan/plan.ts";
import { Problem } from "../problem.ts";
import type { Held } from "../run/held.ts";
import { reopenRun } from "../run/open.ts";
import { keyOf } from "../schema/names.ts";
import type { Step } from "../step/step.ts";
import { fold } from "../store/fold.ts";
import type { Cursor, RunHeader, StoredMigration } from "../store/store.ts";
import { checkWayBack } from "./backward.ts";
import type { UndoOptions, UndoResult, UseCases } from "./contract.ts";
import { carryTo, holding } from "./drive.ts";
import { stepsBack } from "./gates.ts";
import { checkWritable } from "./go-on.ts";
import { outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { declined, noSuchMigration } from "./problems.ts";
import { touchedBy, writesSql } from "./touched.ts";
import { railOf } from "./view.ts";

const notCompleted = ({ name, state }: StoredMigration): Problem =>
  new Problem({
    code: "not-completed",
    message: `Migration ${name} is ${state === "open" ? "under way" : state === "reverted" ? "not applied: it was rolled back" : "recorded as applied, but was not carried out by Hotstick"}.`,
    hint: state === "open" ? `Take it back with: hotstick rollback ${name}` : "Write a new migration that takes it back: hotstick new",
    subject: { kind: "migration", name },
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

/** Where the values of what came back are from, as far as the last pass of each act counted them. */
function restored(steps: readonly Step[], cursors: Readonly<Record<string, Cursor>>): UndoResult["restored"] {
  return steps.flatMap(({ phase, undo }) =>
    undo.flatMap(({ id, act, group }) => {
      const cursor = cursors[id];
      if (act.kind !== "batches" || act.apply === null || cursor === undefined || cursor.changed === 0) return [];
      return [{ object: group ?? keyOf(act.table), source: phase === "drop" ? ("archive" as const) : ("down" as const), rows: cursor.changed }];
    }),
  );
}

async function askAboutOthers({ context }: Parts, name: string, { migrations }: RunHeader): Promise<void> {
  const others = migrations.filter((each) => each !== name);
  if (others.length === 0) return;
  if (!(await context.confirm({ title: `${name} was applied together with others; undo takes all of them back. Go on?`, details: others }))) throw declined();
}

async function reopen(parts: Parts, id: number): Promise<Held> {
  const { ask, store, holder, teller } = parts;
  const tools = await parts.tools();
  const held = await ask(async (session) => {
    const { seen } = await store.overview(session);
    return reopenRun(tools, session, id, { holder, seen });
  });
  teller.follow(id, held.plan);
  return held;
}

/**
 * @throws Problem `not-completed`, `no-such-migration`, `touched-later`, `no-way-back`, `table-changed` (exit 4) before anything is touched; and
 * whatever stops a run.
 */
export const undo: UseCases["undo"] = (context, { migration: name, to = "switch", acceptDrift = false }: UndoOptions): Promise<UndoResult> =>
  withParts(context, { purpose: "hotstick undo" }, async (parts) => {
    const { ask, store, teller } = parts;
    const { version } = await ask((session) => store.overview(session));
    const known = version === 0 ? [] : await ask((session) => store.migrations(session));
    const migration = known.find((each) => each.name === name);
    if (migration === undefined)
      throw noSuchMigration(
        name,
        known.map((each) => each.name),
      );
    const stored = migration.state === "applied" && migration.run !== null ? await ask((session) => store.run(session, migration.run ?? 0)) : null;
    if (stored === null) throw notCompleted(migration);
    await checkWritable(parts);
    const { plan, ...header } = stored;
    const later = await laterRuns(parts, header.id, plan);
    if (later.length > 0) throw touchedLater(name, later);
    const state = fold(await ask((session) => store.events(session, header.id)));
    const gone = await checkWayBack(parts, { run: header.id, plan, state }, to, { acceptDrift, command: `hotstick undo ${name}` });
    await askAboutOthers(parts, name, header);
    const held = await reopen(parts, header.id);
    const paused = await holding(held, async () => {
      teller.resumed(railOf(plan, held.journal.state), `undone, back to ${to === "start" ? "its start" : to}`);
      return carryTo(parts, held, { direction: "backward", goal: to, gone });
    });
    const cursors = await ask((session) => store.cursors(session, header.id));
    return { ...(await outcomeOf(parts, header.id, { paused })), restored: restored(stepsBack(plan, state, to), cursors) };
  });
