// Privileges on single tables and columns, as far as our account may see them. Those on whole databases belong to no table.
import type { Grant } from "../../../schema/model.ts";
import type { Draft } from "./draft.ts";
import { family, fields } from "./family.ts";

interface GrantRow {
  readonly grantee: string;
  readonly table_name: string;
  readonly privilege_type: string;
  readonly is_grantable: string;
}

/** The servers do not tell who granted. */
const grantOf = (draft: Draft, row: GrantRow): Grant => ({
  grantee: draft.shared(row.grantee),
  grantor: "",
  privilege: draft.shared(row.privilege_type),
  grantable: row.is_grantable === "YES",
});

export const tableGrants = family<GrantRow>(
  () =>
    `select ${fields("grantee", "table_name", "privilege_type", "is_grantable")} from information_schema.table_privileges where table_schema = database() order by 1, 2, 3`,
  (draft, row) => {
    const relation = draft.relations.get(row.table_name);
    (relation?.table ?? relation?.view)?.grants.push(grantOf(draft, row));
  },
);

interface ColumnGrantRow extends GrantRow {
  readonly column_name: string;
}

export const columnGrants = family<ColumnGrantRow>(
  () =>
    `select ${fields("grantee", "table_name", "column_name", "privilege_type", "is_grantable")} from information_schema.column_privileges where table_schema = database() order by 1, 2, 3, 4`,
  (draft, row) => {
    draft.editColumn(row.table_name, row.column_name, (column) => ({ ...column, grants: [...column.grants, grantOf(draft, row)] }));
  },
);
