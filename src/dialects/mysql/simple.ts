// Changes that need no second shape: new tables and columns, and a user's own statements.
import type { ObjectName } from "../../schema/model.ts";
import { derivedName, homeNamespace, keyOf } from "../../schema/names.ts";
import type { Change, TableSpec, UserStatement } from "../../step/change.ts";
import { literally, type StepCore, type Template } from "../../step/step.ts";
import type { DraftStep } from "../dialect.ts";
import { areGone, areThere, catalogStep, exclusive, probe, quietStep } from "./core.ts";
import { quoteLiteral, quoteName } from "./quoting.ts";
import { alter, at, column, columns, defined, definitionFrom, quoteComment } from "./writing.ts";

const isThere = (table: ObjectName): string =>
  `exists (select 1 from information_schema.tables where table_schema = ${quoteLiteral(table.schema)} and table_name = ${quoteLiteral(table.name)})`;

/** One statement: what it makes is there whole, or not at all. */
export function createTableStatement(table: ObjectName, spec: TableSpec): Template {
  const parts = [
    ...spec.columns.map((each) =>
      each.generated
        ? `${column(each.name)} ${each.type} as (${each.generated.expression}) ${each.generated.kind}${each.comment === undefined ? "" : ` comment ${quoteComment(each.comment)}`}`
        : defined(each.name, definitionFrom(each)),
    ),
    ...(spec.primaryKey ? [`primary key (${columns(spec.primaryKey)})`] : []),
    ...(spec.unique ?? []).map((key) => `unique key${key.name === undefined ? "" : ` ${column(key.name)}`} (${columns(key.columns)})`),
    ...(spec.checks ?? []).map((check) => `${check.name === undefined ? "" : `constraint ${column(check.name)} `}check (${check.expression})`),
    ...(spec.foreignKeys ?? []).map((key) => {
      const actions = `${key.onDelete === undefined ? "" : ` on delete ${key.onDelete}`}${key.onUpdate === undefined ? "" : ` on update ${key.onUpdate}`}`;
      const target = key.table.includes("`") || key.table.includes(".") ? key.table : quoteName([table.schema, key.table]);
      return `${key.name === undefined ? "" : `constraint ${column(key.name)} `}foreign key (${columns(key.columns)}) references ${target} (${columns(key.references)})${actions}`;
    }),
  ];
  return literally(
    `create table ${at(table)} (${parts.join(", ")}) engine = InnoDB${spec.comment === undefined ? "" : ` comment = ${quoteComment(spec.comment)}`}`,
  );
}

/** A table that was born in the run keeps its rows when it goes: it moves into Hotstick's own database. */
const kept = (table: ObjectName): ObjectName => ({ schema: homeNamespace, name: derivedName(["archived_{{run}}", table.schema, table.name], 64) });
export const archiveTable = (table: ObjectName): readonly Template[] => [
  `drop table if exists ${at(kept(table))}`,
  `rename table ${at(table)} to ${at(kept(table))}`,
];

export function createTable(change: Extract<Change, { kind: "create-table" }>): DraftStep {
  const { table, spec } = change;
  return {
    ...catalogStep({
      title: `create table ${keyOf(table)}`,
      why: "It is new, so nobody waits for it.",
      table,
      statements: [createTableStatement(table, spec)],
      probe: probe(isThere(table)),
    }),
    undo: [
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
  const into = quoteName([homeNamespace, derivedName(["archived_{{run}}", table.name, name], 64)]);
  return [
    `drop table if exists ${into}`,
    `create table ${into} engine = InnoDB as select ${columns([...key, name])} from ${at(table)} where ${column(name)} is not null`,
  ];
};

export function addColumn(change: Extract<Change, { kind: "add-column" }>, key: readonly string[], version: number): DraftStep {
  const { table, column: spec } = change;
  const definition = spec.generated
    ? `${column(spec.name)} ${spec.type} as (${spec.generated.expression}) ${spec.generated.kind}`
    : defined(spec.name, definitionFrom(spec));
  return {
    ...catalogStep({
      title: `add ${spec.name} to ${keyOf(table)}`,
      why: "Only the catalog changes.",
      table,
      statements: [literally(alter(version, table, "instant", [`add column ${definition}`]))],
      probe: probe(areThere(table, [spec.name])),
    }),
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
      catalogStep({
        title: `drop ${spec.name} of ${keyOf(table)}`,
        why: "It was born in this run.",
        table,
        statements: [alter(version, table, "instant", [`drop column ${column(spec.name)}`])],
        probe: probe(areGone(table, [spec.name])),
      }),
    ],
  };
}

const firstLine = (statement: string): string => {
  const line = statement.trim().replaceAll(/\s+/g, " ");
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
};

/**
 * DDL commits by itself, so each statement of it is a step of its own; consecutive statements that change rows are one transaction. What a
 * statement of a user's own has made nobody can tell in general: after a crash in the middle it is sent again, and the server says what
 * is there already.
 */
export function userSteps(statements: readonly UserStatement[], undo: readonly UserStatement[] | null): readonly DraftStep[] {
  const groups: UserStatement[][] = [];
  for (const statement of statements) {
    const last = groups.at(-1);
    if (last?.[0]?.transactional && !last[0].alone && statement.transactional && !statement.alone) last.push(statement);
    else groups.push([statement]);
  }
  const cores = groups.map((group): StepCore => {
    const [head] = group;
    if (!head) throw new TypeError("an empty group of statements");
    const heavy = group.map(({ work }) => work).find((work) => work === "rewrite" || work === "build" || work === "scan" || work === "unknown");
    return {
      title: group.length === 1 ? firstLine(head.text) : `${group.length} statements: ${firstLine(head.text)}`,
      act: { kind: "statements", transactional: head.transactional, guards: [], statements: group.map(({ text }) => literally(text)), repair: [] },
      probe: null,
      locks: head.transactional ? [] : group.flatMap(({ tables }) => tables.map(({ table }) => exclusive(table))),
      work: heavy === undefined ? "instant" : heavy === "unknown" ? "scan" : heavy,
      timeouts: { lock: "budget", statement: heavy === undefined && !head.transactional ? "budget" : 0 },
      why: head.transactional ? "Written by you; the statements are one transaction." : "Written by you; the server commits it by itself.",
      estimate: { rows: null, ms: null, holdMs: null },
      group: null,
      mark: null,
    };
  });
  const back = undo ? userSteps(undo, null).map(({ undo: _undo, oneWay: _oneWay, ...core }) => core) : [];
  return cores.map((core, i) => ({ ...core, undo: i === 0 ? back : [], ...(undo ? {} : { oneWay: `"${core.title}" was written without an undo` }) }));
}
