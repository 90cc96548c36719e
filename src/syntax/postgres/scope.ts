// Which table a column reference means, as far as the text tells: by the names in FROM.
import type { Node } from "./parser.ts";
import { rangeName, type WrittenName } from "./reads.ts";
import { isTree, strings, type Tree, unwrap } from "./tree.ts";

/** One name in FROM. `table` is null for subqueries, functions and WITH queries. */
export interface ScopeItem {
  readonly alias: string;
  readonly table: WrittenName | null;
}

export interface Scope {
  readonly items: readonly ScopeItem[];
  /** Names of WITH queries that can be seen here. */
  readonly queries: ReadonlySet<string>;
  readonly outer: Scope | null;
}

export const emptyScope: Scope = { items: [], queries: new Set(), outer: null };

export interface Reference {
  /** Its names; a final `*` is left out. */
  readonly path: readonly string[];
  readonly star: boolean;
  /** What its first name (or first two) stands for in FROM; null where it is a column by itself or nothing of that name is in FROM. */
  readonly item: ScopeItem | null;
  readonly scope: Scope;
}

/** A node with the scope in which it stands, and how to go on below it. */
export interface Visitor {
  /** Gives what a reference becomes; undefined keeps it. */
  reference?(reference: Reference): Node | undefined;
  /** Sees every other wrapped node, before what is below it. */
  node?(kind: string, fields: Tree, scope: Scope): void;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const aliasOf = (fields: Tree): string | undefined => (isTree(fields["alias"]) ? String(fields["alias"]["aliasname"]) : undefined);

function itemOf(value: unknown, queries: ReadonlySet<string>): readonly ScopeItem[] {
  const node = unwrap(value);
  const fields = node?.fields ?? value;
  if (!isTree(fields)) return [];
  const table = rangeName(fields);
  if (table) {
    const isQuery = table.schema === null && queries.has(table.name);
    return [{ alias: aliasOf(fields) ?? table.name, table: isQuery ? null : table }];
  }
  const own = aliasOf(fields);
  if (node?.kind === "JoinExpr" && own === undefined) return [...itemOf(fields["larg"], queries), ...itemOf(fields["rarg"], queries)];
  return own === undefined ? [] : [{ alias: own, table: null }];
}

/** The names that a statement brings into scope for what stands in it. */
function itemsOf(kind: string, fields: Tree, queries: ReadonlySet<string>): readonly ScopeItem[] {
  const many = (value: unknown): readonly ScopeItem[] => list(value).flatMap((item) => itemOf(item, queries));
  const target = itemOf(fields["relation"], queries);
  switch (kind) {
    case "SelectStmt":
      return many(fields["fromClause"]);
    case "InsertStmt":
      return [...target, ...(fields["onConflictClause"] === undefined ? [] : target.map(({ table }) => ({ alias: "excluded", table })))];
    case "UpdateStmt":
      return [...target, ...many(fields["fromClause"])];
    case "DeleteStmt":
      return [...target, ...many(fields["usingClause"])];
    case "MergeStmt":
      return [...target, ...itemOf(fields["sourceRelation"], queries)];
    default:
      return [];
  }
}

function find(path: readonly string[], scope: Scope): ScopeItem | null {
  const [first, second] = path;
  for (let at: Scope | null = scope; at; at = at.outer) {
    const found = at.items.find(({ alias, table }) => alias === first || (path.length > 2 && table?.schema === first && table?.name === second));
    if (found) return found;
  }
  return null;
}

const statements: ReadonlySet<string> = new Set(["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);
/** Where a SELECT stands in another without a wrapper of its own. */
const branches: ReadonlySet<string> = new Set(["larg", "rarg"]);

function inStatement(kind: string, fields: Tree, outer: Scope, visitor: Visitor): Tree {
  const clause = isTree(fields["withClause"]) ? fields["withClause"] : {};
  const names = list(clause["ctes"]).map((query) => String(unwrap(query)?.fields["ctename"]));
  const queries = new Set([...outer.queries, ...names]);
  const scope: Scope = { items: itemsOf(kind, fields, queries), queries, outer };
  const entries = Object.entries(fields).map(([key, child]) => {
    // A WITH query sees the ones beside it, but nothing of this FROM.
    if (key === "withClause") return [key, below(child, { ...outer, queries }, visitor)];
    if (kind === "SelectStmt" && branches.has(key) && isTree(child)) return [key, inStatement("SelectStmt", child, { ...outer, queries }, visitor)];
    return [key, below(child, scope, visitor)];
  });
  visitor.node?.(kind, fields, scope);
  return Object.fromEntries(entries);
}

function inReference(value: Tree, fields: Tree, scope: Scope, visitor: Visitor): unknown {
  const path = strings(fields["fields"]);
  const star = list(fields["fields"]).some((part) => unwrap(part)?.kind === "A_Star");
  // A single name is a column before it is a row of FROM; the visitor may think otherwise.
  const item = path.length > 1 || star ? find(path, scope) : null;
  return visitor.reference?.({ path, star, item, scope }) ?? value;
}

function below(value: unknown, scope: Scope, visitor: Visitor): unknown {
  if (Array.isArray(value)) return value.map((item) => below(item, scope, visitor));
  if (!isTree(value)) return value;
  const node = unwrap(value);
  if (node && statements.has(node.kind)) return { [node.kind]: inStatement(node.kind, node.fields, scope, visitor) };
  if (node?.kind === "ColumnRef") return inReference(value, node.fields, scope, visitor);
  if (node) visitor.node?.(node.kind, node.fields, scope);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, below(child, scope, visitor)]));
}

/** Walks a tree with the names that can be seen at each place, and gives a copy in which references are what the visitor made of them. */
export const resolve = (tree: Node, scope: Scope, visitor: Visitor): Node => below(tree, scope, visitor) as Node;
