// Constraints that end with the old shape: foreign keys and checks of columns that nothing takes the place of. They act on rows that nobody
// keeps any more, so they go before the sync; on the way back they come when every row is filled again, and are proved.
import type { Constraint } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { StepCore, Template } from "../../../step/step.ts";
import { renameInForeignKey } from "../../../syntax/mysql/rename.ts";
import type { DraftStep } from "../../dialect.ts";
import { originals } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { ownCheck } from "../carry/constraints.ts";
import { columnCheckIsThere, foreignKeyIsThere } from "../constraint-probes.ts";
import { catalogStep, exclusive, probe } from "../core.ts";
import { quoteLiteral } from "../quoting.ts";
import { alter, at, column, defined } from "../writing.ts";
import { bareSteps } from "./bare.ts";
import { checkStep, rowKey } from "./checking.ts";
import { checkText, expressionOf } from "./column-checks.ts";
import type { ShapeContext } from "./context.ts";
import { oldDefinition } from "./definitions.ts";

/** Names from switch to retire. */
const parkedNames = (context: ShapeContext): ReadonlyMap<string, string> =>
  new Map(originals(context.shape, context.table).map(({ old }) => [old.name, old.parked]));

/** Without a look at the rows that are there. On MySQL a try that fails leaves the setting behind; every batch sets it anew. */
const unchecked = (version: number, statement: Template): readonly Template[] =>
  isMariadb(version)
    ? [`set statement foreign_key_checks = 0 for ${statement}`]
    : ["set session foreign_key_checks = 0", statement, "set session foreign_key_checks = 1"];

function foreignKey(context: ShapeContext, constraint: Constraint): DraftStep {
  const { table, version, group } = context;
  const { references } = constraint;
  if (!references) throw new TypeError(`${constraint.name} references nothing`);
  const name = keyOf(table.name);
  const parked = parkedNames(context);
  const self = keyOf(references.table) === name;
  const own = constraint.columns.map((each) => column(parked.get(each) ?? each));
  const referenced = references.columns.map((each) => column(self ? (parked.get(each) ?? each) : each));
  const there = foreignKeyIsThere(table.name, constraint.name);
  const locks = [exclusive(table.name), ...(self ? [] : [exclusive(references.table)])];
  const add = alter(version, table.name, "nocopy", [
    `add constraint ${column(constraint.name)} ${renameInForeignKey(constraint.definition, parked, self ? parked : new Map())}`,
  ]);
  const title = `every row of ${name} meets foreign key ${constraint.name}`;
  return {
    ...catalogStep({
      title: `drop foreign key ${constraint.name} of ${name}`,
      why: "It ends with its column: from here on it would act on values that nobody keeps.",
      table: table.name,
      statements: [alter(version, table.name, isMariadb(version) ? "instant" : "nocopy", [`drop foreign key ${column(constraint.name)}`])],
      probe: probe(`not ${there}`),
      group,
    }),
    locks,
    undo: [
      {
        ...catalogStep({
          title: `foreign key ${constraint.name} of ${name} holds again for new rows`,
          why: "Without the server's own look at every row, during which nobody could write; that comes next.",
          table: table.name,
          statements: unchecked(version, add),
          probe: probe(there),
          group,
        }),
        locks,
      },
      checkStep(context, title, "The server did not look when the key was added. Reads only.", [
        {
          title,
          statement: `select ${rowKey(context)} as \`key\`, ${quoteLiteral(`${own.join(", ")} has no row in ${keyOf(references.table)}`)} as problem from ${at(table.name)} as child where ${own.map((each) => `child.${each} is not null`).join(" and ")} and not exists (select 1 from ${at(references.table)} as parent where ${own.map((each, i) => `parent.${referenced[i]} = child.${each}`).join(" and ")}) limit 10`,
        },
      ]),
    ],
  };
}

function ownChecks(context: ShapeContext): readonly DraftStep[] {
  const { table, version, group } = context;
  const name = keyOf(table.name);
  const parked = parkedNames(context);
  return originals(context.shape, table).flatMap(({ old, column: known }): DraftStep[] => {
    const check = ownCheck(table, known.name);
    if (!check || context.analysis.exchanged.has(known.name)) return [];
    const definition = oldDefinition(context, known);
    const of = defined(old.parked, { ...definition, invisible: old.parked !== old.name || definition.invisible });
    const there = columnCheckIsThere(table.name, old.parked, check.columns.includes(known.name));
    const step = (title: string, why: string, text: string, done: string): StepCore =>
      catalogStep({
        title,
        why,
        table: table.name,
        statements: [alter(version, table.name, "instant", [`modify column ${of}${text}`])],
        probe: probe(done),
        group,
      });
    const expression = expressionOf(checkText(table, known.name, parked));
    const title = `every row of ${name} meets the check of ${known.name}`;
    return [
      {
        ...step(`drop the check of ${known.name} of ${name}`, "It ends with its column.", "", `not ${there}`),
        undo: [
          step(
            `the check of ${known.name} of ${name} holds again for new rows`,
            "As a part of its column it is added in an instant; the server does not look at what is there.",
            checkText(table, known.name, parked),
            there,
          ),
          ...bareSteps(context, [[old.parked, definition]]),
          checkStep(context, title, "The server did not look when the check was added. Reads only.", [
            {
              title,
              statement: `select ${rowKey(context)} as \`key\`, ${quoteLiteral(`${known.name} does not meet its check`)} as problem from ${at(table.name)} where not ${expression} limit 10`,
            },
          ]),
        ],
      },
    ];
  });
}

export const endingSteps = (context: ShapeContext): readonly DraftStep[] => [
  ...context.analysis.endingKeys.map((constraint) => foreignKey(context, constraint)),
  ...ownChecks(context),
];
