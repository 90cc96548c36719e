// Each kind of change, on tables small enough to be killed many times and large enough for several batches.
import type { MatrixCase } from "../../harness/crash-matrix.ts";

const t = (columns: string, values: string, extras = ""): string =>
  `create table t (id int primary key, ${columns}); insert into t select n, ${values} from generate_series(1, 100) n; ${extras}`;

export const split: MatrixCase = {
  name: "split",
  before: t(
    "name text default 'nobody', email text unique",
    "case n % 5 when 0 then null when 1 then 'Prince' when 2 then 'Ada   King ' else 'Ülkü Ö' || n end, n || '@example.org'",
    "create index t_name on t (name); comment on column t.name is 'as written'",
  ),
  operations: [
    {
      kind: "transform",
      table: "t",
      from: ["name"],
      to: [
        { name: "first_name", type: "text", notNull: true, default: "''", up: "coalesce(split_part(name, ' ', 1), '')" },
        { name: "last_name", type: "text", up: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')" },
      ],
      down: { name: "first_name || coalesce(' ' || last_name, '')" },
      drops: ["t_name"],
    },
  ],
};

const rename: MatrixCase = {
  name: "rename",
  before: t(
    "code text unique not null check (code <> '')",
    "'c' || n",
    "create index t_code_id on t (code, id); create table child (ref text references t (code) on delete cascade); insert into child select code from t where id < 20",
  ),
  operations: [{ kind: "rename-column", table: "t", from: "code", to: "slug" }],
};

const renameKey: MatrixCase = {
  name: "rename a key with an identity",
  before:
    "create table t (id bigint generated always as identity primary key, v text); insert into t (v) select 'v' || n from generate_series(1, 100) n; create table child (id int primary key, t bigint not null references t on delete cascade); insert into child select n, n from generate_series(1, 20) n",
  operations: [{ kind: "rename-column", table: "t", from: "id", to: "t_id" }],
};

const retype: MatrixCase = {
  name: "retype",
  before: t("price int not null default 5 check (price >= 0)", "n", "create index t_price on t (price desc); comment on column t.price is 'cents'"),
  operations: [
    {
      kind: "transform",
      table: "t",
      from: ["price"],
      to: [{ name: "price", type: "numeric(12,2)", notNull: true, default: "5", up: "price" }],
      down: { price: "floor(price)::int" },
    },
  ],
  options: { accept: ["swaps-names"] },
};

const drop: MatrixCase = {
  name: "drop a column",
  before: t("a text not null default 'd', b int", "'secret ' || n, n", "create index t_a on t (a); comment on column t.a is 'going'"),
  operations: [{ kind: "drop-column", table: "t", column: "a" }],
};

const add: MatrixCase = {
  name: "add a column",
  before: t("a int", "n"),
  operations: [{ kind: "add-column", table: "t", column: { name: "b", type: "int", notNull: true, default: "7" }, fill: "coalesce(a, 0) * 2" }],
};

const notNull: MatrixCase = {
  name: "forbid NULL",
  before: t("a int", "n"),
  operations: [{ kind: "set-not-null", table: "t", column: "a", fill: "0" }],
};

const index: MatrixCase = {
  name: "indexes",
  before: t("a int, b text", "n, 'b' || n"),
  operations: [
    { kind: "add-index", table: "t", name: "t_a", keys: [{ column: "a", order: "desc" }] },
    { kind: "add-index", table: "t", name: "t_b", unique: true, keys: [{ column: "b" }] },
  ],
};

const chain: MatrixCase = {
  name: "chain",
  before: t("a text not null", "'v ' || n", "create index t_a on t (a)"),
  operations: [
    { kind: "rename-column", table: "t", from: "a", to: "b" },
    { kind: "transform", table: "t", from: ["b"], to: [{ name: "c", type: "text", notNull: true, up: "upper(b)" }], down: { b: "lower(c)" } },
  ],
};

const partitions: MatrixCase = {
  name: "partitions",
  before:
    "create table t (id int, day date, a text, primary key (id, day)) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01'); create table t_2 partition of t for values from ('2021-01-01') to ('2030-01-01'); create index t_a on t (a); insert into t select n, date '2020-01-01' + n * 5, 'v' || n from generate_series(1, 100) n",
  operations: [{ kind: "rename-column", table: "t", from: "a", to: "b" }],
};

const rest: MatrixCase = {
  name: "tables, statements and a function",
  before: t("a int", "n", "create table counted (n int)"),
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
    {
      kind: "sql",
      phase: "expand",
      statements: ["create index concurrently t_a on t (a)", "create view v as select a from t"],
      undo: ["drop view v", "drop index concurrently if exists t_a"],
    },
    { kind: "run", file: "count.ts", undoExport: "down", phase: "backfill", sha256: "0".repeat(64) },
  ],
};

export const cases: readonly MatrixCase[] = [split, rename, renameKey, retype, drop, add, notNull, index, chain, partitions, rest];
