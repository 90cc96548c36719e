// Tables, views and sequences themselves; their parts come later.
import type { Table, View } from "../../../schema/model.ts";
import type { Draft, Open } from "./draft.ts";
import { family, fields, textOrNull } from "./family.ts";

/** When it was made anew comes along, to be compared at the end. */
interface TableRow {
  readonly table_name: string;
  readonly table_type: string;
  readonly engine: string | null;
  readonly row_format: string | null;
  readonly table_collation: string | null;
  readonly create_options: string | null;
  readonly table_comment: string | null;
}

const query = (): string =>
  `select ${fields("table_name", "table_type", "engine", "row_format", "table_collation", "create_options", "table_comment", "create_time")}
  from information_schema.tables where table_schema = database()`;

/** `stats_persistent=1`, or `` `page_compressed`='1' `` for an option of the storage engine's. */
const option = /`?(\w+)`?=('(?:[^']|'')*'|\S+)/g;

/** Numbers stand in quotes or not, as the server's version likes. */
const bare = (value: string): string => /^'(\d+)'$/.exec(value)?.[1] ?? value;

/** Said of the format in use, whether somebody asked for it or not; partitions have a place of their own. */
const saidElsewhere: ReadonlySet<string> = new Set(["row_format"]);

function optionsOf(row: TableRow): Record<string, string> {
  const options: Record<string, string> = {};
  if (row.engine !== null) options["engine"] = row.engine;
  // Names of collations begin with their character set; those of MariaDB 11 that go with several are shown with it too.
  if (row.table_collation !== null) {
    options["charset"] = row.table_collation.split("_")[0] ?? "";
    options["collation"] = row.table_collation;
  }
  if (row.row_format !== null) options["row format"] = row.row_format;
  if (row.table_type === "SYSTEM VERSIONED") options["system versioning"] = "yes";
  for (const [, key = "", value = ""] of (row.create_options ?? "").matchAll(option)) if (!saidElsewhere.has(key.toLowerCase())) options[key] = bare(value);
  return options;
}

const tableOf = (draft: Draft, row: TableRow): Open<Table> => ({
  name: draft.nameOf(row.table_name),
  kind: "table",
  persistence: "permanent",
  columns: [],
  constraints: [],
  indexes: [],
  triggers: [],
  policies: [],
  rules: [],
  rowSecurity: { enabled: false, forced: false },
  owner: "",
  grants: [],
  // Where the server cannot open a table it says why in its place.
  comment: row.engine === null ? null : textOrNull(row.table_comment),
  replicaIdentity: "default",
  inherits: [],
  partitionKey: null,
  partitionOf: null,
  options: optionsOf(row),
});

/** A view's comment is the word VIEW, or what is wrong with it. */
const viewOf = (draft: Draft, row: TableRow): Open<View> => ({
  name: draft.nameOf(row.table_name),
  kind: "view",
  definition: "",
  columns: [],
  options: {},
  uses: [],
  indexes: [],
  triggers: [],
  rules: [],
  owner: "",
  grants: [],
  comment: null,
});

function collect(draft: Draft, row: TableRow): void {
  const { table_name: name, table_type: type } = row;
  if (type === "SEQUENCE") {
    draft.sequenceComments.set(name, textOrNull(row.table_comment));
    draft.wanted.sequences.push(name);
  } else if (type === "VIEW") draft.relations.set(name, { table: null, view: viewOf(draft, row), engine: "", places: new Map() });
  else if (type === "BASE TABLE" || type === "SYSTEM VERSIONED") {
    if (row.engine === null) draft.unmodelled.push({ kind: "unreadable table", name, tables: [draft.nameOf(name)] });
    draft.relations.set(name, { table: tableOf(draft, row), view: null, engine: row.engine ?? "", places: new Map() });
    if (/\bpartitioned\b/i.test(row.create_options ?? "")) {
      draft.wanted.partitioned.push(name);
      // When a new partition of the history begins is told nowhere else.
      if (type === "SYSTEM VERSIONED") draft.wanted.texts.add(name);
    }
  } else if (type !== "TEMPORARY") draft.unmodelled.push({ kind: type.toLowerCase(), name, tables: [draft.nameOf(name)] });
}

export const tables = family(query, collect);
