// The points of all cases, as a dry run of each found them; and which of them are killed at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkpoints } from "../../../src/run/checkpoints.ts";
import { type Afterwards, type Leg, legName, legs, type MatrixCase } from "../../harness/crash-matrix.ts";
import { majors, newest } from "../../harness/majors.ts";

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

const older = majors.filter((major) => major !== newest);

/**
 * Every point twice: on the newest server and on one of the older ones, which take turns; gone on with on one of them, turned round on
 * the other. (The points are the same on every server; a kill of each on each would take a night.)
 */
export const everyPoint = (it: MatrixCase, major: number): readonly Kill[] =>
  all(it, knownPoints()).flatMap((kill, i): readonly Kill[] => {
    if (major === newest) return [{ ...kill, next: nextOf(i) }];
    // One further with each round, so that each of them meets both ways out.
    return older[(i + Math.floor(i / older.length)) % older.length] === major ? [{ ...kill, next: nextOf(i + 1) }] : [];
  });

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
