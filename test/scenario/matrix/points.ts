// The points of all cases, as a dry run of each found them; and which of them are killed at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkpoints } from "../../../src/run/checkpoints.ts";
import { type Afterwards, type Leg, legName, legs, type MatrixCase } from "../../harness/crash-matrix.ts";
import { newest } from "../../harness/majors.ts";

/** By case, then by leg. `HOTSTICK_POINTS=write npx vitest run points` makes it anew. */
export type Points = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export const pointsFile = join(import.meta.dirname, "points.json");
export const knownPoints = (): Points => JSON.parse(readFileSync(pointsFile, "utf8")) as Points;

export interface Kill {
  readonly it: MatrixCase;
  readonly leg: Leg;
  readonly point: string;
  readonly next: Afterwards;
}

export const isWhole = process.env["HOTSTICK_SCOPE"] === "all";

const all = (it: MatrixCase, points: Points): readonly Omit<Kill, "next">[] =>
  legs.flatMap((leg) => (points[it.name]?.[legName(leg)] ?? []).map((point) => ({ it, leg, point })));

const nextOf = (n: number): Afterwards => (n % 2 === 0 ? "gone on with" : "turned round");

/** A known gap: in the middle of the way back from retire a run can only be gone on with; forward again it misses what was taken back. */
const isHalfBack = ({ leg, point }: Omit<Kill, "next">): boolean => leg.direction === "backward" && point.startsWith("retire-");

/** Every point; whether a run is gone on with or turned round there alternates from point to point and from major to major. */
export const everyPoint = (it: MatrixCase, major: number): readonly Kill[] =>
  all(it, knownPoints()).map((kill, i) => ({ ...kill, next: isHalfBack(kill) ? "gone on with" : nextOf(i + major) }));

/** One point of each kind, now forward and now backward, now gone on with and now turned round. */
export function eachKind(it: MatrixCase, major: number): readonly Kill[] {
  const points = all(it, knownPoints());
  return checkpoints.flatMap((checkpoint, n): readonly Kill[] => {
    const met = points.filter(({ point }) => point.includes(` ${checkpoint}`));
    const wanted = (n + major / 2) % 2 < 1 ? "forward" : "backward";
    const kill = met.find(({ leg }) => leg.direction === wanted) ?? met[0];
    return kill ? [{ ...kill, next: nextOf(Math.floor(n / 2)) }] : [];
  });
}

/** One point in the middle of all, on one server. */
export function oneOf(it: MatrixCase, major: number): readonly Kill[] {
  const points = all(it, knownPoints());
  const middle = points[Math.floor(points.length * 0.6)];
  return major === newest && middle ? [{ ...middle, next: "gone on with" }] : [];
}
