// Which objects and constraints stand when a statement of a user's own is reached: as they were read, and as the statements before leave them.
import { findTable } from "../../../schema/edit.ts";
import type { ObjectName, Schema } from "../../../schema/model.ts";
import { type WrittenName, wordsOf } from "../../../syntax/mysql/words.ts";
import type { DraftContext } from "../../dialect.ts";
import { constraintAfter } from "../probes/alter.ts";
import { objectAfter } from "../probes/objects.ts";
import { alteredBy } from "./altered.ts";

type Known = Pick<DraftContext, "schema" | "earlier">;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const isIn = <T extends { readonly name: ObjectName }>(all: Readonly<Record<string, T>>, name: ObjectName): boolean =>
  Object.values(all).some((each) => each.name.schema === name.schema && same(each.name.name, name.name));

/** As it was read, without the tables. */
function wasRead(schema: Schema, kind: string, name: ObjectName): boolean {
  switch (kind) {
    case "table":
    case "view":
    case "sequence":
      return isIn(schema.views, name) || isIn(schema.sequences, name);
    case "trigger":
      return Object.values(schema.tables).some((table) => table.name.schema === name.schema && table.triggers.some((each) => same(each.name, name.name)));
    case "event":
      return isIn(schema.events ?? {}, name);
    case "procedure":
    case "function":
      return Object.values(schema.routines).some((each) => each.kind === kind && each.name.schema === name.schema && same(each.name.name, name.name));
    default:
      return false;
  }
}

/** The last of the earlier statements that says it; those that do not hold the name are not read. */
function lastWord(earlier: readonly string[], name: string, says: (text: string) => boolean | null): boolean | null {
  for (const text of earlier.toReversed()) {
    if (!text.toLowerCase().includes(name.toLowerCase())) continue;
    const found = says(text);
    if (found !== null) return found;
  }
  return null;
}

/** Null in a database that was not read. @param kind the word behind CREATE. @param table whether a table has the name. */
export function objectStands({ schema, earlier }: Known, kind: string, name: ObjectName, table: boolean): boolean | null {
  if (schema.namespaces[name.schema] === undefined) return null;
  const is = (written: WrittenName): boolean => (written.schema ?? name.schema) === name.schema && same(written.name, name.name);
  const words = (text: string) => wordsOf(text, { version: schema.version });
  return (
    lastWord(earlier, name.name, (text) => objectAfter(words(text), kind, is)) ??
    ((table && /^(table|view|sequence)$/.test(kind)) || wasRead(schema, kind, name))
  );
}

/** Null of a table that was not read. */
export function constraintStands({ schema, earlier }: Known, table: ObjectName, kind: "foreign key" | "check", name: string): boolean | null {
  const read = findTable(schema, table);
  if (!read) return null;
  const says = (text: string): boolean | null => {
    const alter = alteredBy(text, schema.version);
    const its = alter && (alter.table.schema ?? table.schema) === table.schema && same(alter.table.name, table.name);
    return its ? constraintAfter(text, alter, kind, name, schema.version) : null;
  };
  return lastWord(earlier, name, says) ?? read.constraints.some((each) => each.kind === (kind === "check" ? "check" : "foreign-key") && same(each.name, name));
}
