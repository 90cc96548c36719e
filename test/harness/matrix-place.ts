// Where the databases of the crash matrix are, and what is seen of one: the part of the matrix that each engine has its own way for.
import type { Driver, Session } from "../../src/drivers/driver.ts";
import { mysqlDriver } from "../../src/drivers/mysql/index.ts";
import { postgresDriver } from "../../src/drivers/postgres/index.ts";
import type { SandboxServer, Scratch } from "../../src/sandbox/sandbox.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";
import type { Schema } from "../../src/schema/model.ts";

export type EngineName = "postgres" | "mariadb";

/** All that may differ between a run that was disturbed and one that was not. */
export interface Sight {
  readonly schema: Schema;
  /** Every row of every table, and what else is left lying about. */
  readonly rest: Readonly<Record<string, readonly string[]>>;
}

export interface Place {
  readonly engine: EngineName;
  /** One for each server. */
  readonly key: string;
  readonly port: number;
  /** An empty database. */
  fresh(purpose: string): Promise<Scratch>;
  /** A copy of one to which nobody is connected; null where the server makes none. */
  readonly clone: ((template: Scratch) => Promise<Scratch>) | null;
  look(url: string): Promise<Sight>;
}

type Lines = (query: string) => Promise<readonly string[]>;

async function looking(driver: Driver, work: (lines: Lines, session: Session) => Promise<Sight["rest"]>): Promise<Sight> {
  const session = await driver.connect({ purpose: "look" });
  const lines: Lines = async (query) => ((await session.script([query])).at(-1) ?? []).map((row) => String(row["line"])).sort();
  try {
    const rest = await work(lines, session);
    return { schema: await driver.introspect(session), rest };
  } finally {
    await session.close();
  }
}

const held =
  "select 'a claim' as line from hotstick.claims union all select 'a lease' from hotstick.leases union all select 'a session' from hotstick.backends";

/** Columns of an index keep the name that the table's column had when it was built; nothing but their listing shows it. */
const postgresLists: Readonly<Record<string, string>> = {
  relations:
    "select relkind::text || ' ' || relname || case when i.indisvalid is false then ' INVALID' else '' end as line from pg_class c left join pg_index i on i.indexrelid = c.oid where relnamespace = 'public'::regnamespace",
  columns:
    "select attrelid::regclass || '.' || attname as line from pg_attribute a join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace and relkind not in ('i', 'I') and attnum > 0 and not attisdropped",
  triggers: "select tgrelid::regclass || ' ' || tgname as line from pg_trigger where not tgisinternal",
  routines: "select pronamespace::regnamespace || '.' || proname as line from pg_proc where pronamespace in ('public'::regnamespace, 'hotstick'::regnamespace)",
  sequences:
    "select relname as line from pg_class where relnamespace = 'hotstick'::regnamespace and relkind = 'S' and not exists (select from pg_depend d where d.objid = pg_class.oid and d.deptype in ('a', 'i'))",
  held,
};

const lookAtPostgres = (url: string): Promise<Sight> =>
  looking(postgresDriver({ url }), async (lines) => {
    const rest: Record<string, readonly string[]> = {};
    for (const [name, query] of Object.entries(postgresLists)) rest[name] = await lines(query);
    for (const table of await lines("select quote_ident(tablename) as line from pg_tables where schemaname = 'public'"))
      rest[table] = await lines(`select to_jsonb(t)::text as line from only public.${table} t`);
    for (const table of await lines("select quote_ident(tablename) as line from pg_tables where schemaname = 'hotstick' and tablename like 'archive\\_%'"))
      rest[table] = await lines(
        `select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where key !~ '^hotstick_(table|place|version|side)')::text as line from hotstick.${table} t`,
      );
    return rest;
  });

export const postgresPlace = (server: SandboxServer): Place => ({
  engine: "postgres",
  key: String(server.port),
  port: server.port,
  fresh: (purpose) => createScratch(server, { purpose }),
  clone: (template) => createScratch(server, { purpose: "matrix", template: template.name }),
  look: lookAtPostgres,
});

const mariadbLists: Readonly<Record<string, string>> = {
  relations: "select concat(table_type, ' ', table_name) as line from information_schema.tables where table_schema = database()",
  columns:
    "select concat_ws(' ', table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra) as line from information_schema.columns where table_schema = database()",
  indexes:
    "select concat_ws(' ', table_name, index_name, seq_in_index, column_name, non_unique) as line from information_schema.statistics where table_schema = database()",
  triggers: "select concat_ws(' ', event_object_table, trigger_name, action_order) as line from information_schema.triggers where trigger_schema = database()",
  routines: "select concat(routine_schema, '.', routine_name) as line from information_schema.routines where routine_schema in (database(), 'hotstick')",
  "of our own": "select table_name as line from information_schema.tables where table_schema = 'hotstick' and table_name not like 'archive%'",
  held,
};

const lookAtMariadb = (url: string): Promise<Sight> =>
  looking(mysqlDriver({ url }), async (lines, session) => {
    const rest: Record<string, readonly string[]> = {};
    for (const [name, query] of Object.entries(mariadbLists)) rest[name] = await lines(query);
    const tables = await session.script([
      `select table_schema as home, table_name as name, group_concat(concat('\`', column_name, '\`') order by column_name) as columns from information_schema.columns
      where (table_schema = database() or (table_schema = 'hotstick' and table_name like 'archive\\_%')) and column_name not like 'hotstick\\_%' group by table_schema, table_name`,
    ]);
    for (const { home, name, columns } of tables[0] ?? []) {
      const [rows = []] = await session.script([`select ${String(columns)} from \`${String(home)}\`.\`${String(name)}\``]);
      rest[String(name)] = rows.map((row) => JSON.stringify(row)).sort();
    }
    return rest;
  });

/** Statements name the database, so every one has the same name, and only one is there at a time; the store is the whole server's. */
const matrixDatabase = "matrix";

export const mariadbPlace = (server: SandboxServer): Place => ({
  engine: "mariadb",
  key: String(server.port),
  port: server.port,
  async fresh() {
    await server.createDatabase(matrixDatabase);
    return {
      name: matrixDatabase,
      url: server.url(matrixDatabase),
      async drop() {
        await server.dropDatabase("hotstick");
        await server.dropDatabase(matrixDatabase);
      },
    };
  },
  clone: null,
  look: lookAtMariadb,
});
