// Changes that need no second shape: new tables and columns.
import type { SizeFact } from "../../schema/facts.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { derivedName, homeNamespace, keyOf, nameFor, parseName } from "../../schema/names.ts";
import type { Change, TableSpec } from "../../step/change.ts";
import { literally, type ShadowCopyAct, type StepCore, type Template } from "../../step/step.ts";
import type { Form } from "../../syntax/mysql/alter-actions.ts";
import type { DraftStep } from "../dialect.ts";
import type { Way } from "./algorithm.ts";
import { isMariadb } from "./capabilities.ts";
import { foreignKeyIsThere } from "./constraint-probes.ts";
import { areGone, areThere, catalogStep, columnStep, exclusive, probe, quietStep } from "./core.ts";
import { copyReason, estimateOf, shadowCopy } from "./native/shadow-copy.ts";
import { quoteLiteral, quoteName } from "./quoting.ts";
import { alter, at, column, columns, defined, definitionFrom, quoteComment } from "./writing.ts";

const isThere = (table: ObjectName): string =>
  `exists (select 1 from information_schema.tables where table_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)})`;

type ForeignKey = NonNullable<TableSpec["foreignKeys"]>[number];

/** Names of the foreign keys of a database, which has each only once, whatever table it is of. */
const takenNames = (schema: Schema, database: string): ReadonlySet<string> =>
  new Set(
    Object.values(schema.tables)
      .filter(({ name }) => name.schema === database)
      .flatMap(({ constraints }) => constraints.filter(({ kind }) => kind === "foreign-key").map(({ name }) => name.toLowerCase())),
  );

/** Names that are given and belong to a foreign key already. */
export const takenKeys = (table: ObjectName, spec: TableSpec, schema: Schema): readonly string[] => {
  const taken = takenNames(schema, table.schema);
  return (spec.foreignKeys ?? []).flatMap(({ name }) => (name !== undefined && taken.has(name.toLowerCase()) ? [name] : []));
};

/** Each with a name, since the way back has to name it. */
function namedKeys(table: ObjectName, spec: TableSpec, schema: Schema): readonly (ForeignKey & { readonly name: string })[] {
  const keys = spec.foreignKeys ?? [];
  const taken = new Set([...takenNames(schema, table.schema), ...keys.flatMap(({ name }) => (name === undefined ? [] : [name.toLowerCase()]))]);
  return keys.map((key) => {
    if (key.name !== undefined) return { ...key, name: key.name };
    for (let i = 1; ; i++) {
      const name = derivedName([table.name, ...key.columns, i === 1 ? "fkey" : `fkey${i}`], 64);
      if (taken.has(name.toLowerCase())) continue;
      taken.add(name.toLowerCase());
      return { ...key, name };
    }
  });
}

/** One statement: what it makes is there whole, or not at all. */
export function createTableStatement(table: ObjectName, spec: TableSpec, schema: Schema): Template {
  // MariaDB reads over NULL in a primary key, and MySQL refuses it: error 1171.
  const never = new Set([...(spec.primaryKey ?? []), ...spec.columns.filter(({ identity }) => identity !== undefined).map(({ name }) => name)]);
  const parts = [
    ...spec.columns.map((each) =>
      each.generated
        ? `${column(each.name)} ${each.type} as (${each.generated.expression}) ${each.generated.kind}${each.comment === undefined ? "" : ` comment ${quoteComment(each.comment)}`}`
        : defined(each.name, never.has(each.name) ? { ...definitionFrom(each), notNull: true } : definitionFrom(each)),
    ),
    ...(spec.primaryKey ? [`primary key (${columns(spec.primaryKey)})`] : []),
    ...(spec.unique ?? []).map((key) => `unique key${key.name === undefined ? "" : ` ${column(key.name)}`} (${columns(key.columns)})`),
    ...(spec.checks ?? []).map((check) => `${check.name === undefined ? "" : `constraint ${column(check.name)} `}check (${check.expression})`),
    ...namedKeys(table, spec, schema).map((key) => {
      const actions = `${key.onDelete === undefined ? "" : ` on delete ${key.onDelete}`}${key.onUpdate === undefined ? "" : ` on update ${key.onUpdate}`}`;
      return `constraint ${column(key.name)} foreign key (${columns(key.columns)}) references ${at(parseName(key.table, table.schema))} (${columns(key.references)})${actions}`;
    }),
  ];
  return literally(
    `create table ${at(table)} (${parts.join(", ")}) engine = InnoDB${spec.comment === undefined ? "" : ` comment = ${quoteComment(spec.comment)}`}`,
  );
}

/** A table that was born in the run keeps its rows when it goes: it moves into Hotstick's own database. */
const kept = (table: ObjectName): ObjectName => ({ schema: homeNamespace, name: nameFor("archived_{{run}}", [table.schema, table.name], 64) });
const archiveTable = (table: ObjectName): readonly Template[] => [`drop table if exists ${at(kept(table))}`, `rename table ${at(table)} to ${at(kept(table))}`];

/** A foreign key moves along with its table, and would go on refusing what others do to the table that it references. */
function releaseKeys(table: ObjectName, spec: TableSpec, schema: Schema): readonly StepCore[] {
  const keys = namedKeys(table, spec, schema);
  if (keys.length === 0) return [];
  // MySQL locks the tables that they reference, too.
  const referenced = isMariadb(schema.version) ? [] : keys.map((key) => parseName(key.table, table.schema));
  const parents = new Map(referenced.map((name) => [keyOf(name), name]));
  parents.delete(keyOf(table));
  const release = (title: string, gone: typeof keys, way: Way, drop: string): StepCore => ({
    ...catalogStep({
      title,
      why: "The archive must not refuse what others do to the tables that they reference.",
      table,
      statements: [
        literally(
          alter(
            schema.version,
            table,
            way,
            gone.map(({ name }) => `${drop}${column(name)}`),
          ),
        ),
      ],
      probe: probe(gone.map(({ name }) => `not ${foreignKeyIsThere(table, name)}`).join(" and ")),
    }),
    locks: [table, ...parents.values()].map(exclusive),
  });
  // One of them may be gone already. MySQL has no IF EXISTS here, so there each is a step of its own, with its own probe.
  if (isMariadb(schema.version)) return [release(`drop the foreign keys of ${keyOf(table)}`, keys, "instant", "drop foreign key if exists ")];
  return keys.map((key) => release(`drop foreign key ${key.name} of ${keyOf(table)}`, [key], "nocopy", "drop foreign key "));
}

export function createTable(change: Extract<Change, { kind: "create-table" }>, schema: Schema): DraftStep {
  const { table, spec } = change;
  return {
    ...catalogStep({
      title: `create table ${keyOf(table)}`,
      why: "It is new, so nobody waits for it.",
      table,
      statements: [createTableStatement(table, spec, schema)],
      probe: probe(isThere(table)),
    }),
    undo: [
      ...releaseKeys(table, spec, schema),
      catalogStep({
        title: `archive and drop table ${keyOf(table)}`,
        why: "It was born in this run; its rows are kept.",
        table,
        statements: archiveTable(table),
        probe: probe(`not ${isThere(table)}`),
      }),
    ],
  };
}

/** What a new column holds, kept with the key; rows without a value have nothing to keep. */
export const archiveColumn = (table: ObjectName, name: string, key: readonly string[]): readonly Template[] => {
  const into = quoteName([homeNamespace, nameFor("archived_{{run}}", [table.schema, table.name, name], 64)]);
  return [
    `drop table if exists ${into}`,
    `create table ${into} engine = InnoDB as select ${columns([...key, name])} from ${at(table)} where ${column(name)} is not null`,
  ];
};

/** What the server does to the table, where others have to wait for it. */
export interface Copied {
  readonly server: Form;
  readonly form: ShadowCopyAct["form"];
  readonly size: SizeFact | null;
  /** How the column goes again while others work; null where that needs a copy too. */
  readonly leaves: Way | null;
}

/** @param how null where the server takes the best way that it has, and others wait: then it needs a copy. */
const altering = (core: StepCore, how: Copied | null, table: ObjectName, statement: Template): StepCore =>
  how === null
    ? core
    : {
        ...core,
        act: shadowCopy(table, statement, how.form),
        why: `${core.why} ${copyReason(how.form, how.size)}`,
        estimate: estimateOf(how.server, how.size, how.form === "blocking"),
      };

/** How a column comes and goes: while others work, or by a copy of the table. */
export function addColumn(change: Extract<Change, { kind: "add-column" }>, key: readonly string[], version: number, how: Way | Copied): DraftStep {
  const { table, column: spec } = change;
  const [way, copied] = typeof how === "string" ? [how, null] : [null, how];
  const definition = spec.generated
    ? `${column(spec.name)} ${spec.type} as (${spec.generated.expression}) ${spec.generated.kind}`
    : defined(spec.name, definitionFrom(spec));
  const leaves = copied === null ? way : copied.leaves;
  const altered = (what: string, by: Way | null): Template => (by === null ? `alter table ${at(table)} ${what}` : alter(version, table, by, [what]));
  const add = literally(altered(`add column ${definition}`, way));
  const drop = altered(`drop column ${column(spec.name)}`, leaves);
  return {
    ...altering(
      columnStep({
        way: way ?? "rebuild",
        title: `add ${spec.name} to ${keyOf(table)}`,
        why: way === "instant" ? "Only the catalog changes." : "The table is made anew.",
        table,
        statements: [add],
        probe: probe(areThere(table, [spec.name])),
      }),
      copied,
      table,
      add,
    ),
    undo: [
      ...(spec.generated
        ? []
        : [
            quietStep({
              title: `archive ${spec.name} of ${keyOf(table)}`,
              why: "It was born in this run.",
              statements: archiveColumn(table, spec.name, key),
              probe: null,
            }),
          ]),
      altering(
        columnStep({
          way: leaves ?? "rebuild",
          title: `drop ${spec.name} of ${keyOf(table)}`,
          why: "It was born in this run.",
          table,
          statements: [drop],
          probe: probe(areGone(table, [spec.name])),
        }),
        leaves === null ? copied : null,
        table,
        drop,
      ),
    ],
  };
}
