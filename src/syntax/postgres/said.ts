// What a statement says of its locks, and reading it out of a tree.
import type { LockMode, StatementWork } from "./locks.ts";
import type { WrittenName } from "./reads.ts";
import { strings, unwrap } from "./tree.ts";

/** What one statement locks and costs. */
export interface Said {
  readonly locks?: readonly { readonly table: WrittenName; readonly mode: LockMode }[];
  readonly more?: boolean;
  readonly work?: StatementWork;
  readonly index?: WrittenName | null;
}

/** A name from its parts; null where there is none. */
export const asName = (parts: readonly string[]): WrittenName | null => {
  const name = parts.at(-1);
  return name === undefined ? null : { schema: parts.at(-2) ?? null, name };
};

/** A list, or none. */
export const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** The parts of a name, in a list or a List node. */
export const nameParts = (value: unknown): string[] => {
  const list = unwrap(value);
  return strings(list?.kind === "List" ? list.fields["items"] : value);
};
/** A lock on one relation; none where it is not known. */
export const lock = (table: WrittenName | null, mode: LockMode): { readonly table: WrittenName; readonly mode: LockMode }[] => (table ? [{ table, mode }] : []);

/** A yes/no option in parentheses: given without a value it means yes. */
export function option(options: unknown, name: string): boolean | null {
  const found = listed(options)
    .map((item) => unwrap(item)?.fields)
    .find((fields) => fields?.["defname"] === name);
  if (!found) return null;
  const value = unwrap(found["arg"]);
  return (
    value === null ||
    !["false", "off", "0", "none"].includes(String(value.fields["sval"] ?? value.fields["boolval"] ?? value.fields["ival"] ?? 0).toLowerCase())
  );
}
