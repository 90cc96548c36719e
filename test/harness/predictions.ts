// What a plan says of the locks and the work of each act, against what an oracle has seen of it.
import { keyOf } from "../../src/schema/names.ts";
import type { StepCore, Work } from "../../src/step/step.ts";

/** An engine's modes of locks, by its own names. */
export interface LockScale {
  /** Weakest first. */
  readonly modes: readonly string[];
  /** The strongest that any statement of an application takes: what it holds up is DDL only. */
  readonly everyday: string;
  /** What is stronger holds up applications. */
  readonly strongAbove: string;
}

export const works: readonly Work[] = ["instant", "scan", "build", "rewrite"];

/** What was seen of one act. */
export interface Seen {
  readonly core: StepCore & { readonly id: string };
  /** The strongest lock on each table that was there before, by `keyOf`. */
  readonly locks: ReadonlyMap<string, string>;
  readonly work: Work;
  /** Partitions and children of each table, to the last, that are locked with it. */
  readonly below: ReadonlyMap<string, readonly string[]>;
}

/** -1 for no lock, and for a mode that there is not. */
export const weightOn =
  ({ modes }: LockScale) =>
  (mode: string | undefined): number =>
    mode === undefined ? -1 : modes.indexOf(mode);

/**
 * Where plan and server differ, one line each. No act may ever do more than it says; and once it must do just that, since an act
 * that says too much holds up applications for nothing.
 */
export function wrongPredictions(seen: readonly Seen[], scale: LockScale): readonly string[] {
  const acts = new Map<string, Seen[]>();
  for (const each of seen) acts.set(each.core.id, [...(acts.get(each.core.id) ?? []), each]);
  return [...acts.values()].flatMap((all) => {
    const { core } = all[0] as Seen;
    const lines = [...mistaken(core, scale), ...all.flatMap((each) => worse(each, scale))];
    const mildest = all.map((each) => milder(each, scale));
    if (!mildest.some((each) => each.length === 0)) lines.push(...(mildest[0] ?? []));
    return [...new Set(lines)].map((line) => `${core.id} (${core.title}) ${line}`);
  });
}

/** The strongest lock that is said on each table, and on those below. */
function saidOf({ core, below }: Seen, scale: LockScale): { readonly said: Seen["locks"]; readonly implied: Seen["locks"] } {
  const weight = weightOn(scale);
  const said = new Map<string, string>();
  for (const { table, mode } of core.locks) if (weight(mode) > weight(said.get(keyOf(table)))) said.set(keyOf(table), mode);
  const implied = new Map<string, string>();
  for (const [table, mode] of said) for (const lower of below.get(table) ?? []) if (weight(mode) > weight(implied.get(lower))) implied.set(lower, mode);
  return { said, implied };
}

/** More than was said. */
function worse(seen: Seen, scale: LockScale): readonly string[] {
  const { core, locks, work } = seen;
  const weight = weightOn(scale);
  const { said, implied } = saidOf(seen, scale);
  const wrong: string[] = [];
  for (const [table, actual] of locks) {
    if (weight(actual) > Math.max(weight(scale.everyday), weight(said.get(table)), weight(implied.get(table))))
      wrong.push(`takes ${actual} on ${table}, and says ${said.get(table) ?? implied.get(table) ?? "none"}`);
  }
  // A batch is a few rows here and there, read and written as any statement of an application.
  if (works.indexOf(work) > (core.work === "batched" ? works.indexOf("scan") : works.indexOf(core.work))) wrong.push(`does a ${work}, and says ${core.work}`);
  return wrong;
}

/** Less than was said, as a statement does that finds its work done (`if exists`). */
function milder(seen: Seen, scale: LockScale): readonly string[] {
  const { core, locks, work } = seen;
  const weight = weightOn(scale);
  const wrong: string[] = [];
  for (const [table, predicted] of saidOf(seen, scale).said)
    if (weight(locks.get(table)) < weight(predicted)) wrong.push(`says ${predicted} on ${table}, and takes ${locks.get(table) ?? "none"}`);
  if (core.work !== "batched" && works.indexOf(work) < works.indexOf(core.work)) wrong.push(`says ${core.work}, and is ${work}`);
  return wrong;
}

const mistaken = ({ locks }: Seen["core"], scale: LockScale): readonly string[] =>
  locks
    .filter(({ mode, strong }) => strong !== weightOn(scale)(mode) > weightOn(scale)(scale.strongAbove))
    .map(({ table, mode, strong }) => `says that ${mode} on ${keyOf(table)} is ${strong ? "strong" : "weak"}`);
