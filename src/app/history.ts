// What has been done here, newest first; and all that happened to one migration.
import type { RunEvent } from "../store/event.ts";
import { fold } from "../store/fold.ts";
import type { RunHeader } from "../store/store.ts";
import type { HistoryEntry, HistoryOptions, HistoryResult, UseCases } from "./contract.ts";
import { type Parts, withParts } from "./parts.ts";
import { noSuchMigration } from "./problems.ts";
import { readStored, stateOf } from "./view.ts";

/** What an event says besides its kind and step, for people. */
function messageOf(event: RunEvent): string {
  switch (event.kind) {
    case "opened":
      return event.goal === undefined ? `by ${event.by}` : `again, back to ${event.goal}, by ${event.by}`;
    case "set-out":
      return `${event.direction === "forward" ? "forward to" : "back to"} ${event.goal}, by ${event.by}`;
    case "taken-over":
      return `from ${event.from}`;
    case "started":
    case "undo-started":
      return event.attempt > 1 ? `try ${event.attempt}` : "";
    case "waiting":
    case "failed":
      return event.message;
    case "done":
    case "undo-done":
      return [event.ms === null ? "" : `${event.ms} ms`, event.found ? "found done" : ""].filter((text) => text !== "").join(", ");
    case "phase-done":
    case "phase-undone":
      return event.phase;
    case "pause-requested":
      return `by ${event.by}`;
    case "paused":
      return event.reason;
    case "stopped":
      return `${event.problem.code}: ${event.problem.message}`;
    case "closed":
      return event.outcome;
    default:
      return "";
  }
}

/** Of no interest to people. */
const inner: ReadonlySet<RunEvent["kind"]> = new Set(["intent", "shape"]);

const eventsOf = (events: readonly RunEvent[]): HistoryResult["events"] =>
  events
    .filter(({ kind }) => !inner.has(kind))
    .map((event) => ({ at: event.at, event: event.kind, step: "step" in event ? event.step : null, message: messageOf(event) }));

/** The journal is read only where the header does not tell. */
async function standingOf(parts: Parts, header: RunHeader): Promise<Pick<HistoryEntry, "state" | "position">> {
  const stored = header.outcome === "applied" ? null : await readStored(parts, header.id);
  if (stored === null) return { state: "complete", position: "drop" };
  const folded = fold(stored.events);
  return { state: stateOf(stored, folded), position: folded.position };
}

async function entriesOf(parts: Parts, header: RunHeader): Promise<readonly HistoryEntry[]> {
  const { state, position } = await standingOf(parts, header);
  const { startedAt, closedAt: finishedAt, by } = header;
  return header.migrations.map((migration) => ({ migration, run: String(header.id), state, position, startedAt, finishedAt, by })).toReversed();
}

/** Migrations that were recorded and not carried out. */
async function recorded({ ask, store }: Parts): Promise<readonly HistoryEntry[]> {
  const all = await ask((session) => store.migrations(session));
  return all.flatMap(({ name, run, appliedAt }) =>
    run !== null || appliedAt === null
      ? []
      : [{ migration: name, run: "-", state: "complete", position: "drop", startedAt: appliedAt, finishedAt: appliedAt, by: "baseline" }],
  );
}

const newestFirst = (a: HistoryEntry, b: HistoryEntry): number => (a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? 1 : -1);

/** More runs than any database will see. */
const all = 1_000_000;

/** @throws Problem `no-such-migration`. */
export const history: UseCases["history"] = (context, { migration, limit }: HistoryOptions): Promise<HistoryResult> =>
  withParts(context, { purpose: "hotstick history", reads: true }, async (parts) => {
    const { ask, store } = parts;
    const overview = await ask((session) => store.overview(session));
    if (migration !== undefined && !overview.migrations.some(({ name }) => name === migration))
      throw noSuchMigration(
        migration,
        overview.migrations.map(({ name }) => name),
      );
    if (overview.version === 0) return { entries: [], events: [] };
    const runs = (await ask((session) => store.runs(session, migration === undefined ? limit : all))).filter(
      ({ migrations }) => migration === undefined || migrations.includes(migration),
    );
    const entries: HistoryEntry[] = [];
    for (const header of runs) entries.push(...(await entriesOf(parts, header)));
    const wanted = [...entries, ...(await recorded(parts))]
      .filter((entry) => migration === undefined || entry.migration === migration)
      .sort(newestFirst)
      .slice(0, limit);
    const events: RunEvent[] = [];
    for (const { id } of migration === undefined ? [] : runs.toReversed()) events.push(...(await ask((session) => store.events(session, id))));
    return { entries: wanted, events: eventsOf(events).slice(-limit) };
  });
