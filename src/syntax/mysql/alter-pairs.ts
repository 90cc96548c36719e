// What actions of one ALTER cost beside what each of them costs alone. All pairs of the usual actions were tried on MariaDB 10.11 and MySQL 9.7.
import type { AlterKind, Form } from "./alter-actions.ts";
import { mariadb } from "./versioned.ts";

type Kinds = ReadonlySet<AlterKind>;

/** Columns come, go or change their place. */
const moving: Kinds = new Set<AlterKind>([
  "add column",
  "add column at place",
  "add checked column",
  "drop column",
  "drop unindexed column",
  "drop indexed column",
  "drop column out of index",
  "drop column of unique index",
  "reorder column",
]);
const building: Kinds = new Set<AlterKind>(["add index", "add index over new virtual column", "add unique", "add foreign key unchecked"]);
/** They may come along with a virtual column. */
const besideVirtual: Kinds = new Set<AlterKind>([
  "add virtual column",
  "drop unindexed column",
  "drop indexed column",
  "drop virtual column",
  "drop indexed virtual column",
  "drop index",
  "add index",
  "add index over new virtual column",
]);
/** And on MySQL these, which are instant too. */
const instantBesideVirtual: Kinds = new Set<AlterKind>(["change default", "change column visibility", "comment column", "append enum member", "drop check"]);
const optional: Kinds = new Set<AlterKind>(["table comment", "default character set", "auto_increment value", "statistics"]);
/** Instant alone, and not beside an option of the table. */
const named: Kinds = new Set<AlterKind>(["rename column", "extend varchar", "rename index", "drop foreign key", "change index visibility"]);
/** They say the character set of a column, which follows the table's where it is not written. */
const characters: Kinds = new Set<AlterKind>(["comment column", "extend varchar", "append enum member"]);

const rebuilt: Form = { algorithm: "INPLACE", lock: "NONE", rebuilds: true, work: "rewrite" };
const copied: Form = { algorithm: "COPY", lock: "SHARED", rebuilds: true, work: "rewrite" };
const notInstant: Form = { algorithm: "NOCOPY", lock: "NONE", rebuilds: false, work: "instant" };

/** Whether what is instant by itself makes the table anew where INPLACE is asked for: MySQL's columns that come and go. */
export const rebuildsInPlace = (kinds: readonly AlterKind[], version: number | undefined): boolean =>
  (version === undefined || version < mariadb) && kinds.some((kind) => moving.has(kind));

/**
 * Forms that the actions take only because they stand in one statement.
 * @param alone what each would be by itself.
 */
export function pairedForms(kinds: readonly AlterKind[], alone: readonly Form[], onMariadb: boolean): readonly Form[] {
  const some = (of: Kinds): boolean => kinds.some((kind) => of.has(kind));
  const forms: Form[] = [];
  if (some(moving) && some(building)) forms.push(rebuilt);
  // Columns come and go in the catalog only where everything of the statement is instant; in place MySQL makes the table anew for them.
  if (!onMariadb && some(moving) && alone.some(({ algorithm }) => algorithm !== "INSTANT")) forms.push(rebuilt);
  const beside = (kind: AlterKind): boolean => besideVirtual.has(kind) || (!onMariadb && instantBesideVirtual.has(kind));
  const virtual = kinds.includes("add virtual column");
  if (virtual && kinds.some((kind) => !beside(kind))) forms.push(copied);
  if (virtual && !onMariadb && kinds.includes("drop indexed column")) forms.push(copied);
  if (virtual && onMariadb && some(moving) && some(building)) forms.push(copied);
  if (!onMariadb && kinds.includes("default character set") && (kinds.includes("comment column") || kinds.includes("extend varchar"))) forms.push(copied);
  if (onMariadb && some(optional) && some(named)) forms.push(notInstant);
  if (onMariadb && kinds.includes("default character set") && some(characters)) forms.push(copied);
  return forms;
}
