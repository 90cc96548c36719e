// What two looks at the counters of a server say of old code, in the words that all engines share.

import type { Plan } from "../plan/plan.ts";
import { plural } from "../plural.ts";
import { derivedName, keyOf, nameFor } from "../schema/names.ts";
import type { Evidence } from "./contract.ts";
import type { OldColumns } from "./old-shape.ts";

/** A statement's text and how often it was seen. */
export type Seen = readonly [text: string, count: number];

/** `app.users.name, app.users.phone`. */
export const listed = (old: readonly OldColumns[]): string =>
  old.flatMap(({ table, columns }) => columns.map((column) => `${keyOf(table)}.${column}`)).join(", ");

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
};

/** The most frequent three. */
export function most(found: readonly Seen[]): string {
  const first = [...found]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([text, count]) => `${count} × ${short(text)}`);
  return `${first.join("; ")}${found.length > 3 ? `; and ${plural(found.length - 3, "other")}` : ""}`;
}

/** Calls between two samples of statements that name what is old. */
export const called = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, names: (text: string) => boolean): readonly Seen[] =>
  [...after].flatMap(([text, calls]): Seen[] => {
    const count = calls - (before.get(text) ?? 0);
    return count > 0 && names(text) ? [[text, count]] : [];
  });

/** @param now rows of the table that were written by their old columns between two samples. @param more what is known beside it. */
export const written = (table: string, now: number, seconds: string, more: string): Evidence => ({
  source: "writers",
  seen: now > 0,
  message: `${now > 0 ? `old columns of ${table} were written ${plural(now, "time")}` : `nobody wrote old columns of ${table}`} within ${seconds} s${more}`,
});

/**
 * Names that the counter of a table's old side may have, as a plan's templates have them: made before the run's number is known, each is cut as if
 * the hole were part of it. The second is what a plan gave it that was stored before names were told apart.
 * @param limit of a name in bytes, where it is not the usual one.
 */
export const counterTemplates = ({ table }: OldColumns, limit?: number): readonly string[] => [
  ...new Set([nameFor("old_writes_{{run}}", [table.schema, table.name], limit), derivedName(["old_writes_{{run}}", table.schema, table.name], limit)]),
];

/** The tables of a run by the names that their counters may have. */
export const byCounter = (run: number, old: readonly OldColumns[], limit?: number): ReadonlyMap<string, OldColumns> =>
  new Map(old.flatMap((each) => counterTemplates(each, limit).map((name) => [name.replaceAll("{{run}}", String(run)), each])));

/**
 * Tables whose old columns are not counted, though the plan makes the counter: somebody has taken it away, and no number may be read as none.
 * @param countersOf names that the counter may have, as the plan's templates have them. @param there keys of tables that have one.
 */
export const uncounted = (
  plan: Plan,
  old: readonly OldColumns[],
  countersOf: (old: OldColumns) => readonly string[],
  there: ReadonlySet<string>,
): readonly Evidence[] => {
  // A sequence is made under its name, or gets it by a rename.
  const made = plan.steps
    .flatMap(({ act }) => (act.kind === "statements" ? act.statements : []))
    .filter((text) => /^(create sequence|rename table) /.test(text));
  return old
    .filter((each) => !there.has(keyOf(each.table)) && made.some((text) => countersOf(each).some((name) => text.includes(name))))
    .map(({ table }) => ({
      source: "writers",
      seen: null,
      message: `writers of old columns of ${keyOf(table)} are not counted: the sequence that does so is gone`,
    }));
};
