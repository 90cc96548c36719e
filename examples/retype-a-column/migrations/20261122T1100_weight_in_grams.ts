import { migration } from "hotstick";

export default migration({
  operations: [
    {
      kind: "transform",
      table: "products",
      from: ["weight"],
      to: [{ name: "weight_g", type: "int", up: "round(weight * 1000)::int" }],
      down: { weight: "weight_g / 1000.0" },
    },
  ],
});
