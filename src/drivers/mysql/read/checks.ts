// CHECK constraints. On MariaDB one may be a part of its column's definition, as that of every JSON column is.
import type { Constraint } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import { family, fields } from "./family.ts";
import { isMariadb } from "./product.ts";
import * as write from "./text.ts";

interface CheckRow {
  readonly table_name: string | null;
  readonly constraint_name: string;
  readonly level: "Table" | "Column";
  readonly check_clause: string;
}

/** MySQL names the table of a check, and whether it is enforced, elsewhere; there its name is the only one of the database. */
const query = (version: number): string =>
  isMariadb(version)
    ? `select ${fields("table_name", "constraint_name", "level", "check_clause")} from information_schema.check_constraints where constraint_schema = database()`
    : `select null as table_name, constraint_name as constraint_name, 'Table' as level, check_clause as check_clause
  from information_schema.check_constraints where constraint_schema = database()`;

/** A period of MariaDB's shows itself in nothing but such a check. */
const likeAPeriod = /^`(?:[^`]|``)+` < `(?:[^`]|``)+`$/;

const constraintOf = (draft: Draft, table: string, row: CheckRow, enforced: boolean): Constraint => ({
  name: draft.shared(row.constraint_name),
  kind: "check",
  columns: draft.mentionedIn(table, write.expression(row.check_clause, draft.version)),
  definition: `CHECK (${write.expression(row.check_clause, draft.version)})${enforced ? "" : " NOT ENFORCED"}`,
  validated: true,
  enforced,
  deferrable: false,
  index: null,
  references: null,
  inherited: false,
  local: true,
  comment: null,
  ...(row.level === "Column" ? { form: "column" as const } : {}),
});

/** Checks of MySQL between their text and their table. */
export type CheckTexts = Map<string, CheckRow>;

export const checks = (texts: CheckTexts): ReturnType<typeof family> =>
  family<CheckRow>(query, (draft, row) => {
    if (row.table_name === null) {
      texts.set(row.constraint_name, row);
      return;
    }
    const constraint = constraintOf(draft, row.table_name, row, true);
    draft.tableOf(row.table_name)?.constraints.push(constraint);
    // MariaDB goes on to call a column's check by the name that the column had before RENAME COLUMN, which may by now be another's.
    if (row.level === "Column" && constraint.columns.join() !== row.constraint_name) draft.wanted.texts.add(row.table_name);
    if (row.level === "Table" && likeAPeriod.test(row.check_clause)) draft.wanted.texts.add(row.table_name);
  });

interface PlaceRow {
  readonly table_name: string;
  readonly constraint_name: string;
  readonly enforced: string;
}

/** MySQL only. */
export const checkPlaces = (texts: CheckTexts): ReturnType<typeof family> =>
  family<PlaceRow>(
    () =>
      `select ${fields("table_name", "constraint_name", "enforced")} from information_schema.table_constraints where table_schema = database() and constraint_type = 'CHECK'`,
    (draft, row) => {
      const text = texts.get(row.constraint_name);
      if (text) draft.tableOf(row.table_name)?.constraints.push(constraintOf(draft, row.table_name, text, row.enforced !== "NO"));
    },
  );
