// What hangs on a renamed column follows it, there and back: in the end all is as one plain rename of the server's own would have left it.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { phases } from "../../../src/step/phase.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "./lived.ts";

const rename = (from: string, to: string): Operation => ({ kind: "rename-column", table: "t", from, to });

interface Case {
  readonly create: string;
  readonly operations: readonly Operation[];
  /** The same by the server's own renames. */
  readonly plain: string;
  /** Statements that must fail in the end, each by its error number. */
  readonly refused?: readonly (readonly [statement: string, errno: number])[];
  /** What new code writes after switch; the values stay as they were. */
  readonly writes?: string;
  /** The rule by which MySQL's plan is refused: its server lets nobody rename what these name. */
  readonly mysql?: "dependant-cannot-follow" | "dependent-generated-column";
}

/** A check beside what the case is about, which MySQL could not carry. */
const check = (text: string): string => (onMysql ? "" : `, ${text}`);

const parent = "create table p (id int primary key, k int not null, unique key (k)) engine=InnoDB; insert into p values (1,1),(2,2),(3,3);";

const cases: Readonly<Record<string, Case>> = {
  "a foreign key": {
    create: `${parent} create table t (id int primary key, v int not null, z int, constraint f foreign key (v) references p (k) on delete cascade) engine=InnoDB; insert into t values (1,1,1),(2,2,2)`,
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
    refused: [["insert into t (id, w) values (9, 99)", 1452]],
    writes: "update t set w = 2 where id = 1; update t set w = 1 where id = 1; insert into t (id, w) values (7, 3); delete from t where id = 7",
  },
  "a foreign key over two columns, and an index of its own": {
    create:
      "create table p (a int, b int, primary key (a, b)) engine=InnoDB; insert into p values (1,1),(2,2); create table t (id int primary key, v int, z int, key vz (v, z), constraint f foreign key (v, z) references p (a, b)) engine=InnoDB; insert into t values (1,1,1),(2,null,2)",
    operations: [rename("v", "w"), rename("z", "y")],
    plain: "alter table t rename column v to w, rename column z to y",
    refused: [["insert into t (id, w, y) values (9, 1, 2)", 1452]],
  },
  "a foreign key to it, with every action": {
    create:
      "create table t (id int primary key, v int not null, unique key one_v (v)) engine=InnoDB; insert into t values (1,1),(2,2); create table c (id int primary key, tv int, constraint cf foreign key (tv) references t (v) on update cascade on delete set null) engine=InnoDB; insert into c values (1,1),(2,2)",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
    writes: "update t set w = 5 where id = 1; update t set w = 1 where id = 1",
  },
  "a foreign key to the same table": {
    create:
      "create table t (id int primary key, up int, constraint f foreign key (up) references t (id)) engine=InnoDB; insert into t values (1,null),(2,1),(3,2)",
    operations: [rename("up", "parent")],
    plain: "alter table t rename column up to parent",
    refused: [["update t set parent = 77 where id = 3", 1452]],
  },
  checks: {
    create:
      "create table t (id int primary key, v int not null default 3 check (v > 0), z int, constraint k check (v < 100 and (z is null or z <> v))) engine=InnoDB; insert into t values (1,1,null),(2,2,3)",
    mysql: "dependant-cannot-follow",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
    refused: [
      ["insert into t (id, w) values (9, -1)", 4025],
      ["insert into t (id, w) values (9, 200)", 4025],
    ],
  },
  "a check over two that are renamed": {
    create: `create table t (id int primary key, a int ${onMysql ? "" : "check (a <> b)"}, b int not null, constraint k check (a < b)) engine=InnoDB; insert into t values (1,1,2)`,
    mysql: "dependant-cannot-follow",
    operations: [rename("a", "b2"), rename("b", "a2")],
    plain: "alter table t rename column a to b2, rename column b to a2",
    refused: [["insert into t (id, b2, a2) values (9, 5, 1)", 4025]],
  },
  "generated columns, and an index on one that is stored": {
    create:
      "create table t (id int primary key, v tinyint not null, gv int as (`v` + 1) virtual, gs int as (`v` * 2) stored, last int, key by_gs (gs)) engine=InnoDB; insert into t (id, v) values (1,1),(2,2)",
    mysql: "dependent-generated-column",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
  },
  // MariaDB has none.
  ...(onMysql && {
    "an index over an expression": {
      create: "create table t (id int primary key, v varchar(20) not null, key f ((lower(v)))) engine=InnoDB",
      mysql: "dependant-cannot-follow",
      operations: [rename("v", "w")],
      plain: "",
    },
  }),
  "indexes of every make": {
    create: `create table t (id int primary key, v varchar(40) not null, z int, key pre (v(3)), key de (z, v desc), unique key un (v), key ig (v) ${onMysql ? "invisible" : "ignored"} comment 'x\`v\`') engine=InnoDB; insert into t values (1,'a',1),(2,'b',2)`,
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
    refused: [["insert into t (id, w) values (9, 'a')", 1062]],
  },
  "the time of the last change": {
    create:
      "create table t (id int primary key, v datetime not null default current_timestamp on update current_timestamp, z int) engine=InnoDB; insert into t values (1,'2001-01-01',1),(2,'2002-02-02',2)",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
  },
  "a comment, a collation, JSON and a default that is computed": {
    // MySQL's JSON takes no default in an instant, so it could not be left out.
    create: `create table t (a varchar(10) character set latin1 collate latin1_german1_ci not null default 'é' comment 'it''s \\\\ it', id int primary key, j json ${onMysql ? "" : "not null"}, u varchar(36) not null default (uuid()), i int invisible) engine=InnoDB; insert into t (a, id, j, u, i) values ('q', 1, '[1]', 'x', 3)`,
    operations: [rename("a", "b"), rename("j", "k"), rename("u", "x"), rename("i", "h")],
    plain: "alter table t rename column a to b, rename column j to k, rename column u to x, rename column i to h",
  },
  "a compressed table": {
    create: `create table t (v int not null ${onMysql ? "" : "check (v > 0)"}, id int primary key) engine=InnoDB row_format=compressed; insert into t values (1,1)`,
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
  },
  partitions: {
    create:
      "create table t (id int, v enum('a','b') not null, primary key (id)) engine=InnoDB partition by hash (id) partitions 2; insert into t values (1,'a'),(2,'b')",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
  },
  "a spatial index beside": {
    create: "create table t (id int primary key, v int not null, g point not null, spatial key (g)) engine=InnoDB; insert into t values (1,1,point(1,2))",
    operations: [rename("v", "w")],
    plain: "alter table t rename column v to w",
  },
  "an index over a second one that is made into another": {
    create: "create table t (id int primary key, a int not null, b int not null, key ab (a, b)) engine=InnoDB; insert into t values (1,2,3),(2,3,4)",
    operations: [
      rename("a", "aa"),
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "bb", type: "bigint", notNull: true, up: "b + 1" }], down: { b: "bb - 1" } },
    ],
    plain:
      "alter table t drop index ab, drop column a, drop column b; alter table t add column aa int not null, add column bb bigint not null, add key ab (aa, bb); update t set aa = id + 1, bb = id + 3",
  },
  "a name of its own between": {
    create: `${parent} create table t (id int primary key, v tinyint not null default 3, z int, unique key (v), constraint f foreign key (z) references p (k)${check("constraint k check (v > 0)")}) engine=InnoDB; insert into t values (1,1,1),(2,2,2)`,
    operations: [rename("v", "w"), rename("w", "x"), rename("z", "y")],
    plain: "alter table t rename column v to x, rename column z to y",
  },
  "beside a transform": {
    create: `create table t (id int primary key, v int not null, n varchar(20) not null, key (v), key (n)${check("constraint k check (v > 0)")}) engine=InnoDB; insert into t values (1,1,'x')`,
    operations: [
      rename("v", "w"),
      {
        kind: "transform",
        table: "t",
        from: ["n"],
        to: [{ name: "m", type: "varchar(30)", notNull: true, up: "concat(n, '!')" }],
        down: { n: "left(m, char_length(m) - 1)" },
      },
    ],
    plain: "alter table t rename column v to w, drop column n, add column m varchar(30) not null, add key n (m); update t set m = 'x!'",
  },
};

const shown = async (db: MariadbDatabase) => {
  const { create, rows, triggers } = await look(db, "t");
  return { create: create.replace(/\n {2}`hotstick_kept_\d+`[^\n]*/, ""), rows, triggers };
};
const others = async (db: MariadbDatabase) => {
  const tables = await db.rows<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = database() and table_name in ('p', 'c')",
  );
  return Promise.all(tables.map(({ name }) => look(db, name)));
};

async function stage(create: string, work: (db: MariadbDatabase) => Promise<void>): Promise<void> {
  const finishers: (() => unknown)[] = [];
  const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
  try {
    await db.rows(create);
    await work(db);
  } finally {
    for (const finish of finishers) await finish();
  }
}

const isRefused = (name: string): boolean => onMysql && cases[name]?.mysql !== undefined;

describe.runIf(onMysql)("a rename that MySQL does not know, of a column with", () => {
  test.each(Object.keys(cases).filter(isRefused))("%s", async (name) => {
    const { create, operations, mysql } = cases[name] as Case;
    await stage(create, async (db) => {
      await expect(lifecycleOf(db, operations)).rejects.toThrow(mysql);
    });
  });
});

describe.runIf(hasMariadb)("a rename of a column with", () => {
  describe.each(Object.keys(cases).filter((name) => !isRefused(name)))("%s", (name) => {
    const { create, operations, plain, refused = [], writes } = cases[name] as Case;

    test("ends as the server's own", { timeout: 60_000 }, async () => {
      let expected: unknown;
      await stage(create, async (db) => {
        await db.rows(plain);
        expected = [await shown(db), await others(db)];
      });
      await stage(create, async (db) => {
        const run = await lifecycleOf(db, operations);
        await run.to("switch");
        if (writes !== undefined) await db.rows(writes);
        expect((await run.to("drop")).outcome).toBe("applied");
        expect([await shown(db), await others(db)]).toEqual(expected);
        for (const [statement, errno] of refused) await expect(db.rows(statement), statement).rejects.toMatchObject({ errno });
      });
    });

    test.each(phases)("comes back from %s", { timeout: 60_000 }, async (goal) => {
      await stage(create, async (db) => {
        const before = [await look(db, "t"), await others(db)];
        const run = await lifecycleOf(db, operations);
        await run.to(goal);
        if (writes !== undefined && ["switch", "retire", "drop"].includes(goal)) await db.rows(writes);
        const state = await (goal === "drop" ? run.undo("start") : run.back("start"));
        expect(state.outcome).toBe("reverted");
        expect([await look(db, "t"), await others(db)]).toEqual(before);
      });
    });
  });
});

describe.runIf(hasMariadb)("whoever may use a column by its name", () => {
  test.each(["phased", "plain"] as const)("may use what takes its place, in the %s form", async (mode) => {
    await stage("create table t (id int primary key, v int not null, n int) engine=InnoDB", async (db) => {
      const account = `'g_${db.name}'@'%'`;
      await db.rows(`create user ${account} identified by 'x'; grant select (id, v), update (v), insert (n) on t to ${account}`);
      try {
        const privileges = () =>
          db.rows("select column_name as c, privilege_type as p from information_schema.column_privileges where table_schema = database() order by 1, 2");
        const before = await privileges();
        const merged: Operation = {
          kind: "transform",
          table: "t",
          from: ["w", "n"],
          to: [{ name: "pair", type: "varchar(40)", up: "concat_ws('|', w, n)" }],
          down: { w: "substring_index(pair, '|', 1)", n: "substring_index(pair, '|', -1)" },
        };
        const run = await lifecycleOf(db, mode === "phased" ? [rename("v", "w")] : [rename("v", "w"), merged], { mode });
        await run.to(mode === "phased" ? "expand" : "drop");
        const more = mode === "phased" ? ["SELECT w", "UPDATE w"] : ["INSERT pair", "SELECT pair", "UPDATE pair"];
        const is = ({ c, p }: Record<string, unknown>): string => `${p} ${c}`;
        expect((await privileges()).map(is).toSorted()).toEqual([...before.map(is), ...more].toSorted());
        if (mode === "phased") {
          await run.to("drop");
          await run.undo("start");
          expect(await privileges()).toEqual(before);
        }
      } finally {
        await db.rows(`drop user ${account}`);
      }
    });
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
