// What the parser does for this dialect: definitions and expressions rewritten as syntax trees.

import type { ObjectName } from "../../schema/model.ts";
import { renameColumns } from "../../syntax/postgres/definition.ts";
import { parseExpression, substitute } from "../../syntax/postgres/expression.ts";
import { nameOf, tokens } from "../../syntax/postgres/lexer.ts";
import { mentionsInRoutine } from "../../syntax/postgres/mentions.ts";
import type { Node, PostgresSyntax } from "../../syntax/postgres/parser.ts";
import { renameStatistics } from "../../syntax/postgres/rename.ts";
import { unwrap } from "../../syntax/postgres/tree.ts";

type Names = ReadonlyMap<string, string>;

export interface Rewriting {
  /** Columns renamed in the text of CREATE INDEX. */
  index(table: ObjectName, definition: string, names: Names): string;
  /** Columns renamed in a constraint's text: of its own table, and of the table that a foreign key points to. */
  constraint(table: ObjectName, definition: string, own: Names, referenced: Names): string;
  /** CREATE STATISTICS over renamed columns, under another name. */
  statistics(table: ObjectName, definition: string, names: Names, name: ObjectName): string;
  /** What follows the table's name in CREATE INDEX: `USING btree (…) …`. */
  indexBody(definition: string): string;
  /** What a trigger's function says of some columns of its table, and of the row as a whole. */
  mentions(createFunction: string, table: ObjectName, columns: readonly string[]): { readonly mentions: readonly string[]; readonly wholeRow: boolean };
  /** An expression with every column replaced by the text that `column` gives for it. */
  expression(qualified: string, column: (name: string) => string): string;
}

/** The part of CREATE INDEX behind the table's name: `USING` is left out for a btree by some printers. */
function bodyOf(definition: string): string {
  let seen: "index" | "name" | "table" = "index";
  for (const token of tokens(definition)) {
    const written = definition.slice(token.start, token.end);
    const isName = token.kind === "word" || token.kind === "quoted";
    if (seen === "index") {
      if (token.kind === "word" && nameOf(definition, token) === "on") seen = "name";
    } else if (seen === "name" && token.kind === "word" && nameOf(definition, token) === "only") {
      // Stands before the name.
    } else if (seen === "name" && isName) seen = "table";
    else if (seen === "table" && written === ".") seen = "name";
    else return definition.slice(token.start);
  }
  throw new TypeError(`no keys in ${definition}`);
}

/** The tree of a text that stands for a value. */
function valueTree(syntax: PostgresSyntax, text: string): Node {
  const [statement] = syntax.parse(text, "SELECT ");
  const select = unwrap(statement?.node);
  const [target] = (select?.fields["targetList"] ?? []) as readonly unknown[];
  const value = unwrap(target)?.fields["val"];
  if (value === undefined) throw new TypeError(`${text} is no value`);
  return value as Node;
}

/** Rewriting without a parser: for plans that copy nothing and compute nothing. */
export const noRewriting: Rewriting = {
  index: unavailable,
  constraint: unavailable,
  statistics: unavailable,
  indexBody: unavailable,
  mentions: unavailable,
  expression: unavailable,
};

function unavailable(): never {
  throw new TypeError("the parser was not loaded");
}

export function rewritingWith(syntax: PostgresSyntax): Rewriting {
  return {
    index: (table, text, names) => renameColumns(syntax, { kind: "index", text, table }, names),
    constraint: (table, text, own, referenced) => renameColumns(syntax, { kind: "constraint", text, table }, own, referenced),
    statistics: (table, text, names, name) => renameStatistics(syntax, renameColumns(syntax, { kind: "statistics", text, table }, names), name),
    indexBody: bodyOf,
    mentions: (createFunction, table, columns) => mentionsInRoutine(syntax, createFunction, { table, columns }, true),
    expression(qualified, column) {
      const { tree, columns } = parseExpression(syntax, qualified, null);
      const values = new Map(columns.map((name) => [name, valueTree(syntax, column(name))]));
      const node = substitute(tree, (name) => values.get(name) ?? null);
      return syntax
        .print({ SelectStmt: { targetList: [{ ResTarget: { val: node } }], limitOption: "LIMIT_OPTION_DEFAULT", op: "SETOP_NONE" } } as unknown as Node)
        .replace(/^SELECT\s+/, "");
    },
  };
}
