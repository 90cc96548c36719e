import { migration } from "hotstick";

// The server's own functions; both directions keep a name as it was.
export default migration({
  operations: [
    {
      kind: "transform",
      table: "users",
      from: ["name"],
      to: [
        { name: "first_name", type: "varchar(200)", notNull: true, default: "''", up: "substring_index(name, ' ', 1)" },
        { name: "last_name", type: "varchar(200)", up: "nullif(substring(name, char_length(substring_index(name, ' ', 1)) + 2), '')" },
      ],
      down: { name: "concat(first_name, coalesce(concat(' ', last_name), ''))" },
      // No single column follows this index, so it is given up, and another one takes its place.
      drops: ["users_name"],
    },
    { kind: "add-index", table: "users", name: "users_last_name", keys: [{ column: "last_name" }, { column: "first_name" }] },
  ],
});
