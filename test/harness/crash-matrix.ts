// Real operations, killed at any point of their run and gone on with: what came of it beside what comes of an undisturbed run.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { engineOf } from "../../src/app/engines.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { RunModule } from "../../src/run/acts/module.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun, openRun, reopenRun } from "../../src/run/open.ts";
import type { CarryOptions, LeaseTimes, Tools } from "../../src/run/tools.ts";
import type { Scratch } from "../../src/sandbox/sandbox.ts";
import { type Position, positions } from "../../src/step/phase.ts";
import type { StepCore } from "../../src/step/step.ts";
import type { Direction } from "../../src/store/event.ts";
import { type LifecycleOptions, planOf, schemaDifference } from "./lifecycle.ts";
import type { EngineName, Place, Sight } from "./matrix-place.ts";
import { never, toolsFor, withSession } from "./runs.ts";

const root = join(import.meta.dirname, "..", "..");

/** Tables, and a change of them. */
export interface Setting {
  readonly before: string;
  readonly operations: readonly Operation[];
  readonly options?: LifecycleOptions;
}

/** A change in the words of each engine; absent: it is refused there. */
export interface MatrixCase {
  readonly name: string;
  readonly on: Readonly<Partial<Record<EngineName, Setting>>>;
}

/** One phase, one way. */
export interface Leg {
  readonly direction: Direction;
  readonly from: Position;
  readonly to: Position;
}

export const legs: readonly Leg[] = [
  ...positions.slice(1).map((to, i): Leg => ({ direction: "forward", from: positions[i] ?? "start", to })),
  ...positions
    .slice(1)
    .map((from, i): Leg => ({ direction: "backward", from, to: positions[i] ?? "start" }))
    .reverse(),
];

export const legName = ({ direction, from, to }: Leg): string => `${direction} from ${from} to ${to}`;

/** Gone on with to the very end of its direction, or turned round to the other. */
export type Afterwards = "gone on with" | "turned round";

/** A killed process's sessions are gone within moments; a living one may be slow here. */
const times: LeaseTimes = { ttlMs: 15_000, beatMs: 500, graceMs: 50 };
/** The same batches in every run: halved from the first on, down to the least. */
const options: Partial<CarryOptions> = { pauseMs: 20, maxTries: 200, batchTargetMs: 0.001 };
const firstRows = 60;

/** So that a run of a few hundred rows has several batches. */
function inSmallBatches(plan: Plan): Plan {
  const small = <C extends StepCore>(core: C): C => (core.act.kind === "batches" ? { ...core, act: { ...core.act, firstRows } } : core);
  return { ...plan, steps: plan.steps.map((step) => ({ ...small(step), undo: step.undo.map(small) })) };
}

/** The build that other processes run, made once for each state of the sources. Types are checked elsewhere. */
let built: string | null = null;
export function build(): string {
  if (built !== null) return built;
  const hash = createHash("sha256");
  const source = join(root, "src");
  for (const name of (readdirSync(source, { recursive: true }) as string[]).sort()) {
    const { mtimeMs, size } = statSync(join(source, name));
    hash.update(`${name} ${mtimeMs} ${size}\n`);
  }
  const builds = join(root, ".cache", "build");
  const folder = join(builds, `matrix-${hash.digest("hex").slice(0, 16)}`);
  if (!existsSync(folder)) {
    mkdirSync(builds, { recursive: true });
    for (const name of readdirSync(builds))
      if (name.startsWith("matrix-") && Date.now() - statSync(join(builds, name)).mtimeMs > 3_600_000)
        rmSync(join(builds, name), { recursive: true, force: true });
    const made = `${folder}.${process.pid}`;
    execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), made, "--noCheck"], { stdio: "inherit" });
    // Another worker may have been faster.
    if (existsSync(folder)) rmSync(made, { recursive: true, force: true });
    else renameSync(made, folder);
  }
  built = folder;
  return folder;
}

/** The module of the operation `run`, as the other process has it. */
const up: RunModule = async (context) => {
  for (let n = ((context.cursor as number | null) ?? 0) + 1; n <= 4; n += 1) {
    await context.batch(async (session) => {
      await session.script([`insert into counted values (${n})`]);
      return n;
    });
  }
};
const down: RunModule = async (context) => {
  await context.batch(async (session) => {
    await session.script(["delete from counted"]);
    return 1;
  });
};

const tooled = (url: string, own: Partial<Tools> = {}): Tools => toolsFor(url, { modules: async (act) => (act.export === "down" ? down : up), ...own });
const holder = { name: "test@here", pid: process.pid, version: "0.0.0" };

/** Carries the only run of a database, whatever state it is in. */
export async function carryOn(url: string, direction: Direction, goal: Position, own: Partial<Tools> = {}): Promise<void> {
  const tools = tooled(url, own);
  await withSession(tools, async (session) => {
    const { openRuns, seen } = await tools.store.overview(session);
    const [open] = openRuns;
    const [last] = await tools.store.runs(session, 1);
    // A run that ended just before it was killed may have nothing left to do.
    if (!open && last?.outcome === (direction === "forward" ? "applied" : "reverted")) return;
    const held = open
      ? await holdRun(tools, session, open.id, { holder, wait: true, signal: never, times })
      : await reopenRun(tools, session, last?.id ?? 0, { holder, seen, goal, times });
    if (held === null) return;
    try {
      await carry(held, { direction, goal, by: holder.name, pause: never, abort: never, options });
    } finally {
      await held.release();
    }
  });
}

/** Lines that differ between two sights. `archives`: what was archived counts too. */
export function difference(expected: Sight, found: Sight, archives: boolean): readonly string[] {
  const keys = [...new Set([...Object.keys(expected.rest), ...Object.keys(found.rest)])].filter((key) => archives || !key.startsWith("archive"));
  const rest = keys.flatMap((key) => {
    const [wanted, got] = [expected.rest[key] ?? [], found.rest[key] ?? []];
    const [lacks, has] = [wanted.filter((line) => !got.includes(line)), got.filter((line) => !wanted.includes(line))];
    const count = wanted.length === got.length ? [] : [`${key}: ${got.length} instead of ${wanted.length}`];
    return [...count, ...lacks.slice(0, 3).map((line) => `${key} lacks ${line}`), ...has.slice(0, 3).map((line) => `${key} has ${line}`)];
  });
  return [...schemaDifference(expected.schema, found.schema), ...rest];
}

/** A case on one server: its plan, databases to be cloned where the server can, and what an undisturbed run comes to. */
export interface Prepared {
  readonly place: Place;
  readonly plan: Plan;
  readonly at: Readonly<Partial<Record<Position, Scratch>>>;
  readonly original: Sight;
  readonly complete: Sight;
}

async function sql(url: string, text: string): Promise<void> {
  const session = await (await (await engineOf(url)).driver(url)).connect({ purpose: "seed" });
  try {
    await session.script([text]);
  } finally {
    await session.close();
  }
}

/** Makes the tables and the store. @returns the plan. */
async function begin(it: MatrixCase, { engine }: Place, url: string): Promise<Plan> {
  const setting = it.on[engine];
  if (setting === undefined) throw new Error(`${it.name} is not for ${engine}`);
  await sql(url, setting.before);
  const tools = tooled(url);
  return withSession(tools, async (session) => {
    await tools.store.ensure(session);
    const planned = await planOf(session, url, setting.operations, setting.options);
    if (!planned.plan) throw new Error(`refused: ${planned.findings.map((finding) => finding.message).join("; ")}`);
    return inSmallBatches(planned.plan);
  });
}

/** Databases that others are cloned from; nobody may be connected to one, and sessions take a moment to go. */
async function prepareClones(it: MatrixCase, place: Place, clone: NonNullable<Place["clone"]>): Promise<Prepared> {
  const start = await place.fresh("template");
  const plan = await begin(it, place, start.url);
  const original = await place.look(start.url);
  const at: Partial<Record<Position, Scratch>> = { start };
  let last = start;
  for (const position of positions.slice(1)) {
    const next = await clone(last);
    if (position === "expand") await openHere(next.url, plan);
    await carryOn(next.url, "forward", position);
    at[position] = next;
    last = next;
  }
  return { place, plan, at, original, complete: await place.look(last.url) };
}

/** What an undisturbed run comes to, in a database that goes again. */
async function prepareOnce(it: MatrixCase, place: Place): Promise<Prepared> {
  const scratch = await place.fresh("matrix");
  try {
    const plan = await begin(it, place, scratch.url);
    const original = await place.look(scratch.url);
    await openHere(scratch.url, plan);
    await carryOn(scratch.url, "forward", "drop");
    return { place, plan, at: {}, original, complete: await place.look(scratch.url) };
  } finally {
    await scratch.drop();
  }
}

const prepare = (it: MatrixCase, place: Place): Promise<Prepared> => (place.clone === null ? prepareOnce(it, place) : prepareClones(it, place, place.clone));

/** A database where a run stands at a position. */
async function standing(it: MatrixCase, { place, at, plan }: Prepared, position: Position): Promise<Scratch> {
  const template = at[position];
  if (place.clone !== null && template) return place.clone(template);
  const scratch = await place.fresh("matrix");
  try {
    await begin(it, place, scratch.url);
    if (position !== "start") {
      await openHere(scratch.url, plan);
      await carryOn(scratch.url, "forward", position);
    }
    return scratch;
  } catch (error) {
    await scratch.drop();
    throw error;
  }
}

export async function openHere(url: string, plan: Plan): Promise<void> {
  const tools = tooled(url);
  await withSession(tools, async (session) => {
    const { seen } = await tools.store.overview(session);
    await (await openRun(tools, session, plan, { holder, seen, times })).release();
  });
}

const preparations = new Map<string, Promise<Prepared>>();

/** Made once for each worker; the databases go with its server. */
export function prepared(it: MatrixCase, place: Place): Promise<Prepared> {
  const key = `${it.name} ${place.key}`;
  const known = preparations.get(key) ?? prepare(it, place);
  preparations.set(key, known);
  return known;
}

interface Ended {
  readonly killed: boolean;
  readonly points?: readonly string[];
  readonly problem?: string;
}

/** Carries a leg in another process. @param point where it dies; null: nowhere, and it says where it could have. */
export function startChild({ plan }: Prepared, url: string, leg: Leg, point: string | null): { readonly kill: () => void; readonly ended: Promise<Ended> } {
  const task = {
    folder: build(),
    url,
    run: 1,
    ...(leg.direction === "forward" && leg.from === "start" ? { plan } : {}),
    direction: leg.direction,
    goal: leg.to,
    times,
    options,
    point,
  };
  const child = spawn(process.execPath, [join(root, "test", "harness", "crash-matrix-child.mjs")], {
    env: { ...process.env, HOTSTICK_CHILD: JSON.stringify(task) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complaint = "";
  child.stdout.on("data", (data: Buffer) => {
    said += data.toString();
  });
  child.stderr.on("data", (data: Buffer) => {
    complaint += data.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") resolve({ killed: true });
      else if (code === 0) resolve({ killed: false, ...(JSON.parse(said) as object) });
      else reject(new Error(`the other process ended with ${code ?? signal}:\n${complaint}`));
    });
  });
  return { kill: () => void child.kill("SIGKILL"), ended };
}

/** Every point of a leg, in order. */
export async function pointsOf(it: MatrixCase, place: Place, leg: Leg): Promise<readonly string[]> {
  return disturbed(it, place, leg, async (base, url) => {
    const { points, problem } = await startChild(base, url, leg, null).ended;
    if (points === undefined) throw new Error(problem ?? "it was killed");
    return points;
  });
}

/** A database in which the leg can begin, for as long as it is needed. */
export async function disturbed<T>(it: MatrixCase, place: Place, leg: Leg, work: (base: Prepared, url: string) => Promise<T>): Promise<T> {
  const base = await prepared(it, place);
  const scratch = await standing(it, base, leg.from);
  try {
    return await work(base, scratch.url);
  } finally {
    await scratch.drop();
  }
}

/** Kills a run there; says in which lines what comes of it differs from an undisturbed run. */
export const crash = (it: MatrixCase, place: Place, leg: Leg, point: string, next: Afterwards): Promise<readonly string[]> =>
  disturbed(it, place, leg, async (base, url) => {
    const { killed, problem } = await startChild(base, url, leg, point).ended;
    return killed ? comeOut(base, url, leg, next, point) : [problem ?? `it never came to ${point}`];
  });

/** Carries a run that was disturbed to an end, and compares. @param point where it was, if that is known. */
export async function comeOut(base: Prepared, url: string, leg: Leg, next: Afterwards, point = ""): Promise<readonly string[]> {
  // Whoever was disturbed when everything was walked back and closed has nothing to turn round.
  const over = leg.direction === "backward" && leg.to === "start" && point.endsWith("run:closed");
  const forward = !over && (leg.direction === "forward") === (next === "gone on with");
  await carryOn(url, forward ? "forward" : "backward", forward ? "drop" : "start");
  return difference(forward ? base.complete : base.original, await base.place.look(url), forward);
}
