// What says that a statement of a user's own has happened: the objects that it makes, drops or renames, as far as its text tells.
import { alterOf } from "../../../syntax/mysql/effects.ts";
import { statementKind } from "../../../syntax/mysql/kind.ts";
import { wordsOf } from "../../../syntax/mysql/words.ts";
import { alterTrace } from "./alter.ts";
import { objectTrace, renameTrace } from "./objects.ts";
import type { Before, Trace } from "./trace.ts";

const repeatable: ReadonlySet<string> = new Set([
  "alter view",
  "alter procedure",
  "alter function",
  "alter database",
  "grant",
  "revoke",
  "analyze table",
  "optimize table",
  "check table",
  "repair table",
  "checksum table",
  "flush",
  "set password",
  "set default role",
]);

/** How a statement of a user's own is found again. @param version as `Schema.version`. */
export function traceOf(statement: string, version: number, before: Before): Trace {
  const lexing = { version };
  const words = wordsOf(statement, lexing);
  const alter = alterOf(words, statement, lexing);
  if (alter) return alterTrace(statement, alter, before, version);
  const kind = statementKind(words);
  if (kind === "rename table") return renameTrace(words);
  if (/^(create|drop) /.test(kind)) return objectTrace(words, before);
  return { kind: repeatable.has(kind) ? "again" : "unseen" };
}
