// Switch: the new shape is the truth. Side by side only the sync turns round; where the new shape takes an old name, the names swap in the same transaction.
import { keyOf } from "../../../schema/names.ts";
import { ident, sql } from "../../../sql/sql.ts";
import type { DraftStep } from "../../dialect.ts";
import { needsSync, newColumns, oldColumns, swaps } from "../../shape/columns.ts";
import { accessExclusive, catalogStep } from "../core.ts";
import { at, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { pendingGuard } from "./fill.ts";
import { holdMs } from "./open.ts";
import { evidence, syncAt } from "./sync.ts";

/** Old names step aside first, then the new shape takes them; and the way back. */
function renames(context: ShapeContext): { readonly there: readonly string[]; readonly back: readonly string[] } {
  const rename = (from: string, to: string): string => text(sql`alter table ${at(context.table.name)} rename column ${ident(from)} to ${ident(to)}`);
  const aside = oldColumns(context.shape).filter((old) => old.parked !== old.name);
  const up = newColumns(context.shape).filter((column) => column.hidden !== column.spec.name);
  return {
    there: [...aside.map((old) => rename(old.name, old.parked)), ...up.map((column) => rename(column.hidden, column.spec.name))],
    back: [...up.map((column) => rename(column.spec.name, column.hidden)), ...aside.map((old) => rename(old.parked, old.name))],
  };
}

export function turnShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, size } = context;
  if (!shape.links.some(needsSync)) return [];
  const before = syncAt(context, "expanded", "forward");
  const after = syncAt(context, "switched", "forward");
  const { there, back } = renames(context);
  const seen = evidence(context);
  const locks = [accessExclusive(table.name)];
  const estimate = { holdMs: holdMs(size.partitions) };
  return [
    {
      ...catalogStep({
        title: swaps(shape) ? `swap the names: ${keyOf(table.name)} serves the new shape` : `the new shape of ${keyOf(table.name)} becomes the truth`,
        why: swaps(shape)
          ? "Names and triggers turn in one transaction; a new function, since cached plans remember types."
          : "The sync gives the new shape's defaults from here on and counts what old code still writes.",
        locks,
        guards: pendingGuard(context, "expanded", "forward"),
        statements: [...seen.create, ...before.drop, ...there, ...after.create],
        estimate,
        group,
      }),
      undo: [
        catalogStep({
          title: `the old shape of ${keyOf(table.name)} becomes the truth again`,
          why: "Both shapes hold every write, so nothing is lost.",
          locks,
          statements: [...after.drop, ...back, ...before.create, ...seen.drop],
          estimate,
          group,
        }),
      ],
    },
  ];
}
