// What the connected account may not do and a plan needs. Which privilege a statement asks for was measured by taking one after the other
// away from a whole life of a run, there and back: MariaDB asks for less than its manual says.
import { isMariadb } from "../../dialects/mysql/capabilities.ts";
import { quoteName } from "../../dialects/mysql/quoting.ts";
import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Facts, StatementFact } from "../../schema/facts.ts";
import { homeNamespace, keyOf } from "../../schema/names.ts";
import { join, sql } from "../../sql/sql.ts";
import type { StepCore } from "../../step/step.ts";
import { statementFact } from "../../syntax/mysql/fact.ts";
import { objectAt } from "../../syntax/mysql/kind.ts";
import { splitFile } from "../../syntax/mysql/split.ts";
import { nameAt, says, wordsOf } from "../../syntax/mysql/words.ts";
import { oldColumns } from "../old-shape.ts";
import { accountOf, accounts } from "./accounts.ts";
import { mayCreateTriggers, trust } from "./binary-log.ts";
import { grantOption, type Held, heldGrants, lacking, type Scope } from "./grants.ts";

/** What the journal, the archive and the sequences ask for. EXECUTE: another account may have made the routines. */
export const ofTheStore = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "CREATE ROUTINE", "EXECUTE"];
/** What keeping two shapes of a table asks for. An ALTER that adds an index asks for no more. */
export const ofAShape = ["SELECT", "UPDATE", "ALTER", "TRIGGER"];

/** What a statement asks for on the table that it is about, and on those that it reads. */
const asked: Readonly<Record<string, { readonly target: readonly string[]; readonly source: readonly string[] }>> = {
  select: { target: ["SELECT"], source: ["SELECT"] },
  insert: { target: ["INSERT"], source: ["SELECT"] },
  replace: { target: ["INSERT", "DELETE"], source: ["SELECT"] },
  update: { target: ["SELECT", "UPDATE"], source: ["SELECT"] },
  delete: { target: ["SELECT", "DELETE"], source: ["SELECT"] },
  "alter table": { target: ["ALTER"], source: ["REFERENCES"] },
  "create index": { target: ["INDEX"], source: [] },
  "drop index": { target: ["INDEX"], source: [] },
  "create trigger": { target: ["TRIGGER"], source: [] },
  "drop trigger": { target: ["TRIGGER"], source: [] },
  "drop table": { target: ["DROP"], source: ["DROP"] },
  "truncate table": { target: ["DROP"], source: [] },
  "rename table": { target: ["ALTER", "DROP"], source: ["ALTER", "DROP"] },
};

/** What a statement that makes something asks for on the whole database. */
const making: Readonly<Record<string, string>> = {
  "create view": "CREATE VIEW",
  "create procedure": "CREATE ROUTINE",
  "create function": "CREATE ROUTINE",
  "create event": "EVENT",
  "alter event": "EVENT",
  "drop event": "EVENT",
  "create sequence": "CREATE",
};

type Fact = Extract<StatementFact, { readonly ok: true }>;

const textsOf = ({ act }: StepCore): readonly string[] => {
  switch (act.kind) {
    case "statements":
      return [...act.guards, ...act.statements];
    case "batches":
      // A batch may lock its rows by a statement of its own first.
      return [act.bound, act.last, act.apply, act.check].flatMap((each) => (each ? splitFile(each, []).statements.map(({ text }) => text) : []));
    case "checks":
      return act.checks.map(({ statement }) => statement);
    case "shadow-copy":
      return [act.statement];
    case "module":
      return [];
  }
};

/** To MariaDB whoever may do anything with the rows of a table may refer to it. */
const asGood: readonly string[] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

const lacks = (held: Held, privilege: string, scope: Scope): boolean =>
  lacking(held, [privilege], scope).length > 0 &&
  !(privilege === "REFERENCES" && isMariadb(held.version) && lacking(held, asGood, scope).length < asGood.length);

/** Privileges by what they are needed on. */
class Wanted {
  private readonly scopes = new Map<string, { readonly scope: Scope; readonly privileges: Set<string> }>();

  add(scope: Scope, privileges: readonly string[]): void {
    const key = JSON.stringify([scope.schema, scope.name]);
    const entry = this.scopes.get(key) ?? { scope, privileges: new Set<string>() };
    this.scopes.set(key, entry);
    for (const each of privileges) entry.privileges.add(each);
  }

  missing(held: Held): readonly string[] {
    return [...this.scopes.values()].flatMap(({ scope, privileges }) => {
      const missing = [...privileges].filter((privilege) => lacks(held, privilege, scope));
      if (missing.length === 0) return [];
      const whole = scope.name === "";
      const place = whole ? `database ${scope.schema}` : keyOf(scope);
      const on = whole ? `${quoteName([scope.schema])}.*` : quoteName([scope.schema, scope.name]);
      return [`${missing.join(", ")} on ${place} (grant ${missing.join(", ").toLowerCase()} on ${on} to ${held.account})`];
    });
  }
}

/** GRANT of privileges on single columns, as a shape hands them on: whoever gives has to have them, and to be allowed to give. */
const handsOn = /^grant (.+) on (`(?:[^`]|``)+`)\.(`(?:[^`]|``)+`) to /i;

function wantedToGive(text: string): readonly [Scope, readonly string[]] | null {
  const [, list, schema = "", name = ""] = handsOn.exec(text) ?? [];
  if (list === undefined) return null;
  const plain = (quoted: string): string => quoted.slice(1, -1).replaceAll("``", "`");
  const privileges = list.replaceAll(/\((?:`(?:[^`]|``)+`|[^)`])*\)/g, "").split(",");
  return [{ schema: plain(schema), name: plain(name) }, [...privileges.map((each) => each.trim().toUpperCase()), grantOption]];
}

/** Hotstick's own are asked for as a whole; what the server tells of itself needs no right. */
const isForeign = ({ schema }: Scope): boolean => ![homeNamespace, "information_schema", "performance_schema"].includes(schema);

/** The database in which a CREATE makes something that is no table; null where none is written. */
function placeOf(text: string): string | null {
  const words = wordsOf(text);
  const at = objectAt(words) + 1;
  return nameAt(words, says(words, at, "if", "not", "exists") ? at + 3 : at)?.name.schema ?? null;
}

/** What one statement of a step asks for. @param born tables that the plan makes itself: no right can be granted on them yet. */
function wantedBy(step: StepCore, text: string, fact: Fact, held: Held, born: ReadonlySet<string>): readonly (readonly [Scope, readonly string[]])[] {
  const scope = ({ schema, name }: { readonly schema: string | null; readonly name: string }): Scope => {
    const place = schema ?? held.database;
    return { schema: place, name: born.has(keyOf({ schema: place, name })) ? "" : name };
  };
  const database = (schema: string | null): Scope => ({ schema: schema ?? held.database, name: "" });
  const made = making[fact.what];
  const makes = made === undefined ? [] : [[database(placeOf(text)), [made]] as const];
  if (fact.what === "create table") {
    const read = fact.tables.filter(({ mode }) => mode === "SHARED MDL").map((table) => [scope(table), ["SELECT"]] as const);
    const referred = fact.tables.filter(({ mode }) => mode !== "SHARED MDL").map((table) => [scope(table), ["REFERENCES"]] as const);
    return [...fact.creates.map(({ schema }) => [database(schema), ["CREATE"]] as const), ...read, ...referred];
  }
  const privileges = asked[fact.what];
  // Not every statement names its table: DROP TRIGGER does not.
  const tables = fact.tables.length > 0 ? fact.tables : step.locks.map(({ table }) => table);
  const changed = privileges === undefined ? [] : tables.map((table, at) => [scope(table), at === 0 ? privileges.target : privileges.source] as const);
  const reads = fact.what === "create view" ? fact.tables.map((table) => [scope(table), ["SELECT"]] as const) : [];
  return [...makes, ...changed, ...reads];
}

/**
 * Views, triggers and routines that this account knows of without their texts: whether one of them names a column that leaves cannot be told. Those
 * that are hidden altogether nobody can count here; `doctor` says which rights show them.
 */
async function unreadable(session: Session, held: Held): Promise<readonly string[]> {
  const rows = await session.query<{ kind: string; name: string }>(sql`
    select 'view' as kind, table_name as name from information_schema.views where table_schema = database() and coalesce(view_definition, '') = ''
    union all select 'trigger', trigger_name from information_schema.triggers where trigger_schema = database() and action_statement is null
    union all select 'routine', routine_name from information_schema.routines where routine_schema = database() and routine_definition is null
    order by 1, 2`);
  const grant: Readonly<Record<string, string>> = {
    view: `grant show view on ${quoteName([held.database])}.* to ${held.account}`,
    trigger: `grant trigger on ${quoteName([held.database])}.* to ${held.account}`,
    routine: `grant ${isMariadb(held.version) ? "select on mysql.proc" : "show_routine on *.*"} to ${held.account}`,
  };
  return rows.map(({ kind, name }) => `the text of ${kind} ${held.database}.${name}, which may name a column that leaves (${grant[kind]})`);
}

/** Triggers of the plan's tables that run as an account which is gone: batches write these tables. Unknown where accounts may not be read. */
async function orphans(session: Session, held: Held, { steps }: Plan): Promise<readonly string[]> {
  const written = steps.flatMap(({ act }) => (act.kind === "batches" && act.apply !== null ? [act.table] : []));
  const here = written.filter(({ schema }) => schema === held.database);
  const known = here.length === 0 ? null : await accounts(session);
  if (known === null) return [];
  const rows = await session.query<{ name: string; table: string; definer: string }>(sql`
    select trigger_name as name, event_object_table as \`table\`, definer as definer from information_schema.triggers
    where event_object_schema = ${held.database} and event_object_table in (${join(here.map(({ name }) => sql`${name}`))}) and definer is not null order by 2, 1`);
  return rows
    .filter(({ definer }) => !known.has(definer))
    .map(
      ({ name, table, definer }) =>
        `to write ${held.database}.${table}, error 1449: its trigger ${name} runs as ${accountOf(definer)}, an account that does not exist (make it anew: create or replace definer = current_user trigger ${quoteName([name])} …; or drop it)`,
    );
}

/**
 * One line for each place where something is missing; empty: nothing is. What a procedure that a migration calls asks for, and what its own
 * functions in TypeScript do, shows only when they run.
 */
export async function missingRights(session: Session, plan: Plan, facts: Facts): Promise<readonly string[]> {
  const held = await heldGrants(session);
  const statements = plan.steps
    .flatMap((each): readonly StepCore[] => [each, ...each.undo])
    .flatMap((step) =>
      textsOf(step).flatMap((text) => {
        const fact = facts.statement[text] ?? statementFact(text, { version: held.version });
        return fact.ok ? [{ step, text, fact }] : [];
      }),
    );
  const born = new Set(statements.flatMap(({ fact }) => fact.creates.map(({ schema, name }) => keyOf({ schema: schema ?? held.database, name }))));
  const wanted = new Wanted();
  wanted.add({ schema: homeNamespace, name: "" }, ofTheStore);
  for (const { step, text, fact } of statements)
    for (const [scope, privileges] of wantedBy(step, text, fact, held, born)) if (isForeign(scope)) wanted.add(scope, privileges);
  for (const text of plan.steps.flatMap((each) => [each, ...each.undo]).flatMap(textsOf)) {
    const given = wantedToGive(text);
    if (given !== null) wanted.add(...given);
  }
  const triggers = statements.some(({ fact }) => fact.what === "create trigger" || fact.what === "create function");
  const unlogged = triggers && !(await mayCreateTriggers(session, held));
  const unread = oldColumns(plan, held.database).length > 0 ? await unreadable(session, held) : [];
  return [
    ...wanted.missing(held),
    ...(await orphans(session, held, plan)),
    ...unread,
    ...(unlogged ? [`the right to create triggers while the server writes a binary log, error 1419 (${trust})`] : []),
  ];
}
