// Which versioned comments a server reads as code.

/** Schema.version of the first MariaDB that counts as we do; every MySQL is below. */
export const mariadb = 100_000;

/** MariaDB passes over comments for MySQL 5.7 and later, whose features it does not share. Manual: MariaDB, "Comment Syntax". */
const onlyMysql = { from: 50_700, to: 99_999 };

// The first line of what mariadb-dump writes since May 2024, /*M!999999\- enable the sandbox mode */, is for the client program: with a number
// that no server has come to, so that every one passes over it. Manual: MariaDB, "mariadb-dump".
const noServer = 999_000;

/**
 * Whether `/*!` or `/*M!` with this number is code on a server.
 * @param version as `Schema.version`; undefined: unknown, and all of them are taken as code that any server can read.
 * @param number five or six digits behind the mark, or null.
 */
export function appliesTo(version: number | undefined, forMariadb: boolean, number: number | null): boolean {
  if (version === undefined) return number === null || number < noServer;
  const isMariadb = version >= mariadb;
  if (forMariadb && !isMariadb) return false;
  if (number === null) return true;
  if (isMariadb && !forMariadb && number >= onlyMysql.from && number <= onlyMysql.to) return false;
  return number <= version;
}
