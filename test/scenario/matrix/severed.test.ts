// A connection that breaks when something is being committed: the run finds out whether it was, and goes on by itself.
import { describe, expect, test } from "vitest";
import { carryOn, comeOut, disturbed, type Leg, legName, legs, openHere } from "../../harness/crash-matrix.ts";
import { type Cut, mysqlWire, postgresWire, severingProxy, type Wire } from "../../harness/crash-matrix-proxy.ts";
import type { EngineName } from "../../harness/matrix-place.ts";
import { split } from "./cases.ts";
import { isWhole, knownPoints } from "./points.ts";
import { firstStands, stands } from "./stands.ts";

interface Severing {
  readonly leg: Leg;
  readonly nth: number;
  readonly cut: Cut;
}

/** Each message that commits passes one of these points. */
const committing: Readonly<Record<EngineName, RegExp>> = {
  postgres: / (transaction:sent|batch:sent)/,
  mariadb: / (transaction:sent|batch:sent|statement:sent)/,
};
const wires: Readonly<Record<EngineName, Wire>> = { postgres: postgresWire, mariadb: mysqlWire };

const commitsOf = (engine: EngineName, leg: Leg): number =>
  (knownPoints(engine)[split.name]?.[legName(leg)] ?? []).filter((point) => committing[engine].test(point)).length;
const cuts: readonly Cut[] = ["before", "after"];

const every = (engine: EngineName): readonly Severing[] =>
  legs.flatMap((leg) => Array.from({ length: commitsOf(engine, leg) }, (_, i) => cuts.map((cut) => ({ leg, nth: i + 1, cut }))).flat());
/** A step, a batch, and the way back. */
const few = (engine: EngineName): readonly Severing[] =>
  every(engine).filter(
    ({ leg, nth, cut }) =>
      (nth === 2 && legName(leg) === "forward from expand to backfill") ||
      (nth === 1 && legName(leg) === "forward from switch to retire" && cut === "after") ||
      (nth === 1 && legName(leg) === "backward from drop to retire"),
  );

describe.each(isWhole ? stands : firstStands)("%s", (_, stand) => {
  for (const { leg, nth, cut } of (isWhole ? every : few)(stand.engine)) {
    test(`cut off ${cut} commit ${nth} ${legName(leg)}`, { timeout: 120_000 }, async () => {
      const place = await stand.place();
      await disturbed(split, place, leg, async (base, url) => {
        if (leg.direction === "forward" && leg.from === "start") await openHere(url, base.plan);
        const proxy = await severingProxy(place.port, nth, cut, wires[stand.engine]);
        try {
          await carryOn(url.replace(`:${place.port}/`, `:${proxy.port}/`), leg.direction, leg.to);
        } finally {
          await proxy.close();
        }
        expect(proxy.cut, `${proxy.commits} commits were seen`).toBe(true);
        expect(await comeOut(base, url, leg, nth % 2 === 0 ? "turned round" : "gone on with")).toEqual([]);
      });
    });
  }
});
