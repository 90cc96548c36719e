// A user's statements in order, each against what the ones before it leave.
import { findTable } from "../../../schema/edit.ts";
import { type Facts, questionKey } from "../../../schema/facts.ts";
import type { ObjectName, Schema } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { UserStatement } from "../../../step/change.ts";
import { statementKind } from "../../../syntax/mysql/kind.ts";
import { nameAt, said, type WrittenName, wordsOf } from "../../../syntax/mysql/words.ts";
import { type Trace, traceOf } from "../statement-probes.ts";
import { type KnownTable, knownTable } from "./known.ts";
import { alteredBy, type Decided, decide } from "./native.ts";
import { undoOfParts } from "./undo-parts.ts";

/** A statement with all that was decided about it. */
export interface Followed {
  readonly statement: UserStatement;
  /** The table that it alters; null where it alters none that stands already. */
  readonly table: ObjectName | null;
  readonly size: KnownTable["size"];
  readonly decided: Decided | null;
  readonly trace: Trace;
}

/** What is known at one moment: null for a table that the statements made, undefined for one that nobody has looked at. */
export interface Moment {
  readonly tables: ReadonlyMap<string, KnownTable | null>;
  readonly schema: Schema;
  readonly facts: Facts;
}

export const begin = (schema: Schema, facts: Facts): Moment => ({ tables: new Map(), schema, facts });

function look(moment: Moment, name: ObjectName): KnownTable | null | undefined {
  const key = keyOf(name);
  if (moment.tables.has(key)) return moment.tables.get(key);
  const table = findTable(moment.schema, name);
  return table && knownTable(table, moment.facts.size[questionKey({ kind: "size", table: name })] ?? null);
}

const set = (moment: Moment, name: ObjectName, table: KnownTable | null): Moment => ({ ...moment, tables: new Map([...moment.tables, [keyOf(name), table]]) });

/** Full names of what a statement names, by the names as written. */
function resolver({ tables }: UserStatement): (name: WrittenName) => ObjectName | null {
  return ({ schema, name }) =>
    schema !== null
      ? { schema, name }
      : (tables.find((each) => each.table.name === name)?.table ?? (tables[0] ? { schema: tables[0].table.schema, name } : null));
}

/** The table that a CREATE TABLE makes, and RENAME's pairs. */
function moved(statement: UserStatement, moment: Moment): Moment {
  const words = wordsOf(statement.text);
  const full = resolver(statement);
  const kind = statementKind(words);
  if (kind === "rename table") {
    let after = moment;
    for (let at = 2; ; ) {
      const from = nameAt(words, at);
      const to = from ? nameAt(words, from.end + 1) : null;
      const [old, next] = [from ? full(from.name) : null, to ? full(to.name) : null];
      if (!to || !old || !next) return after;
      after = set(set(after, next, look(after, old) ?? null), old, null);
      if (said(words, to.end) !== ",") return after;
      at = to.end + 1;
    }
  }
  return kind === "drop table" ? statement.tables.reduce((after, { table }) => set(after, table, null), moment) : moment;
}

/** @param partner what walks the statement back; undefined: nothing does. */
export function follow(statement: UserStatement, moment: Moment, partner?: string | null): { readonly followed: Followed; readonly after: Moment } {
  const { version } = moment.schema;
  const full = resolver(statement);
  const seen = (name: WrittenName): KnownTable | null | undefined => {
    const resolved = full(name);
    return resolved ? look(moment, resolved) : undefined;
  };
  const trace = statement.transactional
    ? ({ kind: "unseen" } as const)
    : traceOf(statement.text, version, {
        table: (name) => seen(name) !== undefined,
        column: (table, column) => seen(table)?.columns.has(column.toLowerCase()) ?? null,
        index: (table, index) => seen(table)?.indexes.some(({ name }) => name.toLowerCase() === index.toLowerCase()) ?? null,
      });
  const alter = alteredBy(statement.text, version);
  const table = alter ? full(alter.table) : null;
  const known = table ? (look(moment, table) ?? null) : null;
  let decided = decide(statement.text, known, moment.facts, version, partner !== undefined);
  // Parts that cannot be walked back one by one stay together.
  if (decided && decided.parts.length > 1 && typeof partner === "string" && undoOfParts(decided, partner, version) === null)
    decided = decide(statement.text, known, moment.facts, version, false);
  let after = moved(statement, moment);
  if (table && decided) {
    const to = decided.alter.actions.find(({ kind }) => kind === "rename table")?.other;
    const renamed = to ? { schema: to.schema ?? table.schema, name: to.name } : null;
    after = renamed ? set(set(after, table, null), renamed, decided.after) : set(after, table, decided.after);
  }
  return { followed: { statement, table: known ? table : null, size: known?.size ?? null, decided, trace }, after };
}
