// A statement of a user's own as planning asks about it.
import { Problem } from "../../problem.ts";
import type { StatementFact } from "../../schema/facts.ts";
import { blockedBy } from "./locks.ts";
import type { PostgresSyntax } from "./parser.ts";
import { leavesState } from "./session-state.ts";
import { describeStatement } from "./statement.ts";

const online = "its online form (CONCURRENTLY, NOT VALID and VALIDATE)";

/** Never throws for what a user wrote. */
export function statementFact(syntax: PostgresSyntax, text: string): StatementFact {
  try {
    const [statement, ...more] = syntax.parse(text);
    if (!statement) return { ok: false, message: "This is no statement." };
    if (more.length > 0) return { ok: false, message: "These are several statements; write each by itself." };
    const { kind, transactional, transactionControl, tables, work, index, creates, enumValueAdded } = describeStatement(statement.node);
    return {
      ok: true,
      // Nothing is ever written behind it here.
      text,
      what: kind,
      transactional,
      alone: enumValueAdded !== null,
      controlsTransaction: transactionControl,
      tables: tables.map(({ schema, name, mode }) => ({ schema, name, mode, blocks: blockedBy(mode) })),
      work,
      ...(leavesState(text) ? { leavesState: true } : {}),
      index: index && { schema: index.schema, name: index.name },
      dependsOnTable: false,
      online,
      creates: creates.filter((created) => created.kind === "table").map(({ schema, name }) => ({ schema, name })),
    };
  } catch (error) {
    if (error instanceof Problem) return { ok: false, message: error.message, hint: "Correct the statement; the parser is that of PostgreSQL 18." };
    throw error;
  }
}
