import { migration } from "hotstick";

export default migration({ operations: [{ kind: "rename-column", table: "customers", from: "mail", to: "email" }] });
