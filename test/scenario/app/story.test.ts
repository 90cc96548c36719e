// Start, advance, complete, roll back: one run through the use cases.
import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/advance.ts";
import { complete } from "../../../src/app/complete.ts";
import { plan } from "../../../src/app/plan.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { firstAppStands } from "../../harness/app-stands.ts";
import { caught, projectFor, script } from "./project.ts";

const rename = script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]);

describe.each(firstAppStands)("%s", (_, stand) => {
  test("a rename goes through all phases, and back between them", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(
      `create table users (id ${stand.identity} primary key, name ${stand.text()} not null); insert into users (name) select concat('n', g) from ${stand.series(500)}; ${stand.analyze("users")}`,
    );
    const project = projectFor(t, db.url, { "1_rename.ts": rename });
    const context = await project.context();

    const planned = await plan(context, { check: false });
    expect(planned).toMatchObject({ pending: ["1_rename"], plan: { mode: "phased" }, server: { engine: stand.dialect, database: db.name } });
    expect(await db.rows(stand.home)).toEqual([]);

    const started = await start(context, {});
    expect(started.run).toMatchObject({ position: "backfill", state: "resting", ready: true, migrations: ["1_rename"] });
    expect(project.events.map((event) => event.event)).toEqual(expect.arrayContaining(["opened", "phase", "step", "ready", "ended"]));
    expect(started.next?.command).toBe("hotstick advance");
    await db.rows("insert into users (full_name) values ('new')");
    expect(await db.rows("select name from users where full_name = 'new'")).toEqual([{ name: "new" }]);

    expect((await advance(context, {})).run).toMatchObject({ position: "switch", state: "resting" });
    expect((await rollback(context, { to: "backfill" })).run).toMatchObject({ position: "backfill", direction: "back" });
    expect((await rollback(context, {})).run).toMatchObject({ position: "start", state: "rolled-back" });
    expect((await caught(rollback(context, {}))).code).toBe("nothing-running");

    await start(context, { migrations: ["1_rename"] });
    const done = await complete(context, {});
    expect(done.run).toMatchObject({ position: "drop", state: "complete", next: null });
    expect(await db.rows("select full_name from users where id = 3")).toEqual([{ full_name: "n3" }]);
    expect(await complete(context, {})).toMatchObject({ run: null });
    expect((await start(context, {})).run).toBeNull();
  });
});
