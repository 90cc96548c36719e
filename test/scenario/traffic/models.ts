// What each kind of change means for a row, said once more in TypeScript.
import { type Model, reached, type Stretch, type Values } from "../../harness/traffic-model.ts";

const pick = (values: Values, columns: readonly string[]): Values => Object.fromEntries(columns.map((name) => [name, values[name] ?? null]));
const same = (a: Values, b: Values, columns: readonly string[]): boolean => columns.every((name) => (a[name] ?? null) === (b[name] ?? null));

export interface Linked {
  readonly old: readonly string[];
  readonly new: readonly string[];
  readonly up: (old: Values) => Values;
  readonly down: (fresh: Values) => Values;
  readonly oldDefaults?: Values;
  readonly newDefaults?: Values;
}

/** Two shapes of the same values: whoever changed something last rules. */
export function linked({ old, new: fresh, up, down, oldDefaults = {}, newDefaults = {} }: Linked): Model {
  /** Until retire the table has no default for the new shape, so NULL and nothing are the same to the trigger. */
  const supply = (row: Values, stretch: Stretch): readonly Values[] => {
    const supplied = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? newDefaults[name] ?? null]));
    return { no: [supplied], maybe: [supplied, row], yes: [row] }[reached(stretch, "retire")];
  };
  return {
    excluded: (side, given, stretch) => (side === "old" ? [given] : supply(given, stretch)),
    insert(side, given, stretch) {
      if (side === "old") {
        const row = { ...pick({}, old), ...oldDefaults, ...given };
        return [{ ...row, ...up(row) }];
      }
      const row = { ...pick({}, fresh), ...newDefaults, ...given };
      return supply(row, stretch).map((values) => ({ ...down(values), ...values }));
    },
    update(side, row, changes) {
      const next = { ...row, ...changes };
      if (side === "old") return [same(row, next, old) ? row : { ...next, ...up(next) }];
      return [same(row, next, fresh) ? row : { ...next, ...down(next) }];
    },
    comeBack(row, before, changed) {
      if (before === null) return [{ ...row, ...down(row) }];
      if (!changed) return [{ ...row, ...pick(before, old) }];
      const exact = { ...row, ...pick(before, old) };
      return same(exact, { ...exact, ...up(exact) }, fresh) ? [{ ...row, ...down(row) }, exact] : [{ ...row, ...down(row) }];
    },
    afresh: (row) => ({ ...row, ...up(row) }),
  };
}

/** Two shapes that bear one name: the model calls them `old …` and `new …`; what side `both` writes is right in either. */
export const underOneName = (model: Model, name: string): Model => ({
  ...model,
  insert: (side, given, stretch) =>
    side === "both" ? eachSide(name, given).flatMap(([one, values]) => model.insert(one, values, stretch)) : model.insert(side, given, stretch),
  update: (side, row, changes, stretch) =>
    side === "both" ? eachSide(name, changes).flatMap(([one, values]) => model.update(one, row, values, stretch)) : model.update(side, row, changes, stretch),
});

const eachSide = (name: string, { [name]: value, ...rest }: Values): readonly (readonly [string, Values])[] =>
  ["old", "new"].map((side) => [side, value === undefined ? rest : { ...rest, [`${side} ${name}`]: value }]);

/** Several shapes in a row, each made from the one before. */
export function chained(
  links: readonly {
    readonly from: string;
    readonly to: string;
    readonly up: (value: string | null) => string | null;
    readonly down: (value: string | null) => string | null;
  }[],
  sides: readonly string[],
): Model {
  const forward = (row: Values, from: number): Values => {
    const values: Record<string, string | null> = { ...row };
    for (const link of links.slice(from)) values[link.to] = link.up(values[link.from] ?? null);
    return values;
  };
  const backward = (row: Values, to: number): Values => {
    const values: Record<string, string | null> = { ...row };
    for (const link of links.slice(0, to).toReversed()) values[link.from] = link.down(values[link.to] ?? null);
    return values;
  };
  const column = (place: number): string => (place === 0 ? (links[0]?.from ?? "") : (links[place - 1]?.to ?? ""));
  const spread = (row: Values, side: string): Values => backward(forward(row, sides.indexOf(side)), sides.indexOf(side));
  return {
    insert: (side, given) => [spread(given, side)],
    update(side, row, changes) {
      const next = { ...row, ...changes };
      return [same(row, next, [column(sides.indexOf(side))]) ? row : spread(next, side)];
    },
    comeBack(row, before, changed) {
      const last = sides.length - 1;
      const exact =
        before === null
          ? null
          : {
              ...row,
              ...pick(
                before,
                sides.slice(0, -1).map((_, place) => column(place)),
              ),
            };
      if (exact !== null && !changed) return [exact];
      const down = backward(row, last);
      return exact !== null && same(forward(exact, 0), row, [column(last)]) ? [down, exact] : [down];
    },
    afresh: (row) => forward(row, 0),
  };
}

/** A column that new code does not name any more. */
export const leaving = (column: string, leftOut: (row: Values) => string | null, defaultOf: string | null): Model => ({
  insert: (side, given) => [side === "old" ? { [column]: defaultOf, ...given } : { ...given, [column]: leftOut(given) }],
  update: (_, row, changes) => [{ ...row, ...changes }],
  comeBack(row, before, _, dropped) {
    if (before === null) return [{ ...row, [column]: leftOut(row) }];
    // After the drop a value is given back where the row is provably the archived one, and else made as for new code.
    return dropped
      ? [
          { ...row, ...pick(before, [column]) },
          { ...row, [column]: leftOut(row) },
        ]
      : [{ ...row, ...pick(before, [column]) }];
  },
  afresh: (row) => row,
});

/** A new column that old code leaves out. */
export const adding = (column: string, fill: (row: Values) => string | null, defaultOf: string | null): Model => ({
  insert(_, given, stretch) {
    if ((given[column] ?? null) !== null) return [given];
    const filled = { ...given, [column]: fill(given) };
    const own = { ...given, [column]: defaultOf };
    // From retire on the table's own default is attached.
    return { no: [filled], maybe: [filled, own], yes: [own] }[reached(stretch, "retire")];
  },
  update(_, row, changes, stretch) {
    const next = { ...row, ...changes };
    if (column in changes) return [next];
    // Until its batch has come a row has no value yet, and gets the one of the row as it is then.
    const filled = { ...next, [column]: fill(next) };
    return { no: [filled], maybe: [next, filled], yes: [next] }[reached(stretch, "backfill")];
  },
  comeBack: (row) => [row],
  afresh: (row) => ({ ...row, [column]: fill(row) }),
});

/** A column in which NULL gives way to a value. */
export const forbidding = (column: string, fill: string): Model => {
  const drift = (row: Values, stretch: Parameters<NonNullable<Model["drift"]>>[1]): readonly Values[] => {
    if ((row[column] ?? null) !== null) return [row];
    const filled = { ...row, [column]: fill };
    if (reached(stretch, "expand") === "no") return [row];
    return reached(stretch, "backfill") === "yes" ? [filled] : [row, filled];
  };
  return {
    insert: (_, given, stretch) => drift({ [column]: null, ...given }, stretch),
    update: (_, row, changes, stretch) => drift({ ...row, ...changes }, stretch),
    drift,
    comeBack: (row) => [row],
    afresh: (row) => row,
  };
};

/** Nothing that rows hold changes. */
export const unchanged: Model = {
  insert: (_, given) => [given],
  update: (_, row, changes) => [{ ...row, ...changes }],
  comeBack: (row) => [row],
  afresh: (row) => row,
};
