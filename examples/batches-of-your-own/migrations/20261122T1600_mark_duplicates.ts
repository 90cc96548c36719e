import { migration } from "hotstick";

export default migration({
  operations: [
    { kind: "add-index", table: "contacts", name: "contacts_phone_idx", keys: [{ column: "phone" }] },
    { kind: "run", file: "modules/mark-duplicates.ts", undoExport: "down" },
  ],
});
