// What the coming constraints would refuse, looked for while there is still time: NULLs and duplicates.
import { keyOf } from "../../../schema/names.ts";
import { lastingColumns } from "../../shape/columns.ts";
import { quoteLiteral } from "../quoting.ts";
import { at, column } from "../writing.ts";
import { type Check, rowKey } from "./checking.ts";
import type { ShapeContext } from "./context.ts";
import type { Stage } from "./links.ts";

export function comingChecks(context: ShapeContext, stage: Stage): readonly Check[] {
  const { table, shape, analysis } = context;
  const from = at(table.name);
  const required = lastingColumns(shape)
    // A column that is NOT NULL already holds something, and whether that is right is judged with the row.
    .filter(({ spec, hidden }) => spec.notNull && context.sentinels[hidden] === undefined)
    .map((fresh): Check => {
      const name = stage === "expanded" ? fresh.hidden : fresh.spec.name;
      const title = `${fresh.spec.name} of ${keyOf(table.name)} has no value`;
      return {
        title,
        statement: `select ${rowKey(context)} as \`key\`, ${quoteLiteral(title)} as problem from ${from} where ${column(name)} is null limit 10`,
      };
    });
  const supplied = shape.links.flatMap((link): Check[] => {
    if (link.kind !== "supply" || !link.notNull || link.adds) return [];
    const title = `${link.column} of ${keyOf(table.name)} has no value`;
    return [
      {
        title,
        statement: `select ${rowKey(context)} as \`key\`, ${quoteLiteral(title)} as problem from ${from} where ${column(link.column)} is null limit 10`,
      },
    ];
  });
  const unique = analysis.copies
    .filter(({ original }) => original.unique && original.keys.every((key) => key !== null))
    .map((copy): Check => {
      const names = copy.original.keys.map((key) => column((stage === "expanded" ? copy.hidden : copy.shown).get(key ?? "") ?? key ?? ""));
      const title = `${names.join(", ")} of ${keyOf(table.name)} is not unique`;
      return {
        title,
        statement: `select concat_ws(', ', ${names.join(", ")}) as \`key\`, ${quoteLiteral(title)} as problem from ${from} where ${names.map((name) => `${name} is not null`).join(" and ")} group by ${names.join(", ")} having count(*) > 1 limit 10`,
      };
    });
  return [...required, ...supplied, ...unique];
}
