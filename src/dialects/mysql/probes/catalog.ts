// Conditions on the catalog: where each kind of thing is listed that a statement makes, drops or renames.
import type { WrittenName } from "../../../syntax/mysql/words.ts";
import { quoteLiteral } from "../quoting.ts";

const database = ({ schema }: WrittenName): string => (schema === null ? "database()" : quoteLiteral(schema));

const exists = (view: string, place: string, name: WrittenName, column: string, more = ""): string =>
  `exists (select 1 from information_schema.${view} where ${place} = ${database(name)} and ${column} = ${quoteLiteral(name.name)}${more})`;

const ofTable =
  (view: string, more: (name: string) => string) =>
  (table: WrittenName, name: string): string =>
    exists(view, "table_schema", table, "table_name", ` and ${more(name)}`);

const constraint = (type: string): ((table: WrittenName, name: string) => string) =>
  ofTable("table_constraints", (name) => `constraint_name = ${quoteLiteral(name)} and constraint_type = '${type}'`);

/** Things that a table has; a name means another thing in each kind. */
export const parts = {
  column: ofTable("columns", (name) => `column_name = ${quoteLiteral(name)}`),
  index: ofTable("statistics", (name) => `index_name = ${quoteLiteral(name)}`),
  "foreign key": constraint("FOREIGN KEY"),
  check: constraint("CHECK"),
  /** Of any type, as DROP CONSTRAINT means it. */
  constraint: ofTable("table_constraints", (name) => `constraint_name = ${quoteLiteral(name)}`),
  /** All of them, without a name. */
  partitions: ofTable("partitions", () => "partition_name is not null"),
} as const;
export type Part = keyof typeof parts;

export const tableThere = (name: WrittenName): string => exists("tables", "table_schema", name, "table_name");

/** Where each kind of object is listed, by the word behind CREATE. */
export const objects: Readonly<Record<string, (name: WrittenName) => string>> = {
  table: tableThere,
  sequence: tableThere,
  view: tableThere,
  trigger: (name) => exists("triggers", "trigger_schema", name, "trigger_name"),
  event: (name) => exists("events", "event_schema", name, "event_name"),
  procedure: (name) => exists("routines", "routine_schema", name, "routine_name", " and routine_type = 'PROCEDURE'"),
  function: (name) => exists("routines", "routine_schema", name, "routine_name", " and routine_type = 'FUNCTION'"),
  database: ({ name }) => `exists (select 1 from information_schema.schemata where schema_name = ${quoteLiteral(name)})`,
};
