// The server itself dies: the run, which lives on, connects again when it can and comes to the same end.
import { describe, expect, test } from "vitest";
import { startServer as startMariadb } from "../../../src/sandbox/mariadb/server.ts";
import { startServer as startPostgres } from "../../../src/sandbox/postgres/server.ts";
import type { SandboxServer } from "../../../src/sandbox/sandbox.ts";
import { carryOn, comeOut, disturbed, legName, openHere } from "../../harness/crash-matrix.ts";
import { mariadbPlace, postgresPlace } from "../../harness/matrix-place.ts";
import { split } from "./cases.ts";
import { eachKind, isWhole, type Kill } from "./points.ts";
import { firstStands, type Stand, stands } from "./stands.ts";

/** Two of each kind, one of them on the way back; quick: one transaction, one batch, one build. */
const killsOn = (stand: Stand): readonly Kill[] => {
  const kinds = [...eachKind(split, stand), ...eachKind(split, stand, (stand.major ?? 0) + 2)].filter(({ point }) => !point.endsWith("run:opened"));
  return isWhole ? kinds : [/transaction:sent/, /batch:sent/, /statement:sent/].flatMap((kind) => kinds.find(({ point }) => kind.test(point)) ?? []);
};

const servers = new Map<string, Promise<SandboxServer>>();
/** Killed and started again by each test; its watchdog ends it with the worker. */
function mortalServer({ name, engine, major }: Stand): Promise<SandboxServer> {
  const server = servers.get(name) ?? (engine === "postgres" ? startPostgres(major === null ? {} : { major }) : startMariadb());
  servers.set(name, server);
  return server;
}

describe.each(isWhole ? stands : firstStands)("%s", (_, stand) => {
  for (const { leg, point, next } of killsOn(stand)) {
    test(`the server is killed at ${point}, ${legName(leg)}; then the run is ${next}`, { timeout: 120_000 }, async () => {
      const server = await mortalServer(stand);
      await disturbed(split, stand.engine === "postgres" ? postgresPlace(server) : mariadbPlace(server), leg, async (base, url) => {
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
