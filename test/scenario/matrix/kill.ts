// Kills a run in another process, carries it on in this one, and compares with a run that nobody disturbed.
import { describe, expect, test } from "vitest";
import { crash, legName, type MatrixCase } from "../../harness/crash-matrix.ts";
import { everyPoint, isWhole, type Kill } from "./points.ts";
import { type Stand, stands } from "./stands.ts";

/** @param quick which points the quick scope kills at. */
export function killAll(cases: readonly MatrixCase[], quick: (it: MatrixCase, stand: Stand) => readonly Kill[]): void {
  const killsOn = (stand: Stand): readonly Kill[] => cases.flatMap((it) => (isWhole ? everyPoint(it, stand) : quick(it, stand)));
  describe.each(stands.filter(([, stand]) => killsOn(stand).length > 0))("%s", (_, stand) => {
    for (const { it, leg, point, next } of killsOn(stand)) {
      test(`${it.name}: killed at ${point}, ${legName(leg)}, and ${next}`, { timeout: 120_000 }, async () => {
        expect(await crash(it, await stand.place(), leg, point, next)).toEqual([]);
      });
    }
  });
}
