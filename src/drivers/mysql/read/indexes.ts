// Indexes, and the primary key and unique constraints that are the same thing here.
import type { Constraint, Index } from "../../../schema/model.ts";
import type { Draft, Open } from "./draft.ts";
import { family, fields, textOrNull } from "./family.ts";
import { isMariadb } from "./product.ts";
import * as write from "./text.ts";

interface IndexRow {
  readonly table_name: string;
  readonly index_name: string;
  readonly seq_in_index: number | string;
  readonly column_name: string | null;
  readonly direction: string | null;
  readonly sub_part: number | string | null;
  readonly non_unique: number | string;
  readonly index_type: string;
  readonly index_comment: string | null;
  readonly hidden: string;
  readonly expression: string | null;
}

/** An index that the optimizer leaves alone is IGNORED on MariaDB (10.6 and newer) and INVISIBLE on MySQL; MySQL alone has keys over expressions. */
const query = (version: number): string =>
  `select ${fields("table_name", "index_name", "seq_in_index", "column_name", "sub_part", "non_unique", "index_type", "index_comment")}, collation as direction,
    ${isMariadb(version) ? (version >= 100_600 ? "ignored" : "'NO'") : "case is_visible when 'NO' then 'YES' else 'NO' end"} as hidden,
    ${isMariadb(version) ? "null" : "expression"} as expression
  from information_schema.statistics where table_schema = database()`;

const head: Readonly<Record<string, string>> = { FULLTEXT: "FULLTEXT KEY", SPATIAL: "SPATIAL KEY", VECTOR: "VECTOR KEY" };
/** These are shown with a prefix that nobody can write. */
const wholeValues: ReadonlySet<string> = new Set(["FULLTEXT", "SPATIAL", "VECTOR"]);

const prefixOf = (row: IndexRow): string | null => (row.sub_part === null || wholeValues.has(row.index_type) ? null : String(row.sub_part));

function keyText(row: IndexRow, version: number): string {
  const prefix = prefixOf(row);
  const key =
    row.column_name === null ? `(${write.expression(row.expression ?? "", version)})` : `${write.name(row.column_name)}${prefix === null ? "" : `(${prefix})`}`;
  return row.direction === "D" ? `${key} DESC` : key;
}

/** The engine's own default is left out, as the server leaves it out. */
function using(row: IndexRow, engine: string): string {
  if (row.index_type === "HASH" && engine !== "MEMORY") return " USING HASH";
  return row.index_type === "BTREE" && engine === "MEMORY" ? " USING BTREE" : "";
}

/** As SHOW CREATE TABLE has it, and ALTER TABLE … ADD takes it. */
function definitionOf(row: IndexRow, keys: string, engine: string, mariadb: boolean): string {
  if (row.index_name === "PRIMARY") return `PRIMARY KEY (${keys})${write.comment(row.index_comment)}`;
  const kind = head[row.index_type] ?? (Number(row.non_unique) === 0 ? "UNIQUE KEY" : "KEY");
  const hidden = row.hidden === "YES" ? (mariadb ? " IGNORED" : " INVISIBLE") : "";
  return `${kind} ${write.name(row.index_name)} (${keys})${using(row, engine)}${write.comment(row.index_comment)}${hidden}`;
}

/** An index whose further keys are still to come, and the texts of its keys. */
interface Growing {
  readonly index: Open<Index>;
  readonly rows: IndexRow[];
}

function indexOf(draft: Draft, row: IndexRow): Open<Index> {
  return {
    name: draft.shared(row.index_name),
    definition: "",
    method: row.index_type.toLowerCase(),
    unique: Number(row.non_unique) === 0,
    primary: row.index_name === "PRIMARY",
    valid: true,
    keys: [],
    includes: [],
    mentions: [],
    predicate: null,
    constraint: null,
    parent: null,
    clustered: false,
    replicaIdentity: false,
    statistics: [],
    comment: textOrNull(row.index_comment),
  };
}

const constraintOf = (index: Open<Index>): Constraint => ({
  name: index.name,
  kind: index.primary ? "primary-key" : "unique",
  columns: index.keys.filter((key) => key !== null),
  definition: `${index.primary ? "PRIMARY KEY" : "UNIQUE"} (${write.list(index.keys.filter((key) => key !== null))})`,
  validated: true,
  enforced: true,
  deferrable: false,
  index: index.name,
  references: null,
  inherited: false,
  local: true,
  comment: null,
});

/** Rows of one index may come in any order; what they say together is written when all are there. */
export class IndexRows {
  private readonly growing = new Map<string, Map<string, Growing>>();

  add(draft: Draft, row: IndexRow): void {
    let ofTable = this.growing.get(row.table_name);
    if (ofTable === undefined) {
      ofTable = new Map();
      this.growing.set(row.table_name, ofTable);
    }
    const known = ofTable.get(row.index_name);
    if (known !== undefined) known.rows.push(row);
    else ofTable.set(row.index_name, { index: indexOf(draft, row), rows: [row] });
  }

  finish(draft: Draft): void {
    for (const [name, indexes] of this.growing) {
      const relation = draft.relations.get(name);
      if (!relation?.table) continue;
      for (const { index, rows } of indexes.values()) {
        complete(draft, name, relation.engine, index, rows);
        relation.table.indexes.push(index);
        // What is unique only by its beginning, or by an expression, is no key that others can refer to.
        if (index.unique && !index.keys.includes(null)) {
          index.constraint = index.name;
          relation.table.constraints.push(constraintOf(index));
        }
        if (index.method === "fulltext" || index.method === "vector") draft.wanted.texts.add(name);
      }
    }
  }
}

function complete(draft: Draft, table: string, engine: string, index: Open<Index>, rows: IndexRow[]): void {
  const [first] = rows.sort((a, b) => Number(a.seq_in_index) - Number(b.seq_in_index));
  if (first === undefined) return;
  index.keys = rows.map((row) => (row.column_name === null || prefixOf(row) !== null ? null : draft.shared(row.column_name)));
  const named = rows.flatMap((row) =>
    row.column_name === null ? draft.mentionedIn(table, write.expression(row.expression ?? "", draft.version)) : [row.column_name],
  );
  index.mentions = [...new Set(named)];
  index.definition = definitionOf(first, rows.map((row) => keyText(row, draft.version)).join(", "), engine, isMariadb(draft.version));
}

export const indexes = (into: IndexRows): ReturnType<typeof family> => family<IndexRow>(query, (draft, row) => into.add(draft, row));
