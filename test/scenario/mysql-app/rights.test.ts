// What an account may not do is known before a run begins: exactly that, and nothing besides.
import { describe, expect, test } from "vitest";
import { missingRights } from "../../../src/app/mysql/rights.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { noFacts } from "../../../src/schema/facts.ts";
import { hasOwnMariadb, type MariadbDatabase, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "../mysql-lifecycle/lived.ts";
import { accountFor, sessionAt, type Test } from "./doctored.ts";

const trusting = { settings: { "log-bin-trust-function-creators": "ON" } };

const changes: readonly Operation[] = [
  {
    kind: "create-table",
    table: "notes",
    columns: [
      { name: "id", type: "int" },
      { name: "parent", type: "int" },
    ],
    primaryKey: ["id"],
    foreignKeys: [{ columns: ["parent"], table: "parents", references: ["id"] }],
  },
  { kind: "rename-column", table: "t", from: "price", to: "amount" },
  {
    kind: "transform",
    table: "t",
    from: ["name"],
    to: [{ name: "first", type: "varchar(100)", notNull: true, up: "substring_index(name, ' ', 1)" }],
    down: { name: "first" },
  },
];

const lay = (db: MariadbDatabase): Promise<unknown> =>
  db.rows(`drop database if exists hotstick; drop table if exists notes, t, parents; create table parents (id int primary key);
    create table t (id int primary key, price int not null, name varchar(100) not null, key by_price (price), unique key one (price, id)) engine = InnoDB;
    insert into t values (1, 10, 'a b'), (2, 20, 'c d')`);

async function planOf(db: MariadbDatabase, operations: readonly Operation[]): Promise<Plan> {
  const { plan, findings } = await planned(db, operations);
  if (plan === null) throw new Error(JSON.stringify(findings));
  return plan;
}

async function asked(t: Test, url: string, plan: Plan): Promise<readonly string[]> {
  return missingRights(await sessionAt(t, url), plan, noFacts);
}

const advised = (line: string): string => /\((grant [\s\S]*)\)$/.exec(line)?.[1] ?? "";

describe.runIf(hasOwnMariadb)("a whole life of a run", () => {
  test("needs what is said to be missing, each of it, and no more", { timeout: 120_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, trusting));
    await lay(db);
    const plan = await planOf(db, changes);
    const few = await accountFor(t, db);
    const live = async (): Promise<void> => {
      const lived = await lifecycleOf({ ...db, url: few.url }, changes);
      await lived.to("drop");
      await lived.undo("start");
    };
    // Planning itself needs it; the account's grants are set anew each time.
    const grant = (lines: readonly string[]): Promise<unknown> =>
      db.rows([`revoke all privileges, grant option from ${few.name}`, `grant create temporary tables on ${db.name}.* to ${few.name}`, ...lines].join("; "));
    await grant([]);
    const missing = await asked(t, few.url, plan);
    const places = missing.map((line) => line.slice(0, line.indexOf(" (")));
    expect(places).toEqual([
      "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, CREATE ROUTINE, EXECUTE on database hotstick",
      `CREATE, ALTER, DROP on database ${db.name}`,
      `REFERENCES on ${db.name}.parents`,
      `SELECT, ALTER, TRIGGER, UPDATE on ${db.name}.t`,
    ]);
    await grant(missing.map(advised));
    expect(await asked(t, few.url, plan)).toEqual([]);
    await live();

    const single = missing.flatMap((line) => {
      const [, privileges = "", rest = ""] = /^grant (.*?) (on .*)$/.exec(advised(line)) ?? [];
      return privileges.split(", ").map((privilege) => ({ privilege, rest }));
    });
    for (const { privilege, rest } of single) {
      // Who made a routine may run it, so this account lacks it only where another one made the store.
      if (privilege === "execute") continue;
      // What is held on the whole database is not missed on one of its tables.
      if (rest.includes(".`t`") && single.some((each) => each.privilege === privilege && each.rest.includes(`\`${db.name}\`.*`))) continue;
      await lay(db);
      await grant([...missing.map(advised), `revoke ${privilege} ${rest.replace(/ to (?=`few_)/, " from ")}`]);
      const without = await asked(t, few.url, plan);
      expect(without, privilege).toHaveLength(1);
      expect(without[0], privilege).toMatch(new RegExp(`^${privilege} on`, "i"));
      await expect(live(), `${privilege} ${rest}`).rejects.toThrow();
    }
    await db.rows("drop table if exists notes");
    // A run that could not be opened leaves the connection of its test.
    await db.rows(`kill user ${few.name}`).catch(() => undefined);
  });
});

test.runIf(hasOwnMariadb)("rights by role and by a pattern of names count, those on columns do not", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, trusting));
  await lay(db);
  const plan = await planOf(db, [{ kind: "rename-column", table: "t", from: "price", to: "amount" }]);
  const few = await accountFor(t, db);
  await db.rows(`create role deploy; grant all on hotstick.* to deploy; grant deploy to ${few.name}; set default role deploy for ${few.name};
    grant select, alter, trigger, update (price) on ${db.name}.t to ${few.name}`);
  expect(await asked(t, few.url, plan)).toEqual([`UPDATE on ${db.name}.t (grant update on \`${db.name}\`.\`t\` to ${few.name})`]);
  await db.rows(`grant update on \`${db.name.slice(0, -3)}%\`.* to ${few.name}`);
  expect(await asked(t, few.url, plan)).toEqual([]);
});

test.runIf(hasOwnMariadb)("triggers while a binary log is written", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
  await lay(db);
  const few = await accountFor(t, db);
  await db.rows(`grant all on ${db.name}.* to ${few.name}; grant all on hotstick.* to ${few.name}`);
  const [plain, synced] = [
    await planOf(db, [{ kind: "add-column", table: "t", column: { name: "note", type: "text" } }]),
    await planOf(db, [{ kind: "rename-column", table: "t", from: "price", to: "amount" }]),
  ];
  expect(await asked(t, few.url, plain)).toEqual([]);
  expect(await asked(t, few.url, synced)).toEqual([expect.stringContaining("1419")]);
  await db.rows(`grant super on *.* to ${few.name}`);
  expect(await asked(t, few.url, synced)).toEqual([]);
  await db.rows(`revoke super on *.* from ${few.name}; set global log_bin_trust_function_creators = 1`);
  expect(await asked(t, few.url, synced)).toEqual([]);
});

test.runIf(hasOwnMariadb)("a user's own statements", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, trusting));
  await lay(db);
  const statements = [
    "create or replace view v as select id from t",
    "create procedure p() select 1",
    "insert into parents select id from t",
    "delete from parents where id = 1",
    "create index by_name on t (name)",
    "create event e on schedule every 1 day do do 1",
    "truncate table parents",
  ];
  const plan = await planOf(db, [{ kind: "sql", statements } as unknown as Operation]);
  const few = await accountFor(t, db);
  // Without any right on a database nobody may enter it.
  await db.rows(`grant all on hotstick.* to ${few.name}; grant lock tables on ${db.name}.* to ${few.name}`);
  const missing = await asked(t, few.url, plan);
  expect(missing.map((line) => line.slice(0, line.indexOf(" (")))).toEqual([
    `CREATE VIEW, CREATE ROUTINE, EVENT on database ${db.name}`,
    `SELECT, INDEX on ${db.name}.t`,
    `INSERT, SELECT, DELETE, DROP on ${db.name}.parents`,
  ]);
  await db.rows(missing.map(advised).join("; "));
  const session = await sessionAt(t, few.url);
  await session.script(["create view v as select id from t", "create procedure p() select 1", ...statements.slice(2)]);
});

test.runIf(hasOwnMariadb)("texts that hide from the account, where one may name a column that leaves", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, trusting));
  await lay(db);
  const ending = await planOf(db, [{ kind: "rename-column", table: "t", from: "price", to: "amount" }]);
  const adding = await planOf(db, [{ kind: "add-column", table: "t", column: { name: "note", type: "text" } }]);
  const few = await accountFor(t, db);
  await db.rows(`grant select, update, alter, trigger, create, drop, execute on ${db.name}.* to ${few.name}; grant all on hotstick.* to ${few.name};
    create view v as select price from t; create procedure p() select price from t`);
  expect(await asked(t, few.url, adding)).toEqual([]);
  const missing = await asked(t, few.url, ending);
  expect(missing.map((line) => line.slice(0, line.indexOf(",")))).toEqual([`the text of routine ${db.name}.p`, `the text of view ${db.name}.v`]);
  await db.rows(missing.map(advised).join("; "));
  expect(await asked(t, few.url, ending)).toEqual([]);
});

test.runIf(hasOwnMariadb)("a trigger that runs as an account which is gone is told before a run writes its table", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, trusting));
  await lay(db);
  await db.rows("create user gone; create table other (id int)");
  await db.rows(
    "create definer = gone trigger audit before update on t for each row set new.price = new.price; create definer = gone trigger elsewhere before update on other for each row set new.id = 1",
  );
  await db.rows("drop user gone");
  await expect(db.rows("update t set price = price")).rejects.toMatchObject({ errno: 1449 });
  const plan = await planOf(db, [{ kind: "add-column", table: "t", column: { name: "note", type: "int" }, fill: "price + 1" }]);
  expect(await asked(t, db.url, plan)).toEqual([
    expect.stringMatching(/^to write .*\.t, error 1449: its trigger audit runs as `gone`@`%`, an account that does not exist/),
  ]);
  await db.rows("create or replace definer = current_user trigger audit before update on t for each row set new.price = new.price");
  expect(await asked(t, db.url, plan)).toEqual([]);
});

test.skipIf(hasOwnMariadb)("MariaDB is not installed", () => expect(hasOwnMariadb).toBe(false));
