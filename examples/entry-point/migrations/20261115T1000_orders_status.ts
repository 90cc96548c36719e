import { migration } from "hotstick";

// The default is the same for every row, so the server stores it once: no row is touched.
export default migration({
  operations: [
    { kind: "add-column", table: "orders", column: { name: "status", type: "text", notNull: true, default: "'open'" } },
    { kind: "add-index", table: "orders", name: "orders_open_idx", keys: [{ column: "created_at", order: "desc" }], where: "status = 'open'" },
  ],
});
