// What MySQL has besides, and nobody here carries: listed, so that its table is left alone.
import type { Draft } from "./draft.ts";
import { type Family, family } from "./family.ts";

interface Row {
  readonly table_name: string;
  readonly column_name: string | null;
}

const listed = (kind: string, query: string): Family =>
  family<Row>(
    () => query,
    (draft: Draft, { table_name, column_name }) => {
      draft.unmodelled.push({ kind, name: column_name === null ? table_name : `${table_name}.${column_name}`, tables: [draft.nameOf(table_name)] });
    },
  );

/**
 * A histogram goes with its column; attributes for storage engines may stand at a table and at each of its columns.
 * https://dev.mysql.com/doc/refman/8.4/en/information-schema-column-statistics-table.html https://dev.mysql.com/doc/refman/8.4/en/information-schema-columns-extensions-table.html
 */
export const unmodelled: readonly Family[] = [
  listed("histogram", "select table_name as table_name, column_name as column_name from information_schema.column_statistics where schema_name = database()"),
  listed(
    "engine attribute",
    "select table_name as table_name, null as column_name from information_schema.tables_extensions where table_schema = database() and coalesce(engine_attribute, secondary_engine_attribute) is not null",
  ),
  listed(
    "engine attribute",
    "select table_name as table_name, column_name as column_name from information_schema.columns_extensions where table_schema = database() and coalesce(engine_attribute, secondary_engine_attribute) is not null",
  ),
];
