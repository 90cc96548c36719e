// The list that the matrix is made from must name every point that a run comes to.
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { legName, legs, pointsOf } from "../../harness/crash-matrix.ts";
import { majors, newest } from "../../harness/majors.ts";
import { serverFor } from "../../harness/servers.ts";
import { cases } from "./cases.ts";
import { isWhole, knownPoints, type Points, pointsFile } from "./points.ts";

const writes = process.env["HOTSTICK_POINTS"] === "write";
const found: Record<string, Points[string]> = writes ? { ...knownPoints() } : {};

/** One leg on a line, so that a difference can be read. */
function write(points: Points): void {
  const lines = Object.entries(points).map(
    ([name, byLeg]) =>
      `  ${JSON.stringify(name)}: {\n${Object.entries(byLeg)
        .map(([leg, list]) => `    ${JSON.stringify(leg)}: ${JSON.stringify(list)}`)
        .join(",\n")}\n  }`,
  );
  writeFileSync(pointsFile, `{\n${lines.join(",\n")}\n}\n`);
}

describe.each(isWhole && !writes ? majors : [newest])("PostgreSQL %i", (major) => {
  test.for(isWhole || writes ? cases : cases.slice(0, 1))("the points of $name are all in the list", { timeout: 120_000 }, async (it) => {
    const byLeg: Record<string, readonly string[]> = {};
    for (const leg of legs) byLeg[legName(leg)] = await pointsOf(it, await serverFor(major), leg);
    found[it.name] = byLeg;
    if (writes) write(found);
    else expect(byLeg, "points.ts says how the list is made anew").toEqual(knownPoints()[it.name]);
  });
});
