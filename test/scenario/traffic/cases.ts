// Each kind of change with the two versions of an application that live through it.
import type { Operation } from "../../../src/operations/operation.ts";
import type { LifecycleOptions } from "../../harness/lifecycle.ts";
import type { Draw, TrafficColumn, TrafficSide } from "../../harness/traffic-actor.ts";
import { type Model, reached } from "../../harness/traffic-model.ts";
import { adding, chained, forbidding, leaving, linked, unchanged, underOneName } from "./models.ts";

/** What of a case each engine says in its own words. */
type Words = Pick<TrafficCase, "columns" | "seed"> & Partial<Pick<TrafficCase, "operations" | "model" | "sides">> & { readonly extras?: string };

export interface TrafficCase {
  readonly title: string;
  /** Columns of table t besides id, version and note, and whatever hangs on them. */
  readonly columns: string;
  readonly extras?: string;
  /** What rows hold at first, over n. */
  readonly seed: Readonly<Record<string, string>>;
  readonly operations: readonly Operation[];
  readonly options?: LifecycleOptions;
  /** Old versions first; the last one is the newest. */
  readonly sides: readonly TrafficSide[];
  readonly model: Model;
  /** Where one shape is served at a time: statements that are right before and after the switch. */
  readonly both?: TrafficSide;
  /** In the words of MariaDB; absent: its change is not one there. */
  readonly mariadb?: Words;
}

/** The case as an engine is told it. */
export function inWords(it: TrafficCase, engine: "postgres" | "mariadb"): TrafficCase {
  if (engine === "postgres") return it;
  if (it.mariadb === undefined) throw new Error(`${it.title} has no words for ${engine}`);
  const { extras: _, ...rest } = it;
  return { ...rest, ...it.mariadb };
}

const oneOf = <T>(draw: Draw, list: readonly T[]): T => list[Math.floor(draw.random() * list.length)] as T;

const names = [
  "Ada Lovelace",
  "Prince",
  "",
  "Ada   King  (Countess)",
  "  leading",
  "trailing ",
  "👩‍👩‍👧 Ülkü Ö",
  'O\'Neill "Q"',
  "محمد علي",
  "é́ combining",
  "x".repeat(60),
  "a b c d e",
];
const firsts = ["Ada", "", "👩‍👩‍👧", "O'Neill", "Jean-Luc", "محمد"];
const lasts = ["Lovelace", "King (Countess)", " two  spaces ", "d'Arc", null, "Ü"];
const number = (draw: Draw): string => String(Math.floor(draw.random() * 2000) - 1000);

const name: TrafficColumn = { name: "name", value: (draw) => oneOf(draw, [...names, null]), optional: true };
const side = (title: string, ...columns: readonly TrafficColumn[]): TrafficSide => ({ name: title, columns });

/** `split_part(name, ' ', 1)` and the rest behind the first blank. */
const splitName = (value: string | null | undefined): { readonly first: string; readonly last: string | null } => {
  if (value == null) return { first: "", last: null };
  const blank = value.indexOf(" ");
  return blank < 0 ? { first: value, last: null } : { first: value.slice(0, blank), last: value.slice(blank + 1) || null };
};

const newNames: TrafficSide = {
  ...side("new", { name: "first_name", value: (draw) => oneOf(draw, firsts), optional: true }, { name: "last_name", value: (draw) => oneOf(draw, lasts) }),
  tells: (given) => Object.values(given).some((value) => value !== null),
};

/** A blank and nothing are equal to most of MariaDB's collations, so that NULLIF would take the one for the other. */
const rest =
  "case when char_length(name) > char_length(substring_index(name, ' ', 1)) + 1 then substr(name, char_length(substring_index(name, ' ', 1)) + 2) end";

const split: TrafficCase = {
  title: "split a column",
  columns: "name text default 'nobody'",
  extras: "create index t_name_idx on t (name text_pattern_ops desc) include (note) where note is not null; comment on column t.name is 'as written'",
  seed: {
    name: "case n % 7 when 0 then null when 1 then 'Prince' when 2 then '  ' when 3 then 'Ada   King' || n when 4 then '👩‍👩‍👧 Ülkü ' || n else 'Ada Lovelace ' || n end",
  },
  operations: [
    {
      kind: "transform",
      table: "t",
      from: ["name"],
      to: [
        { name: "first_name", type: "text", notNull: true, default: "''", up: "coalesce(split_part(name, ' ', 1), '')" },
        { name: "last_name", type: "text", up: "nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '')" },
      ],
      down: { name: "first_name || coalesce(' ' || last_name, '')" },
      drops: ["t_name_idx"],
    },
  ],
  sides: [
    // From switch on a row of which neither shape was given takes the new shape's defaults, and before the old one's.
    { ...side("old", name), tells: (given, stretch) => "name" in given || reached(stretch, "switch") === "no" },
    newNames,
  ],
  model: linked({
    old: ["name"],
    new: ["first_name", "last_name"],
    up: ({ name }) => ({ first_name: splitName(name).first, last_name: splitName(name).last }),
    down: ({ first_name, last_name }) => ({ name: first_name == null ? null : first_name + (last_name == null ? "" : ` ${last_name}`) }),
    oldDefaults: { name: "nobody" },
    newDefaults: { first_name: "" },
  }),
  mariadb: {
    // Its triggers see values, and not who gave them: NULL and the default are not given there.
    sides: [{ ...side("old", name), tells: (given, stretch) => (given["name"] ?? "nobody") !== "nobody" || reached(stretch, "switch") === "no" }, newNames],
    columns: "name varchar(100) default 'nobody' comment 'as written'",
    extras: "create index t_name_idx on t (name, note)",
    seed: {
      name: "case n % 7 when 0 then null when 1 then 'Prince' when 2 then '  ' when 3 then concat('Ada   King', n) when 4 then concat('👩‍👩‍👧 Ülkü ', n) else concat('Ada Lovelace ', n) end",
    },
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["name"],
        to: [
          { name: "first_name", type: "varchar(100)", notNull: true, default: "''", up: "coalesce(substring_index(name, ' ', 1), '')" },
          { name: "last_name", type: "varchar(100)", up: rest },
        ],
        down: { name: "concat(first_name, coalesce(concat(' ', last_name), ''))" },
        drops: ["t_name_idx"],
      },
    ],
  },
};

const renamed = { value: (draw: Draw) => oneOf(draw, names), optional: true } as const;

const rename: TrafficCase = {
  title: "rename a column",
  columns: "name text not null default 'nobody' check (name <> 'forbidden')",
  extras: "create index t_name_idx on t (name); create statistics t_stat on name, note from t",
  seed: { name: "'Ada ' || n" },
  operations: [{ kind: "rename-column", table: "t", from: "name", to: "full_name" }],
  sides: [side("old", { name: "name", ...renamed }), side("new", { name: "full_name", ...renamed })],
  model: linked({
    old: ["name"],
    new: ["full_name"],
    up: (old) => ({ full_name: old["name"] ?? null }),
    down: (fresh) => ({ name: fresh["full_name"] ?? null }),
    oldDefaults: { name: "nobody" },
    newDefaults: { full_name: "nobody" },
  }),
  mariadb: {
    columns: "name varchar(100) not null default 'nobody' check (name <> 'forbidden')",
    extras: "create index t_name_idx on t (name)",
    seed: { name: "concat('Ada ', n)" },
  },
};

const code = (column: string): TrafficColumn => ({ name: column, unique: true, value: (draw) => `code ${draw.unique()}` });

const renameKey: TrafficCase = {
  title: "rename a unique column that another table references",
  columns: "code text unique not null",
  extras: "create table child (ref text references t (code) on update cascade on delete cascade)",
  seed: { code: "'code ' || n" },
  operations: [{ kind: "rename-column", table: "t", from: "code", to: "slug" }],
  sides: [side("old", code("code")), side("new", code("slug"))],
  model: linked({ old: ["code"], new: ["slug"], up: (old) => ({ slug: old["code"] ?? null }), down: (fresh) => ({ code: fresh["slug"] ?? null }) }),
  mariadb: {
    columns: "code varchar(100) unique not null",
    extras: "create table child (ref varchar(100), foreign key (ref) references t (code) on update cascade on delete cascade)",
    seed: { code: "concat('code ', n)" },
  },
};

const asNumber = (text: string): string => String(Number(text));
const cents = (draw: Draw): string => String(Number((draw.random() * 100).toFixed(2)));
const priced = (title: string, value: TrafficColumn["value"], optional = false): TrafficSide => ({
  name: title,
  columns: [{ name: "price", key: title === "both" ? "price" : `${title} price`, value, optional }],
  normal: asNumber,
});
const oldPrice = priced("old", (draw) => oneOf(draw, [number(draw), number(draw), null]), true);
const newPrice = priced("new", (draw) => oneOf(draw, [cents(draw), cents(draw), null]));

const retype: TrafficCase = {
  title: "change a type under the same name",
  columns: "price int default 5 check (price >= -1000000)",
  extras: "create index t_price_idx on t (price desc nulls last)",
  seed: { price: "nullif(n % 50, 7)" },
  operations: [
    {
      kind: "transform",
      table: "t",
      from: ["price"],
      to: [{ name: "price", type: "numeric(12,2)", default: "5", up: "price" }],
      down: { price: "floor(price)::int" },
    },
  ],
  options: { accept: ["swaps-names"] },
  sides: [oldPrice, newPrice],
  // Whole numbers that no row holds: the same in both shapes, and a change in both.
  both: { ...priced("both", (draw) => String(draw.unique())), either: [oldPrice, newPrice] },
  model: underOneName(
    linked({
      old: ["old price"],
      new: ["new price"],
      up: (old) => ({ "new price": old["old price"] ?? null }),
      down: (fresh) => ({ "old price": fresh["new price"] == null ? null : String(Math.floor(Number(fresh["new price"]))) }),
      oldDefaults: { "old price": "5" },
      newDefaults: { "new price": "5" },
    }),
    "price",
  ),
  mariadb: {
    columns: "price int default 5 check (price >= -1000000)",
    extras: "create index t_price_idx on t (price desc)",
    seed: { price: "nullif(n % 50, 7)" },
    operations: [
      {
        kind: "transform",
        table: "t",
        from: ["price"],
        to: [{ name: "price", type: "decimal(12,2)", default: "5", up: "price" }],
        down: { price: "cast(floor(price) as signed)" },
      },
    ],
  },
};

const drop: TrafficCase = {
  title: "drop a column",
  columns: "a text not null, b int",
  extras: "create index t_a_idx on t (a, b)",
  seed: { a: "'secret ' || n", b: "n" },
  operations: [{ kind: "drop-column", table: "t", column: "a", down: "'gone ' || (id is not null)" }],
  sides: [
    side("old", { name: "a", value: (draw) => oneOf(draw, names) }, { name: "b", value: number }),
    side("new", { name: "b", value: (draw) => oneOf(draw, [number(draw), null]) }),
  ],
  model: leaving("a", () => "gone true", null),
  mariadb: {
    columns: "a varchar(100) not null, b int",
    extras: "create index t_a_idx on t (a, b)",
    seed: { a: "concat('secret ', n)", b: "n" },
    operations: [{ kind: "drop-column", table: "t", column: "a", down: "concat('gone ', if(id is not null, 'true', 'false'))" }],
  },
};

const dropDefault: TrafficCase = {
  title: "drop a column that has a default",
  columns: "a text not null default 'd', b int",
  seed: { a: "'secret ' || n", b: "n" },
  operations: [{ kind: "drop-column", table: "t", column: "a" }],
  sides: [
    side("old", { name: "a", value: (draw) => oneOf(draw, names), optional: true }, { name: "b", value: number }),
    side("new", { name: "b", value: number }),
  ],
  model: leaving("a", () => "d", "d"),
  mariadb: { columns: "a varchar(100) not null default 'd', b int", seed: { a: "concat('secret ', n)", b: "n" } },
};

const add: TrafficCase = {
  title: "add a column that is filled",
  columns: "a int not null",
  seed: { a: "n" },
  operations: [{ kind: "add-column", table: "t", column: { name: "b", type: "int", notNull: true, default: "7" }, fill: "a * 2" }],
  sides: [side("old", { name: "a", value: number }), side("new", { name: "a", value: number }, { name: "b", value: number, optional: true })],
  model: adding("b", (row) => String(2 * Number(row["a"])), "7"),
  mariadb: { columns: "a int not null", seed: { a: "n" } },
};

const notNull: TrafficCase = {
  title: "forbid NULL",
  columns: "a int",
  seed: { a: "nullif(n % 3, 0)" },
  operations: [{ kind: "set-not-null", table: "t", column: "a", fill: "0" }],
  sides: [side("old", { name: "a", value: (draw) => oneOf(draw, [number(draw), null]), optional: true }), side("new", { name: "a", value: number })],
  model: forbidding("a", "0"),
  mariadb: { columns: "a int", seed: { a: "nullif(n % 3, 0)" } },
};

const index: TrafficCase = {
  title: "build an index",
  columns: "a int, b text",
  seed: { a: "n", b: "'b' || n" },
  operations: [{ kind: "add-index", table: "t", name: "t_new_idx", keys: [{ column: "a", order: "desc" }, { expression: "lower(b)" }], where: "a > 3" }],
  sides: [
    side("old", { name: "a", value: number }, { name: "b", value: (draw) => oneOf(draw, names) }),
    side("new", { name: "a", value: number }, { name: "b", value: (draw) => oneOf(draw, names) }),
  ],
  model: unchanged,
  mariadb: {
    columns: "a int, b varchar(100)",
    seed: { a: "n", b: "concat('b', n)" },
    operations: [{ kind: "add-index", table: "t", name: "t_new_idx", keys: [{ column: "a", order: "desc" }, { column: "b" }] }],
  },
};

const uniqueIndex: TrafficCase = {
  title: "build a unique index",
  columns: "a text",
  seed: { a: "'a' || n" },
  operations: [{ kind: "add-index", table: "t", name: "t_new_idx", unique: true, keys: [{ column: "a" }] }],
  sides: [side("old", code("a")), side("new", code("a"))],
  model: unchanged,
  mariadb: { columns: "a varchar(100)", seed: { a: "concat('a', n)" } },
};

const chain: TrafficCase = {
  title: "a chain of two changes on one table",
  columns: "a text",
  seed: { a: "case when n % 5 > 0 then 'value ' || n end" },
  operations: [
    { kind: "rename-column", table: "t", from: "a", to: "b" },
    { kind: "transform", table: "t", from: ["b"], to: [{ name: "c", type: "text", up: "upper(b)" }], down: { b: "lower(c)" } },
  ],
  sides: ["a", "b", "c"].map((column, i) =>
    side(["old", "middle", "new"][i] ?? "", { name: column, value: (draw) => oneOf(draw, ["ABC", "def", "Ghi", "x 1", null]) }),
  ),
  model: chained(
    [
      { from: "a", to: "b", up: (value) => value, down: (value) => value },
      { from: "b", to: "c", up: (value) => value?.toUpperCase() ?? null, down: (value) => value?.toLowerCase() ?? null },
    ],
    ["old", "middle", "new"],
  ),
  mariadb: {
    columns: "a varchar(100)",
    seed: { a: "case when n % 5 > 0 then concat('value ', n) end" },
    operations: [
      { kind: "rename-column", table: "t", from: "a", to: "b" },
      { kind: "transform", table: "t", from: ["b"], to: [{ name: "c", type: "varchar(100)", up: "upper(b)" }], down: { b: "lower(c)" } },
    ],
  },
};

export const cases = { split, rename, renameKey, retype, drop, dropDefault, add, notNull, index, uniqueIndex, chain };
