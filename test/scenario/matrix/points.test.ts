// The list that the matrix is made from must name every point that a run comes to.
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { legName, legs, pointsOf } from "../../harness/crash-matrix.ts";
import { cases } from "./cases.ts";
import { isWhole, knownPoints, type Points, pointsFile } from "./points.ts";
import { firstStands, stands } from "./stands.ts";

const writes = process.env["HOTSTICK_POINTS"] === "write";
/** One leg on a line, so that a difference can be read. */
function write(file: string, points: Points): void {
  const lines = Object.entries(points).map(
    ([name, byLeg]) =>
      `  ${JSON.stringify(name)}: {\n${Object.entries(byLeg)
        .map(([leg, list]) => `    ${JSON.stringify(leg)}: ${JSON.stringify(list)}`)
        .join(",\n")}\n  }`,
  );
  writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
}

/** Of a leg's points those that count: on a busy machine a lock or a batch is tried more often, and its points come more often than in the list. */
const counting = (points: readonly string[], listed: readonly string[] = []): readonly string[] =>
  points.filter((point) => listed.includes(point) || !listed.includes(point.replace(/ \d+$/, "")));

describe.each(isWhole && !writes ? stands : firstStands)("%s", (_, stand) => {
  const found: Record<string, Points[string]> = {};
  test.for((isWhole || writes ? cases : cases.slice(0, 1)).filter(({ on }) => on[stand.engine]))(
    "the points of $name are all in the list",
    { timeout: 120_000 },
    async (it) => {
      const byLeg: Record<string, readonly string[]> = {};
      const known = writes ? undefined : knownPoints(stand.engine)[it.name];
      for (const leg of legs) byLeg[legName(leg)] = counting(await pointsOf(it, await stand.place(), leg), known?.[legName(leg)]);
      found[it.name] = byLeg;
      if (writes) write(pointsFile(stand.engine), found);
      else expect(byLeg, "points.ts says how the list is made anew").toEqual(known);
    },
  );
});
