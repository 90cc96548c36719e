import { migration } from "hotstick";

export default migration({ operations: [{ kind: "set-not-null", table: "orders", column: "customer", fill: "'unknown'" }] });
