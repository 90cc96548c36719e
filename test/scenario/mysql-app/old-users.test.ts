// Whoever still uses the old shape shows, from the switch on; and nobody does where nobody is there.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../src/app/contract.ts";
import type { OldUsersRequest } from "../../../src/app/engine.ts";
import { oldUsers } from "../../../src/app/mysql/old-users.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { nameFor } from "../../../src/schema/names.ts";
import { hasOwnMariadb, type MariadbDatabase, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { type Lived, lifecycleOf } from "../mysql-lifecycle/lived.ts";
import { accountFor, sessionAt, type Test } from "./doctored.ts";

interface Switched {
  readonly db: MariadbDatabase;
  readonly lived: Lived;
  /** The name of the sequence that counts. */
  readonly counter: string;
  look(url?: string, more?: Partial<OldUsersRequest>): Promise<readonly Evidence[]>;
}

/** users.name is users.title, and the old shape still stands. */
async function switched(t: Test & Parameters<typeof mariadbDatabaseFor>[0], watched = true): Promise<Switched> {
  const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings: { "performance-schema": watched ? "ON" : "OFF" } }));
  await db.rows("create table users (id int primary key, name varchar(20) not null, age int); insert into users values (1, 'Ada', 3), (2, 'Bob', 4)");
  const lived = await lifecycleOf(db, [{ kind: "rename-column", table: "users", from: "name", to: "title" }]);
  await lived.to("switch");
  return {
    db,
    lived,
    counter: `hotstick.\`${nameFor("old_writes_{{run}}", [db.name, "users"], 64).replace("{{run}}", String(lived.run))}\``,
    async look(url = db.url, more = {}) {
      const session = await sessionAt(t, url);
      const schema = await mysqlDriver({ url }).introspect(session);
      const between = () => Promise.resolve();
      return oldUsers(session, { run: lived.run, plan: lived.plan, namespace: db.name, schema, applications: [], roles: [], between, ...more });
    },
  };
}

const by = (evidence: readonly Evidence[], source: Evidence["source"]): Evidence => {
  const found = evidence.find((each) => each.source === source);
  if (found === undefined) throw new Error(`${source} says nothing`);
  return found;
};

describe.runIf(hasOwnMariadb)("where nobody uses the old shape", () => {
  test("all sources say so, and looking changes nothing", async (t) => {
    const { db, look, counter } = await switched(t);
    await db.rows("update users set title = 'Cy', age = 9 where id = 1; select title from users");
    const evidence = await look();
    expect(evidence.map(({ source, seen }) => `${source}: ${seen}`)).toEqual(["writers: false", "statements: false", "objects: false"]);
    expect(by(evidence, "writers").message).toMatch(/nor since the switch$/);
    expect(await db.rows(`select next_not_cached_value as next from ${counter}`)).toEqual([{ next: "1" }]);
  });

  test("a run that ends no shape has none", async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    await db.rows("create table users (id int primary key)");
    const lived = await lifecycleOf(db, [{ kind: "add-column", table: "users", column: { name: "note", type: "text" } }]);
    const request = { run: lived.run, plan: lived.plan, namespace: db.name, schema: null, applications: [], roles: [], between: () => Promise.resolve() };
    expect(await oldUsers(await sessionAt(t, db.url), request)).toEqual([]);
  });
});

describe.runIf(hasOwnMariadb)("old code", () => {
  test("that writes is counted, also beside an earlier look", async (t) => {
    const { db, look } = await switched(t);
    const write = () => db.rows("update users set name = concat(name, '!'), age = age + 1 where id in (1, 2)").then(() => undefined);
    expect(by(await look(undefined, { between: write }), "writers")).toMatchObject({
      seen: true,
      message: expect.stringContaining("were written 2 times within"),
    });
    expect(by(await look(undefined, { between: write }), "writers")).toMatchObject({
      seen: true,
      message: expect.stringContaining("were written 2 times within"),
    });
    expect(by(await look(), "writers")).toMatchObject({ seen: false, message: expect.stringContaining("somebody has since the switch") });
    expect(by(await look(undefined, { between: async () => void (await db.rows("update users set title = 'new' where id = 1")) }), "writers").seen).toBe(false);
  });

  test("is not seen in what another look takes of the counter at the same time", async (t) => {
    const { db, look } = await switched(t);
    await db.rows("update users set name = 'Eve' where id = 1");
    const between = () => sleep(200);
    const looks = await Promise.all([look(undefined, { between }), look(undefined, { between }), look(undefined, { between })]);
    expect(looks.map((evidence) => by(evidence, "writers").seen)).toEqual([false, false, false]);
  });

  test("that reads is found by its statements, those of other tables and columns are not", async (t) => {
    const { db, look } = await switched(t);
    await db.rows("create table pets (name text)");
    const others = () => db.rows("select name from pets; select title, 'name' from users; select age from users").then(() => undefined);
    expect(by(await look(undefined, { between: others }), "statements").seen).toBe(false);
    // In messages of their own: of several statements in one the server tells the text of the first only.
    const between = async () =>
      void (await Promise.all([db.rows("select `name` from users where id = 7"), db.rows("select u.NAME from users u where u.id = 8")]));
    const found = by(await look(undefined, { between }), "statements");
    expect(found).toMatchObject({ seen: true, message: expect.stringMatching(/within .* s ran 1 × SELECT/) });
    expect(by(await look(), "statements").seen).toBe(false);
  });

  test("that holds a statement prepared is found until it leaves: the server counts no execution of it", async (t) => {
    const { db, look } = await switched(t);
    const old = await db.connect();
    const read = () => old.execute("select name from users where id = ?", [1]).then(() => undefined);
    await read();
    const found = by(await look(undefined, { between: read }), "statements");
    expect(found).toMatchObject({ seen: true, message: "open connections hold prepared 1 × select name from users where id = ?" });
    await old.end();
    await expect.poll(async () => by(await look(), "statements").seen).toBe(false);
  });

  test("that stands in the database is found in every kind of object, by the rules each was made under", async (t) => {
    const { db, look } = await switched(t);
    await db.rows(`create view v as select id, name as n from users; create view w as select title from users;
      create procedure p() select name from users; create procedure q() select title from users;
      create procedure dynamic() begin execute immediate 'select name from users'; end;
      create event e on schedule every 1 day do delete from users where name = '';
      create table pets (id int); create trigger far after insert on pets for each row insert into users (id, name) values (new.id, '');
      create trigger near before insert on users for each row set new.age = char_length(new.name)`);
    const quoting = await db.connect();
    await quoting.query(`set sql_mode = 'ANSI_QUOTES'`);
    await quoting.query(`create procedure quoted() select "name" from users`);
    await quoting.query(`set sql_mode = ''`);
    await quoting.query(`create procedure text() select "name" as title from users where id = 1`);
    const { seen, message } = by(await look(), "objects");
    expect(seen).toBe(true);
    const column = `${db.name}.users.name`;
    for (const part of [
      `view ${db.name}.v (${column})`,
      `procedure ${db.name}.p names ${column}`,
      `procedure ${db.name}.dynamic seems to name ${column}`,
      `procedure ${db.name}.quoted names ${column}`,
      `trigger far of ${db.name}.pets names ${column}`,
      `trigger near of ${db.name}.users names ${column}`,
      `event ${db.name}.e names ${column}`,
    ])
      expect(message).toContain(part);
    expect(message).not.toMatch(/\.w |\.q |hotstick_/);
  });

  test("that is connected is told by the name of its program or account", async (t) => {
    const { db, look } = await switched(t);
    const account = await accountFor(t, db);
    await db.rows(`grant select on ${db.name}.* to ${account.name}`);
    const user = new URL(account.url).username;
    const request = { applications: ["hotstick shop"], roles: [user] };
    expect(by(await look(undefined, request), "connections")).toMatchObject({ seen: false, message: `nobody of hotstick shop, ${user} is connected` });
    const program = await mysqlDriver({ url: db.url }).connect({ purpose: "shop" });
    const session = await sessionAt(t, account.url);
    expect(by(await look(undefined, request), "connections")).toMatchObject({ seen: true, message: expect.stringContaining("1 of hotstick shop (root)") });
    expect(by(await look(undefined, { roles: [user] }), "connections")).toMatchObject({ seen: true, message: `connected now: 1 of ${user}` });
    await session.close();
    await program.close();
  });
});

describe.runIf(hasOwnMariadb)("what cannot be asked", () => {
  test("is said with the reason: nothing is called gone that was not seen", async (t) => {
    const { db, look } = await switched(t);
    const few = await accountFor(t, db);
    await db.rows(`grant select on ${db.name}.* to ${few.name}; grant select on hotstick.* to ${few.name}; update users set name = 'Eve', age = 1 where id = 1;
      create sql security definer view v as select title from users`);
    const evidence = await look(few.url, { applications: ["shop"] });
    expect(evidence.map(({ source, seen }) => `${source}: ${seen}`)).toEqual(["writers: null", "statements: null", "objects: null", "connections: null"]);
    expect(by(evidence, "writers").message).toContain("were written since the switch");
    expect(by(evidence, "statements").message).toContain("may not be read");
    expect(by(evidence, "connections").message).toContain("grant process");
  });

  test("what does not count is not read as nobody: a server without sequences, and a counter that somebody has dropped", async (t) => {
    const { db, look, lived, counter } = await switched(t);
    const writers = (evidence: readonly Evidence[]) => evidence.filter(({ source }) => source === "writers").map(({ seen, message }) => `${seen}: ${message}`);
    // A MySQL's version: its plans make no counter.
    const steps = lived.plan.steps.filter(({ act }) => act.kind !== "statements" || !act.statements.some((text) => text.startsWith("create sequence ")));
    await db.rows(`drop sequence ${counter}`);
    expect(writers(await look(undefined, { plan: { ...lived.plan, version: 80_403, steps } }))).toEqual([
      `null: writers of old columns of ${db.name}.users are not counted on this server, which has no sequences: their statements are all that shows them`,
    ]);
    expect(writers(await look())).toEqual([`null: writers of old columns of ${db.name}.users are not counted: the sequence that does so is gone`]);
  });

  test("programs and statements, where performance_schema is off", async (t) => {
    const { look } = await switched(t, false);
    expect(by(await look(), "statements")).toMatchObject({ seen: null, message: "performance_schema is off, so statements that only read cannot be seen" });
    expect(by(await look(), "connections")).toMatchObject({ seen: null, message: expect.stringContaining("oldApplications") });
    expect(by(await look(undefined, { applications: ["shop"] }), "connections")).toMatchObject({
      seen: null,
      message: expect.stringContaining("oldRoles needs neither"),
    });
    expect(by(await look(undefined, { roles: ["nobody"] }), "connections")).toMatchObject({ seen: false });
  });

  test("statements, where the server has no room to tell them", async (t) => {
    const server = await ownMariadbFor(t, { settings: { "performance-schema": "ON", "performance-schema-digests-size": "1" } });
    const db = await mariadbDatabaseFor(t, server);
    await db.rows("create table users (id int primary key, name text)");
    const lived = await lifecycleOf(db, [{ kind: "rename-column", table: "users", from: "name", to: "title" }]);
    const between = () => db.rows("select name from users").then(() => undefined);
    const request = { run: lived.run, plan: lived.plan, namespace: db.name, schema: null, applications: [], roles: [], between };
    const evidence = await oldUsers(await sessionAt(t, db.url), request);
    expect(by(evidence, "statements")).toMatchObject({ seen: null, message: expect.stringContaining("performance_schema_digests_size") });
  });
});

test.skipIf(hasOwnMariadb)("MariaDB is not installed", () => expect(hasOwnMariadb).toBe(false));
