// Foreign keys of other databases that refer to tables of ours. On MariaDB only the storage engine knows them without opening every table of
// the server; MySQL keeps them in its dictionary.
import { family } from "./family.ts";
import { isMariadb } from "./product.ts";

interface ReferenceRow {
  readonly id: string;
  readonly database: string;
  readonly table_name: string;
  readonly referenced: string;
}

/** The storage engine names tables as their files, `a@002db/t`; the server can tell what that stands for. */
const decoded = (part: string): string => `convert(convert(cast(${part} as binary) using filename) using utf8mb4)`;
const ours = (name: string): string => `substring_index(${name}, '/', 1) in (database(), cast(convert(database() using filename) as binary))`;

const ofMariadb = `select substring_index(id, '/', -1) as id, ${decoded("substring_index(for_name, '/', 1)")} as \`database\`,
    ${decoded("substring_index(for_name, '/', -1)")} as table_name, ${decoded("substring_index(ref_name, '/', -1)")} as referenced
  from information_schema.innodb_sys_foreign where ${ours("ref_name")} and not (${ours("for_name")})`;

const ofMysql = `select constraint_name as id, constraint_schema as \`database\`, table_name as table_name, referenced_table_name as referenced
  from information_schema.referential_constraints where unique_constraint_schema = database() and constraint_schema <> database()`;

/** Needs the privilege PROCESS on MariaDB. */
export const references = family<ReferenceRow>(
  (version) => (isMariadb(version) ? ofMariadb : ofMysql),
  (draft, row) => {
    draft.unmodelled.push({
      kind: "foreign key of another database",
      name: `${row.database}.${row.table_name} ${row.id}`,
      tables: [draft.nameOf(row.referenced)],
    });
  },
);
