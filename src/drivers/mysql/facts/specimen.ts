// The tables that make the server resolve an expression: the row it is about, what it gives, and what that is to be stored in.
import { quoteName } from "../../../dialects/mysql/quoting.ts";
import type { ExpressionColumn } from "../../../schema/facts.ts";
import type { Schema, Table } from "../../../schema/model.ts";
import type { Specimen } from "./trial.ts";

const textual = /^(?:(?:var)?char|(?:tiny|medium|long)?text|enum|set)\b/i;

/**
 * A question tells a column's type only; which characters it holds decides whether it may be compared with others. A column of the table of
 * that name has its own collation, one that is still to come its table's.
 */
export function collationOf(schema: Schema, row: string, column: ExpressionColumn): string {
  if (!textual.test(column.type)) return "";
  const tables: readonly Table[] = Object.values(schema.tables).filter(({ name }) => name.name === row);
  const found = tables.flatMap(({ columns }) => columns).find((each) => each.name === column.name && each.type === column.type);
  const [charset, collation] = found ? [found.attributes["charset"], found.collation] : [tables[0]?.options["charset"], tables[0]?.options["collation"]];
  return charset === undefined || !collation ? "" : ` character set ${charset} collate ${collation}`;
}

/**
 * Every collation that a text column of the table of this name has, or would get. Which of them the target has, a question does not tell;
 * what holds for all of them holds for it.
 */
export function collationsOf(schema: Schema, row: string): readonly string[] {
  const tables = Object.values(schema.tables).filter(({ name }) => name.name === row);
  const found = tables.flatMap(({ columns, options }) => [options["collation"], ...columns.map(({ collation }) => collation)]);
  return [...new Set(found.filter((collation) => collation !== null && collation !== undefined))];
}

export interface ExpressionParts {
  /** The expression, columns qualified by nothing or by the row's name. */
  readonly text: string;
  readonly row: string;
  /** The columns that it reads, with their collations behind the types. */
  readonly columns: readonly ExpressionColumn[];
  readonly target: string;
  /** True where it reads no column: then it is evaluated, so that a value which the target refuses shows. */
  readonly constant: boolean;
}

/** Which statement shows what; the last of them is the one that stores. */
export const shows = { value: 2, target: 4, stores: 5 } as const;

/** A table must have a column. The line break ends a comment. */
export function expressionSpecimen(index: number, { text, row, columns, target, constant }: ExpressionParts): Specimen {
  const [rowTable, valueTable, targetTable] = [`hotstick_row_${index}`, `hotstick_specimen_${index}`, `hotstick_target_${index}`];
  const definitions = [...columns.map(({ name, type }) => `${quoteName([name])} ${type}\n`), ...(columns.length === 0 ? ["hotstick_none int"] : [])];
  const from = constant ? "" : ` from ${rowTable} as ${quoteName([row])} limit 0`;
  return {
    statements: [
      `create temporary table ${rowTable} (${definitions.join(", ")})`,
      `create temporary table ${valueTable} as select (${text}\n) as value from ${rowTable} as ${quoteName([row])} limit 0`,
      `show full columns from ${valueTable}`,
      `create temporary table ${targetTable} (value ${target}\n)`,
      `show full columns from ${targetTable}`,
      `insert into ${targetTable} (value) select (${text}\n)${from}`,
    ],
    tables: [rowTable, valueTable, targetTable],
  };
}
