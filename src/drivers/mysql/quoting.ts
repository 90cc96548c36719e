// How MySQL and MariaDB write names and literals, as the driver sends them.

/** Every name is quoted: a reserved word, a capital or a dot is then no special case. */
export const quoteName = (path: readonly string[]): string => path.map((name) => `\`${name.replaceAll("`", "``")}\``).join(".");

/** The session's sql_mode makes a backslash an escape. A quote is doubled, so no other mode lets a text end early. */
export const quoteLiteral = (value: string): string => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
