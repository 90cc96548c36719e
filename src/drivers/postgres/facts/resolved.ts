// What the server made of a specimen: types, casts, functions, and its own text of the expression.
import type { Row } from "../../driver.ts";

export interface ResolvedCast {
  /** `i` implicit, `a` in assignments, `e` only explicit. */
  readonly context: "i" | "a" | "e";
  /** The signature of the function that makes it, or null where the bytes are taken as they are. */
  readonly function: string | null;
  /** By writing the value out and reading it again. */
  readonly viaText: boolean;
}

/** Numbers of types are plain: JSON would print an oid as a string. */
export interface ResolvedType {
  /** As the server prints it, with its length. */
  readonly name: string;
  /** With domains taken off. */
  readonly base: number;
  readonly modifier: number;
  readonly toastable: boolean;
  readonly domain: boolean;
  /** A length, a precision or a domain's check may refuse or change a value. */
  readonly constrained: boolean;
  /** The element type of an array, domains taken off; 0 otherwise. */
  readonly element: number;
  readonly isText: boolean;
}

export interface Resolved extends Row {
  readonly name: string;
  readonly definition: string;
  readonly action: string;
  readonly value: ResolvedType;
  readonly target: ResolvedType | null;
  readonly cast: ResolvedCast | null;
  readonly element_cast: ResolvedCast | null;
  readonly functions: readonly { readonly oid: number; readonly signature: string; readonly volatility: "i" | "s" | "v" }[];
}

/** varchar, bpchar, numeric, bit, varbit: with a modifier they refuse what does not fit. Precisions of times only round. */
const limiting = "(1043, 1042, 1700, 1560, 1562)";

const signature = (alias: string): string =>
  `(case when ${alias}.pronamespace = 'pg_catalog'::regnamespace then '' else ${alias}.pronamespace::regnamespace::text || '.' end || ${alias}.proname || '(' || replace(oidvectortypes(${alias}.proargtypes), ', ', ',') || ')')`;

const typeObject = (attribute: string, type: string): string => `
      json_build_object('name', format_type(${attribute}.atttypid, ${attribute}.atttypmod), 'base', ${type}.base::int8, 'modifier', greatest(${attribute}.atttypmod, ${type}.modifier),
        'toastable', ${attribute}.attlen = -1 and ${attribute}.attstorage <> 'p', 'domain', ${type}.domain, 'element', ${type}.element::int8, 'isText', ${type}.text,
        'constrained', ${type}.domain or (greatest(${attribute}.atttypmod, ${type}.modifier) >= 0 and (${type}.base in ${limiting} or ${type}.element in ${limiting})))`;

const castObject = (source: string, target: string): string => `
      (select json_build_object('context', k.castcontext, 'function', ${signature("p")}, 'viaText', k.castmethod = 'i')
        from pg_cast k left join pg_proc p on p.oid = k.castfunc where k.castsource = ${source} and k.casttarget = ${target})`;

/** What every type involved is without its domains; a domain that checks nothing still is one. */
const types = `
  chain as (
    select a.atttypid as root, a.atttypid as type, -1 as modifier from specimen s join pg_attribute a on a.attrelid = s.oid and a.attnum > 0
    union select c.root, t.typbasetype, t.typtypmod from chain c join pg_type t on t.oid = c.type where t.typtype = 'd'
  ), based as (
    select c.root, t.oid as base, (select max(m.modifier) from chain m where m.root = c.root) as modifier, c.root <> t.oid as domain, t.typcategory = 'S' as text,
      case when t.typlen = -1 and t.typelem <> 0 and t.typcategory = 'A' then t.typelem else 0 end as element
    from chain c join pg_type t on t.oid = c.type where t.typtype <> 'd'
  )`;

/** One row for each specimen, ordered by its number; to be asked with only pg_catalog in the search_path. */
export const resolve = `
  with recursive specimen as (
    select c.oid, c.relname::text as name from pg_class c where c.relnamespace = pg_my_temp_schema() and c.relname like 'hotstick\\_specimen\\_%'
  ), ${types}
  select s.name, pg_get_viewdef(s.oid) as definition, r.ev_action::text as action,
    ${typeObject("v", "vt")} as value,
    case when t.attrelid is not null then ${typeObject("t", "tt")} end as target,
    ${castObject("vt.base", "tt.base")} as cast,
    case when vt.element <> 0 and tt.element <> 0 then ${castObject("vt.element", "tt.element")} end as element_cast,
    (select coalesce(json_agg(json_build_object('oid', p.oid::int8, 'signature', ${signature("p")}, 'volatility', p.provolatile)), '[]')
      from pg_proc p where p.oid in (select m[1]::oid from regexp_matches(r.ev_action::text, ':(?:funcid|opfuncid) (\\d+)', 'g') m)) as functions
  from specimen s
  join pg_rewrite r on r.ev_class = s.oid
  join pg_attribute v on v.attrelid = s.oid and v.attnum = 1
  join based vt on vt.root = v.atttypid
  left join pg_attribute t on t.attrelid = s.oid and t.attnum = 2
  left join based tt on tt.root = t.atttypid
  order by length(s.name), s.name`;
