// Dependants that nobody can carry over: the change is refused before the first step.
import type { Finding } from "../../../finding.ts";
import type { Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { originals } from "../../shape/columns.ts";
import { type Dependants, dependantsOf } from "../dependants.ts";
import type { Rewriting } from "../rewriting.ts";

const refuse = (rule: string, kind: string, name: string, message: string, fix: string): Finding => ({
  rule,
  severity: "refuse",
  subject: { kind, name },
  message,
  fix,
});

/** Partitions of every level. */
const partitionsBelow = (schema: Schema, table: Table): readonly Table[] =>
  Object.values(schema.tables)
    .filter((other) => other.partitionOf && keyOf(other.partitionOf.parent) === keyOf(table.name))
    .flatMap((partition) => [partition, ...partitionsBelow(schema, partition)]);

/** Objects that name a column which leaves, and that only their author can rewrite. */
export function checkDependants(schema: Schema, table: Table, shape: Shape): readonly Finding[] {
  const leaving = originals(shape, table).map(({ old }) => old.name);
  if (leaving.length === 0) return [];
  const name = keyOf(table.name);
  const list = leaving.join(", ");
  const found: Dependants = dependantsOf(schema, table, leaving);
  const findings: Finding[] = [];
  for (const view of found.views)
    findings.push(
      refuse(
        "dependent-view",
        "view",
        keyOf(view.name),
        `View ${keyOf(view.name)} reads ${list} of ${name}, so the column cannot be dropped in the end.`,
        `Drop the view in an earlier migration, and create it anew over the new columns in a later one.`,
      ),
    );
  for (const policy of found.policies)
    findings.push(
      refuse(
        "dependent-policy",
        "policy",
        policy.name,
        `Row security policy ${policy.name} of ${name} reads ${list}.`,
        "Replace the policy by one that does not read the column, in an earlier migration.",
      ),
    );
  for (const publication of found.publications)
    findings.push(
      refuse(
        "dependent-publication",
        "publication",
        publication.name,
        `Publication ${publication.name} names ${list} of ${name} in a column list or row filter.`,
        "Take the column out of the publication first; subscribers need the new column before it is published.",
      ),
    );
  for (const routine of found.routines)
    findings.push(
      refuse(
        "dependent-routine",
        "routine",
        keyOf(routine.name),
        `${keyOf(routine.name)} has a BEGIN ATOMIC body that reads ${list} of ${name}.`,
        "Replace the routine by one that does not read the column, in an earlier migration.",
      ),
    );
  for (const generated of found.generated.filter((column) => !leaving.includes(column)))
    findings.push(
      refuse(
        "dependent-generated-column",
        "column",
        `${name}.${generated}`,
        `Generated column ${generated} is computed from ${list}.`,
        `Drop ${generated} first, and add it anew over the new columns later.`,
      ),
    );
  for (const trigger of found.triggers)
    findings.push(
      refuse(
        "dependent-trigger",
        "trigger",
        trigger.name,
        `Trigger ${trigger.name} of ${name} names ${list} in UPDATE OF or WHEN.`,
        "Replace the trigger by one without the column in an earlier migration; test the values in its function.",
      ),
    );
  for (const child of [...found.children, ...partitionsBelow(schema, table)]) {
    const own = dependantsOf(schema, child, leaving);
    // What belongs to the parent's comes along with it; what a partition has by itself would be gone with the column.
    const indexes = own.indexes.filter((index) => index.parent === null);
    if (indexes.length + own.constraints.filter((constraint) => !constraint.inherited).length + own.views.length + own.policies.length > 0)
      findings.push(
        refuse(
          "dependent-child",
          "table",
          keyOf(child.name),
          `${keyOf(child.name)} inherits ${list} and has indexes, constraints, views or policies of its own on it.`,
          "Drop those first, and make them anew on the new column later.",
        ),
      );
  }
  if (table.partitionKey?.columns.some((column) => leaving.includes(column)))
    findings.push(
      refuse(
        "partition-key",
        "table",
        name,
        `${list} is in the partition key of ${name}; its rows would have to move.`,
        "Create a new partitioned table and move the rows; a partition key cannot be changed in place.",
      ),
    );
  for (const thing of schema.unmodelled.filter((other) => other.tables.some((on) => keyOf(on) === name)))
    findings.push(
      refuse(
        "unmodelled-dependant",
        thing.kind,
        thing.name,
        `${thing.kind} ${thing.name} hangs on ${name} and is not understood, so it might be lost.`,
        "Drop it first, or change the table with statements of your own.",
      ),
    );
  return findings;
}

/** Names of triggers' functions that read a synced column or the whole row: they may see or miss values that our trigger makes. */
export function checkTriggers(schema: Schema, table: Table, shape: Shape, rewriting: Rewriting): readonly Finding[] {
  const leaving = originals(shape, table).map(({ old }) => old.name);
  const findings: Finding[] = [];
  const routines = new Map(Object.values(schema.routines).map((routine) => [keyOf(routine.name), routine]));
  for (const trigger of table.triggers.filter((each) => each.enabled !== "disabled")) {
    const routine = routines.get(keyOf(trigger.function));
    if (!routine) continue;
    const { mentions: named, wholeRow } = rewriting.mentions(routine.definition, table.name, leaving);
    if (named.length > 0)
      findings.push({
        rule: "trigger-names-column",
        severity: "warn",
        subject: { kind: "trigger", name: trigger.name },
        message: `The function of trigger ${trigger.name} of ${keyOf(table.name)} names ${named.join(", ")}: it runs before our sync, so values that come from the new columns do not pass through it, and from retire on the column is gone for it.`,
        fix: "Make the function work with both shapes before switch, and without the old column before retire.",
      });
    if (wholeRow)
      findings.push({
        rule: "whole-row-trigger",
        severity: "warn",
        subject: { kind: "trigger", name: trigger.name },
        message: `The function of trigger ${trigger.name} of ${keyOf(table.name)} uses the whole row; with more columns in the row, an insert into a history table of the old shape fails.`,
        fix: "Name the columns in the function first.",
      });
  }
  return findings;
}

/** Who else meets the new columns: subscribers that lack them stop, and upserts meet two unique indexes for a while. */
export function checkSurroundings(schema: Schema, table: Table, added: readonly string[], unique: readonly string[]): readonly Finding[] {
  const name = keyOf(table.name);
  const publishes = Object.values(schema.publications).filter(
    (publication) =>
      publication.allTables ||
      publication.schemas.includes(table.name.schema) ||
      publication.tables.some((member) => keyOf(member.table) === name && member.columns === null),
  );
  const findings: Finding[] = [];
  if (added.length > 0 && publishes.length > 0)
    findings.push({
      rule: "published-columns",
      severity: "warn",
      subject: { kind: "table", name },
      message: `${name} is published by ${publishes.map((publication) => publication.name).join(", ")}: logical replication to a subscriber whose table lacks ${added.join(", ")} stops with the first row written after expand.`,
      fix: "Add the columns on the subscribers first, or give the publication a column list.",
    });
  if (unique.length > 0)
    findings.push({
      rule: "unique-and-upserts",
      severity: "warn",
      subject: { kind: "table", name },
      message: `While retire builds the new ${unique.join(", ")} of ${name}, INSERT … ON CONFLICT may fail with a duplicate key on the other unique index (a limit of PostgreSQL).`,
      fix: "Retry on SQLSTATE 23505, or pause upserts while retire runs.",
    });
  return findings;
}
