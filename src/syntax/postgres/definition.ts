// Definitions as the catalog prints them → the same with other columns, names or tables.
import { Problem } from "../../problem.ts";
import { columnNode } from "./expression.ts";
import type { Node, PostgresSyntax } from "./parser.ts";
import type { WrittenName } from "./reads.ts";
import { resolve, type Scope } from "./scope.ts";
import { isTree, rebuild, stringNode, strings, type Tree, unwrap } from "./tree.ts";

/**
 * A definition as the server prints it with `search_path = pg_catalog`.
 * - `index`, `statistics`, `trigger`: a whole CREATE statement.
 * - `constraint`: what `pg_get_constraintdef` gives.
 * - `expression`: of a policy, a default or a generated column.
 */
export interface Definition {
  readonly kind: "index" | "constraint" | "statistics" | "trigger" | "expression";
  readonly text: string;
  /** The table that it hangs on; for telling its columns from others in subqueries. */
  readonly table: WrittenName;
}

/** What becomes of a column; null keeps it. An expression names columns without a table. */
export type Replacement = (column: string) => Node | null;

export interface Replacements {
  /** For the columns of the definition's own table. */
  readonly own: Replacement;
  /** For the columns that a foreign key points to; where it points to its own table give `own` again. */
  readonly referenced?: Replacement;
}

/** What is parsed in front of a text that is no statement by itself. */
const before = { constraint: "ALTER TABLE pg_temp.x ADD ", expression: "SELECT ", index: "", statistics: "", trigger: "" } as const;

function refusal(definition: Definition, why: string): Problem {
  return new Problem({
    code: "bad-definition",
    message: `A definition on ${definition.table.name} cannot be rewritten, for ${why}: ${definition.text}`,
    hint: "Drop it before the change and create it again after it.",
    subject: { kind: definition.kind, name: definition.table.name },
  });
}

export function parseDefinition(syntax: PostgresSyntax, definition: Definition): Node {
  const [statement, ...more] = syntax.parse(definition.text, before[definition.kind]);
  if (!statement || more.length > 0) throw refusal(definition, "it is not one statement");
  return statement.node;
}

const prefixes = { constraint: /^ALTER TABLE pg_temp\.x ADD\s+/, expression: /^SELECT\s+/ } as const;

export function printDefinition(syntax: PostgresSyntax, definition: Definition, node: Node): string {
  const text = syntax.print(node);
  return definition.kind === "constraint" || definition.kind === "expression" ? text.replace(prefixes[definition.kind], "") : text;
}

const isOwn = (table: WrittenName | null | undefined, own: WrittenName): boolean =>
  table?.name === own.name && (table.schema === own.schema || table.schema === null);

/** An expression's columns → references with the same names in front as the column that it stands for had. */
const under = (tree: Node, row: readonly string[]): Node =>
  rebuild(tree, (part) => {
    const node = unwrap(part);
    const path = node?.kind === "ColumnRef" ? strings(node.fields["fields"]) : [];
    return path.length === 1 ? columnNode(...row, ...path) : undefined;
  });

/** Replaces the definition's own columns in an expression. */
function inExpression(tree: Node, definition: Definition, own: Replacement): Node {
  const outside: Scope = { items: [{ alias: definition.table.name, table: definition.table }], queries: new Set(), outer: null };
  return resolve(tree, outside, {
    reference({ path, star, item, scope }) {
      const column = path.at(-1);
      if (column === undefined || star) return undefined;
      if (path.length === 1) {
        if (scope === outside) return own(column) ?? undefined;
        // The server names the table of every column in a subquery, so this one is none; unless somebody else wrote the text.
        if (own(column) !== null) throw refusal(definition, `"${column}" stands in a subquery without its table's name`);
        return undefined;
      }
      const row = path.slice(0, -1);
      const isRow = definition.kind === "trigger" && row.length === 1 && (row[0] === "new" || row[0] === "old");
      const replaced = isRow || isOwn(item?.table, definition.table) ? own(column) : null;
      return replaced === null ? undefined : under(replaced, row);
    },
  });
}

/** The name that a plain column becomes where the grammar has room for a name only. */
function nameOnly(definition: Definition, column: string, replacement: Replacement): string {
  const replaced = replacement(column);
  if (replaced === null) return column;
  const node = unwrap(replaced);
  const [name, ...more] = node?.kind === "ColumnRef" ? strings(node.fields["fields"]) : [];
  if (name === undefined || more.length > 0) throw refusal(definition, `"${column}" would become an expression where only a column can stand`);
  return name;
}

const names = (definition: Definition, nodes: unknown, replacement: Replacement): Node[] =>
  strings(nodes).map((column) => stringNode(nameOnly(definition, column, replacement)));

/** An element that is a name or an expression: of an index, an exclusion constraint, statistics. */
function element(definition: Definition, fields: Tree, own: Replacement, plain: boolean): Tree {
  const column = fields["name"];
  if (typeof column !== "string")
    return { ...fields, ...(fields["expr"] === undefined ? {} : { expr: inExpression(fields["expr"] as Node, definition, own) }) };
  const replaced = own(column);
  const node = unwrap(replaced);
  if (plain || replaced === null || node?.kind === "ColumnRef") return { ...fields, name: nameOnly(definition, column, own) };
  const { name: _, ...rest } = fields;
  return { ...rest, expr: replaced };
}

/** Fields of a definition that hold expressions, and those that hold lists of column names. */
const expressions: ReadonlySet<string> = new Set(["whereClause", "where_clause", "whenClause", "raw_expr", "val"]);
const ownNames: ReadonlySet<string> = new Set(["keys", "including", "fk_attrs", "fk_del_set_cols", "columns"]);

function inFields(definition: Definition, value: unknown, replacements: Replacements, plain = false): unknown {
  if (Array.isArray(value)) return value.map((item) => inFields(definition, item, replacements, plain));
  if (!isTree(value)) return value;
  const node = unwrap(value);
  if (node && (node.kind === "IndexElem" || node.kind === "StatsElem")) return { [node.kind]: element(definition, node.fields, replacements.own, plain) };
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (expressions.has(key)) return [key, inExpression(child as Node, definition, replacements.own)];
      if (ownNames.has(key)) return [key, names(definition, child, replacements.own)];
      if (key === "pk_attrs") return [key, names(definition, child, replacements.referenced ?? (() => null))];
      return [key, inFields(definition, child, replacements, key === "indexIncludingParams")];
    }),
  );
}

/**
 * The definition with columns replaced by expressions.
 * @throws Problem `bad-definition` where an expression would stand in the place of a name.
 */
export function substituteColumns(syntax: PostgresSyntax, definition: Definition, replacements: Replacements): string {
  const node = parseDefinition(syntax, definition);
  return printDefinition(syntax, definition, inFields(definition, node, replacements) as Node);
}

/** The definition with columns renamed: of its own table, and of the table that a foreign key points to. */
export function renameColumns(
  syntax: PostgresSyntax,
  definition: Definition,
  own: ReadonlyMap<string, string>,
  referenced: ReadonlyMap<string, string> = new Map(),
): string {
  const renaming = (names: ReadonlyMap<string, string>): Replacement => {
    return (column) => {
      const name = names.get(column);
      return name === undefined ? null : columnNode(name);
    };
  };
  return substituteColumns(syntax, definition, { own: renaming(own), referenced: renaming(referenced) });
}

/** The columns of its own table that a definition names, each once. */
export function columnsIn(syntax: PostgresSyntax, definition: Definition): readonly string[] {
  const found = new Set<string>();
  const own: Replacement = (column) => {
    found.add(column);
    return null;
  };
  inFields(definition, parseDefinition(syntax, definition), { own });
  return [...found];
}
