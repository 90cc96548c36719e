// A shape on a table that is new or empty: one transaction, the names of the phased run.

import { findColumn } from "../../../schema/edit.ts";
import { derivedName, hiddenPrefix } from "../../../schema/names.ts";
import { ident, join, raw, type Sql, sql } from "../../../sql/sql.ts";
import type { Link } from "../../../step/shape.ts";
import { partNames, plainIndex } from "../index-steps.ts";
import { archiveColumn } from "../simple.ts";
import { at, columnDefinition, commentOn, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import { attributesOf, commentOf, grantsOf } from "./extras.ts";

export interface Plain {
  readonly statements: readonly string[];
  readonly undo: readonly string[] | null;
}

/** Rows are filled too: one may have come between the look and the lock. */
function linkStatements(context: ShapeContext, link: Link): Plain {
  const { table, key } = context;
  const alter = (what: Sql): string => text(sql`alter table ${at(table.name)} ${what}`);
  switch (link.kind) {
    case "copy": {
      const { old, new: fresh } = link;
      return {
        statements: [alter(sql`rename column ${ident(old.name)} to ${ident(fresh.spec.name)}`)],
        undo: [alter(sql`rename column ${ident(fresh.spec.name)} to ${ident(old.name)}`)],
      };
    }
    case "supply": {
      const add = link.adds
        ? [alter(sql`add column ${columnDefinition(link.adds, { bare: true })}`), ...commentOf(table.name, link.column, link.adds.comment)]
        : [];
      const byDefault = link.adds?.default === undefined ? [] : [alter(sql`alter column ${ident(link.column)} set default ${raw(link.adds.default)}`)];
      const fill = link.fill
        ? [text(sql`update ${at(table.name)} set ${ident(link.column)} = ${raw(`(${link.fill.qualified})`)} where ${ident(link.column)} is null`)]
        : [];
      const required = link.notNull ? [alter(sql`alter column ${ident(link.column)} set not null`)] : [];
      const archive = archiveColumn(
        table.name,
        link.column,
        key.map((column) => column.name),
      ).act;
      const undo = link.adds
        ? [...(archive.kind === "statements" ? archive.statements : []), alter(sql`drop column ${ident(link.column)}`)]
        : [alter(sql`alter column ${ident(link.column)} drop not null`)];
      return { statements: [...add, ...fill, ...byDefault, ...required], undo };
    }
    case "leave":
      return { statements: [alter(sql`drop column ${ident(link.old.name)}`)], undo: null };
    case "transform": {
      const temporary = (name: string): string => derivedName([`${hiddenPrefix}new`, name]);
      const from = link.old.map((old) => findColumn(table, old.name)).filter((column) => column !== undefined);
      const one = link.new.length === 1 && from.length === 1 ? from[0] : undefined;
      return {
        statements: [
          alter(join(link.new.map((column) => sql`add column ${columnDefinition({ ...column.spec, name: temporary(column.spec.name) }, { bare: true })}`))),
          text(
            sql`update ${at(table.name)} set ${join(link.new.map((column, i) => sql`${ident(temporary(column.spec.name))} = ${raw(`(${link.up[i]?.qualified})`)}`))}`,
          ),
          alter(join(link.old.map((old) => sql`drop column ${ident(old.name)}`))),
          ...link.new.map((column) => alter(sql`rename column ${ident(temporary(column.spec.name))} to ${ident(column.spec.name)}`)),
          ...link.new.flatMap((column) => [
            ...commentOf(table.name, column.spec.name, column.spec.comment ?? one?.comment),
            ...[...new Set(from.flatMap((each) => grantsOf(table.name, column.spec.name, each)))],
            ...(one?.attributes["statistics"] === undefined
              ? []
              : attributesOf(table.name, column.spec.name, { ...one, attributes: { statistics: one.attributes["statistics"] } })),
            ...(column.spec.default === undefined ? [] : [alter(sql`alter column ${ident(column.spec.name)} set default ${raw(column.spec.default)}`)]),
            ...(column.spec.notNull ? [alter(sql`alter column ${ident(column.spec.name)} set not null`)] : []),
          ]),
        ],
        undo: null,
      };
    }
  }
}

export function plainShape(context: ShapeContext): Plain {
  const { shape, table, analysis } = context;
  const { carried, dependants } = analysis;
  const parts = shape.links.map((link) => linkStatements(context, link));
  const onlyRenames = shape.links.every((link) => link.kind === "copy" || link.kind === "supply");
  const lock = text(sql`lock table ${at(table.name)} in access exclusive mode`);
  const undo = parts.every((part) => part.undo !== null) ? parts.toReversed().flatMap((part) => part.undo ?? []) : null;
  if (onlyRenames) return { statements: [lock, ...parts.flatMap((part) => part.statements)], undo };

  const schema = table.name.schema;
  const alter = (on: { readonly schema: string; readonly name: string }, what: Sql): string => text(sql`alter table ${at(on)} ${what}`);
  // What hangs on a dropped column goes with it; what comes along is made again under the same names.
  const gone = [
    ...dependants.incoming.map(({ table: other, constraint }) => alter(other.name, sql`drop constraint if exists ${ident(constraint.name)}`)),
    ...dependants.statistics.map((each) => text(sql`drop statistics if exists ${at(each.name)}`)),
    ...carried.sequences.map(({ sequence }) => text(sql`alter sequence ${at(sequence.name)} owned by none`)),
    ...[...carried.checks, ...carried.foreignKeys].map((each) => alter(each.on.name, sql`drop constraint if exists ${ident(each.original.name)}`)),
    ...carried.unique.map((copy) =>
      copy.constraint
        ? alter(table.name, sql`drop constraint if exists ${ident(copy.constraint.name)}`)
        : text(sql`drop index if exists ${ident(schema, copy.original.name)}`),
    ),
    ...carried.plain.map((copy) => text(sql`drop index if exists ${ident(schema, copy.original.name)}`)),
  ];
  const made = [
    ...[...carried.plain, ...carried.unique].flatMap((copy) => {
      const body = analysis.finalBodies.get(copy.original.name) ?? "";
      const create = plainIndex(
        context.schema,
        table,
        copy.original.name,
        { unique: copy.body.unique, body },
        partNames(context.schema, { schema, name: copy.original.name }, (name) => name),
      );
      const kind = copy.constraint?.kind === "primary-key" ? "primary key" : "unique";
      const deferred = /\b(not )?deferrable\b.*$/i.exec(copy.constraint?.definition ?? "")?.[0] ?? "";
      const constraint = copy.constraint
        ? [alter(table.name, sql`add constraint ${ident(copy.constraint.name)} ${raw(kind)} using index ${ident(copy.original.name)} ${raw(deferred)}`)]
        : [];
      const comments = [
        ...(copy.original.comment === null ? [] : [commentOn("index", ident(schema, copy.original.name), copy.original.comment)]),
        ...(copy.constraint?.comment ? [commentOn("constraint", sql`${ident(copy.constraint.name)} on ${at(table.name)}`, copy.constraint.comment)] : []),
      ];
      return [...create, ...constraint, ...comments];
    }),
    ...[...carried.checks, ...carried.foreignKeys].flatMap((each) => [
      alter(each.on.name, sql`add constraint ${ident(each.original.name)} ${raw(each.definition)}${raw(each.original.validated ? "" : " not valid")}`),
      ...(each.original.comment === null ? [] : [commentOn("constraint", sql`${ident(each.original.name)} on ${at(each.on.name)}`, each.original.comment)]),
    ]),
    ...carried.statistics.map((each) => each.final),
    ...carried.sequences.map(({ sequence, to }) => text(sql`alter sequence ${at(sequence.name)} owned by ${ident(schema, table.name.name, to)}`)),
  ];
  return { statements: [lock, ...gone, ...parts.flatMap((part) => part.statements), ...made], undo };
}
