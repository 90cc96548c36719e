// What a statement of a user's own leaves to be seen, and what must be known of the moment before it to tell.
import type { Template } from "../../../step/step.ts";
import type { WrittenName } from "../../../syntax/mysql/words.ts";

/**
 * How a step of a user's own is found again after a crash.
 * - `seen`: a condition on the catalog, which no server fulfils before the statement and each does after it;
 * - `again`: sending it twice is the same as sending it once;
 * - `exchange`: names pass to other things and none comes or goes, so sent twice it is taken back, without an error;
 * - `unseen`: none of these.
 */
export type Trace = { readonly kind: "seen"; readonly probe: Template } | { readonly kind: "again" | "exchange" | "unseen" };

/** What stood before, as far as it was read: a condition that holds already says nothing. */
export interface Before {
  /** Null: it is not known. */
  table(name: WrittenName): boolean | null;
  column(table: WrittenName, column: string): boolean | null;
  index(table: WrittenName, index: string): boolean | null;
  partitioned(table: WrittenName): boolean | null;
  constraint(table: WrittenName, kind: "foreign key" | "check", name: string): boolean | null;
  /** @param kind the word behind CREATE; tables, views and sequences have their names in common. */
  object(kind: string, name: WrittenName): boolean | null;
}
