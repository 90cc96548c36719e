// Retire: the coming constraints are proved while everybody works; then, in one transaction, the sync goes and the constraints change hands.
import type { ObjectName } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { ident, sql } from "../../../sql/sql.ts";
import type { Lock } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { lastingColumns, needsSync, oldColumns, originals } from "../../shape/columns.ts";
import { accessExclusive, catalogStep } from "../core.ts";
import { at, text } from "../writing.ts";
import { comeBack } from "./come-back.ts";
import { oldName } from "./conditions.ts";
import type { ShapeContext } from "./context.ts";
import { dropPendingIndex, pendingIndexSteps } from "./fill.ts";
import { unfilled } from "./links.ts";
import { attachNewShape } from "./new-shape.ts";
import { type NotNull, notNull } from "./not-null.ts";
import { endOldShape } from "./old-shape.ts";
import { holdMs } from "./open.ts";
import { dropStandIns, prepareConstraints } from "./prepare.ts";
import { syncAt } from "./sync.ts";

/** NOT NULL of the new shape, and of columns that the run fills. */
export function notNulls(context: ShapeContext): readonly NotNull[] {
  const { table, schema, shape } = context;
  /** Through all renames of the run, back to the column that was there before. */
  const origin = (name: string): string => {
    const link = shape.links.find((each) => each.kind === "copy" && each.new.spec.name === name);
    return link?.kind === "copy" ? origin(link.old.name) : name;
  };
  const named = (from: string): string | undefined =>
    table.constraints.find((constraint) => constraint.kind === "not-null" && constraint.columns[0] === origin(from))?.name;
  const fresh = lastingColumns(shape)
    .filter((column) => column.spec.notNull)
    .map((column) => {
      const link = shape.links.find((each) => each.kind === "copy" && each.new === column);
      // A rename keeps the constraint's name, as ALTER … RENAME COLUMN would.
      return notNull(schema.version, table, column.spec.name, link?.kind === "copy" ? named(link.old.name) : undefined);
    });
  const supplied = shape.links.flatMap((link): readonly NotNull[] => {
    if (link.kind !== "supply" || !link.notNull || link.adds !== null) return [];
    const recipe = notNull(schema.version, table, link.column);
    const [declare, ...rest] = recipe.prepare;
    // Enforced from expand on, it is declared already, and again when retire is walked back.
    const again = declare?.act.kind === "statements" ? declare.act.statements : [];
    return [link.enforce === "expand" ? { ...recipe, prepare: rest, detach: [...recipe.detach, ...again] } : recipe];
  });
  return [...fresh, ...supplied];
}

/** Every table that the transaction touches, the changed one first. */
export function settleLocks(context: ShapeContext): readonly Lock[] {
  const { analysis, table } = context;
  const others = new Map<string, ObjectName>();
  const add = (name: ObjectName): void => {
    if (keyOf(name) !== keyOf(table.name)) others.set(keyOf(name), name);
  };
  for (const { table: other } of analysis.dependants.incoming) add(other.name);
  for (const constraint of analysis.dependants.constraints) if (constraint.references) add(constraint.references.table);
  return [accessExclusive(table.name), ...[...others.values()].map(accessExclusive)];
}

export function settleShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, size } = context;
  const required = notNulls(context);
  const prepared = prepareConstraints(context);
  const olds = originals(shape, table);
  const nothing = olds.length === 0 && !shape.links.some(needsSync) && required.length === 0;
  if (nothing) return [];
  const sync = syncAt(context, "switched", "forward");
  const old = endOldShape(context);
  const fresh = attachNewShape(context, required);
  const retire = oldColumns(shape).filter((names) => names.parked !== names.retired);
  const rename = (from: string, to: string): string => text(sql`alter table ${at(table.name)} rename column ${ident(from)} to ${ident(to)}`);
  const locks = settleLocks(context);
  const settle: DraftStep = {
    ...catalogStep({
      title: `the old shape of ${keyOf(table.name)} ends`,
      why: "Sync, the old shape's constraints and its names go, and the new shape's are attached, in one transaction: a stale foreign key or default would act on rows that nobody keeps.",
      locks,
      statements: [
        ...sync.drop,
        ...old.end,
        ...fresh.attach,
        ...old.handOver,
        ...required.flatMap((each) => each.finish),
        ...retire.map((names) => rename(names.parked, names.retired)),
      ],
      estimate: { holdMs: holdMs(size.partitions) },
      group,
      mark: "settle",
    }),
    undo: comeBack(context, { locks, old, fresh, unretire: retire.map((names) => rename(names.retired, oldName(names, "switched"))) }),
  };
  const where = unfilled(context, "switched", "forward");
  const dropIndex = where ? dropPendingIndex(context).map((step, i): DraftStep => ({ ...step, undo: pendingIndexSteps(context, where).slice(i, i + 1) })) : [];
  return [...dropIndex, ...prepared, ...required.flatMap((each) => each.prepare), settle, ...dropStandIns(context)];
}
