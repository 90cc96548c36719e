// A family of objects: the one query that reads it, and where each row goes.
import type { Row } from "../../driver.ts";
import type { Draft } from "./draft.ts";

/** One query of the catalog. Rows are put away one at a time, so that a large database never stands in memory twice. */
export interface Family {
  /** The query for a server of this version (180004). */
  query(version: number): string;
  collect(draft: Draft, row: Row): void;
}

/** A family whose rows have a known shape. */
export const family = <R>(query: (version: number) => string, collect: (draft: Draft, row: R) => void): Family => ({
  query,
  collect: (draft, row) => collect(draft, row as unknown as R),
});

/**
 * What the server prints of a definition. It prints from the present catalog while rows come from the snapshot, so null means that the
 * object was dropped in between: a reader leaves it out.
 */
export type Printed = string | null;

/** Namespaces that belong to people, for a pg_namespace called `n`. Names that begin with pg_ are the system's and its temporary ones. */
export const ofPeople = "n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'hotstick')";

/** True for what is not part of an extension. */
export const noMember = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/** The comment on an object, joined as `d.description`. */
export const withComment = (catalog: string, oid: string, subId = "0"): string =>
  `left join pg_description d on d.objoid = ${oid} and d.classoid = '${catalog}'::regclass and d.objsubid = ${subId}`;

/** Privileges as text, beside the defaults that a null stands for; read by `grantsOf`. */
export const privileges = (acl: string, kind: string, owner: string): string =>
  `${acl}::text[] as acl, case when ${acl} is not null then acldefault('${kind}', ${owner})::text[] end as acl_default, pg_get_userbyid(${owner}) as owner`;

/** A name with its schema, which is left out for the system's own, as the server prints names in expressions. */
export const qualifiedName = (schema: string, name: string): string =>
  `case when ${schema} = 'pg_catalog' then quote_ident(${name}) else quote_ident(${schema}) || '.' || quote_ident(${name}) end`;

/** The columns of `relation` that an object depends on, as numbers; 0 stands for the row as a whole. */
export const dependsOn = (catalog: string, oid: string, relation: string): string =>
  `array(select u.refobjsubid from pg_depend u where u.classid = '${catalog}'::regclass and u.objid = ${oid} and u.refclassid = 'pg_class'::regclass and u.refobjid = ${relation} order by 1)`;

/** Numbers out of an int2vector (`1 2`) or an array (`{1,2}`), as the protocol gives them. */
export const numbers = (text: string | null): number[] => (text === null ? [] : (text.match(/-?\d+/g) ?? []).map(Number));

/** `name=value` settings as a record; later families add to the same one. */
export function optionsOf(settings: readonly string[] | null, prefix = ""): Record<string, string> {
  const options: Record<string, string> = {};
  for (const setting of settings ?? []) {
    const at = setting.indexOf("=");
    options[prefix + setting.slice(0, at)] = setting.slice(at + 1);
  }
  return options;
}
