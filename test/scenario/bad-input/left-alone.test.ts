// People and terminals that go away: the run rests where it is safe, and the next command goes on.
import { type ChildProcess, spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { status } from "../../../src/app/status.ts";
import { up } from "../../../src/app/up.ts";
import { type AppDatabase, type AppStand, firstAppStands } from "../../harness/app-stands.ts";
import { build } from "../app/built.ts";
import { projectFor, script } from "../app/project.ts";

const rows = 150_000;
const rename = script([{ kind: "rename-column", table: "items", from: "code", to: "label" }]);

/** `hotstick up` in the middle of a backfill. */
async function working(
  t: Parameters<AppStand["databaseFor"]>[0],
  stand: AppStand,
): Promise<{
  readonly db: AppDatabase;
  readonly child: ChildProcess;
  readonly exit: Promise<number | string | null>;
  readonly context: () => ReturnType<ReturnType<typeof projectFor>["context"]>;
}> {
  const db = await stand.databaseFor(t);
  await db.rows(
    `create table items (id int primary key, code ${stand.text()} not null); insert into items select g, concat(g, '') from ${stand.series(rows)}; ${stand.analyze("items")}`,
  );
  const project = projectFor(t, db.url, { "1_rename.mjs": rename });
  const child = spawn(process.execPath, [build(), "up"], {
    cwd: project.cwd,
    env: { ...process.env, DATABASE_URL: db.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = new Promise<number | string | null>((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  child.stderr?.resume();
  child.stdout?.resume();
  await expect.poll(() => db.rows("select 1 from hotstick.cursors").catch(() => []), { interval: 10 }).not.toEqual([]);
  return { db, child, exit, context: () => project.context() };
}

async function goesOn(db: AppDatabase, context: Awaited<ReturnType<typeof working>>["context"]): Promise<void> {
  expect((await up(await context(), { check: false })).pending).toEqual([]);
  expect(await db.count("items where label = concat(id, '')")).toBe(rows);
}

describe.each(firstAppStands)("on %s", (_, stand) => {
  for (const signal of ["SIGINT", "SIGHUP"] as const) {
    test(`${signal} pauses after the batch under way`, { timeout: 120_000 }, async (t) => {
      const { db, child, exit, context } = await working(t, stand);
      child.kill(signal);
      expect(await exit).toBe(130);
      expect((await status(await context(), {})).runs).toMatchObject([{ state: "paused" }]);
      await goesOn(db, context);
    });
  }

  test("a second Ctrl-C does not wait for the server", { timeout: 120_000 }, async (t) => {
    const { db, child, exit, context } = await working(t, stand);
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    expect(await exit).toBe(130);
    await goesOn(db, context);
  });

  test("whoever stops listening to what is said does not end the run", { timeout: 120_000 }, async (t) => {
    const { db, child, exit, context } = await working(t, stand);
    child.stdout?.destroy();
    child.stderr?.destroy();
    const code = await exit;
    expect([0, 130, 1, 141, "SIGPIPE"]).toContain(code);
    await goesOn(db, context);
  });
});
