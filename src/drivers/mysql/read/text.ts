// Reading and writing pieces of SQL as the server prints them.
import { quoteName } from "../../../dialects/mysql/quoting.ts";
import { isMariadb } from "./product.ts";

/** A string, or a name in backticks. The server prints every name in backticks, and escapes in strings by backslashes. */
const quoted = /'(?:[^'\\]|''|\\[\s\S])*'|`((?:[^`]|``)+)`/g;

/** MySQL shows the quotes of strings in expressions with a backslash before them, which is not how it reads them. */
export const expression = (text: string, version: number): string => (isMariadb(version) ? text : text.replaceAll("\\'", "'"));

/** Every name in a text of the server's, in the order of the first use. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name] of text.matchAll(quoted)) if (name !== undefined) names.add(name.replaceAll("``", "`"));
  return names;
}

/** Of these columns those that a text of the server's names, in their own order. */
export function mentioned(columns: readonly string[], text: string): string[] {
  const names = namesIn(text);
  return columns.filter((column) => names.has(column));
}

/** Names after which `.` and another follow: `app`.`users` gives users. */
export function membersOf(database: string, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const opening = `${quoteName([database])}.`;
  const name = /`((?:[^`]|``)+)`/y;
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + opening.length)) {
    name.lastIndex = at + opening.length;
    const found = name.exec(text)?.[1];
    if (found !== undefined) names.add(found.replaceAll("``", "`"));
  }
  return names;
}

export const name = (text: string): string => quoteName([text]);
export const list = (names: readonly string[]): string => names.map(name).join(", ");

/** `root@localhost`, where the last @ parts them, as CREATE takes it; a role has no host. */
export function account(text: string): string {
  const at = text.lastIndexOf("@");
  return at < 0 ? name(text) : `${name(text.slice(0, at))}@${name(text.slice(at + 1))}`;
}

/** A string as the server prints it. Where only a plain string may stand, as after COMMENT, no other form of a literal will do. */
export const string = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** ` COMMENT 'text'`, or nothing. */
export const comment = (text: string | null): string => (text === null || text === "" ? "" : ` COMMENT ${string(text)}`);
