// The one error type of the product: what failed, on which object, and the next safe command.

/** Where a message points: the kind of object and its name as the user wrote or would write it. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
}

/** How a command that ends with this Problem exits; see docs/commands.md. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 130;

/** Everything a Problem says. `code` is kebab-case and has a page `docs/problems/<code>.md`. */
export interface ProblemFields {
  readonly code: string;
  /** What happened and to which object; one or two sentences. */
  readonly message: string;
  /** What to do now: the next safe command, or the setting to change. */
  readonly hint?: string;
  readonly subject?: Subject;
  /** What the run has already done when this happened, as a sentence. */
  readonly done?: string;
  /** Defaults to 1. */
  readonly exit?: ExitCode;
  readonly cause?: unknown;
  /** Machine-readable details (blockers, bad keys, findings); JSON only. */
  readonly details?: unknown;
}

/** Thrown for everything a user can cause or must know. Anything else that is thrown is a defect of ours. */
export class Problem extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly subject: Subject | undefined;
  readonly done: string | undefined;
  readonly exit: ExitCode;
  readonly details: unknown;

  constructor(fields: ProblemFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = "Problem";
    this.code = fields.code;
    this.hint = fields.hint;
    this.subject = fields.subject;
    this.done = fields.done;
    this.exit = fields.exit ?? 1;
    this.details = fields.details;
  }
}
