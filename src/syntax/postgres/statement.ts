// What can be said of one statement before any server is asked: its kind, whether a transaction may hold it, what it locks and costs.
import { detachesConcurrently } from "./altertable.ts";
import { effectsOf } from "./effects.ts";
import { type Created, createdBy, statementKind } from "./kind.ts";
import { type LockMode, lockModes, type StatementWork } from "./locks.ts";
import type { Node } from "./parser.ts";
import type { WrittenName } from "./reads.ts";
import { asName, option } from "./said.ts";
import { strings, type Tree, unwrap } from "./tree.ts";

export interface StatementDescription {
  /** As its manual page is called, in lower case: `create index`. */
  readonly kind: string;
  /** False for what the server refuses inside a transaction block. */
  readonly transactional: boolean;
  /** It begins, ends or divides a transaction. */
  readonly transactionControl: boolean;
  /**
   * The relations that it names and does not itself create, each once, with the strongest lock on it. Names are as written: they may
   * also be views or sequences, and partitions and inheritance children of a named table are locked with it.
   */
  readonly tables: readonly (WrittenName & { readonly mode: LockMode })[];
  /** It may also lock tables that it does not name (by CASCADE, the index's table, the other end of a foreign key, a routine's body). */
  readonly moreTables: boolean;
  readonly work: StatementWork;
  /** The index that it builds or drops concurrently; null too where several are, or the server chooses the name. */
  readonly index: WrittenName | null;
  readonly creates: readonly Created[];
  /** A value of an enum that cannot be used before COMMIT. */
  readonly enumValueAdded: { readonly type: WrittenName; readonly value: string } | null;
}

/** Whether the server runs it inside a transaction block. Manual: the page of each command ("cannot be executed inside a transaction block"). */
function transactional(kind: string, fields: Tree): boolean {
  switch (kind) {
    case "IndexStmt":
    case "DropStmt":
      return fields["concurrent"] !== true;
    case "ReindexStmt":
      return option(fields["params"], "concurrently") !== true && (fields["kind"] === "REINDEX_OBJECT_TABLE" || fields["kind"] === "REINDEX_OBJECT_INDEX");
    case "VacuumStmt":
      return fields["is_vacuumcmd"] !== true;
    case "ClusterStmt":
      return fields["relation"] !== undefined;
    case "AlterTableStmt":
      return !detachesConcurrently(fields);
    case "CreatedbStmt":
    case "DropdbStmt":
    case "CreateTableSpaceStmt":
    case "DropTableSpaceStmt":
    case "AlterSystemStmt":
    // It drops the replication slot, unless that was taken from it before.
    case "DropSubscriptionStmt":
      return false;
    case "AlterDatabaseStmt":
      return option(fields["options"], "tablespace") === null;
    case "CreateSubscriptionStmt":
      return option(fields["options"], "create_slot") === false || option(fields["options"], "connect") === false;
    case "AlterSubscriptionStmt":
      return (
        fields["kind"] !== "ALTER_SUBSCRIPTION_REFRESH" && (!/_PUBLICATION$/.test(String(fields["kind"])) || option(fields["options"], "refresh") === false)
      );
    case "DiscardStmt":
      return fields["target"] !== "DISCARD_ALL";
    case "TransactionStmt":
      return !/_PREPARED$/.test(String(fields["kind"]));
    default:
      return true;
  }
}

const controlsTransaction = (kind: string, fields: Tree): boolean =>
  kind === "TransactionStmt" ||
  (kind === "VariableSetStmt" && fields["kind"] === "VAR_SET_MULTI" && /^(TRANSACTION|SESSION CHARACTERISTICS)/.test(String(fields["name"])));

function enumValue(kind: string, fields: Tree): StatementDescription["enumValueAdded"] {
  const type = kind === "AlterEnumStmt" && fields["oldVal"] === undefined ? asName(strings(fields["typeName"])) : null;
  return type && { type, value: String(fields["newVal"] ?? "") };
}

/** Each relation once, with its strongest lock, in the order in which they are named. */
function strongest(locks: readonly { readonly table: WrittenName; readonly mode: LockMode }[]): StatementDescription["tables"] {
  const found = new Map<string, WrittenName & { readonly mode: LockMode }>();
  for (const { table, mode } of locks) {
    const key = JSON.stringify([table.schema, table.name]);
    const before = found.get(key);
    if (!before || lockModes.indexOf(mode) > lockModes.indexOf(before.mode)) found.set(key, { ...table, mode });
  }
  return [...found.values()];
}

/** Describes a parsed statement. What only the catalog knows is left `unknown`. */
export function describeStatement(node: Node): StatementDescription {
  const { kind, fields } = unwrap(node) ?? { kind: "", fields: {} };
  const { locks = [], more = false, work = "instant", index = null } = effectsOf(kind, fields);
  return {
    kind: statementKind(kind, fields),
    transactional: transactional(kind, fields),
    transactionControl: controlsTransaction(kind, fields),
    tables: strongest(locks),
    moreTables: more,
    work,
    index,
    creates: createdBy(kind, fields),
    enumValueAdded: enumValue(kind, fields),
  };
}
