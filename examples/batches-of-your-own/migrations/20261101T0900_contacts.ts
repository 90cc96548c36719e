import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "contacts",
      columns: [
        { name: "id", type: "bigint", identity: "by default" },
        { name: "phone", type: "text" },
        { name: "duplicate_of", type: "bigint" },
      ],
      primaryKey: ["id"],
      foreignKeys: [{ columns: ["duplicate_of"], table: "contacts", references: ["id"], onDelete: "set null" }],
    },
  ],
});
