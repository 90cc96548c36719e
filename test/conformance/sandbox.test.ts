// What every sandbox does, whichever server runs in it.
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { Problem } from "../../src/problem.ts";
import { createScratch } from "../../src/sandbox/scratch.ts";
import { sandboxes } from "./fixtures/sandboxes.ts";

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

/** Far above what it takes (a third of a second), so that only a hang fails. */
const startBoundMs = 20_000;

describe.each(sandboxes)("%s", (_, on) => {
  test("starts and answers as what was asked for", async () => {
    const begun = performance.now();
    const server = await on.shared();
    expect(performance.now() - begun).toBeLessThan(startBoundMs);
    if (on.major !== null) expect(server.major).toBe(on.major);
    expect(await on.ask(server.url(), on.version)).toMatch(new RegExp(`^${server.major}`));
  });

  test("is set up for tests", async () => {
    expect(await on.ask((await on.shared()).url(), on.setUp.ask)).toBe(on.setUp.answer);
  });

  test("recovers what was committed before it was killed", async (t) => {
    const server = await on.own(t);
    const first = server.pid;
    await server.createDatabase("shop");
    await on.ask(server.url("shop"), "create table kept as select 1 as a");
    await server.kill();
    await expect(on.ask(server.url(), "select 1")).rejects.toThrow();
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(await on.ask(server.url("shop"), "select a from kept")).toBe("1");
    for (const mode of ["immediate", "fast"] as const) {
      await server.restart(mode);
      expect(await on.ask(server.url("shop"), "select a from kept")).toBe("1");
    }
  });

  test("makes databases of any name, and none twice", async () => {
    const server = await on.shared();
    const odd = 'it`s "a" B';
    await server.createDatabase(odd);
    expect(await on.ask(server.url(odd), "select 1")).toBe("1");
    expect(await problemOf(server.createDatabase(odd))).toMatchObject({ code: "sandbox-database", message: expect.stringContaining(odd) });
    await server.dropDatabase(odd);
    await expect(on.ask(server.url(odd), "select 1")).rejects.toThrow();
    await server.dropDatabase(odd);
  });

  test("drops a database in spite of who is in it", async () => {
    const server = await on.shared();
    const scratch = await createScratch(server);
    await on.ask(scratch.url, "create table t (a int)");
    const sleeping = on.ask(scratch.url, on.lockForLong).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const begun = performance.now();
    await scratch.drop();
    expect(performance.now() - begun).toBeLessThan(5_000);
    await sleeping;
  });

  test("stops, removes its folder, and may be stopped twice", async () => {
    for (const mode of ["fast", "immediate"] as const) {
      const server = await on.start();
      const folder = dirname(server.dataDirectory);
      expect(existsSync(folder)).toBe(true);
      await server.stop(mode);
      await server.stop();
      expect(existsSync(folder)).toBe(false);
    }
  });

  test("takes settings and durability", async (t) => {
    const server = await on.own(t, { durable: true, settings: on.settings.given });
    expect(await on.ask(server.url(), on.settings.ask)).toBe(on.settings.answer);
    expect(await on.ask(server.url(), on.settings.durable)).toBe("1");
  });

  test("with a setting that stops it shows the end of the log", async () => {
    for (const [settings, shown] of on.broken) {
      const problem = await problemOf(on.start({ settings }));
      expect(problem.code).toBe("sandbox-start");
      expect(problem.message.toLowerCase()).toContain(shown);
    }
  });

  test("that is not installed names the command that installs it", async () => {
    const problem = await problemOf(on.startMissing());
    expect(problem.code).toBe("sandbox-missing");
    expect(problem.hint).toContain(on.howToInstall);
  });

  test("has a replica that follows, pauses and resumes", async (t) => {
    const primary = await on.own(t);
    await primary.createDatabase("shop");
    await on.ask(primary.url("shop"), "create table watched (a int)");
    const replica = await on.replicaOf(primary);
    t.onTestFinished(() => replica.stop("immediate"));
    const [here, there] = [primary.url("shop"), replica.url("shop")];
    await on.ask(here, "insert into watched values (1)");
    await replica.catchUp();
    expect(await on.ask(there, "select count(*) from watched")).toBe("1");

    await replica.pauseReplay();
    await on.ask(here, "insert into watched values (2)");
    expect((await problemOf(replica.catchUp(200))).code).toBe("sandbox-replica");
    expect(await on.ask(there, "select count(*) from watched")).toBe("1");
    await replica.resumeReplay();
    await replica.catchUp();
    expect(await on.ask(there, "select count(*) from watched")).toBe("2");
  });

  test("whose port was taken meanwhile is recognised", async (t) => {
    const server = await on.own(t);
    await server.kill();
    const thief = createServer();
    await new Promise<void>((resolve) => thief.listen(server.port, "127.0.0.1", resolve));
    const problem = await problemOf(server.restart());
    expect(problem.details).toEqual({ portTaken: true });
    await new Promise((resolve) => thief.close(resolve));
    await server.restart();
    expect(await on.ask(server.url(), "select 1")).toBe("1");
  });
});
