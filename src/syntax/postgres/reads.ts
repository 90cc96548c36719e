// Which tables a statement that reads or writes rows locks, and how.
import type { LockMode } from "./locks.ts";
import { isTree, type Tree, unwrap } from "./tree.ts";

/** A name as a statement writes it; `schema` is null where it names none. */
export interface WrittenName {
  readonly schema: string | null;
  readonly name: string;
}

const isRangeVar = (tree: Tree): boolean => typeof tree["relname"] === "string" && typeof tree["relpersistence"] === "string";

/** The name in a RangeVar's fields, or in a wrapped RangeVar; null for anything else. */
export function rangeName(value: unknown): WrittenName | null {
  const tree = unwrap(value)?.fields ?? value;
  if (!isTree(tree) || !isRangeVar(tree)) return null;
  const schema = tree["schemaname"];
  return { schema: typeof schema === "string" ? schema : null, name: String(tree["relname"]) };
}

const writers: ReadonlySet<string> = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

type Found = (name: WrittenName, mode: LockMode) => void;

/** What is known on the way down. */
interface Scope {
  /** Names of WITH queries: not tables. */
  readonly queries: ReadonlySet<string>;
  /** ROW SHARE within a SELECT … FOR UPDATE or the like. */
  readonly mode: LockMode;
}

function readWith(clause: Tree, scope: Scope, found: Found): Scope {
  const queries = new Set(scope.queries);
  const list = (Array.isArray(clause["ctes"]) ? clause["ctes"] : []).map((query: unknown) => unwrap(query)?.fields ?? {});
  // Without RECURSIVE a query sees only those before it: `with t as (select * from t)` reads the table t.
  if (clause["recursive"] === true) for (const query of list) queries.add(String(query["ctename"]));
  for (const query of list) {
    read(query["ctequery"], { queries: new Set(queries), mode: "ACCESS SHARE" }, found);
    queries.add(String(query["ctename"]));
  }
  return { ...scope, queries };
}

function read(value: unknown, scope: Scope, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) read(item, scope, found);
    return;
  }
  if (!isTree(value)) return;
  const own = rangeName(value);
  if (own) {
    if (own.schema !== null || !scope.queries.has(own.name)) found(own, scope.mode);
    return;
  }
  const node = unwrap(value);
  const fields = node?.fields ?? value;
  const inner = isTree(fields["withClause"]) ? readWith(fields["withClause"], scope, found) : scope;
  const target = node && writers.has(node.kind) ? rangeName(fields["relation"]) : null;
  if (target) found(target, "ROW EXCLUSIVE");
  for (const [key, child] of Object.entries(fields)) {
    if (key === "withClause" || key === "intoClause" || (target && key === "relation")) continue;
    const locked = key === "fromClause" && fields["lockingClause"] !== undefined;
    read(child, locked ? { ...inner, mode: "ROW SHARE" } : inner, found);
  }
}

/**
 * Calls `found` for each table that a tree reads or writes: ROW EXCLUSIVE for the target of a change, ROW SHARE under
 * FOR UPDATE and the like, ACCESS SHARE else. Names of WITH queries are no tables.
 */
export const readTables = (tree: unknown, found: Found): void => read(tree, { queries: new Set(), mode: "ACCESS SHARE" }, found);
