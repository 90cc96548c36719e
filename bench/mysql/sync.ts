// What keeping two shapes equal costs a bulk UPDATE on MariaDB: no trigger, ours, and the usual design that always computes.
import { parseArgs } from "node:util";
import type { Connection } from "mysql2/promise";
import { creationSettings, syncStatements } from "../../src/dialects/mysql/sync/statements.ts";
import type { MariadbServer } from "../../src/sandbox/mariadb/server.ts";
import type { Column } from "../../src/schema/model.ts";
import { rewrite } from "../../test/scenario/mysql-sync/shapes.ts";
import { type Case, limited, narrow, wide } from "./cases.ts";
import { benchConnection, benchServer, processorClock } from "./server.ts";

/** `empty`: a trigger that does nothing; what any row trigger costs here. */
const ways = ["bare", "empty", "ours", "usual"] as const;
type Way = (typeof ways)[number];

const database = "bench";

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

function triggers(way: Way, table: string, of: Case): readonly string[] {
  const simple = (body: string): readonly string[] => [`create trigger t_${table} before update on ${table} for each row begin ${body} end`];
  switch (way) {
    case "bare":
      return [];
    case "empty":
      return simple("");
    case "usual":
      return simple(of.usual);
    case "ours": {
      const input = {
        table: { schema: database, name: table },
        version: 101119,
        columns: of.columns.map(([name, type]) => column(name, type)),
        collation: "utf8mb4_general_ci",
        links: [of.link],
        stage: "expanded",
        fill: "forward",
        onUpdate: [],
        partitionKey: [],
        otherTriggers: [],
        oldWrites: null,
        canRaise: of.canRaise,
        sentinels: {},
        standIns: {},
        rewrite,
      } as const;
      return syncStatements(input).create.map((one) => one.replaceAll("{{generation}}", "0"));
    }
  }
}

async function build(client: Connection, way: Way, table: string, of: Case): Promise<void> {
  await client.query(`create table ${table} (${of.columns.map(([name, type]) => `${name} ${type}`).join(", ")}, primary key (id))`);
  await client.query(`insert into ${table} select ${of.values.join(", ")} from seq_1_to_${of.rows}`);
  for (const index of of.indexes) await client.query(`create index by_${index} on ${table} (${index})`);
  for (const statement of triggers(way, table, of)) await client.query(statement);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 100) / 100;

interface Times {
  readonly wall: number[];
  readonly processor: number[];
}

/** Rounds are interleaved, so that a busy moment of the machine meets all ways alike. */
async function measure(server: MariadbServer, client: Connection, name: string, of: Case, rounds: number): Promise<object> {
  const clock = await processorClock(server, client);
  const times = new Map<string, Times>();
  for (const way of ways) await build(client, way, `${name}_${way}`, of);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [kind, assignment] of Object.entries(of.updates)) {
      for (const way of ways) {
        const [wall, processor] = [performance.now(), clock()];
        await client.query(`update ${name}_${way} set ${assignment}`);
        const [spent, ms] = [clock(), performance.now() - wall];
        const all = times.get(`${kind} ${way}`) ?? { wall: [], processor: [] };
        times.set(`${kind} ${way}`, all);
        // The first round warms the caches.
        if (round > 0) all.wall.push(ms);
        if (round > 0 && spent !== null && processor !== null) all.processor.push(spent - processor);
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

export default async function run(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: "string", default: "15" } } });
  const rounds = Number(values.rounds);
  const server = await benchServer();
  try {
    const client = await benchConnection(server.url());
    const [version] = (await client.query("select version() as version"))[0] as unknown as readonly { readonly version: string }[];
    await client.query(`create database ${database}; use ${database}`);
    await client.query(creationSettings.join(";"));
    await client.query("set session transaction isolation level read committed");
    const result = {
      narrow: await measure(server, client, "narrow", narrow, rounds),
      limited: await measure(server, client, "limited", limited, rounds),
      wide: await measure(server, client, "wide", wide, rounds),
    };
    await client.end();
    return { [version?.version ?? "mariadb"]: result };
  } finally {
    await server.stop("immediate");
  }
}
