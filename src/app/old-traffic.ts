// What two looks at the counters of a server say of old code, in the words that all engines share.

import type { Plan } from "../plan/plan.ts";
import { plural } from "../plural.ts";
import { keyOf } from "../schema/names.ts";
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
 * Tables whose old columns are not counted, though the plan makes the counter: somebody has taken it away, and no number may be read as none.
 * @param counterOf the counter's name, as the plan's templates have it. @param there keys of tables that have one.
 */
export const uncounted = (plan: Plan, old: readonly OldColumns[], counterOf: (old: OldColumns) => string, there: ReadonlySet<string>): readonly Evidence[] => {
  // A sequence is made under its name, or gets it by a rename.
  const made = plan.steps
    .flatMap(({ act }) => (act.kind === "statements" ? act.statements : []))
    .filter((text) => /^(create sequence|rename table) /.test(text));
  return old
    .filter((each) => !there.has(keyOf(each.table)) && made.some((text) => text.includes(counterOf(each))))
    .map(({ table }) => ({
      source: "writers",
      seen: null,
      message: `writers of old columns of ${keyOf(table)} are not counted: the sequence that does so is gone`,
    }));
};
