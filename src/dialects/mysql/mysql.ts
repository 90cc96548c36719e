// The pure half of MariaDB and MySQL: every change as steps.
import type { Finding } from "../../finding.ts";
import { findTable } from "../../schema/edit.ts";
import { type Facts, type Question, questionKey } from "../../schema/facts.ts";
import type { ObjectName, Schema, Table } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Change, PhasedChange } from "../../step/change.ts";
import type { ColumnSpec } from "../../step/shape.ts";
import type { StepCore } from "../../step/step.ts";
import type { Dialect, DraftContext, DraftStep, PlainForm } from "../dialect.ts";
import { keyColumns, originals } from "../shape/columns.ts";
import { columnCopy, columnFindings, columnWay, indexFindings, nameFindings, storedLeaves } from "./added.ts";
import type { Way } from "./algorithm.ts";
import { capabilities } from "./capabilities.ts";
import { checkComingBack } from "./carry/coming-back.ts";
import { checkComputed, computedQuestions } from "./carry/computed.ts";
import { checkEnums } from "./carry/enums.ts";
import { checkLeftOut } from "./carry/left-out.ts";
import { checkOutside } from "./carry/outside.ts";
import { refuse } from "./carry/refusals.ts";
import { enact } from "./enact.ts";
import { fullFindings, fullQuestions } from "./full.ts";
import { addIndex } from "./index-steps.ts";
import { longFindings, longQuestions } from "./long-steps.ts";
import { lostValues } from "./lost-values.ts";
import { nativeFindings, nativeQuestions } from "./native/findings.ts";
import { instantLeft } from "./native/limits.ts";
import { copyForm } from "./native/shadow-copy.ts";
import { mysqlQuoting } from "./quoting.ts";
import { alsoReferencing } from "./referencing.ts";
import { type ShapeContext, shapeContext } from "./shape/context.ts";
import { cannotHide, cannotMakeWay } from "./shape/definitions.ts";
import { discardShape, losesPlace } from "./shape/discard.ts";
import { fillShape } from "./shape/fill.ts";
import { openShape } from "./shape/open.ts";
import { plainShape } from "./shape/plain.ts";
import { settleShape } from "./shape/settle.ts";
import { turnShape } from "./shape/turn.ts";
import { addColumn, type Copied, createTable, takenKeys } from "./simple.ts";
import { userSteps } from "./user-steps.ts";

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

/** It comes and may go again: where the server keeps no more shapes of rows, the table is made anew for it. */
function wayNow(table: Table, spec: ColumnSpec, { schema, facts }: DraftContext): Way | null {
  const way = columnWay(table, spec, schema.version);
  const size = facts.size[questionKey({ kind: "size", table: table.name })] ?? null;
  return way === "instant" && spec.generated?.kind !== "virtual" && instantLeft(size, schema.version) < 2 ? "rebuild" : way;
}

/** The copy that a column needs which nobody can add while others write. */
function copiedFor(table: Table, spec: ColumnSpec, { schema, facts, accepts }: DraftContext): Copied {
  const size = facts.size[questionKey({ kind: "size", table: table.name })] ?? null;
  // Of what has a new value in every row the operation itself says that it rewrites the table, and nobody comes here who does not accept that.
  const isSaid = spec.generated?.kind === "stored" || spec.identity !== undefined;
  return {
    server: columnCopy(table, spec, schema.version),
    form: copyForm(size, isSaid || accepts("blocks-while-working")),
    size,
    leaves: spec.generated?.kind === "stored" ? storedLeaves(table, schema.version) : null,
  };
}

function stepsOf({ change }: PhasedChange, context: DraftContext): readonly DraftStep[] {
  const { schema, facts } = context;
  switch (change.kind) {
    case "create-table":
      return [createTable(change, schema)];
    case "add-column": {
      const table = findTable(schema, change.table);
      if (!table) return [addColumn(change, [], schema.version, "instant")];
      const how = wayNow(table, change.column, context) ?? copiedFor(table, change.column, context);
      const key = keyColumns(table).map(({ name }) => name);
      return [addColumn(change, key, schema.version, how)];
    }
    case "build-index":
      return [addIndex(schema.version, change.table, change.index, findTable(schema, change.table))];
    case "open-shape":
      return openShape(shapeContext(change.shape, schema, facts));
    case "fill-shape":
      return fillShape(shapeContext(change.shape, schema, facts));
    case "turn-shape":
      return turnShape(shapeContext(change.shape, schema, facts));
    case "settle-shape":
      return settleShape(shapeContext(change.shape, schema, facts));
    case "discard-shape":
      return discardShape(shapeContext(change.shape, schema, facts));
    case "statements":
      return userSteps(change.statements, change.undo, context);
    case "module":
      return [moduleStep(change.file, change.export, change.sha256, change.undoExport)];
  }
}

function questionsOf({ change }: PhasedChange, schema: Schema, facts: Facts): readonly Question[] {
  const asked = change.kind === "statements" ? nativeQuestions(change, schema) : changeQuestions(change);
  return [
    ...asked,
    ...outsideQuestions(change, schema),
    ...renamedQuestions(change, schema, facts),
    ...longQuestions(asked, facts),
    ...fullQuestions(change, schema, facts),
  ];
}

const renamesOf = ({ table, version, analysis, standIns }: ShapeContext) => ({ table, version, exchanged: analysis.exchanged, standIns });

/** Whether generated columns can be computed where new code leaves out what they are computed from. */
function renamedQuestions(change: Change, schema: Schema, facts: Facts): readonly Question[] {
  const table = change.kind === "open-shape" ? findTable(schema, change.shape.table) : undefined;
  const some = table?.columns.some(({ generated }) => generated !== null) === true;
  return change.kind === "open-shape" && some ? computedQuestions(renamesOf(shapeContext(change.shape, schema, facts))) : [];
}

/** The catalogs of other databases are long: they are looked through only where something goes that may be used there. */
function outsideQuestions(change: Change, schema: Schema): readonly Question[] {
  const table = change.kind === "open-shape" ? findTable(schema, change.shape.table) : undefined;
  return change.kind === "open-shape" && table && originals(change.shape, table).length > 0 ? [{ kind: "outside", table: table.name }] : [];
}

function changeQuestions(change: Change): readonly Question[] {
  const table = "shape" in change ? change.shape.table : change.kind === "build-index" || change.kind === "add-column" ? change.table : null;
  const types =
    "shape" in change
      ? change.shape.links.flatMap((link) =>
          link.kind === "transform"
            ? link.new.map(({ spec }) => spec.type)
            : link.kind === "copy"
              ? [link.new.spec.type]
              : link.kind === "supply" && link.adds
                ? [link.adds.type]
                : [],
        )
      : [];
  return [...(table ? [{ kind: "size", table } as const, { kind: "rights", table } as const] : []), ...types.map((text) => ({ kind: "type", text }) as const)];
}

/** What stands against a new column or index of a table that is there. */
function ofAdded(change: Change, context: DraftContext): readonly Finding[] {
  if (change.kind !== "add-column" && change.kind !== "build-index") return [];
  const { schema } = context;
  const table = findTable(schema, change.table);
  if (!table) return [];
  return change.kind === "add-column"
    ? columnFindings(table, change.column, schema.version, copiedFor(table, change.column, context).form)
    : indexFindings(table, change.index, schema.version);
}

const takenNames = (change: Change, { schema }: DraftContext): readonly Finding[] =>
  change.kind === "create-table"
    ? takenKeys(change.table, change.spec, schema).map((name) =>
        refuse(
          "name-taken",
          "constraint",
          `${keyOf(change.table)}.${name}`,
          `Another table of ${change.table.schema} has a foreign key ${name}; a database has each name once.`,
          "Choose another name, or leave it out.",
        ),
      )
    : [];

const tableOf = (change: Change): ObjectName | null => ("shape" in change ? change.shape.table : "table" in change ? change.table : null);

function findingsOf(phased: PhasedChange, context: DraftContext): readonly Finding[] {
  const said = changeFindings(phased, context);
  if (said.some(({ severity, acceptable }) => severity === "refuse" && !acceptable)) return said;
  const steps = wholeOf(phased, context);
  const full = steps.length > 0 ? fullFindings(phased.change, context, steps) : [];
  return [...said, ...full, ...longFindings(steps, context, phased.change.kind !== "statements")];
}

const ofShapes = ["open-shape", "fill-shape", "turn-shape", "settle-shape", "discard-shape"] as const;

/** The steps of a change, those of a shape where it opens: what is refused there has none later. */
function wholeOf({ phase, change }: PhasedChange, context: DraftContext): readonly DraftStep[] {
  if (!("shape" in change)) return stepsOf({ phase, change }, context);
  return change.kind === "open-shape" ? ofShapes.flatMap((kind) => stepsOf({ phase, change: { kind, shape: change.shape } }, context)) : [];
}

function changeFindings({ change }: PhasedChange, context: DraftContext): readonly Finding[] {
  if (change.kind === "statements") return [...lostValues(change, context.schema.version), ...nativeFindings(change, context)];
  const named = tableOf(change);
  const own = [
    ...takenNames(change, context),
    ...nameFindings(change, named ? findTable(context.schema, named) : undefined, context.schema.version),
    ...ofAdded(change, context),
  ];
  return change.kind === "open-shape" ? [...own, ...shapeFindings(change, context)] : own;
}

function shapeFindings(change: Extract<Change, { kind: "open-shape" }>, context: DraftContext): readonly Finding[] {
  const shape = shapeContext(change.shape, context.schema, context.facts);
  const shown = change.shape.links.some((link) => link.kind === "copy" || link.kind === "transform");
  return [
    ...shape.analysis.findings,
    ...checkComputed(renamesOf(shape), context.facts),
    ...checkLeftOut(shape.table, shape.shape, shape.version, shape.standIns),
    ...checkEnums(shape.table, shape.shape),
    ...checkComingBack(shape.table, shape.shape, shape.standIns),
    ...checkOutside(
      context.facts.outside[questionKey({ kind: "outside", table: shape.table.name })],
      shape.table,
      originals(shape.shape, shape.table).map(({ old }) => old.name),
      context.schema.version,
    ),
    ...originals(shape.shape, shape.table)
      .filter(({ column: old }) => cannotHide(shape, old))
      .map(({ column: old }) =>
        refuse(
          "unmodelled-dependant",
          "column",
          `${keyOf(shape.table.name)}.${old.name}`,
          `${old.name} is NOT NULL and of type ${old.type}, for which no default can be written, so it cannot be left out by new code.`,
          "Let it hold NULL first: alter table … modify column … null.",
        ),
      ),
    ...originals(shape.shape, shape.table)
      .filter(({ column: old }) => !cannotHide(shape, old) && cannotMakeWay(shape, old))
      .map(({ column: old }) =>
        refuse(
          "unmodelled-dependant",
          "column",
          `${keyOf(shape.table.name)}.${old.name}`,
          `${old.name} is NOT NULL without a default, and ${old.type} has no value to spare for "not given": it cannot be hidden while its name serves the new shape.`,
          `Give the new column a name of its own, and rename it later; or give ${old.name} a default first: alter table … alter column ${old.name} set default ….`,
        ),
      ),
    ...originals(shape.shape, shape.table)
      .filter(({ column: old }) => losesPlace(shape.table, old.name) && !shape.analysis.exchanged.has(old.name))
      .map(
        ({ column: old }): Finding => ({
          rule: "columns-not-named",
          severity: "warn",
          subject: { kind: "column", name: `${keyOf(shape.table.name)}.${old.name}` },
          message: `A virtual column stands behind ${old.name}, and no column can be put before one while others write: an undo after drop brings ${old.name} back as the last column.`,
          fix: "Name the columns in statements.",
        }),
      ),
    ...(shown
      ? [
          {
            rule: "columns-not-named",
            severity: "note",
            subject: { kind: "table", name: shape.table.name.name },
            message: `From switch on ${shape.table.name.name} shows its new columns: SELECT * has more columns, and INSERT without columns must give them.`,
            fix: "Name the columns in statements.",
          } as const,
        ]
      : []),
  ];
}

/** Nobody waits for what is done to tables that are new or empty. */
const apart = (steps: readonly DraftStep[]): PlainForm => ({
  kind: "apart",
  steps: steps.map((step) => ({ ...step, locks: [], undo: step.undo.map((undo) => ({ ...undo, locks: [] })) })),
});

function plain(change: Change, context: DraftContext): PlainForm {
  if (change.kind === "open-shape") return apart(plainShape(shapeContext(change.shape, context.schema, context.facts)));
  return apart("shape" in change ? [] : stepsOf({ phase: "expand", change }, context));
}

export const mysqlDialect: Dialect = {
  engine: "mysql",
  quoting: mysqlQuoting,
  capabilities,
  questions: questionsOf,
  findings: findingsOf,
  steps: (phased, context) => alsoReferencing(stepsOf(phased, context), context.schema, phased.change.kind !== "statements"),
  plain,
  ...enact,
};
