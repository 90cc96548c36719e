// Whether a table bears columns that are added and dropped in the catalog alone. The server goes on counting what was dropped in an instant,
// and refuses the next instant change where a row could then be too long (error 1118), also the one that would bring a column back; a table
// that is made anew has forgotten them. Measured on MariaDB 10.11.19: 62 columns `varchar(20) not null` can be doubled, and not be dropped.
import type { Table } from "../../../schema/model.ts";
import type { Shape } from "../../../step/shape.ts";
import { newColumns, originals } from "../../shape/columns.ts";
import { newOccupant, occupants, ownOccupants, rowFormat } from "../occupants.ts";
import { inPage, pageBytes, pageRoom } from "../room.ts";

/** Of a page of the usual 16 KiB, bytes; others are rare, and a smaller one refuses with a word that says so. */
const limit = pageRoom(16_384);
/** What a dropped NOT NULL column is counted for at most, bytes. */
const dropped = 256;

/** With those that were dropped (error 1845): 1015 drops and adds in turn on MariaDB 10.11. */
const mostColumns = 1015;

/** True where the columns of a shape may be too many to come and go in the catalog alone; it may be too careful. */
export function isTooWide(table: Table, shape: Shape, version: number): boolean {
  const charset = table.options["charset"] ?? null;
  const old = occupants({ columns: originals(shape, table).map(({ column }) => column) });
  const fresh = [...newColumns(shape).map(({ spec }) => newOccupant(spec, charset)), ...ownOccupants(shape, version)];
  const format = rowFormat(table) ?? "dynamic";
  const whole = pageBytes([...occupants(table), ...fresh], { version, format, keyed: false });
  const again = [...old, ...fresh].map((each) => (each.virtual ? 0 : Math.max(each.notNull ? dropped : 0, inPage(each, version, format))));
  const columns = table.columns.length + fresh.length + again.length;
  return whole + again.reduce((all, bytes) => all + bytes, 0) > limit || columns > mostColumns;
}
