// Which versioned comments a server reads as code.

/** Schema.version of the first MariaDB that counts as we do; every MySQL is below. */
export const mariadb = 100_000;

/** MariaDB passes over comments for MySQL 5.7 and later, whose features it does not share. Manual: MariaDB, "Comment Syntax". */
const onlyMysql = { from: 50_700, to: 99_999 };

/**
 * Whether `/*!` or `/*M!` with this number is code on a server.
 * @param version as `Schema.version`; undefined: unknown, and all of them are taken as code.
 * @param number five or six digits behind the mark, or null.
 */
export function appliesTo(version: number | undefined, forMariadb: boolean, number: number | null): boolean {
  if (version === undefined) return true;
  const isMariadb = version >= mariadb;
  if (forMariadb && !isMariadb) return false;
  if (number === null) return true;
  if (isMariadb && !forMariadb && number >= onlyMysql.from && number <= onlyMysql.to) return false;
  return number <= version;
}
