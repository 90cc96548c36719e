// What stands against new columns, tables and indexes on this engine, said before the first step.
import type { Finding } from "../../finding.ts";
import type { Table } from "../../schema/model.ts";
import { keyOf } from "../../schema/names.ts";
import type { Change, IndexSpec } from "../../step/change.ts";
import type { ColumnSpec } from "../../step/shape.ts";
import type { ShadowCopyAct } from "../../step/step.ts";
import type { AlterKind, Form } from "../../syntax/mysql/alter-actions.ts";
import { formOn } from "../../syntax/mysql/alter-traits.ts";
import { newColumns } from "../shape/columns.ts";
import type { Way } from "./algorithm.ts";
import { isMariadb } from "./capabilities.ts";
import { cutWhenDropped, refuse } from "./carry/refusals.ts";
import { knownTable, traitsOf } from "./native/known.ts";
import { isCutWhenDropped } from "./writing.ts";

const kindOf = ({ generated, identity }: ColumnSpec): AlterKind =>
  generated ? (generated.kind === "stored" ? "add stored column" : "add virtual column") : identity ? "add auto_increment column" : "add column";

/** Null for what is known of InnoDB's tables only. */
const formFor = (table: Table, kind: AlterKind, version: number): Form | null => {
  const known = knownTable(table, null);
  return known.innodb && !known.versioned ? formOn([kind], version, traitsOf(known)) : null;
};

const wayOf = (form: Form | null): Way | null =>
  form?.algorithm === "INSTANT" ? "instant" : form?.algorithm === "INPLACE" && form.lock === "NONE" ? "rebuild" : null;

/** How the table takes the column, and gives it up again, while others work; null where they would have to wait. */
export const columnWay = (table: Table, spec: ColumnSpec, version: number): Way | null => wayOf(formFor(table, kindOf(spec), version));

/** How a stored column goes again, which needs less than its coming; null where others have to wait. */
export function storedLeaves(table: Table, version: number): Way | null {
  const way = wayOf(formFor(table, "drop unindexed column", version));
  return way === "instant" && !isMariadb(version) ? "rebuild" : way;
}

/** What it does to the table where they have to wait: at the worst it copies it. */
export const columnCopy = (table: Table, spec: ColumnSpec, version: number): Form =>
  formFor(table, kindOf(spec), version) ?? { algorithm: "COPY", lock: "SHARED", rebuilds: true, work: "rewrite" };

/** Whether the server has a way at all: it refuses most of it to a table with a history (error 4119). */
const isPossible = (table: Table): boolean => !knownTable(table, null).versioned;

/** What of the table makes the server hold up others. */
function obstacle(table: Table, spec: ColumnSpec): string {
  const { innodb, versioned } = knownTable(table, null);
  if (!innodb) return `it is stored by ${table.options["engine"]}, not by InnoDB`;
  if (versioned) return "it is system-versioned";
  const text = table.indexes.find(({ method }) => method === "fulltext");
  if (text) return `it has the FULLTEXT index ${text.name}`;
  if (spec.generated && table.partitionKey) return "it is partitioned";
  return "it has an index on a virtual column";
}

/** @param form of the copy that it needs. */
export function columnFindings(table: Table, spec: ColumnSpec, version: number, form: ShadowCopyAct["form"]): readonly Finding[] {
  // Of a new value in every row the operation itself tells.
  if (spec.generated?.kind === "stored" || spec.identity || columnWay(table, spec, version) !== null) return [];
  const name = keyOf(table.name);
  return [
    {
      ...refuse(
        "blocks-while-working",
        "column",
        `${name}.${spec.name}`,
        `${name} cannot take ${spec.name} while others write: ${obstacle(table, spec)}, for which the server makes the table anew or copies it, and lets nobody write meanwhile.`,
        "Take away what stands in the way in an earlier migration; or accept the rule where nobody has to write meanwhile.",
      ),
      severity: form === "blocking" && isPossible(table) ? "warn" : "refuse",
      acceptable: true,
    },
  ];
}

/** InnoDB's own; in any letter case. */
const ofTheServer: ReadonlySet<string> = new Set(["db_row_id", "db_trx_id", "db_roll_ptr", "fts_doc_id"]);

/** The server stores no name beyond the first plane of Unicode (error 1300), and none that ends with white space (error 1166). */
const cannotBeStored = (name: string): boolean => /[ \t\n\v\f\r]$/.test(name) || [...name].some((character) => character === "\0" || character.length > 1);

const storable = (kind: string, subject: string, name: string): readonly Finding[] =>
  cannotBeStored(name)
    ? [
        refuse(
          "name-reserved",
          kind,
          subject,
          `The server stores no name with white space at its end or a character beyond U+FFFF: ${JSON.stringify(name)}.`,
          "Choose another name.",
        ),
      ]
    : [];

/**
 * As MariaDB's views of itself compare names, which is by utf8mb3_general_ci: the accents of й and æ make other letters, those of é and ß none.
 * @see https://mariadb.com/kb/en/supported-character-sets-and-collations/
 */
const withoutAccents = (name: string): string =>
  name
    .replaceAll(/[ßẞ]/g, "s")
    .normalize("NFD")
    .replaceAll(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, "$1")
    .toUpperCase();

/** A new name of a table that stands, which differs in accents only: the server would take it, and no probe could tell whose column it found. */
function twinByAccents(table: string, name: string, others: readonly string[], version: number): readonly Finding[] {
  const isTwin = (other: string): boolean => other.toLowerCase() !== name.toLowerCase() && withoutAccents(other) === withoutAccents(name);
  const twin = isMariadb(version) ? others.find(isTwin) : undefined;
  if (twin === undefined) return [];
  const message = `Column ${table}.${twin} has that name but for accents: where the server tells of its columns it takes the two for one, so no step could be seen to be done.`;
  return [
    refuse(
      "name-taken",
      "column",
      `${table}.${name}`,
      message,
      "Choose a name that differs in more than accents, or go there by two renames with another name in between.",
    ),
  ];
}

/** New names of columns. @param others that are there beside it: names of columns are the same in any letter case. */
function columnName(table: string, name: string, others: readonly string[]): readonly Finding[] {
  const subject = `${table}.${name}`;
  const twin = others.find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  return [
    ...storable("column", subject, name),
    ...(ofTheServer.has(name.toLowerCase())
      ? [refuse("name-reserved", "column", subject, `${name} is the name of a column of InnoDB's own.`, "Choose another name.")]
      : []),
    ...(twin === undefined
      ? []
      : [
          refuse(
            "name-taken",
            "column",
            subject,
            `Column ${table}.${twin} has that name in other letters: the server takes the two for one.`,
            "Choose a name that differs in more than its letter case.",
          ),
        ]),
  ];
}

/** What is wrong with the names that a change gives. @param table as it stands; undefined where it is new. */
export function nameFindings(change: Change, table: Table | undefined, version: number): readonly Finding[] {
  const there = table?.columns.map(({ name }) => name) ?? [];
  switch (change.kind) {
    case "create-table": {
      const key = keyOf(change.table);
      const names = change.spec.columns.map(({ name }) => name);
      return [...storable("table", key, change.table.name), ...names.flatMap((name, i) => columnName(key, name, names.slice(0, i)))];
    }
    case "add-column":
      return [
        ...columnName(keyOf(change.table), change.column.name, there),
        ...twinByAccents(keyOf(change.table), change.column.name, there, version),
        ...(!isMariadb(version) && isCutWhenDropped(change.column.name) ? [cutWhenDropped(keyOf(change.table), change.column.name)] : []),
      ];
    case "build-index":
      return storable("index", `${keyOf(change.table)}.${change.index.name}`, change.index.name);
    case "open-shape": {
      const added = change.shape.links.flatMap((link) => (link.kind === "supply" && link.adds ? [link.adds.name] : []));
      const names = [...newColumns(change.shape).map(({ spec }) => spec.name), ...added];
      const [key, others] = [keyOf(change.shape.table), [...there, ...names]];
      return [...new Set(names)].flatMap((name) => [...columnName(key, name, others), ...twinByAccents(key, name, others, version)]);
    }
    default:
      return [];
  }
}

/** Types of which an index takes a beginning only. */
const isLong = (type: string): boolean => /^((tiny|medium|long)?(text|blob)|json|geometry|(multi)?(point|linestring|polygon))\b/i.test(type);

/** What of an index this engine would leave out, or refuse. */
export function indexFindings(table: Table, index: IndexSpec, version: number): readonly Finding[] {
  const subject = `${keyOf(table.name)}.${index.name}`;
  const no = (message: string, fix: string): Finding => refuse("bad-key", "index", subject, message, fix);
  const asked: readonly (readonly [string, unknown])[] = [
    ["where", index.where],
    ["include", index.include],
    ["nullsNotDistinct", index.nullsNotDistinct],
    ...index.keys.flatMap((key) => [["operatorClass", key.operatorClass] as const, ["collation", key.collation] as const]),
  ];
  const unknown = [...new Set(asked.flatMap(([name, value]) => (value === undefined || value === false ? [] : [name])))];
  const { method } = index;
  return [
    ...(unknown.length > 0 ? [no(`An index of this server has no ${unknown.join(", ")}.`, "Leave it out.")] : []),
    ...(method !== undefined && !/^(btree|hash)$/i.test(method)
      ? [no(`Indexes by ${method} are built while writers wait.`, "Build it by a sql operation, when nobody has to write.")]
      : []),
    ...index.keys.flatMap((key): readonly Finding[] => {
      const natural = key.order === "desc" ? "last" : "first";
      if (key.nulls !== undefined && key.nulls !== natural)
        return [no(`NULL is the least value in every index of this server, so it stands ${natural} here.`, "Leave nulls out.")];
      if (key.expression !== undefined)
        return isMariadb(version)
          ? [no(`MariaDB has no index over an expression: ${key.expression}.`, "Add a virtual generated column in an earlier migration, and index that.")]
          : [];
      const column = table.columns.find(({ name }) => name === key.column);
      return column && isLong(column.type)
        ? [
            no(
              `${column.name} is of type ${column.type}, of which an index takes the beginning only.`,
              "Build it by a sql operation, with the length: create index … (column(100)).",
            ),
          ]
        : [];
    }),
  ];
}
