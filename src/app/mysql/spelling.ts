// Whether the server can read a statement at all: there is no parser of its whole grammar here, and it has one.
import { quoteLiteral } from "../../dialects/mysql/quoting.ts";
import type { Session } from "../../drivers/driver.ts";

const syntaxError = 1064;

/** Of one message, characters: every server takes a message of a million bytes, and a character takes up to three and its quotes. */
const most = 200_000;

/** As many texts from the first as one message may hold; one at least. */
function first(texts: readonly string[]): readonly string[] {
  let characters = 0;
  const end = texts.findIndex((text) => {
    characters += text.length;
    return characters > most;
  });
  return end < 0 ? texts : texts.slice(0, Math.max(1, end));
}

const prepare = (text: string, at: number): readonly string[] => [
  `set @hotstick_at = ${at}`,
  `set @hotstick_words = ${quoteLiteral(text)}`,
  "prepare hotstick_words from @hotstick_words",
  "deallocate prepare hotstick_words",
];

/**
 * Prepares each and carries out none, many in one message. An error ends the message, and a variable tells which text it is about; those
 * behind it go on in the next. What cannot be prepared, or names something that is not there yet, is left to its own time.
 * @returns the server's words, by text, for those that it cannot read.
 * @see https://mariadb.com/kb/en/prepare-statement/
 */
export async function misspelt(session: Session, texts: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  let left: readonly string[] = [...new Set(texts)];
  while (left.length > 0) {
    const sent = first(left);
    try {
      await session.script(sent.flatMap(prepare));
      left = left.slice(sent.length);
    } catch (error) {
      if (session.closed) throw error;
      const [rows] = await session.script(["select @hotstick_at as at"]);
      const at = Number(rows?.[0]?.["at"]);
      if ((error as { readonly errno?: unknown }).errno === syntaxError) found[sent[at] ?? ""] = (error as Error).message;
      left = left.slice(at + 1);
    }
  }
  return found;
}
