// What keeping two shapes equal costs a bulk UPDATE: no trigger, ours, and the usual design of tools that write both shapes.
import { existsSync, readFileSync } from "node:fs";
import pg from "pg";
import { syncStatements } from "../src/dialects/postgres/sync/statements.ts";
import { startServer } from "../src/sandbox/postgres/server.ts";
import type { Column } from "../src/schema/model.ts";
import { rewrite } from "../test/scenario/sync/shapes.ts";
import { engineOf } from "./engine.ts";
import { type Case, narrow, wide } from "./sync/cases.ts";

/** `empty`: a trigger that does nothing. `least`: one that does nothing but assign, and asks nothing: it loses what new code writes. */
const ways = ["bare", "empty", "least", "ours", "usual"] as const;
type Way = (typeof ways)[number];

const column = (name: string, type: string): Column => ({
  name,
  type,
  position: 0,
  notNull: false,
  default: null,
  generated: null,
  identity: null,
  collation: null,
  attributes: {},
  comment: null,
  grants: [],
  inherited: false,
  local: true,
  toastable: false,
});

/** As published tools generate it: every column in a variable, search_path read in a query, the other side computed always. */
const usualFunction = (table: string, { columns, usual }: Case): string => `create function hotstick.usual_${table}() returns trigger language plpgsql as $$
declare
  ${columns.map(([name]) => `"${name}" public.${table}."${name}"%TYPE := NEW."${name}";`).join("\n  ")}
  search_path text;
begin
  select current_setting into search_path from current_setting('search_path');
  if search_path = 'public_v2' then ${usual.down} else ${usual.up} end if;
  return NEW;
end $$`;

function triggers(way: Way, table: string, of: Case): readonly string[] {
  switch (way) {
    case "bare":
      return [];
    case "empty":
      return [
        `create function hotstick.empty_${table}() returns trigger language plpgsql as 'begin return NEW; end'`,
        `create trigger t before update on ${table} for each row execute function hotstick.empty_${table}()`,
      ];
    case "least": {
      const up = of.usual.up.replaceAll(/\b(price|name)\b/g, "NEW.$1");
      return [
        `create function hotstick.least_${table}() returns trigger language plpgsql as 'begin ${up.replaceAll("'", "''")} NEW.hotstick_side := 1; return NEW; end'`,
        `create trigger t before update on ${table} for each row execute function hotstick.least_${table}()`,
      ];
    }
    case "usual":
      return [usualFunction(table, of), `create trigger t before insert or update on ${table} for each row execute function hotstick.usual_${table}()`];
    case "ours": {
      const input = {
        table: { schema: "public", name: table },
        columns: of.columns.map(([name, type]) => column(name, type)),
        key: ["id"],
        links: [of.link],
        stage: "expanded",
        fill: "forward",
        serial: "bench",
      } as const;
      return syncStatements({ ...input, userTriggers: [], partitionKey: [], oldWrites: null, canRaise: [], rewrite }).create.map((one) =>
        one.replaceAll("{{generation}}", "0"),
      );
    }
  }
}

async function build(client: pg.Client, way: Way, table: string, of: Case): Promise<void> {
  await client.query(`create table ${table} (${of.columns.map(([name, type]) => `${name} ${type}`).join(", ")}, primary key (id)) with (fillfactor = 45)`);
  await client.query(`insert into ${table} select ${of.values.join(", ")} from generate_series(1, ${of.rows}) i`);
  for (const index of of.indexes) await client.query(`create index on ${table} (${index})`);
  for (const statement of triggers(way, table, of)) await client.query(statement);
  await client.query(`vacuum analyze ${table}`);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/**
 * Milliseconds that a backend has spent on a processor. Where the machine does other work too, wall time tells more about that work:
 * medians of it wander by a third, those of this by a fiftieth. Null where the kernel does not tell.
 */
function processorTime(pid: number): number | null {
  const file = `/proc/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : null;
}

interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

/** Rounds are interleaved, so that a busy moment of the machine meets all ways alike. */
async function measure(client: pg.Client, name: string, of: Case, rounds: number): Promise<object> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const pid = rows[0]?.pid ?? 0;
  const times = new Map<string, Times>();
  for (const way of ways) await build(client, way, `${name}_${way}`, of);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [kind, assignment] of Object.entries(of.updates)) {
      for (const way of ways) {
        const [wall, processor] = [process.hrtime.bigint(), processorTime(pid)];
        await client.query(`update ${name}_${way} set ${assignment}`);
        const [spent, ms] = [processorTime(pid), Number(process.hrtime.bigint() - wall) / 1e6];
        const key = `${kind} ${way}`;
        const all = times.get(key) ?? { wall: [], processor: [] };
        times.set(key, all);
        // The first round compiles the functions and warms the caches.
        if (round > 0) all.wall.push(ms);
        if (round > 0 && spent !== null && processor !== null) all.processor.push(spent - processor);
        await client.query(`vacuum ${name}_${way}`);
      }
    }
  }
  return { rows: of.rows, rounds, ...Object.fromEntries(Object.keys(of.updates).map((kind) => [kind, compare((way) => times.get(`${kind} ${way}`))])) };
}

/** Medians; ratios of processor time where there is any. `shareOfUsualExtra`: of what the usual design adds to the bare update. */
function compare(timesOf: (way: Way) => Times | undefined): object {
  const best = (way: Way): number => median(timesOf(way)?.processor.length ? (timesOf(way)?.processor ?? []) : (timesOf(way)?.wall ?? []));
  const [bare, usual] = [best("bare"), best("usual")];
  return Object.fromEntries(
    ways.map((way) => [
      way,
      {
        wallMs: rounded(median(timesOf(way)?.wall ?? [])),
        ms: rounded(best(way)),
        ratio: rounded(best(way) / bare),
        shareOfUsualExtra: rounded((best(way) - bare) / (usual - bare)),
      },
    ]),
  );
}

/** @param all majors to measure on, and `--rounds=N`; or `--engine mariadb [--rounds N]`. */
export default async function run(all: readonly string[]): Promise<object> {
  const { engine, rest: args } = engineOf(all);
  if (engine === "mariadb") return (await import("./mysql/sync.ts")).default(args);
  const rounds = Number(args.find((arg) => arg.startsWith("--rounds="))?.slice("--rounds=".length) ?? 15);
  const majors = args.filter((arg) => !arg.startsWith("--")).map(Number);
  const result: Record<string, object> = {};
  for (const major of majors.length > 0 ? majors : [14, 18]) {
    const server = await startServer({
      major,
      settings: { synchronous_commit: "off", autovacuum: "off", shared_buffers: "512MB", max_wal_size: "4GB", jit: "off" },
    });
    const client = new pg.Client({ connectionString: server.url() });
    try {
      await client.connect();
      await client.query("create schema hotstick");
      result[`postgres ${major}`] = { narrow: await measure(client, "narrow", narrow, rounds), wide: await measure(client, "wide", wide, rounds) };
    } finally {
      await client.end();
      await server.stop();
    }
  }
  return result;
}
