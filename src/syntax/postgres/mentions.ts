// Does a routine or a query use these columns of a table? Findings are made of it: better one too many than one too few.
import { type ColumnUse, inType, noUse, type Surroundings, useIn } from "./columnuse.ts";
import { nameOf, type Token, tokens } from "./lexer.ts";
import type { Node, PostgresSyntax } from "./parser.ts";
import type { WrittenName } from "./reads.ts";
import { isTree, strings, type Tree, unwrap, walk } from "./tree.ts";

export interface Mentions {
  /** Those of the asked columns that it uses, or may use. */
  readonly mentions: readonly string[];
  /** It uses rows of the table as a whole, so every column. */
  readonly wholeRow: boolean;
  /** False where the text does not tell all: dynamic SQL, another language, a body that could not be parsed. */
  readonly sure: boolean;
}

/** What is asked. */
export interface Question {
  readonly table: WrittenName;
  readonly columns: readonly string[];
}

const answer = ({ columns }: Question, use: ColumnUse, sure: boolean): Mentions => ({
  mentions: columns.filter((column) => use.columns.has(column) || (use.named && use.maybe.has(column))),
  wholeRow: use.wholeRow,
  sure,
});

/** What a string constant holds, its quotes left out. */
function inside(text: string, token: Token): string {
  const tag = token.kind === "dollar" ? text.indexOf("$", token.start + 1) + 1 - token.start : 1;
  const from = token.kind === "dollar" ? token.start + tag : text.indexOf("'", token.start) + 1;
  return text.slice(from, token.end - tag);
}

/** Counts every word of a text as a column's name, those in strings included; for texts that cannot be read better. */
function scan(text: string, use: ColumnUse): void {
  try {
    for (const token of tokens(text)) {
      if (token.kind === "word" || token.kind === "quoted") use.columns.add(nameOf(text, token));
      // Another language quotes its strings so.
      if (token.kind === "quoted") scan(nameOf(text, token), use);
      if (token.kind === "dollar" || token.kind === "string") scan(inside(text, token), use);
    }
  } catch {
    // Quotes that are not SQL's: words are all that is left.
    for (const [word] of text.matchAll(/[\p{L}_][\p{L}\p{N}_$]*/gu)) use.columns.add(word).add(word.toLowerCase());
  }
}

/** The answer where words were counted: they say something only where the table is among them, or known to be meant. */
function scanned(text: string, question: Question, use: ColumnUse, meant: boolean): Mentions {
  scan(text, use);
  return answer(question, meant || use.named || use.columns.has(question.table.name) ? use : noUse(), false);
}

function parsed(syntax: PostgresSyntax, text: string, before = ""): readonly Node[] | null {
  try {
    return syntax.parse(text, before).map(({ node }) => node);
  } catch {
    return null;
  }
}

/** What a query, such as a view's definition, uses of a table. */
export function mentionsInQuery(syntax: PostgresSyntax, text: string, question: Question): Mentions {
  const use = noUse();
  const nodes = parsed(syntax, text);
  if (!nodes) return scanned(text, question, use, false);
  for (const node of nodes) useIn(node, { table: question.table, rows: new Set(), records: new Set() }, use);
  return answer(question, use, true);
}

/** What follows the first `:=` or `=` of an assignment that stands outside brackets. */
function assigned(text: string): string {
  let depth = 0;
  for (const token of tokens(text)) {
    const written = text.slice(token.start, token.end);
    if (written === "[" || written === "(") depth++;
    if (written === "]" || written === ")") depth--;
    if (depth > 0) continue;
    if (token.kind === "operator" && written.startsWith("=")) return text.slice(token.start + 1);
  }
  return text;
}

/** How PL/pgSQL means a text to be parsed, by the server's own numbers: 0 a statement, 2 an expression, above that an assignment. */
function inFragment(syntax: PostgresSyntax, text: string, mode: number, around: Surroundings, use: ColumnUse): boolean {
  const nodes = mode === 0 ? parsed(syntax, text) : parsed(syntax, mode === 2 ? text : assigned(text), "SELECT ");
  if (!nodes) scan(text, use);
  for (const node of nodes ?? []) useIn(node, around, use);
  return nodes !== null;
}

/** A variable's type as PL/pgSQL keeps it: `app.users%rowtype`, `users.name%TYPE`, `users[]`, `record`. */
function variableType(text: string, table: WrittenName, use: ColumnUse): "row" | "record" | "other" {
  if (text === "record") return "record";
  const [, path = "", suffix = ""] = /^(.*?)(%\w+)?(?:\[\d*\])*$/s.exec(text) ?? [];
  const names = [...tokens(path)].filter(({ kind }) => kind === "word" || kind === "quoted").map((token) => nameOf(path, token));
  const found = noUse();
  inType(names, suffix.toLowerCase() === "%type", table, found);
  for (const column of found.columns) use.columns.add(column);
  use.named ||= found.named;
  use.wholeRow ||= found.wholeRow;
  return found.wholeRow ? "row" : "other";
}

const dynamic: ReadonlySet<string> = new Set(["PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors", "dynquery"]);

/** Reads a PL/pgSQL body that was parsed. Returns false where it holds dynamic SQL or a piece that could not be read. */
function inPlpgsql(syntax: PostgresSyntax, body: unknown, table: WrittenName, rows: Set<string>, use: ColumnUse): boolean {
  const records = new Set<string>();
  const datums: Tree[] = [];
  walk(body, (part) => {
    if (Array.isArray(part["datums"])) datums.push(...part["datums"].map((datum: unknown) => unwrap(datum)?.fields ?? {}));
  });
  for (const { refname, datatype } of datums) {
    const type = unwrap(datatype)?.fields["typname"];
    if (typeof refname !== "string" || typeof type !== "string") continue;
    const held = variableType(type, table, use);
    if (held === "row") rows.add(refname);
    if (held === "record" && !rows.has(refname)) records.add(refname);
  }
  for (const { fieldname, recparentno } of datums) {
    const parent = datums[typeof recparentno === "number" ? recparentno : 0]?.["refname"];
    if (typeof fieldname !== "string" || typeof parent !== "string") continue;
    if (rows.has(parent)) use.columns.add(fieldname);
    else if (records.has(parent)) use.maybe.add(fieldname);
  }
  let sure = true;
  walk(body, (part) => {
    if (Object.keys(part).some((key) => dynamic.has(key))) sure = false;
    const node = unwrap(part);
    const query = node?.kind === "PLpgSQL_expr" ? node.fields["query"] : undefined;
    if (typeof query !== "string") return;
    if (!inFragment(syntax, query, Number(node?.fields["parseMode"] ?? 0), { table, rows, records }, use)) sure = false;
  });
  // Dynamic SQL is made of string constants more often than not.
  if (!sure) walk(body, (part) => (typeof part["query"] === "string" ? scanStrings(part["query"], use) : undefined));
  return sure;
}

function scanStrings(text: string, use: ColumnUse): void {
  for (const token of tokens(text)) if (token.kind === "string" || token.kind === "dollar") scan(inside(text, token), use);
}

/** The parameters and the result of a routine; parameters of the table's row type hold its rows. */
function inSignature(fields: Tree, table: WrittenName, rows: Set<string>, use: ColumnUse): void {
  const parameters = Array.isArray(fields["parameters"]) ? fields["parameters"].map((parameter: unknown) => unwrap(parameter)?.fields ?? {}) : [];
  for (const { name, argType } of [...parameters, { name: undefined, argType: fields["returnType"] }]) {
    if (!isTree(argType)) continue;
    const found = noUse();
    inType(strings(argType["names"]), argType["pct_type"] === true, table, found);
    for (const column of found.columns) use.columns.add(column);
    use.named ||= found.named;
    use.wholeRow ||= found.wholeRow;
    if (found.wholeRow && typeof name === "string") rows.add(name);
  }
}

const optionText = (fields: Tree, name: string): string | null => {
  const option = (Array.isArray(fields["options"]) ? fields["options"] : [])
    .map((item: unknown) => unwrap(item)?.fields ?? {})
    .find((item) => item["defname"] === name);
  const argument = unwrap(option?.["arg"]);
  return (argument?.kind === "List" ? strings(argument.fields["items"])[0] : argument ? strings([{ String: argument.fields }])[0] : undefined) ?? null;
};

/**
 * What a routine uses of a table.
 * @param definition its whole CREATE FUNCTION or CREATE PROCEDURE text.
 * @param firesOnTable whether it is the function of a trigger on the table, so that NEW and OLD are its rows.
 */
export function mentionsInRoutine(syntax: PostgresSyntax, definition: string, question: Question, firesOnTable: boolean): Mentions {
  const use = noUse();
  const node = unwrap(parsed(syntax, definition)?.[0]);
  if (node?.kind !== "CreateFunctionStmt") return scanned(definition, question, use, firesOnTable);
  const rows = new Set<string>(firesOnTable ? ["new", "old"] : []);
  inSignature(node.fields, question.table, rows, use);
  const body = optionText(node.fields, "as") ?? "";
  const language = optionText(node.fields, "language");
  if (language === "plpgsql") {
    // The parser takes a variable of a row type for a scalar when it is declared with %ROWTYPE, and refuses its fields.
    const tree = syntax.parsePlpgsql(definition.replace(/%\s*rowtype\b/gi, ""));
    if (tree) return answer(question, use, inPlpgsql(syntax, tree, question.table, rows, use));
  } else if (language === "sql" || language === null) {
    const atomic = node.fields["sql_body"];
    const nodes = atomic === undefined ? parsed(syntax, body) : [atomic as Node];
    if (nodes) {
      for (const statement of nodes) useIn(statement, { table: question.table, rows, records: new Set() }, use);
      return answer(question, use, true);
    }
  }
  return scanned(body, question, use, firesOnTable);
}
