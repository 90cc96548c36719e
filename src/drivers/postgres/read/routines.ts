// Functions, procedures, aggregates and window functions.
import type { Routine } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Draft, Open } from "./draft.ts";
import type { Printed } from "./family.ts";
import { family, noMember, ofPeople, privileges, withComment } from "./family.ts";
import type { PrivilegeColumns } from "./grants.ts";
import { grantsOf } from "./grants.ts";

interface RoutineRow extends PrivilegeColumns {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "f" | "p" | "a" | "w";
  readonly arguments: string;
  readonly definition: Printed;
  readonly body: string | null;
  readonly language: string;
  readonly volatility: "i" | "s" | "v";
  readonly returns: string;
  readonly description: string | null;
}

/** A part of an aggregate that is a function; regproc qualifies what the search_path does not show. */
const functionPart = (label: string, column: string): string => `'${label} = ' || nullif(a.${column}::regproc::text, '-')`;
const modify = (label: string, column: string): string => `case a.${column} when 's' then '${label} = SHAREABLE' when 'w' then '${label} = READ_WRITE' end`;

/** pg_get_functiondef refuses aggregates, so their parts are written out as CREATE AGGREGATE takes them. */
const aggregateText = `
  (select format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname, coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*')) || concat_ws(', ',
      ${functionPart("SFUNC", "aggtransfn")}, 'STYPE = ' || format_type(a.aggtranstype, null), 'SSPACE = ' || nullif(a.aggtransspace, 0),
      ${functionPart("FINALFUNC", "aggfinalfn")}, case when a.aggfinalextra then 'FINALFUNC_EXTRA' end, ${modify("FINALFUNC_MODIFY", "aggfinalmodify")},
      ${functionPart("COMBINEFUNC", "aggcombinefn")}, ${functionPart("SERIALFUNC", "aggserialfn")}, ${functionPart("DESERIALFUNC", "aggdeserialfn")},
      'INITCOND = ' || quote_literal(a.agginitval), ${functionPart("MSFUNC", "aggmtransfn")}, ${functionPart("MINVFUNC", "aggminvtransfn")},
      'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), null), 'MSSPACE = ' || nullif(a.aggmtransspace, 0), ${functionPart("MFINALFUNC", "aggmfinalfn")},
      case when a.aggmfinalextra then 'MFINALFUNC_EXTRA' end, case when a.aggmfinalfn <> 0 then ${modify("MFINALFUNC_MODIFY", "aggmfinalmodify")} end,
      'MINITCOND = ' || quote_literal(a.aggminitval), 'SORTOP = ' || nullif(a.aggsortop, 0)::regoperator::text,
      case p.proparallel when 's' then 'PARALLEL = SAFE' when 'r' then 'PARALLEL = RESTRICTED' end, case a.aggkind when 'h' then 'HYPOTHETICAL' end) || ')'
    from pg_aggregate a where a.aggfnoid = p.oid)`;

const query = (): string => `
  select p.oid, n.nspname as schema, p.proname as name, p.prokind as kind, oidvectortypes(p.proargtypes) as arguments,
    case when p.prokind = 'a' then ${aggregateText} else pg_get_functiondef(p.oid) end as definition,
    case when p.prosqlbody is not null then pg_get_function_sqlbody(p.oid) when l.lanname not in ('internal', 'c') and p.prokind <> 'a' then p.prosrc end as body,
    l.lanname as language, p.provolatile as volatility, coalesce(pg_get_function_result(p.oid), '') as returns, d.description, ${privileges("p.proacl", "f", "p.proowner")}
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  ${withComment("pg_proc", "p.oid")}
  where ${ofPeople} and ${noMember("pg_proc", "p.oid")} and not exists (
    select from pg_depend i where i.classid = 'pg_proc'::regclass and i.objid = p.oid and i.deptype = 'i')
  order by 2, 3, 5`;

const kinds = { f: "function", p: "procedure", a: "aggregate", w: "window" } as const;
const volatilities = { i: "immutable", s: "stable", v: "volatile" } as const;

function collect(draft: Draft, row: RoutineRow): void {
  if (row.definition === null) return;
  const routine: Open<Routine> = {
    name: { schema: row.schema, name: row.name },
    kind: kinds[row.kind],
    arguments: row.arguments,
    definition: row.definition,
    body: row.body,
    language: draft.shared(row.language),
    volatility: volatilities[row.volatility],
    returns: row.returns,
    uses: [],
    owner: draft.shared(row.owner),
    grants: [...grantsOf(row)],
    comment: row.description,
  };
  draft.routines[`${keyOf(routine.name)}(${routine.arguments})`] = routine;
  draft.routinesById.set(row.oid, routine);
}

/** The constructors that a range type brings along depend on it internally and are not read. */
export const routines = family(query, collect);
