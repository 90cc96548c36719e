// Changes that need no second shape: a new table, a column that needs no backfill, an index, a user's own statements.
import { findTable } from "../../schema/edit.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { homeNamespace, keyOf, nameFor, parseName } from "../../schema/names.ts";
import { ident, join, literal, raw, type Sql, sql } from "../../sql/sql.ts";
import type { Change, TableSpec, UserStatement } from "../../step/change.ts";
import { type Lock, literally, type StepCore } from "../../step/step.ts";
import type { DraftStep } from "../dialect.ts";
import { accessExclusive, catalogStep, shareRowExclusive, shareUpdateExclusive } from "./core.ts";
import { indexProbe } from "./index-steps.ts";
import { quoteLiteral } from "./quoting.ts";
import { workOfAdding } from "./rewrites.ts";
import { at, columnDefinition, columns, commentOn, text } from "./writing.ts";

const named = (name: string | undefined): Sql => (name === undefined ? raw("") : sql`constraint ${ident(name)} `);

/** CREATE TABLE with its comments. */
export function createTableStatements(table: ObjectName, spec: TableSpec): readonly string[] {
  const parts: Sql[] = spec.columns.map((column) => columnDefinition(column));
  if (spec.primaryKey) parts.push(sql`primary key (${columns(spec.primaryKey)})`);
  for (const key of spec.unique ?? []) parts.push(sql`${named(key.name)}unique (${columns(key.columns)})`);
  for (const check of spec.checks ?? []) parts.push(sql`${named(check.name)}check (${raw(check.expression)})`);
  for (const key of spec.foreignKeys ?? []) {
    const actions = `${key.onDelete ? ` on delete ${key.onDelete}` : ""}${key.onUpdate ? ` on update ${key.onUpdate}` : ""}`;
    parts.push(
      sql`${named(key.name)}foreign key (${columns(key.columns)}) references ${at(parseName(key.table, table.schema))} (${columns(key.references)})${raw(actions)}`,
    );
  }
  const comments = spec.columns
    .filter((column) => column.comment !== undefined)
    .map((column) => commentOn("column", ident(table.schema, table.name, column.name), column.comment ?? null));
  return [
    text(sql`create table ${at(table)} (${join(parts)})`),
    ...(spec.comment === undefined ? [] : [commentOn("table", at(table), spec.comment)]),
    ...comments,
  ];
}

/**
 * A table that goes away moves out of sight with its rows, so that nothing is lost by walking back. Its indexes and sequences move
 * along and must not meet others there; its foreign keys go, for a stale one would still delete and refuse.
 */
export const archiveTable = (table: ObjectName): readonly string[] => {
  const parked = nameFor("archived_{{run}}", [table.schema, table.name]);
  const moved = `do $hotstick$ declare part record; place regclass := ${quoteLiteral(text(ident(homeNamespace, table.name)))}; begin
  for part in select conname from pg_catalog.pg_constraint where conrelid = place and contype = 'f' loop
    execute pg_catalog.format('alter table %s drop constraint %I', place, part.conname);
  end loop;
  for part in select indexrelid from pg_catalog.pg_index where indrelid = place loop
    execute pg_catalog.format('alter index %s rename to %I', part.indexrelid::regclass, 'archived_' || part.indexrelid);
  end loop;
  for part in select objid from pg_catalog.pg_depend where refobjid = place and refclassid = 'pg_catalog.pg_class'::regclass and classid = 'pg_catalog.pg_class'::regclass
    and deptype in ('a', 'i') and objid in (select oid from pg_catalog.pg_class where relkind = 'S') loop
    execute pg_catalog.format('alter sequence %s rename to %I', part.objid::regclass, 'archived_' || part.objid);
  end loop;
end $hotstick$`;
  return [
    text(sql`alter table ${at(table)} set schema ${ident(homeNamespace)}`),
    moved,
    text(sql`alter table ${ident(homeNamespace, table.name)} rename to ${ident(parked)}`),
  ];
};

export function createTable(change: Extract<Change, { kind: "create-table" }>): DraftStep {
  const referenced = (change.spec.foreignKeys ?? [])
    .map((key) => parseName(key.table, change.table.schema))
    .filter((name) => keyOf(name) !== keyOf(change.table));
  return {
    ...catalogStep({
      title: `create table ${keyOf(change.table)}`,
      why: referenced.length > 0 ? "A new table; its foreign keys lock the tables that they reference for an instant." : "A new table holds up nobody.",
      locks: referenced.map(shareRowExclusive),
      statements: createTableStatements(change.table, change.spec),
    }),
    undo: [
      catalogStep({
        title: `move ${keyOf(change.table)} to the archive`,
        why: "It may hold rows by now, so it is kept, out of sight.",
        locks: [accessExclusive(change.table), ...referenced.map(accessExclusive)],
        statements: archiveTable(change.table),
      }),
    ],
  };
}

/** Keeps what a column born in the run holds before it goes; empty tables of values are not kept. */
export const archiveColumn = (table: ObjectName, column: string, key: readonly string[]): StepCore => {
  const kept = nameFor("archived_{{run}}", [table.schema, table.name, column]);
  return {
    ...catalogStep({
      title: `archive ${keyOf(table)}.${column}`,
      why: "Values written since the column was added are kept.",
      locks: [],
      statements: [
        text(sql`drop table if exists ${ident(homeNamespace, kept)}`),
        text(
          sql`create table ${ident(homeNamespace, kept)} as select ${key.length > 0 ? columns(key) : raw("ctid as row_place")}, ${ident(column)} from ${at(table)} where ${ident(column)} is not null`,
        ),
      ],
    }),
    work: "scan",
    timeouts: { lock: 30_000, statement: 0 },
  };
};

export function addColumn(change: Extract<Change, { kind: "add-column" }>, key: readonly string[], schema: Schema): DraftStep {
  const { table, column } = change;
  const work = workOfAdding(schema, [column]);
  const comment = column.comment === undefined ? [] : [commentOn("column", ident(table.schema, table.name, column.name), column.comment)];
  return {
    ...catalogStep({
      title: `add column ${column.name} to ${keyOf(table)}`,
      why:
        work !== "instant"
          ? `Accepted: it does a ${work} of the whole table under its lock, for as long as that takes.`
          : column.default === undefined
            ? "Nullable and without a default: only the catalog changes."
            : "A default that is the same for every row is stored in the catalog; no row is touched.",
      locks: [accessExclusive(table)],
      statements: [text(sql`alter table ${at(table)} add column ${columnDefinition(column)}`), ...comment],
    }),
    work,
    // What was accepted is let finish: cut off at the budget it could never be done.
    ...(work === "instant" ? {} : { timeouts: { lock: "budget", statement: 0 } as const }),
    undo: [
      archiveColumn(table, column.name, key),
      catalogStep({
        title: `drop column ${column.name} of ${keyOf(table)}`,
        why: "It was born in this run; its values are archived.",
        locks: [accessExclusive(table)],
        statements: [text(sql`alter table ${at(table)} drop column ${ident(column.name)}`)],
      }),
    ],
  };
}

/** A dropped index is named without its table, which is what gets locked; it stands there already, or was made by one of these statements. */
function tableOfIndex({ index }: UserStatement, among: readonly UserStatement[], schema: Schema): ObjectName | null {
  if (!index) return null;
  const made = among.find((other) => isCreate(other) && other.index && keyOf(other.index) === keyOf(index))?.tables[0]?.table;
  const standing = Object.values(schema.tables).find((table) => table.name.schema === index.schema && table.indexes.some((each) => each.name === index.name));
  return made ?? standing?.name ?? null;
}

const concurrentLocks = (statement: UserStatement, among: readonly UserStatement[], schema: Schema): readonly Lock[] => {
  const dropped = statement.tables.length === 0 ? tableOfIndex(statement, among, schema) : null;
  return dropped ? [shareUpdateExclusive(dropped)] : statement.tables.map(({ table, mode, blocks }) => ({ table, mode, strong: blocks !== "nobody" }));
};

const concurrentUser = (statement: UserStatement, locks: readonly Lock[]): StepCore => ({
  title: firstLine(statement.text),
  act: {
    kind: "statements",
    transactional: false,
    guards: [],
    statements: [literally(statement.text)],
    repair: statement.index && isCreate(statement) ? [text(sql`drop index concurrently if exists ${at(statement.index)}`)] : [],
  },
  probe: statement.index ? { query: userIndexProbe(statement, statement.index) } : null,
  locks,
  work: statement.work === "unknown" ? "scan" : statement.work,
  timeouts: { lock: 0, statement: 0 },
  why: `Written by you; the server runs it outside a transaction only.${statement.index ? "" : " Nothing shows that it is done, so after a crash in the middle it is sent again."}`,
  estimate: { rows: null, ms: null, holdMs: null },
  group: null,
  mark: null,
});

const isCreate = (statement: UserStatement): boolean => /^\s*create/i.test(statement.text);
const firstLine = (statement: string): string => {
  const line = statement.trim().replaceAll(/\s+/g, " ");
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
};

function userIndexProbe(statement: UserStatement, index: ObjectName): string {
  const table = statement.tables[0]?.table;
  if (isCreate(statement) && table) return indexProbe({ schema: index.schema, name: table.name }, index.name);
  return text(sql`select case when pg_catalog.to_regclass(${literal(text(at(index)))}) is null then 'done' else 'absent' end as state`);
}

type Named = UserStatement["tables"][number];

/** A foreign key that is dropped locks the table that it references, which the statement does not name. */
function behindConstraints(statement: UserStatement, others: readonly UserStatement[], schema: Schema): readonly Named[] {
  if (!/\bdrop\s+constraint\b/i.test(statement.text)) return [];
  const own = new Set(statement.tables.map(({ table }) => keyOf(table)));
  const standing = statement.tables
    .flatMap(({ table }) => findTable(schema, table)?.constraints ?? [])
    .flatMap(({ name, references }) => (references && statement.text.includes(name) ? [references.table] : []));
  const made = others
    .filter(({ text: other, tables }) => /\breferences\b/i.test(other) && tables.some(({ table }) => own.has(keyOf(table))))
    .flatMap(({ tables }) => tables.map(({ table }) => table));
  return [...standing, ...made].filter((table) => !own.has(keyOf(table))).map((table) => ({ table, mode: "ACCESS EXCLUSIVE", blocks: "everyone" }));
}

/** Only what exists can be locked first; a table that the statements create has no lock to take. */
const userLocks = (group: readonly UserStatement[], others: readonly UserStatement[], schema: Schema): readonly Lock[] => {
  const named = group.flatMap((statement) => [...statement.tables, ...behindConstraints(statement, others, schema)]);
  const found = named.filter(({ table, mode }) => findTable(schema, table) !== undefined && mode !== "ACCESS SHARE");
  return [
    ...new Map(found.map(({ table, mode, blocks }): [string, Lock] => [`${keyOf(table)} ${mode}`, { table, mode, strong: blocks !== "nobody" }])).values(),
  ];
};

/** Consecutive transactional statements are one transaction; the others stand alone. */
function grouped(statements: readonly UserStatement[]): readonly (readonly UserStatement[])[] {
  const groups: UserStatement[][] = [];
  for (const statement of statements) {
    const last = groups.at(-1);
    if (last?.[0]?.transactional && !last[0].alone && statement.transactional && !statement.alone) last.push(statement);
    else groups.push([statement]);
  }
  return groups;
}

/** @param others statements among which the table of a dropped index, or of a foreign key, may be found. */
function userCore(group: readonly UserStatement[], others: readonly UserStatement[], schema: Schema): StepCore {
  const [first] = group;
  if (!first) throw new TypeError("an empty group of statements");
  if (!first.transactional) return concurrentUser(first, concurrentLocks(first, others, schema));
  const work = group.map((statement) => statement.work).find((kind) => kind === "rewrite" || kind === "build" || kind === "scan") ?? "instant";
  return {
    ...catalogStep({
      title: group.length === 1 ? firstLine(first.text) : `${group.length} statements: ${firstLine(first.text)}`,
      why: "Written by you; the statements are one transaction.",
      locks: userLocks(group, others, schema),
      statements: group.map((statement) => literally(statement.text)),
    }),
    work,
    timeouts: { lock: "budget", statement: 0 },
  };
}

/**
 * @param undo as a whole where there is one step; else one for each statement, the last statement's first, so that each step is walked
 * back by what belongs to it, however far a run came. Null in it: what another's undo takes back.
 */
export function userSteps(statements: readonly UserStatement[], undo: readonly (UserStatement | null)[] | null, schema: Schema): readonly DraftStep[] {
  const groups = grouped(statements);
  const all = [...statements, ...(undo ?? []).filter((each) => each !== null)];
  let after = statements.length;
  const undoOf = (group: readonly UserStatement[]): readonly UserStatement[] => {
    if (undo !== null && groups.length > 1) after -= group.length;
    return (groups.length === 1 ? (undo ?? []) : (undo ?? []).slice(after, after + group.length)).filter((each) => each !== null);
  };
  return groups.map((group) => {
    const core = userCore(group, all, schema);
    return {
      ...core,
      undo: grouped(undoOf(group)).map((back) => userCore(back, all, schema)),
      ...(undo ? {} : { oneWay: `"${core.title}" was written without an undo` }),
    };
  });
}
