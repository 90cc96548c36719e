// A change is walked through all its phases, forward and back, while both versions of an application work.
import { expect } from "vitest";
import type { Position } from "../../../src/step/phase.ts";
import { type Lifecycle, lifecycleOf, schemaDifference, schemaOf } from "../../harness/lifecycle.ts";
import type { RunDatabase, RunStand } from "../../harness/run-stands.ts";
import { Fleet } from "../../harness/traffic.ts";
import type { TrafficSide } from "../../harness/traffic-actor.ts";
import type { Model, Values } from "../../harness/traffic-model.ts";
import { inWords, type TrafficCase } from "./cases.ts";

const rows = 600;
const actors = 5;
/** Steps of the applications while the run rests. */
const restSteps = 80;
/** Steps of the applications between two acts of the run, so that something falls into every gap. */
const gapSteps = 1;
const gapMs = 50;

/** The applications have a role of their own, which owns nothing. */
export function applicationUrl(db: RunDatabase): string {
  const url = new URL(db.url);
  url.username = "application";
  url.password = "";
  return String(url);
}

const grants: Readonly<Record<RunStand["engine"], string>> = {
  postgres:
    "do $$ begin create role application login; exception when duplicate_object or unique_violation then null; end $$; grant select, insert, update, delete on t to application; analyze t",
  mariadb: "create user if not exists application@'%'; grant select, insert, update, delete on t to application@'%'; analyze table t",
};

export async function lay(db: RunDatabase, it: TrafficCase): Promise<void> {
  const names = Object.keys(it.seed);
  const note = db.stand.engine === "postgres" ? "'note ' || n" : "concat('note ', n)";
  await db.rows(`
    create table t (id bigint primary key, version int not null, note ${db.stand.engine === "postgres" ? "text" : "varchar(100)"}, ${it.columns});
    insert into t (id, version, note, ${names.join(", ")}) select n, 0, ${note}, ${Object.values(it.seed).join(", ")} from ${db.stand.series(rows)};
    ${it.extras === undefined ? "" : `${it.extras};`}
    ${grants[db.stand.engine]}`);
}

/** All rows in both shapes, the new one as it would be made. */
export async function readRows(db: RunDatabase, it: TrafficCase): Promise<ReadonlyMap<string, Values>> {
  const [old] = it.sides;
  const names = ["id", "version", "note", ...Object.keys(it.seed)];
  const found = await db.rows(`select ${names.join(", ")} from t`);
  const key = new Map(old?.columns.map((column) => [column.name, column.key ?? column.name]));
  return new Map(
    found.map(({ id, ...row }) => {
      const values: Values = Object.fromEntries(Object.entries(row).map(([name, value]) => [key.get(name) ?? name, value]));
      return [id ?? "", { ...values, ...it.model.afresh(values) }];
    }),
  );
}

export const fleetFor = async (
  db: RunDatabase,
  it: TrafficCase,
  seed: number,
  own: { readonly shared?: boolean; readonly tolerant?: boolean } = {},
): Promise<Fleet> =>
  Fleet.of(
    {
      url: applicationUrl(db),
      model: it.model as Model,
      actors,
      // Of the rows that belong to no actor.
      shared: own.shared === false ? [] : Array.from({ length: 6 }, (_, n) => String((n * 15 + 3) * (actors + 1) + actors)),
      prepared: it.both === undefined,
      tolerant: own.tolerant ?? false,
      seed,
    },
    await readRows(db, it),
  );

const ends = (it: TrafficCase): { readonly olds: readonly TrafficSide[]; readonly newest: TrafficSide } => ({
  olds: it.sides.slice(0, 1),
  newest: it.sides.at(-1) as TrafficSide,
});

/** Who works while the run rests there. */
export function sidesAt(it: TrafficCase, position: Position): readonly TrafficSide[] {
  const { olds, newest } = ends(it);
  if (position === "retire" || position === "drop") return [newest];
  if (it.both !== undefined) return position === "switch" ? [newest] : olds;
  return position === "backfill" || position === "switch" ? it.sides : olds;
}

/** Who can work while it goes from here to there. */
function sidesBetween(it: TrafficCase, from: Position, to: Position): readonly TrafficSide[] {
  const both = sidesAt(it, from).filter((side) => sidesAt(it, to).includes(side));
  return both.length > 0 ? both : it.both ? [it.both] : [];
}

const order: readonly Position[] = ["start", "expand", "backfill", "switch", "retire", "drop"];

export async function walk(t: Parameters<RunStand["databaseFor"]>[0], stand: RunStand, said: TrafficCase, seed: number): Promise<void> {
  const it = inWords(said, stand.engine);
  const db = await stand.databaseFor(t);
  await lay(db, it);
  const before = await schemaOf(db.url);
  const fleet = await fleetFor(db, it, seed);
  t.onTestFinished(() => fleet.end());
  const options = { ...it.options, carry: { pauseMs: 50, maxTries: 300, batchTargetMs: 10 }, checkpoint: () => fleet.go(gapSteps, gapMs) };
  const open = (name: string): Promise<Lifecycle> => lifecycleOf(db.url, it.operations, { ...options, name });

  const rest = async (at: Position): Promise<void> => {
    const sides = sidesAt(it, at);
    fleet.settle({ low: at, high: at });
    const begun = fleet.done();
    await fleet.during({ low: at, high: at }, sides, () => fleet.go(restSteps));
    expect(await fleet.verdict(db.url, sides)).toEqual([]);
    const done = fleet.done();
    for (const { name } of sides) expect(done[name] ?? 0, `${name} code at ${at}`).toBeGreaterThan((begun[name] ?? 0) + 10);
  };
  const turn = async (from: Position, to: Position, work: () => Promise<unknown>): Promise<void> => {
    const [low, high] = order.indexOf(from) < order.indexOf(to) ? [from, to] : [to, from];
    await fleet.during({ low, high }, sidesBetween(it, from, to), work);
    expect(await fleet.verdict(db.url, it.both ? [] : sidesBetween(it, from, to)), `from ${from} to ${to}`).toEqual([]);
  };

  await rest("start");
  const first = await open("first");
  await turn("start", "backfill", () => first.to("backfill"));
  await rest("backfill");
  await turn("backfill", "start", () => first.back("start"));
  expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
  fleet.afresh();
  await rest("start");

  const second = await open("second");
  await turn("start", "backfill", () => second.to("backfill"));
  await turn("backfill", "switch", () => second.to("switch"));
  await rest("switch");
  await turn("switch", "backfill", () => second.back("backfill"));
  await rest("backfill");
  await turn("backfill", "switch", () => second.to("switch"));
  await rest("switch");

  fleet.leave();
  await turn("switch", "retire", () => second.to("retire"));
  await rest("retire");
  await turn("retire", "switch", () => second.back("switch"));
  fleet.comeBack(false);
  await rest("switch");

  fleet.leave();
  await turn("switch", "drop", () => second.to("drop"));
  await rest("drop");
  await turn("drop", "switch", () => second.undo("switch"));
  fleet.comeBack(true);
  await rest("switch");
  await turn("switch", "backfill", () => second.back("backfill"));
  await rest("backfill");
  await turn("backfill", "start", () => second.back("start"));
  expect(schemaDifference(before, await schemaOf(db.url))).toEqual([]);
  fleet.afresh();
  await rest("start");
}
