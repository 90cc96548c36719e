import { migration } from "hotstick";

// At retire the two columns exchange their names, so the unique index follows as it follows any rename.
export default migration({ operations: [{ kind: "rename-column", table: "users", from: "mail", to: "email" }] });
