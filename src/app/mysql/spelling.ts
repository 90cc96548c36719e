// Whether the server can read a statement at all: there is no parser of its whole grammar here, and it has one.
import { quoteLiteral } from "../../dialects/mysql/quoting.ts";
import type { Session } from "../../drivers/driver.ts";

const syntaxError = 1064;

/**
 * Prepares each and carries out none. What cannot be prepared, or names something that is not there yet, is left to its own time.
 * @returns the server's words, by text, for those that it cannot read.
 * @see https://mariadb.com/kb/en/prepare-statement/
 */
export async function misspelt(session: Session, texts: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const text of texts) {
    try {
      await session.script([`set @hotstick_words = ${quoteLiteral(text)}`, "prepare hotstick_words from @hotstick_words", "deallocate prepare hotstick_words"]);
    } catch (error) {
      if (session.closed) throw error;
      if ((error as { readonly errno?: unknown }).errno === syntaxError) found[text] = (error as Error).message;
    }
  }
  return found;
}
