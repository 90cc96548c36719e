// How the server itself prints a type.
import { Problem } from "../../../problem.ts";
import type { TypeFact } from "../../../schema/facts.ts";
import { codeTokens, type Token } from "../../../syntax/mysql/lexer.ts";
import type { Session } from "../../driver.ts";
import type { Specimen } from "./trial.ts";
import { said, shownType, tryAll } from "./trial.ts";

/** Words that belong to a type behind its first word. All others are attributes of the column, which an operation gives by fields of their own. */
const more: ReadonlySet<string> = new Set(["unsigned", "signed", "zerofill", "precision", "varying", "char", "character", "varchar", "varchar2"]);
const encoding: ReadonlySet<string> = new Set(["character set", "charset", "collate", "ascii", "unicode", "binary", "byte"]);

const refusal = (message: string): TypeFact => ({ ok: false, message });

/** The text's tokens outside of parentheses as words, or what is wrong with it. */
function wordsOf(text: string): readonly string[] | string {
  const words: string[] = [];
  let depth = 0;
  const read = (token: Token): string => text.slice(token.start, token.end).toLowerCase();
  for (const token of codeTokens(text)) {
    const word = read(token);
    if (word === "(") depth += 1;
    else if (word === ")") depth -= 1;
    else if (depth === 0 && token.kind !== "word") return `"${text}" is not a type`;
    else if (depth === 0) words.push(word);
    if (depth < 0 || word === ";") return `"${text}" is not a type`;
  }
  return depth === 0 && words.length > 0 ? words : `"${text}" is not a type`;
}

/** Null where the text is one type as far as its words go; the server has the last word. */
export function refuseType(text: string): TypeFact | null {
  let words: readonly string[] | string;
  try {
    words = wordsOf(text);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refusal(`"${text}" is not a type`);
  }
  if (typeof words === "string") return refusal(words);
  const [first = "", ...rest] = words;
  if (first === "serial") return refusal(`"${text}" is a type with a key and a counter; write bigint unsigned and what else it is to have`);
  const extra = rest.find((word) => !more.has(word)) ?? null;
  // CHAR BYTE and LONG VARBINARY are types of two words that are not worth their trouble.
  if (extra === null)
    return first === "national" || rest.length === 0 || first !== "character" || !rest.includes("set") ? null : refusal(`"${text}" is not a type`);
  return refusal(
    encoding.has(extra) || extra === "set"
      ? `"${text}" says more than a type; give the collation by itself, it decides the character set too`
      : `"${text}" is not a type`,
  );
}

/** MariaDB knows JSON as a way to write a text with a check. Printed as that text, the check would be lost. */
const isJson = (text: string): boolean => /^\s*json\s*$/i.test(text);

const limiting = /^(?:(?:var)?(?:char|binary)|decimal|bit|enum|set)\b/;

const specimen = (text: string, index: number): Specimen => ({
  statements: [`create temporary table hotstick_specimen_${index} (value ${text}\n)`, `show full columns from hotstick_specimen_${index}`],
  tables: [`hotstick_specimen_${index}`],
});

function factOf(text: string, shown: string): TypeFact {
  const name = isJson(text) ? "json" : shown;
  return { ok: true, name, toastable: /text$|blob$|^json$/.test(name), constrained: limiting.test(name) };
}

/** How the server prints each type, or why it knows none of that name. */
export async function answerTypes(session: Session, texts: readonly string[]): Promise<readonly TypeFact[]> {
  const refused = texts.map(refuseType);
  const accepted = texts.filter((_, index) => refused[index] === null);
  const trials = [...(await tryAll(session, accepted.map(specimen)))];
  return texts.map((text, index): TypeFact => {
    const bad = refused[index];
    if (bad) return bad;
    const trial = trials.shift();
    if (trial === undefined) throw new Error("a type was asked for and not answered");
    return trial.ok ? factOf(text, shownType(trial.rows[1])) : refusal(said(trial.error).message);
  });
}
