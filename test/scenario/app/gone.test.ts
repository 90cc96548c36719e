// A table of an open run that somebody dropped or renamed, or a column of it: what is said of it.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { verify } from "../../../src/app/verify.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { caught, projectFor, shouting } from "./project.ts";

const seed = (stand: AppStand, db: AppDatabase): Promise<unknown> =>
  db.rows(`create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) values ('ada'), ('bo')`);

const dropped = {
  postgres: "alter table users drop column loud cascade",
  mariadb: "alter table users drop column loud",
};

describe.each(firstAppStands)("on %s", (_, stand) => {
  const open = async (t: Parameters<AppStand["databaseFor"]>[0], switched = false) => {
    const db = await stand.databaseFor(t);
    await seed(stand, db);
    const context = await projectFor(t, db.url, shouting).context();
    await start(context, {});
    if (switched) await advance(context, {});
    return { db, context, table: `${stand.namespace(db)}.users` };
  };

  test.for([
    ["backfill", false],
    ["switch", true],
  ] as const)("verify after %s names a table that was renamed, and goes on once it is back", async ([, switched], t) => {
    const { db, context, table } = await open(t, switched);
    await db.rows("alter table users rename to people");
    const refused = await caught(verify(context, {}));
    expect(refused).toMatchObject({ code: "table-changed", exit: 4, details: { tables: [table], differences: [`table ${table}: is gone`] } });
    expect(refused.hint).toMatch(/hotstick verify\. .*: hotstick rollback --accept-drift$/);
    await db.rows("alter table people rename to users");
    expect((await verify(context, {})).ok).toBe(true);
  });

  test("verify names a table that was dropped, and the command that passes over it", async (t) => {
    const { db, context, table } = await open(t);
    await db.rows("drop table users");
    expect(await caught(verify(context, {}))).toMatchObject({ code: "table-changed", message: expect.stringContaining(`- table ${table}: is gone`) });
    expect((await rollback(context, { acceptDrift: true })).run).toMatchObject({ state: "rolled-back" });
  });

  test.for([
    ["backfill", false],
    ["switch", true],
  ] as const)("verify after %s names a column of the run that was dropped", async ([, switched], t) => {
    const { db, context, table } = await open(t, switched);
    await db.rows(dropped[stand.engine]);
    expect(await caught(verify(context, {}))).toMatchObject({
      code: "table-changed",
      message: expect.stringContaining(`- table ${table}, column loud: is gone`),
    });
  });

  test("where no command has noted what it left, the server's own words name it", async (t) => {
    const { db, context } = await open(t);
    await db.rows("delete from hotstick.events where kind = 'shape'");
    await db.rows(dropped[stand.engine]);
    expect(await caught(verify(context, {}))).toMatchObject({ code: "table-changed", message: expect.stringMatching(/column ['"]?(\w+\.)?loud\b/i) });
    await db.rows("drop table users");
    expect(await caught(verify(context, {}))).toMatchObject({ code: "table-changed", message: expect.stringContaining("users: is gone") });
  });
});
