// Forms that the walk of operations does not need, and MariaDB treats in its own way.
import type { Case } from "./cases.ts";

const referenced = `create table parent (id int primary key, code varchar(20) not null, weight float, key by_code (code)); insert into parent select seq, concat('c', seq), seq from seq_1_to_60;
  create table child (id int primary key, parent int, constraint up foreign key (parent) references parent (id)); insert into child select seq, seq from seq_1_to_60;
  create table other (id int primary key, parent int, constraint beside foreign key (parent) references parent (id) on delete cascade); insert into other select seq, seq from seq_1_to_60`;

export const lockForms: readonly Pick<Case, "title" | "before" | "operations" | "options">[] = [
  {
    title: "a column and an index of a table that others reference",
    before: referenced,
    operations: [
      { kind: "add-column", table: "parent", column: { name: "note", type: "varchar(20)" } },
      { kind: "add-index", table: "parent", name: "by_weight", keys: [{ column: "weight" }] },
    ],
  },
  {
    title: "a NOT NULL at once on a table that others reference",
    before: referenced,
    operations: [{ kind: "set-not-null", table: "parent", column: "weight", enforce: "expand" }],
    options: { accept: ["enforced-early"] },
  },
  {
    title: "a transformed column of a table that others reference, whose NOT NULL costs a rebuild",
    before: referenced,
    operations: [
      {
        kind: "transform",
        table: "parent",
        from: ["weight"],
        to: [{ name: "grams", type: "float", notNull: true, default: "0", up: "weight * 1000" }],
        down: { weight: "grams / 1000" },
      },
    ],
  },
  {
    title: "a dropped column of a table that others reference, and the way back after it",
    before: referenced,
    operations: [{ kind: "drop-column", table: "parent", column: "code", down: "concat('c', id)" }],
  },
  {
    title: "a renamed column that references another table",
    before: referenced,
    operations: [{ kind: "rename-column", table: "child", from: "parent", to: "above" }],
  },
  {
    title: "a renamed column that references its own table",
    before:
      "create table t (id int primary key, above int, constraint up foreign key (above) references t (id)); insert into t select seq, nullif(seq - 1, 0) from seq_1_to_60",
    operations: [{ kind: "rename-column", table: "t", from: "above", to: "boss" }],
  },
  {
    title: "tables that reference each other from birth",
    before: "create table t (id int primary key); insert into t values (1)",
    operations: [
      { kind: "create-table", table: "u", columns: [{ name: "id", type: "int" }], primaryKey: ["id"] },
      {
        kind: "create-table",
        table: "v",
        columns: [
          { name: "u", type: "int" },
          { name: "t", type: "int" },
        ],
        foreignKeys: [
          { columns: ["u"], table: "u", references: ["id"] },
          { columns: ["t"], table: "t", references: ["id"], onDelete: "cascade" },
        ],
      },
    ],
  },
  {
    title: "statements of a user's own on a table that others reference",
    before: referenced,
    operations: [
      {
        kind: "sql",
        phase: "expand",
        statements: [
          "alter table parent add column note varchar(20)",
          "create index by_both on parent (code, weight)",
          "alter table parent alter column weight set default 1",
        ],
        undo: [
          "alter table parent alter column weight drop default",
          "drop index if exists by_both on parent",
          "alter table parent drop column if exists note",
        ],
      },
    ],
  },
];
