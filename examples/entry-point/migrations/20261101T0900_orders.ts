import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "orders",
      columns: [
        { name: "id", type: "bigint", identity: "always" },
        { name: "customer", type: "text" },
        { name: "total", type: "numeric(12,2)", notNull: true },
        { name: "created_at", type: "timestamptz", notNull: true, default: "now()" },
      ],
      primaryKey: ["id"],
    },
  ],
});
