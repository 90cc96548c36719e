// A file of SQL as its engine's splitter gives it.

export interface FileStatement<Phase extends string = string> {
  /** `copy`: a statement whose data follow it in the file. */
  readonly kind: "sql" | "copy";
  /** Without what ends it and without comments around it; comments that the server reads as code are part of it. */
  readonly text: string;
  /** Line of its first character, from 1. */
  readonly line: number;
  /** UTF-16 index of its first character in the file. */
  readonly offset: number;
  readonly directives: {
    /** The phase that the file names for it, or null where it names none. */
    readonly phase: Phase | null;
    /** True in an undo section: it undoes what that phase's statements above did. */
    readonly undo: boolean;
  };
  /** The lines of data, each ending in a line feed, without their end mark; null for `sql`. */
  readonly data: string | null;
}

export interface SqlFile<Phase extends string = string> {
  /** Null where the file does not say. */
  readonly parents: readonly string[] | null;
  readonly accept: readonly string[];
  readonly statements: readonly FileStatement<Phase>[];
}

/**
 * Splits a file by an engine's rules and reads its `-- hotstick:` lines. Needs no server, and gives the same for every version of one: what a
 * migration says is hashed.
 * @param phases the phases that `-- hotstick: phase` may name.
 */
export type Split = <Phase extends string>(text: string, phases: readonly Phase[]) => SqlFile<Phase>;

/** Counts lines as indexes grow, so that a large file is walked once. */
export function lineCounter(text: string): (index: number) => number {
  let line = 1;
  let seen = 0;
  return (index) => {
    for (let next = text.indexOf("\n", seen); next >= 0 && next < index; next = text.indexOf("\n", seen)) {
      line++;
      seen = next + 1;
    }
    return line;
  };
}
