// PostgreSQL's pure half: every change as steps.
import type { Finding } from "../../finding.ts";
import { findTable } from "../../schema/edit.ts";
import type { Question } from "../../schema/facts.ts";
import type { Schema } from "../../schema/model.ts";
import { ident, sql } from "../../sql/sql.ts";
import type { PhasedChange } from "../../step/change.ts";
import { literally, type StepCore } from "../../step/step.ts";
import type { Dialect, DraftContext, DraftStep } from "../dialect.ts";
import { keyColumns, markers, newColumns, originals } from "../shape/columns.ts";
import { capabilities } from "./capabilities.ts";
import { checkDependants, checkSurroundings, checkTriggers } from "./carry/refusals.ts";
import { enact } from "./enact.ts";
import { bodyOf, buildIndex, plainIndex } from "./index-steps.ts";
import { postgresQuoting } from "./quoting.ts";
import { checkDomains } from "./rewrites.ts";
import type { Rewriting } from "./rewriting.ts";
import { shapeContext } from "./shape/context.ts";
import { discardShape } from "./shape/discard.ts";
import { fillShape } from "./shape/fill.ts";
import { openShape } from "./shape/open.ts";
import { plainShape } from "./shape/plain.ts";
import { settleShape } from "./shape/settle.ts";
import { turnShape } from "./shape/turn.ts";
import { addColumn, archiveColumn, archiveTable, createTable, createTableStatements, userSteps } from "./simple.ts";
import { at, columnDefinition, commentOn, text } from "./writing.ts";

function stepsOf({ change }: PhasedChange, context: DraftContext, rewriting: Rewriting): readonly DraftStep[] {
  const { schema, facts } = context;
  switch (change.kind) {
    case "create-table":
      return [createTable(change)];
    case "add-column": {
      const table = findTable(schema, change.table);
      return [addColumn(change, table ? keyColumns(table).map((column) => column.name) : [], schema)];
    }
    case "build-index": {
      const table = findTable(schema, change.table);
      if (!table) throw new TypeError(`the table of index ${change.index.name} is not in the schema`);
      return buildIndex(schema, table, change.index.name, bodyOf(change.index), "CONCURRENTLY: reads and writes go on while it is built.");
    }
    case "open-shape":
      return openShape(shapeContext(change.shape, schema, facts, rewriting));
    case "fill-shape":
      return fillShape(shapeContext(change.shape, schema, facts, rewriting));
    case "turn-shape":
      return turnShape(shapeContext(change.shape, schema, facts, rewriting));
    case "settle-shape":
      return settleShape(shapeContext(change.shape, schema, facts, rewriting));
    case "discard-shape":
      return discardShape(shapeContext(change.shape, schema, facts, rewriting));
    case "statements":
      return userSteps(change.statements, change.undo, schema);
    case "module":
      return [moduleStep(change.file, change.export, change.sha256, change.undoExport)];
  }
}

function moduleStep(file: string, name: string, sha256: string, undo: string | null): DraftStep {
  const core = (exported: string): StepCore => ({
    title: `run ${exported} of ${file}`,
    act: { kind: "module", file, export: exported, sha256 },
    probe: null,
    locks: [],
    work: "batched",
    timeouts: { lock: "budget", statement: 0 },
    why: "Your own function, in batches that commit with their cursor.",
    estimate: { rows: null, ms: null, holdMs: null },
    group: null,
    mark: null,
  });
  return { ...core(name), undo: undo === null ? [] : [core(undo)] };
}

function questionsOf({ change }: PhasedChange, _schema: Schema): readonly Question[] {
  const table = "shape" in change ? change.shape.table : change.kind === "build-index" || change.kind === "add-column" ? change.table : null;
  const types =
    "shape" in change
      ? change.shape.links.flatMap((link) =>
          link.kind === "transform" ? link.new.map((column) => column.spec.type) : link.kind === "copy" ? [link.new.spec.type] : [],
        )
      : [];
  return [
    ...(table ? [{ kind: "size", table } as const, { kind: "rights", table } as const] : []),
    ...types.map((type) => ({ kind: "type", text: type }) as const),
  ];
}

function findingsOf({ change }: PhasedChange, context: DraftContext, rewriting: Rewriting): readonly Finding[] {
  if (change.kind === "add-column") return checkDomains(context.schema, change.table, [change.column]);
  if (change.kind !== "open-shape") return [];
  const shape = shapeContext(change.shape, context.schema, context.facts, rewriting);
  return [
    ...checkDependants(context.schema, shape.table, change.shape),
    ...shape.analysis.findings,
    ...checkDomains(
      context.schema,
      change.shape.table,
      newColumns(change.shape).map((column) => column.spec),
    ),
    ...checkTriggers(context.schema, shape.table, change.shape, rewriting),
    ...checkSurroundings(
      context.schema,
      shape.table,
      [...newColumns(change.shape).map((column) => column.hidden), ...markers(change.shape)],
      shape.analysis.carried.unique.map((copy) => copy.original.name),
    ),
    ...preparedReaders(shape.table.name.name, change.shape.links.length, originals(change.shape, shape.table).length),
  ];
}

/** What PostgreSQL itself makes impossible is carried by the plan. */
const preparedReaders = (table: string, links: number, leaving: number): readonly Finding[] =>
  links === 0 || leaving === 0
    ? []
    : [
        {
          rule: "columns-not-named",
          severity: "note",
          subject: { kind: "table", name: table },
          message: `While both shapes stand, ${table} has more columns: a prepared SELECT *, INSERT … SELECT *, COPY FROM without columns and INSERT without columns fail or change their result.`,
          fix: "Name the columns in statements.",
        },
      ];

/** @param rewriting what the parser does for definitions; plans that copy no definition never call it. */
export function postgresDialect(rewriting: Rewriting): Dialect {
  return {
    engine: "postgres",
    quoting: postgresQuoting,
    capabilities,
    questions: questionsOf,
    findings: (phased, context) => findingsOf(phased, context, rewriting),
    steps: (phased, context) => stepsOf(phased, context, rewriting),
    plain(change, context) {
      switch (change.kind) {
        case "create-table":
          return { kind: "together", statements: createTableStatements(change.table, change.spec), undo: archiveTable(change.table) };
        case "add-column": {
          const { table, column } = change;
          const archive = archiveColumn(table, column.name, []).act;
          return {
            kind: "together",
            statements: [
              text(sql`alter table ${at(table)} add column ${columnDefinition(column)}`),
              ...(column.comment === undefined ? [] : [commentOn("column", ident(table.schema, table.name, column.name), column.comment)]),
            ],
            undo: [...(archive.kind === "statements" ? archive.statements : []), text(sql`alter table ${at(table)} drop column ${ident(column.name)}`)],
          };
        }
        case "build-index": {
          const table = findTable(context.schema, change.table);
          if (!table) throw new TypeError(`the table of index ${change.index.name} is not in the schema`);
          return {
            kind: "together",
            statements: plainIndex(context.schema, table, change.index.name, bodyOf(change.index)),
            undo: [text(sql`drop index ${ident(change.table.schema, change.index.name)}`)],
          };
        }
        case "open-shape":
          return { kind: "together", ...plainShape(shapeContext(change.shape, context.schema, context.facts, rewriting)) };
        case "statements":
          return {
            kind: "together",
            statements: change.statements.map(({ text: own }) => literally(own)),
            undo: change.undo?.flatMap((back) => (back === null ? [] : literally(back.text))) ?? null,
          };
        default:
          return { kind: "together", statements: [], undo: [] };
      }
    },
    ...enact,
  };
}
