// Drop: a fence, the archive, then the columns go. Walking back makes them again and fills them from the archive.

import type { ObjectName, Table } from "../../../schema/model.ts";
import { derivedName, homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import { ident, join, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { markers, oldColumns, originals } from "../../shape/columns.ts";
import { accessExclusive, catalogStep, shareRowExclusive } from "../core.ts";
import { dropIndex, partitionsOf, partNames, temporaryName } from "../index-steps.ts";
import { workOfAdding } from "../rewrites.ts";
import { at, commentOn, text } from "../writing.ts";
import { archiveStep, restoreSteps } from "./archive.ts";
import type { ShapeContext } from "./context.ts";
import { restoreColumn } from "./extras.ts";
import { holdMs } from "./open.ts";
import { evidence } from "./sync.ts";

/** Leaves room for the event's name. */
const fenceName = (context: ShapeContext): string => derivedName(["hotstick_fence", context.table.name.name], 56);

/** From the archive's snapshot to the drop nobody may change an archived column. */
function fence(context: ShapeContext): { readonly raise: readonly string[]; readonly lower: readonly string[]; readonly stands: string } {
  const name = fenceName(context);
  const run = ident(homeNamespace, nameFor("fence_{{run}}", [context.table.name.schema, context.table.name.name]));
  const retired = originals(context.shape, context.table).map(({ old }) => old.retired);
  const touched = (left: string): Sql =>
    join(
      retired.map((column) =>
        left === "insert" ? sql`(new.${ident(column)}) is not null` : sql`pg_catalog.record_image_ne(row(new.${ident(column)}), row(old.${ident(column)}))`,
      ),
      " or ",
    );
  const trigger = (event: "insert" | "update"): string =>
    text(
      sql`create trigger ${ident(`${name}_${event}`)} before ${raw(event)} on ${at(context.table.name)} for each row when (${touched(event)}) execute function ${run}()`,
    );
  const drop = (event: "insert" | "update"): string => text(sql`drop trigger if exists ${ident(`${name}_${event}`)} on ${at(context.table.name)}`);
  return {
    raise: [
      text(
        sql`create or replace function ${run}() returns trigger language plpgsql as ${literal(`begin raise exception 'a retired column of ${keyOf(context.table.name).replaceAll("'", "''")} was written' using errcode = '55000', hint = 'Its values are archived and it is about to be dropped.'; end`)}`,
      ),
      drop("insert"),
      drop("update"),
      trigger("insert"),
      trigger("update"),
    ],
    lower: [drop("insert"), drop("update"), text(sql`drop function if exists ${run}()`)],
    stands: text(
      sql`select 'the fence of ' || ${literal(keyOf(context.table.name))} || ' is gone, so the archive may be stale' as problem where (select count(*) from pg_catalog.pg_trigger where tgrelid = ${literal(text(at(context.table.name)))}::pg_catalog.regclass and tgname in (${literal(`${name}_insert`)}, ${literal(`${name}_update`)}) and tgenabled <> 'D') < 2`,
    ),
  };
}

/** Copies take the names of what they replace, once that is gone. */
function finalNames(context: ShapeContext): { readonly there: readonly string[]; readonly back: readonly string[] } {
  const { table, analysis } = context;
  const schema = table.name.schema;
  const rename = (from: string, to: string): string => text(sql`alter index ${ident(schema, from)} rename to ${ident(to)}`);
  const statistics = (place: string, from: string, to: string): string => text(sql`alter statistics ${ident(place, from)} rename to ${ident(to)}`);
  const below = (parent: ObjectName): readonly Table[] => partitionsOf(context.schema, parent).flatMap((partition) => [partition, ...below(partition.name)]);
  const parts = analysis.carried.plain.flatMap((copy) => {
    const partOf = partNames(context.schema, { schema, name: copy.original.name }, (name) => name);
    return below(table.name).map((partition) => ({
      schema: partition.name.schema,
      temporary: temporaryName("new", partOf(partition)),
      final: partOf(partition),
    }));
  });
  return {
    there: [
      ...parts.map((part) => text(sql`alter index ${ident(part.schema, part.temporary)} rename to ${ident(part.final)}`)),
      ...analysis.carried.plain.flatMap((copy) => [
        rename(copy.temporary, copy.original.name),
        ...(copy.original.comment === null ? [] : [commentOn("index", ident(schema, copy.original.name), copy.original.comment)]),
      ]),
      ...analysis.dependants.statistics.map((each) => text(sql`drop statistics if exists ${at(each.name)}`)),
      ...analysis.carried.statistics.map((each) => statistics(each.original.name.schema, each.temporary, each.original.name.name)),
    ],
    back: [
      ...parts.map((part) => text(sql`alter index ${ident(part.schema, part.final)} rename to ${ident(part.temporary)}`)),
      ...analysis.carried.plain.map((copy) => rename(copy.original.name, copy.temporary)),
      ...analysis.carried.statistics.map((each) => statistics(each.original.name.schema, each.original.name.name, each.temporary)),
    ],
  };
}

export function discardShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, schema, analysis, group, size } = context;
  const olds = originals(shape, table);
  const gone = [...new Set([...oldColumns(shape).map((old) => old.retired), ...markers(shape)])];
  if (gone.length === 0) return [];
  const locks = [accessExclusive(table.name)];
  const guard = fence(context);
  const names = finalNames(context);
  const estimate = { holdMs: holdMs(size.partitions) };
  const raise: DraftStep = {
    ...catalogStep({
      title: `fence the retired columns of ${keyOf(table.name)}`,
      why: "What is archived may not change until it is dropped.",
      locks: [shareRowExclusive(table.name)],
      statements: guard.raise,
      estimate,
      group,
    }),
    undo: [
      catalogStep({ title: `lower the fence of ${keyOf(table.name)}`, why: "The columns are there again.", locks, statements: guard.lower, estimate, group }),
    ],
  };
  const plainIndexes = analysis.dependants.indexes
    .filter((index) => !index.unique && index.parent === null)
    .flatMap((index) =>
      dropIndex(
        schema,
        table,
        index.name,
        { unique: false, body: retiredBody(context, index.name) },
        "It goes with its column; dropped by itself first, while everybody works.",
        partNames(schema, { schema: table.name.schema, name: index.name }, (name) => name),
      ),
    );
  const again: StepCore = {
    ...catalogStep({
      title: `make ${olds.map(({ column }) => column.name).join(", ")} of ${keyOf(table.name)} again`,
      why: "Definition, comment and grants as they were; constraints come back with the way back from retire.",
      locks,
      statements: [
        ...names.back,
        ...olds.flatMap(({ old, column }) => restoreColumn(table.name, old.retired, column)),
        ...bornAndRetired(context).map((name) => text(sql`alter table ${at(table.name)} add column ${ident(name.retired)} ${raw(name.type)}`)),
        ...(markers(shape).length === 0
          ? []
          : [text(sql`alter table ${at(table.name)} ${join(markers(shape).map((marker) => sql`add column ${ident(marker)} smallint`))}`)]),
        ...analysis.retiredStatistics,
      ],
      estimate,
      group,
    }),
    work: workOfAdding(
      schema,
      olds.map(({ column }) => ({ type: column.type })),
    ),
  };
  const drop: DraftStep = {
    ...catalogStep({
      title: `drop ${gone.join(", ")} of ${keyOf(table.name)}`,
      why: "Archived; only the catalog changes.",
      locks,
      guards: [guard.stands],
      statements: [
        ...guard.lower,
        ...(shape.links.length === 0 ? [] : evidence(context).drop),
        text(sql`alter table ${at(table.name)} ${join(gone.map((name) => sql`drop column if exists ${ident(name)}`))}`),
        ...names.there,
      ],
      estimate,
      group,
    }),
    undo: [again, ...restoreSteps(context)],
  };
  return [raise, { ...archiveStep(context), undo: [] }, ...plainIndexes, drop];
}

/** Columns that an earlier link of the run made and a later one took away: they have no values of their own in the archive. */
const bornAndRetired = (context: ShapeContext): readonly { readonly retired: string; readonly type: string }[] =>
  context.shape.links.flatMap((link) => {
    const olds = link.kind === "transform" ? link.old : link.kind === "copy" || link.kind === "leave" ? [link.old] : [];
    return olds.flatMap((old) => {
      if (originals(context.shape, context.table).some((each) => each.old === old)) return [];
      const made = context.shape.links
        .flatMap((each) => (each.kind === "copy" ? [each.new] : each.kind === "transform" ? each.new : []))
        .find((column) => column.spec.name === old.name);
      return made ? [{ retired: old.retired, type: made.spec.type }] : [];
    });
  });

/** An index's body with the retired names of its columns. */
const retiredBody = (context: ShapeContext, index: string): string => context.analysis.retiredBodies.get(index) ?? "";
