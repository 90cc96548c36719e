// NOT NULL without a scan under a strong lock: declared, validated while everybody works, then attached.
import type { Table } from "../../../schema/model.ts";
import { derivedName, hiddenPrefix, keyOf } from "../../../schema/names.ts";
import { ident, type Sql, sql } from "../../../sql/sql.ts";
import type { DraftStep } from "../../dialect.ts";
import { capabilities } from "../capabilities.ts";
import { accessExclusive, catalogStep, scanStep, shareUpdateExclusive } from "../core.ts";
import { at, text } from "../writing.ts";

const temporary = (column: string): string => derivedName([`${hiddenPrefix}nn`, column]);

const clip = (name: string, bytes: number): string => {
  let clipped = name;
  while (Buffer.byteLength(clipped) > bytes) clipped = [...clipped].slice(0, -1).join("");
  return clipped;
};

/** The name that the server itself gives to a not-null constraint, from 18 on: the longer of two parts is cut (makeObjectName). */
export function serverName(table: string, column: string): string {
  const room = 63 - "__not_null".length;
  let [a, b] = [Buffer.byteLength(table), Buffer.byteLength(column)];
  while (a + b > room) {
    if (a > b) a -= 1;
    else b -= 1;
  }
  return `${clip(table, a)}_${clip(column, b)}_not_null`;
}

export interface NotNull {
  readonly column: string;
  /** Declare and validate; each with its undo. */
  readonly prepare: readonly DraftStep[];
  /** For the transaction that attaches it. */
  readonly attach: readonly string[];
  /** Gives the constraint its final name, where it has one: at the end, when the old column's is gone. */
  readonly finish: readonly string[];
  readonly detach: readonly string[];
}

/**
 * @param name of the constraint on servers that name them; the server's own naming where absent. It may be taken until `attach`.
 * @see https://www.postgresql.org/docs/current/sql-altertable.html (SET NOT NULL skips its scan where a valid CHECK proves it, 12+; NOT VALID, 18+)
 */
export function notNull(version: number, table: Table, column: string, name?: string): NotNull {
  const lock = [accessExclusive(table.name)];
  const group = keyOf(table.name);
  const own = capabilities(version).notNullNotValid;
  const constraint = temporary(column);
  const final = name ?? serverName(table.name.name, column);
  const declare = own ? sql`not null ${ident(column)} not valid` : sql`check (${ident(column)} is not null) not valid`;
  const prepare: DraftStep[] = [
    {
      ...catalogStep({
        title: `declare ${column} of ${keyOf(table.name)} NOT NULL, for new rows`,
        why: own
          ? "NOT VALID: existing rows are looked at later, under a lock that stops nobody."
          : "A NOT VALID check proves it; SET NOT NULL then needs no scan.",
        locks: lock,
        statements: [text(sql`alter table ${at(table.name)} add constraint ${ident(constraint)} ${declare}`)],
        group,
      }),
      undo: [
        catalogStep({
          title: `take NOT NULL of ${column} back`,
          why: "Old code may write NULL again.",
          locks: lock,
          statements: [text(sql`alter table ${at(table.name)} drop constraint if exists ${ident(constraint)}`)],
          group,
        }),
      ],
    },
    {
      ...scanStep({
        title: `validate that no row of ${keyOf(table.name)} holds NULL in ${column}`,
        why: "Reads the table under SHARE UPDATE EXCLUSIVE: reads and writes go on.",
        locks: [shareUpdateExclusive(table.name)],
        statements: [text(sql`alter table ${at(table.name)} validate constraint ${ident(constraint)}`)],
        group,
      }),
      undo: [],
    },
  ];
  const change = (what: Sql): string => text(sql`alter table ${at(table.name)} ${what}`);
  const finish = own ? [change(sql`rename constraint ${ident(constraint)} to ${ident(final)}`)] : [];
  const attach = own ? [] : [change(sql`alter column ${ident(column)} set not null`), change(sql`drop constraint ${ident(constraint)}`)];
  return { column, prepare, attach, finish, detach: [change(sql`alter column ${ident(column)} drop not null`)] };
}
