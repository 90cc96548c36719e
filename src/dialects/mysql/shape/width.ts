// Whether a table bears columns that are added and dropped in the catalog alone. The server goes on counting what was dropped in an instant,
// and refuses the next instant change where a row could then be too long (error 1118), also the one that would bring a column back; a table
// that is made anew has forgotten them. Measured on MariaDB 10.11.19: 62 columns `varchar(20) not null` can be doubled, and not be dropped.
import type { Column, Table } from "../../../schema/model.ts";
import type { Shape } from "../../../step/shape.ts";
import { newColumns, originals } from "../../shape/columns.ts";

/** Half a page of 16 KiB without its frame, bytes. @see https://mariadb.com/kb/en/innodb-dynamic-row-format/ */
const longestRow = 8126;
/** What may be stored elsewhere leaves this much in the row, bytes. */
const elsewhere = 40;
/** What a dropped NOT NULL column is counted for at most, bytes. */
const dropped = 256;
const bytesOfCharacter = 4;

/** At most, in the row itself, bytes. */
function widthOf(type: string): number {
  const size = Number(/\(\s*(\d+)/.exec(type)?.[1] ?? 1);
  if (/^(var)?char/i.test(type)) return size * bytesOfCharacter > 255 ? elsewhere : size * bytesOfCharacter + 1;
  if (/^(var)?binary/i.test(type)) return size > 255 ? elsewhere : size + 1;
  return /text|blob|json|geometry|point|polygon|linestring/i.test(type) ? elsewhere : 16;
}

const sum = (values: readonly number[]): number => values.reduce((whole, value) => whole + value, 0);

/** True where the columns of a shape may be too many to come and go in the catalog alone; it may be too careful. */
export function isTooWide(table: Table, shape: Shape): boolean {
  const old = originals(shape, table).map(({ column }): Pick<Column, "type" | "notNull"> => column);
  const fresh = newColumns(shape).map(({ spec }) => ({ type: spec.type, notNull: spec.notNull ?? false }));
  const all = [...table.columns, ...fresh].map(({ type }) => widthOf(type));
  return sum(all) + dropped * [...old, ...fresh].filter(({ notNull }) => notNull).length > longestRow;
}
