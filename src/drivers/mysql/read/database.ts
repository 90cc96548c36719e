// The database itself: what new tables in it get where they say nothing.
import { family, fields, textOrNull } from "./family.ts";
import { isMariadb } from "./product.ts";

interface DatabaseRow {
  readonly schema_name: string;
  readonly default_character_set_name: string;
  readonly default_collation_name: string;
  readonly schema_comment: string | null;
}

/** A comment on a database is MariaDB's, from 10.5 on. */
export const database = family<DatabaseRow>(
  (version) =>
    `select ${fields("schema_name", "default_character_set_name", "default_collation_name")}, ${isMariadb(version) && version >= 100_500 ? "schema_comment" : "null"} as schema_comment
  from information_schema.schemata where schema_name = database()`,
  (draft, row) => {
    draft.namespaces[row.schema_name] = {
      name: row.schema_name,
      owner: "",
      grants: [],
      comment: textOrNull(row.schema_comment),
      options: { charset: row.default_character_set_name, collation: row.default_collation_name },
    };
  },
);
