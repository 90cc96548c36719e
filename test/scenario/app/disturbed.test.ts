// What somebody does to the triggers of an open run, as `status` tells it, and what ends it.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { status } from "../../../src/app/status.ts";
import { verify } from "../../../src/app/verify.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { projectFor, shouting } from "./project.ts";

interface Words {
  /** A trigger of a user's own on users, which shortens a column. */
  create(name: string, event: "insert" | "update", column?: "name" | "note"): string;
  drop(name: string): string;
  /** Those of ours, by their kind. */
  ours(db: AppDatabase, event: "insert" | "update"): Promise<string>;
  /** A name with which it fires after ours; and one with which it does not. */
  readonly late: string;
}

const words = ({ engine }: AppStand): Words =>
  engine === "postgres"
    ? {
        create: (
          name,
          event,
        ) => `create or replace function shorten() returns trigger language plpgsql as 'begin new.name := left(new.name, 3); return new; end';
          create trigger "${name}" before ${event} on users for each row execute function shorten()`,
        drop: (name) => `drop trigger "${name}" on users`,
        ours: async (db, event) => String((await db.rows(`select tgname as name from pg_trigger where tgname like '%hotstick_sync_${event}'`))[0]?.["name"]),
        late: "~~late",
      }
    : {
        create: (name, event, column = "name") => `create trigger \`${name}\` before ${event} on users for each row set new.${column} = left(new.${column}, 3)`,
        drop: (name) => `drop trigger \`${name}\``,
        ours: async (db, event) =>
          String(
            (
              await db.rows(
                `select trigger_name as name from information_schema.triggers where trigger_schema = database() and trigger_name like 'hotstick_sync_${event}%'`,
              )
            )[0]?.["name"],
          ),
        late: "late",
      };

const seed = (stand: AppStand, db: AppDatabase): Promise<unknown> =>
  db.rows(
    `create table users (id ${stand.identity} primary key, name ${stand.text()} not null, note ${stand.text()}); insert into users (name) values ('ada'), ('bo')`,
  );

describe.each(firstAppStands)("on %s", (_, stand) => {
  const { create, drop, ours, late } = words(stand);
  const told = async (context: Parameters<typeof status>[0]) => {
    const [run] = (await status(context, {})).runs;
    return { findings: run?.findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`), next: run?.next?.command };
  };

  test("a trigger that fires after ours is told from expand to retire, until it is gone", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(stand, db);
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    expect(await told(context)).toEqual({ findings: [], next: "hotstick advance" });

    await db.rows(create(late, "update"));
    const name = await ours(db, "update");
    const namespace = stand.namespace(db);
    const found = {
      findings: [
        `warn sync-disturbed: The trigger ${late} fires after ${name}: what it changes in a row of ${namespace}.users does not reach the other shape.`,
      ],
    };
    expect(await told(context)).toEqual({ ...found, next: "hotstick verify" });
    // It is true: the write comes apart.
    await db.rows("update users set name = 'charles' where id = 1");
    expect((await db.rows("select name, loud from users where id = 1"))[0]).toEqual({ name: "cha", loud: "CHARLES" });
    expect((await verify(context, {})).ok).toBe(false);

    const fix = (await status(context, {})).runs[0]?.findings[0]?.fix ?? "";
    await db.rows(/^drop trigger [^;]+/.exec(fix)?.[0] ?? "select no_statement");
    expect(await told(context)).toEqual({ findings: [], next: "hotstick advance" });
    expect(await verify(context, {})).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([expect.objectContaining({ bad: [expect.anything()] })]),
      next: { command: "hotstick verify" },
    });
    await db.rows("update users set name = 'charly' where id = 1");
    expect((await verify(context, {})).ok).toBe(true);

    await advance(context, {});
    expect(await told(context)).toEqual({ findings: [], next: "hotstick advance" });
    await db.rows(create(late, "insert", "note"));
    expect((await told(context)).findings).toEqual([expect.stringContaining(`The trigger ${late} fires after ${await ours(db, "insert")}`)]);
    await db.rows(drop(late));
    await advance(context, { acceptOldUsers: true });
    // Nothing is kept in step any more, so nothing is disturbed.
    await db.rows(create(late, "insert", "note"));
    expect(await told(context)).toEqual({ findings: [], next: "hotstick advance" });
  });

  test("ours that is gone is told, and going back is safe", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(stand, db);
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    const name = await ours(db, "insert");
    await db.rows(drop(name));
    expect(await told(context)).toEqual({
      findings: [`warn sync-disturbed: The trigger ${name} is gone: since then no INSERT of ${stand.namespace(db)}.users is kept in step.`],
      next: "hotstick verify",
    });
    await db.rows("insert into users (name) values ('cy')");
    expect((await status(context, {})).runs[0]?.findings[0]?.fix).toContain("hotstick rollback --accept-drift");
    await rollback(context, { acceptDrift: true });
    expect((await status(context, {})).runs).toEqual([]);
    expect(await db.count("users where name in ('ada', 'bo', 'cy')")).toBe(3);
  });

  test("a trigger of before the run is none, nor one that is made for other events", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(stand, db);
    await db.rows(create(late, "update", "note"));
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    await db.rows(
      create("aaa", "insert")
        .replace(" before ", " after ")
        .replace(/set new\.name = left\(new\.name, 3\)$/, "do 0"),
    );
    expect(await told(context)).toEqual({ findings: [], next: "hotstick advance" });
  });

  test.runIf(stand.engine === "mariadb")("one that was put before ours during the run changes what a batch has computed", async (t) => {
    const db = await stand.databaseFor(t);
    await seed(stand, db);
    await db.rows(create("known", "update", "note"));
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    await db.rows(create("sooner", "update", "note").replace("for each row", `for each row precedes ${await ours(db, "update")}`));
    expect((await told(context)).findings).toEqual([expect.stringContaining("The trigger sooner was made since the run began and fires before")]);
  });

  test.runIf(stand.engine === "postgres")("ours that is switched off, and rivals on a partition only", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(
      "create table users (id int primary key, name text not null) partition by range (id); create table users_1 partition of users for values from (0) to (100)",
    );
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    const name = await ours(db, "update");
    await db.rows(`alter table users_1 disable trigger "${name}"`);
    expect((await told(context)).findings).toEqual([
      `warn sync-disturbed: The trigger ${name} is switched off: since then no UPDATE of public.users_1 is kept in step.`,
    ]);
    await db.rows(((await status(context, {})).runs[0]?.findings[0]?.fix ?? "").replace(/;$/, ""));
    expect((await told(context)).findings).toEqual([]);
    await db.rows(create(late, "update").replace("on users ", "on users_1 "));
    expect((await told(context)).findings).toEqual([expect.stringContaining("does not reach the other shape")]);
    await db.rows(`alter table users_1 disable trigger "${late}"`);
    expect((await told(context)).findings).toEqual([]);
  });
});
