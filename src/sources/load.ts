// A folder of migrations, with no file evaluated that is known already.
import type { Migration } from "../plan/plan.ts";
import type { Split } from "../syntax/sql-file.ts";
import type { Evaluate } from "./evaluate.ts";
import { type MigrationFile, readFolder } from "./folder.ts";
import { type Content, contentHash } from "./hash.ts";
import { readScript } from "./script.ts";
import { readSql } from "./sql.ts";

/** What the database knows of a migration that was applied or is under way. */
export interface Known {
  /** Null where it came from no file. */
  readonly bytesHash: string | null;
  readonly contentHash: string;
}

/**
 * A migration file beside what the database knows of it.
 * - `unchanged`: known, the same bytes; not evaluated.   - `reformatted`: known, other bytes that say the same.
 * - `edited`: known, and says something else now.        - `new`: not known.
 */
export type Source = { readonly name: string; readonly path: string; readonly bytesHash: string } & (
  | { readonly state: "unchanged" }
  | { readonly state: "reformatted" | "edited" | "new"; readonly content: Content; readonly contentHash: string }
);

/** What turns files into migrations. */
export interface Reading {
  readonly evaluate: Evaluate;
  /** By the rules of the engine that the folder is for. */
  readonly split: Split;
}

/** A source that was evaluated. */
export type EvaluatedSource = Extract<Source, { readonly content: Content }>;

async function load(file: MigrationFile, known: Known | undefined, { evaluate, split }: Reading): Promise<Source> {
  const { name, path, bytesHash } = file;
  if (known?.bytesHash === bytesHash) return { name, path, bytesHash, state: "unchanged" };
  const content = file.format === "sql" ? readSql(file, split) : await readScript(file, evaluate);
  const hash = contentHash(content);
  const state = known === undefined ? "new" : known.contentHash === hash ? "reformatted" : "edited";
  return { name, path, bytesHash, state, content, contentHash: hash };
}

/**
 * Reads a migrations folder, in the order of names.
 * @param known by name: applied migrations and those of open runs.
 * @throws Problem `no-migrations-folder`, `duplicate-migration`, `migration-load`, and what reading SQL or operations throws.
 */
export async function loadFolder(folder: string, known: ReadonlyMap<string, Known>, reading: Reading): Promise<readonly Source[]> {
  const sources: Source[] = [];
  // One after another: the first file in the order of names that is wrong is the one that is reported.
  for (const file of readFolder(folder)) sources.push(await load(file, known.get(file.name), reading));
  return sources;
}

/** The migration of an evaluated source. */
export const migrationOf = ({ name, content, bytesHash, contentHash }: EvaluatedSource, parents: readonly string[]): Migration => ({
  name,
  parents,
  operations: content.operations as Migration["operations"],
  accept: content.accept,
  bytesHash,
  contentHash,
});
