// What a server goes on with after its runner is gone. An ALTER of hours need not be thrown away where the next runner wants just that.
import type { Backend, Session } from "../drivers/driver.ts";
import type { Template } from "../step/step.ts";
import { fold } from "../store/fold.ts";
import { fill, type Holes, holesOf } from "./holes.ts";
import { route } from "./route.ts";
import type { Tools } from "./tools.ts";

/** What a text is without what a server or a driver may leave out at its ends. */
const bare = (text: string): string => text.trim().replace(/[;\s]+$/, "");

/** Whether that very session carries out one of these statements at this moment. */
export async function isAt({ driver }: Pick<Tools, "driver">, session: Session, backend: Backend, texts: readonly Template[], holes: Holes): Promise<boolean> {
  const doing = await driver.doing(session, backend);
  return doing !== null && texts.some((text) => bare(fill(text, holes)) === bare(doing));
}

/**
 * The session of an earlier holder that is at the very statement with which the run was to go on, where it is the last of its act: whatever
 * that holder would send behind it begins with a look at the lease, and is refused once the token is another. Whoever goes another way ends
 * it, since the intent in the journal names it. Null: there is none.
 */
export async function leftAtWork(tools: Tools, session: Session, run: number): Promise<Backend | null> {
  const stored = await tools.store.run(session, run);
  if (stored === null) return null;
  const state = fold(await tools.store.events(session, run));
  const { direction } = state;
  const next = route(stored.plan.steps, state, direction, direction === "forward" ? "drop" : "start");
  if (next.kind !== "task" || next.core.act.kind !== "statements" || next.core.act.transactional) return null;
  const backend = state.intents[next.core.id];
  if (backend === undefined) return null;
  const isWanted = await isAt(tools, session, backend, next.core.act.statements.slice(-1), holesOf(run, state, next.core.group));
  return isWanted ? backend : null;
}
