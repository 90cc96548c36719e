// The two hashes of a migration: of its bytes, checked at every command, and of what it says, so that a reformatted file is no change.
import { createHash } from "node:crypto";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** SHA-256 of a file's bytes, hex. */
export const bytesHash = (bytes: Uint8Array): string => sha256(bytes);

/** Plain JSON with the keys of every object in code unit order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** JSON with sorted keys: the same text for the same content, whatever order it was written in. */
export const canonicalJson = (value: unknown, indent = 0): string => JSON.stringify(sorted(value), null, indent);

/** What a migration says. */
export interface Content {
  readonly operations: readonly unknown[];
  /** As the file states them; null where it leaves them to the order of names, so that a file put in between changes no hash. */
  readonly parents: readonly string[] | null;
  readonly accept: readonly string[];
}

/** SHA-256 of the canonical JSON of what a migration says, hex. The order of parents and of accepted rules says nothing. */
export const contentHash = ({ operations, parents, accept }: Content): string =>
  sha256(canonicalJson({ operations, parents: parents?.toSorted() ?? null, accept: accept.toSorted() }));
