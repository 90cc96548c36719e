// What a table under sync must hold, told again without SQL: four links that share nothing, and every kind of statement upon them.
import type { Link } from "../../../src/step/shape.ts";
import { copy, newColumn, oldColumn, people, transform } from "./shapes.ts";

export type Stage = "expanded" | "switched";
export type Value = string | null;
type Columns = readonly Value[];

/** One link of the model; columns by the names that they bear at a stage. */
interface Rule {
  readonly link: Link;
  readonly old: (stage: Stage) => readonly string[];
  readonly fresh: (stage: Stage) => readonly string[];
  readonly marker: string | null;
  readonly up: (old: Columns) => Columns;
  readonly down: (fresh: Columns) => Columns;
  /** What an INSERT that leaves the old side out puts there. */
  readonly fallback: Columns;
  /** True where it is put there for the time of the run only. */
  readonly standsIn: boolean;
  /** What an unfilled row holds. */
  readonly empty: Columns;
}

const hidden = "hotstick_new_qty";
const always =
  (...names: string[]) =>
  () =>
    names;
export const standIn = "-2147483648";
export const sentinel = "-9999999999.99";

const priced = transform({
  old: ["price"],
  new: [newColumn("amount", "decimal(12,2)", { notNull: true })],
  up: ["`price`"],
  down: ["floor(`amount`)"],
  marker: "hotstick_side_price",
});
const named: Link = { ...(people as Link & { kind: "transform" }), marker: "hotstick_side_name" };
const counted = transform({
  old: [oldColumn("qty", hidden)],
  new: [newColumn("qty", "varchar(20)", { hidden })],
  up: ["cast(`qty` as char)"],
  down: [["cast(`qty` as signed)", { total: false }]],
  marker: "hotstick_side_qty",
});

const nothing = (columns: Columns): boolean => columns.every((value) => value === null);

export const rules: readonly Rule[] = [
  {
    link: priced,
    old: always("price"),
    fresh: always("amount"),
    marker: "hotstick_side_price",
    up: ([price = null]) => [price === null ? null : `${price}.00`],
    down: ([amount = null]) => [amount === null ? null : String(Math.floor(Number(amount)))],
    fallback: [standIn],
    standsIn: true,
    empty: [sentinel],
  },
  {
    link: named,
    old: always("name"),
    fresh: always("first", "last"),
    marker: "hotstick_side_name",
    up: ([name = null]) => {
      if (name === null) return [null, null];
      const at = name.indexOf(" ");
      return at < 0 ? [name, null] : [name.slice(0, at), name.slice(at + 1)];
    },
    down: (fresh) => [fresh.filter((value) => value !== null).join(" ")],
    fallback: ["No One"],
    standsIn: false,
    empty: [null, null],
  },
  {
    link: copy("noted", "note", "varchar(40)"),
    old: always("noted"),
    fresh: always("note"),
    marker: null,
    up: (old) => old,
    down: (fresh) => fresh,
    fallback: [null],
    standsIn: false,
    empty: [null],
  },
  {
    link: counted,
    old: (stage) => [stage === "expanded" ? "qty" : hidden],
    fresh: (stage) => [stage === "expanded" ? hidden : "qty"],
    marker: "hotstick_side_qty",
    up: (old) => old,
    down: ([qty = null]) => [qty === null ? null : String(Number(qty))],
    fallback: [null],
    standsIn: false,
    empty: [null],
  },
];

export const table =
  "create table goods (id int primary key, price int not null, name varchar(40) default 'No One', noted varchar(40), qty int, visits int not null default 0)";
/** What both definitions of the swapped column are, in either direction. */
export const definitions: Readonly<Record<"there" | "back", ReadonlyMap<string, string>>> = {
  there: new Map([
    ["qty", "int null invisible"],
    [hidden, "varchar(20) null"],
  ]),
  back: new Map([
    ["qty", "varchar(20) null invisible"],
    [hidden, "int null"],
  ]),
};

/** What a statement gives of one link; absent: it does not name that side. */
export interface Given {
  readonly old?: Columns;
  readonly fresh?: Columns;
}

interface Side {
  old: Columns;
  fresh: Columns;
  /** 1, 2 or 3; null: not filled. Always null for a copy. */
  by: number | null;
}

/** The rows by key; a row has one Side for each rule. */
export class Model {
  readonly rows = new Map<number, Side[]>();
  stage: Stage = "expanded";

  private settle(rule: Rule, side: Side, by: 1 | 2 | 3): Side {
    if (by === 1) side.fresh = rule.up(side.old);
    if (by === 2) side.old = rule.down(side.fresh);
    if (by === 3 && rule.marker === null) {
      if (this.stage === "expanded") side.fresh = side.old;
      else side.old = side.fresh;
    }
    side.by = rule.marker === null ? null : by;
    return side;
  }

  /** A row as it was before the run. */
  seed(id: number, old: readonly Columns[]): void {
    this.rows.set(
      id,
      rules.map((rule, i) => ({ old: old[i] ?? [], fresh: rule.empty, by: null })),
    );
  }

  /** False where the server refuses the row. */
  insert(id: number, given: readonly Given[]): boolean {
    const row: Side[] = [];
    for (const [i, rule] of rules.entries()) {
      const { old = rule.fallback, fresh = rule.empty } = given[i] ?? {};
      const side: Side = { old, fresh, by: null };
      const same = (a: Columns, b: Columns): boolean => a.every((value, at) => value === b[at]);
      const hasOld = !nothing(old) && !same(old, rule.fallback);
      const hasNew = !nothing(fresh) && !same(fresh, rule.empty);
      if (!hasOld && !hasNew && rule.standsIn) return false;
      row.push(this.settle(rule, side, hasNew ? (hasOld ? 3 : 2) : 1));
    }
    this.rows.set(id, row);
    return true;
  }

  update(id: number, given: readonly Given[], to = id): void {
    const row = this.rows.get(id);
    if (!row) return;
    for (const [i, rule] of rules.entries()) {
      const side = row[i];
      if (!side) continue;
      const { old = side.old, fresh = side.fresh } = given[i] ?? {};
      const oldChanged = old.some((value, at) => value !== side.old[at]);
      const newChanged = fresh.some((value, at) => value !== side.fresh[at]);
      const unfilled = rule.marker !== null && side.by === null;
      if (newChanged) {
        const was = rule.up(side.old);
        const whole = unfilled ? fresh.map((value, at) => (value === side.fresh[at] ? (was[at] ?? null) : value)) : fresh;
        Object.assign(side, { old, fresh: whole });
        this.settle(rule, side, oldChanged ? 3 : 2);
      } else if (oldChanged) {
        side.old = old;
        this.settle(rule, side, 1);
      }
    }
    this.rows.delete(id);
    this.rows.set(to, row);
  }

  batch(ids: (id: number) => boolean): void {
    for (const [id, row] of this.rows) {
      if (!ids(id)) continue;
      for (const [i, rule] of rules.entries()) {
        const side = row[i];
        if (side && (rule.marker === null || side.by === null)) this.settle(rule, side, 1);
      }
    }
  }

  /** As `select` gives the rows: key, then for each link its old side, its new side and its marker. */
  list(): readonly (readonly Value[])[] {
    return [...this.rows]
      .toSorted(([a], [b]) => a - b)
      .map(([id, row]) => [
        String(id),
        ...row.flatMap((side, i) => [...side.old, ...side.fresh, ...(rules[i]?.marker ? [side.by === null ? null : String(side.by)] : [])]),
      ]);
  }
}

/** The columns in the order of `list`. */
export const selection = (stage: Stage): readonly string[] => [
  "id",
  ...rules.flatMap((rule) => [...rule.old(stage), ...rule.fresh(stage), ...(rule.marker ? [rule.marker] : [])]),
];

/** What a statement assigns, by physical names. */
export const assigned = (given: readonly Given[], stage: Stage): readonly (readonly [string, Value])[] =>
  rules.flatMap((rule, i) => {
    const { old, fresh } = given[i] ?? {};
    const pairs = (names: readonly string[], values: Columns | undefined) =>
      values === undefined ? [] : names.map((name, at) => [name, values[at] ?? null] as const);
    return [...pairs(rule.old(stage), old), ...pairs(rule.fresh(stage), fresh)];
  });
