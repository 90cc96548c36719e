// Expand: the new columns, their markers and the sync that keeps both shapes equal, in one transaction.

import { findColumn } from "../../../schema/edit.ts";
import { homeNamespace, keyOf, nameFor } from "../../../schema/names.ts";
import { ident, join, raw, sql } from "../../../sql/sql.ts";
import type { StepCore } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { hasTwoSides, markers, needsSync, newColumns } from "../../shape/columns.ts";
import { accessExclusive, catalogStep, shareRowExclusive } from "../core.ts";
import { workOfAdding } from "../rewrites.ts";
import { at, columnDefinition, columns, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { attributesOf, commentOf, grantsOf } from "./extras.ts";
import { notNull } from "./not-null.ts";
import { syncAt } from "./sync.ts";

/** Comment, grants and storage of the columns that a new one stands for. */
function extras(context: ShapeContext): readonly string[] {
  const { table, shape } = context;
  return shape.links.flatMap((link) => {
    if (link.kind === "copy") {
      const from = findColumn(table, link.old.name);
      return from
        ? [
            ...commentOf(table.name, link.new.hidden, link.new.spec.comment),
            ...grantsOf(table.name, link.new.hidden, from),
            ...attributesOf(table.name, link.new.hidden, from),
          ]
        : [];
    }
    if (link.kind === "transform") {
      const from = link.old.map((old) => findColumn(table, old.name)).filter((column) => column !== undefined);
      const one = link.new.length === 1 && from.length === 1 ? from[0] : undefined;
      return link.new.flatMap((column) => [
        ...commentOf(table.name, column.hidden, column.spec.comment ?? one?.comment),
        ...[...new Set(from.flatMap((each) => grantsOf(table.name, column.hidden, each)))],
        ...(one?.attributes["statistics"] === undefined
          ? []
          : attributesOf(table.name, column.hidden, { ...one, attributes: { statistics: one.attributes["statistics"] } })),
      ]);
    }
    return link.kind === "supply" && link.adds ? commentOf(table.name, link.adds.name, link.adds.comment) : [];
  });
}

/** Rows that new code wrote, with their key; what old code wrote is still in the old columns. */
function archiveNewSide(context: ShapeContext): readonly StepCore[] {
  const { table, shape, key, group } = context;
  const place = key.length > 0 ? columns(key.map((column) => column.name)) : raw("ctid as row_place");
  const make = (link: string, names: readonly string[], where: string): StepCore => {
    const kept = ident(homeNamespace, nameFor("archived_{{run}}", [table.name.schema, table.name.name, link]));
    return {
      ...catalogStep({
        title: `archive what new code wrote to ${names.join(", ")} of ${keyOf(table.name)}`,
        why: "The columns were born in this run; rows that only old code wrote are still whole without them.",
        locks: [],
        statements: [
          text(sql`drop table if exists ${kept}`),
          text(sql`create table ${kept} as select ${place}, ${columns(names)} from ${at(table.name)} where ${raw(where)}`),
        ],
        group,
      }),
      work: "scan",
      timeouts: { lock: 30_000, statement: 0 },
    };
  };
  return shape.links.flatMap((link) => {
    if (link.kind === "transform")
      return [
        make(
          link.marker,
          link.new.map((column) => column.hidden),
          text(sql`${ident(link.marker)} % 4 in (2, 3)`),
        ),
      ];
    if (link.kind === "supply" && link.adds) return [make(link.adds.name, [link.adds.name], text(sql`${ident(link.adds.name)} is not null`))];
    return [];
  });
}

export function openShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, size, schema } = context;
  const added = newColumns(shape);
  const steps: DraftStep[] = [];
  const synced = shape.links.some(needsSync);
  if (added.length > 0 || synced) {
    const sync = syncAt(context, "expanded", "forward");
    // No default and no NOT NULL while both shapes live: "not given" must stay visible to the trigger.
    const definitions = [
      ...added.map((column) => columnDefinition({ ...column.spec, name: column.hidden }, { bare: true })),
      ...markers(shape).map((marker) => sql`${ident(marker)} smallint`),
    ];
    const add =
      definitions.length === 0 ? [] : [text(sql`alter table ${at(table.name)} ${join(definitions.map((definition) => sql`add column ${definition}`))}`)];
    const drop = [...added.map((column) => column.hidden), ...markers(shape)];
    const what = [
      added.length > 0 && `add ${added.map((column) => column.hidden).join(", ")} to ${keyOf(table.name)}`,
      synced && (shape.links.some(hasTwoSides) ? "keep both shapes in step" : "supply what is left out"),
    ]
      .filter(Boolean)
      .join(", ");
    steps.push({
      ...catalogStep({
        title: what,
        why: "Columns, marker and sync triggers appear in one transaction, so that no write can fall between them; only the catalog changes.",
        // A trigger alone stops only writers.
        locks: [add.length > 0 ? accessExclusive(table.name) : shareRowExclusive(table.name)],
        statements: [...add, ...extras(context), ...sync.create],
        estimate: { holdMs: holdMs(size.partitions) },
        group,
      }),
      // Both kinds of computed column are no part of a shape.
      work: workOfAdding(
        schema,
        added.map((column) => ({ type: column.spec.type })),
      ),
      undo: [
        ...archiveNewSide(context),
        catalogStep({
          title: `drop ${drop.length > 0 ? drop.join(", ") : "the sync"} of ${keyOf(table.name)}`,
          why: "They were born in this run.",
          locks: [accessExclusive(table.name)],
          statements: [
            ...sync.drop,
            ...(drop.length === 0 ? [] : [text(sql`alter table ${at(table.name)} ${join(drop.map((name) => sql`drop column if exists ${ident(name)}`))}`)]),
          ],
          estimate: { holdMs: holdMs(size.partitions) },
          group,
        }),
      ],
    });
  }
  for (const link of shape.links)
    if (link.kind === "supply" && link.notNull && link.enforce === "expand") steps.push(...notNull(schema.version, table, link.column).prepare.slice(0, 1));
  return steps;
}

/** Measured: 500 partitions take 150–210 ms for a column and two triggers. */
export const holdMs = (partitions: number): number => Math.round(3 + partitions * 0.4);
