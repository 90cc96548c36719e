import { migration } from "hotstick";

export default migration({
  accept: ["swaps-names"],
  operations: [
    {
      kind: "transform",
      table: "products",
      from: ["price"],
      to: [{ name: "price", type: "numeric(12,2)", notNull: true, default: "0", up: "price" }],
      // Old code knows whole numbers only. A price that old code wrote last stays as it is.
      down: { price: "floor(price)::int" },
    },
  ],
});
