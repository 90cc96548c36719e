import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "create-table",
      table: "products",
      columns: [
        { name: "id", type: "bigint", identity: "always" },
        { name: "title", type: "text", notNull: true },
        { name: "price", type: "int", notNull: true, default: "0" },
        { name: "weight", type: "real", comment: "kilograms" },
      ],
      primaryKey: ["id"],
      checks: [{ name: "products_price_check", expression: "price >= 0" }],
    },
  ],
});
