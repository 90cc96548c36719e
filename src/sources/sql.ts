// A migration written in SQL → one operation for each phase that its sections name.
import { readOperations } from "../operations/index.ts";
import { Problem } from "../problem.ts";
import { type Phase, phases } from "../step/phase.ts";
import type { FileStatement, Split } from "../syntax/sql-file.ts";
import type { MigrationFile } from "./folder.ts";
import type { Content } from "./hash.ts";

/** The same Problem, saying which file it is about. */
function within(file: MigrationFile, problem: Problem): Problem {
  const { code, message, hint, exit, details } = problem;
  const subject = { kind: "migration", name: file.name };
  return new Problem({
    code,
    message: `${file.path}: ${message}`,
    subject,
    exit,
    cause: problem,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

function refuseData(file: MigrationFile, statement: FileStatement<Phase>): Problem {
  return new Problem({
    code: "migration-load",
    message: `${file.path}:${statement.line} holds a statement with lines of data, which belong to a dump and not to a migration.`,
    hint: "Write INSERT statements instead, or load the data apart from the schema.",
    subject: { kind: "migration", name: file.name },
  });
}

/** The text of the file; a wrong character set would otherwise put other characters into the database than the author saw. */
function decode(file: MigrationFile): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.bytes);
  } catch (cause) {
    const hint = "Save it as UTF-8.";
    throw new Problem({ code: "migration-load", message: `${file.path} is not UTF-8 text.`, hint, subject: { kind: "migration", name: file.name }, cause });
  }
}

/**
 * Reads a SQL migration. Statements above the first `-- hotstick: phase` belong to expand; sections that name the same phase become one.
 * @param split by the rules of the engine that the migration is for.
 * @throws Problem `bad-sql`, `bad-directive`, `psql-command`, `client-command`, `migration-load`.
 */
export function readSql(file: MigrationFile, split: Split): Content {
  const text = decode(file);
  try {
    const { parents, accept, statements } = split(text, phases);
    const data = statements.find(({ kind }) => kind === "copy");
    if (data) throw refuseData(file, data);
    const texts = (phase: Phase, undo: boolean): readonly string[] =>
      statements.filter(({ directives }) => (directives.phase ?? "expand") === phase && directives.undo === undo).map((statement) => statement.text);
    const operations = phases.flatMap((phase) => {
      const [forward, undo] = [texts(phase, false), texts(phase, true)];
      return forward.length === 0 ? [] : [{ kind: "sql", phase, statements: forward, ...(undo.length > 0 ? { undo } : {}) }];
    });
    return { operations: readOperations(operations, file.name), parents, accept };
  } catch (error) {
    throw error instanceof Problem && error.subject?.name !== file.name ? within(file, error) : error;
  }
}
