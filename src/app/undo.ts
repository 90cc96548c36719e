// Reverses a completed run: walks it back to where old code may be deployed, with the values that were archived.
import type { Held } from "../run/held.ts";
import { reopenRun } from "../run/open.ts";
import { keyOf } from "../schema/names.ts";
import type { Position } from "../step/phase.ts";
import type { Step } from "../step/step.ts";
import type { Cursor, RunHeader } from "../store/store.ts";
import type { UndoOptions, UndoResult, UseCases } from "./contract.ts";
import { carryTo, holding } from "./drive.ts";
import { stepsBack } from "./gates.ts";
import { checkWritable } from "./go-on.ts";
import { isStale } from "./hold.ts";
import { outcomeOf } from "./outcome.ts";
import { type Parts, withParts } from "./parts.ts";
import { declined } from "./problems.ts";
import { checkUndo, type Undoable } from "./undoable.ts";
import { railOf } from "./view.ts";

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

/** Null where another run was opened or closed since it was checked. */
async function reopen(parts: Parts, { header: { id }, seen }: Undoable, goal: Position): Promise<Held | null> {
  const { ask, holder, teller } = parts;
  const tools = await parts.tools();
  try {
    const held = await ask((session) => reopenRun(tools, session, id, { holder, seen, goal }));
    teller.follow(id, held.plan);
    return held;
  } catch (error) {
    if (isStale(error)) return null;
    throw error;
  }
}

/** Checks, asks, and opens again what was checked; whoever is asked may think for long, and others work meanwhile. */
async function takeUp(parts: Parts, options: UndoOptions, to: Position): Promise<readonly [Undoable, Held]> {
  let asked = false;
  for (;;) {
    const undoable = await checkUndo(parts, options, to);
    if (!asked) await askAboutOthers(parts, options.migration, undoable.header);
    asked = true;
    const held = await reopen(parts, undoable, to);
    if (held !== null) return [undoable, held];
  }
}

/**
 * @throws Problem `not-completed`, `no-such-migration`, `touched-later`, `no-way-back`, `table-changed` (exit 4) before anything is touched; and
 * whatever stops a run.
 */
export const undo: UseCases["undo"] = (context, options: UndoOptions): Promise<UndoResult> =>
  withParts(context, { purpose: "hotstick undo" }, async (parts) => {
    const { ask, store, teller } = parts;
    const { to = "switch" } = options;
    await checkWritable(parts);
    const [{ header, plan, state, gone }, held] = await takeUp(parts, options, to);
    const paused = await holding(held, async () => {
      teller.resumed(railOf(plan, held.journal.state), `undone, back to ${to === "start" ? "its start" : to}`);
      return carryTo(parts, held, { direction: "backward", goal: to, gone });
    });
    const cursors = await ask((session) => store.cursors(session, header.id));
    return { ...(await outcomeOf(parts, header.id, { paused })), restored: restored(stepsBack(plan, state, to), cursors) };
  });
