// The exchange of names by which a rename ends (carry/exchange.ts says why), while the sync is still there: nobody sees anything between.
import type { Column } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { NewColumn } from "../../../step/shape.ts";
import type { Template } from "../../../step/step.ts";
import type { DraftStep } from "../../dialect.ts";
import { originals } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { incoming } from "../carry/exchange.ts";
import { catalogStep, exclusive, probe } from "../core.ts";
import { quoteLiteral } from "../quoting.ts";
import { equals } from "../types.ts";
import { alter, at, column, defined } from "../writing.ts";
import { bareSteps } from "./bare.ts";
import { checkStep, rowKey } from "./checking.ts";
import { checkText } from "./column-checks.ts";
import type { ShapeContext } from "./context.ts";
import { asideDefinition, exchangedWith, finalDefinition, oldDefinition, openDefinition } from "./definitions.ts";

interface Pair {
  readonly old: Column;
  readonly fresh: NewColumn;
}

const pairs = (context: ShapeContext): readonly Pair[] =>
  originals(context.shape, context.table).flatMap(({ column: old }) => {
    const fresh = exchangedWith(context, old.name);
    return fresh ? [{ old, fresh }] : [];
  });

/** What was added stands behind what was there, so the places tell whose the names are. */
const stands = ({ table }: ShapeContext, list: readonly Pair[], how: "<" | ">"): string => {
  const place = (name: string): string =>
    `(select ordinal_position from information_schema.columns where table_schema = ${quoteLiteral(table.name.schema)} and table_name = ${quoteLiteral(table.name.name)} and column_name = ${quoteLiteral(name)})`;
  return list.map(({ old, fresh }) => `${place(fresh.spec.name)} ${how} ${place(old.name)}`).join(" and ");
};

/** What somebody has built over the second column since would stay on it, and go with it. */
function builtSince({ table, analysis, version }: ShapeContext, list: readonly Pair[]): Template {
  const home = quoteLiteral(table.name.schema);
  const on = quoteLiteral(table.name.name);
  const fresh = list.map(({ fresh: { spec } }) => spec.name);
  const own = analysis.copies.map(({ temporary }) => quoteLiteral(temporary));
  const named = (text: string): string => `(${fresh.map((name) => `locate(${quoteLiteral(column(name))}, ${text}) > 0`).join(" or ")})`;
  const problem = quoteLiteral("was made since the run began: drop it, go on, and make it again when the run is over");
  const indexed = `column_name in (${fresh.map(quoteLiteral).join(", ")})${isMariadb(version) ? "" : ` or ${named("expression")}`}`;
  // MariaDB's JSON brings a check of its own, which bears the column's name. MySQL tells the table of a check in another place.
  const checks = isMariadb(version)
    ? `information_schema.check_constraints where constraint_schema = ${home} and table_name = ${on} and check_clause <> concat('json_valid(\`', replace(constraint_name, '\`', '\`\`'), '\`)')`
    : `information_schema.check_constraints join information_schema.table_constraints using (constraint_schema, constraint_name) where constraint_schema = ${home} and table_name = ${on}`;
  return [
    `select distinct index_name as \`key\`, ${problem} as problem from information_schema.statistics where table_schema = ${home} and table_name = ${on} and (${indexed})${own.length === 0 ? "" : ` and index_name not in (${own.join(", ")})`}`,
    `select column_name, ${problem} from information_schema.columns where table_schema = ${home} and table_name = ${on} and ${named("generation_expression")}`,
    `select constraint_name, ${problem} from ${checks} and ${named("check_clause")}`,
  ].join(" union all ");
}

export function exchangeSteps(context: ShapeContext): readonly DraftStep[] {
  const list = pairs(context);
  if (list.length === 0) return [];
  const { table, schema, version, group } = context;
  const name = keyOf(table.name);
  const to = list.map(({ fresh }) => fresh.spec.name).join(", ");
  const renames = new Map(list.map(({ old, fresh }) => [old.name, fresh.spec.name]));
  const there = list.flatMap(({ old, fresh }) => [
    `change column ${column(old.name)} ${defined(fresh.spec.name, finalDefinition(context, fresh))}${checkText(table, old.name, renames)}`,
    `change column ${column(fresh.spec.name)} ${defined(old.name, asideDefinition(context, old))}`,
  ]);
  const back = list.flatMap(({ old, fresh }) => [
    `change column ${column(fresh.spec.name)} ${defined(old.name, oldDefinition(context, old))}${checkText(table, old.name, new Map())}`,
    `change column ${column(old.name)} ${defined(fresh.spec.name, openDefinition(context, fresh, true))}`,
  ]);
  // Of a column that a foreign key refers to MySQL tells the other table, which is more than an instant for it.
  const referred = incoming(schema, table).some(({ columns }) => list.some(({ old }) => columns.includes(old.name)));
  const way = !isMariadb(version) && referred ? "nocopy" : "instant";
  // MySQL locks the other side of a foreign key too; what MariaDB locks there is the same for every ALTER.
  const others = (
    isMariadb(version)
      ? []
      : [...table.constraints.flatMap(({ references }) => (references ? [references.table] : [])), ...incoming(schema, table).map(({ on }) => on.name)]
  ).filter((other) => keyOf(other) !== name);
  const locks = [exclusive(table.name), ...[...new Map(others.map((other) => [keyOf(other), other])).values()].map(exclusive)];
  const step = (title: string, why: string, parts: readonly Template[], how: "<" | ">") => ({
    ...catalogStep({
      title,
      why,
      table: table.name,
      statements: [alter(version, table.name, way, parts)],
      probe: probe(stands(context, list, how)),
      group,
    }),
    locks,
  });
  const differ = list.map(({ old, fresh }) => `not (${equals(old.type, column(old.name), column(fresh.spec.name))})`).join(" or ");
  const title = `${to} of ${name} holds what the old name holds`;
  return [
    {
      ...checkStep(context, title, "The names may be exchanged only where both columns are the same in every row. Reads only.", [
        {
          title,
          statement: `select ${rowKey(context)} as \`key\`, ${quoteLiteral(`${to} differs from its old name`)} as problem from ${at(table.name)} where ${differ} limit 10`,
        },
        { title: `nothing was built over ${to} of ${name}`, statement: builtSince(context, list) },
      ]),
      undo: [],
    },
    {
      ...step(
        `${to} of ${name} becomes the column that was there before`,
        "Both names hold the same values, so they change places in one instant, and all that hangs on the column follows: indexes, constraints, computed columns. What goes in the end is the second column.",
        there,
        "<",
      ),
      undo: [
        step(`the old name of ${to} of ${name} is the column's own again`, "Both hold every write again, so nothing is lost.", back, ">"),
        ...bareSteps(
          context,
          list.map(({ old }) => [old.name, oldDefinition(context, old)] as const),
        ),
      ],
    },
    // Not in the same step: sent twice, that one would take the names back.
    ...bareSteps(
      context,
      list.map(({ fresh }) => [fresh.spec.name, finalDefinition(context, fresh)] as const),
    ).map((core): DraftStep => ({ ...core, undo: [] })),
  ];
}
