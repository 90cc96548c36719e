// A database into a Schema: every query in one snapshot and, but for the first, in one message.

import { quoteLiteral } from "../../dialects/postgres/quoting.ts";
import type { Schema } from "../../schema/model.ts";
import type { Row, Session } from "../driver.ts";
import { classify } from "./errors.ts";
import { columns } from "./read/columns.ts";
import { constraints } from "./read/constraints.ts";
import { Draft } from "./read/draft.ts";
import type { Family } from "./read/family.ts";
import { indexes, indexTargets } from "./read/indexes.ts";
import { inheritance } from "./read/inheritance.ts";
import { extensions, namespaces } from "./read/namespaces.ts";
import { policies } from "./read/policies.ts";
import { publications, publishedTables } from "./read/publications.ts";
import { relations } from "./read/relations.ts";
import { routines } from "./read/routines.ts";
import { rules } from "./read/rules.ts";
import { sequences } from "./read/sequences.ts";
import { statistics } from "./read/statistics.ts";
import { triggers } from "./read/triggers.ts";
import { domainConstraints, types } from "./read/types.ts";
import { unmodelled } from "./read/unmodelled.ts";
import { uses } from "./read/uses.ts";
import { viewDefinitions } from "./read/view-definitions.ts";
import { PostgresSession } from "./session.ts";
import { printing } from "./settings.ts";

/** In this order: what is pointed at comes first. */
const families: readonly Family[] = [
  extensions,
  namespaces,
  relations,
  types,
  columns,
  indexes,
  indexTargets,
  inheritance,
  constraints,
  domainConstraints,
  triggers,
  policies,
  sequences,
  publications,
  publishedTables,
  statistics,
  unmodelled,
];

/** Printing these locks the tables they name; a rollback to a savepoint gives the locks back. `uses` looks into their texts. */
const locking: readonly Family[] = [rules, routines];

const begin: readonly string[] = [
  "begin isolation level repeatable read, read only",
  // With only the system's schema in the path, the server spells out every other name.
  "set local search_path = pg_catalog, pg_temp",
  // Compiling these queries costs more than running them.
  "set local jit = off",
  // A hundred thousand columns are sorted in memory instead of in files.
  "set local work_mem = '32MB'",
  // Someone else's ACCESS EXCLUSIVE on a table in a view makes us wait; nobody waits for us.
  "set local lock_timeout = '10s'",
  ...Object.entries(printing).map(([name, value]) => `set local ${name} = ${quoteLiteral(value)}`),
];

/** What must be known before the queries can be written. */
const preamble = "select current_setting('server_version_num')::int as version, count(*)::int as views from pg_class where relkind in ('v', 'm')";

async function streamRows(session: Session, statements: readonly string[], onRow: (statement: number, row: Row) => void): Promise<void> {
  if (session instanceof PostgresSession) return session.stream(statements, onRow);
  const results = await session.script(statements);
  results.forEach((rows, statement) => rows.forEach((row) => onRow(statement, row)));
}

async function readOnce(session: Session): Promise<Schema> {
  const first = (await session.script([...begin, preamble])).at(-1)?.[0];
  const { version, views } = first as { readonly version: number; readonly views: number };
  const statements: string[] = [];
  const collectors = new Map<number, Family>();
  const add = (family: Family): void => {
    collectors.set(statements.length, family);
    statements.push(family.query(version));
  };
  for (const family of families) add(family);
  for (const family of [...viewDefinitions(views), ...locking]) {
    statements.push("savepoint reading");
    add(family);
    statements.push("rollback to savepoint reading");
  }
  add(uses);
  const draft = new Draft();
  await streamRows(session, [...statements, "commit"], (statement, row) => collectors.get(statement)?.collect(draft, row));
  return draft.finish(version);
}

/** The server prints definitions from the present catalog, not from the snapshot, so DDL of others can trip it. */
const tries = 3;

/** Everything but the system's, the extensions' and Hotstick's own objects, in one snapshot. The session must not be in a transaction. */
export async function introspect(session: Session): Promise<Schema> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(session);
    } catch (error) {
      if (!session.closed) await session.script(["rollback"]);
      if (attempt >= tries || classify(error) !== "retry") throw error;
    }
  }
}
