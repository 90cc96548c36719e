// The demo on MariaDB: its table, its statements, its migration, and how its locks are looked at.
import type { Connection, ConnectionOptions, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import { addressOf, connectionOptions } from "../drivers/mysql/address.ts";
import type { MariadbServer } from "../sandbox/mariadb/server.ts";
import type { Connections, ConnectOptions, Engine, Inspector, UserRow } from "./engine.ts";
import { Locks } from "./mariadb-locks.ts";
import { nameOf } from "./names.ts";
import type { Value } from "./split.ts";
import { type Request, type Side, seededEmail } from "./traffic.ts";

const columnsOf: Readonly<Record<Side, readonly string[]>> = { old: ["name"], new: ["first_name", "last_name"] };
const shown: Readonly<Record<Side, string>> = { old: "name", new: "first_name as `first`, last_name as `last`" };
const valuesOf = (value: Value): readonly (string | null)[] => (value.side === "old" ? [value.name] : [value.first, value.last]);

/** An application's statements; each names its columns, as statements of applications do that are changed under traffic. */
function statementsOf(table: string, side: Side): Readonly<Record<Request["kind"], string>> {
  const columns = columnsOf[side];
  const set = (value: (column: string) => string): string => columns.map((column) => `${column} = ${value(column)}`).join(", ");
  const insert = `insert into ${table} (email, ${columns.join(", ")}) values (?, ${columns.map(() => "?").join(", ")})`;
  return {
    read: `select id, revision, ${shown[side]} from ${table} where id = ?`,
    search: `select id, revision, ${shown[side]} from ${table} where ${columns.at(-1)} = ? limit 5`,
    touch: `update ${table} set visits = visits + 1, revision = last_insert_id(revision) where id = ?`,
    update: `update ${table} set ${set(() => "?")}, revision = last_insert_id(revision + 1) where id = ?`,
    insert: `${insert} returning id, revision`,
    upsert: `${insert} on duplicate key update ${set((column) => `values(${column})`)}, revision = ${table}.revision + 1 returning id, revision`,
    delete: `delete from ${table} where id = ? returning id, revision`,
  };
}

function valuesFor(request: Request): (string | number | null)[] {
  switch (request.kind) {
    case "search":
      return [request.text];
    case "update":
      return [...valuesOf(request.value), request.id];
    case "insert":
    case "upsert":
      return [request.email, ...valuesOf(request.value)];
    default:
      return [request.id];
  }
}

/**
 * UPDATE has no RETURNING, so it leaves its revision where the session finds it again. The answer to the UPDATE has room for that number too,
 * but is without it on every table with an UPDATE trigger.
 * @see https://mariadb.com/kb/en/last_insert_id/
 */
const revisionOfUpdate = "select last_insert_id() as revision";

async function answer(client: Connection, statement: string, request: Request): Promise<readonly UserRow[]> {
  const [rows] = await client.execute<RowDataPacket[] | ResultSetHeader>(statement, valuesFor(request));
  if (Array.isArray(rows)) return rows as unknown as readonly UserRow[];
  if (!("id" in request) || rows.affectedRows === 0) return [];
  const [[row]] = await client.execute<RowDataPacket[]>(revisionOfUpdate);
  return [{ id: request.id, revision: Number(row?.["revision"]) }];
}

/** Hotstick is root; everybody else has an account, since the server calls sessions by their accounts only. */
const optionsFor = (url: string, account: string): ConnectionOptions => connectionOptions({ ...addressOf({ url }), user: account, tls: "DISABLED" });

async function withRoot<T>(url: string, work: (root: Connection) => Promise<T>): Promise<T> {
  const { createConnection } = await import("mysql2/promise");
  const root = await createConnection(connectionOptions({ ...addressOf({ url }), tls: "DISABLED" }));
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}

async function makeAccount(url: string, account: string): Promise<void> {
  await withRoot(url, async (root) => {
    await root.query("create user if not exists ?@'%'", [account]);
    await root.query("grant all on ??.* to ?@'%'", [addressOf({ url }).database, account]);
    // To see the sessions of others.
    await root.query("grant process on *.* to ?@'%'", [account]);
  });
}

const readCommitted = "set session transaction isolation level read committed";

async function connect({ url, application, side, table, connections }: ConnectOptions): Promise<Connections> {
  const { createPool } = await import("mysql2/promise");
  await makeAccount(url, application);
  const pool = createPool({ ...optionsFor(url, application), connectionLimit: connections, maxIdle: connections });
  const statements = statementsOf(table, side);
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.getConnection()));
  for (const client of clients) await client.query(readCommitted);
  for (const client of clients) client.release();
  return {
    async send(request) {
      const client = await pool.getConnection();
      try {
        return await answer(client, statements[request.kind], request);
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}

/** Compares exactly: neither case, accents nor blanks at an end are overlooked. */
const collation = "utf8mb4_nopad_bin";

const schema = `
create table users (
  id bigint auto_increment primary key,
  email varchar(200) not null,
  name varchar(200),
  visits integer not null default 0,
  revision integer not null default 1,
  created_at timestamp not null default current_timestamp
) engine = InnoDB default charset = utf8mb4 collate = ${collation}`;
/** Built when the rows are there. */
const indexes = ["create unique index users_email on users (email)", "create index users_name on users (name)", "analyze table users"];

const seedBatch = 10_000;

async function seed(url: string, rows: number): Promise<void> {
  await withRoot(url, async (root) => {
    await root.query(schema);
    for (let done = 0; done < rows; done += seedBatch) {
      const ids = Array.from({ length: Math.min(seedBatch, rows - done) }, (_, i) => done + i + 1);
      await root.query("insert into users (id, email, name, revision) values ?", [ids.map((id) => [id, seededEmail(id), nameOf(id), 0])]);
    }
    for (const statement of indexes) await root.query(statement);
  });
}

async function inspect(url: string): Promise<Inspector> {
  const { createConnection } = await import("mysql2/promise");
  await makeAccount(url, "demo");
  const connection = await createConnection(optionsFor(url, "demo"));
  connection.on("error", () => undefined);
  await connection.query(readCommitted);
  const locks = new Locks(connection);
  return {
    async columns(table) {
      const [rows] = await connection.query<RowDataPacket[]>(
        "select column_name as name from information_schema.columns where table_schema = database() and table_name = ?",
        [table],
      );
      return new Set(rows.map(({ name }) => String(name)));
    },
    async rows(table, after, limit, sides) {
      const text = `select id, revision, ${sides.map((side) => shown[side]).join(", ")} from ${table} where id > ? order by id limit ?`;
      return (await connection.query<RowDataPacket[]>(text, [after, limit]))[0] as unknown as readonly UserRow[];
    },
    locks: () => locks.look(),
    async run(statements) {
      for (const statement of statements) await connection.query(statement);
    },
    close: () => connection.end(),
  };
}

const firstWord = "substring_index(name, ' ', 1)";
const up = { first: `coalesce(${firstWord}, '')`, last: `nullif(substr(name, char_length(${firstWord}) + 2), '')` };

const migration = {
  name: "20261122T1430_split_name",
  text: `import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "transform",
      table: "users",
      from: ["name"],
      to: [
        { name: "first_name", type: "varchar(200)", notNull: true, default: "''", up: "${up.first}" },
        { name: "last_name", type: "varchar(200)", up: "${up.last}" },
      ],
      down: { name: "nullif(concat(first_name, coalesce(concat(' ', last_name), '')), '')" },
      // What stands on a part of the split value cannot come along.
      drops: ["users_name"],
    },
    { kind: "add-index", table: "users", name: "users_last_name", keys: [{ column: "last_name" }] },
  ],
});
`,
};

/** Each ALTER commits what stands before it; the UPDATE is one transaction, and it is the one that everybody waits for. */
const naive: Engine["naive"] = {
  table: "users_copy",
  copy: ["create table users_copy like users", "insert into users_copy select * from users", "analyze table users_copy"],
  statements: [
    "alter table users_copy add column first_name varchar(200) not null default '', add column last_name varchar(200)",
    `update users_copy set first_name = ${up.first}, last_name = ${up.last}`,
    "create index users_copy_last_name on users_copy (last_name)",
  ],
};

/** `10.11` of `10.11.19-MariaDB`. */
const product = ({ binaries }: MariadbServer): string => `MariaDB ${binaries.version.split(".").slice(0, 2).join(".")}`;

async function startServer(): Promise<MariadbServer> {
  const { startServer: start } = await import("../sandbox/mariadb/server.ts");
  return start({ durable: true, settings: { "innodb-buffer-pool-size": "256M", "innodb-log-file-size": "1G" } });
}

export const mariadb: Engine = {
  name: "mariadb",
  product: (server) => product(server as MariadbServer),
  startServer,
  seed,
  connect,
  inspect,
  migration,
  naive,
};
