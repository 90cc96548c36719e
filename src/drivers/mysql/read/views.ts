// What views say, and how. Their columns come with those of the tables.
import { family, fields } from "./family.ts";
import { isMariadb } from "./product.ts";

interface ViewRow {
  readonly table_name: string;
  readonly view_definition: string | null;
  readonly check_option: string;
  readonly definer: string;
  readonly security_type: string;
  readonly character_set_client: string;
  readonly collation_connection: string;
  readonly algorithm: string | null;
}

/** The algorithm is told by MariaDB only. */
const query = (version: number): string =>
  `select ${fields("table_name", "view_definition", "check_option", "definer", "security_type", "character_set_client", "collation_connection")},
    ${isMariadb(version) ? "algorithm" : "null"} as algorithm
  from information_schema.views where table_schema = database()`;

export const views = family<ViewRow>(query, (draft, row) => {
  const view = draft.relations.get(row.table_name)?.view;
  if (!view) return;
  view.definition = row.view_definition ?? "";
  // Without the right to see it the text is empty, and what it uses unknown.
  if (view.definition === "") draft.unmodelled.push({ kind: "view whose text may not be read", name: row.table_name, tables: [] });
  view.owner = draft.shared(row.definer);
  view.options = {
    security: row.security_type,
    ...(row.check_option === "NONE" ? {} : { "check option": row.check_option }),
    ...(row.algorithm === null || row.algorithm === "UNDEFINED" ? {} : { algorithm: row.algorithm }),
    "character set client": row.character_set_client,
    "collation connection": row.collation_connection,
  };
});
