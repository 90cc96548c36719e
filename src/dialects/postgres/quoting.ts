// How PostgreSQL writes names, literals and parameters.
import { Problem } from "../../problem.ts";
import type { Quoting } from "../../sql/sql.ts";

const noNul = (text: string): string => {
  if (text.includes("\0"))
    throw new Problem({ code: "bad-name", message: "A name or value holds a NUL character, which PostgreSQL cannot store.", hint: "Remove it." });
  return text;
};

/** Every name is quoted: a reserved word, a capital or a dot is then no special case. */
export const quoteName = (path: readonly string[]): string => path.map((name) => `"${noNul(name).replaceAll('"', '""')}"`).join(".");

/** `E''` where a backslash is in it, so that the setting standard_conforming_strings does not matter. */
export const quoteLiteral = (value: string): string => {
  const text = noNul(value).replaceAll("'", "''");
  return text.includes("\\") ? `E'${text.replaceAll("\\", "\\\\")}'` : `'${text}'`;
};

export const postgresQuoting: Quoting = { name: quoteName, literal: quoteLiteral, placeholder: (index) => `$${index}` };
