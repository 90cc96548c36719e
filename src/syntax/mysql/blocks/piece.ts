// A token as the structure of blocks sees it.
import type { Token } from "../lexer.ts";

export interface Piece {
  /** A bare word in lower case, an operator or punctuation as written; "" for all that is never a key word: what is quoted, what stands behind a dot. */
  readonly said: string;
  /** A value or a name can end with it. */
  readonly value: boolean;
  /** UTF-16 index of its first character. */
  readonly at: number;
}

export const nothing: Piece = { said: ";", value: false, at: 0 };

/** Words behind which a value follows, so that END and DO are names there. */
const awaiting: ReadonlySet<string> = new Set(
  "when then else case and or xor not div mod in like rlike regexp between is binary interval escape while until for where on having".split(" "),
);

export function pieceOf(text: string, { kind, start, end }: Token, before: Piece): Piece {
  if (kind === "word" && before.said !== ".") {
    const said = text.slice(start, end).toLowerCase();
    return { said, value: !awaiting.has(said), at: start };
  }
  const said = kind === "operator" || kind === "punctuation" ? text.slice(start, end) : "";
  return { said, value: said === "" || said === ")", at: start };
}
