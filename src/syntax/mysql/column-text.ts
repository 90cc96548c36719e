// A column's definition as ALTER TABLE writes it behind ADD, MODIFY and CHANGE.
import type { AlterAction } from "./alter.ts";
import type { Lexing } from "./lexer.ts";
import { behindParentheses, nameAt, said, says, type Words, wordsIn } from "./words.ts";
import { nameOf } from "./written.ts";

export interface ColumnText {
  /** The column that it is about; of CHANGE the name before. */
  readonly name: string;
  /** The name afterwards. */
  readonly to: string;
  /** As written, without its character set. */
  readonly type: string;
  /** In lower case; null where none is written. */
  readonly charset: string | null;
  readonly collation: string | null;
  readonly notNull: boolean;
  readonly generated: "virtual" | "stored" | null;
  readonly counts: boolean;
  readonly checked: boolean;
  /** The index that comes with it. */
  readonly key: "primary" | "unique" | null;
  /** REFERENCES. */
  readonly refers: boolean;
  /** FIRST or AFTER. */
  readonly placed: boolean;
}

/** Words behind which no part of a type stands. */
const attributes: ReadonlySet<string> = new Set(
  (
    "not null default auto_increment unique primary key comment collate column_format storage references check generated as first after " +
    "invisible visible on constraint compressed without with srid"
  ).split(" "),
);

/** Behind the verb and the words that may follow it. */
function nameStart(words: Words): number {
  let at = 1;
  if (said(words, at) === "column") at++;
  if (says(words, at, "if", "not", "exists")) return at + 3;
  return says(words, at, "if", "exists") ? at + 2 : at;
}

/** The name, a bare word or a string, behind a word. */
function wordAt(words: Words, at: number): string | null {
  const token = words.all[said(words, at) === "=" ? at + 1 : at];
  return token ? nameOf(words.text, token).replace(/^'|'$/g, "").toLowerCase() : null;
}

/** A bare KEY makes a primary key. */
const attribute = (words: Words, at: number): string => {
  if (says(words, at, "not", "null")) return "not null";
  return said(words, at) === "key" && !/^(unique|primary)$/.test(said(words, at - 1)) ? "primary" : said(words, at);
};

const defines = /^(add .*column|modify column)/;

/** @param statement the text that the action's places mean. Null where it defines no column. */
export function columnText(statement: string, action: Pick<AlterAction, "kind" | "start" | "end" | "listed">, lexing: Lexing = {}): ColumnText | null {
  if (!defines.test(action.kind)) return null;
  const words = wordsIn(statement, action, lexing);
  const verb = action.listed ? "add" : said(words, 0);
  if (!/^(add|modify|change)$/.test(verb)) return null;
  const old = nameAt(words, action.listed ? 0 : nameStart(words));
  const named = verb === "change" && old ? nameAt(words, old.end) : old;
  if (!old || !named || said(words, named.end) === "(") return null;
  const { length } = words.all;
  const type: string[] = [];
  const found = { charset: null as string | null, collation: null as string | null };
  const seen = new Set<string>();
  let inType = true;
  for (let at = named.end; at < length; at++) {
    const here = said(words, at);
    const encoding = says(words, at, "character", "set") || says(words, at, "char", "set") ? 2 : here === "charset" ? 1 : 0;
    if (encoding > 0) {
      found.charset = wordAt(words, at + encoding);
      at += encoding;
      continue;
    }
    inType &&= !attributes.has(here);
    const to = here === "(" ? behindParentheses(words, at) : at + 1;
    if (inType) type.push(words.text.slice(words.all[at]?.start, words.all[to - 1]?.end));
    else if (here === "collate") found.collation = wordAt(words, at + 1);
    else if (here !== "(") seen.add(attribute(words, at));
    at = to - 1;
  }
  return {
    name: old.name.name,
    to: named.name.name,
    type: type.join(" ").replaceAll(" (", "("),
    charset: found.charset ?? found.collation?.split("_")[0] ?? null,
    collation: found.collation,
    notNull: seen.has("not null") || seen.has("primary"),
    generated: seen.has("as") || seen.has("generated") ? (seen.has("stored") || seen.has("persistent") ? "stored" : "virtual") : null,
    counts: seen.has("auto_increment"),
    checked: seen.has("check") || seen.has("references") || seen.has("unique") || seen.has("primary") || seen.has("key"),
    key: seen.has("primary") ? "primary" : seen.has("unique") || seen.has("serial") ? "unique" : null,
    refers: seen.has("references"),
    placed: seen.has("first") || seen.has("after"),
  };
}

/** Columns that an index of these words is over, in lower case; an expression is "". */
export function keyColumns(statement: string, action: Pick<AlterAction, "start" | "end">, lexing: Lexing = {}): readonly string[] {
  const words = wordsIn(statement, action, lexing);
  const open = words.all.findIndex((_, at) => said(words, at) === "(");
  if (open < 0) return [];
  const end = behindParentheses(words, open) - 1;
  const names: string[] = [];
  for (let at = open + 1; at < end; at++) {
    if (said(words, at - 1) === "," || at === open + 1) names.push(nameAt(words, at)?.name.name.toLowerCase() ?? "");
    if (said(words, at) === "(") at = behindParentheses(words, at) - 1;
  }
  return names;
}
