// What the connected role may not do and a plan needs.
import type { Session } from "../../drivers/driver.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Facts } from "../../schema/facts.ts";
import { keyOf } from "../../schema/names.ts";
import { sql } from "../../sql/sql.ts";
import type { StepCore } from "../../step/step.ts";

const buildsIndex = ({ act }: StepCore): boolean =>
  act.kind === "statements" && act.statements.some((statement) => /^\s*create\s+(unique\s+)?index\b/i.test(statement));

/** Existing tables were asked about while the plan was made. */
function aboutTables({ rights }: Facts, plan: Plan): readonly string[] {
  const builds = plan.steps.some((step) => [step, ...step.undo].some(buildsIndex));
  return Object.entries(rights).flatMap(([key, { owner, seesAllRows, create }]) => {
    const [schema = "", name = ""] = JSON.parse(key) as readonly string[];
    const table = keyOf({ schema, name });
    return [
      ...(owner ? [] : [`${table} belongs to another role; only its owner may alter it (grant that role, or: alter table ${table} owner to …)`]),
      ...(seesAllRows
        ? []
        : [`row security hides rows of ${table}, so they would not be filled (alter role … bypassrls, or: alter table ${table} no force row level security)`]),
      ...(create || !builds ? [] : [`nothing may be created in schema ${schema} (grant create on schema ${schema} to …)`]),
    ];
  });
}

/** Schemas in which the plan makes tables. */
function homes(plan: Plan, known: Facts["rights"]): readonly string[] {
  const asked = new Set(Object.keys(known).map((key) => (JSON.parse(key) as readonly string[])[0]));
  return [...new Set(plan.tables.map(({ schema }) => schema))].filter((schema) => !asked.has(schema));
}

export async function missingRights(session: Session, plan: Plan, facts: Facts): Promise<readonly string[]> {
  const missing = [...aboutTables(facts, plan)];
  const schemas = homes(plan, facts.rights);
  if (schemas.length > 0 && plan.migrations.some(({ operations }) => operations.some(({ kind }) => kind === "create-table"))) {
    const rows = await session.query<{ name: string }>(
      sql`select nspname as name from pg_catalog.pg_namespace where nspname = any (${schemas}::text[]) and not pg_catalog.has_schema_privilege(oid, 'CREATE')`,
    );
    missing.push(...rows.map(({ name }) => `nothing may be created in schema ${name} (grant create on schema ${name} to …)`));
  }
  return [...new Set(missing)];
}
