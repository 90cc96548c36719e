// Dependants that nobody can carry over: the change is refused before the first step.
import type { Finding } from "../../../finding.ts";
import type { Schema, Table } from "../../../schema/model.ts";
import { keyOf } from "../../../schema/names.ts";
import type { Shape } from "../../../step/shape.ts";
import { codeTokens } from "../../../syntax/mysql/lexer.ts";
import { keyColumns, originals } from "../../shape/columns.ts";
import { isJson } from "../writing.ts";

export const refuse = (rule: string, kind: string, name: string, message: string, fix: string): Finding => ({
  rule,
  severity: "refuse",
  subject: { kind, name },
  message,
  fix,
});

const first = "Drop it in an earlier migration, and make it anew over the new columns in a later one.";

/** Whether a text of SQL names any of these. Names are the same in any letter case; what is only a word of another table's is named too. */
export function names(text: string, wanted: readonly string[]): boolean {
  const known = new Set(wanted.map((name) => name.toLowerCase()));
  return codeTokens(text).some(({ start, end }) => {
    const word = text.slice(start, end);
    return known.has((word.startsWith("`") ? word.slice(1, -1).replaceAll("``", "`") : word).toLowerCase());
  });
}

/** What the columns themselves do not allow. */
export function checkColumns(table: Table, shape: Shape): readonly Finding[] {
  const name = keyOf(table.name);
  const olds = originals(shape, table);
  const leaving = olds.map(({ old }) => old.name);
  const findings: Finding[] = [];
  const filled = shape.links.some((link) => link.kind !== "leave");
  if (filled && keyColumns(table, leaving).length === 0)
    findings.push(
      refuse(
        "unmodelled-dependant",
        "table",
        name,
        `${name} has no unique key over columns that are NOT NULL and stay: its rows cannot be walked in short transactions.`,
        "Add a primary key first.",
      ),
    );
  if (table.options["engine"] !== undefined && table.options["engine"].toLowerCase() !== "innodb")
    findings.push(
      refuse(
        "unmodelled-dependant",
        "table",
        name,
        `${name} is stored by ${table.options["engine"]}, which has no transactions.`,
        "Convert it to InnoDB first: alter table … engine = InnoDB.",
      ),
    );
  const text = table.indexes.find((index) => index.method === "fulltext");
  if (text)
    findings.push(
      refuse(
        "blocks-while-working",
        "index",
        `${name}.${text.name}`,
        `${name} has the FULLTEXT index ${text.name}: the server makes such a table anew for every column that is added or dropped, and lets nobody write meanwhile.`,
        "Drop the index in an earlier migration, and make it anew in a later one.",
      ),
    );
  const stored = table.columns.find((column) => column.generated?.kind === "stored");
  const required = shape.links.some((link) => (link.kind === "supply" ? link.notNull : false));
  if (stored && required)
    findings.push(
      refuse(
        "blocks-while-working",
        "column",
        `${name}.${stored.name}`,
        `${name} has the stored generated column ${stored.name}: the server copies such a table for NOT NULL, and lets nobody write meanwhile.`,
        "Leave the column as it is and have your code give values; or change the table when nobody writes, by a migration of your own.",
      ),
    );
  if (table.options["system versioning"] === "yes")
    findings.push(
      refuse(
        "unmodelled-dependant",
        "table",
        name,
        `${name} is system-versioned: its columns cannot be changed while its history is kept.`,
        "Drop the system versioning first, or change the table by a migration of your own.",
      ),
    );
  for (const { column } of olds)
    if (
      column.attributes["on update"] !== undefined &&
      shape.links.some((link) => link.kind === "transform" && link.old.some((old) => old.name === column.name))
    )
      findings.push(
        refuse(
          "generated-column",
          "column",
          `${name}.${column.name}`,
          `${column.name} has ON UPDATE CURRENT_TIMESTAMP: whether the server sets it is decided after the triggers, so nothing can be computed from it.`,
          "Rename it, or take the clause away first and set the column in your code.",
        ),
      );
  for (const { column } of olds)
    if (column.identity)
      findings.push(
        refuse(
          "generated-column",
          "column",
          `${name}.${column.name}`,
          `${column.name} is AUTO_INCREMENT: the server gives its value after the triggers, so they cannot keep a second column in step.`,
          "Widen it in place, or fill a new key by a migration of your own.",
        ),
      );
  for (const constraint of table.constraints) {
    const mentioned = constraint.columns.filter((column) => leaving.includes(column));
    if (mentioned.length === 0) continue;
    if (constraint.kind === "foreign-key")
      findings.push(
        refuse(
          "dependant-cannot-follow",
          "constraint",
          `${name}.${constraint.name}`,
          `Foreign key ${constraint.name} of ${name} is on ${mentioned.join(", ")}; its actions change rows without firing a trigger.`,
          first,
        ),
      );
    if (constraint.kind === "check" && !(constraint.form === "column" && isJson(table, constraint.name)))
      findings.push(
        refuse(
          "dependant-cannot-follow",
          "constraint",
          `${name}.${constraint.name}`,
          `CHECK ${constraint.name} of ${name} names ${mentioned.join(", ")}.`,
          first,
        ),
      );
  }
  for (const column of table.columns)
    if (column.generated && names(column.generated.expression, leaving))
      findings.push(
        refuse(
          "dependent-generated-column",
          "column",
          `${name}.${column.name}`,
          `Generated column ${column.name} is computed from ${leaving.join(", ")}.`,
          `Drop ${column.name} first, and add it anew over the new columns later.`,
        ),
      );
  if (table.partitionKey?.columns.some((column) => leaving.includes(column)))
    findings.push(
      refuse(
        "partition-key",
        "table",
        name,
        `${leaving.join(", ")} is in the partition key of ${name}; its rows would have to move.`,
        "Create a new partitioned table and move the rows into it.",
      ),
    );
  return findings;
}

/** Objects beside the table that name it, or columns of it: the server renames in none of them. */
export function checkSurroundings(schema: Schema, table: Table, leaving: readonly string[]): readonly Finding[] {
  if (leaving.length === 0) return [];
  const name = keyOf(table.name);
  const list = leaving.join(", ");
  const findings: Finding[] = [];
  for (const other of Object.values(schema.tables))
    for (const constraint of other.constraints)
      if (constraint.references && keyOf(constraint.references.table) === name && constraint.references.columns.some((column) => leaving.includes(column)))
        findings.push(
          refuse(
            "dependant-cannot-follow",
            "constraint",
            `${keyOf(other.name)}.${constraint.name}`,
            `Foreign key ${constraint.name} of ${keyOf(other.name)} refers to ${list} of ${name}.`,
            first,
          ),
        );
  for (const view of Object.values(schema.views))
    if (
      view.uses.some((use) => keyOf(use.name) === name && (use.columns.length === 0 || use.columns.some((column) => leaving.includes(column)))) ||
      (names(view.definition, [table.name.name]) && names(view.definition, leaving))
    )
      findings.push(
        refuse(
          "dependent-view",
          "view",
          keyOf(view.name),
          `View ${keyOf(view.name)} reads ${list} of ${name}, and would fail when the column is gone.`,
          "Drop the view in an earlier migration, and create it anew over the new columns in a later one.",
        ),
      );
  for (const trigger of table.triggers)
    if (names(trigger.definition, leaving))
      findings.push(
        refuse(
          "dependent-trigger",
          "trigger",
          trigger.name,
          `Trigger ${trigger.name} of ${name} names ${list}; the server would let the column go, and fail writers later.`,
          "Replace the trigger by one without the column in an earlier migration.",
        ),
      );
  for (const other of Object.values(schema.tables))
    if (keyOf(other.name) !== name)
      for (const trigger of other.triggers)
        if (names(trigger.definition, [table.name.name]) && names(trigger.definition, leaving))
          findings.push(
            refuse(
              "dependent-trigger",
              "trigger",
              trigger.name,
              `Trigger ${trigger.name} of ${keyOf(other.name)} names ${list} of ${name}.`,
              "Replace the trigger by one without the column in an earlier migration.",
            ),
          );
  for (const routine of Object.values(schema.routines))
    if (routine.body !== null && names(routine.body, [table.name.name]) && names(routine.body, leaving))
      findings.push(
        refuse(
          "dependent-routine",
          "routine",
          keyOf(routine.name),
          `${keyOf(routine.name)} names ${list} of ${name}.`,
          "Replace the routine by one that does not name the column, in an earlier migration.",
        ),
      );
  for (const event of Object.values(schema.events ?? {}))
    if (names(event.body, [table.name.name]) && names(event.body, leaving))
      findings.push(
        refuse(
          "dependent-routine",
          "event",
          keyOf(event.name),
          `Event ${keyOf(event.name)} names ${list} of ${name}.`,
          "Replace the event by one that does not name the column, in an earlier migration.",
        ),
      );
  for (const thing of schema.unmodelled.filter((other) => other.tables.some((on) => keyOf(on) === name)))
    findings.push(
      refuse(
        "unmodelled-dependant",
        thing.kind,
        thing.name,
        `${thing.kind} ${thing.name} hangs on ${name}, and is of a kind that is not understood here.`,
        "Drop it first, and make it anew when the run is complete.",
      ),
    );
  return findings;
}
