// Does the text of a view, trigger, routine or event use these columns of a table? Findings are made of it: better one too many than one too
// few, for the server takes a rename of what they use without a word and fails when they run.
import { codeTokens, type Lexing, type Token, tokens } from "./lexer.ts";
import type { WrittenName } from "./words.ts";
import { nameOf, sameName, stringValue } from "./written.ts";

export interface Mentions {
  /** Those of the asked columns that it uses, or may use. */
  readonly mentions: readonly string[];
  /** It uses rows of the table as a whole, so every column, or counts on their number: `*`, NATURAL JOIN, INSERT without a list of columns. */
  readonly wholeRow: boolean;
  /** False where the text does not tell all: dynamic SQL. */
  readonly sure: boolean;
}

/** What is asked. */
export interface Question {
  readonly table: WrittenName;
  readonly columns: readonly string[];
  /** It is a trigger of the table, so that NEW and OLD are its rows. */
  readonly own?: boolean;
}

const isName = ({ kind }: Token): boolean => kind === "word" || kind === "quoted" || kind === "introducer";

/** Every name in a text, those in string constants too: they may be statements. */
function namesIn(text: string, lexing: Lexing): readonly string[] {
  const inner = (token: Token): readonly string[] => {
    const value = stringValue(text, token, lexing);
    try {
      return value === null ? [] : namesIn(value, lexing);
    } catch {
      // A quote that is none: words are all that is left.
      return value?.match(/[\p{L}\p{N}_$]+/gu) ?? [];
    }
  };
  return codeTokens(text, lexing).flatMap((token) => (isName(token) ? [nameOf(text, token)] : token.kind === "string" ? inner(token) : []));
}

const dynamic = /^(prepare|execute)$/i;

/** Whether its text makes statements of strings. */
const isDynamic = (text: string, all: readonly Token[]): boolean =>
  all.some((token) => token.kind === "word" && dynamic.test(text.slice(token.start, token.end)));

/** Whether a star stands for columns: behind SELECT, DISTINCT, a comma or a dot, not between values and not in COUNT(*). */
function isStar(text: string, all: readonly Token[], at: number): boolean {
  const token = all[at];
  const before = all[at - 1];
  if (!token || !before || text.slice(token.start, token.end) !== "*") return false;
  return /^(select|distinct|all|distinctrow|straight_join|sql_\w+|,|\.)$/i.test(text.slice(before.start, before.end));
}

/** INSERT or REPLACE INTO a table without a list of its columns. */
function isBareInsert(text: string, all: readonly Token[], at: number): boolean {
  const word = (index: number): string => {
    const token = all[index];
    return token ? text.slice(token.start, token.end).toLowerCase() : "";
  };
  if (word(at) !== "into") return false;
  const behind = word(at + 2) === "." ? at + 4 : at + 2;
  return /^(values?|select|with|table|\()$/.test(word(behind)) && (word(behind) !== "(" || /^(select|with|\()$/.test(word(behind + 1)));
}

function readable(text: string, lexing: Lexing): boolean {
  try {
    for (const _ of tokens(text, lexing));
    return true;
  } catch {
    return false;
  }
}

/** Words of a text that cannot be cut into tokens. */
const rawWords = (text: string): readonly string[] => text.match(/[\p{L}\p{N}_$]+/gu) ?? [];

/** What a text uses of a table. A text that never names the table uses nothing of it, unless it is a trigger on it. */
export function mentionsIn(text: string, { table, columns, own = false }: Question, lexing: Lexing = {}): Mentions {
  if (!readable(text, lexing)) {
    const words = rawWords(text);
    return { mentions: columns.filter((column) => words.some((word) => sameName(word, column))), wholeRow: true, sure: false };
  }
  const names = namesIn(text, lexing);
  const all = codeTokens(text, lexing);
  const sure = !isDynamic(text, all);
  // Table names may be compared without regard to case, and whether they are only the server knows.
  if (!own && !names.some((name) => sameName(name, table.name))) return { mentions: [], wholeRow: false, sure };
  const wholeRow = all.some((token, at) => {
    const word = token.kind === "word" ? text.slice(token.start, token.end).toLowerCase() : "";
    return word === "natural" || isStar(text, all, at) || isBareInsert(text, all, at);
  });
  return { mentions: columns.filter((column) => names.some((name) => sameName(name, column))), wholeRow, sure };
}

/** Whether a text names a table, in strings too. */
export const mentionsTable = (text: string, table: WrittenName, lexing: Lexing = {}): boolean =>
  (readable(text, lexing) ? namesIn(text, lexing) : rawWords(text)).some((name) => sameName(name, table.name));
