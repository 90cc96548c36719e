// A migration written in TypeScript or JavaScript → its operations.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { didYouMean } from "../nearest.ts";
import { readOperations } from "../operations/index.ts";
import { Problem } from "../problem.ts";
import type { Evaluate } from "./evaluate.ts";
import type { MigrationFile } from "./folder.ts";
import { bytesHash, type Content } from "./hash.ts";

const keys = ["operations", "parents", "accept"];
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === "string" && item !== "");
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

function failed(file: MigrationFile, message: string, hint: string, cause?: unknown): Problem {
  return new Problem({ code: "migration-load", message, hint, subject: { kind: "migration", name: file.name }, cause });
}

/** The hash of the file that a `run` operation names, which binds the operation to what was planned. */
function bind(file: MigrationFile, operation: unknown): unknown {
  if (!isObject(operation) || operation["kind"] !== "run" || typeof operation["file"] !== "string") return operation;
  const path = resolve(dirname(file.path), operation["file"]);
  try {
    return { ...operation, sha256: bytesHash(readFileSync(path)) };
  } catch (cause) {
    throw failed(
      file,
      `${file.path} runs ${operation["file"]}, which cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      "The path is meant from the migrations folder.",
      cause,
    );
  }
}

/**
 * Evaluates a migration file.
 * @throws Problem `migration-load` where it cannot be evaluated or exports something else; `bad-operation` for its operations.
 */
export async function readScript(file: MigrationFile, evaluate: Evaluate): Promise<Content> {
  let value: unknown;
  try {
    value = await evaluate(file.path);
  } catch (error) {
    throw error instanceof Problem ? failed(file, error.message, error.hint ?? "", error.cause) : error;
  }
  const shape = "Export one: `export default migration({ operations: [ … ] })`.";
  if (!isObject(value) || !Array.isArray(value["operations"]))
    throw failed(file, `${file.path} exports no migration.`, `${shape} Code that migrations share or run belongs in a folder below.`);
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  if (unknown.length > 0) throw failed(file, `${file.path} has "${unknown[0]}", which is nothing of a migration.${didYouMean(unknown[0]!, keys)}`, shape);
  for (const key of ["parents", "accept"]) {
    if (value[key] !== undefined && !isTexts(value[key])) throw failed(file, `${key} in ${file.path} is not a list of names.`, `Write ${key}: ["name", …].`);
  }
  const operations = readOperations(
    value["operations"].map((operation) => bind(file, operation)),
    file.name,
  );
  return { operations, parents: (value["parents"] as readonly string[] | undefined) ?? null, accept: (value["accept"] as readonly string[] | undefined) ?? [] };
}
