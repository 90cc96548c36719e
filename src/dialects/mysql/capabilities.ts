// What each MariaDB and MySQL can do, as data. Versions are major × 10000 + minor × 100 + patch, so that from 100000 on it is a MariaDB.
import type { Capabilities } from "../dialect.ts";

/** What only this dialect asks. */
export interface ServerCapabilities extends Capabilities {
  /** A trigger can be replaced in one statement: no write passes between the old and the new one. */
  readonly replacesTriggers: boolean;
  /**
   * How a flag that all rows share is kept. A virtual column costs nothing and cannot be written, but MySQL's triggers may not name one.
   * @see https://dev.mysql.com/doc/refman/8.4/en/create-trigger.html
   */
  readonly flags: "virtual" | "plain";
  /** Sequences, which a trigger can bump without a row lock. */
  readonly sequences: boolean;
  /** TEXT, BLOB and JSON take a literal as their default, without a rebuild. */
  readonly longDefaults: boolean;
  /** JSON is a type of its own, which keeps its values in a form of its own; else it is text with a check. */
  readonly binaryJson: boolean;
  /** Rows can be waited for as long as nothing: `innodb_lock_wait_timeout = 0`; else the least is a second. */
  readonly waitsForNoRow: boolean;
  /** `alter column … set visible`; else a column's whole definition has to be given again. */
  readonly setsVisibility: boolean;
}

export const isMariadb = (version: number): boolean => version >= 100000;

/** @param version as `Schema.version`: 101119 is MariaDB 10.11.19, 80403 is MySQL 8.4.3. */
export function capabilities(version: number): ServerCapabilities {
  const mariadb = isMariadb(version);
  return {
    transactionalDdl: false,
    // MySQL 8.0.29 to 8.0.31 could write redo records of instant columns that they could not read again (bug 107613).
    supported: mariadb ? version >= 101100 : version >= 80032,
    notNullNotValid: false,
    transactionTimeout: false,
    invisibleColumns: true,
    exchangesNames: true,
    nameBytes: 64,
    indexNames: "table",
    keepsPrepared: true,
    replacesTriggers: mariadb,
    flags: mariadb ? "virtual" : "plain",
    sequences: mariadb,
    longDefaults: mariadb,
    binaryJson: !mariadb,
    waitsForNoRow: mariadb,
    setsVisibility: !mariadb,
  };
}
