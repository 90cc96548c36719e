// Which tables a run touched, those of its SQL included: a plan in plain form claims only what its operations name.
import type { Plan } from "../plan/plan.ts";
import { keyOf } from "../schema/names.ts";
import type { Planning } from "./engine.ts";

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((text) => typeof text === "string") : []);

/** Every statement that the plan's migrations wrote themselves. */
const written = ({ migrations }: Plan): readonly string[] =>
  migrations.flatMap(({ operations }) =>
    operations.flatMap((operation) => (operation.kind === "sql" ? [...texts(operation["statements"]), ...texts(operation["undo"])] : [])),
  );

export const writesSql = (plan: Plan): boolean => written(plan).length > 0;

/** Keys of all tables that it names. @param namespace that an unqualified name means. */
export function touchedBy(plan: Plan, { statement }: Pick<Planning, "statement">, namespace: string): ReadonlySet<string> {
  const named = written(plan).flatMap((text) => {
    const fact = statement(text);
    return fact.ok ? [...fact.tables, ...fact.creates] : [];
  });
  return new Set([...plan.tables.map(keyOf), ...named.map(({ schema, name }) => keyOf({ schema: schema ?? namespace, name }))]);
}
