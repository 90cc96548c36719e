// Connections of applications in traffic: one manner of speaking for the users, put into each engine's own words.
import { createConnection, type ResultSetHeader } from "mysql2/promise";
import pg from "pg";

export type Row = Record<string, string | null>;

export interface Answer {
  readonly rows: readonly Row[];
  /** Rows found, changed, made or deleted. */
  readonly count: number;
}

/** One connection of one version of an application. */
export interface TrafficClient {
  /** @param text with `$1`, `$2` … for values, and `= any ($1::bigint[])` for a list of ids. @param named prepared by the server, once. */
  send(text: string, values: readonly unknown[], named: boolean): Promise<Answer>;
  end(): Promise<void>;
}

export interface TrafficEngine {
  connect(url: string, name: string): Promise<TrafficClient>;
  lost(error: unknown): boolean;
  /** A deadlock among applications, of which their transaction dies and is begun again: only where the server makes them of rows that nobody shares. */
  deadlock(error: unknown): boolean;
  /** Whether UPDATE can give the rows that it changed. */
  readonly updateReturns: boolean;
  /** What stands behind the values of an INSERT that finds its row there. */
  upsert(names: readonly string[]): string;
}

/** The text of every value, as the server prints it. */
const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** Longer than any stall that is not a deadlock, s. */
const statementSeconds = 20;

const names = new Map<string, string>();
/** One name for each text, short enough for the server. */
function nameOf(text: string): string {
  const known = names.get(text) ?? `s${names.size + 1}`;
  names.set(text, known);
  return known;
}

const postgres: TrafficEngine = {
  async connect(url, name) {
    const client = new pg.Client({ connectionString: url, application_name: name, statement_timeout: statementSeconds * 1000 });
    client.on("error", () => undefined);
    await client.connect();
    return {
      async send(text, values, named) {
        const { rows, rowCount } = await client.query<Row>({ text, values: [...values], types: asText, ...(named ? { name: nameOf(text) } : {}) });
        return { rows, count: rowCount ?? 0 };
      },
      end: () => client.end(),
    };
  },
  lost(error) {
    const { code = "", message = "" } = error as { code?: string; message?: string };
    return /^(57P|08|ECONN|EPIPE)/.test(code) || /^(Connection terminated|Client )|not queryable/.test(message);
  },
  deadlock: () => false,
  updateReturns: true,
  upsert: (columns) => `on conflict (id) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}, version = t.version + 1`,
};

type Value = string | number | null;

/** Values in the order in which a text names them. */
function put(text: string, values: readonly unknown[]): { readonly text: string; readonly values: readonly Value[] } {
  const ordered: Value[] = [];
  const asked = text.replaceAll(/= any \(\$(\d+)::bigint\[\]\)|\$(\d+)/g, (_, list: string | undefined, one: string | undefined) => {
    if (list === undefined) {
      ordered.push(values[Number(one) - 1] as Value);
      return "?";
    }
    const ids = values[Number(list) - 1] as readonly string[];
    ordered.push(...ids);
    return `in (${ids.map(() => "?").join(", ")})`;
  });
  return { text: asked, values: ordered };
}

const mariadb: TrafficEngine = {
  async connect(url, name) {
    const connection = await createConnection({
      uri: url,
      charset: "UTF8MB4_GENERAL_CI",
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      connectAttributes: { program_name: name },
    });
    connection.on("error", () => undefined);
    await connection
      .query(
        `set session innodb_lock_wait_timeout = ${statementSeconds}, session lock_wait_timeout = ${statementSeconds}, session transaction_isolation = 'READ-COMMITTED'`,
      )
      .catch(async () => {
        await connection.query(
          `set session innodb_lock_wait_timeout = ${statementSeconds}, session lock_wait_timeout = ${statementSeconds}, session tx_isolation = 'READ-COMMITTED'`,
        );
      });
    return {
      async send(text, values, named) {
        const put_ = put(text, values);
        const [result] =
          named && put_.values.length > 0 ? await connection.execute(put_.text, [...put_.values]) : await connection.query(put_.text, [...put_.values]);
        if (!Array.isArray(result)) return { rows: [], count: (result as ResultSetHeader).affectedRows };
        const rows = (result as Record<string, unknown>[]).map((row) =>
          Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)])),
        );
        return { rows, count: rows.length };
      },
      end: () => connection.end(),
    };
  },
  lost(error) {
    const { code = "", message = "", fatal = false } = error as { code?: string; message?: string; fatal?: boolean };
    return fatal || /^(PROTOCOL_CONNECTION_LOST|ECONN|EPIPE|ER_CONNECTION_KILLED|ER_SERVER_SHUTDOWN)/.test(code) || /closed state/.test(message);
  },
  deadlock: (error) => (error as { errno?: number }).errno === 1213,
  updateReturns: false,
  upsert: (columns) => `on duplicate key update ${columns.map((name) => `${name} = values(${name})`).join(", ")}, version = version + 1`,
};

export const trafficEngine = (url: string): TrafficEngine => (url.startsWith("mysql:") ? mariadb : postgres);
