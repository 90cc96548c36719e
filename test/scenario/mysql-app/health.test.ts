// What doctor finds, on servers that really are so; and that what it advises helps.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { transactions } from "../../../src/app/mysql/health/activity.ts";
import { startReplica } from "../../../src/sandbox/mariadb/replica.ts";
import { hasOwnMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { accountFor, examined, sessionAt, statementsIn } from "./doctored.ts";

test.runIf(hasOwnMariadb)("a server as it comes, and what is advised for it", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
  await db.rows("create table users (id int primary key)");
  const found = await examined(db.url);
  expect(found.worse).toEqual(["warn: holders of table locks", "warn: performance_schema", "warn: time zones"]);
  expect(found.of("performance_schema").fix).toContain("option file");
  for (const statement of statementsIn(found.of("holders of table locks"))) await db.rows(statement);
  await db.rows("install soname 'disks'");
  const again = await examined(db.url);
  expect(again.worse).toEqual(["warn: performance_schema", "warn: time zones"]);
  expect(again.of("disk space").message).toMatch(/^\d.* are free; the biggest table, users, takes/);
});

test.runIf(hasOwnMariadb)("performance_schema that does not count statements", async (t) => {
  const db = await mariadbDatabaseFor(
    t,
    await ownMariadbFor(t, { settings: { "performance-schema": "ON", "performance-schema-consumer-statements-digest": "OFF" } }),
  );
  const found = (await examined(db.url)).of("performance_schema");
  expect(found).toMatchObject({ state: "warn", message: expect.stringContaining("does not count statements") });
  for (const statement of statementsIn(found)) await db.rows(statement);
  expect((await examined(db.url)).of("performance_schema").state).toBe("good");
});

test.runIf(hasOwnMariadb)("each right that an account lacks is named with what gives it, and nothing more is needed", async (t) => {
  const server = await ownMariadbFor(t, { settings: { "performance-schema": "ON" } });
  const db = await mariadbDatabaseFor(t, server);
  await db.rows("create table users (id int primary key); create table orders (id int primary key); create view v as select 1 as one");
  const few = await accountFor(t, db);
  await db.rows(`grant select on ${db.name}.* to ${few.name}; grant alter on ${db.name}.users to ${few.name}`);
  const poor = await examined(few.url);
  expect(poor.worse).toEqual([
    "bad: database hotstick",
    "warn: rights on tables",
    "bad: temporary tables",
    "bad: triggers",
    "warn: sight of views, routines and events",
    "warn: sight of other sessions",
    "warn: holders of table locks",
    "warn: performance_schema",
    "warn: time zones",
    "warn: replicas",
    "warn: definers",
    "warn: long transactions",
  ]);
  expect(poor.of("rights on tables").message).toBe("2 of 2 cannot be changed: orders (without UPDATE, ALTER, TRIGGER), users (without UPDATE, TRIGGER)");
  expect(poor.of("triggers").message).toContain("1419");
  for (const check of poor.all) for (const statement of statementsIn(check)) await db.rows(statement);
  const rich = await examined(few.url);
  expect(rich.worse).toEqual(["warn: time zones"]);
  expect(rich.of("database hotstick").message).toBe("is not there yet; the first run makes it");
});

test.runIf(hasOwnMariadb)("an account with few connections of its own", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
  const few = await accountFor(t, db, "with max_user_connections 4");
  await db.rows(`grant all on ${db.name}.* to ${few.name}`);
  expect((await examined(few.url)).of("free connections")).toMatchObject({
    state: "bad",
    message: "3 of 4 are free; a run needs 5",
    fix: expect.stringContaining("max_user_connections"),
  });
});

test.runIf(hasOwnMariadb)("settings that a run cannot live with, or that let bad rows in, are healed by what is advised", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings: { "max-connections": "10" } }));
  await db.rows("create table users (id int primary key, name text)");
  await db.rows(`set global sql_mode = ''; set global foreign_key_checks = 0; set global unique_checks = 0; set global innodb_instant_alter_column_allowed = never;
    set global innodb_online_alter_log_max_size = 1048576; set global binlog_format = STATEMENT; set global read_only = 1`);
  const found = await examined(db.url);
  const titles = [
    "bad: read_only",
    "warn: free connections",
    "bad: instant changes of columns",
    "warn: sql_mode",
    "warn: checks of keys",
    "warn: innodb_online_alter_log_max_size",
    "bad: binlog_format",
  ];
  expect(found.worse).toEqual(expect.arrayContaining(titles));
  // The two that are worse than they look.
  const session = await sessionAt(t, db.url);
  await expect(session.script(["insert into users values (1, 'a')"])).rejects.toMatchObject({ errno: 1665 });
  await expect(session.script(["alter table users drop column name, algorithm = instant"])).rejects.toMatchObject({ errno: 1846 });
  for (const check of found.all) for (const statement of statementsIn(check)) await db.rows(statement);
  const left = (await examined(db.url)).worse;
  expect(titles.filter((title) => left.includes(title))).toEqual(["warn: free connections", "warn: sql_mode"]);
  const healed = await sessionAt(t, db.url);
  await healed.script(["insert into users values (1, 'a')", "alter table users drop column name, algorithm = instant"]);
});

test.runIf(hasOwnMariadb)("a server that does not tell the letters of names apart", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings: { "lower-case-table-names": "1" } }));
  expect((await examined(db.url)).of("lower_case_table_names")).toMatchObject({ state: "warn", message: expect.stringContaining("is 1") });
});

test.runIf(hasOwnMariadb)("accounts that are gone, other engines, events, and what other databases have on this one", async (t) => {
  const server = await ownMariadbFor(t);
  const db = await mariadbDatabaseFor(t, server);
  const other = await mariadbDatabaseFor(t, server);
  await db.rows(`create table users (id int primary key); create table log (id int) engine = MyISAM; create role reports;
    create user gone; create definer = gone trigger audit before insert on users for each row set new.id = new.id;
    create definer = gone view v as select id from users; create definer = gone sql security invoker view harmless as select id from users;
    create definer = reports view of_a_role as select id from users;
    create definer = gone procedure p() select 1; create definer = gone event e on schedule every 1 day do do 1; drop user gone`);
  await other.rows(`create view strange as select id from ${db.name}.users; create table child (u int, foreign key child_u (u) references ${db.name}.users (id));
    create procedure quiet() select 1; create procedure p() select count(*) from ${db.name}.users`);
  const found = await examined(db.url);
  expect(found.of("storage engines")).toMatchObject({ state: "warn", message: expect.stringContaining("log (MyISAM)") });
  expect(found.of("definers")).toMatchObject({
    state: "warn",
    message: expect.stringMatching(/^view v \(`gone`@`%`\), trigger audit \(`gone`@`%`\), procedure p \(`gone`@`%`\), event e \(`gone`@`%`\) belong to/),
  });
  await expect(db.rows("insert into users values (1)")).rejects.toMatchObject({ errno: 1449 });
  expect(found.of("events").message).toBe("enabled: e; event_scheduler is off, so none of them runs");
  await db.rows("set global event_scheduler = 1");
  expect((await examined(db.url)).of("events").message).toContain("plans refuse");
  expect(found.of("other databases")).toMatchObject({
    state: "warn",
    message: expect.stringContaining(`foreign key ${other.name}.child_u, procedure ${other.name}.p, view ${other.name}.strange name this database`),
  });
  await other.rows("drop table child");
});

test.runIf(hasOwnMariadb)("transactions that are prepared or old", async (t) => {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
  await db.rows("create table users (id int primary key)");
  const idle = await db.connect();
  await idle.query("begin; select * from users");
  const lost = await db.connect();
  await lost.query("xa start 'it''s', 'b', 7; insert into users values (1); xa end 'it''s', 'b', 7; xa prepare 'it''s', 'b', 7");
  await lost.end();
  await sleep(1_100);
  const session = await sessionAt(t, db.url);
  expect(await transactions(1).ask(session)).toMatchObject({
    state: "warn",
    message: expect.stringMatching(new RegExp(`^connection ${idle.threadId} \\(root, \\d+ s\\): .*1412`)),
  });
  expect((await examined(db.url)).of("long transactions").state).toBe("good");
  const found = (await examined(db.url)).of("prepared transactions");
  expect(found).toMatchObject({ state: "warn", message: expect.stringContaining("X'69742773',X'62',7") });
  const [advised = ""] = /xa rollback [^;]*/.exec(found.fix ?? "") ?? [];
  await db.rows(advised);
  expect((await examined(db.url)).of("prepared transactions").state).toBe("good");
  await idle.query("rollback");
});

test.runIf(hasOwnMariadb)("a primary and its replica", async (t) => {
  const primary = await ownMariadbFor(t);
  const db = await mariadbDatabaseFor(t, primary);
  await db.rows("create table users (id int primary key)");
  const replica = await startReplica(primary);
  t.onTestFinished(() => replica.stop("immediate"));
  await replica.catchUp();
  const found = (await examined(db.url)).of("replicas");
  expect(found).toMatchObject({ state: "warn", message: expect.stringContaining("root from ") });
  for (const statement of statementsIn(found)) await db.rows(statement);
  expect((await examined(db.url)).of("replicas")).toMatchObject({
    state: "good",
    message: expect.stringContaining("begin a long ALTER when this server does"),
  });
  const there = await examined(replica.url(db.name));
  expect(there.of("replication")).toMatchObject({ state: "warn", message: expect.stringContaining(`127.0.0.1:${primary.port} (0 s behind)`) });
  expect(there.of("read_only").state).toBe("bad");
});

test.skipIf(hasOwnMariadb)("MariaDB is not installed", () => expect(hasOwnMariadb).toBe(false));
