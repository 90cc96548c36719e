// Walks the operations of some migrations in order, each against the schema that the ones before it leave.
import type { Dialect } from "../dialects/dialect.ts";
import type { Finding } from "../finding.ts";
import type { World } from "../operations/definition.ts";
import { definitionOf, readOperations } from "../operations/index.ts";
import type { Operation } from "../operations/operation.ts";
import { type Facts, isAnswered, type Question } from "../schema/facts.ts";
import type { Schema } from "../schema/model.ts";
import type { PhasedChange } from "../step/change.ts";
import { Made } from "./made.ts";
import type { Migration } from "./plan.ts";
import { reservedText } from "./reserved-text.ts";
import { type IsMade, TablesMade } from "./tables-made.ts";

export interface PlanInput {
  readonly migrations: readonly Migration[];
  readonly schema: Schema;
  readonly namespace: string;
  readonly facts: Facts;
  readonly dialect: Dialect;
}

/** One change, with who asked for it and the schema as it is before its operation. */
export interface Asked extends PhasedChange {
  readonly migration: string;
  readonly operation: Operation;
  readonly before: Schema;
  /** Tables that earlier operations' own statements make; `before` has none of them. */
  readonly made: IsMade;
  /** Those statements, in order. */
  readonly earlier: readonly string[];
}

export interface Interpreted {
  readonly changes: readonly Asked[];
  readonly findings: readonly Finding[];
  /** What must be answered before the rest can be said. */
  readonly questions: readonly Question[];
  /** When all operations are complete. */
  readonly after: Schema;
}

const accepts = (finding: Finding, migration: Migration): boolean => finding.acceptable === true && migration.accept.includes(finding.rule);

/** Accepted refusals stay visible, as warnings. */
const weigh = (finding: Finding, migration: Migration): Finding =>
  finding.severity === "refuse" && accepts(finding, migration) ? { ...finding, severity: "warn" } : finding;

export function interpret(input: PlanInput): Interpreted {
  const changes: Asked[] = [];
  const findings: Finding[] = [];
  const questions: Question[] = [];
  const can = input.dialect.capabilities(input.schema.version);
  const made = new Made(can);
  const tables = new TablesMade();
  const statements = (text: string) => input.facts.statement[text];
  let schema = input.schema;
  for (const migration of input.migrations) {
    for (const operation of readOperations(migration.operations, migration.name)) {
      const definition = definitionOf(operation);
      const { nameBytes, indexNames, keepsPrepared } = can;
      const world: World = { schema, namespace: input.namespace, facts: input.facts, nameBytes, indexNames, keepsPrepared };
      const open = definition.questions(operation, world).filter((question) => !isAnswered(question, input.facts));
      questions.push(...open);
      if (open.length === 0) {
        const said = [
          ...definition.check(operation, world),
          ...made.follow(operation, input.namespace, statements),
          ...reservedText(operation, schema, input.namespace),
        ].map((finding) => weigh(finding, migration));
        findings.push(...said);
        if (!said.some((finding) => finding.severity === "refuse")) {
          for (const phased of definition.changes(operation, world)) {
            changes.push({ ...phased, migration: migration.name, operation, before: schema, made: tables.soFar, earlier: tables.statementsSoFar });
          }
        }
      }
      tables.follow(operation, input.namespace, statements);
      schema = definition.effect(operation, world);
    }
  }
  return { changes, findings, questions, after: schema };
}
