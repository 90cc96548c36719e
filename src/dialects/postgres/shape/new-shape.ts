// What the new shape gets in the transaction that retires the old one, and loses again on the way back.
import { ident, literal, raw, type Sql, sql } from "../../../sql/sql.ts";
import { lastingColumns } from "../../shape/columns.ts";
import type { CarriedIdentity, CarriedIndex } from "../carry/carried.ts";
import { at, commentOn, text } from "../writing.ts";
import type { ShapeContext } from "./context.ts";
import type { NotNull } from "./not-null.ts";
import { uniqueName } from "./prepare.ts";

export interface NewShape {
  readonly attach: readonly string[];
  /** For the way back; the constraints themselves are dropped, and proved again when retire is done again. */
  readonly detach: readonly string[];
}

const alter = (context: ShapeContext, what: Sql): string => text(sql`alter table ${at(context.table.name)} ${what}`);

function attachIndex(context: ShapeContext, copy: CarriedIndex): { readonly attach: readonly string[]; readonly detach: readonly string[] } {
  const { table } = context;
  const { constraint, original } = copy;
  if (!constraint) {
    return {
      attach: [
        text(sql`alter index ${ident(table.name.schema, uniqueName(copy))} rename to ${ident(original.name)}`),
        ...indexComment(context, original.name, original.comment),
      ],
      detach: [text(sql`drop index if exists ${ident(table.name.schema, original.name)}`)],
    };
  }
  const kind = constraint.kind === "primary-key" ? "primary key" : "unique";
  const deferred = /\b(not )?deferrable\b.*$/i.exec(constraint.definition)?.[0] ?? "";
  return {
    attach: [
      alter(
        context,
        sql`add constraint ${ident(constraint.name)} ${raw(kind)} using index ${ident(uniqueName(copy))}${raw(deferred === "" ? "" : ` ${deferred}`)}`,
      ),
      ...constraintComment(context, constraint.name, constraint.comment),
      ...indexComment(context, original.name, original.comment),
    ],
    detach: [alter(context, sql`drop constraint if exists ${ident(constraint.name)}`)],
  };
}

const indexComment = (context: ShapeContext, name: string, comment: string | null): readonly string[] =>
  comment === null ? [] : [commentOn("index", ident(context.table.name.schema, name), comment)];
const constraintComment = (context: ShapeContext, name: string, comment: string | null): readonly string[] =>
  comment === null ? [] : [commentOn("constraint", sql`${ident(name)} on ${at(context.table.name)}`, comment)];

/** The options of the sequence behind an identity column, as the statement takes them. */
export function identityOptions(context: ShapeContext, from: CarriedIdentity["from"]): string {
  const name = from.identity?.sequence;
  const sequence = Object.values(context.schema.sequences).find((each) => name && each.name.name === name.name && each.name.schema === name.schema);
  if (!name || !sequence) return "";
  return `sequence name ${text(at(name))} start with ${sequence.start} increment by ${sequence.increment} minvalue ${sequence.min} maxvalue ${sequence.max} cache ${sequence.cache}${sequence.cycle ? " cycle" : ""}`;
}

/**
 * Moves an identity from one column to another with its counter: its sequence steps aside, the new one takes name and value, the old goes.
 */
export function moveIdentity(context: ShapeContext, identity: CarriedIdentity, from: string, to: string): readonly string[] {
  const sequence = identity.from.identity?.sequence;
  if (!sequence) return [];
  const aside = `${sequence.name.slice(0, 40)}_hotstick`;
  return [
    text(sql`alter sequence ${at(sequence)} rename to ${ident(aside)}`),
    alter(
      context,
      sql`alter column ${ident(to)} add generated ${raw(identity.from.identity?.mode ?? "by default")} as identity (${raw(identityOptions(context, identity.from))})`,
    ),
    text(sql`select pg_catalog.setval(${literal(text(at(sequence)))}::pg_catalog.regclass, last_value, is_called) from ${ident(sequence.schema, aside)}`),
    alter(context, sql`alter column ${ident(from)} drop identity`),
  ];
}

export function attachNewShape(context: ShapeContext, required: readonly NotNull[]): NewShape {
  const { table, shape, analysis } = context;
  const { carried } = analysis;
  const defaults = lastingColumns(shape).filter((column) => column.spec.default !== undefined);
  const supplied = shape.links.flatMap((link) =>
    link.kind === "supply" && link.adds?.default !== undefined && !defaults.some((column) => column.spec === link.adds) ? [link.adds] : [],
  );
  const specs = [...defaults.map((column) => column.spec), ...supplied];
  const indexes = carried.unique.map((copy) => attachIndex(context, copy));
  const constraints = [...carried.checks, ...carried.foreignKeys];
  const owned = (to: (entry: (typeof carried.sequences)[number]) => string): readonly string[] =>
    carried.sequences.map((entry) => text(sql`alter sequence ${at(entry.sequence.name)} owned by ${ident(table.name.schema, table.name.name, to(entry))}`));
  const rename = (on: ObjectPath, from: string, to: string): string => text(sql`alter table ${at(on)} rename constraint ${ident(from)} to ${ident(to)}`);
  return {
    attach: [
      ...specs.map((spec) => alter(context, sql`alter column ${ident(spec.name)} set default ${raw(spec.default ?? "null")}`)),
      ...required.flatMap((each) => each.attach),
      ...indexes.flatMap((each) => each.attach),
      ...constraints.map((each) => rename(each.on.name, each.temporary, each.original.name)),
      ...constraints.flatMap((each) =>
        each.original.comment === null ? [] : [commentOn("constraint", sql`${ident(each.original.name)} on ${at(each.on.name)}`, each.original.comment)],
      ),
      ...owned((entry) => entry.to),
    ],
    detach: [
      ...constraints
        .filter((each) => each.original.kind === "foreign-key")
        .map((each) => text(sql`alter table ${at(each.on.name)} drop constraint if exists ${ident(each.original.name)}`)),
      ...constraints
        .filter((each) => each.original.kind === "check")
        .map((each) => text(sql`alter table ${at(each.on.name)} drop constraint if exists ${ident(each.original.name)}`)),
      ...indexes.flatMap((each) => each.detach),
      // A column with an identity must stay NOT NULL until the identity has gone back.
      ...required.filter((each) => !carried.identities.some((identity) => identity.to === each.column)).flatMap((each) => each.detach),
      ...specs.map((spec) => alter(context, sql`alter column ${ident(spec.name)} drop default`)),
    ],
  };
}

type ObjectPath = { readonly schema: string; readonly name: string };
