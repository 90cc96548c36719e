// What cannot be carried is refused before anything is touched, by a rule and with a way out.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../src/operations/operation.ts";
import { hasMariadb, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "./lived.ts";

const rename: Operation = { kind: "rename-column", table: "t", from: "v", to: "w" };
const recode: Operation = { kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", up: "v + 1" }], down: { v: "w - 1" } };
const drop: Operation = { kind: "drop-column", table: "t", column: "v" };
const counted = "create table t (id int auto_increment primary key, v int) engine = InnoDB";
const defaulted = "create table t (id int primary key, v int, z int default (`v` + 1)) engine = InnoDB";
const unique = (v: string): string =>
  `create table t (id int primary key, ${v}, z int not null, y int, unique key one (v), unique key two (z)) engine = InnoDB`;
const plain = "create table t (id int primary key, v int) engine = InnoDB";

/** MySQL calls a check by the table's name and a number, wherever it was written. */
const check = (mysqls: RegExp, mariadbs: RegExp): RegExp => (onMysql ? mysqls : mariadbs);

const everywhere: readonly (readonly [what: string, create: string, rule: string, subject: RegExp, operation?: Operation])[] = [
  [
    "a foreign key on it",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, constraint f foreign key (v) references p (id) on delete set null) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.f/,
  ],
  [
    "a foreign key to it",
    "create table t (id int primary key, v int not null, unique key (v)) engine = InnoDB; create table c (v int, constraint f foreign key (v) references t (v)) engine = InnoDB",
    "dependant-cannot-follow",
    /c\.f/,
    recode,
  ],
  [
    "a foreign key whose parent changes it",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, constraint f foreign key (v) references p (id) on update cascade) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.f/,
    { kind: "rename-column", table: "t", from: "v", to: "w" },
  ],
  ...(["on update cascade", "on delete set null"] as const).map(
    (action) =>
      [
        `a foreign key beside it that writes what up reads, ${action}`,
        `create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, z int, constraint f foreign key (z) references p (id) ${action}) engine = InnoDB`,
        "dependant-cannot-follow",
        /t\.f/,
        { ...recode, to: [{ name: "w", type: "bigint", up: "v + z" }] } as Operation,
      ] as const,
  ),
  [
    "a foreign key beside it that writes what a column is computed from that down reads",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, z int, g int as (`z` + 1) virtual, constraint f foreign key (z) references p (id) on delete set null) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.f/,
    { ...recode, down: { v: "w - g" } } as Operation,
  ],
  [
    "a foreign key that sets it to NULL, and NOT NULL to come",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, constraint f foreign key (v) references p (id) on delete set null) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.f/,
    { kind: "set-not-null", table: "t", column: "v", fill: "1" },
  ],
  ["a unique index, and one value for all rows of new code", unique("v int not null"), "down-not-unique", /t\.one/, { ...drop, down: "1" } as Operation],
  ["a unique index, and a default that is one value", unique("v int default 1"), "down-not-unique", /t\.one/, drop],
  [
    "a foreign key on other values",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, v int, constraint f foreign key (v) references p (id)) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.f/,
    recode,
  ],
  [
    "a foreign key that is left without an index",
    "create table p (id int primary key) engine = InnoDB; create table t (id int primary key, z int, v int, key zv (z, v), constraint f foreign key (z) references p (id)) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.zv/,
    drop,
  ],
  [
    "a foreign key to what is left without an index",
    `create table t (id int primary key, z int, v int, key zv (z, v)) engine = InnoDB; ${onMysql ? "set session restrict_fk_on_non_standard_key = 0;" : ""} create table c (z int, constraint f foreign key (z) references t (z)) engine = InnoDB`,
    "dependant-cannot-follow",
    /t\.zv/,
    drop,
  ],
  ["a CHECK of the table", "create table t (id int primary key, v int, constraint k check (v > 0)) engine = InnoDB", "dependant-cannot-follow", /t\.k/, recode],
  [
    "a CHECK of the table, given up by name",
    "create table t (id int primary key, v int, constraint k check (v > 0)) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.k/,
    { ...recode, drops: ["k"] } as Operation,
  ],
  [
    "a CHECK that goes with it",
    "create table t (id int primary key, v int, constraint k check (v > 0)) engine = InnoDB",
    "dependant-cannot-follow",
    /t\.k/,
    drop,
  ],
  [
    "a CHECK of the column",
    "create table t (id int primary key, v int check (v > 0)) engine = InnoDB",
    "dependant-cannot-follow",
    check(/t\.t_chk_1/, /t\.v/),
    {
      ...recode,
      to: [
        { name: "w", type: "bigint", up: "v + 1" },
        { name: "x", type: "bigint", up: "v" },
      ],
    } as Operation,
  ],
  [
    "a CHECK of another column",
    `create table t (id int primary key, v int, z int${onMysql ? "," : ""} check (z > v)) engine = InnoDB`,
    "dependant-cannot-follow",
    check(/t\.t_chk_1/, /t\.z/),
    drop,
  ],
  [
    "a generated column",
    "create table t (id int primary key, v int, g int as (`v` + 1) virtual) engine = InnoDB",
    "dependent-generated-column",
    /t\.g/,
    recode,
  ],
  ["a default of another column, renamed", defaulted, "dependent-default", /t\.z/],
  ["a default of another column, dropped", defaulted, "dependent-default", /t\.z/, drop],
  ["a default of another column, transformed", defaulted, "dependent-default", /t\.z/, recode],
  [
    "an index on a virtual column",
    "create table t (id int primary key, v int, g int as (`id` + 1) virtual, key (g)) engine = InnoDB",
    "blocks-while-working",
    /t\.g/,
  ],
  ["a fulltext index beside", "create table t (id int primary key, v int, x text, fulltext key f (x)) engine = InnoDB", "blocks-while-working", /t\.f/],
  [
    "a spatial index, where the table is made anew",
    "create table t (id int primary key, v int, g point not null, spatial key s (g)) engine = InnoDB",
    "blocks-while-working",
    /t\.s/,
    { ...recode, to: [{ name: "w", type: "tinyint", notNull: true, up: "v + 1" }] } as Operation,
  ],
  ["a view", `${plain}; create view x as select id, v from t`, "dependent-view", /x/],
  ["a view of everything", `${plain}; create view x as select * from t`, "dependent-view", /x/],
  ["a trigger", `${plain}; create trigger x before insert on t for each row set new.v = coalesce(new.v, 1)`, "dependent-trigger", /x/],
  [
    "another table's trigger",
    `${plain}; create table o (id int); create trigger x after insert on o for each row update t set V = 1`,
    "dependent-trigger",
    /x/,
  ],
  ["a procedure", `${plain}; create procedure x() update t set v = 1`, "dependent-routine", /x/],
  ["an event", `${plain}; create event x on schedule every 1 day disable do update t set v = 1`, "dependent-routine", /x/],
  ["the primary key", "create table t (id int, v int, primary key (v)) engine = InnoDB", "dependant-cannot-follow", /PRIMARY/],
  ["a fulltext index", "create table t (id int primary key, v text, fulltext key f (v)) engine = InnoDB", "dependant-cannot-follow", /t\.f/],
  ["no key", "create table t (id int, v int) engine = InnoDB", "no-key", /t$/],
  ["no key, dropped", "create table t (id int, v int) engine = InnoDB", "no-key", /t$/, drop],
  ["another engine", "create table t (id int primary key, v int) engine = MyISAM", "unmodelled-dependant", /t$/],
  ["a counter", "create table t (id int primary key, v int auto_increment, key (v)) engine = InnoDB", "generated-column", /t\.v/],
  ["a counter that up reads", counted, "bad-expression", /t\.w/, { ...recode, to: [{ name: "w", type: "bigint", up: "v + id" }] } as Operation],
  ["a counter that down reads", counted, "bad-expression", /t\.v/, { ...recode, down: { v: "w - id" } } as Operation],
  ["a counter that takes its place", counted, "bad-expression", /t\.v/, { ...drop, down: "id" } as Operation],
  ["a counter that fills it", counted, "bad-expression", /t\.v/, { kind: "set-not-null", table: "t", column: "v", fill: "id" }],
  [
    "a counter beside it that fills another",
    counted,
    "bad-expression",
    /t\.slug/,
    { kind: "add-column", table: "t", column: { name: "slug", type: "varchar(60)", notNull: true }, fill: "concat(v, '-', id)" },
  ],
  ["system versioning", "create table t (id int primary key, v int) engine = InnoDB with system versioning", "unmodelled-dependant", /t$/],
  ["a partition key", "create table t (id int, v int, primary key (id, v)) engine = InnoDB partition by hash (v) partitions 2", "partition-key", /t$/],
  ["a type without a default", "create table t (id int primary key, v point not null) engine = InnoDB", "unmodelled-dependant", /t\.v/],
  [
    "ON UPDATE in a transform",
    "create table t (id int primary key, v datetime on update current_timestamp) engine = InnoDB",
    "generated-column",
    /t\.v/,
    { ...recode, to: [{ name: "w", type: "date", up: "cast(v as date)" }], down: { v: "w" } } as Operation,
  ],
];

/** What MySQL does not have, and what does not stand in its way. */
const onlyMariadbs: ReadonlySet<string> = new Set(["system versioning", "an index on a virtual column"]);
const cases = onMysql ? everywhere.filter(([what]) => !onlyMariadbs.has(what)) : everywhere;

describe.runIf(hasMariadb)("a column that leaves", () => {
  test.for(cases)("with %s", async ([, create, rule, subject, operation], { expect, task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(create);
    const { plan, findings } = await planned(db, [operation ?? rename]);
    expect(plan).toBeNull();
    const found = findings.filter((finding) => finding.rule === rule && finding.severity === "refuse" && subject.test(finding.subject.name));
    expect(found, JSON.stringify(findings)).toHaveLength(1);
    expect(found[0]?.fix).toBeTruthy();
  });

  test("with no value to spare and no default, under a name that stays, is refused; with a default it is carried", async ({ task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows("create table t (id int primary key, v varchar(16) not null) engine = InnoDB");
    const widen: Operation = { kind: "transform", table: "t", from: ["v"], to: [{ name: "v", type: "text", notNull: true, up: "v" }], down: { v: "v" } };
    const { plan, findings } = await planned(db, [widen], { accept: ["swaps-names"] });
    expect(plan).toBeNull();
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: "unmodelled-dependant", severity: "refuse", fix: expect.stringContaining("alter column v set default") }),
    );
    await db.rows("alter table t alter column v set default 'x'; insert into t values (1, 'a')");
    const life = await lifecycleOf(db, [widen], { accept: ["swaps-names"] });
    await life.to("switch");
    await life.to("drop");
    expect(await db.rows("select id, v from t")).toEqual([{ id: 1, v: "a" }]);
  });

  test("with a unique index is planned where rows of new code differ, and with a warning where they may not", async ({ task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(unique("v int not null"));
    const said = async (operation: Operation): Promise<readonly string[]> => {
      const { plan, findings } = await planned(db, [operation]);
      expect(plan).not.toBeNull();
      return findings.flatMap(({ rule, severity }) => (rule === "down-not-unique" ? [severity] : []));
    };
    expect(await said({ ...drop, down: "z + 1" } as Operation)).toEqual([]);
    expect(await said({ ...drop, down: "coalesce(y, 0)" } as Operation)).toEqual(["warn"]);
    await db.rows("alter table t modify column v int null");
    expect(await said(drop)).toEqual([]);
  });

  test("with nothing of that is planned", async ({ task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(
      `${plain}; create table o (id int primary key, v int) engine = InnoDB; create view x as select v from o; create procedure y() select v from o`,
    );
    for (const operation of [rename, recode]) expect((await planned(db, [operation])).plan).not.toBeNull();
    // A function of the same name, and a text, are no columns.
    await db.rows("create table u (id int primary key, uuid int, v int, z varchar(40) default (uuid()), y varchar(40) default '`v`') engine = InnoDB");
    for (const from of ["uuid", "v"]) expect((await planned(db, [{ kind: "rename-column", table: "u", from, to: "w" }])).plan).not.toBeNull();
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
