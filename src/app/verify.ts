// Do both shapes agree, row by row? And with no run open: is the schema as the last run left it? Changes nothing.
import type { Dialect } from "../dialects/dialect.ts";
import type { Plan } from "../plan/plan.ts";
import { fill, type Holes, holesOf } from "../run/holes.ts";
import { keyOf } from "../schema/names.ts";
import { positions } from "../step/phase.ts";
import type { BatchesAct, ChecksAct, StepCore, Template } from "../step/step.ts";
import { fold, type RunState } from "../store/fold.ts";
import { comparedGone } from "./compared-gone.ts";
import type { RunOptions, UseCases, VerifyCheck, VerifyResult } from "./contract.ts";
import { lastDrift } from "./drift.ts";
import { chooseRun } from "./hold.ts";
import { type Parts, withParts } from "./parts.ts";
import { readStored, viewOf } from "./view.ts";

type Bad = VerifyCheck["bad"][number];
type Ask = (template: Template, extra?: Holes) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** So many rows are compared in one statement: a second or so, and a short snapshot. */
const chunkRows = 20_000;
const mostBad = 10;

const judges = ({ act }: StepCore): boolean => act.kind === "checks" || (act.kind === "batches" && act.apply === null && act.check !== null);

/** The proofs of where the run stands: of backfill before the switch, of the way back after it; after retire only one shape is kept. */
function proofsAt(plan: Plan, { position }: RunState): readonly StepCore[] {
  if (positions.indexOf(position) >= positions.indexOf("retire")) return [];
  const cores =
    position === "switch"
      ? plan.steps.filter(({ phase }) => phase === "retire").flatMap(({ undo }) => undo)
      : plan.steps.filter(({ phase }) => phase === "backfill");
  return cores.filter(judges);
}

async function walk(act: BatchesAct, ask: Ask, dialect: Dialect): Promise<readonly Bad[]> {
  const keyed = (row: Readonly<Record<string, unknown>>): readonly string[] => act.key.map((_, i) => String(row[`k${i + 1}`]));
  const names = act.key.map(({ name }) => name);
  const named = (key: readonly string[]): string => (key.length === 1 ? `${names[0]} = ${key[0]}` : `(${names.join(", ")}) = (${key.join(", ")})`);
  const [last] = await ask(act.last);
  if (last === undefined || act.check === null) return [];
  const end = keyed(last);
  const bad: Bad[] = [];
  for (let after = "true"; bad.length < mostBad; ) {
    const [bound] = await ask(act.bound, {
      after: `(${after} and ${dialect.bounds(act.key, end).upto})`,
      upto: dialect.bounds(act.key, end).upto,
      limit: String(chunkRows),
      skip: String(chunkRows - 1),
    });
    const upto = bound === undefined ? end : keyed(bound);
    const rows = await ask(act.check, { after, upto: dialect.bounds(act.key, upto).upto });
    bad.push(...rows.map((row) => ({ key: named(keyed(row)), problem: String(row["problem"]) })));
    if (bound === undefined) break;
    after = dialect.bounds(act.key, upto).after;
  }
  return bad.slice(0, mostBad);
}

async function whole(act: ChecksAct, ask: Ask): Promise<readonly Bad[]> {
  const bad: Bad[] = [];
  for (const { title, statement } of act.checks) {
    const rows = await ask(statement);
    bad.push(...rows.map((row) => ({ key: String(row["key"] ?? ""), problem: String(row["problem"] ?? title) })));
  }
  return bad.slice(0, mostBad);
}

async function prove(parts: Parts, run: number, state: RunState, core: StepCore): Promise<VerifyCheck> {
  const { dialect } = await parts.tools();
  const holes = holesOf(run, state, core.group);
  const ask: Ask = async (template, extra = {}) => {
    const results = await parts.ask((session) =>
      session.script([...dialect.prelude({ lock: 5_000, statement: 0, walk: core.act.kind === "batches" }), fill(template, { ...holes, ...extra })]),
    );
    return results.at(-1) ?? [];
  };
  const { act } = core;
  const bad = act.kind === "batches" ? await walk(act, ask, dialect) : act.kind === "checks" ? await whole(act, ask) : [];
  const rows = bad.length === 0 && act.kind === "batches" ? core.estimate.rows : null;
  return { title: core.title, object: core.group ?? (act.kind === "batches" ? keyOf(act.table) : ""), rows, bad };
}

/** @throws Problem `several-running`, `no-such-run`, and `table-changed` (exit 4) where what an open run compares is not there. */
export const verify: UseCases["verify"] = (context, options: RunOptions): Promise<VerifyResult> =>
  withParts(context, { purpose: "hotstick verify", reads: true }, async (parts) => {
    const overview = await parts.ask((session) => parts.store.overview(session));
    const chosen = await chooseRun(parts, overview, options.run);
    const stored = chosen?.open ? await readStored(parts, chosen.header.id) : null;
    if (stored === null) return lastDrift(parts, overview);
    const several = overview.openRuns.length > 1;
    const run = viewOf(stored, { several, now: Date.now() });
    const state = fold(stored.events);
    const checks: VerifyCheck[] = [];
    try {
      for (const core of proofsAt(stored.plan, state)) checks.push(await prove(parts, stored.header.id, state, core));
    } catch (error) {
      throw (await comparedGone(parts, stored, error, several)) ?? error;
    }
    const ok = checks.every(({ bad }) => bad.length === 0);
    // Whoever goes on from here would be stopped by the same.
    const again = { command: `hotstick verify${several ? ` ${stored.header.id}` : ""}`, why: "looks once more, when what it names is mended" };
    return { run, ok, checks, next: ok ? run.next : again };
  });
