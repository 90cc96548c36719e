import { migration } from "hotstick";

// The column may not be NULL and has no default: until it is gone, rows of new code hold what down says.
export default migration({ operations: [{ kind: "drop-column", table: "customers", column: "fax", down: "''" }] });
