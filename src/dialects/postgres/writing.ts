// Small words from which the statements of this dialect are made.
import type { ObjectName } from "../../schema/model.ts";
import { ident, join, literal, raw, renderInline, type Sql, sql } from "../../sql/sql.ts";
import type { ColumnSpec } from "../../step/shape.ts";
import { postgresQuoting } from "./quoting.ts";

/** A finished statement or fragment, for plans, which are data. */
export const text = (piece: Sql): string => renderInline(piece, postgresQuoting);

export const at = (name: ObjectName): Sql => ident(name.schema, name.name);
export const columns = (names: readonly string[]): Sql => join(names.map((name) => ident(name)));

/** A column as CREATE TABLE and ADD COLUMN take it. */
export function columnDefinition(spec: ColumnSpec, options: { readonly bare: boolean } = { bare: false }): Sql {
  const parts: Sql[] = [sql`${ident(spec.name)} ${raw(spec.type)}`];
  if (spec.collation !== undefined) parts.push(sql`collate ${raw(spec.collation)}`);
  if (!options.bare) {
    if (spec.default !== undefined) parts.push(sql`default ${raw(spec.default)}`);
    if (spec.generated) parts.push(raw(`generated always as (${spec.generated.expression}) ${spec.generated.kind}`));
    if (spec.identity) parts.push(raw(`generated ${spec.identity} as identity`));
    if (spec.notNull) parts.push(raw("not null"));
  }
  return join(parts, " ");
}

export const commentOn = (kind: "table" | "column" | "index" | "constraint", path: Sql, comment: string | null): string =>
  text(sql`comment on ${raw(kind)} ${path} is ${comment === null ? raw("null") : literal(comment)}`);
