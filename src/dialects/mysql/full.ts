// A table that has no room for what a change adds, at the moment when it holds the most: both shapes, markers, copies of indexes.
import type { Finding } from "../../finding.ts";
import { findTable } from "../../schema/edit.ts";
import { type Facts, type Question, questionKey } from "../../schema/facts.ts";
import type { ObjectName, Schema, Table } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Change } from "../../step/change.ts";
import { asStatements, type StepCore } from "../../step/step.ts";
import type { DraftContext } from "../dialect.ts";
import { newColumns } from "../shape/columns.ts";
import { refuse } from "./carry/refusals.ts";
import { knownTable } from "./native/known.ts";
import { newOccupant, occupants, ownOccupants, rowFormat } from "./occupants.ts";
import { type Occupant, pageBytes, pageRoom, room, rowBytes } from "./room.ts";

const strict: Question = { kind: "setting", name: "innodb_strict_mode" };
const pageSize: Question = { kind: "setting", name: "innodb_page_size" };
const usualPage = 16_384;
/** The smallest page that a server may have, bytes. */
const smallestPage = 4_096;

interface Filling {
  readonly table: ObjectName;
  /** Null where it is new. */
  readonly stands: Table | null;
  readonly columns: readonly Occupant[];
  /** What is added, for people. */
  readonly added: readonly string[];
  readonly keyed: boolean;
}

/** What a new table of the database gets. */
const charsetOf = (schema: Schema, { schema: database }: ObjectName): string | null => schema.namespaces[database]?.options?.["charset"] ?? null;

function fillingOf(change: Change, schema: Schema, facts: Facts): Filling | null {
  if (change.kind === "create-table") {
    const { table, spec } = change;
    const columns = spec.columns.map((column) => newOccupant(column, charsetOf(schema, table), facts));
    return { table, stands: null, columns, added: [], keyed: spec.primaryKey !== undefined };
  }
  const table = "shape" in change ? change.shape.table : "table" in change ? change.table : null;
  const stands = table === null ? undefined : findTable(schema, table);
  if (!table || !stands || !knownTable(stands, null).innodb) return null;
  const specs = "shape" in change ? newColumns(change.shape).map(({ spec }) => spec) : change.kind === "add-column" ? [change.column] : [];
  const charset = stands.options["charset"] ?? charsetOf(schema, table);
  const more = [...specs.map((spec) => newOccupant(spec, charset, facts)), ...("shape" in change ? ownOccupants(change.shape, schema.version) : [])];
  return {
    table,
    stands,
    columns: [...occupants(stands), ...more],
    added: specs.map(({ name }) => name),
    keyed: stands.indexes.some(({ primary, unique, keys }) => primary || (unique && keys.length > 0)),
  };
}

const inPage = (filling: Filling, version: number): number => {
  const format = rowFormat(filling.stands);
  return format === null ? 0 : pageBytes(filling.columns, { version, format, keyed: filling.keyed });
};

/** The server is asked about its pages only where they could be too small. */
export function fullQuestions(change: Change, schema: Schema, facts: Facts): readonly Question[] {
  const filling = fillingOf(change, schema, facts);
  return filling !== null && inPage(filling, schema.version) > pageRoom(smallestPage) ? [strict, pageSize] : [];
}

const count = new Intl.NumberFormat("en-US");

const made = /\badd (?:unique )?index /i;
const dropped = /\bdrop index /i;

/** Most indexes that the table has at one time. */
function mostKeys(stands: Table, table: ObjectName, steps: readonly StepCore[]): number {
  let [now, most] = [stands.indexes.length, stands.indexes.length];
  for (const { act, locks } of steps) {
    if (!locks.some((lock) => keyOf(lock.table) === keyOf(table))) continue;
    for (const text of asStatements(act)?.statements ?? []) {
      if (made.test(text)) now += 1;
      if (dropped.test(text)) now -= 1;
      most = Math.max(most, now);
    }
  }
  return most;
}

const inPages = (bytes: number, limit: number): string =>
  `a row could take ${count.format(bytes)} bytes of its page, and InnoDB takes ${count.format(limit)}, for two have to fit; a writer whose row is longer is refused (error 1118)`;

/** @param steps all that the change does to the table, in order. */
export function fullFindings(change: Change, { schema, facts }: DraftContext, steps: readonly StepCore[]): readonly Finding[] {
  const filling = fillingOf(change, schema, facts);
  if (filling === null) return [];
  const { table, stands, columns, added } = filling;
  const name = keyOf(table);
  const whom = stands === null ? "" : added.length === 0 ? " with what the run adds" : ` together with ${added.join(", ")}`;
  const no = (what: string, fix: string): Finding => refuse("table-full", "table", name, `${name} has no room${whom}: ${what}.`, fix);
  const instead =
    "Take away columns that nobody needs in an earlier migration, change fewer columns in one migration, or put the new ones into a table of their own.";
  const shorter = `Make long VARCHARs shorter, or TEXT, which counts with its pointer only. ${stands === null ? "Or make two tables of it." : instead}`;
  const [row, page] = [rowBytes(columns), inPage(filling, schema.version)];
  const limit = pageRoom(Number(facts.setting[questionKey(pageSize)] ?? usualPage));
  // Off, the server takes the table with a warning.
  const isStrict = /^(1|on)$/i.test(facts.setting[questionKey(strict)] ?? "on");
  const keys = stands === null ? 0 : mostKeys(stands, table, steps);
  return [
    ...(row > room.row
      ? [no(`a row could have ${count.format(row)} bytes, TEXT and BLOB not counted, and the server takes ${count.format(room.row)} (error 1118)`, shorter)]
      : []),
    ...(page > limit ? [{ ...no(inPages(page, limit), shorter), severity: isStrict ? ("refuse" as const) : ("warn" as const) }] : []),
    ...(columns.length > room.columns
      ? [no(`there would be ${count.format(columns.length)} columns, and InnoDB takes ${count.format(room.columns)} (error 1117)`, instead)]
      : []),
    ...(keys > room.keys
      ? [
          no(
            `there would be ${keys} indexes, and the server takes ${room.keys} (error 1069)`,
            "Drop indexes that nobody needs in an earlier migration, or change fewer columns in one.",
          ),
        ]
      : []),
  ];
}
