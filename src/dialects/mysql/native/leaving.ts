// Columns that a user's own statements take away under their names, and what goes on to name them.
import type { Finding } from "../../../finding.ts";
import { findTable } from "../../../schema/edit.ts";
import { type Question, questionKey } from "../../../schema/facts.ts";
import type { Schema } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { UserStatement } from "../../../step/change.ts";
import { columnText } from "../../../syntax/mysql/column-text.ts";
import { statementKind } from "../../../syntax/mysql/kind.ts";
import { wordsOf } from "../../../syntax/mysql/words.ts";
import { checkOutside } from "../carry/outside.ts";
import { names } from "../carry/refusals.ts";
import { checkSurroundings } from "../carry/surroundings.ts";
import { alteredBy } from "./altered.ts";
import type { Moment } from "./follow.ts";

/** What other databases have is asked where a column may go. */
export function leavingQuestions(statements: readonly UserStatement[], schema: Schema): readonly Question[] {
  return statements.flatMap(({ text, tables }): readonly Question[] => {
    const lexing = { version: schema.version };
    const takes = (alteredBy(text, schema.version)?.actions ?? []).some((action) => {
      const written = columnText(text, action, lexing);
      return action.kind === "drop column" || action.kind === "rename column" || (written !== null && written.name.toLowerCase() !== written.to.toLowerCase());
    });
    return takes ? tables.flatMap(({ table }) => (schema.tables[keyOf(table)] ? [{ kind: "outside", table } as const] : [])) : [];
  });
}

const objects = /\b(view|trigger|procedure|function|event)$/;

/** Whether the statements themselves drop or replace what bears this name. */
function isSeenTo(statements: readonly UserStatement[], name: string, version: number): boolean {
  return statements.some(({ text }) => objects.test(statementKind(wordsOf(text, { version }))) && names(text, [name]));
}

const told: ReadonlySet<string> = new Set(["dependent-view", "dependent-trigger", "dependent-routine", "may-name-column", "not-all-seen"]);

/**
 * Said and not refused: whoever writes SQL of his own may make them anew in another migration.
 * @param after what the statements leave.
 */
export function leavingFindings(statements: readonly UserStatement[], { schema, facts, tables }: Moment): readonly Finding[] {
  return [...tables].flatMap(([key, after]) => {
    const table = schema.tables[key] && findTable(schema, schema.tables[key].name);
    if (!table || typeof after === "string") return [];
    const leaving = table.columns.map(({ name }) => name).filter((name) => !after.columns.has(name.toLowerCase()));
    return [
      ...checkSurroundings(schema, table, leaving),
      ...checkOutside(facts.outside[questionKey({ kind: "outside", table: table.name })], table, leaving, schema.version),
    ]
      .filter(
        ({ rule, subject }) => told.has(rule) && (subject.kind === "table" || !isSeenTo(statements, subject.name.split(".").at(-1) ?? "", schema.version)),
      )
      .map((finding): Finding => (finding.severity === "refuse" ? { ...finding, severity: "warn" } : finding));
  });
}
