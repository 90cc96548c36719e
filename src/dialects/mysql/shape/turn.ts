// Switch: the new shape is the truth. Side by side it is shown and the sync turns round; where it takes an old name, one ALTER does it all.
import { keyOf } from "../../../schema/names.ts";
import type { DraftStep } from "../../dialect.ts";
import { lastingColumns, needsSync, originals, swaps } from "../../shape/columns.ts";
import { areHidden, areShown, catalogStep, columnIs, probe, rowsStep } from "../core.ts";
import { flags, turn } from "../sync/flags.ts";
import { alter, column, defined } from "../writing.ts";
import { checkText } from "./column-checks.ts";
import type { ShapeContext } from "./context.ts";
import { oldDefinition, openDefinition } from "./definitions.ts";
import { guards } from "./fill.ts";
import { createSteps, syncAt, syncInput } from "./sync.ts";

/** The clause that renames a column and says whether it is seen. */
function clauseOf(context: ShapeContext, direction: "there" | "back"): (from: string, to: string) => string {
  const shown = direction === "there";
  return (from, to) => {
    const fresh = lastingColumns(context.shape).find((each) =>
      shown ? from === each.hidden && to === each.spec.name : from === each.spec.name && to === each.hidden,
    );
    if (fresh) return `change column ${column(from)} ${defined(to, openDefinition(context, fresh, shown))}`;
    const old = originals(context.shape, context.table).find((each) =>
      shown ? from === each.old.name && to === each.old.parked : from === each.old.parked && to === each.old.name,
    );
    if (!old) return `rename column ${column(from)} to ${column(to)}`;
    const definition = oldDefinition(context, old.column);
    const check = checkText(context.table, old.column.name, new Map([[old.column.name, to]]));
    return `change column ${column(from)} ${defined(to, { ...definition, invisible: shown || definition.invisible })}${check}`;
  };
}

export function turnShape(context: ShapeContext): readonly DraftStep[] {
  const { table, shape, group, version } = context;
  const name = keyOf(table.name);
  const fresh = lastingColumns(shape);
  const steps: DraftStep[] = [];
  const found = guards(context);
  if (found.length > 0)
    steps.push({
      ...rowsStep({
        title: `look whether every row of ${name} is filled, and our triggers are the last`,
        why: "Reads only. A trigger of somebody else's that was created later would change a row behind ours.",
        guards: found,
        statements: [],
        group,
      }),
      undo: [],
    });
  if (swaps(shape)) {
    const input = syncInput(context, "expanded", "forward");
    const still = fresh.filter(({ hidden, spec }) => hidden === spec.name);
    const also = (shown: boolean): string => still.map((each) => `modify column ${defined(each.hidden, openDefinition(context, each, shown))}, `).join("");
    const statement = (direction: "there" | "back"): string =>
      turn(input, direction, clauseOf(context, direction)).replace(/^(alter table (?:`(?:[^`]|``)*`\.?)+ )/, (head) => `${head}${also(direction === "there")}`);
    const stands = (expression: number): string =>
      columnIs(table.name, flags.expanded, `${context.can.flags === "virtual" ? "generation_expression" : "column_default"} = '${expression}'`);
    steps.push({
      ...catalogStep({
        title: `swap the names: ${name} serves the new shape`,
        why: "Names, visibility and the triggers' flag turn in one ALTER; no trigger is touched, and nobody sees anything between.",
        table: table.name,
        statements: [statement("there")],
        probe: probe(stands(0)),
        group,
      }),
      undo: [
        catalogStep({
          title: `swap the names back: ${name} serves the old shape`,
          why: "Both shapes hold every write, so nothing is lost.",
          table: table.name,
          statements: [statement("back")],
          probe: probe(stands(1)),
          group,
        }),
      ],
    });
    return steps;
  }
  if (fresh.length > 0) {
    const names = fresh.map(({ spec }) => spec.name);
    const show = (shown: boolean): string =>
      alter(
        version,
        table.name,
        "instant",
        fresh.map((each) => `modify column ${defined(each.spec.name, openDefinition(context, each, shown))}`),
      );
    const stays = fresh.filter((each) => !openDefinition(context, each, true).invisible).map(({ spec }) => spec.name);
    if (stays.length > 0)
      steps.push({
        ...catalogStep({
          title: `show ${names.join(", ")} of ${name}`,
          why: "From here on the new shape is what SELECT * gives; inserts that name no columns must give it.",
          table: table.name,
          statements: [show(true)],
          probe: probe(areShown(table.name, stays)),
          group,
        }),
        undo: [
          catalogStep({
            title: `hide ${names.join(", ")} of ${name}`,
            why: "The old shape is the truth again; both hold every write.",
            table: table.name,
            statements: [show(false)],
            probe: probe(areHidden(table.name, stays)),
            group,
          }),
        ],
      });
  }
  if (!shape.links.some(needsSync)) return steps;
  const before = createSteps(context, syncAt(context, "expanded", "forward"), "The old shape is the truth again.");
  const after = createSteps(
    context,
    syncAt(context, "switched", "forward"),
    "The sync gives the new shape's defaults from here on and counts what old code still writes.",
  );
  steps.push(...after.map((core, i): DraftStep => ({ ...core, undo: before.slice(i, i + 1) })));
  return steps;
}
