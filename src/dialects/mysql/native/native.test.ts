import { describe, expect, test } from "vitest";
import { bareColumn, bareTable } from "../../../schema/edit.ts";
import { type Facts, noFacts, questionKey } from "../../../schema/facts.ts";
import type { Index, Table } from "../../../schema/model.ts";
import { knownTable } from "./known.ts";
import { decide } from "./native.ts";

const mariadb = 101119;
const online = 110400;
const mysql = 80403;

const primary = { name: "PRIMARY", method: "btree", primary: true, unique: true, mentions: ["id"], keys: ["id"] } as unknown as Index;
const table: Table = {
  ...bareTable({ schema: "app", name: "t" }),
  columns: [
    { ...bareColumn("id", "int(11)", 1), notNull: true },
    bareColumn("n", "int(11)", 2),
    { ...bareColumn("v", "varchar(20)", 3), collation: "utf8mb4_general_ci", attributes: { charset: "utf8mb4" } },
    { ...bareColumn("l", "varchar(200)", 4), collation: "latin1_swedish_ci", attributes: { charset: "latin1" } },
  ],
  indexes: [primary],
  options: { engine: "InnoDB", charset: "utf8mb4", collation: "utf8mb4_general_ci" },
};
const size = { rows: 5_000_000, bytes: 1_000_000_000, partitions: 0 };

/** Types as the server prints them. */
const printed: Readonly<Record<string, string>> = { "int unsigned": "int(10) unsigned", integer: "int(11)", "int(5)": "int(5)" };
const facts = (types: readonly string[]): Facts => ({
  ...noFacts,
  type: Object.fromEntries(
    types.map((text) => [questionKey({ kind: "type", text }), { ok: true, name: printed[text] ?? text, toastable: false, constrained: false }]),
  ),
});

/** What is sent, each with `!` where writers wait and `?` where only the server can tell. */
function sent(statement: string, version: number, types: readonly string[] = [], of: Table = table): readonly string[] {
  const decided = decide(statement, knownTable(of, size), facts(types), version, true);
  return (decided?.parts ?? []).map(({ text, holds, sure }) => `${text.slice("alter table t ".length)}${holds ? " !" : ""}${sure ? "" : " ?"}`);
}

describe("each server is asked in its own words", () => {
  test.each([
    ["add column z int", "add column z int, ALGORITHM = INSTANT, LOCK = NONE", "add column z int, ALGORITHM = INSTANT"],
    ["add index i (n)", "add index i (n), ALGORITHM = NOCOPY, LOCK = NONE", "add index i (n), ALGORITHM = INPLACE, LOCK = NONE"],
    ["force", "force, ALGORITHM = INPLACE, LOCK = NONE", "force, ALGORITHM = INPLACE, LOCK = NONE"],
    ["add check (n > 0)", "add check (n > 0) !", "add check (n > 0) !"],
    ["add fulltext f (v)", "add fulltext f (v), ALGORITHM = INPLACE, LOCK = SHARED !", "add fulltext f (v), ALGORITHM = INPLACE, LOCK = SHARED !"],
  ])("%s", (action, onMariadb, onMysql) => {
    expect(sent(`alter table t ${action}`, mariadb)).toEqual([onMariadb]);
    expect(sent(`alter table t ${action}`, mysql)).toEqual([onMysql]);
  });

  test("a copy lets others write where the server knows how", () => {
    expect(sent("alter table t modify n bigint", online, ["bigint"])).toEqual(["modify n bigint, ALGORITHM = COPY, LOCK = NONE"]);
    expect(sent("alter table t modify n bigint", online, ["bigint"], { ...table, indexes: [] })).toEqual(["modify n bigint !"]);
    expect(sent("alter table t modify unknown bigint", online, ["bigint"])).toEqual(["modify unknown bigint, LOCK = NONE ?"]);
    expect(sent("alter table t order by n", online)).toEqual(["order by n !"]);
  });

  test("DROP INDEX has clauses on one of them", () => {
    const text = (version: number): string | undefined => decide("drop index i on t", knownTable(table, size), noFacts, version, true)?.parts[0]?.text;
    expect(text(mariadb)).toBe("drop index i on t");
    expect(text(mysql)).toBe("drop index i on t ALGORITHM = INPLACE LOCK = NONE");
  });
});

describe("MODIFY is what it changes", () => {
  const free = ", ALGORITHM = INSTANT, LOCK = NONE";
  test.each([
    ["modify n int(5)", "int(5)", free],
    ["modify n integer comment 'x'", "integer", free],
    ["modify n int unsigned", "int unsigned", " !"],
    ["modify v varchar(60)", "varchar(60)", free],
    ["modify v varchar(70)", "varchar(70)", free],
    ["modify v varchar(10)", "varchar(10)", " !"],
    ["modify l varchar(255) collate latin1_swedish_ci", "varchar(255)", free],
    ["modify l varchar(256) collate latin1_swedish_ci", "varchar(256)", " !"],
    ["modify l varchar(200)", "varchar(200)", " !"],
    ["modify v varchar(20) not null", "varchar(20)", ", ALGORITHM = INPLACE, LOCK = NONE"],
    ["modify v varchar(20) collate utf8mb4_bin", "varchar(20)", free],
    ["modify unknown int(11)", "int(11)", ", ALGORITHM = INPLACE, LOCK = NONE ?"],
  ])("%s", (action, type, expected) => {
    expect(sent(`alter table t ${action}`, mariadb, [type])).toEqual([`${action}${expected}`]);
  });

  test("on MySQL a longer length of the length copies, whatever it was", () => {
    expect(sent("alter table t modify v varchar(63)", mysql, ["varchar(63)"])).toEqual(["modify v varchar(63), ALGORITHM = INPLACE, LOCK = NONE"]);
    expect(sent("alter table t modify v varchar(64)", mysql, ["varchar(64)"])).toEqual(["modify v varchar(64) !"]);
  });
});

test("parts are made only where none of them makes the table anew, and what destroys is the last", () => {
  expect(sent("alter table t add column z int, add index i (z), drop column n", mariadb)).toEqual([
    "add column z int, ALGORITHM = INSTANT, LOCK = NONE",
    "add index i (z), ALGORITHM = NOCOPY, LOCK = NONE",
    "drop column n, ALGORITHM = INSTANT, LOCK = NONE",
  ]);
  expect(sent("alter table t drop column n, add unique i (z, v), add column z int", mariadb)).toEqual([
    "add column z int, ALGORITHM = INSTANT, LOCK = NONE",
    "add unique i (z, v), ALGORITHM = NOCOPY, LOCK = NONE",
    "drop column n, ALGORITHM = INSTANT, LOCK = NONE",
  ]);
  expect(sent("alter table t add column z int, add index i (z), force", mariadb)).toHaveLength(1);
  expect(sent("alter table t /* why */ add column z int, add index i (z)", mariadb)).toHaveLength(1);
  expect(sent("alter ignore table t add column z int, add unique i (z)", mariadb)[0]).toMatch(/ !$/);
});

describe("what looks at each other stays together:", () => {
  const indexed: Table = {
    ...table,
    indexes: [primary, { ...primary, name: "kn", primary: false, unique: false, mentions: ["n"], keys: ["n"] }],
    constraints: [{ name: "f", kind: "foreign-key", definition: "foreign key (n) references o (id)" } as unknown as Table["constraints"][number]],
  };
  test.each([
    ["an index over a column that goes", "add column z int, add index i (n, z), drop column n"],
    ["an index over a column that is not there", "add column z int, add index i (y)"],
    ["a column behind one that goes", "add column z int after l, add index i (v), drop column l"],
    ["a column behind one that comes later", "add column z int after y, add column y int, add index i (v)"],
    ["the index of a foreign key, and one that may do for it", "add column z int, add index i (n, z), drop index kn"],
    ["an index that the server names, and one that goes", "add column z int, add index (n), drop index kn"],
    ["two indexes of one name", "add column z int, rename index kn to i, add index i (v)"],
    ["a constraint and its key, whose names differ", "add column z int, add constraint c unique key i (v), rename index kn to i"],
    ["what is not there", "add column z int, add index i (v), drop column y"],
    ["what is there already", "add column z int, add index kn (v)"],
  ])("%s", (_, actions) => {
    expect(sent(`alter table t ${actions}`, mariadb, [], indexed)).toHaveLength(1);
  });

  test("but not one after the other's end: a key, its index, its column", () => {
    expect(sent("alter table t drop column n, drop index kn, drop foreign key f, add column z int, add index `drop` (z)", mariadb, [], indexed)).toEqual([
      "add column z int, ALGORITHM = INSTANT, LOCK = NONE",
      "add index `drop` (z), ALGORITHM = NOCOPY, LOCK = NONE",
      "drop foreign key f, drop index kn, drop column n, ALGORITHM = NOCOPY, LOCK = NONE",
    ]);
  });
});
