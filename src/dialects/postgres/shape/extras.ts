// What hangs on a column besides its type: comment, grants, storage. Carried from one column to another.
import type { Column, ObjectName } from "../../../schema/model.ts";
import { ident, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import { at, commentOn, text } from "../writing.ts";

const role = (name: string): Sql => (name === "" ? raw("public") : ident(name));

/** GRANTs on one column, as `from` has them. */
export const grantsOf = (table: ObjectName, name: string, from: Column): readonly string[] =>
  from.grants.map((grant) =>
    text(
      sql`grant ${raw(grant.privilege.toLowerCase())} (${ident(name)}) on ${at(table)} to ${role(grant.grantee)}${raw(grant.grantable ? " with grant option" : "")}`,
    ),
  );

const attribute: Readonly<Record<string, (value: string) => Sql>> = {
  storage: (value) => sql`set storage ${raw(value)}`,
  compression: (value) => sql`set compression ${raw(value)}`,
  statistics: (value) => sql`set statistics ${raw(value)}`,
};

/** Storage, compression, statistics target and options; only for a column of the same type. */
export const attributesOf = (table: ObjectName, name: string, from: Column): readonly string[] =>
  Object.entries(from.attributes).map(([key, value]) => {
    const change = attribute[key]?.(value) ?? sql`set (${ident(key)} = ${literal(value)})`;
    return text(sql`alter table ${at(table)} alter column ${ident(name)} ${change}`);
  });

export const commentOf = (table: ObjectName, name: string, comment: string | null | undefined): readonly string[] =>
  comment == null ? [] : [commentOn("column", ident(table.schema, table.name, name), comment)];

/** A column that was dropped, as it was but for its constraints: type, collation, comment, grants, storage. */
export const restoreColumn = (table: ObjectName, name: string, from: Column): readonly string[] => [
  text(sql`alter table ${at(table)} add column ${ident(name)} ${raw(from.type)}${from.collation === null ? raw("") : raw(` collate ${from.collation}`)}`),
  ...commentOf(table, name, from.comment),
  ...grantsOf(table, name, from),
  ...attributesOf(table, name, from),
];
