// Statements that name the old columns, as pg_stat_statements counts them.
import type { Session } from "../../../drivers/driver.ts";
import { ident, sql } from "../../../sql/sql.ts";
import { nameOf, tokens } from "../../../syntax/postgres/lexer.ts";
import { mentionsInQuery } from "../../../syntax/postgres/mentions.ts";
import type { PostgresSyntax } from "../../../syntax/postgres/parser.ts";
import type { Evidence } from "../../contract.ts";
import type { OldColumns } from "../../old-shape.ts";
import { called, listed, most } from "../../old-traffic.ts";

/** Calls by text; or why it could not be asked. */
export type Statements = ReadonlyMap<string, number> | string;

type Row = { readonly query: string; readonly calls: number };

/** https://www.postgresql.org/docs/current/pgstatstatements.html */
export async function sampleStatements(session: Session, old: readonly OldColumns[]): Promise<Statements> {
  if (old.length === 0) return "the new shape has the names of the old one, so no text tells them apart";
  const [extension] = await session.query<{ schema: string }>(
    sql`select n.nspname as schema from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_stat_statements'`,
  );
  if (extension === undefined) return "pg_stat_statements is not installed here, so statements that only read cannot be seen";
  const columns = old.flatMap((each) => each.columns.map((column) => column.toLowerCase()));
  try {
    const rows = await session.query<Row>(sql`
      select query, sum(calls)::float8 as calls from ${ident(extension.schema, "pg_stat_statements")}
      where dbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
        and (query = '<insufficient privilege>' or exists (select from pg_catalog.unnest(${columns}::text[]) as c(name) where pg_catalog.strpos(pg_catalog.lower(query), c.name) > 0))
      group by query`);
    if (rows.some(({ query }) => query === "<insufficient privilege>"))
      return "statements of other roles are hidden from this one (grant pg_read_all_stats to it)";
    return new Map(rows.map(({ query, calls }) => [query, calls]));
  } catch (error) {
    return `pg_stat_statements cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Without a parser: both names stand in it. */
function namesBoth(text: string, { table, columns }: OldColumns): boolean {
  const words = new Set<string>();
  try {
    for (const token of tokens(text)) if (token.kind === "word" || token.kind === "quoted") words.add(nameOf(text, token));
  } catch {
    return false;
  }
  return words.has(table.name) && columns.some((column) => words.has(column));
}

const names = (text: string, old: OldColumns, syntax: PostgresSyntax | null): boolean =>
  namesBoth(text, old) && (syntax === null || mentionsInQuery(syntax, text, old).mentions.length > 0);

export function compareStatements(before: Statements, after: Statements, old: readonly OldColumns[], syntax: PostgresSyntax | null, seconds: string): Evidence {
  if (typeof before === "string" || typeof after === "string")
    return { source: "statements", seen: null, message: typeof after === "string" ? after : String(before) };
  const ran = called(before, after, (text) => old.some((each) => names(text, each, syntax)));
  return ran.length > 0
    ? { source: "statements", seen: true, message: `within ${seconds} s ran ${most(ran)}` }
    : {
        source: "statements",
        seen: false,
        message: `no statement that names ${listed(old)} ran within ${seconds} s; rare ones and SELECT * are not seen so`,
      };
}
