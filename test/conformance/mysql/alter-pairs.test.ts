// What two actions of one ALTER cost together, against what a server does with every pair of the usual ones.
import type { Connection, RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { type AlterKind, algorithms, clauseOf, formOf } from "../../../src/syntax/mysql/alter-actions.ts";
import { formOn, type TableTraits } from "../../../src/syntax/mysql/alter-traits.ts";
import { hasMariadb, innodbTables, mariadbDatabaseFor, onMysql, versionHere as version } from "../../harness/mariadb.ts";

const actions: readonly (readonly [AlterKind, string])[] = [
  ["add column", "add z int"],
  ["add column at place", "add y int after a"],
  ["add virtual column", "add vv int as (a + 1) virtual"],
  ["add virtual column", "add ww int as (a + 2) virtual"],
  ["add checked column", "add zz int check (zz > 0)"],
  ["drop unindexed column", "drop column d1"],
  ["drop indexed column", "drop column k1"],
  ["rename column", "rename column r1 to r2"],
  ["change default", "alter column a set default 4"],
  ["change column visibility", "modify i1 int invisible"],
  ["comment column", "modify c varchar(50) comment 'z'"],
  ["extend varchar", "modify v varchar(60)"],
  ["reorder column", "modify o int first"],
  ["append enum member", "modify e enum('x', 'y', 'z')"],
  ["add index", "add index ni (a)"],
  ["add unique", "add unique nu (id, a)"],
  ["drop index", "drop index kd"],
  ["rename index", "rename index kr to ks"],
  ["change index visibility", onMysql ? "alter index kv invisible" : "alter index kv ignored"],
  ["set not null", "modify n int not null"],
  ["drop foreign key", "drop foreign key f"],
  ["drop check", "drop constraint chk"],
  ["table comment", "comment = 'z'"],
  ["default character set", "default character set latin1"],
  ["auto_increment value", "auto_increment = 100"],
  ["statistics", "stats_persistent = 1"],
];

const usual =
  "create table t (id int not null primary key, a int not null, d1 int, k1 int, r1 int, i1 int, c varchar(50), v varchar(20), o int, e enum('x', 'y'), n int, fk int, key kk (k1), key kd (o), key kr (o, a), key kv (a, o), constraint f foreign key (fk) references other (id), constraint chk check (a < 1000)) engine = InnoDB default character set utf8mb4";

/** Each with what it has that decides. */
const tables: readonly (readonly [string, string, TableTraits])[] = [
  ["as usual", usual, {}],
  // What MySQL does beside them was not looked at.
  ...(onMysql ? [] : [["with a virtual column", usual.replace("fk int,", "fk int, g int as (a + 1) virtual,"), { virtualColumn: true }] as const]),
];

async function tableId(session: Connection): Promise<unknown> {
  const [rows] = await session.query<RowDataPacket[]>(`select cast(table_id as char) as table_id from ${innodbTables} where name = concat(database(), '/t')`);
  return rows[0]?.["table_id"];
}

/** Whether the statement made the table anew, or the server's refusal. */
async function sent(session: Connection, table: string, statement: string): Promise<boolean | string> {
  await session.query("drop table if exists t, other; create table other (id int primary key) engine = InnoDB");
  await session.query(table);
  const before = await tableId(session);
  try {
    await session.query(statement);
    return (await tableId(session)) !== before;
  } catch (error) {
    return (error as Error).message;
  }
}

describe.runIf(hasMariadb)("two actions of one ALTER", () => {
  test.for(tables)(
    "are the strictest form that the server accepts, and rebuild when they say so: a table %s",
    { timeout: 300_000 },
    async ([, table, traits], t) => {
      const session = await (await mariadbDatabaseFor(t)).connect();
      const wrong: string[] = [];
      for (const [first, one] of actions) {
        for (const [second, other] of actions) {
          if (one === other) continue;
          const form = formOn([first, second], version, traits);
          if (!form) throw new Error(`${formOf(first, version) ? second : first} is not known`);
          const own = await sent(session, table, `alter table t ${one}, ${other}${clauseOf(form)}`);
          // Where only the catalog tells, the server may do better.
          if (form.worst ? typeof own === "string" : own !== form.rebuilds)
            wrong.push(`${one}, ${other}: ${form.algorithm} ${form.work}, but ${own === true ? "rebuilt" : own}`);
          const stricter = algorithms[algorithms.indexOf(form.algorithm ?? "INSTANT") - 1];
          // Where one column comes and one goes before the virtual one, it stays in its place, which MariaDB sees.
          const stays = traits.virtualColumn && /after a/.test(one + other) && /drop column/.test(one + other);
          if (stricter === undefined || form.worst || stays) continue;
          const more = await sent(session, table, `alter table t ${one}, ${other}, algorithm = ${stricter}`);
          if (typeof more !== "string") wrong.push(`${one}, ${other}: ${form.algorithm}, but ${stricter} is accepted`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
