import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "users",
      columns: [
        { name: "id", type: "bigint", identity: "by default" },
        { name: "name", type: "text", notNull: true, default: "''", comment: "as people write it" },
        { name: "email", type: "text", notNull: true },
        { name: "created_at", type: "timestamptz", notNull: true, default: "now()" },
      ],
      primaryKey: ["id"],
      unique: [{ name: "users_email_key", columns: ["email"] }],
    },
    { kind: "add-index", table: "users", name: "users_name_idx", keys: [{ column: "name" }] },
  ],
});
