// Views, triggers, routines and events that use a column which leaves: the server renames in none of them, and says nothing.
import type { Finding } from "../../../finding.ts";
import type { ObjectName, Schema, Table } from "../../../schema/model.ts";
import { keyOf, sameName } from "../../../schema/names.ts";
import { codeTokens, type Lexing } from "../../../syntax/mysql/lexer.ts";
import { mentionsIn } from "../../../syntax/mysql/mentions.ts";
import { nameOf, sameName as sameWord } from "../../../syntax/mysql/written.ts";
import { names, refuse } from "./refusals.ts";

/** A text of the server's, and under which rules it reads that. */
export interface Body {
  readonly kind: string;
  readonly name: string;
  /** `Trigger x of app.t`. */
  readonly called: string;
  readonly text: string;
  readonly lexing: Lexing;
  /** The table whose trigger it is, where that is one of ours. */
  readonly on: ObjectName | null;
  /** It is in another database, which no migration of ours makes. */
  readonly elsewhere?: true;
}

export const lexingOf = (attributes: Readonly<Record<string, string>> | undefined, version: number): Lexing => {
  const modes = (attributes?.["sql mode"] ?? "").split(",");
  return { ansiQuotes: modes.includes("ANSI_QUOTES"), noBackslashEscapes: modes.includes("NO_BACKSLASH_ESCAPES"), version };
};

function bodies(schema: Schema): readonly Body[] {
  const { version } = schema;
  const triggers = Object.values(schema.tables).flatMap((table) =>
    table.triggers.map(
      ({ name, definition, attributes }): Body => ({
        kind: "trigger",
        name,
        called: `Trigger ${name} of ${keyOf(table.name)}`,
        text: definition,
        lexing: lexingOf(attributes, version),
        on: table.name,
      }),
    ),
  );
  const routines = Object.values(schema.routines).flatMap(({ kind, name, body, attributes }): Body[] =>
    body === null
      ? []
      : [
          {
            kind: "routine",
            name: keyOf(name),
            called: `${kind.replace(/^./, (first) => first.toUpperCase())} ${keyOf(name)}`,
            text: body,
            lexing: lexingOf(attributes, version),
            on: null,
          },
        ],
  );
  const events = Object.values(schema.events ?? {}).map(
    ({ name, body, attributes }): Body => ({
      kind: "event",
      name: keyOf(name),
      called: `Event ${keyOf(name)}`,
      text: body,
      lexing: lexingOf(attributes, version),
      on: null,
    }),
  );
  return [...triggers, ...routines, ...events];
}

/** How often a text names this outside of its strings. Where it cannot be cut into tokens: better one too many. */
function timesNamed({ text, lexing }: Body, name: string): number {
  try {
    return codeTokens(text, lexing).filter((token) => token.kind !== "string" && sameWord(nameOf(text, token), name)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** A variable with the columns of a table, in both languages of MariaDB. */
const rowVariable = /\brow\s+type\s+of\b|%\s*rowtype\b/i;

export const replaceIt = ({ kind, elsewhere }: Pick<Body, "kind" | "elsewhere">): string =>
  `Replace the ${kind} by one that does not name the column, ${elsewhere ? "before the run begins" : "in an earlier migration"}.`;

export function ofBody(body: Body, table: Table, leaving: readonly string[]): readonly Finding[] {
  const { text, lexing, on, kind, called } = body;
  const own = on !== null && sameName(on, table.name);
  const name = keyOf(table.name);
  const asked = { table: table.name, columns: leaving };
  const { mentions, wholeRow, sure } = mentionsIn(text, { ...asked, own }, lexing);
  const direct = mentions.filter((column) => timesNamed(body, column) > 0);
  const named = own || timesNamed(body, table.name.name) > 0;
  if (named && direct.length > 0) {
    const message = `${called} names ${direct.join(", ")}${own ? "" : ` of ${name}`}; the server would let the column go, and fail whoever runs it later.`;
    return [
      kind === "trigger"
        ? refuse("dependent-trigger", kind, body.name, message, replaceIt(body))
        : refuse("dependent-routine", kind, body.name, message, replaceIt(body)),
    ];
  }
  const findings: Finding[] = [];
  // What makes statements of strings may put a table's name together from parts.
  const spoken = sure ? [] : mentionsIn(text, { ...asked, own: true }, lexing).mentions;
  if (spoken.length > 0)
    findings.push({
      rule: "may-name-column",
      severity: "warn",
      subject: { kind, name: body.name },
      message: `${called} seems to name ${spoken.join(", ")} of ${name} in SQL that it makes itself; such a statement would fail once the column has gone.`,
      fix: `Look into it. ${replaceIt(body)}`,
    });
  // A trigger of the table names it in its head.
  const rows = wholeRow || rowVariable.test(text);
  if (rows && timesNamed(body, table.name.name) > (own ? 1 : 0))
    findings.push({
      rule: "columns-not-named",
      severity: "warn",
      subject: { kind, name: body.name },
      message: `${called} uses rows of ${name} without naming their columns: from switch on there are more of them, and an INSERT, a SELECT * INTO or a NATURAL JOIN fails or does something else.`,
      fix: `Name the columns in it, ${body.elsewhere ? "before the run begins" : "in an earlier migration"}.`,
    });
  return findings;
}

/** What the server keeps and this account, or this program, cannot look through. */
function unread(schema: Schema, name: string, list: string): readonly Finding[] {
  const warn = (kind: string, object: string, why: string, fix: string): Finding => ({
    rule: "may-name-column",
    severity: "warn",
    subject: { kind, name: object },
    message: `${why}; whether it names ${list} of ${name} is not known, and if it does it fails once the column has gone.`,
    fix,
  });
  return [
    ...Object.values(schema.routines)
      .filter(({ body }) => body === null)
      .map((routine) =>
        warn(
          "routine",
          keyOf(routine.name),
          `The text of ${routine.kind} ${keyOf(routine.name)} is hidden from this account`,
          "Let the account see it (hotstick doctor says how), and plan again.",
        ),
      ),
    ...schema.unmodelled
      .filter(({ kind, tables }) => tables.length === 0 && /^view\b/.test(kind))
      .map((view) =>
        warn("view", view.name, `The text of view ${view.name} is hidden from this account`, "Let the account see it: grant show view; and plan again."),
      ),
    ...schema.unmodelled
      .filter(({ kind, tables }) => tables.length === 0 && /^(package|library)\b/.test(kind))
      .map((thing) =>
        warn(
          thing.kind,
          thing.name,
          `${thing.kind} ${thing.name} is written in a language that is not searched`,
          `Look into it: show create ${thing.kind} ${thing.name}.`,
        ),
      ),
  ];
}

/** Objects beside the table that name it, or columns of it: the server renames in none of them. */
export function checkSurroundings(schema: Schema, table: Table, leaving: readonly string[]): readonly Finding[] {
  if (leaving.length === 0) return [];
  const name = keyOf(table.name);
  const list = leaving.join(", ");
  const views = Object.values(schema.views)
    .filter(
      (view) =>
        view.uses.some((use) => keyOf(use.name) === name && (use.columns.length === 0 || use.columns.some((column) => leaving.includes(column)))) ||
        (names(view.definition, [table.name.name]) && names(view.definition, leaving)),
    )
    .map((view) =>
      refuse(
        "dependent-view",
        "view",
        keyOf(view.name),
        `View ${keyOf(view.name)} reads ${list} of ${name}, and would fail when the column is gone.`,
        "Drop the view in an earlier migration, and create it anew over the new columns in a later one.",
      ),
    );
  const unmodelled = schema.unmodelled
    .filter((other) => other.tables.some((on) => keyOf(on) === name))
    .map((thing) =>
      refuse(
        "unmodelled-dependant",
        thing.kind,
        thing.name,
        `${thing.kind} ${thing.name} hangs on ${name}, and is of a kind that is not understood here.`,
        "Drop it first, and make it anew when the run is complete.",
      ),
    );
  return [...views, ...bodies(schema).flatMap((body) => ofBody(body, table, leaving)), ...unmodelled, ...unread(schema, name, list)];
}
