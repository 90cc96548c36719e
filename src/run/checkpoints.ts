// Every place where a process may die in tests. A checkpoint does nothing but call whoever wants to know.

export const checkpoints = [
  /** The run is in the database with its lease; nothing has been done. */
  "run:opened",
  /** A step or its undo was chosen; nothing of it is journalled. */
  "step:before",
  /** The step is over: its end is in the database, or is owed to the journal with what comes next. */
  "step:after",
  /** Its attempt is journalled; its message is not sent. */
  "transaction:before",
  /** BEGIN to COMMIT are on their way; no answer has been read. */
  "transaction:sent",
  /** Outside a transaction: the intent is journalled, and whatever came before it; the statement is not sent. */
  "statement:intended",
  "statement:sent",
  /** The server says it is done; neither probed nor journalled. */
  "statement:returned",
  /** The probe says it is done; not journalled, nor is anything since its intent. */
  "statement:probed",
  /** A batch's bound is found. */
  "batch:found",
  "batch:sent",
  "batch:committed",
  "pass:ended",
  /** A module's own batch: all but the commit. */
  "module:batch",
  "module:committed",
  /** Checks have passed; not journalled. */
  "checks:passed",
  "phase:before",
  "phase:after",
  /** The goal is reached; the run is still open. */
  "run:closing",
  "run:closed",
] as const;

export type Checkpoint = (typeof checkpoints)[number];

/** Called at each checkpoint, and waited for. */
export type AtCheckpoint = (checkpoint: Checkpoint) => void | Promise<void>;
