// Definitions under another name or on another table.
import { Problem } from "../../problem.ts";
import { type Definition, parseDefinition, printDefinition } from "./definition.ts";
import type { Node, PostgresSyntax } from "./parser.ts";
import type { WrittenName } from "./reads.ts";
import { resolve, type ScopeItem } from "./scope.ts";
import { rebuild, stringNode, type Tree, unwrap } from "./tree.ts";

/** A statement of one kind with some of its fields changed. */
function change(syntax: PostgresSyntax, text: string, kind: string, fields: (before: Tree) => Tree): string {
  const [statement] = syntax.parse(text);
  const node = unwrap(statement?.node);
  if (node?.kind !== kind)
    throw new Problem({
      code: "bad-definition",
      message: `This is not the definition that was expected: ${text}`,
      hint: "Report it: the catalog gave something that we do not know.",
    });
  return syntax.print({ [kind]: fields(node.fields) } as unknown as Node);
}

/** How an index is built again under another name. */
export interface IndexForm {
  readonly concurrently?: boolean;
  readonly ifNotExists?: boolean;
}

/** The text of CREATE INDEX for the same index under another name. */
export const renameIndex = (syntax: PostgresSyntax, text: string, name: string, form: IndexForm = {}): string =>
  change(syntax, text, "IndexStmt", ({ concurrent: _, if_not_exists: __, ...fields }) => ({
    ...fields,
    idxname: name,
    ...(form.concurrently ? { concurrent: true } : {}),
    ...(form.ifNotExists ? { if_not_exists: true } : {}),
  }));

/** The text of CREATE INDEX for an index on the same keys that allows duplicates. */
export const unUnique = (syntax: PostgresSyntax, text: string): string =>
  change(syntax, text, "IndexStmt", ({ unique: _, nulls_not_distinct: __, ...fields }) => fields);

/** The text of CREATE TRIGGER under another name. */
export const renameTrigger = (syntax: PostgresSyntax, text: string, name: string): string =>
  change(syntax, text, "CreateTrigStmt", (fields) => ({ ...fields, trigname: name }));

/** The text of CREATE STATISTICS under another name. */
export const renameStatistics = (syntax: PostgresSyntax, text: string, name: WrittenName): string =>
  change(syntax, text, "CreateStatsStmt", (fields) => ({
    ...fields,
    defnames: (name.schema === null ? [name.name] : [name.schema, name.name]).map(stringNode),
  }));

/** References in a policy's expression that mean the policy's own row follow the table's name; its other uses get the old name as alias. */
function retargetExpression(node: Node, own: WrittenName, table: WrittenName): Node {
  const row: ScopeItem = { alias: own.name, table: own };
  return resolve(
    node,
    { items: [row], queries: new Set(), outer: null },
    {
      reference({ path, star, item }) {
        if (item !== row) return undefined;
        const column = star ? [] : path.slice(-1);
        return { ColumnRef: { fields: [...[table.name, ...column].map(stringNode), ...(star ? [{ A_Star: {} }] : [])] } };
      },
    },
  );
}

/** The definition on another table; foreign keys that point to the table and subqueries over it follow. */
export function retarget(syntax: PostgresSyntax, definition: Definition, table: WrittenName): string {
  const { table: own, kind } = definition;
  const parsed = parseDefinition(syntax, definition);
  const node = rebuild(kind === "expression" ? retargetExpression(parsed, own, table) : parsed, (part) => {
    if (part["relpersistence"] === undefined || part["relname"] !== own.name || part["schemaname"] !== (own.schema ?? undefined)) return undefined;
    const { schemaname: _, ...rest } = part;
    const alias = kind === "expression" && part["alias"] === undefined ? { alias: { aliasname: own.name } } : {};
    return { ...rest, ...alias, relname: table.name, ...(table.schema === null ? {} : { schemaname: table.schema }) };
  });
  return printDefinition(syntax, definition, node);
}
