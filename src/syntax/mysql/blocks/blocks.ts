// Where a routine's body begins and ends, so that its semicolons do not end the statement. Manuals: "Programmatic and Compound Statements",
// "Compound Statement Syntax". BEGIN and END are no reserved words, and IF, CASE and REPEAT stand in expressions too: they are what they are
// called only where a statement begins. So the open blocks are kept, and what the next token can be.
import type { Token } from "../lexer.ts";
import { condition, isDo, isRepeatEnd, isThen, isWhen } from "./condition.ts";
import { type Head, head, openers } from "./head.ts";
import { nothing, type Piece, pieceOf } from "./piece.ts";

/** A block whose END has not come. */
interface Block {
  /** The word with which it begins: `begin`, `if`. */
  readonly kind: string;
  /** UTF-16 index of that word. */
  readonly at: number;
}

/** What the next token is to the block it stands in. */
type Place = (blocks: Blocks, piece: Piece) => Place;

/** One statement as far as it was read. */
export interface Blocks {
  /** The statement up to its body; null behind that. */
  head: Head | null;
  /** Outermost first. */
  readonly open: Block[];
  place: Place;
  before: Piece;
  /** Where a token stands that nothing may be in that place, such as text behind the END of the body. */
  misplaced: number | null;
}

export const noBlocks = (): Blocks => ({ head, open: [], place: within, before: nothing, misplaced: null });

/** In a statement that holds no other: until its semicolon nothing opens or closes a block. */
const within: Place = () => within;

/** Where a statement may begin. */
const start: Place = (blocks, piece) => {
  const inner = blocks.open.at(-1)?.kind;
  switch (piece.said) {
    case "end":
      return close(blocks);
    case "else":
      return start;
    case "elseif":
      return inner === "if" ? upTo(isThen, () => start) : within;
    case "when":
      return inner === "case" ? upTo(isThen, () => start) : within;
    case "until":
      return inner === "repeat" ? upTo(isRepeatEnd, repeated) : within;
    case "declare":
      return declared;
    default:
      return openers.has(piece.said) ? open(blocks, piece) : labelled;
  }
};

/** Behind the first word of a statement, which may be its label. */
const labelled: Place = (_, { said }) => (said === ":" ? start : within);

function upTo(isLast: Parameters<typeof condition>[0], then: (blocks: Blocks) => Place): Place {
  const over = condition(isLast);
  const reading: Place = (blocks, piece) => (over(piece, blocks.before) ? then(blocks) : reading);
  return reading;
}

function open(blocks: Blocks, { said, at }: Piece): Place {
  blocks.open.push({ kind: said, at });
  switch (said) {
    case "begin":
      return begun;
    case "if":
      return upTo(isThen, () => start);
    case "case":
      return upTo(isWhen, () => upTo(isThen, () => start));
    case "while":
    case "for":
      return upTo(isDo, () => start);
    default:
      return start;
  }
}

/** BEGIN NOT ATOMIC. */
const begun: Place = (blocks, piece) => (piece.said === "not" ? () => start : start(blocks, piece));

/** DECLARE … HANDLER FOR conditions statement. */
const declared: Place = ({ before }, { said }) => (said === "for" && before.said === "handler" ? handled : declared);
const handled: Place = (_, { said }) => (said === "not" || said === "sqlstate" || said === "value" ? handled : behindCondition);
const behindCondition: Place = (blocks, piece) => (piece.said === "," ? handled : start(blocks, piece));

function misplace(blocks: Blocks, { at }: Piece): Place {
  blocks.misplaced ??= at;
  return within;
}

/** Where nothing can come but the semicolon. */
const over: Place = (blocks, piece) => (piece.said === ";" ? within : misplace(blocks, piece));

/** Where a label can come. */
const named: Place = (blocks, piece) => (piece.value && piece.said !== ")" && !openers.has(piece.said) ? over : over(blocks, piece));

/** At END; behind it comes the word of its block, but for BEGIN. */
function close({ open }: Blocks): Place {
  const kind = open.pop()?.kind;
  if (kind === undefined) return within;
  if (kind === "begin") return named;
  const behind = kind === "if" || kind === "case" ? over : named;
  return (blocks, piece) => (piece.said === kind ? behind : misplace(blocks, piece));
}

function repeated({ open }: Blocks): Place {
  open.pop();
  return named;
}

function takePiece(blocks: Blocks, piece: Piece): Place {
  const next = blocks.head?.(piece, blocks.before);
  if (next === undefined) return blocks.place(blocks, piece);
  blocks.head = typeof next === "function" ? next : null;
  switch (next) {
    case "here":
      return start(blocks, piece);
    case "before":
      return open(blocks, blocks.before)(blocks, piece);
    case "behind":
      return start;
    default:
      return within;
  }
}

/**
 * Takes a token that is no comment.
 * @returns true where it is a semicolon that ends the statement.
 */
export function takeToken(blocks: Blocks, text: string, token: Token): boolean {
  const piece = pieceOf(text, token, blocks.before);
  const ends = piece.said === ";";
  const place = takePiece(blocks, piece);
  blocks.place = ends && blocks.open.length > 0 ? start : place;
  blocks.before = piece;
  return ends && blocks.open.length === 0;
}
