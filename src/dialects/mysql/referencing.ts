// What an ALTER holds up besides its own table: whoever writes the tables that reference it.
import { findTable } from "../../schema/edit.ts";
import type { ObjectName, Schema } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Lock, StepCore } from "../../step/step.ts";
import type { DraftStep } from "../dialect.ts";
import { isMariadb } from "./capabilities.ts";
import { incoming } from "./carry/exchange.ts";

/** Others may read, and writers wait. It is a lock of InnoDB's own, which holds up whom this metadata lock would. */
const writersOut = (table: ObjectName): Lock => ({ table, mode: "SHARED READ ONLY MDL", strong: true });

/** Without names and texts. */
const bare = (statement: string): string => statement.replaceAll(/`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'/gs, "``");

/**
 * Defaults and visibility are the server's own business, of which InnoDB hears nothing; everything else it puts down in its dictionary at the
 * end, and keeps writers out of the tables whose foreign keys look at this one.
 * @param isOurs A column that we define anew changes in nothing else: of a user's own that is not known.
 */
function isForInnodb(statement: string, isOurs: boolean): boolean {
  const text = bare(statement);
  if (/^\s*rename\s+table\b/i.test(text) || /^\s*(create|drop)\b.*\bindex\b/is.test(text)) return true;
  return (
    /^\s*alter\s+table\b/i.test(text) &&
    (/\b(add|drop(?!\s+default)|change|rename|force|convert|engine)\b/i.test(text) || (!isOurs && /\bmodify\b/i.test(text)))
  );
}

/** Those that reference one of these, by their keys; a table's references to itself are no others'. */
const referencing = (tables: readonly ObjectName[], schema: Schema): ReadonlyMap<string, ObjectName> =>
  new Map(
    tables
      .flatMap((name) => {
        const table = findTable(schema, name);
        return table === undefined ? [] : incoming(schema, table).map(({ on }) => on.name);
      })
      .map((name) => [keyOf(name), name]),
  );

function withReferencing<C extends StepCore>(core: C, schema: Schema, isOurs: boolean): C {
  const { act, locks, work } = core;
  if (act.kind !== "statements" || !act.statements.some((statement) => isForInnodb(statement, isOurs && work === "instant"))) return core;
  const own = act.statements.some((statement) => /^\s*rename\s/i.test(statement)) ? locks : locks.slice(0, 1);
  const known = new Set(locks.map(({ table }) => keyOf(table)));
  const more = [
    ...referencing(
      own.map(({ table }) => table),
      schema,
    ),
  ].flatMap(([key, name]) => (known.has(key) ? [] : [writersOut(name)]));
  return more.length === 0 ? core : { ...core, locks: [...locks, ...more] };
}

/** The same steps, with the tables that they hold up besides their own; MariaDB's, MySQL locks nothing there. @param isOurs Nobody else wrote their statements. */
export const alsoReferencing = (steps: readonly DraftStep[], schema: Schema, isOurs: boolean): readonly DraftStep[] =>
  isMariadb(schema.version)
    ? steps.map((step) => ({ ...withReferencing(step, schema, isOurs), undo: step.undo.map((undo) => withReferencing(undo, schema, isOurs)) }))
    : steps;
