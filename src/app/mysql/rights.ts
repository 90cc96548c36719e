// What the connected account may not do and a plan needs. Which privilege a statement asks for was measured by taking one after the other
// away from a whole life of a run, there and back: MariaDB asks for less than its manual says.
import { isMariadb } from "../../dialects/mysql/capabilities.ts";
import { quoteName } from "../../dialects/mysql/quoting.ts";
import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Facts, StatementFact } from "../../schema/facts.ts";
import type { ObjectName } from "../../schema/model.ts";
import { homeNamespace, keyOf } from "../../schema/names.ts";
import type { StepCore } from "../../step/step.ts";
import { statementFact } from "../../syntax/mysql/fact.ts";
import { mayCreateTriggers, trust } from "./binary-log.ts";
import { type Held, heldGrants, lacking, type Scope } from "./grants.ts";

/** What the journal, the archive and the sequences ask for. EXECUTE: another account may have made the routines. */
export const ofTheStore = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "CREATE ROUTINE", "EXECUTE"];
/** What keeping two shapes of a table asks for. An ALTER that adds an index asks for no more. */
export const ofAShape = ["SELECT", "UPDATE", "ALTER", "TRIGGER"];

/** What a statement asks for on the table that it is about, and on those that it reads. */
const asked: Readonly<Record<string, { readonly target: readonly string[]; readonly source: readonly string[] }>> = {
  select: { target: ["SELECT"], source: ["SELECT"] },
  insert: { target: ["INSERT"], source: ["SELECT"] },
  replace: { target: ["INSERT", "DELETE"], source: ["SELECT"] },
  update: { target: ["SELECT", "UPDATE"], source: ["SELECT"] },
  delete: { target: ["SELECT", "DELETE"], source: ["SELECT"] },
  "alter table": { target: ["ALTER"], source: [] },
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
      return [act.bound, act.last, act.apply, act.check].flatMap((each) => each ?? []);
    case "checks":
      return act.checks.map(({ statement }) => statement);
    case "module":
      return [];
  }
};

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
      const lacks = lacking(held, [...privileges], scope);
      if (lacks.length === 0) return [];
      const whole = scope.name === "";
      const place = whole ? `database ${scope.schema}` : keyOf(scope);
      const on = whole ? `${quoteName([scope.schema])}.*` : quoteName([scope.schema, scope.name]);
      return [`${lacks.join(", ")} on ${place} (grant ${lacks.join(", ").toLowerCase()} on ${on} to ${held.account})`];
    });
  }
}

/** Hotstick's own are asked for as a whole; what the server tells of itself needs no right. */
const isForeign = ({ schema }: ObjectName): boolean => ![homeNamespace, "information_schema", "performance_schema"].includes(schema);

function wantedBy(step: StepCore, fact: Fact, held: Held, wanted: Wanted): void {
  const named = (name: { readonly schema: string | null; readonly name: string }): ObjectName => ({ schema: name.schema ?? held.database, name: name.name });
  for (const table of fact.creates.map(named)) if (isForeign(table)) wanted.add({ schema: table.schema, name: "" }, ["CREATE"]);
  const inDatabase = making[fact.what];
  if (inDatabase !== undefined) wanted.add({ schema: step.locks[0]?.table.schema ?? held.database, name: "" }, [inDatabase]);
  if (fact.what === "create table") {
    // MariaDB asks for nothing on the table that a foreign key refers to.
    const reads = fact.tables.filter(({ mode }) => mode === "SHARED MDL").map(named);
    for (const table of reads.filter(isForeign)) wanted.add(table, ["SELECT"]);
    if (isMariadb(held.version)) return;
    for (const table of fact.tables.filter(({ mode }) => mode !== "SHARED MDL").map(named)) wanted.add(table, ["REFERENCES"]);
    return;
  }
  const privileges = asked[fact.what];
  if (privileges === undefined) return;
  // Not every statement names its table: DROP TRIGGER does not.
  const tables = fact.tables.length > 0 ? fact.tables.map(named) : step.locks.map(({ table }) => table);
  tables.forEach((table, at) => {
    if (isForeign(table)) wanted.add(table, at === 0 ? privileges.target : privileges.source);
  });
}

/**
 * One line for each place where something is missing; empty: nothing is. What a procedure that a migration calls asks for, and what its own
 * functions in TypeScript do, shows only when they run.
 */
export async function missingRights(session: Session, plan: Plan, facts: Facts): Promise<readonly string[]> {
  const held = await heldGrants(session);
  const wanted = new Wanted();
  wanted.add({ schema: homeNamespace, name: "" }, ofTheStore);
  let triggers = false;
  for (const step of plan.steps.flatMap((each): readonly StepCore[] => [each, ...each.undo]))
    for (const text of textsOf(step)) {
      const fact = facts.statement[text] ?? statementFact(text);
      if (!fact.ok) continue;
      triggers ||= fact.what === "create trigger" || fact.what === "create function";
      wantedBy(step, fact, held, wanted);
    }
  const unlogged = triggers && !(await mayCreateTriggers(session, held));
  return [...wanted.missing(held), ...(unlogged ? [`the right to create triggers while the server writes a binary log, error 1419 (${trust})`] : [])];
}
