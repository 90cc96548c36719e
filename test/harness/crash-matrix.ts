// Real operations, killed at any point of their run and gone on with: what came of it beside what comes of an undisturbed run.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { RunModule } from "../../src/run/acts/module.ts";
import { carry } from "../../src/run/loop.ts";
import { holdRun, openRun, reopenRun } from "../../src/run/open.ts";
import type { CarryOptions, LeaseTimes, Tools } from "../../src/run/tools.ts";
import type { PostgresServer } from "../../src/sandbox/postgres/server.ts";
import type { Scratch } from "../../src/sandbox/sandbox.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";
import type { Schema } from "../../src/schema/model.ts";
import { type Position, positions } from "../../src/step/phase.ts";
import type { StepCore } from "../../src/step/step.ts";
import type { Direction } from "../../src/store/event.ts";
import { type LifecycleOptions, planOf, schemaDifference } from "./lifecycle.ts";
import { never, toolsFor, withSession } from "./runs.ts";

const root = join(import.meta.dirname, "..", "..");

/** A change, and the tables that it starts from. */
export interface MatrixCase {
  readonly name: string;
  readonly before: string;
  readonly operations: readonly Operation[];
  readonly options?: LifecycleOptions;
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
      : await reopenRun(tools, session, last?.id ?? 0, { holder, seen, times });
    if (held === null) return;
    try {
      await carry(held, { direction, goal, by: holder.name, pause: never, abort: never, options });
    } finally {
      await held.release();
    }
  });
}

/** All that may differ between a run that was disturbed and one that was not. */
export interface Sight {
  readonly schema: Schema;
  /** Every row of every table, and what else is left lying about. */
  readonly rest: Readonly<Record<string, readonly string[]>>;
}

/** Columns of an index keep the name that the table's column had when it was built; nothing but their listing shows it. */
const lists: Readonly<Record<string, string>> = {
  relations:
    "select relkind::text || ' ' || relname || case when i.indisvalid is false then ' INVALID' else '' end as line from pg_class c left join pg_index i on i.indexrelid = c.oid where relnamespace = 'public'::regnamespace",
  columns:
    "select attrelid::regclass || '.' || attname as line from pg_attribute a join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace and relkind not in ('i', 'I') and attnum > 0 and not attisdropped",
  triggers: "select tgrelid::regclass || ' ' || tgname as line from pg_trigger where not tgisinternal",
  routines: "select pronamespace::regnamespace || '.' || proname as line from pg_proc where pronamespace in ('public'::regnamespace, 'hotstick'::regnamespace)",
  sequences:
    "select relname as line from pg_class where relnamespace = 'hotstick'::regnamespace and relkind = 'S' and not exists (select from pg_depend d where d.objid = pg_class.oid and d.deptype in ('a', 'i'))",
  held: "select 'a claim' as line from hotstick.claims union all select 'a lease' from hotstick.leases union all select 'a session' from hotstick.backends",
};

export async function look(url: string): Promise<Sight> {
  const driver = postgresDriver({ url });
  const session = await driver.connect({ purpose: "look" });
  const lines = async (query: string): Promise<readonly string[]> => ((await session.script([query])).at(-1) ?? []).map((row) => String(row["line"])).sort();
  try {
    const rest: Record<string, readonly string[]> = {};
    for (const [name, query] of Object.entries(lists)) rest[name] = await lines(query);
    for (const table of await lines("select quote_ident(tablename) as line from pg_tables where schemaname = 'public'"))
      rest[table] = await lines(`select to_jsonb(t)::text as line from only public.${table} t`);
    for (const table of await lines("select quote_ident(tablename) as line from pg_tables where schemaname = 'hotstick' and tablename like 'archive\\_%'"))
      rest[table] = await lines(
        `select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where key !~ '^hotstick_(table|place|version|side)')::text as line from hotstick.${table} t`,
      );
    return { schema: await driver.introspect(session), rest };
  } finally {
    await session.close();
  }
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

/** A case on one server: its plan, a database for each position to be cloned, and what an undisturbed run comes to. */
export interface Prepared {
  readonly plan: Plan;
  readonly at: Readonly<Record<Position, Scratch>>;
  readonly original: Sight;
  readonly complete: Sight;
}

/** Where the databases of a case are: a server that others share, or one that may be killed. */
export type Place = Pick<PostgresServer, "createDatabase" | "dropDatabase" | "url" | "engine" | "port">;

const clone = (place: Place, template: Scratch | null, purpose = "matrix"): Promise<Scratch> =>
  createScratch(place as PostgresServer, { purpose, ...(template ? { template: template.name } : {}) });

async function sql(url: string, text: string): Promise<void> {
  const driver = postgresDriver({ url });
  const session = await driver.connect({ purpose: "seed" });
  try {
    await session.script([text]);
  } finally {
    await session.close();
  }
}

/** Databases that others are cloned from; nobody may be connected to one, and sessions take a moment to go. */
async function prepare(it: MatrixCase, place: Place): Promise<Prepared> {
  const start = await clone(place, null, "template");
  await sql(start.url, it.before);
  const tools = tooled(start.url);
  const plan = await withSession(tools, async (session) => {
    await tools.store.ensure(session);
    const planned = await planOf(session, start.url, it.operations, it.options);
    if (!planned.plan) throw new Error(`refused: ${planned.findings.map((finding) => finding.message).join("; ")}`);
    return inSmallBatches(planned.plan);
  });
  const original = await look(start.url);
  const at: Partial<Record<Position, Scratch>> = { start };
  let last = start;
  for (const position of positions.slice(1)) {
    const next = await clone(place, last, "template");
    if (position === "expand") await openHere(next.url, plan);
    await carryOn(next.url, "forward", position);
    at[position] = next;
    last = next;
  }
  return { plan, at: at as Prepared["at"], original, complete: await look(last.url) };
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
  const key = `${it.name} ${place.port}`;
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
  const scratch = await clone(place, base.at[leg.from]);
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
  return difference(forward ? base.complete : base.original, await look(url), forward);
}
