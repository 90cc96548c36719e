// A column of every type and with every attribute is renamed or dropped and comes back as it was, to the last letter of its definition.
import { describe, expect, test } from "vitest";
import { hasMariadb, here, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { lifecycleOf, look } from "./lived.ts";

const all: readonly (readonly [definition: string, value: string])[] = [
  ["tinyint not null", "-128"],
  ["tinyint(1) not null default 1", "0"],
  ["smallint unsigned not null", "65534"],
  ["mediumint not null", "-8388607"],
  ["int(5) unsigned zerofill not null", "7"],
  ["bigint not null", "9223372036854775807"],
  ["bigint unsigned", "18446744073709551615"],
  ["decimal(30,10) not null", "-12345678901234567890.1234567891"],
  ["decimal(5,2) unsigned not null default 1.50", "2.25"],
  ["float not null", "1.1"],
  ["double not null", "0.30000000000000004"],
  ["bit(12) not null", "b'101'"],
  ["bit(1) default b'1'", "b'0'"],
  ["year not null", "2024"],
  ["date not null", "'2024-02-29'"],
  ["datetime(6) not null", "'2024-02-29 12:00:00.123456'"],
  ["datetime not null default current_timestamp() on update current_timestamp()", "'2001-01-01 00:00:00'"],
  ["timestamp(3) not null default current_timestamp(3)", "'2001-01-01 00:00:00.5'"],
  ["timestamp null default null", "null"],
  ["time(3) not null", "'-838:59:58'"],
  ["char(10) not null", "'a'"],
  ["varchar(10) not null", "'a '"],
  ["varchar(200) character set latin1 collate latin1_german1_ci not null default 'é\\\\''x' comment 'it''s \\\\ a \"note\"'", "'ÿ'"],
  ["varchar(40) collate utf8mb4_bin", "null"],
  ["text not null", "repeat('x', 20000)"],
  ["mediumtext character set latin1", "'é'"],
  ["varchar(100) compressed", "repeat('y', 90)"],
  ["binary(4) not null", "x'00ff'"],
  ["varbinary(20) not null default 0x0027", "x'005c27'"],
  ["varbinary(10) not null default 0xff", "x'fe'"],
  ["binary(4) not null default 0x00ff0102", "x'ff'"],
  ["blob not null", "x'00ff00'"],
  ["enum('a','b''c','d,e','') not null", "'d,e'"],
  ["enum('x','y') default 'y'", "null"],
  ["set('a','b','c') not null", "'a,c'"],
  ["json not null", "'{\"a\": [1, 2.0]}'"],
  ["json", "null"],
  ["uuid not null", "'123e4567-e89b-12d3-a456-426614174000'"],
  ["inet6", "'::1'"],
  ["inet4 not null", "'1.2.3.4'"],
  ["double(10,2) not null", "2.5"],
  ["double(40,10) not null", "-2.5"],
  ["enum('very compressed','a collate x','z') not null", "'very compressed'"],
  ["point", "point(1, 2)"],
  ["varchar(36) not null default uuid()", "'x'"],
  ["int not null default (1 + 2)", "4"],
  ["int invisible", "5"],
];

/** MySQL has neither these types nor these defaults; a long type that must be given is refused there, and of bytes it shows a default to the first 0 only. */
const onlyMariadb = /^[^(]*compressed|\) compressed|^uuid|^inet|default uuid|0x|^(json|text|blob) not null/;
const columns = here?.given?.engine === "mysql" ? all.filter(([definition]) => !onlyMariadb.test(definition)) : all;
const names = columns.map((_, i) => `c${i}`);
const create = `create table t (id int primary key, ${columns.map(([definition], i) => `c${i} ${definition}`).join(", ")}, last int) engine = InnoDB default charset = utf8mb4`;
const insert = (id: number): string => `insert into t (id, ${names.join(", ")}, last) values (${id}, ${columns.map(([, value]) => value).join(", ")}, 1)`;
const everything = async (db: Parameters<typeof look>[0], list: readonly string[]) =>
  db.rows(`select id, last, ${list.map((name, i) => `${name} as v${i}`).join(", ")} from t order by id`);

describe.runIf(hasMariadb)("every type", () => {
  test.each(["switch", "retire", "drop"] as const)("renamed, back from %s", { timeout: 60_000 }, async (goal) => {
    const finishers: (() => unknown)[] = [];
    const db = await mariadbDatabaseFor({ task: {}, onTestFinished: (finish: () => unknown) => finishers.push(finish) } as never);
    try {
      await db.rows(create);
      for (const id of [1, 2]) await db.rows(insert(id));
      const before = [await look(db, "t"), await everything(db, names)];
      const run = await lifecycleOf(
        db,
        names.map((name) => ({ kind: "rename-column", table: "t", from: name, to: `${name}_new` }) as const),
      );
      await run.to(goal);
      expect(
        await everything(
          db,
          names.map((name) => `${name}_new`),
        ),
      ).toEqual(before[1]);
      if (goal === "drop") await run.undo("start");
      else await run.back("start");
      expect([await look(db, "t"), await everything(db, names)]).toEqual(before);
    } finally {
      for (const finish of finishers) await finish();
    }
  });

  test("dropped and restored", { timeout: 60_000 }, async ({ task, onTestFinished }) => {
    const db = await mariadbDatabaseFor({ task, onTestFinished });
    await db.rows(create);
    for (const id of [1, 2]) await db.rows(insert(id));
    const before = [await look(db, "t"), await everything(db, names)];
    const run = await lifecycleOf(
      db,
      columns.map(
        ([definition, value], i) =>
          ({ kind: "drop-column", table: "t", column: `c${i}`, ...(/not null(?!.* default)/.test(definition) ? { down: value } : {}) }) as const,
      ),
    );
    await run.to("drop");
    await run.undo("start");
    expect([await look(db, "t"), await everything(db, names)]).toEqual(before);
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
