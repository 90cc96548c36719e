// Foreign keys: their actions in one place, their columns in another.
import type { Constraint } from "../../../schema/model.ts";
import { type Draft, type ForeignKey, supporting } from "./draft.ts";
import { family, fields } from "./family.ts";
import { isMariadb } from "./product.ts";
import * as write from "./text.ts";

interface ActionRow {
  readonly constraint_name: string;
  readonly table_name: string;
  readonly update_rule: string;
  readonly delete_rule: string;
}

const keyOfRow = (row: { readonly table_name: string; readonly constraint_name: string }): string => JSON.stringify([row.table_name, row.constraint_name]);

export const foreignKeyActions = family<ActionRow>(
  () =>
    `select ${fields("constraint_name", "table_name", "update_rule", "delete_rule")} from information_schema.referential_constraints where constraint_schema = database()`,
  (draft, row) => {
    draft.foreignKeys.set(keyOfRow(row), {
      table: row.table_name,
      onDelete: row.delete_rule,
      onUpdate: row.update_rule,
      columns: [],
      referenced: [],
      target: null,
    });
  },
);

interface ColumnRow {
  readonly constraint_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly ordinal_position: number | string;
  readonly referenced_table_schema: string;
  readonly referenced_table_name: string;
  readonly referenced_column_name: string;
}

export const foreignKeyColumns = family<ColumnRow>(
  () =>
    `select ${fields("constraint_name", "table_name", "column_name", "ordinal_position", "referenced_table_schema", "referenced_table_name", "referenced_column_name")}
  from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null`,
  (draft, row) => {
    const key = draft.foreignKeys.get(keyOfRow(row));
    if (key === undefined) return;
    const at = Number(row.ordinal_position) - 1;
    key.columns[at] = draft.shared(row.column_name);
    key.referenced[at] = draft.shared(row.referenced_column_name);
    key.target = { schema: draft.shared(row.referenced_table_schema), name: draft.shared(row.referenced_table_name) };
  },
);

/** As SHOW CREATE TABLE has it, which leaves out what was not said: RESTRICT on MariaDB, NO ACTION on MySQL. */
function definitionOf(draft: Draft, key: ForeignKey): string {
  const target = key.target ?? { schema: draft.database, name: "" };
  const unsaid = isMariadb(draft.version) ? "RESTRICT" : "NO ACTION";
  const clause = (when: string, action: string): string => (action === unsaid ? "" : ` ON ${when} ${action}`);
  const place = target.schema === draft.database ? write.name(target.name) : `${write.name(target.schema)}.${write.name(target.name)}`;
  return `FOREIGN KEY (${write.list(key.columns)}) REFERENCES ${place} (${write.list(key.referenced)})${clause("DELETE", key.onDelete)}${clause("UPDATE", key.onUpdate)}`;
}

/** To be called when all indexes are there. */
export function attachForeignKeys(draft: Draft): void {
  for (const [text, key] of draft.foreignKeys) {
    const table = draft.tableOf(key.table);
    if (table === null || key.target === null) continue;
    const [, name = ""] = JSON.parse(text) as readonly string[];
    const index = supporting(table.indexes, name, key.columns);
    // One of the same name over the same columns is what the server makes by itself where there is no other.
    if (index !== undefined && index.name === name && !index.unique && index.keys.length === key.columns.length) {
      table.indexes = table.indexes.map((each) => (each.name === name ? { ...each, constraint: name } : each));
    }
    const constraint: Constraint = {
      name,
      kind: "foreign-key",
      columns: key.columns,
      definition: definitionOf(draft, key),
      validated: true,
      enforced: true,
      deferrable: false,
      index: index?.name ?? null,
      references: { table: key.target, columns: key.referenced, onDelete: key.onDelete, onUpdate: key.onUpdate },
      inherited: false,
      local: true,
      comment: null,
    };
    table.constraints.push(constraint);
  }
}
