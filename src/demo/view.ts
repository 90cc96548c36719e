// What can be seen of the stage at one moment, for whoever draws it.
import type { DemoApplication, DemoScene, DemoView } from "../app/contract.ts";
import { percentile } from "./latency.ts";
import { now, type Role, type Stage } from "./stage.ts";

const slotMs = 500;
/** As many as the widest terminal shows. */
const slots = 240;
const recentMs = 2000;

const columns: Readonly<Record<Role, string>> = { old: "name", new: "first_name, last_name", naive: "name, on the copy" };

function applicationView(stage: Stage, role: Role): DemoApplication {
  const { latencies, failed, waitingSince } = stage.tallies[role];
  const working = stage.isAtWork(role);
  const recent = latencies.since(now() - recentMs);
  return {
    name: `${role === "new" ? "new" : "old"} application`,
    columns: columns[role],
    state: working ? "working" : "absent",
    requests: latencies.count,
    failed,
    p99: working && recent.length > 0 ? percentile(recent, 99) : null,
    slots: latencies.slots(now(), slotMs, slots),
    waitingMs: working && waitingSince !== null ? now() - waitingSince : 0,
  };
}

export function viewOf(stage: Stage, scenes: readonly DemoScene[], scene: string | null, since: number): DemoView {
  // The contrast has the picture for itself.
  const roles: readonly Role[] = stage.isAtWork("naive") ? ["naive"] : ["old", "new"];
  return {
    subject: `${stage.rows.toLocaleString("en-US")} users · ${stage.engine.product(stage.server)}`,
    elapsedMs: now() - since,
    scenes,
    scene,
    command: stage.command,
    checking: stage.checking,
    rail: stage.rail,
    applications: roles.map((role) => applicationView(stage, role)),
    locks: { waiting: stage.locks.now.length, longestMs: stage.locks.longest },
  };
}
