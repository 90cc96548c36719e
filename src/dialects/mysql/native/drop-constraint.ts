// DROP CONSTRAINT of a foreign key, said so that it is one.
import { said, wordsIn } from "../../../syntax/mysql/words.ts";
import { isMariadb } from "../capabilities.ts";
import { alteredBy } from "./altered.ts";
import type { KnownTable } from "./known.ts";

/** What the server takes the name for before it looks at foreign keys. */
const isOther = ({ checks, indexes }: KnownTable, name: string): boolean =>
  checks.includes(name) || indexes.some((index) => index.unique && index.name.toLowerCase() === name);

/**
 * The statement with DROP FOREIGN KEY for DROP CONSTRAINT, where that is what it means. Where an ALTER copies, MariaDB says that it has dropped
 * the constraint and keeps the foreign key (seen on 10.11.19); DROP FOREIGN KEY it does in every way.
 */
export function sayingForeignKey(statement: string, table: KnownTable, version: number): string {
  if (!isMariadb(version)) return statement;
  let text = statement;
  for (const action of (alteredBy(statement, version)?.actions ?? []).toReversed()) {
    const name = action.name?.toLowerCase() ?? "";
    if (action.kind !== "drop constraint" || !table.foreignKeys.includes(name) || isOther(table, name)) continue;
    const words = wordsIn(statement, action, { version });
    const [, constraint] = words.all;
    if (constraint && said(words, 1) === "constraint") text = `${text.slice(0, constraint.start)}FOREIGN KEY${text.slice(constraint.end)}`;
  }
  return text;
}
