// The server itself dies: the run, which lives on, connects again when it can and comes to the same end.
import { describe, expect, test } from "vitest";
import { type PostgresServer, startServer } from "../../../src/sandbox/postgres/server.ts";
import { carryOn, comeOut, disturbed, legName, openHere } from "../../harness/crash-matrix.ts";
import { majors, newest } from "../../harness/majors.ts";
import { split } from "./cases.ts";
import { eachKind, isWhole, type Kill } from "./points.ts";

/** Two of each kind, one of them on the way back; quick: one transaction, one batch, one build. */
const killsOn = (major: number): readonly Kill[] => {
  const kinds = [...eachKind(split, major), ...eachKind(split, major + 2)].filter(({ point }) => !point.endsWith("run:opened"));
  return isWhole ? kinds : [/transaction:sent/, /batch:sent/, /statement:sent/].flatMap((kind) => kinds.find(({ point }) => kind.test(point)) ?? []);
};

const servers = new Map<number, Promise<PostgresServer>>();
/** Killed and started again by each test; its watchdog ends it with the worker. */
function mortalServer(major: number): Promise<PostgresServer> {
  const server = servers.get(major) ?? startServer({ major });
  servers.set(major, server);
  return server;
}

describe.each(isWhole ? majors : [newest])("PostgreSQL %i", (major) => {
  for (const { leg, point, next } of killsOn(major)) {
    test(`the server is killed at ${point}, ${legName(leg)}; then the run is ${next}`, { timeout: 120_000 }, async () => {
      const server = await mortalServer(major);
      await disturbed(split, server, leg, async (base, url) => {
        if (leg.direction === "forward" && leg.from === "start") await openHere(url, base.plan);
        let act = "begin";
        let restarted = false;
        await carryOn(url, leg.direction, leg.to, {
          report: (news) => {
            if (news.kind === "event" && (news.event.kind === "started" || news.event.kind === "undo-started")) act = news.event.step;
          },
          checkpoint: async (checkpoint) => {
            if (restarted || `${act} ${checkpoint}` !== point) return;
            restarted = true;
            await server.kill();
            await server.restart();
          },
        });
        expect(restarted).toBe(true);
        expect(await comeOut(base, url, leg, next, point)).toEqual([]);
      });
    });
  }
});
