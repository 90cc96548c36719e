// What RENAME TABLE says. Manual: "RENAME TABLE" (MariaDB has IF EXISTS, and WAIT n or NOWAIT behind each name).
import { nameAt, said, says, type Words, type WrittenName } from "./words.ts";

interface RenamedTable {
  readonly from: WrittenName;
  readonly to: WrittenName;
}

/** At TO, behind the time that the lock is waited for. */
const behindWait = (words: Words, at: number): number => (said(words, at) === "wait" ? at + 2 : said(words, at) === "nowait" ? at + 1 : at);

/** The renames in their order; null where the text is not read to its end. @param words of a statement that begins RENAME TABLE or RENAME TABLES. */
export function renamedTables(words: Words): readonly RenamedTable[] | null {
  const found: RenamedTable[] = [];
  for (let at = says(words, 2, "if", "exists") ? 4 : 2; ; at++) {
    const from = nameAt(words, at);
    const behind = from ? behindWait(words, from.end) : -1;
    const to = says(words, behind, "to") ? nameAt(words, behind + 1) : null;
    if (!from || !to) return null;
    found.push({ from: from.name, to: to.name });
    at = to.end;
    if (at >= words.all.length) return found;
    if (said(words, at) !== ",") return null;
  }
}
