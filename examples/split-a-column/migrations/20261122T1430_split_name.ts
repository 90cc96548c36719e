import { migration } from "hotstick";

// One word is a first name; whatever follows the first space is the last name. Both directions keep such names as they were.
export default migration({
  operations: [
    {
      kind: "transform",
      table: "users",
      from: ["name"],
      to: [
        { name: "first_name", type: "text", notNull: true, default: "''", up: "split_part(name, ' ', 1)" },
        { name: "last_name", type: "text", up: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')" },
      ],
      down: { name: "first_name || coalesce(' ' || last_name, '')" },
      // No single column follows this index, so it is given up, and another one takes its place.
      drops: ["users_name_idx"],
    },
    { kind: "add-index", table: "users", name: "users_last_name_idx", keys: [{ column: "last_name" }, { column: "first_name" }] },
  ],
});
