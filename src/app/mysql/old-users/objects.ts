// Views, routines, triggers and events that name an old column: the server renames in none of them.

import { plural } from "../../../plural.ts";
import type { ObjectName, Schema } from "../../../schema/model.ts";
import { hiddenPrefix, keyOf, sameName } from "../../../schema/names.ts";
import type { Lexing } from "../../../syntax/mysql/lexer.ts";
import { mentionsIn } from "../../../syntax/mysql/mentions.ts";
import type { Evidence } from "../../contract.ts";
import type { OldColumns } from "../../old-shape.ts";

/** A text, and under which rules the server reads it. */
interface Body {
  readonly what: string;
  readonly text: string;
  readonly lexing: Lexing;
  /** The table whose trigger it is. */
  readonly on: ObjectName | null;
}

const lexingOf = (attributes: Readonly<Record<string, string>> | undefined, version: number): Lexing => {
  const modes = (attributes?.["sql mode"] ?? "").split(",");
  return { ansiQuotes: modes.includes("ANSI_QUOTES") || modes.includes("ANSI"), noBackslashEscapes: modes.includes("NO_BACKSLASH_ESCAPES"), version };
};

function bodies(schema: Schema): readonly Body[] {
  const routines = Object.values(schema.routines).flatMap(({ kind, name, body, attributes }) =>
    body === null ? [] : [{ what: `${kind} ${keyOf(name)}`, text: body, lexing: lexingOf(attributes, schema.version), on: null }],
  );
  const events = Object.values(schema.events ?? {}).map(({ name, body, attributes }) => ({
    what: `event ${keyOf(name)}`,
    text: body,
    lexing: lexingOf(attributes, schema.version),
    on: null,
  }));
  const triggers = Object.values(schema.tables).flatMap((table) =>
    table.triggers
      .filter(({ name }) => !name.startsWith(hiddenPrefix))
      .map(({ name, definition, attributes }) => ({
        what: `trigger ${name} of ${keyOf(table.name)}`,
        text: definition,
        lexing: lexingOf(attributes, schema.version),
        on: table.name,
      })),
  );
  return [...routines, ...triggers, ...events];
}

/** How many texts this account may not read. */
const hidden = (schema: Schema): number =>
  Object.values(schema.routines).filter(({ body }) => body === null).length + Object.values(schema.views).filter(({ definition }) => definition === "").length;

export function objects(schema: Schema, old: readonly OldColumns[]): Evidence {
  const found: string[] = [];
  const all = bodies(schema);
  for (const { table, columns } of old) {
    const names = (used: readonly string[]): string => used.map((column) => `${keyOf(table)}.${column}`).join(", ");
    for (const view of Object.values(schema.views)) {
      const used = view.uses.filter((use) => sameName(use.name, table)).flatMap((use) => use.columns.filter((column) => columns.includes(column)));
      if (used.length > 0) found.push(`view ${keyOf(view.name)} (${names(used)})`);
    }
    for (const { what, text, lexing, on } of all) {
      const { mentions, sure } = mentionsIn(text, { table, columns, own: on !== null && sameName(on, table) }, lexing);
      if (mentions.length > 0) found.push(`${what} ${sure ? "names" : "seems to name"} ${names(mentions)}`);
    }
  }
  if (found.length > 0) return { source: "objects", seen: true, message: found.join("; ") };
  const unread = hidden(schema);
  if (unread > 0)
    return {
      source: "objects",
      seen: null,
      message: `${plural(unread, "view or routine hides its text", "views and routines hide their texts")} from this account, so whether they name old columns is not known`,
    };
  return { source: "objects", seen: false, message: "no view, routine, trigger or event names them" };
}
