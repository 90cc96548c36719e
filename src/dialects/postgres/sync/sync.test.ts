// What the generator decides by itself: names, literals, physical columns, refusals.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../problem.ts";
import type { Column } from "../../../schema/model.ts";
import type { Expression, Link } from "../../../step/shape.ts";
import { literalOf } from "./default.ts";
import type { SyncInput } from "./input.ts";
import { settle } from "./settle.ts";
import { syncStatements } from "./statements.ts";
import { functionName, lastName } from "./triggers.ts";
import { bareType, printedType, qualifiedType } from "./type.ts";

const column = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: "integer",
  position: 1,
  notNull: false,
  default: null,
  generated: null,
  identity: null,
  collation: null,
  attributes: {},
  comment: null,
  grants: [],
  inherited: false,
  local: true,
  toastable: false,
  ...more,
});
const copy = (old: string, fresh: string, hidden = fresh, parked = old): Link => ({
  kind: "copy",
  old: { name: old, parked, retired: "r" },
  new: { hidden, spec: { name: fresh, type: "integer" } },
});
/** Enough of a rewriter for expressions that are one column. */
const rewrite: SyncInput["rewrite"] = (text, of) => of(text);
const expression = (name: string): Expression => ({ text: name, qualified: name, columns: [name], volatility: "immutable", total: true });
const input = (more: Partial<SyncInput>): SyncInput => ({
  table: { schema: "app", name: "goods" },
  columns: [column("id"), column("price")],
  key: ["id"],
  links: [copy("price", "cost")],
  stage: "expanded",
  fill: "forward",
  serial: "expanded_{{run}}",
  userTriggers: [],
  partitionKey: [],
  oldWrites: null,
  canRaise: [],
  rewrite,
  ...more,
});
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "none";
  } catch (error) {
    return (error as Problem).code;
  }
};

describe("trigger names", () => {
  test.each([
    [[]],
    [["zzz", "a"]],
    [["~zebra"]],
    [["~~~~"]],
    [["~hotstick_sync_update"]],
    [["élan", "zoo"]],
    [["~".repeat(63)]],
    [["😀".repeat(15)]],
    [["\u{10ffff}".repeat(3)]],
  ])("sorts after %j in bytes, and fits", (others: string[]) => {
    const name = lastName("sync_update", others);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    for (const other of others) expect(Buffer.compare(Buffer.from(name), Buffer.from(other))).toBe(1);
  });

  test("is refused where nothing sorts after", () => {
    expect(codeOf(() => lastName("x", ["\u{10ffff}".repeat(15)]))).toBe("trigger-order");
  });
});

test("function names fit with their holes filled, and differ by table, stage and purpose", () => {
  const name = (schema: string, table: string, serial: string, purpose: string) =>
    functionName({ table: { schema, name: table }, serial }, purpose)
      .name.replace("{{run}}", "9".repeat(10))
      .replace("{{generation}}", "9".repeat(5));
  const all = ["insert", "update"].flatMap((purpose) =>
    ["expanded_{{run}}_{{generation}}", "switched_{{run}}_{{generation}}"].flatMap((serial) => [
      name("a", "b_c", serial, purpose),
      name("a_b", "c", serial, purpose),
      name("x".repeat(63), "y".repeat(63), serial, purpose),
      name("x".repeat(63), "z".repeat(63), serial, purpose),
    ]),
  );
  expect(new Set(all).size).toBe(all.length);
  expect(Math.max(...all.map((one) => Buffer.byteLength(one)))).toBeLessThanOrEqual(63);
});

test.each([
  ["'x'::text", "text", "('x')::pg_catalog.text"],
  ["5", "bigint", "(5)::bigint"],
  ["'-5'::integer", "integer", "('-5')::integer"],
  ["(-5)", "integer", "(-5)::integer"],
  ["true", "boolean", "(true)::boolean"],
  ["'it''s'::character varying(10)", "character varying(10)", "('it''s')::character varying(10)"],
  ["E'a\\\\b'::text", "text", "(E'a\\\\b')::pg_catalog.text"],
  ["'{}'::jsonb", "jsonb", "('{}')::pg_catalog.jsonb"],
  ["'on'::app.mood", "app.mood", "('on')::app.mood"],
  ["nextval('s'::regclass)", "bigint", null],
  ["now()", "timestamp with time zone", null],
  ["CURRENT_DATE", "date", null],
  ["('a'::text || 'b'::text)", "text", null],
  ["'a'::text || 'b'::text", "text", null],
])("a default %s of a %s is the literal %s", (text, type, literal) => {
  expect(literalOf(text, type)).toBe(literal);
});

test.each([
  ["int", "integer"],
  ["VARCHAR(3)[]", "character varying(3)[]"],
  ["decimal( 10 , 2 )", "numeric(10,2)"],
  ["timestamptz(3)", "timestamp(3) with time zone"],
  ["timestamp with time zone", "timestamp with time zone"],
  ["text", "text"],
  ["app.int", "app.int"],
  ['"int"', '"int"'],
])("the type %s is printed %s", (type, name) => {
  expect(printedType(type)).toBe(name);
});

test.each([
  ["text", "pg_catalog.text"],
  ["text[]", "pg_catalog.text[]"],
  ["integer[]", "integer[]"],
  ["character varying(3)", "character varying(3)"],
  ["timestamp(3) with time zone", "timestamp(3) with time zone"],
  ["app.mood", "app.mood"],
  ['"char"', 'pg_catalog."char"'],
])("the type %s is written %s", (type, written) => {
  expect(qualifiedType(type)).toBe(written);
});

test.each([
  ["character varying(3)", "pg_catalog.varchar"],
  ["character(3)[]", "pg_catalog.bpchar[]"],
  ["bit(3)", "pg_catalog.bit"],
  ["numeric(10,-2)", "numeric"],
  ["timestamp(3) with time zone", "timestamp with time zone"],
])("the type %s without its limits is %s", (type, bare) => {
  expect(bareType(type)).toBe(bare);
});

test("a change under one name: hidden until switch, the old one parked from then on; a chain follows", () => {
  const links = [copy("price", "price", "hotstick_price", "hotstick_old_price"), copy("price", "cost")];
  const names = (stage: SyncInput["stage"]) =>
    settle(input({ links, stage })).map((link) => (link.kind === "pair" ? [link.old[0]?.name, link.new[0]?.name] : []));
  expect(names("expanded")).toEqual([
    ["price", "hotstick_price"],
    ["hotstick_price", "cost"],
  ]);
  const chained = [links[0]!, copy("price", "cost", "cost", "price")];
  expect(settle(input({ links: chained, stage: "switched" })).map((link) => (link.kind === "pair" ? [link.old[0]?.name, link.new[0]?.name] : []))).toEqual([
    ["hotstick_old_price", "price"],
    ["price", "cost"],
  ]);
});

test("a generated column is no side of a link, but may be read: its expression takes its place", () => {
  const generated = { kind: "stored", expression: "price" } as const;
  expect(codeOf(() => settle(input({ columns: [column("id"), column("price", { generated })] })))).toBe("generated-column");
  const link: Link = {
    kind: "transform",
    old: [{ name: "price", parked: "price", retired: "r" }],
    new: [{ hidden: "cost", spec: { name: "cost", type: "integer" } }],
    up: [expression("twice")],
    down: [expression("cost")],
    marker: "m",
    drops: [],
  };
  const [pair] = settle(input({ columns: [column("id"), column("price"), column("twice", { generated })], links: [link] }));
  expect(pair?.kind === "pair" && pair.up((name) => `NEW.${name}`)).toEqual(["(NEW.price)"]);
});

test("a column of the partition key is refused", () => {
  expect(codeOf(() => settle(input({ partitionKey: ["price"] })))).toBe("partition-key");
  expect(
    codeOf(() =>
      settle(input({ partitionKey: ["price"], links: [{ kind: "leave", old: { name: "price", parked: "price", retired: "r" }, supply: expression("id") }] })),
    ),
  ).toBe("partition-key");
});

test("nothing to keep equal makes no trigger; what only inserts concern makes one", () => {
  expect(syncStatements(input({ links: [] })).create).toEqual([]);
  expect(
    syncStatements(input({ links: [{ kind: "leave", old: { name: "price", parked: "price", retired: "r" }, supply: expression("id") }] })).triggers,
  ).toEqual(["~hotstick_sync_insert"]);
});
