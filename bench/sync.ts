// What keeping two shapes equal costs whoever writes: no trigger, ours, and the usual design of tools that write both shapes. Measured on
// bulk statements of named tables: an UPDATE of a column in no link, one of a synced column, and an INSERT by old code.
//   npm run bench -- sync [14 18] [--rounds 15] [--engine mariadb]
import { parseArgs } from "node:util";
import { engineOf, type Measured, median, rounded } from "./engine.ts";
import { measured as onMariadb } from "./engines/mariadb.ts";
import { measured as onPostgres } from "./engines/postgres.ts";
import { type Case, givenByOldCode, type SyncEngine } from "./sync/case.ts";
import { mariadb } from "./sync/mariadb.ts";
import { postgres } from "./sync/postgres.ts";

interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

/** Inserts go into a table of their own, which is emptied before each: the updated rows stay the same ones. */
const tablesOf = (name: string, way: string) => ({ updated: `${name}_${way}`, filled: `${name}_${way}_new` });

async function build({ run }: Measured, engine: SyncEngine, name: string, way: string, of: Case): Promise<void> {
  const { updated, filled } = tablesOf(name, way);
  await run(
    engine.create(updated, of),
    engine.insert(
      updated,
      of,
      of.columns.map(([column]) => column),
    ),
    engine.create(filled, of),
  );
  for (const table of [updated, filled]) {
    for (const index of of.indexes) await run(`create index ${table}_${index} on ${table} (${index})`);
    await run(...engine.triggers(way, table, name), ...engine.settle(table));
  }
}

/**
 * Rounds are interleaved, so that a busy moment of the machine meets all ways alike. Where the machine does other work too, wall time tells more
 * about that work: medians of it wander by a third, those of processor time by a fiftieth.
 */
async function measure(on: Measured, engine: SyncEngine, name: string, of: Case, rounds: number): Promise<object> {
  const times = new Map<string, Times>();
  const time = async (key: string, counts: boolean, statement: string): Promise<void> => {
    const [wall, processor] = [performance.now(), on.ownClock()];
    await on.run(statement);
    const [spent, ms] = [on.ownClock(), performance.now() - wall];
    const all = times.get(key) ?? { wall: [], processor: [] };
    times.set(key, all);
    if (counts) all.wall.push(ms);
    if (counts && spent !== null && processor !== null) all.processor.push(spent - processor);
  };
  for (const way of engine.ways) await build(on, engine, name, way, of);
  const kinds = [...Object.entries(of.updates), ["insert", null] as const];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [kind, assignment] of kinds) {
      for (const way of engine.ways) {
        const { updated, filled } = tablesOf(name, way);
        if (assignment === null) await on.run(`truncate table ${filled}`);
        // The first round compiles the functions and warms the caches.
        await time(`${kind} ${way}`, round > 0, assignment === null ? engine.insert(filled, of, givenByOldCode(of)) : `update ${updated} set ${assignment}`);
        await on.run(...engine.settle(assignment === null ? filled : updated));
      }
    }
  }
  return {
    rows: of.rows,
    rounds,
    ...Object.fromEntries(kinds.map(([kind]) => [kind, compare(engine.ways, (way) => times.get(`${kind} ${way}`) ?? { wall: [], processor: [] })])),
  };
}

/** Medians; ratios of processor time where there is any. `shareOfUsualExtra`: of what the usual design adds to the bare statement. */
function compare(ways: readonly string[], timesOf: (way: string) => Times): object {
  const best = (way: string): number => median(timesOf(way).processor.length > 0 ? timesOf(way).processor : timesOf(way).wall);
  const [bare, usual] = [best("bare"), best("usual")];
  return Object.fromEntries(
    ways.map((way) => [
      way,
      {
        wallMs: rounded(median(timesOf(way).wall)),
        ms: rounded(best(way)),
        ratio: rounded(best(way) / bare),
        shareOfUsualExtra: rounded((best(way) - bare) / (usual - bare)),
      },
    ]),
  );
}

const settings = { synchronous_commit: "off", autovacuum: "off", shared_buffers: "512MB", max_wal_size: "4GB", jit: "off" };

async function measureAll(on: Measured, engine: SyncEngine, rounds: number): Promise<object> {
  try {
    await on.run(...engine.preparation);
    const result: Record<string, object> = {};
    for (const [name, of] of Object.entries(engine.cases)) result[name] = await measure(on, engine, name, of, rounds);
    return { [on.version]: result };
  } finally {
    await on.stop();
  }
}

/** @param all majors of PostgreSQL to measure on, and `--rounds N`; or `--engine mariadb [--rounds N]`. */
export default async function run(all: readonly string[]): Promise<object> {
  const { engine, rest: args } = engineOf(all);
  const { values, positionals } = parseArgs({ args: [...args], options: { rounds: { type: "string", default: "15" } }, allowPositionals: true });
  const rounds = Number(values.rounds);
  if (engine === "mariadb") return measureAll(await onMariadb(), mariadb, rounds);
  const majors = positionals.length > 0 ? positionals.map(Number) : [14, 18];
  let result = {};
  for (const major of majors) result = { ...result, ...(await measureAll(await onPostgres(major, { settings }), postgres, rounds)) };
  return result;
}
