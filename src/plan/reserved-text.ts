// Text of a user's that reads like a hole of a template: filled, it would say something else.
import type { Finding } from "../finding.ts";
import type { Operation } from "../operations/operation.ts";
import { findTable } from "../schema/edit.ts";
import type { Schema } from "../schema/model.ts";
import { keyOf, parseName } from "../schema/names.ts";
import { holeNames } from "../step/step.ts";

const hole = new RegExp(`\\{\\{(${holeNames.join("|")})\\}\\}`);

/** Statements of a user's own are sent as they are; everything else becomes part of a template. */
const isVerbatim = (operation: Operation): boolean => operation.kind === "sql" || operation.kind === "run";

/** @param schema as it is before the operation. @returns at most one refusal. */
export function reservedText(operation: Operation, schema: Schema, namespace: string): readonly Finding[] {
  if (isVerbatim(operation) || !("table" in operation)) return [];
  const name = parseName(operation.table, namespace);
  const [found] = hole.exec(JSON.stringify(operation)) ?? hole.exec(JSON.stringify(findTable(schema, name) ?? null)) ?? [];
  if (found === undefined) return [];
  return [
    {
      rule: "reserved-text",
      severity: "refuse",
      subject: { kind: "table", name: keyOf(name) },
      message: `${found} occurs in what ${operation.kind} of ${keyOf(name)} names or carries over; in a plan it stands for a value of the run.`,
      fix: `In an expression write replace('{_${found.slice(2)}', '_', '{'). Where it is part of a name or a type, do it with the operation sql, which is sent as it is.`,
    },
  ];
}
