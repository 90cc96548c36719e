import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "users",
      columns: [
        { name: "id", type: "bigint", identity: "by default" },
        { name: "name", type: "varchar(200)", notNull: true, default: "''" },
        { name: "mail", type: "varchar(190)", notNull: true },
        { name: "created_at", type: "timestamp", notNull: true, default: "current_timestamp" },
      ],
      primaryKey: ["id"],
      unique: [{ name: "users_mail", columns: ["mail"] }],
    },
    { kind: "add-index", table: "users", name: "users_name", keys: [{ column: "name" }] },
  ],
});
