// The one list of operations.
import { addColumn } from "./add-column.ts";
import { addIndex } from "./add-index.ts";
import { createTable } from "./create-table.ts";
import type { OperationDefinition } from "./definition.ts";
import { dropColumn } from "./drop-column.ts";
import type { Operation } from "./operation.ts";
import { Reader, refuseMistakes } from "./read.ts";
import { renameColumn } from "./rename-column.ts";
import { runOperation } from "./run.ts";
import { setNotNull } from "./set-not-null.ts";
import { sqlOperation } from "./sql.ts";
import { transform } from "./transform.ts";

const definitions = [createTable, addColumn, dropColumn, renameColumn, transform, addIndex, setNotNull, sqlOperation, runOperation] as const;

export const operations: ReadonlyMap<string, OperationDefinition<Operation>> = new Map(
  definitions.map((definition) => [definition.kind, definition as unknown as OperationDefinition<Operation>]),
);

/**
 * Reads the canonical JSON of a migration's operations.
 * @throws Problem `bad-operation` naming every mistake at once.
 */
export function readOperations(json: readonly unknown[], migration: string): readonly Operation[] {
  const mistakes: string[] = [];
  const read = json.map((value, i) => {
    const kind = typeof value === "object" && value !== null ? (value as { kind?: unknown }).kind : undefined;
    const definition = typeof kind === "string" ? operations.get(kind) : undefined;
    if (!definition) {
      mistakes.push(`operations[${i}].kind must be one of ${[...operations.keys()].join(", ")}`);
      return null;
    }
    const reader = new Reader(value, `operations[${i}] (${definition.kind})`, mistakes);
    const operation = definition.read(reader);
    reader.finish();
    return operation;
  });
  refuseMistakes(mistakes, migration);
  return read.filter((operation) => operation !== null);
}

/** The definition of an operation that was read. */
export function definitionOf(operation: Operation): OperationDefinition<Operation> {
  const definition = operations.get(operation.kind);
  if (!definition) throw new TypeError(`no definition of ${operation.kind}`);
  return definition;
}
