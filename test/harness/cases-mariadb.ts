// The cases that every test of operations goes through, in MariaDB's words.
import type { Operation } from "../../src/operations/operation.ts";
import type { Case } from "./cases.ts";

const users = `
  create table users (id bigint auto_increment primary key, name varchar(100) not null default 'nobody' comment 'as written', email varchar(100) unique);
  create index users_name_idx on users (name desc, email);
  insert into users (name, email) select concat('Ada   King ', seq), concat('a', seq, '@example.org') from seq_1_to_50 order by seq;
  insert into users (name, email) values ('Prince', null), ('  ', 'x'), ('👩‍👩‍👧 Ülkü ', 'y')`;

const split: Operation = {
  kind: "transform",
  table: "users",
  from: ["name"],
  to: [
    { name: "first_name", type: "varchar(100)", notNull: true, default: "''", up: "substring_index(name, ' ', 1)" },
    { name: "last_name", type: "varchar(100)", up: "nullif(substring(name, char_length(substring_index(name, ' ', 1)) + 2), '')" },
  ],
  down: { name: "concat(first_name, coalesce(concat(' ', last_name), ''))" },
  drops: ["users_name_idx"],
};

/** Every kind of operation, on every kind of table. */
export const mariadbCases: readonly Case[] = [
  {
    title: "split a column",
    before: users,
    operations: [split],
    old: "select id, name, email from users order by id",
    fresh: {
      select: "select first_name, last_name from users where id = 1 or email is null order by id",
      rows: [
        { first_name: "Ada", last_name: "  King 1" },
        { first_name: "Prince", last_name: null },
      ],
    },
  },
  {
    title: "rename a column with everything on it",
    before: `${users}; alter table users add constraint users_name_check check (name <> 'x'), add initial varchar(1) as (left(name, 1)) virtual, add length int as (char_length(name)) stored, add unique key one (name, id)`,
    operations: [{ kind: "rename-column", table: "users", from: "name", to: "full_name" }],
    old: "select id, name, email, initial, length from users order by id",
    fresh: { select: "select cast(count(full_name) as char) as n from users", rows: [{ n: "53" }] },
  },
  {
    title: "rename a unique column that others reference",
    before: `create table \`Küche\` (\`Der Name\` varchar(40) not null, n int, constraint \`ein Schlüssel\` unique (\`Der Name\`), primary key (n)); insert into \`Küche\` select concat('x', seq), seq from seq_1_to_20;
      create table child (ref varchar(40), id int primary key, foreign key (ref) references \`Küche\` (\`Der Name\`) on update cascade on delete cascade); insert into child select concat('x', seq), seq from seq_1_to_20`,
    operations: [{ kind: "rename-column", table: '"Küche"', from: "Der Name", to: "der `neue` Name" }],
    old: "select `Der Name`, n from `Küche` order by n",
  },
  {
    title: "retype under the same name",
    before: `create table t (id int primary key, price int default 5 comment 'cents' check (price >= 0), note varchar(20), key (price desc)); insert into t select seq, seq, 'n' from seq_1_to_60`,
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["price"],
        to: [{ name: "price", type: "decimal(12,2)", default: "5", up: "price" }],
        down: { price: "floor(price)" },
      },
    ],
    options: { accept: ["swaps-names"] },
    old: "select id, price, note from t order by id",
    fresh: { select: "select price from t where id = 3", rows: [{ price: "3.00" }] },
  },
  {
    title: "retype a unique column under the same name",
    before: `create table t (id int primary key, code int not null, note varchar(20), constraint t_code unique (code), unique key (code, note)); insert into t select seq, seq, 'n' from seq_1_to_60`,
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["code"],
        to: [{ name: "code", type: "varchar(20)", notNull: true, up: "cast(code as char)" }],
        down: { code: "cast(code as signed)" },
      },
    ],
    options: { accept: ["swaps-names"] },
    old: "select id, code, note from t order by id",
    fresh: { select: "select code from t where id = 3", rows: [{ code: "3" }] },
  },
  {
    title: "add a column that is filled",
    before: `create table t (id int primary key, a int); insert into t select seq, seq from seq_1_to_60`,
    operations: [{ kind: "add-column", table: "t", column: { name: "b", type: "int", notNull: true, default: "7" }, fill: "a * 2" }],
    old: "select id, a from t order by id",
    fresh: { select: "select b from t where id = 5", rows: [{ b: 10 }] },
  },
  {
    title: "add a plain column",
    before: "create table t (id int primary key, a int); insert into t values (1, 2)",
    operations: [{ kind: "add-column", table: "t", column: { name: "b", type: "varchar(20)", default: "'x'", notNull: true, comment: "new" } }],
    old: "select id, a from t",
  },
  {
    title: "add a plain column to a compressed table",
    before: "create table t (id int primary key, a int) row_format = compressed; insert into t values (1, 2)",
    operations: [{ kind: "add-column", table: "t", column: { name: "b", type: "varchar(20)", default: "'x'", notNull: true } }],
    old: "select id, a from t",
  },
  {
    title: "drop a column",
    before: `create table t (id int primary key, a varchar(40) not null default 'd' comment 'going', b int, key t_a (a)); insert into t select seq, concat('secret ', seq), seq from seq_1_to_60`,
    operations: [{ kind: "drop-column", table: "t", column: "a" }],
    old: "select id, a, b from t order by id",
  },
  {
    title: "drop a column that may not be null",
    before: `create table t (id int primary key, a varchar(40) not null, b int); insert into t select seq, concat('secret ', seq), seq from seq_1_to_60`,
    operations: [{ kind: "drop-column", table: "t", column: "a", down: "concat('gone ', b)" }],
    old: "select id, a, b from t order by id",
  },
  {
    title: "forbid null",
    before: `create table t (id int primary key, a int); insert into t select seq, nullif(seq % 3, 0) from seq_1_to_60`,
    operations: [{ kind: "set-not-null", table: "t", column: "a", fill: "0" }],
    old: "select id from t order by id",
  },
  {
    title: "forbid null at once",
    before: `create table t (id int primary key, a int); insert into t select seq, seq from seq_1_to_60`,
    operations: [{ kind: "set-not-null", table: "t", column: "a", enforce: "expand" }],
    old: "select id, a from t order by id",
  },
  {
    title: "build an index",
    before: "create table t (id int primary key, a int, b varchar(20)); insert into t select seq, seq, 'x' from seq_1_to_60",
    operations: [{ kind: "add-index", table: "t", name: "t_a", keys: [{ column: "a", order: "desc" }, { column: "b" }] }],
    old: "select * from t order by id",
  },
  {
    title: "build an index over a foreign key's columns, which takes the place of the server's own",
    before:
      "create table t (id int primary key, a int, b int, constraint up foreign key (a) references t (id)); insert into t select seq, seq, seq from seq_1_to_60",
    operations: [{ kind: "add-index", table: "t", name: "t_a", keys: [{ column: "a" }, { column: "b" }] }],
    old: "select * from t order by id",
  },
  {
    title: "build a unique index",
    before: "create table t (id int primary key, a int); insert into t select seq, seq from seq_1_to_60",
    operations: [{ kind: "add-index", table: "t", name: "t_a", unique: true, keys: [{ column: "a" }] }],
    old: "select * from t order by id",
  },
  {
    title: "create a table",
    before: "create table t (id int primary key); insert into t values (1)",
    operations: [
      {
        kind: "create-table",
        table: "u",
        columns: [
          { name: "id", type: "int" },
          { name: "t", type: "int" },
        ],
        primaryKey: ["id"],
        foreignKeys: [{ columns: ["t"], table: "t", references: ["id"] }],
      },
    ],
    old: "select * from t",
  },
  {
    title: "statements",
    before: "create table t (id int primary key, a int); insert into t values (1, 2)",
    operations: [
      {
        kind: "sql",
        phase: "expand",
        statements: ["create index t_a on t (a)", "create view v as select a from t", "create function f() returns int deterministic return 1"],
        undo: ["drop function if exists f", "drop view if exists v", "drop index if exists t_a on t"],
      },
    ],
    old: "select * from t",
  },
  {
    title: "a chain on one table",
    before: `create table t (id int primary key, a varchar(40) not null); insert into t select seq, concat('v ', seq) from seq_1_to_60`,
    operations: [
      { kind: "rename-column", table: "t", from: "a", to: "b" },
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "c", type: "varchar(30)", notNull: true, up: "upper(b)" }], down: { b: "lower(c)" } },
      { kind: "add-column", table: "t", column: { name: "d", type: "varchar(40)", notNull: true }, fill: "concat(c, '!')" },
    ],
    old: "select id, a from t order by id",
    fresh: { select: "select c, d from t where id = 2", rows: [{ c: "V 2", d: "V 2!" }] },
  },
  {
    title: "a partitioned table",
    before: `create table t (id int, day date, a varchar(20), primary key (id, day), key t_a (a)) partition by range columns (day) (partition p1 values less than ('2021-01-01'), partition p2 values less than (maxvalue)); insert into t select seq, '2020-01-01' + interval seq * 10 day, concat('v', seq) from seq_1_to_60`,
    operations: [{ kind: "rename-column", table: "t", from: "a", to: "b" }],
    old: "select id, cast(day as char) as day, a from t order by id",
  },
  {
    title: "the check of a column that was renamed before, and so is called by another's name",
    before: `create table t (id int primary key, a int not null check (a > 0), b int check (b > 100)); alter table t rename column a to b, rename column b to a; insert into t select seq, seq, seq + 100 from seq_1_to_60`,
    operations: [
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "b", type: "bigint", notNull: true, up: "b" }], down: { b: "b" } },
      { kind: "drop-column", table: "t", column: "a" },
    ],
    options: { accept: ["swaps-names"] },
    old: "select id, a, b from t order by id",
    fresh: { select: "select b from t where id = 2", rows: [{ b: "2" }] },
  },
];
