// How MariaDB and MySQL write names, literals and parameters.
import { Problem } from "../../problem.ts";
import type { Quoting } from "../../sql/sql.ts";

/** Every name is quoted: a reserved word, a capital or a dot is then no special case. */
export const quoteName = (path: readonly string[]): string =>
  path
    .map((name) => {
      if (name.includes("\0"))
        throw new Problem({ code: "bad-name", message: "A name holds a NUL character, which the server cannot store.", hint: "Remove it." });
      return `\`${name.replaceAll("`", "``")}\``;
    })
    .join(".");

/** In hexadecimal where a backslash or a NUL is in it, so that the mode NO_BACKSLASH_ESCAPES does not matter. */
export const quoteLiteral = (value: string): string =>
  /[\\\0]/.test(value) ? `_utf8mb4 0x${Buffer.from(value, "utf8").toString("hex")}` : `'${value.replaceAll("'", "''")}'`;

export const mysqlQuoting: Quoting = { name: quoteName, literal: quoteLiteral, placeholder: () => "?" };
