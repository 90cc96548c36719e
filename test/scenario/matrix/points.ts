// The points of all cases, as a dry run of each found them; and which of them are killed at.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkpoints } from "../../../src/run/checkpoints.ts";
import { type Afterwards, type Leg, legName, legs, type MatrixCase } from "../../harness/crash-matrix.ts";
import { majors, newest } from "../../harness/majors.ts";
import type { EngineName } from "../../harness/matrix-place.ts";
import type { Stand } from "./stands.ts";

/** By case, then by leg. `HOTSTICK_POINTS=write npx vitest run points` makes it anew. */
export type Points = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export const pointsFile = (engine: EngineName): string => join(import.meta.dirname, `points.${engine}.json`);
export const knownPoints = (engine: EngineName): Points => JSON.parse(readFileSync(pointsFile(engine), "utf8")) as Points;

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
 * the other. (The points are the same on every server; a kill of each on each would take a night.) Where there is one server only, once,
 * now this way out and now that one.
 */
export const everyPoint = (it: MatrixCase, { engine, major }: Stand): readonly Kill[] =>
  all(it, knownPoints(engine)).flatMap((kill, i): readonly Kill[] => {
    if (major === null || major === newest) return [{ ...kill, next: nextOf(i) }];
    // One further with each round, so that each of them meets both ways out.
    return older[(i + Math.floor(i / older.length)) % older.length] === major ? [{ ...kill, next: nextOf(i + 1) }] : [];
  });

/** One point of each kind, now forward and now backward, now gone on with and now turned round. @param turn another number, other points. */
export function eachKind(it: MatrixCase, { engine, major }: Stand, turn = major ?? 0): readonly Kill[] {
  const points = all(it, knownPoints(engine));
  return checkpoints.flatMap((checkpoint, n): readonly Kill[] => {
    const met = points.filter(({ point }) => point.includes(` ${checkpoint}`));
    const wanted = (n + turn / 2) % 2 < 1 ? "forward" : "backward";
    const kill = met.find(({ leg }) => leg.direction === wanted) ?? met[0];
    return kill ? [{ ...kill, next: nextOf(Math.floor(n / 2)) }] : [];
  });
}

/** One point in the middle of all, on one server of each engine. */
export function oneOf(it: MatrixCase, { engine, major }: Stand): readonly Kill[] {
  const points = all(it, knownPoints(engine));
  const middle = points[Math.floor(points.length * 0.6)];
  return (major === null || major === newest) && middle ? [{ ...middle, next: "gone on with" }] : [];
}
