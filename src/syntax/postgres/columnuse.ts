// Which columns of one table a query uses, as far as its text tells.
import type { Node } from "./parser.ts";
import { rangeName, type WrittenName } from "./reads.ts";
import { emptyScope, type Reference, resolve, type Scope } from "./scope.ts";
import { isTree, strings, type Tree, unwrap } from "./tree.ts";

/** What is found on the way; one is filled by all fragments of a routine. */
export interface ColumnUse {
  readonly columns: Set<string>;
  /** Columns of records of which it is not known whether they hold rows of the table. */
  readonly maybe: Set<string>;
  /** The row is used as a whole: `*`, NEW as a value, INSERT without columns, a variable of the row's type. */
  wholeRow: boolean;
  /** The table itself is named. */
  named: boolean;
}

/** What names mean outside the query. */
export interface Surroundings {
  readonly table: WrittenName;
  /** Variables that hold a row of the table: NEW and OLD in its triggers, variables of its type. */
  readonly rows: ReadonlySet<string>;
  /** Variables that hold some row. */
  readonly records: ReadonlySet<string>;
}

export const noUse = (): ColumnUse => ({ columns: new Set(), maybe: new Set(), wholeRow: false, named: false });

/** Whether a written name can mean the table: without a schema it may be found along search_path. */
export const means = (written: WrittenName | null, table: WrittenName): boolean =>
  written !== null && written.name === table.name && (written.schema === null || written.schema === table.schema);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const sees = (scope: Scope | null, table: WrittenName): boolean =>
  scope !== null && (scope.items.some((item) => means(item.table, table)) || sees(scope.outer, table));

const isRowName = (name: string, scope: Scope | null, { table, rows }: Surroundings): boolean => {
  for (let at = scope; at; at = at.outer) {
    const item = at.items.find(({ alias }) => alias === name);
    if (item) return means(item.table, table);
  }
  return rows.has(name);
};

function inReference({ path, star, item, scope }: Reference, around: Surroundings, use: ColumnUse): void {
  const column = path.at(-1);
  const row = path.at(-2);
  if (star) {
    // `*` means the FROM that it stands beside; `u.*` what u is.
    const own =
      column === undefined
        ? scope.items.some(({ table }) => means(table, around.table))
        : means(item?.table ?? null, around.table) || isRowName(column, scope, around);
    if (own) use.wholeRow = true;
    return;
  }
  if (column === undefined) return;
  if (row === undefined) {
    if (isRowName(column, scope, around)) use.wholeRow = true;
    if (sees(scope, around.table)) use.columns.add(column);
    return;
  }
  if (item ? means(item.table, around.table) : around.rows.has(row)) use.columns.add(column);
  else if (!item && around.records.has(row)) use.maybe.add(column);
}

const targets = (value: unknown): string[] =>
  list(value).flatMap((target) => {
    const name = unwrap(target)?.fields["name"];
    return typeof name === "string" ? [name] : [];
  });

/** Statements that write name columns without a reference. */
function inWrite(kind: string, fields: Tree, use: ColumnUse): void {
  const named = [...targets(fields["cols"]), ...targets(kind === "InsertStmt" ? [] : fields["targetList"])];
  if (kind === "InsertStmt" && fields["cols"] === undefined && fields["selectStmt"] !== undefined) use.wholeRow = true;
  const conflict = isTree(fields["onConflictClause"]) ? fields["onConflictClause"] : {};
  named.push(...targets(conflict["targetList"]), ...targets(isTree(conflict["infer"]) ? conflict["infer"]["indexElems"] : []));
  for (const clause of list(fields["mergeWhenClauses"])) {
    const when = unwrap(clause)?.fields ?? {};
    named.push(...targets(when["targetList"]));
    if (when["commandType"] === "CMD_INSERT" && when["targetList"] === undefined && when["values"] !== undefined) use.wholeRow = true;
  }
  for (const column of named) use.columns.add(column);
}

/** A type's name: of the table's row, or of one of its columns. */
export function inType(names: readonly string[], ofColumn: boolean, table: WrittenName, use: ColumnUse): void {
  const path = ofColumn ? names.slice(0, -1) : names;
  const name = path.at(-1);
  if (name === undefined || !means({ schema: path.at(-2) ?? null, name }, table)) return;
  use.named = true;
  const column = names.at(-1);
  if (ofColumn && column !== undefined) use.columns.add(column);
  else use.wholeRow = true;
}

const writers: ReadonlySet<string> = new Set(["InsertStmt", "UpdateStmt", "MergeStmt"]);

function inNode(kind: string, fields: Tree, scope: Scope, table: WrittenName, use: ColumnUse): void {
  if (kind === "RangeVar" && means(rangeName(fields), table)) {
    use.named = true;
    if (isTree(fields["alias"]) && fields["alias"]["colnames"] !== undefined) use.wholeRow = true;
  }
  if (means(rangeName(fields["relation"]), table)) {
    use.named = true;
    if (writers.has(kind)) inWrite(kind, fields, use);
    if (kind === "CopyStmt") {
      if (fields["attlist"] === undefined) use.wholeRow = true;
      for (const column of strings(fields["attlist"])) use.columns.add(column);
    }
  }
  if (kind === "JoinExpr" && sees(scope, table)) {
    for (const column of strings(fields["usingClause"])) use.columns.add(column);
    if (fields["isNatural"] === true) use.wholeRow = true;
  }
  if (kind === "TypeCast" && isTree(fields["typeName"])) inType(strings(fields["typeName"]["names"]), false, table, use);
}

/** Adds what a parsed query uses of the table. A column named without a table counts wherever the table is in FROM. */
export function useIn(tree: Node, around: Surroundings, use: ColumnUse): void {
  resolve(tree, emptyScope, {
    reference(reference) {
      inReference(reference, around, use);
      return undefined;
    },
    node: (kind, fields, scope) => inNode(kind, fields, scope, around.table, use),
  });
}
