import { expect, test } from "vitest";
import { parseAlter } from "./alter.ts";
import { type AlterKind, alterKinds, clauseOf, formOf, together } from "./alter-actions.ts";
import { columnText } from "./column-text.ts";

const mariadb = 101119;
const mysql = 80403;

const kinds = (actions: string): readonly AlterKind[] => parseAlter(`alter table t ${actions}`)?.actions.map(({ kind }) => kind) ?? [];

test.each<[string, readonly AlterKind[]]>([
  ["add a int", ["add column"]],
  ["add column if not exists a int not null default 1 comment 'first, after'", ["add column"]],
  ["add a int first", ["add column at place"]],
  ["add a int after b", ["add column at place"]],
  ["add (a int, b int unique, index (a))", ["add column", "add keyed column", "add index"]],
  ["add a int default (1)", ["add column"]],
  ["add a char(36) default (uuid())", ["add column with computed default"]],
  ["add a char(36) default uuid()", ["add column with computed default"]],
  ["add a datetime default now()", ["add column"]],
  ["add a int auto_increment primary key", ["add auto_increment column"]],
  ["add a int check (a > 1)", ["add checked column"]],
  ["add a int references b (id)", ["add referencing column"]],
  ["add a int as (b + 1) virtual", ["add virtual column"]],
  ["add a int generated always as (b + 1) stored", ["add stored column"]],
  [
    "add index i (a), add unique key (b), add fulltext (c), add spatial index (d), add key (e)",
    ["add index", "add unique", "add fulltext", "add spatial", "add index"],
  ],
  ["add constraint primary key (a), add constraint c unique (b)", ["add primary key", "add unique"]],
  ["add constraint c foreign key (a) references b (id), add check (a > 0)", ["add foreign key", "add check"]],
  ["drop a, drop column b, drop index i, drop key k, drop primary key", ["drop column", "drop column", "drop index", "drop index", "drop primary key"]],
  ["drop foreign key f, drop constraint c, drop check d", ["drop foreign key", "drop constraint", "drop check"]],
  ["modify a bigint, change a b bigint", ["modify column", "modify column"]],
  ["rename column a to b, rename index i to j, rename to u", ["rename column", "rename index", "rename table"]],
  ["alter a set default 1, alter column b drop default", ["change default", "change default"]],
  ["alter index i invisible, alter column a set invisible", ["change index visibility", "change column visibility"]],
  ["convert to character set utf8mb4", ["convert character set"]],
  ["default character set utf8mb4 collate utf8mb4_bin", ["default character set"]],
  ["engine = innodb row_format=dynamic comment = 'engine' auto_increment 7", ["engine", "row format", "table comment", "auto_increment value"]],
  ["force, order by a, b", ["force", "order by"]],
  ["add partition (partition p1 values less than (9), partition p2 values less than (10))", ["change partitions"]],
  ["drop partition p1, p2", ["change partitions"]],
  ["reorganize partition p1, p2 into (partition p3 values less than (9))", ["rebuild partitions"]],
  ["exchange partition p with table x", ["exchange partition"]],
  ["add a int partition by hash (a) partitions 4", ["add column", "partition table"]],
  ["remove partitioning", ["remove partitioning"]],
  ["add system versioning, drop system versioning", ["add versioning", "drop versioning"]],
  ["frobnicate", ["unknown"]],
])("alter table t %s", (actions, expected) => {
  expect(kinds(actions)).toEqual(expected);
});

test("spans, names, other tables and clauses", () => {
  const text =
    "alter ignore table if exists `a`.`t,x` nowait add b int default (if(1, 2, 3)), algorithm=instant, rename column `c` to d, lock none, add foreign key (e) references u (id)";
  const alter = parseAlter(text);
  expect(alter).toMatchObject({ table: { schema: "a", name: "t,x" }, algorithm: "INSTANT", lock: "NONE", ignores: true });
  expect(alter?.actions.map(({ kind, name, start, end, other }) => [kind, name, text.slice(start, end), other?.name ?? null])).toEqual([
    ["add column with computed default", "b", "add b int default (if(1, 2, 3))", null],
    ["rename column", "c", "rename column `c` to d", null],
    ["add foreign key", null, "add foreign key (e) references u (id)", "u"],
  ]);
  expect(parseAlter("alter database d character set utf8mb4")).toBeNull();
  expect(parseAlter("create table t (a int)")).toBeNull();
});

test("each piece of ADD ( … ) has its own words and name, and is no action by itself", () => {
  const text = "alter table t add column if not exists (z int, key kz (z, b), constraint c foreign key (z) references u (id), unique (b)), add y int";
  const alter = parseAlter(text);
  expect(alter?.actions.map(({ name, start, end, listed, optional }) => [name, text.slice(start, end), listed, optional])).toEqual([
    ["z", "z int", true, true],
    ["kz", "key kz (z, b)", true, true],
    ["c", "constraint c foreign key (z) references u (id)", true, true],
    [null, "unique (b)", true, true],
    ["y", "add y int", undefined, undefined],
  ]);
  expect(alter?.actions[2]).toMatchObject({ constraint: "c", other: { name: "u" } });
  expect(alter?.actions.map((action) => columnText(text, action)?.type ?? null)).toEqual(["int", null, null, null, "int"]);
});

test.each([
  ["add constraint c unique key k (b)", "k", "c"],
  ["add constraint c unique (b)", "c", "c"],
  ["add constraint unique index k (b)", "k", undefined],
  ["add unique key using btree (b)", null, undefined],
  ["add constraint foreign key k (b) references u (id)", "k", undefined],
  ["add constraint if not exists c check (b > 0)", "c", "c"],
])("the names in %s", (action, name, constraint) => {
  const [read] = parseAlter(`alter table t ${action}`)?.actions ?? [];
  expect([read?.name, read?.constraint]).toEqual([name, constraint]);
});

test.each([
  ["add z int key", "primary"],
  ["add z int auto_increment primary key", "primary"],
  ["add z int unique key", "unique"],
  ["modify z int comment 'key'", null],
])("the key in %s", (action, key) => {
  const text = `alter table t ${action}`;
  const [read] = parseAlter(text)?.actions ?? [];
  expect(read && columnText(text, read)?.key).toBe(key);
});

test("each action has a form on one server at least, and forms say what they do", () => {
  for (const kind of alterKinds) {
    const forms = [formOf(kind, mariadb), formOf(kind, mysql)];
    expect(forms.some((form) => form !== null)).toBe(true);
    for (const form of forms) if (form) expect(form.rebuilds).toBe(form.work === "rewrite");
  }
  expect(formOf("add column", mariadb)).toMatchObject({ algorithm: "INSTANT", lock: "NONE", work: "instant" });
  expect(formOf("add column", mysql)).toMatchObject({ algorithm: "INSTANT", lock: "DEFAULT" });
  expect(formOf("rename column", 80027)).toMatchObject({ algorithm: "INPLACE" });
  expect(formOf("drop column", 80029)).toMatchObject({ algorithm: "INPLACE", rebuilds: true });
  expect(formOf("add versioning", mysql)).toBeNull();
  expect(formOf("engine", mariadb)?.deceives).toBe(true);
});

test("several actions take one way, the weakest of theirs", () => {
  const of = (...list: readonly AlterKind[]) => together(list.flatMap((kind) => formOf(kind, mariadb) ?? []));
  expect(clauseOf(of("add column", "rename column"))).toBe(", ALGORITHM = INSTANT, LOCK = NONE");
  expect(clauseOf(of("add column", "add index"))).toBe(", ALGORITHM = NOCOPY, LOCK = NONE");
  expect(of("add index", "change column type")).toMatchObject({ algorithm: "COPY", lock: "SHARED", rebuilds: true, work: "rewrite" });
  expect(clauseOf(of("add column", "change partitions"))).toBe("");
  expect(clauseOf(of("rename table"))).toBe(", ALGORITHM = INSTANT, LOCK = EXCLUSIVE");
  expect(clauseOf(formOf("add column", mysql) ?? of())).toBe(", ALGORITHM = INSTANT");
});
