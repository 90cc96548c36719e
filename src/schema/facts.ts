// Questions that planning asks about the world outside a Schema, and their answers. Plain data.
import type { ObjectName } from "./model.ts";

/** A column as an expression sees it: name and type only, so that columns which do not exist yet can be used. */
export interface ExpressionColumn {
  readonly name: string;
  readonly type: string;
}

export type Question =
  /** How big is it? */
  | { readonly kind: "size"; readonly table: ObjectName }
  /** Is there any row at all? Exact, where `size` is an estimate. */
  | { readonly kind: "empty"; readonly table: ObjectName }
  /** Does this expression over these columns type-check, and what is it? `row` is the name by which columns may be qualified. */
  | {
      readonly kind: "expression";
      readonly text: string;
      readonly row: string;
      readonly columns: readonly ExpressionColumn[];
      /** The type that it will be assigned to. */
      readonly target: string;
    }
  /** How does the server itself print this type? */
  | { readonly kind: "type"; readonly text: string }
  /** What may the connected role do to this table? */
  | { readonly kind: "rights"; readonly table: ObjectName }
  /** What does the server say under this name of its own: a setting, or a counter? */
  | { readonly kind: "setting"; readonly name: string }
  /** Who receives what this server writes, and replays it? */
  | { readonly kind: "replicas" }
  /** What is there beside the database that may use this table, and what may be there that the connected role cannot see? */
  | { readonly kind: "outside"; readonly table: ObjectName }
  /** What does a statement of the user's own do? Answered by the engine's parser, not by the server. */
  | { readonly kind: "statement"; readonly text: string };

export interface SizeFact {
  /** Estimated; -1 where it was never counted. */
  readonly rows: number;
  readonly bytes: number;
  /** Leaf partitions and inheritance children; 0 for a plain table. */
  readonly partitions: number;
  /** Shapes of its rows that it keeps from changes of columns in the catalog alone; absent where there are none or nobody tells. */
  readonly versions?: number;
}

export type ExpressionFact =
  | {
      readonly ok: true;
      /** The type of the result, as the server prints it. */
      readonly type: string;
      /** Whether it may be assigned to the target without a cast. */
      readonly assignable: boolean;
      readonly volatility: "immutable" | "stable" | "volatile";
      /** The same expression with every name and operator schema-qualified, columns unqualified. */
      readonly qualified: string;
      /** Columns it reads. */
      readonly columns: readonly string[];
      /** True where evaluating it cannot raise an error for any input. */
      readonly total: boolean;
    }
  | {
      readonly ok: false;
      readonly message: string /** From 1, in characters of the text, where known. */;
      readonly position: number | null;
      readonly hint: string | null;
    };

export type TypeFact =
  | { readonly ok: true; readonly name: string; readonly toastable: boolean; readonly constrained: boolean }
  | { readonly ok: false; readonly message: string };

export interface RightsFact {
  readonly owner: boolean;
  /** The role bypasses row security or the table has none forced on it. */
  readonly seesAllRows: boolean;
  /** May create in the table's namespace. */
  readonly create: boolean;
}

/** Something that the server keeps as a text, and that names the database and the table. */
export interface OutsideText {
  readonly kind: "view" | "routine" | "trigger" | "event";
  readonly name: ObjectName;
  readonly text: string;
  /** As the same kind has them in a Schema. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OutsideFact {
  /** In other databases of the server. */
  readonly texts: readonly OutsideText[];
  /** Parts of a sentence: what is hidden from the role, there and here. */
  readonly unseen: readonly string[];
  /** Statements that would show it; empty where nothing is hidden. */
  readonly grants: string;
}

/** Who waits while a statement works. What only touches the catalog may still hold up everyone for an instant. */
export type Blocks = "nobody" | "writers" | "everyone";

export type StatementFact =
  | {
      readonly ok: true;
      /** As it is sent. Where the dialect writes clauses behind it, neither a comment nor a semicolon is its end. */
      readonly text: string;
      /** `create index`, for people. */
      readonly what: string;
      /** False for what the server refuses inside a transaction. */
      readonly transactional: boolean;
      /** What it makes can be used only when it is committed (a new value of an enum), so it is a transaction of its own. */
      readonly alone: boolean;
      /** BEGIN, COMMIT and their like, which would end our transaction. */
      readonly controlsTransaction: boolean;
      /** `mode` is the engine's own name for the lock. */
      readonly tables: readonly { readonly schema: string | null; readonly name: string; readonly mode: string; readonly blocks: Blocks }[];
      readonly work: "instant" | "scan" | "build" | "rewrite" | "unknown";
      /** It leaves something in its session (a setting, a temporary table) that no other step gets to see. */
      readonly leavesState?: true;
      /** The index that it builds or drops outside a transaction. */
      readonly index: { readonly schema: string | null; readonly name: string } | null;
      /** What its text alone tells is a guess: the dialect judges it once it knows the table. */
      readonly dependsOnTable: boolean;
      /** The engine's own ways to do such work while others write, as part of a sentence; null where it has none. */
      readonly online: string | null;
      /** Tables that it creates: what later statements do to them stalls nobody. */
      readonly creates: readonly { readonly schema: string | null; readonly name: string }[];
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** What to do about it; absent: correct the statement. */
      readonly hint?: string;
    };

/** Answers by `questionKey`. */
export interface Facts {
  readonly size: Readonly<Record<string, SizeFact>>;
  readonly empty: Readonly<Record<string, boolean>>;
  readonly expression: Readonly<Record<string, ExpressionFact>>;
  readonly type: Readonly<Record<string, TypeFact>>;
  readonly rights: Readonly<Record<string, RightsFact>>;
  /** As the server prints it; null where it has nothing of that name. */
  readonly setting: Readonly<Record<string, string | null>>;
  /** Each by a name for people; null where the connected role may not see them. */
  readonly replicas: Readonly<Record<string, readonly string[] | null>>;
  readonly outside: Readonly<Record<string, OutsideFact>>;
  readonly statement: Readonly<Record<string, StatementFact>>;
}

export const noFacts: Facts = { size: {}, empty: {}, expression: {}, type: {}, rights: {}, setting: {}, replicas: {}, outside: {}, statement: {} };

/** Facts with others added. */
export const mergeFacts = (a: Facts, b: Facts): Facts => ({
  size: { ...a.size, ...b.size },
  empty: { ...a.empty, ...b.empty },
  expression: { ...a.expression, ...b.expression },
  type: { ...a.type, ...b.type },
  rights: { ...a.rights, ...b.rights },
  setting: { ...a.setting, ...b.setting },
  replicas: { ...a.replicas, ...b.replicas },
  outside: { ...a.outside, ...b.outside },
  statement: { ...a.statement, ...b.statement },
});

/** True when the facts hold an answer to the question. */
export const isAnswered = (question: Question, facts: Facts): boolean => questionKey(question) in facts[question.kind];

/** The key under which the answer to a question is found: equal questions have equal keys. */
export function questionKey(question: Question): string {
  switch (question.kind) {
    case "size":
    case "empty":
    case "rights":
    case "outside":
      return JSON.stringify([question.table.schema, question.table.name]);
    case "expression":
      return JSON.stringify([question.text, question.row, question.target, question.columns.map((c) => [c.name, c.type])]);
    case "type":
    case "statement":
      return question.text;
    case "setting":
      return question.name;
    case "replicas":
      return "all";
  }
}
