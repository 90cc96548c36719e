// A statement of a user's own as planning asks about it.
import { Problem } from "../../problem.ts";
import type { StatementFact } from "../../schema/facts.ts";
import { blockedBy, type Effect, effectsOf, mdlModes } from "./effects.ts";
import { controlsTransaction, isTransactional, statementKind } from "./kind.ts";
import type { Lexing } from "./lexer.ts";
import { splitFile } from "./split.ts";
import { said, type Words, wordsOf } from "./words.ts";

const modes: readonly string[] = mdlModes;

/** Each table once, with its strongest lock. */
function strongest(tables: Effect["tables"]): Extract<StatementFact, { ok: true }>["tables"] {
  const found = new Map<string, (typeof tables)[number]>();
  for (const table of tables) {
    const key = JSON.stringify([table.schema, table.name]);
    const before = found.get(key);
    if (!before || modes.indexOf(table.mode) > modes.indexOf(before.mode)) found.set(key, table);
  }
  return [...found.values()].map(({ schema, name, mode }) => ({ schema, name, mode, blocks: blockedBy(mode) }));
}

/** Why a statement can be no part of a migration, or null. */
function refused(words: Words): string | null {
  switch (said(words, 0)) {
    case "use":
      return "USE changes the database of the session in which the run keeps its own state; write database.table instead.";
    case "change":
    case "reset":
    case "shutdown":
    case "kill":
    case "purge":
      return `${said(words, 0).toUpperCase()} is about the server, not about this database.`;
    default:
      return null;
  }
}

/**
 * Never throws for what a user wrote. There is no parser of the whole grammar here: what is no statement at all is refused by the server.
 * @param lexing with the server's version; without it the more expensive of what MariaDB and MySQL do is told.
 */
export function statementFact(text: string, lexing: Lexing = {}): StatementFact {
  try {
    const { statements } = splitFile(text, [], lexing);
    const [statement, ...more] = statements;
    const words = wordsOf(statement?.text ?? "", lexing);
    if (!statement) return { ok: false, message: "This is no statement." };
    if (words.all.length === 0) return { ok: false, message: "This is no statement to this server, which reads all of it as a comment." };
    if (more.length > 0) return { ok: false, message: "These are several statements; write each by itself." };
    const message = refused(words);
    if (message !== null) return { ok: false, message };
    const { tables, work, creates, dependsOnTable = false } = effectsOf(words, statement.text, lexing);
    return {
      ok: true,
      text: statement.text,
      what: statementKind(words),
      transactional: isTransactional(words),
      alone: false,
      controlsTransaction: controlsTransaction(words),
      tables: strongest(tables),
      work,
      index: null,
      dependsOnTable,
      online: null,
      creates,
    };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, message: error.message };
    throw error;
  }
}
