// What few databases have, asked for in a second message and only where the first one met it.

import { quoteLiteral } from "../../../dialects/mysql/quoting.ts";
import type { Table, Unmodelled } from "../../../schema/model.ts";
import type { Row } from "../../driver.ts";
import type { Draft, Open } from "./draft.ts";
import { fields } from "./family.ts";
import { readPartitions } from "./partitions.ts";
import { isMariadb } from "./product.ts";
import * as write from "./text.ts";

/** A statement, what becomes of its rows, and what stays unknown where the rights for it are missing. */
export interface Errand {
  readonly statement: string;
  collect(rows: readonly Row[]): void;
  readonly unknown: Unmodelled;
}

const unknown = (draft: Draft, kind: string, name: string, tables: readonly string[] = []): Unmodelled => ({
  kind: `${kind} that may not be read`,
  name,
  tables: tables.map((table) => draft.nameOf(table)),
});

const inList = (names: readonly string[]): string => names.map(quoteLiteral).join(", ");

interface SequenceRow extends Row {
  readonly name: string;
  readonly start_value: string;
  readonly minimum_value: string;
  readonly maximum_value: string;
  readonly increment: string;
  readonly cache_size: string;
  readonly cycle_option: number;
}

/** A sequence tells its options as if it were a table of one row. */
function sequences(draft: Draft): Errand {
  const texts = ["start_value", "minimum_value", "maximum_value", "increment", "cache_size"].map((field) => `cast(${field} as char) as ${field}`).join(", ");
  const parts = draft.wanted.sequences.map((name) => `select ${quoteLiteral(name)} as name, ${texts}, cycle_option from ${write.name(name)}`);
  return {
    statement: parts.join("\nunion all "),
    unknown: unknown(draft, "sequence", draft.wanted.sequences.join(", ")),
    collect: (rows) => {
      for (const row of rows as readonly SequenceRow[])
        draft.sequences.set(row.name, {
          name: draft.nameOf(row.name),
          type: "bigint",
          start: row.start_value,
          increment: row.increment,
          min: row.minimum_value,
          max: row.maximum_value,
          cache: row.cache_size,
          cycle: Number(row.cycle_option) !== 0,
          persistence: "permanent",
          ownedBy: null,
          identity: false,
          owner: "",
          grants: [],
          comment: draft.sequenceComments.get(row.name) ?? null,
        });
    },
  };
}

/**
 * A default evaluated without a row of its table, so that its bytes arrive as digits. A row that an outer join makes up has NULL in its place
 * where a column is NOT NULL (MariaDB 10.11.19, MySQL 9.7.4); a table that is derived from such a row has columns that may be NULL, and their
 * defaults.
 */
const defaultOf = (table: string, column: string): string => {
  const at = write.name(column);
  return `select hex(default(${at})) as value from (select ${at} from (select 1 as one) as nothing left join ${write.name(table)} on false limit 1) as derived`;
};

const bytes = (draft: Draft, table: string, column: string): Errand => {
  const errand = unknown(draft, "default", `${table}.${column}`, [table]);
  return {
    statement: defaultOf(table, column),
    unknown: errand,
    collect: ([row]) => {
      const digits = row?.["value"];
      if (typeof digits === "string") draft.editColumn(table, column, (before) => ({ ...before, default: `x'${digits}'` }));
      else draft.unmodelled.push(errand);
    },
  };
};

const referenceSystems = (draft: Draft): Errand => ({
  statement: `select ${fields("g_table_name", "g_geometry_column", "srid")} from information_schema.geometry_columns where g_table_schema = database() and srid <> 0`,
  unknown: unknown(draft, "reference system", "geometry_columns"),
  collect: (rows) => {
    for (const row of rows)
      draft.editColumn(String(row["g_table_name"]), String(row["g_geometry_column"]), (before) => ({
        ...before,
        attributes: { ...before.attributes, srid: String(row["srid"]) },
      }));
  },
});

const period = /^ {2}PERIOD FOR `((?:[^`]|``)+)` \(/;
const ownWords = /^ {2}(?:FULLTEXT KEY `((?:[^`]|``)+)` .*WITH PARSER|VECTOR KEY `((?:[^`]|``)+)`)/;
const history = /^ PARTITION BY (SYSTEM_TIME.*)$/;
const columnLine = /^ {2}`((?:[^`]|``)+)` /;
const quotedText = /'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`/g;
const unquoted = (name: string): string => name.replaceAll("``", "`");

/** The columns with a check of their own. */
const checkedColumns = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const [, name] = columnLine.exec(line) ?? [];
    return name !== undefined && line.replaceAll(quotedText, "").includes(" CHECK (") ? [unquoted(name)] : [];
  });

/** Gives each check of a column the name of its column: the server lists them in the order of the columns. */
function nameOwnChecks(table: Open<Table>, columns: readonly string[]): void {
  const own = table.constraints.filter(({ form }) => form === "column");
  if (own.length === columns.length) table.constraints = table.constraints.map((each) => ({ ...each, name: columns[own.indexOf(each)] ?? each.name }));
}

/** The server's own text has what its views of itself leave out: whose a column's check is, periods, when a history is parted, parsers of full text, and what a vector index is made with. */
const ownText = (draft: Draft, name: string): Errand => ({
  statement: `show create table ${write.name(name)}`,
  unknown: unknown(draft, "table", name, [name]),
  collect: ([row]) => {
    const table = draft.tableOf(name);
    if (table === null) return;
    const lines = String(row?.["Create Table"] ?? "").split("\n");
    nameOwnChecks(table, checkedColumns(lines));
    for (const line of lines) {
      const [, found] = period.exec(line) ?? [];
      if (found !== undefined && unquoted(found) !== "SYSTEM_TIME") {
        draft.unmodelled.push({ kind: "period", name: unquoted(found), tables: [table.name] });
        table.constraints = table.constraints.filter((each) => each.kind !== "check" || each.name !== unquoted(found));
      }
      const [, turning] = history.exec(line) ?? [];
      if (turning !== undefined && table.partitionKey !== null) table.partitionKey = { ...table.partitionKey, definition: turning.trim() };
      const [, parsed, vector] = ownWords.exec(line) ?? [];
      const indexed = parsed ?? vector;
      if (indexed === undefined) continue;
      const definition = line.trim().replace(/,$/, "");
      table.indexes = table.indexes.map((each) => (each.name === unquoted(indexed) ? { ...each, definition } : each));
    }
  },
});

/** Everything that is still to be asked; nothing for a plain database. */
export function errands(draft: Draft): readonly Errand[] {
  const { wanted, version } = draft;
  return [
    ...(wanted.sequences.length > 0 ? [sequences(draft)] : []),
    ...(wanted.partitioned.length > 0
      ? [
          {
            statement: readPartitions.query(inList(wanted.partitioned)),
            collect: (rows: readonly Row[]) => readPartitions.collect(draft, rows),
            unknown: unknown(draft, "partitions", wanted.partitioned.join(", "), wanted.partitioned),
          },
        ]
      : []),
    ...wanted.bytes.map(({ table, column }) => bytes(draft, table, column)),
    ...(wanted.geometries && isMariadb(version) ? [referenceSystems(draft)] : []),
    ...[...wanted.texts].map((name) => ownText(draft, name)),
  ];
}
