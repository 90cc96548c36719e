// A user's statements in order, each against what the ones before it leave.
import { findTable } from "../../../schema/edit.ts";
import { questionKey } from "../../../schema/facts.ts";
import type { ObjectName, Schema } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { UserStatement } from "../../../step/change.ts";
import { effectsOf } from "../../../syntax/mysql/effects.ts";
import { statementKind } from "../../../syntax/mysql/kind.ts";
import { renamedTables } from "../../../syntax/mysql/renamed-tables.ts";
import { type WrittenName, wordsOf } from "../../../syntax/mysql/words.ts";
import type { DraftContext } from "../../dialect.ts";
import { traceOf } from "../probes/statement.ts";
import type { Trace } from "../probes/trace.ts";
import { alteredBy } from "./altered.ts";
import { type KnownTable, knownTable } from "./known.ts";
import { type Decided, decide } from "./native.ts";
import { constraintStands, objectStands } from "./standing.ts";
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

/** A table that the statements made, whose columns nobody has read; one that they took away. */
type Otherwise = "new" | "gone";

/** What is known at one moment; tables that the statements left alone are in the schema. */
export interface Moment extends DraftContext {
  readonly tables: ReadonlyMap<string, KnownTable | Otherwise>;
}

export const begin = (context: DraftContext): Moment => ({ ...context, tables: new Map() });

function look(moment: Moment, name: ObjectName): KnownTable | Otherwise {
  const changed = moment.tables.get(keyOf(name));
  if (changed !== undefined) return changed;
  const table = findTable(moment.schema, name);
  if (table) return knownTable(table, moment.facts.size[questionKey({ kind: "size", table: name })] ?? null);
  return moment.made(name) ? "new" : "gone";
}

const read = (found: KnownTable | Otherwise): KnownTable | null => (typeof found === "string" ? null : found);

const set = (moment: Moment, name: ObjectName, table: KnownTable | Otherwise): Moment => ({
  ...moment,
  tables: new Map([...moment.tables, [keyOf(name), table]]),
});

/** Full names of what a statement names, by the names as written. */
function resolver({ tables }: UserStatement, { namespaces }: Schema): (name: WrittenName) => ObjectName | null {
  // One database is read at a time, and it is the one that names without any mean.
  const [only] = Object.keys(namespaces);
  return ({ schema, name }) => {
    const known = tables.find((each) => each.table.name === name)?.table;
    return schema !== null ? { schema, name } : (known ?? (only === undefined ? null : { schema: only, name }));
  };
}

/** Tables that come, go and change their names by other statements than ALTER. */
function moved(statement: UserStatement, moment: Moment): Moment {
  const { version } = moment.schema;
  const words = wordsOf(statement.text, { version });
  const full = resolver(statement, moment.schema);
  const kind = statementKind(words);
  const [made] = effectsOf(words, statement.text, { version }).creates.flatMap((name) => full(name) ?? []);
  if (made) return statement.transactional || look(moment, made) !== "gone" ? moment : set(moment, made, "new");
  if (kind === "rename table")
    return (renamedTables(words) ?? []).reduce((after, { from, to }) => {
      const [old, next] = [full(from), full(to)];
      return old && next ? set(set(after, next, look(after, old)), old, "gone") : after;
    }, moment);
  return kind === "drop table" ? statement.tables.reduce((after, { table }) => set(after, table, "gone"), moment) : moment;
}

/** @param partner what walks the statement back; undefined: nothing does. */
export function follow(statement: UserStatement, moment: Moment, partner?: string | null): { readonly followed: Followed; readonly after: Moment } {
  const { version } = moment.schema;
  const full = resolver(statement, moment.schema);
  const seen = (name: WrittenName): KnownTable | Otherwise => {
    const resolved = full(name);
    return resolved ? look(moment, resolved) : "gone";
  };
  const trace = statement.transactional
    ? ({ kind: "unseen" } as const)
    : traceOf(statement.text, version, {
        table: (name) => seen(name) !== "gone",
        column: (table, column) => read(seen(table))?.columns.has(column.toLowerCase()) ?? null,
        index: (table, index) => {
          const known = read(seen(table));
          if (known === null) return null;
          return index === "PRIMARY" ? known.keyed : known.indexes.some(({ name }) => name.toLowerCase() === index.toLowerCase());
        },
        partitioned: (table) => read(seen(table))?.partitioned ?? null,
        constraint: (table, kind, name) => {
          const resolved = full(table);
          return resolved && read(seen(table)) ? constraintStands(moment, resolved, kind, name) : null;
        },
        object: (kind, name) => {
          const resolved = full(name);
          return resolved && objectStands(moment, kind, resolved, seen(name) !== "gone");
        },
      });
  const alter = alteredBy(statement.text, version);
  const table = alter ? full(alter.table) : null;
  const known = table ? read(look(moment, table)) : null;
  let decided = decide(statement.text, known, moment.facts, version, partner !== undefined);
  // Parts that cannot be walked back one by one stay together.
  if (decided && decided.parts.length > 1 && typeof partner === "string" && undoOfParts(decided, partner, version) === null)
    decided = decide(statement.text, known, moment.facts, version, false);
  let after = moved(statement, moment);
  if (table && decided) {
    const to = decided.alter.actions.find(({ kind }) => kind === "rename table")?.other;
    const renamed = to ? { schema: to.schema ?? table.schema, name: to.name } : null;
    after = renamed ? set(set(after, table, "gone"), renamed, decided.after) : set(after, table, decided.after);
  }
  after = { ...after, earlier: [...after.earlier, statement.text] };
  return { followed: { statement, table: known ? table : null, size: known?.size ?? null, decided, trace }, after };
}
