// Statements of a user's own, in the phase that they name.
import type { Finding } from "../finding.ts";
import { plural } from "../plural.ts";
import { findTable } from "../schema/edit.ts";
import type { StatementFact } from "../schema/facts.ts";
import { keyOf } from "../schema/names.ts";
import type { UserStatement } from "../step/change.ts";
import type { Phase } from "../step/phase.ts";
import { refusal } from "./column-checks.ts";
import type { OperationDefinition, World } from "./definition.ts";
import { defined } from "./read.ts";

export interface SqlOperation {
  readonly kind: "sql";
  /** Default `expand`. */
  readonly phase: Phase;
  readonly statements: readonly string[];
  /** What walks the statements back; absent: a rollback over them is refused. */
  readonly undo?: readonly string[];
}

const factsOf = (texts: readonly string[], world: World): readonly { readonly text: string; readonly fact: StatementFact | undefined }[] =>
  texts.map((text) => ({ text, fact: world.facts.statement[text] }));

const short = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

function statementOf(text: string, world: World): UserStatement {
  const fact = world.facts.statement[text];
  if (!fact?.ok) throw new TypeError(`the statement ${short(text)} was not checked`);
  const place = (name: { readonly schema: string | null; readonly name: string }) => ({ schema: name.schema ?? world.namespace, name: name.name });
  return {
    text: fact.text,
    transactional: fact.transactional,
    alone: fact.alone,
    tables: fact.tables.map((table) => ({ table: place(table), mode: table.mode, blocks: table.blocks })),
    work: fact.work,
    index: fact.index ? place(fact.index) : null,
  };
}

/** Long work under a lock that stops writers, on a table that is there already. */
function checkHazards(operation: SqlOperation, world: World): readonly Finding[] {
  const created = new Set<string>();
  const findings: Finding[] = [];
  for (const { text, fact } of factsOf(operation.statements, world)) {
    if (!fact?.ok) continue;
    for (const table of fact.creates) created.add(keyOf({ schema: table.schema ?? world.namespace, name: table.name }));
    if (fact.dependsOnTable) continue;
    for (const { schema, name, mode, blocks } of fact.tables) {
      const table = { schema: schema ?? world.namespace, name };
      const long = fact.work === "scan" || fact.work === "build" || fact.work === "rewrite";
      if (!long || blocks === "nobody" || created.has(keyOf(table)) || !findTable(world.schema, table)) continue;
      findings.push({
        rule: "blocks-while-working",
        severity: "warn",
        subject: { kind: "table", name: keyOf(table) },
        message: `"${short(text)}" does a ${fact.work} under ${mode} on ${keyOf(table)}: writers${blocks === "everyone" ? " and readers" : ""} wait for all of it.`,
        fix: `Use the operation for it (add-index, set-not-null, transform)${fact.online === null ? "" : `, or ${fact.online}`}.`,
      });
    }
  }
  return findings;
}

/** What goes with the table that it concerns, when that table is dropped. */
const goesWithTable = /^(insert|replace|update|delete|alter table|create( unique)? index|create trigger)$/;

/**
 * The undo of each statement, the last one's first. A table that one of the statements makes takes along what later ones put into it and hang
 * on it, so these need none where the undo drops that table; null stands for that. Null where it does not tell which takes back what.
 */
function pairsOf(statements: readonly string[], undo: readonly string[], world: World): readonly (string | null)[] | null {
  if (undo.length === statements.length) return undo;
  const keysOf = (names: readonly { readonly schema: string | null; readonly name: string }[]) =>
    names.map(({ schema, name }) => keyOf({ schema: schema ?? world.namespace, name }));
  const drops = new Map<string, string>();
  for (const { text, fact } of factsOf(undo, world)) {
    const [dropped, ...more] = fact?.ok && fact.what === "drop table" ? keysOf(fact.tables) : [];
    if (dropped === undefined || more.length > 0 || drops.has(dropped)) return null;
    drops.set(dropped, text);
  }
  const made = new Set<string>();
  const pairs: (string | null)[] = [];
  for (const { text, fact } of factsOf(statements, world)) {
    if (!fact?.ok) return null;
    const [created] = fact.what === "create table" ? keysOf(fact.creates) : [];
    const drop = created === undefined ? undefined : drops.get(created);
    const tables = keysOf(fact.tables);
    if (created !== undefined && drop !== undefined && !made.has(created)) {
      made.add(created);
      pairs.unshift(drop);
      // What renames a table, or a column of it, may leave the drop without its object.
    } else if (goesWithTable.test(fact.what) && tables.length > 0 && tables.every((table) => made.has(table)) && !/^\s*alter\b.*\brename\b/is.test(text)) {
      pairs.unshift(null);
    } else return null;
  }
  return made.size === drops.size ? pairs : null;
}

/** Null where the statements are one step, whose undo may have any length. */
const apartOf = (statements: readonly string[], world: World): string | null =>
  statements.length < 2 ? null : (factsOf(statements, world).find(({ fact }) => fact?.ok && (!fact.transactional || fact.alone))?.text ?? null);

/** Each step has a session of its own, or one that nobody knows: what an earlier step leaves there may be gone. */
function checkState({ statements, undo }: SqlOperation, world: World): readonly Finding[] {
  return [statements, undo ?? []].flatMap((texts) => {
    if (apartOf(texts, world) === null) return [];
    const leaving = factsOf(texts.slice(0, -1), world).find(({ fact }) => fact?.ok && fact.leavesState);
    if (leaving === undefined) return [];
    return [
      {
        ...refusal(
          "session-state",
          "statement",
          short(leaving.text),
          `"${short(leaving.text)}" sets something for its session, and these ${texts.length} statements are several steps, each of which may have another session.`,
          "Put the statements that the server runs outside a transaction into a migration of their own, or write what they need into each statement.",
        ),
        acceptable: true,
      },
    ];
  });
}

/** Where the statements are several steps, a run may be turned round between any two of them. */
function checkUndo({ statements, undo }: SqlOperation, world: World): readonly Finding[] {
  const apart = apartOf(statements, world);
  if (undo === undefined || apart === null || pairsOf(statements, undo, world) !== null) return [];
  return [
    refusal(
      "undo-not-paired",
      "statement",
      short(apart),
      `"${short(apart)}" runs in a step of its own, so a run may be walked back between these ${statements.length} statements; their undo has ${plural(undo.length, "statement")} and does not tell which takes back what.`,
      "Write one undo statement for each statement, the last one's first; or put what belongs together into operations of their own.",
    ),
  ];
}

function undoOf({ statements, undo }: SqlOperation, world: World): readonly (UserStatement | null)[] | null {
  if (undo === undefined) return null;
  const pairs = apartOf(statements, world) === null ? undo : (pairsOf(statements, undo, world) ?? undo);
  return pairs.map((text) => (text === null ? null : statementOf(text, world)));
}

export const sqlOperation: OperationDefinition<SqlOperation> = {
  kind: "sql",
  summary: "run statements of your own in a phase",
  read: (fields) =>
    defined<SqlOperation>({ kind: "sql", phase: fields.phase("phase", "expand"), statements: fields.texts("statements"), undo: fields.optionalTexts("undo") }),
  questions: (operation) => [...operation.statements, ...(operation.undo ?? [])].map((text) => ({ kind: "statement", text })),
  check(operation, world) {
    const findings: Finding[] = [];
    for (const { text, fact } of factsOf([...operation.statements, ...(operation.undo ?? [])], world)) {
      const subject = short(text);
      if (!fact) continue;
      if (!fact.ok) findings.push(refusal("bad-sql", "statement", subject, fact.message, fact.hint ?? "Correct the statement."));
      else if (fact.controlsTransaction)
        findings.push(
          refusal(
            "transaction-control",
            "statement",
            subject,
            `"${subject}" would end the transaction in which the step is journalled.`,
            "Remove it: statements that can be one transaction are one already.",
          ),
        );
    }
    return findings.length > 0 ? findings : [...checkUndo(operation, world), ...checkState(operation, world), ...checkHazards(operation, world)];
  },
  // What free statements leave behind is known only by reading the database again.
  effect: (_operation, world) => world.schema,
  changes: (operation, world) => [
    {
      phase: operation.phase,
      change: {
        kind: "statements",
        statements: operation.statements.map((text) => statementOf(text, world)),
        undo: undoOf(operation, world),
      },
    },
  ],
};
