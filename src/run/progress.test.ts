import { describe, expect, test } from "vitest";
import { Meter } from "./progress.ts";

describe("Meter", () => {
  test("says nothing before it has seen two marks, and never a time for an unknown total", () => {
    const meter = new Meter();
    meter.mark(0, 0);
    expect(meter.progress(100, 1)).toEqual({ rowsDone: 0, rowsTotal: 100, rowsPerSecond: null, etaMs: null, pass: 1, doing: null });
    meter.mark(1_000, 10);
    expect(meter.progress(null, 1).etaMs).toBeNull();
  });

  test("its range holds the true time where the rate is steady", () => {
    const meter = new Meter();
    for (let n = 0; n <= 60; n += 1) meter.mark(n * 1_000, n * 500);
    const { etaMs, rowsPerSecond } = meter.progress(60_000, 1);
    expect(rowsPerSecond).toBe(500);
    expect(etaMs?.[0]).toBeLessThan(60_000);
    expect(etaMs?.[1]).toBeGreaterThan(60_000);
  });

  test("a change of rate widens the range", () => {
    const meter = new Meter();
    for (let n = 0; n <= 60; n += 1) meter.mark(n * 1_000, n * 500);
    const steady = meter.progress(100_000, 1).etaMs;
    for (let n = 1; n <= 10; n += 1) meter.mark(60_000 + n * 1_000, 30_000 + n * 100);
    const slower = meter.progress(100_000, 1).etaMs;
    expect((slower?.[1] ?? 0) - (slower?.[0] ?? 0)).toBeGreaterThan((steady?.[1] ?? 0) - (steady?.[0] ?? 0));
  });

  test("a new pass that begins at nothing does not make the rate negative", () => {
    const meter = new Meter();
    meter.mark(0, 0);
    meter.mark(1_000, 100);
    meter.mark(2_000, 0);
    expect(meter.progress(50, 2).rowsPerSecond).toBe(100);
  });
});
