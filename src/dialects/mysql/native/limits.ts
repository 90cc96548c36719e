// Limits of the servers that decide how an ALTER is done, as data.
import type { SizeFact } from "../../../schema/facts.ts";
import { isMariadb } from "../capabilities.ts";

/**
 * A table up to this size is copied within the lock budget, so its writers may wait for it: half a million rows of 100 bytes took 2.3 s on
 * two cores, these take less than 0.2 s.
 */
const small = { rows: 10_000, bytes: 4 * 1024 * 1024 };

export const isSmall = (size: SizeFact | null): boolean => size !== null && size.rows >= 0 && size.rows <= small.rows && size.bytes <= small.bytes;

/** Measured on that table: a copy goes row by row, a rebuild in place goes through sorted pages. */
const copiedBytesPerMs = 22_000;
const rebuiltBytesPerMs = 140_000;

/** Wall time, ms, as far as the size tells; null where it does not. */
export function workMs(size: SizeFact | null, way: "copy" | "rebuild"): number | null {
  if (size === null || size.rows < 0) return null;
  return Math.ceil(size.bytes / (way === "copy" ? copiedBytesPerMs : rebuiltBytesPerMs));
}

export interface NativeLimits {
  /**
   * INSTANT adds and drops of columns that a table takes before it must be made anew, and the server's error then: on MySQL versions of its
   * rows, on MariaDB fields of a row, those that were dropped included (1015 drops and adds in turn on 10.11).
   * @see https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html
   */
  readonly instantColumns: { readonly most: number; readonly errno: number };
  /** What others may write while a table is rebuilt, bytes, unless `innodb_online_alter_log_max_size` was changed; beyond it the rebuild fails with `errno` and nothing has changed. */
  readonly onlineLog: { readonly bytes: number; readonly errno: number };
  /** ALGORITHM = COPY takes LOCK = NONE, with exceptions. @see https://mariadb.com/kb/en/online-schema-change/ */
  readonly copiesOnline: boolean;
}

/** Columns may come and go in the catalog alone so many times more; a server that does not tell how often they did has the last word. */
export const instantLeft = (size: SizeFact | null, version: number): number =>
  size?.versions === undefined ? Number.POSITIVE_INFINITY : limitsOf(version).instantColumns.most - size.versions;

/** @param version as `Schema.version`. MySQL and MariaDB from 11.2 on by their manuals, and not run. */
export const limitsOf = (version: number): NativeLimits => ({
  instantColumns: isMariadb(version) ? { most: 1015, errno: 1845 } : { most: version >= 90_100 ? 255 : 64, errno: 4092 },
  onlineLog: { bytes: 128 * 1024 * 1024, errno: 1799 },
  copiesOnline: isMariadb(version) && version >= 110_200,
});
