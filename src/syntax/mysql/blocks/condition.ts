// An expression that stands between the words of a block: IF … THEN, WHILE … DO, UNTIL … END REPEAT. Its own CASEs have a THEN and an END too,
// and IF and REPEAT are functions in it.
import type { Piece } from "./piece.ts";

/** Takes the tokens of one expression; true for the word behind which it is over. */
export function condition(isLast: (piece: Piece, before: Piece) => boolean): (piece: Piece, before: Piece) => boolean {
  let depth = 0;
  /** At which depth of parentheses each open CASE began. */
  const cases: number[] = [];
  return (piece, before) => {
    if (piece.said === "(") depth++;
    else if (piece.said === ")") depth--;
    else if (piece.said === "case") cases.push(depth);
    // Behind an operator or WHEN it is a column, for END is no reserved word; so it is in a subquery's parentheses, as an alias.
    else if (piece.said === "end" && cases.at(-1) === depth && before.value) cases.pop();
    else return depth === 0 && cases.length === 0 && isLast(piece, before);
    return false;
  };
}

export const isThen = ({ said }: Piece): boolean => said === "then";
export const isWhen = ({ said }: Piece): boolean => said === "when";
/** DO is no reserved word. */
export const isDo = ({ said }: Piece, before: Piece): boolean => said === "do" && before.value;
/** Of END REPEAT, which alone ends the expression behind UNTIL. */
export const isRepeatEnd = ({ said }: Piece, before: Piece): boolean => said === "repeat" && before.said === "end";
