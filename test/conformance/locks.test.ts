// Each statement of each plan: the locks and the work that the plan says, against what the server shows.
import { describe, expect, test } from "vitest";
import { type Case, cases } from "../harness/cases.ts";
import { planFor } from "../harness/lifecycle.ts";
import { majors, newest } from "../harness/majors.ts";
import { Oracle, postgresLocks } from "../harness/oracle.ts";
import { wrongPredictions } from "../harness/predictions.ts";
import * as runs from "../harness/runs.ts";
import { databaseFor } from "../harness/servers.ts";

type Form = Pick<Case, "title" | "before" | "operations" | "options"> & { readonly from?: number };

/** Forms that the walk of operations does not need, and the server treats in its own way. */
const forms: readonly Form[] = [
  {
    title: "columns that cost a rewrite, accepted",
    before: "create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 60) g",
    operations: [
      { kind: "add-column", table: "t", column: { name: "twice", type: "int", generated: { kind: "stored", expression: "a * 2" } } },
      { kind: "add-column", table: "t", column: { name: "n", type: "bigint", identity: "always" } },
    ],
    options: { accept: ["rewrites-table"] },
  },
  {
    title: "a virtual column",
    from: 18,
    before: "create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 60) g",
    operations: [
      { kind: "add-column", table: "t", column: { name: "twice", type: "int", generated: { kind: "virtual", expression: "a * 2" } } },
      { kind: "add-column", table: "t", column: { name: "thrice", type: "int", generated: { kind: "virtual", expression: "a * 3" }, notNull: true } },
    ],
  },
  {
    title: "columns whose defaults are the same for every row, and one whose default is not",
    before: "create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 60) g",
    operations: [
      { kind: "add-column", table: "t", column: { name: "at", type: "timestamptz", default: "now()", notNull: true } },
      { kind: "add-column", table: "t", column: { name: "code", type: "uuid", default: "gen_random_uuid()" } },
    ],
  },
  {
    title: "a column of a domain with a rule",
    before:
      "create domain positive as int check (value > 0); create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 60) g; create table u (id int primary key, p positive); insert into u select g, g from generate_series(1, 60) g",
    operations: [
      { kind: "add-column", table: "t", column: { name: "b", type: "positive" } },
      { kind: "rename-column", table: "u", from: "p", to: "q" },
    ],
    options: { accept: ["rewrites-table"] },
  },
  {
    title: "a unique index over partitions of partitions",
    before: `create table t (id int, day date, a int) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01') partition by list (id);
      create table t_1_a partition of t_1 for values in (1, 2, 3); create table t_1_b partition of t_1 default; create table t_2 partition of t for values from ('2021-01-01') to ('2022-01-01');
      insert into t select g, date '2020-01-01' + g * 10, g from generate_series(1, 60) g`,
    operations: [{ kind: "add-index", table: "t", name: "t_key", unique: true, keys: [{ column: "id" }, { column: "day" }] }],
  },
  {
    title: "drop a column of a partitioned table with an index",
    before: `create table t (id int, day date, a text not null default 'x', primary key (id, day)) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01');
      create table t_2 partition of t for values from ('2021-01-01') to ('2022-01-01'); create index on t (a, day); insert into t select g, date '2020-01-01' + g * 10, 'v' || g from generate_series(1, 60) g`,
    operations: [{ kind: "drop-column", table: "t", column: "a" }],
  },
  {
    title: "a retyped column with a check, foreign keys, a composite key and statistics",
    before: `create table parent (a int primary key, x int); insert into parent select g, g from generate_series(1, 60) g; create table child (id int primary key, n int, m int, b int);
      create table t (a int references parent on delete cascade, b int check (b > 0), c text, primary key (a, b)); insert into t select g, g, 'c' || g from generate_series(1, 60) g;
      alter table child add foreign key (n, m) references t (a, b); create index on t (b) where c is not null; create statistics t_stat on b, c from t`,
    operations: [
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "b", type: "bigint", notNull: true, up: "b" }], down: { b: "b::int" }, drops: ["t_stat"] },
    ],
    options: { accept: ["swaps-names"] },
  },
  {
    title: "a renamed column that references its own table",
    before:
      "create table t (id int primary key, parent int references t on delete set null); insert into t select g, nullif(g / 2, 0) from generate_series(1, 60) g",
    operations: [{ kind: "rename-column", table: "t", from: "parent", to: "above" }],
  },
  {
    title: "forbid null on partitions and on children",
    before: `create table t (id int, day date, a int, primary key (id, day)) partition by range (day); create table t_1 partition of t for values from ('2020-01-01') to ('2021-01-01');
      create table t_2 partition of t for values from ('2021-01-01') to ('2022-01-01'); insert into t select g, date '2020-01-01' + g * 10, g from generate_series(1, 60) g;
      create table p (id int primary key, a int); create table k (b int) inherits (p); insert into p select g, g from generate_series(1, 30) g; insert into k select g, g, g from generate_series(31, 60) g`,
    operations: [
      { kind: "set-not-null", table: "t", column: "a" },
      { kind: "set-not-null", table: "p", column: "a", fill: "0" },
    ],
  },
  {
    title: "tables that reference each other from birth",
    before: "create table t (id int primary key); insert into t values (1)",
    operations: [
      { kind: "create-table", table: "u", columns: [{ name: "id", type: "int", identity: "always" }], primaryKey: ["id"] },
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
    title: "statements of a user's own",
    before:
      "create table t (id int primary key, a int, b int); insert into t select g, g, g from generate_series(1, 60) g; create table u (t int); create index t_b on t (b)",
    operations: [
      {
        kind: "sql",
        phase: "expand",
        statements: [
          "alter table u add foreign key (t) references t not valid",
          "create index concurrently t_a on t (a)",
          "drop index concurrently t_b",
          "create trigger same before update on t for each row execute function suppress_redundant_updates_trigger()",
        ],
        undo: [
          "drop trigger if exists same on t",
          "create index concurrently if not exists t_b on t (b)",
          "drop index concurrently if exists t_a",
          "alter table u drop constraint if exists u_t_fkey",
        ],
      },
      {
        kind: "sql",
        phase: "retire",
        statements: ["alter table t add column c int", "alter table t alter column b set not null"],
        undo: ["alter table t alter column b drop not null", "alter table t drop column if exists c"],
      },
    ],
  },
];

const everything = process.env["HOTSTICK_SCOPE"] === "all";

describe.each(majors)("PostgreSQL %i", (major) => {
  // All on the newest server, every third of the operations on older ones in the usual run; what is the server's own way on each.
  const all: readonly Form[] = [...cases.filter((__, i) => everything || major === newest || i % 3 === 1), ...forms];
  test.for(all.filter(({ from = 0 }) => major >= from).map((form) => [form.title, form] as const))("%s", async ([, form], t) => {
    const db = await databaseFor(t, major);
    await db.rows(form.before);
    const oracle = await Oracle.on(db, await planFor(db.url, form.operations, form.options));
    expect(wrongPredictions(await oracle.thereAndBack(), postgresLocks)).toEqual([]);
  });
});

describe("the oracle sees", () => {
  const { core, draft, inTransaction, outside, strong } = runs;
  const weak = (name: string, mode: string) => ({ table: { schema: "public", name }, mode, strong: false });

  test.for([
    ["a lock that is not said", draft("expand", inTransaction(["alter table t add column b int"])), "takes ACCESS EXCLUSIVE on public.t, and says none"],
    [
      "a stronger lock than is said",
      draft("expand", inTransaction(["alter table t add column b int"]), { locks: [strong("t", "SHARE")] }),
      "takes ACCESS EXCLUSIVE on public.t, and says SHARE",
    ],
    [
      "a weaker lock than is said",
      draft("expand", inTransaction(["comment on table t is 'x'"]), { locks: [strong("t")] }),
      "says ACCESS EXCLUSIVE on public.t, and takes SHARE UPDATE EXCLUSIVE",
    ],
    [
      "a lock on another table",
      draft("expand", inTransaction(["alter table u add foreign key (t) references t not valid"]), { locks: [strong("u", "SHARE ROW EXCLUSIVE")] }),
      "takes SHARE ROW EXCLUSIVE on public.t, and says none",
    ],
    [
      "a lock on an index that stops its table",
      draft("expand", inTransaction(["create index only_p on only p (a)", "alter index only_p attach partition p_1_a"]), { locks: [strong("p", "SHARE")] }),
      "takes ACCESS EXCLUSIVE on public.p_1, and says SHARE",
    ],
    [
      "a strong lock that is called weak",
      draft("expand", inTransaction(["alter table t add column b int"]), { locks: [weak("t", "ACCESS EXCLUSIVE")] }),
      "says that ACCESS EXCLUSIVE on public.t is weak",
    ],
    ["a rewrite", draft("expand", inTransaction(["alter table t alter a type bigint"]), { locks: [strong("t")] }), "does a rewrite, and says instant"],
    ["a check of every row", draft("expand", inTransaction(["alter table t alter a set not null"]), { locks: [strong("t")] }), "does a scan, and says instant"],
    ["a query over every row", draft("expand", inTransaction(["create table hotstick.kept as select * from t"])), "does a scan, and says instant"],
    [
      "a check of a foreign key",
      draft("expand", inTransaction(["alter table u add foreign key (t) references t"]), {
        locks: [strong("u", "SHARE ROW EXCLUSIVE"), strong("t", "SHARE ROW EXCLUSIVE")],
      }),
      "does a scan, and says instant",
    ],
    ["an index that is built", draft("expand", inTransaction(["create index on t (a)"]), { locks: [strong("t", "SHARE")] }), "does a build, and says instant"],
    [
      "an index that is built concurrently",
      draft("expand", outside(["create index concurrently t_a on t (a)"])),
      ["takes SHARE UPDATE EXCLUSIVE on public.t, and says none", "does a build, and says instant"],
    ],
    [
      "work that is not done",
      { ...draft("expand", inTransaction(["comment on table t is 'x'"]), { locks: [weak("t", "SHARE UPDATE EXCLUSIVE")] }), work: "scan" as const },
      "says scan, and is instant",
    ],
    [
      "an undo",
      draft("expand", inTransaction(["alter table t add column b int"]), {
        locks: [strong("t")],
        undo: [core(inTransaction(["alter table t drop column b"]))],
      }),
      "takes ACCESS EXCLUSIVE on public.t, and says none",
    ],
  ] as const)("%s", async ([, step, said], t) => {
    const db = await databaseFor(t);
    await db.rows(`create table t (id int primary key, a int); insert into t select g, g from generate_series(1, 60) g; create table u (t int); insert into u values (1);
      create table p (a int) partition by list (a); create table p_1 partition of p for values in (1); create index p_1_a on p_1 (a)`);
    const oracle = await Oracle.on(db, runs.planOf([step]));
    const wrong = wrongPredictions(await oracle.thereAndBack(), postgresLocks);
    expect(wrong.map((line) => line.replace(/^\S+ \(.*?\) /, ""))).toEqual([said].flat());
  });
});
