// What MySQL 8.4 shows otherwise than MariaDB, by rows as its manual has them ("INFORMATION_SCHEMA Tables").
import { expect, test } from "vitest";
import type { Row } from "../../driver.ts";
import { type CheckTexts, checkPlaces, checks } from "./checks.ts";
import { columns } from "./columns.ts";
import { Draft } from "./draft.ts";
import type { Family } from "./family.ts";
import { attachForeignKeys, foreignKeyActions, foreignKeyColumns } from "./foreign-keys.ts";
import { IndexRows, indexes } from "./indexes.ts";
import { tables } from "./tables.ts";

const version = 80_403;

const table = {
  table_name: "t",
  table_type: "BASE TABLE",
  engine: "InnoDB",
  row_format: "Dynamic",
  table_collation: "utf8mb4_0900_ai_ci",
  create_options: "row_format=DYNAMIC ENCRYPTION='Y'",
  table_comment: "",
};
const column = {
  table_name: "t",
  column_name: "a",
  ordinal_position: "1",
  column_default: null,
  is_nullable: "YES",
  data_type: "int",
  character_set_name: null,
  collation_name: null,
  column_type: "int",
  extra: "",
  column_comment: "",
  generation_expression: "",
  srs_id: null,
};
const text = { data_type: "varchar", column_type: "varchar(20)", character_set_name: "utf8mb4", collation_name: "utf8mb4_0900_ai_ci" };
const key = {
  table_name: "t",
  index_name: "i",
  seq_in_index: "1",
  column_name: "a",
  sub_part: null,
  non_unique: "1",
  index_type: "BTREE",
  index_comment: "",
  direction: "A",
  hidden: "NO",
  expression: null,
};

function draftOf(...rows: readonly (readonly [Family, Row])[]): Draft {
  const draft = new Draft("app", version);
  tables.collect(draft, table);
  for (const [family, row] of rows) family.collect(draft, row);
  return draft;
}
const columnsOf = (...rows: readonly Partial<typeof column | Record<string, unknown>>[]) =>
  draftOf(...rows.map((row, at): [Family, Row] => [columns, { ...column, column_name: `c${at}`, ordinal_position: String(at + 1), ...row }])).finish().tables[
    "app.t"
  ]?.columns;

test("a default is a value, or an expression and said to be one", () => {
  const defaults = columnsOf(
    { column_default: "5" },
    { ...text, column_default: "it's \\ x" },
    { ...text, column_default: "" },
    { ...text, column_default: "concat(_utf8mb4\\'a\\',`c0`)", extra: "DEFAULT_GENERATED" },
    { data_type: "datetime", column_type: "datetime(6)", column_default: "CURRENT_TIMESTAMP(6)", extra: "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)" },
    { data_type: "date", column_type: "date", column_default: "2020-01-01" },
    { data_type: "bit", column_type: "bit(3)", column_default: "b'101'" },
    { data_type: "binary", column_type: "binary(2)", column_default: "0x00FF" },
    { data_type: "json", column_type: "json", column_default: "json_array()", extra: "DEFAULT_GENERATED" },
  );
  expect(defaults?.map((each) => each.default)).toEqual([
    "5",
    "'it''s \\\\ x'",
    "''",
    "(concat(_utf8mb4'a',`c0`))",
    "CURRENT_TIMESTAMP(6)",
    "'2020-01-01'",
    "b'101'",
    "0x00FF",
    "(json_array())",
  ]);
  expect(defaults?.[4]?.attributes).toEqual({ "on update": "CURRENT_TIMESTAMP(6)" });
  expect(defaults?.[8]).toMatchObject({ type: "json", toastable: true });
});

test("generated, invisible and spatial columns", () => {
  const read = columnsOf(
    { extra: "VIRTUAL GENERATED", generation_expression: "concat(`c1`,_utf8mb4\\'x\\')", ...text },
    { extra: "STORED GENERATED INVISIBLE", generation_expression: "(`c0` + 1)" },
    { data_type: "point", column_type: "point", srs_id: 4326 },
    { extra: "auto_increment", is_nullable: "NO" },
  );
  expect(read?.map((each) => [each.generated, each.attributes])).toEqual([
    [{ kind: "virtual", expression: "concat(`c1`,_utf8mb4'x')" }, { charset: "utf8mb4" }],
    [{ kind: "stored", expression: "(`c0` + 1)" }, { invisible: "yes" }],
    [null, { srid: "4326" }],
    [null, {}],
  ]);
  expect(read?.[3]?.identity?.mode).toBe("by default");
});

test("indexes over expressions, and invisible ones", () => {
  const rows = new IndexRows();
  const family = indexes(rows);
  const draft = draftOf(
    [columns, { ...column }],
    [columns, { ...column, ...text, column_name: "b", ordinal_position: "2" }],
    [family, { ...key, index_name: "f", column_name: null, expression: "lower(concat(`b`,_utf8mb4\\'x\\'))" }],
    [family, { ...key, index_name: "f", seq_in_index: "2", direction: "D" }],
    [family, { ...key, hidden: "YES" }],
    [family, { ...key, index_name: "u", non_unique: "0", column_name: null, expression: "(`a` + 1)" }],
  );
  rows.finish(draft);
  const read = draft.finish().tables["app.t"];
  expect(read?.indexes.map(({ definition }) => definition)).toEqual([
    "KEY `f` ((lower(concat(`b`,_utf8mb4'x'))), `a` DESC)",
    "KEY `i` (`a`) INVISIBLE",
    "UNIQUE KEY `u` (((`a` + 1)))",
  ]);
  expect(read?.indexes[0]).toMatchObject({ keys: [null, "a"], mentions: ["b", "a"] });
  // Nobody can refer to an expression.
  expect(read?.constraints).toEqual([]);
});

test("a check's table and whether it is enforced stand elsewhere", () => {
  const texts: CheckTexts = new Map();
  const draft = draftOf(
    [columns, { ...column }],
    [checks(texts), { table_name: null, constraint_name: "k", level: "Table", check_clause: "(`a` <> _utf8mb4\\'x\\')" }],
    [checkPlaces(texts), { table_name: "t", constraint_name: "k", enforced: "NO" }],
  );
  expect(draft.finish().tables["app.t"]?.constraints).toMatchObject([
    { name: "k", kind: "check", columns: ["a"], definition: "CHECK ((`a` <> _utf8mb4'x')) NOT ENFORCED", enforced: false },
  ]);
});

test("NO ACTION is what was not said", () => {
  const draft = draftOf(
    [columns, { ...column }],
    [foreignKeyActions, { constraint_name: "k", table_name: "t", update_rule: "RESTRICT", delete_rule: "NO ACTION" }],
    [
      foreignKeyColumns,
      {
        constraint_name: "k",
        table_name: "t",
        column_name: "a",
        ordinal_position: "1",
        referenced_table_schema: "other",
        referenced_table_name: "p",
        referenced_column_name: "id",
      },
    ],
  );
  attachForeignKeys(draft);
  expect(draft.finish().tables["app.t"]?.constraints[0]?.definition).toBe("FOREIGN KEY (`a`) REFERENCES `other`.`p` (`id`) ON UPDATE RESTRICT");
});

test("options of a table, and columns named without capitals", () => {
  expect(draftOf().finish().tables["app.t"]?.options).toEqual({
    engine: "InnoDB",
    charset: "utf8mb4",
    collation: "utf8mb4_0900_ai_ci",
    "row format": "Dynamic",
    ENCRYPTION: "'Y'",
  });
  expect(columns.query(version)).toContain("srs_id as srs_id");
  expect(indexes(new IndexRows()).query(version)).toContain("expression as expression");
  expect(checks(new Map()).query(version)).toContain("check_clause as check_clause");
});
