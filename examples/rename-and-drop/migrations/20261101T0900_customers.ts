import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "customers",
      columns: [
        { name: "id", type: "uuid", default: "gen_random_uuid()" },
        { name: "mail", type: "text" },
        { name: "fax", type: "text", notNull: true },
      ],
      primaryKey: ["id"],
      unique: [{ name: "customers_mail_key", columns: ["mail"] }],
    },
  ],
});
