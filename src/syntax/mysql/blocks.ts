// Where a routine's body begins and ends, so that its semicolons do not end the statement. Manuals: "Programmatic and Compound Statements",
// "Compound Statement Syntax". BEGIN, END and REPEAT are no reserved words and IF is a function too, so their neighbours decide.
import type { Token } from "./lexer.ts";

/** A token as the block structure sees it. */
interface Piece {
  /** A bare word in lower case, an operator or punctuation as written; "" for anything quoted, which is never a key word. */
  readonly said: string;
  /** A value can end with it. */
  readonly value: boolean;
}

export interface Blocks {
  /** The words so far, as many as decide anything. */
  readonly head: string[];
  /** True where the statement may hold other statements. */
  compound: boolean;
  depth: number;
  before: Piece;
  /** The token that is yet to be judged, for what follows it decides too. */
  waiting: Piece | null;
}

const nothing: Piece = { said: ";", value: false };

export const noBlocks = (): Blocks => ({ head: [], compound: false, depth: 0, before: nothing, waiting: null });

/** What may stand before a statement inside a compound one. */
const leading: ReadonlySet<string> = new Set("; begin then else do loop repeat : atomic".split(" "));
/** What may stand before the body in a routine's head. */
const inHead: ReadonlySet<string> = new Set(") row sql data deterministic definer invoker".split(" "));

/** Behind these a name or a value follows, so END and BEGIN are names there. */
const expecting: ReadonlySet<string> = new Set(
  ". , ( = <=> < > <= >= <> != := + - * / % || && select where and or xor not set by as on from into distinct having when between in like case return declare".split(
    " ",
  ),
);
/** Before these a BEGIN is a name. */
const continuing: ReadonlySet<string> = new Set(". , ) = := < > <= >= <> != <=> + * / from is in between like".split(" "));
const own: ReadonlySet<string> = new Set(["if", "case", "loop", "while", "repeat", "for"]);

const routine = /^(create|alter)( or replace)?( definer)?( (aggregate|temporary))? (procedure|function|trigger|event|package)$/;

/** Whether the words so far make it a statement that may hold others. */
function isCompound(head: readonly string[]): boolean {
  const [first = "", second = ""] = head;
  return (first === "begin" && second === "not") || (own.has(first) && head.length === 1) || second === ":" || routine.test(head.join(" "));
}

/** How the depth changes at a word, given both neighbours. */
function turn(before: Piece, said: string, after: Piece): number {
  switch (said) {
    case "begin":
      return expecting.has(before.said) || continuing.has(after.said) ? 0 : 1;
    case "case":
      return before.said === "end" || before.said === "." ? 0 : 1;
    case "end":
      return expecting.has(before.said) || (!before.value && before.said !== ";") ? 0 : -1;
    case "loop":
    case "while":
      return before.said === "end" || before.said === "." ? 0 : 1;
    case "if":
    case "repeat":
      // Else it is the function, or belongs to END or IF EXISTS. A string stands before it behind COMMENT.
      return leading.has(before.said) || inHead.has(before.said) || (before.said === "" && before.value) ? 1 : 0;
    case "for":
      // Else it belongs to a cursor, a handler, FOR EACH ROW or FOR UPDATE.
      return leading.has(before.said) ? 1 : 0;
    default:
      return 0;
  }
}

function pieceOf(text: string, token: Token): Piece {
  if (token.kind === "word") return { said: text.slice(token.start, token.end).toLowerCase(), value: true };
  const sign = token.kind === "operator" || token.kind === "punctuation";
  const said = sign ? text.slice(token.start, token.end) : "";
  return { said, value: !sign || said === ")" };
}

/** Key words of a routine's head that decide nothing here: the account of a definer, with its names. */
function addToHead(blocks: Blocks, { said }: Piece): void {
  if (blocks.head.length >= 8 || blocks.compound) return;
  const definer = blocks.head.at(-1) === "definer";
  // DEFINER = account may be one, two or three tokens.
  if (definer && !/^(aggregate|procedure|function|trigger|event|package)$/.test(said)) return;
  blocks.head.push(said);
  blocks.compound = isCompound(blocks.head);
}

function judge(blocks: Blocks, after: Piece): void {
  const { waiting } = blocks;
  if (waiting === null) return;
  if (blocks.compound) blocks.depth = Math.max(0, blocks.depth + turn(blocks.before, waiting.said, after));
  blocks.before = waiting;
}

/**
 * Takes a token that is no comment.
 * @returns true where it is a semicolon that ends the statement.
 */
export function takeToken(blocks: Blocks, text: string, token: Token): boolean {
  const piece = pieceOf(text, token);
  if (piece.said !== ";") addToHead(blocks, piece);
  judge(blocks, piece);
  blocks.waiting = piece;
  return piece.said === ";" && blocks.depth === 0;
}
