// A column as the generated code sees it, and how two versions of some columns are compared.
import type { Named, Ref } from "../../sync/link.ts";
import { quoteName } from "../quoting.ts";
import { differs, isNotLiteral, present } from "../types.ts";

export interface Field extends Named {
  readonly type: string;
  /** Of a column of characters: by it a local variable holds and compares what the column does. */
  readonly collation: string;
  /** The default that means "not given" in a column that is NOT NULL; null: NULL means it. */
  readonly sentinel: string | null;
  /** True where NULL is refused, or made another value after the triggers, as the writer's sql_mode has it. */
  readonly notNull: boolean;
  /** As `implicit` of its type has it, on this server. */
  readonly implicit: string | null;
  /** True where the server sets it to the present at every change of a row; a trigger sees that before it is decided. */
  readonly onUpdate: boolean;
}

export const inNew: Ref = (name) => `new.${quoteName([name])}`;
export const inOld: Ref = (name) => `old.${quoteName([name])}`;
export const inTable: Ref = (name) => quoteName([name]);

export const anyOf = (tests: readonly string[]): string => (tests.length === 0 ? "false" : tests.length === 1 ? (tests[0] ?? "") : `(${tests.join(" or ")})`);

/**
 * True where a statement has changed a column; never null. Before a trigger runs, the server has already put the present into columns
 * that it sets at every change, and takes it back where nothing else changes; so the present is no change there. It is the same for
 * both sides of a copy, which both have the clause.
 */
export const changed = (fields: readonly Field[], was: Ref): string =>
  anyOf(
    fields.map((field) => {
      const test = differs(field.type, was(field.name), inNew(field.name));
      return field.onUpdate ? `(${test} and not ${inNew(field.name)} <=> ${present(field.type)})` : test;
    }),
  );

/** True where a column holds a value that somebody gave; never null. */
export const isGiven = (field: Field, ref: Ref): string =>
  field.sentinel === null
    ? `${ref(field.name)} is not null`
    : `(${ref(field.name)} is not null and ${isNotLiteral(field.type, ref(field.name), field.sentinel)})`;

export const isAbsent = (field: Field, ref: Ref): string => (field.sentinel === null ? `${ref(field.name)} is null` : `not ${isGiven(field, ref)}`);

export const anyGiven = (fields: readonly Field[], ref: Ref): string => anyOf(fields.map((field) => isGiven(field, ref)));
