// Checks of a table that is new or empty, on MySQL: the server renames and drops no column that a check names, even one that is not
// enforced. So such a check goes first, and comes back over what took its columns' places. (MariaDB takes a check along with its column.)
import type { Constraint } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { StepCore } from "../../../step/step.ts";
import { renameInExpression } from "../../../syntax/mysql/rename.ts";
import type { DraftStep } from "../../dialect.ts";
import { drops, originals, successors } from "../../shape/columns.ts";
import { isMariadb } from "../capabilities.ts";
import { checkIsThere } from "../constraint-probes.ts";
import { plainStep, probe } from "../core.ts";
import { at, column } from "../writing.ts";
import type { ShapeContext } from "./context.ts";

interface PlainCheck {
  /** Before anything is done to its columns. */
  readonly drop: DraftStep;
  /** When all is done; null where it ends with its columns. */
  readonly add: DraftStep | null;
}

/** What else names columns that leave and columns that stay is left to the server, which refuses to drop them. */
export function plainChecks(context: ShapeContext): readonly PlainCheck[] {
  const { table, shape, version, group } = context;
  if (isMariadb(version)) return [];
  const name = keyOf(table.name);
  const leaving = originals(shape, table).map(({ old }) => old.name);
  const next = successors(shape, table);
  const given = drops(shape);
  const renames = new Map([...next].flatMap(([old, fresh]) => (fresh ? [[old, fresh.spec.name] as const] : [])));
  const step = (check: Constraint, title: string, what: string, done: (there: string) => string): StepCore =>
    plainStep({
      title: `${title} ${check.name} of ${name}`,
      table: table.name,
      statements: [`alter table ${at(table.name)} ${what}`],
      probe: probe(done(checkIsThere(table.name, check.name))),
      group,
    });
  const dropped = (check: Constraint): StepCore => step(check, "drop check", `drop check ${column(check.name)}`, (there) => `not ${there}`);
  const added = (check: Constraint, definition: string): StepCore =>
    step(check, "add check", `add constraint ${column(check.name)} ${definition}`, (there) => there);
  return table.constraints.flatMap((check): PlainCheck[] => {
    const named = check.columns.filter((each) => leaving.includes(each));
    if (check.kind !== "check" || named.length === 0) return [];
    const ends = given.has(check.name) || (named.length === check.columns.length && named.every((each) => !renames.has(each)));
    if (!ends && !named.every((each) => renames.has(each))) return [];
    return [
      {
        drop: { ...dropped(check), undo: [added(check, check.definition)] },
        add: ends ? null : { ...added(check, renameInExpression(check.definition, renames)), undo: [dropped(check)] },
      },
    ];
  });
}
