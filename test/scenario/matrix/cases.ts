// Each kind of change, on tables small enough to be killed many times and large enough for several batches.
import type { Operation } from "../../../src/operations/operation.ts";
import type { MatrixCase } from "../../harness/crash-matrix.ts";

type Texts = readonly [postgres: string, mariadb: string];

/** `n` goes from 1 to 100. @param values, extras one text where both engines say it in the same words. */
function t(columns: string | Texts, values: string | Texts, extras: string | Texts = ""): Texts {
  const [of, from] = ["select n, ", ["generate_series(1, 100) n", "(select seq as n from seq_1_to_100) s"]] as const;
  const one = (text: string | Texts, i: 0 | 1): string => (typeof text === "string" ? text : text[i]);
  const make = (i: 0 | 1): string =>
    `create table t (id int primary key, ${one(columns, i)}); insert into t ${of}${one(values, i)} from ${from[i]}; ${one(extras, i)}`;
  return [make(0), make(1)];
}

const both = (name: string, [postgres, mariadb]: Texts, operations: readonly Operation[], onMariadb: readonly Operation[] = operations): MatrixCase => ({
  name,
  on: { postgres: { before: postgres, operations }, mariadb: { before: mariadb, operations: onMariadb } },
});

const accepting = ({ name, on }: MatrixCase, ...accept: readonly string[]): MatrixCase => ({
  name,
  on: Object.fromEntries(Object.entries(on).map(([engine, setting]) => [engine, { ...setting, options: { accept } }])),
});

const splitting = (type: string, first: string, last: string, down: string): Operation => ({
  kind: "transform",
  table: "t",
  from: ["name"],
  to: [
    { name: "first_name", type, notNull: true, default: "''", up: `coalesce(${first}, '')` },
    { name: "last_name", type, up: last },
  ],
  down: { name: down },
  drops: ["t_name"],
});

export const split = both(
  "split",
  t(
    ["name text default 'nobody', email text unique", "name varchar(100) default 'nobody' comment 'as written', email varchar(100) unique"],
    [
      "case n % 5 when 0 then null when 1 then 'Prince' when 2 then 'Ada   King ' else 'Ülkü Ö' || n end, n || '@example.org'",
      "case n % 5 when 0 then null when 1 then 'Prince' when 2 then 'Ada   King ' else concat('Ülkü Ö', n) end, concat(n, '@example.org')",
    ],
    ["create index t_name on t (name); comment on column t.name is 'as written'", "create index t_name on t (name)"],
  ),
  [
    splitting(
      "text",
      "split_part(name, ' ', 1)",
      "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')",
      "first_name || coalesce(' ' || last_name, '')",
    ),
  ],
  [
    splitting(
      "varchar(100)",
      "substring_index(name, ' ', 1)",
      "nullif(substr(name, char_length(substring_index(name, ' ', 1)) + 2), '')",
      "concat(first_name, coalesce(concat(' ', last_name), ''))",
    ),
  ],
);

const child = "insert into child select code from t where id < 20";

const rename = both(
  "rename",
  t(
    ["code text unique not null check (code <> '')", "code varchar(100) unique not null check (code <> '')"],
    ["'c' || n", "concat('c', n)"],
    [
      `create index t_code_id on t (code, id); create table child (ref text references t (code) on delete cascade); ${child}`,
      `create index t_code_id on t (code, id); create table child (ref varchar(100), foreign key (ref) references t (code) on delete cascade); ${child}`,
    ],
  ),
  [{ kind: "rename-column", table: "t", from: "code", to: "slug" }],
);

/** MariaDB stores rows by their primary key and counts AUTO_INCREMENT after the triggers: such a column is refused there. */
const renameKey: MatrixCase = {
  name: "rename a key with an identity",
  on: {
    postgres: {
      before:
        "create table t (id bigint generated always as identity primary key, v text); insert into t (v) select 'v' || n from generate_series(1, 100) n; create table child (id int primary key, t bigint not null references t on delete cascade); insert into child select n, n from generate_series(1, 20) n",
      operations: [{ kind: "rename-column", table: "t", from: "id", to: "t_id" }],
    },
  },
};

const retyping = (down: string): Operation => ({
  kind: "transform",
  table: "t",
  from: ["price"],
  to: [{ name: "price", type: "numeric(12,2)", notNull: true, default: "5", up: "price" }],
  down: { price: down },
});

const retype = accepting(
  both(
    "retype",
    t(["price int not null default 5 check (price >= 0)", "price int not null default 5 comment 'cents' check (price >= 0)"], "n", [
      "create index t_price on t (price desc); comment on column t.price is 'cents'",
      "create index t_price on t (price desc)",
    ]),
    [retyping("floor(price)::int")],
    [retyping("cast(floor(price) as signed)")],
  ),
  "swaps-names",
);

const drop = both(
  "drop a column",
  t(
    ["a text not null default 'd', b int", "a varchar(100) not null default 'd' comment 'going', b int"],
    ["'secret ' || n, n", "concat('secret ', n), n"],
    ["create index t_a on t (a); comment on column t.a is 'going'", "create index t_a on t (a)"],
  ),
  [{ kind: "drop-column", table: "t", column: "a" }],
);

const add = both("add a column", t("a int", "n"), [
  { kind: "add-column", table: "t", column: { name: "b", type: "int", notNull: true, default: "7" }, fill: "coalesce(a, 0) * 2" },
]);

const notNull = both("forbid NULL", t("a int", "n"), [{ kind: "set-not-null", table: "t", column: "a", fill: "0" }]);

const index = both("indexes", t(["a int, b text", "a int, b varchar(100)"], ["n, 'b' || n", "n, concat('b', n)"]), [
  { kind: "add-index", table: "t", name: "t_a", keys: [{ column: "a", order: "desc" }] },
  { kind: "add-index", table: "t", name: "t_b", unique: true, keys: [{ column: "b" }] },
]);

const chaining = (type: string): readonly Operation[] => [
  { kind: "rename-column", table: "t", from: "a", to: "b" },
  { kind: "transform", table: "t", from: ["b"], to: [{ name: "c", type, notNull: true, up: "upper(b)" }], down: { b: "lower(c)" } },
];

const chain = both(
  "chain",
  t(["a text not null", "a varchar(100) not null"], ["'v ' || n", "concat('v ', n)"], "create index t_a on t (a)"),
  chaining("text"),
  chaining("varchar(100)"),
);

const partitions = both(
  "partitions",
  [
    "create table t (id int, day date, a text, primary key (id, day)) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01'); create table t_2 partition of t for values from ('2021-01-01') to ('2030-01-01'); create index t_a on t (a); insert into t select n, date '2020-01-01' + n * 5, 'v' || n from generate_series(1, 100) n",
    "create table t (id int, day date, a varchar(100), primary key (id, day)) partition by range columns (day) (partition t_1 values less than ('2021-01-01'), partition t_2 values less than ('2030-01-01')); create index t_a on t (a); insert into t select seq, date '2020-01-01' + interval seq * 5 day, concat('v', seq) from seq_1_to_100",
  ],
  [{ kind: "rename-column", table: "t", from: "a", to: "b" }],
);

const restWith = (index: string, undo: string): readonly Operation[] => [
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
  { kind: "sql", phase: "expand", statements: [index, "create view v as select a from t"], undo: ["drop view v", undo] },
  { kind: "run", file: "count.ts", undoExport: "down", phase: "backfill", sha256: "0".repeat(64) },
];

const rest = both(
  "tables, statements and a function",
  t("a int", "n", "create table counted (n int)"),
  restWith("create index concurrently t_a on t (a)", "drop index concurrently if exists t_a"),
  restWith("create index t_a on t (a)", "drop index if exists t_a on t"),
);

export const cases: readonly MatrixCase[] = [split, rename, renameKey, retype, drop, add, notNull, index, chain, partitions, rest];
