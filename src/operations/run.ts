// A TypeScript function of the user's own: batched, resumable, and bound to the file that was planned.
import type { Phase } from "../step/phase.ts";
import { refusal } from "./column-checks.ts";
import type { OperationDefinition } from "./definition.ts";
import { defined } from "./read.ts";

export interface RunOperation {
  readonly kind: "run";
  /** Path from the migrations folder. */
  readonly file: string;
  /** Default `up`. */
  readonly export?: string;
  /** Walks it back; absent: it leaves nothing to walk back. */
  readonly undoExport?: string;
  /** Default `backfill`. */
  readonly phase: Phase;
  /** SHA-256 of the file's bytes, hex; filled in when the migration is read. */
  readonly sha256: string;
}

export const runOperation: OperationDefinition<RunOperation> = {
  kind: "run",
  summary: "run a TypeScript function in batches",
  read: (fields) =>
    defined<RunOperation>({
      kind: "run",
      file: fields.text("file"),
      export: fields.optionalText("export"),
      undoExport: fields.optionalText("undoExport"),
      phase: fields.phase("phase", "backfill"),
      sha256: fields.text("sha256"),
    }),
  questions: () => [],
  check: (operation) =>
    /^[0-9a-f]{64}$/.test(operation.sha256)
      ? []
      : [
          refusal(
            "bad-module",
            "file",
            operation.file,
            `${operation.file} was not read, so its hash is not known.`,
            "Check the path; it is looked up from the migrations folder.",
          ),
        ],
  effect: (_operation, world) => world.schema,
  changes: (operation) => [
    {
      phase: operation.phase,
      change: { kind: "module", file: operation.file, export: operation.export ?? "up", undoExport: operation.undoExport ?? null, sha256: operation.sha256 },
    },
  ],
};
