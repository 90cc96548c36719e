// A specimen is a temporary view that makes the server resolve a type or an expression; it lives in a transaction that is rolled back.

import { quoteName } from "../../../dialects/postgres/quoting.ts";
import type { ExpressionColumn } from "../../../schema/facts.ts";

/** Statements in pieces: what is ours, and what a person wrote. */
export interface Specimen {
  /** Statements that have to stand before it. */
  readonly setup: readonly string[];
  readonly statement: string;
  /** Where in the statement the person's text stands, in characters from 0; it may stand there more than once. */
  readonly starts: readonly number[];
  /** The length of that text, in characters. */
  readonly length: number;
}

/** The server counts code points, not UTF-16 units. */
const characters = (text: string): number => [...text].length;

export const viewName = (index: number): string => `hotstick_specimen_${index}`;
const rowName = (index: number): string => `hotstick_row_${index}`;

/** Shows how the server understands a type. The text must have been parsed as one type before. */
export function typeSpecimen(index: number, type: string): Specimen {
  const before = `create temporary view ${viewName(index)} as select null::`;
  return { setup: [], statement: `${before}${type}\n as value`, starts: [characters(before)], length: characters(type) };
}

/** The row that an expression is about, as a view of its own: its types are looked up along the user's search_path, once. */
const rowView = (index: number, columns: readonly ExpressionColumn[]): string =>
  `create temporary view ${rowName(index)} as select ${columns.map(({ name, type }) => `null::${type}\n as ${quoteName([name])}`).join(", ")}`;

/**
 * An expression over that row, which must exist. In WHERE it stands again, because only there the server refuses aggregates, window
 * functions and set-returning functions; the line break ends a comment.
 * @param readAs a type that a bare literal is to be read as, or null.
 */
export function overRow(index: number, row: string, text: string, readAs: string | null, target: string | null): Omit<Specimen, "setup"> {
  const start = `create temporary view ${viewName(index)} as select (`;
  const cast = readAs === null ? "" : `::${readAs}`;
  const beside = target === null ? "" : `, null::${target}\n as target`;
  const middle = `\n)${cast} as value${beside} from pg_temp.${rowName(index)} as ${quoteName([row])} where (`;
  const first = characters(start);
  const length = characters(text);
  return { statement: `${start}${text}${middle}${text}\n) is null`, starts: [first, first + length + characters(middle)], length };
}

/** What an expression specimen is made of. */
export interface ExpressionParts {
  readonly text: string;
  readonly readAs: string | null;
  readonly target: string;
  readonly columns: readonly ExpressionColumn[];
  readonly row: string;
}

/** Shows what an expression over one row becomes, beside its target type. */
export const expressionSpecimen = (index: number, { text, readAs, target, columns, row }: ExpressionParts): Specimen => ({
  setup: [rowView(index, columns)],
  ...overRow(index, row, text, readAs, target),
});

/** The server's position in a message, from 1, as a position in the person's text, from 1; null where it points elsewhere. */
export function positionIn(specimen: Specimen, before: string, position: number): number | null {
  const at = position - 1 - characters(before);
  const start = specimen.starts.find((each) => at >= each && at <= each + specimen.length);
  return start === undefined ? null : at - start + 1;
}
