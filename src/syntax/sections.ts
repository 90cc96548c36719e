// What the directives of a file say of the statements below them.
import { badDirective, type Directive, parseDirective } from "./directives.ts";

/** What the directives read so far say. */
export interface Header<Phase extends string> {
  parents: readonly string[] | null;
  readonly accept: string[];
  phase: Phase | null;
  undo: boolean;
}

export const noHeader = <Phase extends string>(): Header<Phase> => ({ parents: null, accept: [], phase: null, undo: false });

/** Where the comment stands in the text, as UTF-16 indexes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The phase of each statement above. */
type Above<Phase extends string> = readonly { readonly directives: { readonly phase: Phase | null } }[];

/** Takes a directive over; returns what is wrong with its place, or null. */
function obey<Phase extends string>(header: Header<Phase>, directive: Directive<Phase>, above: Above<Phase>): string | null {
  const written = `"-- hotstick: ${directive.key}"`;
  switch (directive.key) {
    case "parents":
      if (above.length > 0) return `${written} must stand before the first statement.`;
      if (header.parents) return `${written} is given twice.`;
      header.parents = directive.names;
      return null;
    case "accept":
      if (above.length > 0) return `${written} must stand before the first statement, for it holds for the whole file.`;
      header.accept.push(...directive.rules);
      return null;
    case "phase":
      header.phase = directive.phase;
      header.undo = false;
      return null;
    case "undo":
      if (!above.some((statement) => statement.directives.phase === header.phase))
        return `${written} must stand after the statements of its phase that it undoes.`;
      header.undo = true;
      return null;
  }
}

/** What is wrong with the place of a directive, whatever it says; or null. */
function misplaced(text: string, token: Span, inside: boolean): string | null {
  if (inside) return "A directive stands inside a statement; put it on a line of its own before it.";
  const lineStart = text.lastIndexOf("\n", token.start) + 1;
  return text.slice(lineStart, token.start).replace("\uFEFF", "").trim() === "" ? null : "A directive must begin its line.";
}

/**
 * Reads a comment that is a directive.
 * @param inside whether it stands inside a statement.
 * @throws Problem `bad-directive`.
 */
export function readDirective<Phase extends string>(
  text: string,
  token: Span,
  { header, above, inside, phases }: { header: Header<Phase>; above: Above<Phase>; inside: boolean; phases: readonly Phase[] },
): void {
  const directive = parseDirective(text, token.start, token.end, phases);
  const wrong = misplaced(text, token, inside) ?? obey(header, directive, above);
  if (wrong !== null) throw badDirective(text, token.start, phases, wrong);
}
