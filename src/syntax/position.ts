// Where in a text something is, said the way an editor says it.

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters as people count them (code points), so that an emoji is one. */
  readonly column: number;
}

/** Index in UTF-16 units of the code point with this number, from 0. */
export function indexOfCodePoint(text: string, number: number): number {
  let index = 0;
  for (let seen = 0; seen < number && index < text.length; seen++) index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  return index;
}

/** The position of an index in UTF-16 units. */
export function positionOf(text: string, index: number): Position {
  const before = text.slice(0, index);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}

/** Longer lines are cut around the place, so that a minified file does not flood the terminal. */
const widest = 120;

/**
 * The line around an index with a caret under the place, ready to be put under a message. Tabs become single spaces, for the caret
 * would stand elsewhere otherwise.
 */
export function excerpt(text: string, index: number): string {
  const { line, column } = positionOf(text, index);
  const characters = [...(text.split("\n")[line - 1] ?? "").replace(/\r$/, "").replaceAll("\t", " ")];
  const from = Math.max(0, column - 1 - widest / 2);
  const shown = characters.slice(from, from + widest).join("");
  const margin = `${line} | ${from > 0 ? "…" : ""}`;
  return `${margin}${shown}${from + widest < characters.length ? "…" : ""}\n${" ".repeat(margin.length + column - 1 - from)}^`;
}
