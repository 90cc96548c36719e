// Is the schema still what the last run left? What differs is somebody's change by hand, or of another tool.
import type { Plan } from "../plan/plan.ts";
import type { Schema } from "../schema/model.ts";
import type { Overview } from "../store/store.ts";
import type { VerifyCheck, VerifyResult } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { lastRecord, objectsOf, type ShapeRecord, tableDrift } from "./shape-record.ts";

/** Runs among which the one that was closed last is looked for. */
const recent = 100;
const most = 50;

interface Left {
  readonly run: number;
  readonly plan: Plan;
  readonly record: ShapeRecord;
}

async function lastLeft({ ask, store }: Parts): Promise<Left | null> {
  return ask(async (session) => {
    const closed = (await store.runs(session, recent)).filter(({ closedAt }) => closedAt !== null);
    const [last] = closed.sort((a, b) => ((a.closedAt ?? "") < (b.closedAt ?? "") ? 1 : -1));
    if (last === undefined) return null;
    const record = lastRecord(await store.events(session, last.id));
    const run = await store.run(session, last.id);
    return record === null || run === null ? null : { run: last.id, plan: run.plan, record };
  });
}

/** `tables app.users` as people say it. */
const naming = (key: string): string => key.replace(/^(\w+?)(ie)?s /, (_, word: string, ie?: string) => `${word}${ie === undefined ? "" : "y"} `);

/** The place, and what is said of it. */
function split(line: string): VerifyCheck["bad"][number] {
  const at = line.indexOf(": ");
  return { key: line.slice(0, Math.max(0, at)), problem: line.slice(at < 0 ? 0 : at + 2) };
}

function compare({ plan, record }: Left, schema: Schema): readonly VerifyCheck["bad"][number][] {
  const own = tableDrift(record, schema, plan);
  const told = new Set(own?.tables.map((table) => `tables ${table}`));
  const now = objectsOf(schema);
  const before = record.objects ?? now;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const others = keys.flatMap((key) => {
    if (before[key] === now[key] || told.has(key)) return [];
    return [{ key: naming(key), problem: before[key] === undefined ? "is new" : now[key] === undefined ? "is gone" : "was changed" }];
  });
  return [...(own?.lines ?? []).map(split), ...others].slice(0, most);
}

/** With no run open there is one thing to verify: that nobody has changed the schema behind the migrations. */
export async function lastDrift(parts: Parts, { version }: Overview): Promise<VerifyResult> {
  const left = version === 0 ? null : await lastLeft(parts);
  if (left === null) return { run: null, ok: true, checks: [], next: null };
  const schema = await parts.ask((session) => parts.driver.introspect(session));
  const { database } = await parts.server();
  const bad = compare(left, schema);
  const check: VerifyCheck = { title: `the schema is as run ${left.run} left it`, object: database, rows: null, bad };
  const next = bad.length === 0 ? null : { command: "hotstick new", why: "puts what was changed by hand into a migration; or take it back by hand" };
  return { run: null, ok: bad.length === 0, checks: [check], next };
}
