// Partitions. Here they are no tables, only parts of one.
import type { Row } from "../../driver.ts";
import type { Draft } from "./draft.ts";
import { fields } from "./family.ts";
import * as write from "./text.ts";

interface PartitionRow extends Row {
  readonly table_name: string;
  readonly partition_name: string;
  readonly subpartition_name: string | null;
  readonly partition_method: string;
  readonly subpartition_method: string | null;
  readonly partition_expression: string | null;
  readonly subpartition_expression: string | null;
  readonly partition_description: string | null;
  readonly partition_comment: string;
}

const query = (names: string): string =>
  `select ${fields("table_name", "partition_name", "subpartition_name", "partition_method", "subpartition_method", "partition_expression", "subpartition_expression", "partition_description", "partition_comment")}
  from information_schema.partitions where table_schema = database() and table_name in (${names}) and partition_name is not null
  order by table_name, partition_ordinal_position, subpartition_ordinal_position`;

function keyText(row: PartitionRow): string {
  const by = (method: string, expression: string | null): string => (expression === null ? method : `${method} (${expression})`);
  const sub = row.subpartition_method === null ? "" : ` SUBPARTITION BY ${by(row.subpartition_method, row.subpartition_expression)}`;
  // The end of a row's time is the server's own way to write it.
  return `${by(row.partition_method, row.partition_method === "SYSTEM_TIME" ? null : row.partition_expression)}${sub}`;
}

const values = (row: PartitionRow): string => {
  const { partition_method: method, partition_description: description } = row;
  if (description === null) return "";
  if (method.startsWith("RANGE")) return ` VALUES LESS THAN ${description === "MAXVALUE" ? description : `(${description})`}`;
  return method.startsWith("LIST") ? ` VALUES IN (${description})` : ` ${description}`;
};

/** The partitions in their order, with the subpartitions that each has. */
function listed(rows: readonly PartitionRow[]): string {
  const parts = new Map<string, { readonly text: string; readonly subs: string[] }>();
  for (const row of rows) {
    const part = parts.get(row.partition_name) ?? {
      text: `${write.name(row.partition_name)}${values(row)}${row.subpartition_name === null ? write.comment(row.partition_comment) : ""}`,
      subs: [],
    };
    if (row.subpartition_name !== null) part.subs.push(`${write.name(row.subpartition_name)}${write.comment(row.partition_comment)}`);
    parts.set(row.partition_name, part);
  }
  return [...parts.values()].map(({ text, subs }) => (subs.length === 0 ? text : `${text} (${subs.join(", ")})`)).join(", ");
}

function collect(draft: Draft, rows: readonly Row[]): void {
  const byTable = new Map<string, PartitionRow[]>();
  for (const row of rows as readonly PartitionRow[]) {
    const known = byTable.get(row.table_name);
    if (known === undefined) byTable.set(row.table_name, [row]);
    else known.push(row);
  }
  for (const [name, parts] of byTable) {
    const [first] = parts;
    const table = draft.tableOf(name);
    if (table === null || first === undefined) continue;
    const named = `${first.partition_expression ?? ""} ${first.subpartition_expression ?? ""}`;
    table.kind = "partitioned";
    table.partitionKey = { definition: keyText(first), columns: draft.mentionedIn(name, named) };
    table.options = { ...table.options, partitions: listed(parts) };
  }
}

export const readPartitions = { query, collect };
