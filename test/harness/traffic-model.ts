// What applications wrote, row by row: every value that either version of them may find, whatever the run does meanwhile.
import { type Position, positions } from "../../src/step/phase.ts";

/** Columns of one row, in both shapes, as the server prints them. */
export type Values = Readonly<Record<string, string | null>>;

/** Where the run may stand while a statement is carried out; both the same while it rests. */
export interface Stretch {
  readonly low: Position;
  readonly high: Position;
}

export const reached = (stretch: Stretch, position: Position): "no" | "maybe" | "yes" => {
  const place = (at: Position): number => positions.indexOf(at);
  if (place(stretch.low) >= place(position)) return "yes";
  return place(stretch.high) >= place(position) ? "maybe" : "no";
};

/** What a change means for a row. Each answer lists every row that would be right. */
export interface Model {
  insert(side: string, given: Values, stretch: Stretch): readonly Values[];
  /** `changes` may repeat what the row holds already. */
  update(side: string, row: Values, changes: Values, stretch: Stretch): readonly Values[];
  /** What `excluded` holds of these values in an upsert, where triggers have seen them. */
  excluded?(side: string, given: Values, stretch: Stretch): readonly Values[];
  /** What the run itself may have done to a row since it was written. */
  drift?(row: Values, stretch: Stretch): readonly Values[];
  /**
   * What a row holds when old code comes back.
   * @param before the row when old code left; null: it was born since.
   * @param changed a synced column was written since, or its key where the archive must find it. Called only for rows that were written at all.
   */
  comeBack(row: Values, before: Values | null, changed: boolean, dropped: boolean): readonly Values[];
  /** A change that begins anew: the new shape as it is made from the old. */
  afresh(row: Values): Values;
}

/** One way in which a row may have come to be. */
interface World {
  /** Null: there is no such row. */
  readonly values: Values | null;
  /** While old code is away: the row when it left, null for one born since. Undefined: it is here. */
  readonly before: Values | null | undefined;
  readonly written: boolean;
  readonly changed: boolean;
  /** Its key changed: an archive finds its rows by their keys. */
  readonly moved: boolean;
}

/** All the ways that fit what was seen. */
export type Worlds = readonly World[];

const fresh = (values: Values | null, away: boolean): World => ({ values, before: away ? null : undefined, written: true, changed: true, moved: false });
const same = (a: Values, b: Values, columns: readonly string[]): boolean => columns.every((column) => (a[column] ?? null) === (b[column] ?? null));

/** Identical ways are one. */
const unique = (worlds: Worlds): Worlds => [...new Map(worlds.map((world) => [JSON.stringify(world), world])).values()];

const plain = ["version", "note"];

/** Splits what every side has alike (`version`, `note`) from what the model is about. */
function part(values: Values): { readonly own: Values; readonly common: Values } {
  const entries = Object.entries(values);
  return {
    own: Object.fromEntries(entries.filter(([name]) => !plain.includes(name))),
    common: Object.fromEntries(entries.filter(([name]) => plain.includes(name))),
  };
}

export const existing = (values: Values): Worlds => [{ values, before: undefined, written: false, changed: false, moved: false }];
export const absent: Worlds = [{ values: null, before: undefined, written: true, changed: true, moved: false }];

export function inserted(model: Model, side: string, given: Values, stretch: Stretch, away: boolean): Worlds {
  const { own, common } = part(given);
  return unique(model.insert(side, own, stretch).map((values) => fresh({ ...values, ...common }, away)));
}

/** `version` counts every write of a row. */
export function updated(model: Model, worlds: Worlds, side: string, changes: Values, stretch: Stretch, moved = false): Worlds {
  const { own, common } = part(changes);
  return unique(
    drifting(model, worlds, stretch).flatMap((world): Worlds => {
      const { values } = world;
      if (values === null) return [];
      const version = String(Number(values["version"]) + 1);
      return model.update(side, values, own, stretch).map((next) => ({
        ...world,
        values: { ...values, ...next, ...common, version },
        written: true,
        changed: world.changed || !same(values, next, Object.keys(next)),
        moved: world.moved || moved,
      }));
    }),
  );
}

export function drifting(model: Model, worlds: Worlds, stretch: Stretch): Worlds {
  const { drift } = model;
  if (!drift) return worlds;
  return unique(
    worlds.flatMap(
      (world): Worlds =>
        world.values === null ? [world] : drift(world.values, stretch).map((values) => ({ ...world, values: { ...world.values, ...values } })),
    ),
  );
}

/** Those ways that fit what was read; `null`: no row was found. */
export const fitting = (model: Model, worlds: Worlds, seen: Values | null, stretch: Stretch): Worlds =>
  drifting(model, worlds, stretch).filter(({ values }) => (seen === null || values === null ? seen === values : same(seen, values, Object.keys(seen))));

export const leave = (worlds: Worlds): Worlds => unique(worlds.map(({ values }) => ({ values, before: values, written: false, changed: false, moved: false })));

export function comeBack(model: Model, worlds: Worlds, dropped: boolean): Worlds {
  return unique(
    worlds.flatMap(({ values, before, written, changed, moved }): Worlds => {
      if (values === null || before === undefined || (before !== null && !written)) return existing(values ?? {}).map((world) => ({ ...world, values }));
      return model
        .comeBack(values, before, changed || (moved && dropped), dropped)
        .map((next) => ({ values: { ...values, ...next }, before: undefined, written: false, changed: false, moved: false }));
    }),
  );
}

export const afresh = (model: Model, worlds: Worlds): Worlds =>
  unique(worlds.map((world) => (world.values === null ? world : { ...world, values: { ...world.values, ...model.afresh(world.values) } })));

/** For messages: what would have been right. */
export const describe = (worlds: Worlds): string => worlds.map(({ values }) => (values === null ? "no row" : JSON.stringify(values))).join(" or ");
