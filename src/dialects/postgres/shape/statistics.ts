// Extended statistics of the old columns, made again over the new ones.
import { keyOf } from "../../../schema/names.ts";
import { ident, sql } from "../../../sql/sql.ts";
import type { DraftStep } from "../../dialect.ts";
import { catalogStep, scanStep, shareUpdateExclusive } from "../core.ts";
import { at, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

export const statisticsSteps = (context: ShapeContext): readonly DraftStep[] =>
  context.analysis.carried.statistics.map(({ original, temporary, definition }) => ({
    ...scanStep({
      title: `create statistics ${temporary} on ${keyOf(context.table.name)}`,
      why: `Stands for ${original.name.name} on the new columns.`,
      locks: [shareUpdateExclusive(context.table.name)],
      statements: [definition, text(sql`analyze ${at(context.table.name)}`)],
      group: context.group,
    }),
    undo: [
      catalogStep({
        title: `drop statistics ${temporary}`,
        why: "They were born in this run.",
        locks: [shareUpdateExclusive(context.table.name)],
        statements: [text(sql`drop statistics if exists ${ident(original.name.schema, temporary)}`)],
        group: context.group,
      }),
    ],
  }));
