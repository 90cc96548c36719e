// How long it takes to read a MariaDB database into a Schema, and what it costs the client.
import { parseArgs } from "node:util";
import { mysqlDriver } from "../../src/drivers/mysql/index.ts";
import { fingerprint } from "../../src/schema/fingerprint.ts";
import { benchConnection, benchServer } from "./server.ts";

/** An ordinary table: ten columns, four indexes, a foreign key, a check, defaults, an AUTO_INCREMENT. */
const createTable = (number: number): string => `
  create table t${number} (id bigint auto_increment primary key, parent bigint, name varchar(200) not null, email varchar(200) not null,
    amount decimal(10,2) not null default 0 check (amount >= 0), status varchar(20) not null default 'new', data json, created_at timestamp not null default current_timestamp, updated_at datetime, flag boolean default false,
    key by_parent (parent), unique key one_email (email), key by_created (created_at desc), foreign key (parent) references t${Math.max(1, number - 1)} (id))`;

const perMessage = 50;
const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** Reads as often as asked and tells the time of each round, and the memory after the first. */
export default async function run(args: readonly string[]): Promise<unknown> {
  const { values } = parseArgs({ args: [...args], options: { tables: { type: "string", default: "1000" }, rounds: { type: "string", default: "3" } } });
  const tables = Number(values.tables);
  const server = await benchServer();
  try {
    await server.createDatabase("app");
    const client = await benchConnection(server.url("app"));
    for (let first = 1; first <= tables; first += perMessage)
      await client.query(Array.from({ length: Math.min(perMessage, tables - first + 1) }, (_, at) => createTable(first + at)).join(";"));
    await client.end();
    const driver = mysqlDriver({ url: server.url("app") });
    const session = await driver.connect({ purpose: "bench" });
    const counts = { roundTrips: 0, queries: 0 };
    const script = session.script.bind(session);
    session.script = (statements, options) => {
      counts.roundTrips += 1;
      counts.queries += statements.filter((statement) => /^\s*(select|with|show)\b/i.test(statement)).length;
      return script(statements, options);
    };
    const ms: number[] = [];
    let rssMb = 0;
    let fingerprintMs = 0;
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const begun = performance.now();
      const schema = await driver.introspect(session);
      ms.push(Math.round(performance.now() - begun));
      if (round > 0) continue;
      rssMb = megabytes(process.memoryUsage.rss());
      const hashing = performance.now();
      fingerprint(schema);
      fingerprintMs = Math.round(performance.now() - hashing);
    }
    await session.close();
    const each = Number(values.rounds);
    return { tables, engine: "mariadb", ms, rssMb, queries: counts.queries / each, roundTrips: counts.roundTrips / each, fingerprintMs };
  } finally {
    await server.stop("immediate");
  }
}
