// An expression as a tree: just enough to judge it. Texts are rewritten on the spans, so nothing is ever printed from it.

export interface Node {
  readonly form:
    | "column"
    /** `name` is its kind of value, `value` what it says. */
    | "literal"
    /** `name` in lower case; with a dot in it where the function's database is named. */
    | "call"
    /** `name` in lower case; `is null` and its like are one operator, NOT before LIKE, IN … is left out. */
    | "operator"
    /** CAST, CONVERT and BINARY; `name` is the type in lower case with single blanks, or `using` and the character set. */
    | "cast"
    /** `name` is the unit. */
    | "interval"
    /** Its conditions, then its results. */
    | "case"
    | "row";
  readonly name: string;
  readonly parts: readonly Node[];
  /** UTF-16 index of its first character. */
  readonly start: number;
  readonly end: number;
  /** What a text literal says, the digits of a number, the unit of EXTRACT, the collation of COLLATE; else null. */
  readonly value: string | null;
  /** Of a case: how many parts are conditions. */
  readonly conditions?: number;
}

/** Calls `visit` for a node and all below it. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const part of node.parts) walk(part, visit);
}
