// The carried constraints, proved on the new columns while everybody works, under temporary names.
import { keyOf } from "../../../schema/names.ts";
import { ident, raw, sql } from "../../../sql/sql.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import type { CarriedConstraint, CarriedIndex } from "../carry/carried.ts";
import { accessExclusive, catalogStep, rowShare, scanStep, shareRowExclusive, shareUpdateExclusive } from "../core.ts";
import { buildIndex, dropIndex, type IndexBody, temporaryName } from "../index-steps.ts";
import { at, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

/** The name of a unique index until it is attached; the plain stand-in has the other temporary name. */
export const uniqueName = (copy: CarriedIndex): string => temporaryName("unique", copy.original.name);

/** Declares a check or a foreign key for new rows, then validates it under a lock that stops nobody. */
export function declareAndValidate(
  context: ShapeContext,
  carried: CarriedConstraint,
  name: string,
  definition: string,
): readonly { readonly step: StepCore; readonly drop: StepCore | null }[] {
  const { original, on } = carried;
  const group = context.group;
  const referenced =
    original.kind === "foreign-key" && original.references ? [original.references.table].filter((other) => keyOf(other) !== keyOf(on.name)) : [];
  const weak = original.kind === "foreign-key";
  const locks = weak ? [shareRowExclusive(on.name), ...referenced.map(shareRowExclusive)] : [accessExclusive(on.name)];
  const declare = catalogStep({
    title: `declare ${original.name} of ${keyOf(on.name)} for new rows`,
    why: "NOT VALID: existing rows are looked at later, under a lock that stops nobody.",
    locks,
    statements: [text(sql`alter table ${at(on.name)} add constraint ${ident(name)} ${raw(definition)} not valid`)],
    group,
  });
  const drop = catalogStep({
    title: `take ${original.name} of ${keyOf(on.name)} back`,
    why: "The old shape's own constraint stands.",
    locks: weak ? [accessExclusive(on.name), ...referenced.map(accessExclusive)] : locks,
    statements: [text(sql`alter table ${at(on.name)} drop constraint if exists ${ident(name)}`)],
    group,
  });
  const validate = scanStep({
    title: `validate ${original.name} of ${keyOf(on.name)}`,
    why: "Reads the table under SHARE UPDATE EXCLUSIVE: reads and writes go on.",
    locks: [shareUpdateExclusive(on.name), ...referenced.map(rowShare)],
    statements: [text(sql`alter table ${at(on.name)} validate constraint ${ident(name)}`)],
    group,
  });
  return original.validated
    ? [
        { step: declare, drop },
        { step: validate, drop: null },
      ]
    : [{ step: declare, drop }];
}

/** From switch on, the new columns have their final names. */
const finalBody = ({ analysis }: ShapeContext, { original, body }: CarriedIndex): IndexBody => ({
  unique: body.unique,
  body: analysis.finalBodies.get(original.name) ?? body.body,
});

export function prepareConstraints(context: ShapeContext): readonly DraftStep[] {
  const { schema, table, analysis, size } = context;
  const { carried } = analysis;
  const unique = carried.unique.flatMap((copy) =>
    buildIndex(
      schema,
      table,
      uniqueName(copy),
      finalBody(context, copy),
      `Stands for ${copy.original.name}; from here on a duplicate in the new shape is refused.`,
      size.rows < 0 ? null : size.rows,
    ),
  );
  const declared = [...carried.checks, ...carried.foreignKeys].flatMap((each) =>
    declareAndValidate(context, each, each.temporary, each.definition).map(({ step, drop }): DraftStep => ({ ...step, undo: drop ? [drop] : [] })),
  );
  return [...unique, ...declared];
}

/** The plain stand-ins of unique indexes have served. */
export const dropStandIns = (context: ShapeContext): readonly DraftStep[] =>
  context.analysis.carried.unique.flatMap((copy) =>
    dropIndex(
      context.schema,
      context.table,
      copy.temporary,
      { unique: false, body: finalBody(context, copy).body.replace(/ nulls not distinct\b/i, "") },
      `${copy.original.name} is unique on the new column now.`,
    ),
  );
