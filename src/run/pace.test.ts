import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paceByTime } from "./pace.ts";

describe("paceByTime", () => {
  test("never more than doubles or halves, and stays within its limits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.double({ min: 0, max: 10_000, noNaN: true })), (first, times) => {
        const pace = paceByTime(first, 100);
        for (const ms of times) {
          const before = pace.rows();
          pace.ran({ rows: before, ms });
          expect(pace.rows()).toBeGreaterThanOrEqual(Math.max(10, Math.floor(before / 2)));
          expect(pace.rows()).toBeLessThanOrEqual(Math.min(100_000, Math.ceil(before * 2)));
        }
      }),
    );
  });

  test("settles at its target where the time grows with the rows", () => {
    const pace = paceByTime(1_000, 100);
    for (let n = 0; n < 20; n += 1) pace.ran({ rows: pace.rows(), ms: pace.rows() / 50 });
    expect(pace.rows()).toBeGreaterThan(4_500);
    expect(pace.rows()).toBeLessThan(5_500);
  });

  test("a short last batch says nothing", () => {
    const pace = paceByTime(1_000, 100);
    pace.ran({ rows: 3, ms: 1 });
    expect(pace.rows()).toBe(1_000);
  });
});
