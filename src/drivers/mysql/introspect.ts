// A database into a Schema: flat queries in one message, and a second one for what is rare.

import type { Schema } from "../../schema/model.ts";
import type { Row, Session } from "../driver.ts";
import { classify } from "./errors.ts";
import { onServer } from "./facts/rights.ts";
import { type CheckTexts, checkPlaces, checks } from "./read/checks.ts";
import { columns } from "./read/columns.ts";
import { database } from "./read/database.ts";
import { Draft } from "./read/draft.ts";
import { events } from "./read/events.ts";
import type { Family } from "./read/family.ts";
import { attachForeignKeys, foreignKeyActions, foreignKeyColumns } from "./read/foreign-keys.ts";
import { columnGrants, tableGrants } from "./read/grants.ts";
import { IndexRows, indexes } from "./read/indexes.ts";
import { isMariadb } from "./read/product.ts";
import { type Errand, errands } from "./read/rare.ts";
import { references } from "./read/references.ts";
import { attachParameters, type Parameters, parameters, routines } from "./read/routines.ts";
import { tables } from "./read/tables.ts";
import { triggers } from "./read/triggers.ts";
import { unmodelled } from "./read/unmodelled.ts";
import { views } from "./read/views.ts";
import { versionOf } from "./server.ts";

/**
 * There is no snapshot of the server's views of itself. Two things tell whether somebody changed something meanwhile: how many DDL statements
 * the whole server has begun, and when each table of ours was last made anew, for one that was begun before may end in between.
 */
const began = "show global status where variable_name rlike '^Com_(alter|create|drop|rename|grant|revoke)' and variable_name not like '%temporary%'";
const made = "select table_name as table_name, create_time as create_time from information_schema.tables where table_schema = database()";

interface Look {
  readonly schema: Schema;
  /** Equal at the beginning and the end of a look that nothing disturbed. */
  readonly quiet: boolean;
}

const same = (a: readonly Row[] | undefined, b: readonly Row[] | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);
/** What `made` tells, out of rows that tell more. */
const madeOf = (rows: readonly Row[] | undefined): readonly Row[] | undefined =>
  rows?.map((row) => ({ table_name: row["table_name"], create_time: row["create_time"] }));

/** The database that is read, and what may be asked about it. */
interface Place {
  readonly name: string;
  readonly version: number;
  /** May ask for what concerns the whole server: the privilege PROCESS. */
  readonly whole: boolean;
}

async function look(session: Session, { name, version, whole }: Place): Promise<Look> {
  const draft = new Draft(name, version);
  const rowsOfIndexes = new IndexRows();
  const texts: CheckTexts = new Map();
  const ofRoutines: Parameters = new Map();
  const families: readonly Family[] = [
    tables,
    database,
    columns,
    indexes(rowsOfIndexes),
    foreignKeyActions,
    foreignKeyColumns,
    checks(texts),
    ...(isMariadb(version) ? [] : [checkPlaces(texts), ...unmodelled]),
    triggers,
    views,
    routines,
    parameters(ofRoutines),
    events,
    tableGrants,
    columnGrants,
    ...(whole ? [references] : []),
  ];
  const results = await session.script([began, ...families.map((each) => each.query(version)), made, began]);
  families.forEach((each, at) => {
    for (const row of results[at + 1] ?? []) each.collect(draft, row);
  });
  rowsOfIndexes.finish(draft);
  attachForeignKeys(draft);
  attachParameters(draft, ofRoutines);
  const rare = errands(draft);
  const last = rare.length === 0 ? results : await run(session, draft, rare);
  return { schema: draft.finish(), quiet: same(results[0], last.at(-1)) && same(madeOf(results[1]), last.at(-2)) };
}

/** All of them in one message; where one is not allowed, each alone. */
async function run(session: Session, draft: Draft, rare: readonly Errand[]): Promise<readonly (readonly Row[])[]> {
  const last = [made, began];
  try {
    const results = await session.script([...rare.map((errand) => errand.statement), ...last]);
    rare.forEach((errand, at) => {
      errand.collect(results[at] ?? []);
    });
    return results;
  } catch (error) {
    if (classify(error) !== "denied") throw error;
    if (rare.length > 1) for (const errand of rare) await run(session, draft, [errand]);
    else for (const { unknown } of rare) draft.unmodelled.push(unknown);
    return session.script(last);
  }
}

/** Another look is cheap. On a server where somebody changes something all the time, two equal ones are soon found. */
const looks = 5;

/** ER_NO_SUCH_TABLE and its like for sequences: what the first message met is gone when the second asks for it. */
const gone: ReadonlySet<unknown> = new Set([1146, 4089, 4090]);

/** Null where it met what was on its way out. */
async function tryLook(session: Session, place: Place): Promise<Look | null> {
  try {
    return await look(session, place);
  } catch (error) {
    if (classify(error) === "retry" || gone.has((error as { readonly errno?: unknown }).errno)) return null;
    throw error;
  }
}

/** Everything of the session's database, in one look: one that no DDL disturbed, or that came out the same twice. */
export async function introspect(session: Session): Promise<Schema> {
  const [[first] = [], grants = []] = await session.script(["select version() as version, database() as name", "show grants"]);
  const { version, name } = first as { readonly version: string; readonly name: string };
  const texts = grants.map((row) => String(Object.values(row)[0]));
  const place: Place = { name, version: versionOf(version).version, whole: onServer(texts, "PROCESS") };
  let before: string | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const found = attempt < looks ? await tryLook(session, place) : await look(session, place);
    if (found === null) continue;
    const { schema, quiet } = found;
    if (quiet || attempt >= looks) return schema;
    const now = JSON.stringify(schema);
    if (now === before) return schema;
    before = now;
  }
}
