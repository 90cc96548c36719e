// The next safe command of a run. Pure.
import type { NextCommand, RunView } from "./contract.ts";

type Seen = Omit<RunView, "next">;

const leftAhead = ({ rail }: Seen): boolean => rail.some(({ state }) => state === "pending" || state === "active");

function forward(run: Seen, named: string): NextCommand {
  if (!leftAhead(run)) return { command: `hotstick complete${named}`, why: "nothing is left to do; this closes the run" };
  const next = run.rail.find(({ state }) => state === "pending" || state === "active")?.phase;
  switch (next) {
    case "switch":
      return { command: `hotstick advance${named}`, why: "makes the new shape the truth, once the new code is ready" };
    case "retire":
      return { command: `hotstick advance${named}`, why: "ends the old shape, once no old code is left" };
    case "drop":
      return { command: `hotstick advance${named}`, why: "archives what is left of the old shape and drops it" };
    default:
      return { command: `hotstick advance${named}`, why: "goes on with the next phase" };
  }
}

/** @param several more than one run is open. */
export function nextOf(run: Seen, several: boolean): NextCommand | null {
  const named = several ? ` ${run.id}` : "";
  if (run.findings.length > 0 && run.state !== "working")
    return { command: `hotstick verify${named}`, why: "names the rows that are apart, once what disturbs the sync is gone" };
  switch (run.state) {
    case "working":
      return { command: "hotstick status --watch", why: "shows how it goes on" };
    case "interrupted":
    case "paused":
      return { command: `hotstick resume${named}`, why: "goes on where it stopped" };
    case "stopped":
      return { command: `hotstick resume${named}`, why: "goes on once the problem is solved" };
    case "resting":
      return run.direction === "back" && run.position !== "start"
        ? { command: `hotstick rollback${named}`, why: "takes back the rest, once only old code is left" }
        : forward(run, named);
    default:
      return null;
  }
}
