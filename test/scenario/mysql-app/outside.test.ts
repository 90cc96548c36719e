// What other databases of the server have on a column that leaves, as a plan finds it; and what an account cannot see, said.
import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { plan } from "../../../src/app/plan.ts";
import type { Finding } from "../../../src/finding.ts";
import { Problem } from "../../../src/problem.ts";
import { hasOwnMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { projectFor, script } from "../app/project.ts";
import { accountFor } from "./doctored.ts";

const renaming = { "1_rename.mjs": script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]) };
const adding = { "1_add.mjs": script([{ kind: "add-column", table: "users", column: { name: "note", type: "text" } }]) };

async function findingsOf(t: Parameters<typeof projectFor>[0], url: string, files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const context = await projectFor(t, url, files).context();
  try {
    const { plan: planned } = await plan(context, { check: false });
    // What the account may not do is no part of what it sees.
    return (planned?.findings ?? []).filter(({ rule }) => rule !== "would-not-begin");
  } catch (error) {
    if (error instanceof Problem && error.code === "refused") return (error.details as { readonly findings: readonly Finding[] }).findings;
    throw error;
  }
}

/** But for what is said of each column that is shown. */
const told = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ rule, severity }) => rule !== "columns-not-named" || severity !== "note")
    .map(({ rule, severity, subject }) => `${severity} ${rule} ${subject.kind} ${subject.name}`)
    .sort();

describe.runIf(hasOwnMariadb)("other databases", () => {
  test("all kinds of objects that name the column are found, what names another table of that name is not", async (t) => {
    const server = await ownMariadbFor(t, { settings: { "log-bin-trust-function-creators": "1" } });
    const [db, other] = [await mariadbDatabaseFor(t, server), await mariadbDatabaseFor(t, server)];
    await db.rows("create table users (id int primary key, name varchar(20), mail varchar(20)); insert into users values (1, 'ada', 'a@b')");
    const users = `${db.name}.users`;
    await other.rows(`create table users (id int primary key, name varchar(20)); create table log (id int);
      create view names as select u.name from ${users} u; create view mails as select mail from ${users}; create view own_names as select name from users;
      create procedure reading() select name from \`${db.name}\` . \`USERS\`;
      create procedure own_reading() select name from users;
      create procedure says() begin prepare s from 'select name from ${users}'; execute s; end;
      create procedure all_of_it() insert into log select * from ${users};
      create function mail_of() returns int return (select max(mail) from ${users});
      create trigger writes after insert on log for each row insert into ${users} (id, name) values (new.id, 'x');
      create event nightly on schedule every 1 day do update ${users} set name = trim(name)`);
    const found = await findingsOf(t, db.url, renaming);
    expect(told(found)).toEqual(
      [
        `refuse dependent-view view ${other.name}.names`,
        `refuse dependent-routine routine ${other.name}.reading`,
        `refuse dependent-trigger trigger ${other.name}.writes`,
        `refuse dependent-routine event ${other.name}.nightly`,
        `warn may-name-column routine ${other.name}.says`,
        `warn columns-not-named routine ${other.name}.all_of_it`,
      ].sort(),
    );
    expect(found.find(({ rule }) => rule === "dependent-view")?.fix).toContain("before the run begins");
    // Nothing leaves: nobody looks.
    expect(told(await findingsOf(t, db.url, adding))).toEqual([]);
  });

  test("what the account may not see is said, with what would show it, and that is enough", async (t) => {
    const server = await ownMariadbFor(t);
    const [db, other] = [await mariadbDatabaseFor(t, server), await mariadbDatabaseFor(t, server)];
    await db.rows("create table users (id int primary key, name varchar(20)); insert into users values (1, 'ada'); create user reader@localhost");
    await db.rows(`grant select (name) on ${db.name}.users to reader@localhost`);
    await other.rows(`create view names as select name from ${db.name}.users; create procedure reading() select name from ${db.name}.users;
      create table log (id int); create trigger writes after insert on log for each row insert into ${db.name}.users (id, name) values (new.id, 'x');
      create event nightly on schedule every 1 day do update ${db.name}.users set name = trim(name)`);
    const few = await accountFor(t, db);
    await db.rows(
      `grant select, insert, update, alter, create, drop, index, trigger, create temporary tables on ${db.name}.* to ${few.name}; grant all on hotstick.* to ${few.name}`,
    );
    const blind = await findingsOf(t, few.url, renaming);
    expect(told(blind)).toEqual([`note not-all-seen table ${db.name}.users`]);
    expect(blind[0]?.message).toContain(
      "does not see views of other databases, triggers of other databases, events of other databases, events of this database, routines of other accounts, privileges of other accounts on single columns.",
    );
    expect(told(await findingsOf(t, few.url, adding))).toEqual([]);
    const grants = /grant [\s\S]*$/.exec(blind[0]?.fix ?? "")?.[0] ?? "";
    expect(grants).toMatch(/^grant show view, trigger, event on \*\.\* to .*; grant select on `mysql`\.\* to .*;$/);
    // A view's text is shown to whoever may read the view, too.
    await db.rows(`${grants} grant select on *.* to ${few.name}`);
    const seen = await findingsOf(t, few.url, renaming);
    expect(told(seen)).toEqual(
      [
        `refuse dependent-view view ${other.name}.names`,
        `refuse dependent-routine routine ${other.name}.reading`,
        `refuse dependent-trigger trigger ${other.name}.writes`,
        `refuse dependent-routine event ${other.name}.nightly`,
      ].sort(),
    );
  });

  test.runIf(process.env["HOTSTICK_SCOPE"] === "all")("10,000 tables beside are looked through in seconds", { timeout: 600_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t));
    // No database of the harness's, which would take its time to be dropped.
    await db.rows("create database beside; create table users (id int primary key, name varchar(20)); insert into users values (1, 'ada')");
    for (let from = 0; from < 10_000; from += 500)
      await db.rows(Array.from({ length: 500 }, (_, i) => `create table beside.t${from + i} (id int primary key, name varchar(20));`).join(""));
    await db.rows(`create view beside.names as select name from ${db.name}.users`);
    const since = performance.now();
    expect(told(await findingsOf(t, db.url, renaming))).toEqual(["refuse dependent-view view beside.names"]);
    // Measured: one second cold, a third of it warm.
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});

test.skipIf(hasOwnMariadb)("MariaDB is not installed", () => expect(hasOwnMariadb).toBe(false));
