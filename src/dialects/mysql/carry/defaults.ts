// Defaults that are computed from other columns. The server computes them before any trigger fires, so from what a statement gave: a
// column that leaves, and that new code does not name any more, gives them its own default. Nor can a column be dropped that one names.
import type { Finding } from "../../../finding.ts";
import type { Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import { codeTokens } from "../../../syntax/mysql/lexer.ts";
import { nameOf, sameName } from "../../../syntax/mysql/written.ts";
import { refuse } from "./refusals.ts";

/** The server prints columns in backticks; functions and key words without, though they may have a column's name. */
const readsColumn = (text: string, column: string): boolean =>
  codeTokens(text).some((token) => token.kind === "quoted" && sameName(nameOf(text, token), column));

/** @param leaving columns that leave, by whatever way. */
export function checkDefaults(table: Table, leaving: readonly string[]): readonly Finding[] {
  const name = keyOf(table.name);
  return table.columns.flatMap(({ name: column, default: text }) => {
    if (text === null) return [];
    const read = table.columns.flatMap((other) => (readsColumn(text, other.name) ? [other.name] : []));
    const gone = read.filter((each) => leaving.includes(each));
    if (gone.length === 0) return [];
    return [
      refuse(
        "dependent-default",
        "column",
        `${name}.${column}`,
        `The default of ${column} is computed from ${gone.join(", ")}, and by the server before any trigger: for rows of new code, which does not name ${gone.join(", ")}, it would be wrong.`,
        `Take it away in an earlier migration, or give ${column} a constant one: alter table … alter column ${column} drop default. Give it anew, over the new columns, when the run is complete.`,
      ),
    ];
  });
}
