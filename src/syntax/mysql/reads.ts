// The tables that the rows of a statement come from or go to.
import { behindParentheses, nameAt, said, says, type Words, type WrittenName } from "./words.ts";

/** Behind these a table stands, and behind a comma another one. */
const introducing: ReadonlySet<string> = new Set(["from", "join", "straight_join", "into", "update", "insert", "replace", "table", "using"]);
/** Words between INSERT, REPLACE or UPDATE and the table. */
const modifiers: ReadonlySet<string> = new Set("low_priority high_priority delayed ignore quick only into".split(" "));
/** Functions whose arguments are divided by FROM. */
const dividing: ReadonlySet<string> = new Set(["extract", "trim", "substring", "substr", "mid"]);
const noTable: ReadonlySet<string> = new Set(["dual", "outfile", "dumpfile", "select", "values", "set", "lateral", "json_table", "unnest"]);

/** Names that WITH gives to queries. */
function commonTables(words: Words): ReadonlySet<string> {
  const names = new Set<string>();
  for (let i = 0; i < words.all.length; i++) {
    if (said(words, i) !== "with" || says(words, i + 1, "rollup")) continue;
    let at = says(words, i + 1, "recursive") ? i + 2 : i + 1;
    for (;;) {
      const named = nameAt(words, at);
      if (!named) break;
      at = said(words, named.end) === "(" ? behindParentheses(words, named.end) : named.end;
      if (said(words, at) !== "as" || said(words, at + 1) !== "(") break;
      names.add(named.name.name.toLowerCase());
      at = behindParentheses(words, at + 1);
      if (said(words, at) !== ",") break;
      at++;
    }
  }
  return names;
}

/** Whether the word at `at` is one that a table follows. */
function introduces(words: Words, at: number, parents: readonly string[]): boolean {
  const here = said(words, at);
  if (!introducing.has(here) || said(words, at - 1) === ".") return false;
  if (here === "from") return !dividing.has(parents.at(-1) ?? "");
  const before = said(words, at - 1);
  if (here === "update") return !/^(key|for|on|before|after)$/.test(before);
  if (here === "insert" || here === "replace") return said(words, at + 1) !== "(" && !says(words, at + 1, "into");
  if (here === "using") return says(words, 0, "delete") && said(words, at + 1) !== "(";
  return true;
}

/**
 * Every table named by a query or by a statement that changes rows, each once, in the order in which they are named. Names of common table
 * expressions are left out; so may be those of tables in forms that are not known.
 */
export function readTables(words: Words): readonly WrittenName[] {
  const found = new Map<string, WrittenName>();
  const own = commonTables(words);
  /** @param called whether a name before a parenthesis is a function's. */
  const add = (at: number, called: boolean): number => {
    let from = at;
    while (modifiers.has(said(words, from))) from++;
    if (noTable.has(said(words, from))) return from;
    const named = nameAt(words, from);
    if (!named || (called && said(words, named.end) === "(")) return named ? named.end : from;
    const { schema, name } = named.name;
    if (schema !== null || !own.has(name.toLowerCase())) found.set(JSON.stringify([schema, name]), named.name);
    return named.end;
  };
  /** The word before each open parenthesis, and whether its commas divide tables. */
  const parents: string[] = [];
  const lists: boolean[] = [];
  let listing = false;
  for (let i = 0; i < words.all.length; i++) {
    const here = said(words, i);
    if (here === "(") {
      parents.push(said(words, i - 1));
      lists.push(listing);
      listing = listing && /^(from|join|,|\(|)$/.test(said(words, i - 1));
      if (listing && said(words, i + 1) !== "select") i = Math.max(i, add(i + 1, true) - 1);
    } else if (here === ")") {
      parents.pop();
      listing = lists.pop() ?? false;
    } else if (here === "," && listing) i = add(i + 1, true) - 1;
    else if (introduces(words, i, parents)) {
      listing = here === "from" || here === "join" || here === "update" || here === "using";
      i = Math.max(i, add(i + 1, listing) - 1);
    } else if (/^(where|set|group|order|having|limit|duplicate|select|values|union|except|intersect)$/.test(here)) listing = false;
  }
  return [...found.values()];
}
