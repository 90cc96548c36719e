// A connection that breaks at COMMIT: the run finds out whether it was committed, and goes on by itself.
import { describe, expect, test } from "vitest";
import { carryOn, comeOut, disturbed, type Leg, legName, legs, openHere } from "../../harness/crash-matrix.ts";
import { type Cut, severingProxy } from "../../harness/crash-matrix-proxy.ts";
import { majors, newest } from "../../harness/majors.ts";
import { postgresPlace } from "../../harness/matrix-place.ts";
import { serverFor } from "../../harness/servers.ts";
import { split } from "./cases.ts";
import { isWhole, knownPoints } from "./points.ts";

interface Severing {
  readonly leg: Leg;
  readonly nth: number;
  readonly cut: Cut;
}

/** Each message that ends with COMMIT passes one of these points. */
const commitsOf = (leg: Leg): number =>
  (knownPoints("postgres")[split.name]?.[legName(leg)] ?? []).filter((point) => / (transaction:sent|batch:sent)/.test(point)).length;
const cuts: readonly Cut[] = ["before", "after"];

const every: readonly Severing[] = legs.flatMap((leg) =>
  Array.from({ length: commitsOf(leg) }, (_, i) => cuts.map((cut) => ({ leg, nth: i + 1, cut }))).flat(),
);
/** A step, a batch, and the way back. */
const few = every.filter(
  ({ leg, nth, cut }) =>
    (nth === 2 && legName(leg) === "forward from expand to backfill") ||
    (nth === 1 && legName(leg) === "forward from switch to retire" && cut === "after") ||
    (nth === 1 && legName(leg) === "backward from drop to retire"),
);

describe.each(isWhole ? majors : [newest])("PostgreSQL %i", (major) => {
  for (const { leg, nth, cut } of isWhole ? every : few) {
    test(`cut off ${cut} COMMIT ${nth} ${legName(leg)}`, { timeout: 120_000 }, async () => {
      const place = postgresPlace(await serverFor(major));
      await disturbed(split, place, leg, async (base, url) => {
        if (leg.direction === "forward" && leg.from === "start") await openHere(url, base.plan);
        const proxy = await severingProxy(place.port, nth, cut);
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
