// How a change that cannot be carried is refused, before the first step.
import type { Finding } from "../../../finding.ts";
import { codeTokens } from "../../../syntax/mysql/lexer.ts";

export const refuse = (rule: string, kind: string, name: string, message: string, fix: string): Finding => ({
  rule,
  severity: "refuse",
  subject: { kind, name },
  message,
  fix,
});

/** Whether a text of SQL names any of these. Names are the same in any letter case; what is only a word of another table's is named too. */
export function names(text: string, wanted: readonly string[]): boolean {
  const known = new Set(wanted.map((name) => name.toLowerCase()));
  return codeTokens(text).some(({ start, end }) => {
    const word = text.slice(start, end);
    return known.has((word.startsWith("`") ? word.slice(1, -1).replaceAll("``", "`") : word).toLowerCase());
  });
}

/** @param table by its key. @param name see `isCutWhenDropped`. */
export const cutWhenDropped = (table: string, name: string): Finding =>
  refuse(
    "name-reserved",
    "column",
    `${table}.${name}`,
    `The server could not drop ${name} in an instant: it keeps such a column under a longer name, and cuts that in the middle of a letter (error 3507).`,
    "Choose a shorter name, or one of ASCII letters; where the column is there already, rename it first, by a migration of your own.",
  );
