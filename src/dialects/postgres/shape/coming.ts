// What the coming constraints would refuse, looked for while there is still time: NULLs, duplicates, orphans, violated checks.
import { ident, join, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import { lastingColumns } from "../../shape/columns.ts";
import { at, columns, text } from "../writing.ts";
import { newName, type Stage } from "./conditions.ts";
import type { ShapeContext } from "./context.ts";

interface Check {
  readonly title: string;
  readonly statement: string;
}

const keyText = (context: ShapeContext): Sql => (context.key.length > 0 ? sql`row(${columns(context.key.map(({ name }) => name))})::text` : raw("ctid::text"));

const rows = (context: ShapeContext, title: string, where: Sql): Check => ({
  title,
  statement: text(sql`select ${keyText(context)} as key, ${literal(title)} as problem from ${at(context.table.name)} where ${where} limit 10`),
});

function nulls(context: ShapeContext, stage: Stage): readonly Check[] {
  const fresh = lastingColumns(context.shape)
    .filter((column) => column.spec.notNull)
    .map((column) => newName(column, stage));
  const supplied = context.shape.links.flatMap((link) => (link.kind === "supply" && link.notNull && link.adds === null ? [link.column] : []));
  return [...new Set([...fresh, ...supplied])].map((name) => rows(context, `${name} is NULL`, sql`${ident(name)} is null`));
}

/** Names of carried definitions are the final ones; before a swap they would mean the old columns. */
const namesHold = (context: ShapeContext, stage: Stage): boolean =>
  stage !== "expanded" || context.shape.links.every((link) => link.kind !== "transform" || link.new.every((column) => column.hidden === column.spec.name));

function duplicates(context: ShapeContext): readonly Check[] {
  const heirs = new Map(
    context.shape.links.flatMap((link): [string, string][] =>
      link.kind === "copy"
        ? [[link.old.name, link.new.spec.name]]
        : link.kind === "transform" && link.old.length === 1 && link.new.length === 1
          ? [[link.old[0]?.name ?? "", link.new[0]?.spec.name ?? ""]]
          : [],
    ),
  );
  return context.analysis.carried.unique
    .filter(({ original }) => original.predicate === null && original.keys.every((key) => key !== null))
    .map(({ original }) => {
      const names = original.keys.map((key) => heirs.get(key ?? "") ?? key ?? "");
      const list = columns(names);
      return {
        title: `no two rows share ${names.join(", ")}`,
        statement: text(
          sql`select row(${list})::text as key, count(*)::text || ' rows share it in ' || ${literal(names.join(", "))} as problem from ${at(context.table.name)} where ${join(
            names.map((name) => sql`${ident(name)} is not null`),
            " and ",
          )} group by ${list} having count(*) > 1 limit 10`,
        ),
      };
    });
}

function violations(context: ShapeContext): readonly Check[] {
  const { carried } = context.analysis;
  const own = carried.checks.flatMap(({ original, definition }) => {
    const expression = /^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?$/s.exec(definition)?.[1];
    return expression === undefined ? [] : [rows(context, `check ${original.name} does not hold`, sql`not (${raw(expression)})`)];
  });
  return own;
}

export function comingChecks(context: ShapeContext, stage: Stage): readonly Check[] {
  return [...nulls(context, stage), ...(namesHold(context, stage) ? [...duplicates(context), ...violations(context)] : [])];
}
