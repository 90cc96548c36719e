// Our own sources as text: what they import, and what is left of them without comments.

/** What can come before a `/` that begins a regular expression; anything else is a division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|await))\s*$/;

interface Piece {
  readonly kind: "code" | "comment" | "text";
  readonly start: number;
  readonly end: number;
}

/** Where the literal that begins here ends; a template's `${…}` counts as its text, nested templates too. */
function literalEnd(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (at < source.length && source[at] !== quote) {
    if (source[at] === "\\") at += 1;
    else if (quote === "`" && source.startsWith("${", at)) at = holeEnd(source, at + 2) - 1;
    at += 1;
  }
  return at + 1;
}

function holeEnd(source: string, start: number): number {
  let depth = 1;
  let at = start;
  while (at < source.length) {
    const character = source[at];
    if (character === '"' || character === "'" || character === "`") at = literalEnd(source, at);
    else {
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return at;
}

function regexEnd(source: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < source.length && source[at] !== "\n" && (inClass || source[at] !== "/")) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[") inClass = true;
    else if (source[at] === "]") inClass = false;
    at += 1;
  }
  return at + 1;
}

function pieces(source: string): readonly Piece[] {
  const found: Piece[] = [];
  let from = 0;
  let at = 0;
  const cut = (kind: "comment" | "text", end: number): void => {
    if (at > from) found.push({ kind: "code", start: from, end: at });
    found.push({ kind, start: at, end });
    from = at = end;
  };
  const end = (mark: string, after: number): number => (source.indexOf(mark, at + 2) < 0 ? source.length : source.indexOf(mark, at + 2) + after);
  while (at < source.length) {
    const character = source[at];
    if (source.startsWith("//", at)) cut("comment", end("\n", 0));
    else if (source.startsWith("/*", at)) cut("comment", end("*/", 2));
    else if (character === '"' || character === "'" || character === "`") cut("text", literalEnd(source, at));
    else if (character === "/" && beforeRegex.test(source.slice(Math.max(0, at - 40), at))) cut("text", regexEnd(source, at));
    else at += 1;
  }
  if (at > from) found.push({ kind: "code", start: from, end: at });
  return found;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");

/** The source with every comment blanked; nothing moves. */
export const withoutComments = (source: string): string =>
  pieces(source)
    .map(({ kind, start, end }) => (kind === "comment" ? blank(source.slice(start, end)) : source.slice(start, end)))
    .join("");

/** Every module that a source imports or re-exports from, types too; dynamic imports with a literal name count. */
export function importsOf(source: string): readonly string[] {
  const all = pieces(source);
  return all.flatMap((piece, i) => {
    const before = all[i - 1];
    if (piece.kind !== "text" || before?.kind !== "code") return [];
    return /(?:\bfrom|^import|[;\n}]\s*import|\bimport\s*\()\s*$/.test(source.slice(before.start, before.end))
      ? [source.slice(piece.start + 1, piece.end - 1)]
      : [];
  });
}
