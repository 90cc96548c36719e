// Kills a run in another process, carries it on in this one, and compares with a run that nobody disturbed.
import { describe, expect, test } from "vitest";
import { crash, legName, type MatrixCase } from "../../harness/crash-matrix.ts";
import { majors } from "../../harness/majors.ts";
import { serverFor } from "../../harness/servers.ts";
import { everyPoint, isWhole, type Kill } from "./points.ts";

/** @param quick which points the quick scope kills at. */
export function killAll(cases: readonly MatrixCase[], quick: (it: MatrixCase, major: number) => readonly Kill[]): void {
  const killsOn = (major: number): readonly Kill[] => cases.flatMap((it) => (isWhole ? everyPoint(it, major) : quick(it, major)));
  describe.each(majors.filter((major) => killsOn(major).length > 0))("PostgreSQL %i", (major) => {
    for (const { it, leg, point, next } of killsOn(major)) {
      test(`${it.name}: killed at ${point}, ${legName(leg)}, and ${next}`, { timeout: 120_000 }, async () => {
        expect(await crash(it, await serverFor(major), leg, point, next)).toEqual([]);
      });
    }
  });
}
