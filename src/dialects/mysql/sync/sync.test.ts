// What the generator decides by itself: names, literals, defaults, physical columns, refusals, and the texts for servers that are not here.
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../problem.ts";
import type { Column } from "../../../schema/model.ts";
import type { Expression, Link } from "../../../step/shape.ts";
import { capabilities } from "../capabilities.ts";
import { quoteLiteral, quoteName } from "../quoting.ts";
import { sentinel, variableType } from "../types.ts";
import { readDefault } from "./default.ts";
import { addFlags, renames, turn } from "./flags.ts";
import type { SyncInput } from "./input.ts";
import { settle } from "./settle.ts";
import { syncStatements, together } from "./statements.ts";
import { placeQuery, triggerName } from "./triggers.ts";

const column = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: "int(11)",
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
  new: { hidden, spec: { name: fresh, type: "int" } },
});
const expression = (name: string): Expression => ({ text: name, qualified: name, columns: [name], volatility: "immutable", total: true });
const changing = (from: string, to: string): Link => ({
  kind: "transform",
  old: [{ name: from, parked: from, retired: "r" }],
  new: [{ hidden: to, spec: { name: to, type: "int" } }],
  up: [expression(from)],
  down: [expression(to)],
  marker: "hotstick_side",
  drops: [],
});
const input = (more: Partial<SyncInput>): SyncInput => ({
  table: { schema: "app", name: "goods" },
  version: 101119,
  columns: [column("id"), column("price")],
  collation: "utf8mb4_general_ci",
  links: [changing("price", "cost")],
  stage: "expanded",
  fill: "forward",
  onUpdate: [],
  partitionKey: [],
  otherTriggers: [],
  oldWrites: null,
  canRaise: [],
  sentinels: {},
  standIns: {},
  // Enough for expressions that are one column.
  rewrite: (text, of) => of(text),
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

test("names and literals are quoted, whatever is in them", () => {
  expect(quoteName(["a`b", "select"])).toBe("`a``b`.`select`");
  expect(quoteLiteral("it's")).toBe("'it''s'");
  expect(quoteLiteral("a\\'b")).toBe("_utf8mb4 0x615c2762");
  expect(codeOf(() => quoteName(["a\0"]))).toBe("bad-name");
});

test("trigger names are of the table and fit, however long it is", () => {
  const names = ["a", "b", "é".repeat(64), `${"é".repeat(63)}a`].flatMap((name) =>
    (["insert", "update"] as const).map((event) => triggerName({ schema: "x", name }, event)),
  );
  expect(new Set(names).size).toBe(8);
  expect(Math.max(...names.map((name) => [...name].length))).toBeLessThanOrEqual(64);
  expect(names[0]).toBe("hotstick_sync_insert_a");
});

test.each([
  [null, "none"],
  ["NULL", "none"],
  ["5", "constant"],
  ["-1.5e3", "constant"],
  ["'it''s'", "constant"],
  ["b'101'", "constant"],
  ["_utf8mb4'x'", "constant"],
  ["current_timestamp()", "constant"],
  ["current_timestamp(6)", "constant"],
  ["uuid()", "unknown"],
  ["(rand() * 5)", "unknown"],
  ["nextval(`s`)", "unknown"],
])("the default %s is %s", (text, kind) => {
  expect(readDefault({ default: text, identity: null }).kind).toBe(kind);
});

test("a value that the server gives after the triggers cannot be kept in step", () => {
  const identity = { mode: "by default", sequence: { schema: "", name: "" } } as const;
  expect(codeOf(() => settle(input({ columns: [column("price", { identity })] })))).toBe("generated-column");
  expect(codeOf(() => settle(input({ columns: [column("price", { generated: { kind: "stored", expression: "id" } })] })))).toBe("generated-column");
  expect(codeOf(() => settle(input({ onUpdate: ["price"] })))).toBe("generated-column");
  expect(codeOf(() => settle(input({ partitionKey: ["price"] })))).toBe("partition-key");
  expect(() => settle(input({ links: [copy("price", "cost")], onUpdate: ["price"] }))).toThrow(/ON UPDATE/);
});

test("a generated column may be read: its expression takes its place", () => {
  const columns = [column("id"), column("price"), column("twice", { generated: { kind: "virtual", expression: "price" } })];
  const link: Link = { ...changing("price", "cost"), up: [expression("twice")] } as Link;
  const [pair] = settle(input({ columns, links: [link] }));
  expect(pair?.kind === "pair" && pair.up((name) => `new.${name}`)).toEqual(["(new.price)"]);
});

describe("statements", () => {
  test("UPDATE before INSERT, and INSERT first when they go", () => {
    const { create, drop, flagged } = syncStatements(input({}));
    expect(create.map((text) => text.split("\n")[0])).toEqual([
      "create or replace definer = current_user trigger `app`.`hotstick_sync_update_goods` before update on `app`.`goods` for each row",
      "create or replace definer = current_user trigger `app`.`hotstick_sync_insert_goods` before insert on `app`.`goods` for each row",
    ]);
    expect(drop).toEqual(["drop trigger if exists `app`.`hotstick_sync_insert_goods`", "drop trigger if exists `app`.`hotstick_sync_update_goods`"]);
    expect(flagged).toBe(false);
  });

  test("where a trigger cannot be replaced, the next one is created under a name of its own before the one that stands is dropped", () => {
    const mysql = syncStatements(input({ version: 80403 }));
    const switched = syncStatements(input({ version: 80403, stage: "switched" }));
    expect(switched.turns.map((list) => list.map((text) => text.split(" before ")[0]))).toEqual(
      ["update", "insert"].map((event) => [
        `create definer = current_user trigger if not exists \`app\`.\`hotstick_sync_${event}_switched_goods\``,
        `drop trigger if exists \`app\`.\`hotstick_sync_${event}_goods\``,
        `drop trigger if exists \`app\`.\`hotstick_sync_${event}_backward_goods\``,
      ]),
    );
    expect(mysql.create[0]).toContain("trigger if not exists `app`.`hotstick_sync_update_goods` before");
    expect(syncStatements(input({})).turns).toEqual(syncStatements(input({})).create.map((text) => [text]));
    const packet = together(input({}).table, [...mysql.drop, ...mysql.create]);
    expect([packet[0], packet.at(-1), packet.length]).toEqual(["lock tables `app`.`goods` write", "unlock tables", 6]);
  });

  test("no variable of the session decides anything, and no image is compared in hexadecimal", () => {
    const text = syncStatements(input({ links: [changing("price", "cost"), copy("id", "number")] })).create.join("\n");
    expect(text).not.toMatch(/@|\bhex\(/i);
  });

  test("nothing to keep equal makes no trigger; what only inserts concern makes one", () => {
    expect(syncStatements(input({ links: [] })).create).toEqual([]);
    const leave: Link = { kind: "leave", old: { name: "price", parked: "price", retired: "r" }, supply: expression("id") };
    expect(syncStatements(input({ links: [leave] })).events).toEqual(["insert"]);
  });

  test("the switch renames columns and flags in one statement, and its way back is the same one", () => {
    const swapping = input({ links: [copy("price", "price", "hotstick_new_price", "hotstick_new_price")] });
    expect(renames(swapping)).toHaveLength(4);
    expect(turn(swapping, "there")).toBe(
      "alter table `app`.`goods` rename column `price` to `hotstick_new_price`, rename column `hotstick_new_price` to `price`, rename column `hotstick_a` to `hotstick_b`, rename column `hotstick_b` to `hotstick_a`, algorithm=instant",
    );
    const parts = (text: string): readonly string[] => text.replace("alter table `app`.`goods` ", "").split(", ").toSorted();
    expect(parts(turn(swapping, "back"))).toEqual(parts(turn(swapping, "there")));
    expect(syncStatements(swapping).flagged).toBe(true);
    expect(syncStatements(swapping).create[0]).toContain("if new.`hotstick_a` = 1 then");
    expect(renames(input({}))).toEqual([]);
    const apart = input({ links: [copy("price", "price", "hotstick_new_price", "hotstick_old_price")] });
    expect(() => syncStatements(apart)).toThrow(/same names/);
  });

  test("MySQL's triggers may not name a generated column, so its flags are plain ones", () => {
    expect(addFlags(input({}))).toContain("as (1) virtual invisible");
    expect(addFlags(input({ version: 80403 }))).toContain("tinyint not null default 1 invisible");
  });

  test("the place of the triggers is asked for by exact names", () => {
    expect(placeQuery({ schema: "a'b", name: "t" }, ["insert"], [])).toContain("event_object_schema = 'a''b'");
  });
});

test("capabilities by version", () => {
  expect(capabilities(101119)).toMatchObject({ supported: true, replacesTriggers: true, flags: "virtual", sequences: true });
  expect(capabilities(80403)).toMatchObject({ supported: true, replacesTriggers: false, flags: "plain", sequences: false });
  expect([capabilities(100600).supported, capabilities(80030).supported]).toEqual([false, false]);
});

test("what says that nothing was given fits the limits of the type", () => {
  expect(["double", "double(10,2)", "double(3,3)", "double(40,5)", "float(53)"].map((type) => sentinel(type, true))).toEqual([
    "-1.7976931348623157e308",
    "-99999999",
    null,
    "-999999999999999",
    "-1.7976931348623157e308",
  ]);
  expect([sentinel("inet4", true), sentinel("inet6", true)]).toEqual(["'255.255.255.255'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'"]);
});

test("a variable has the members of its type, whatever words they hold", () => {
  const members = "'very compressed','a collate x','it''s charset y','b\\\\'";
  expect(variableType(`enum(${members}) character set latin1 collate latin1_bin`, "utf8mb4_bin", false)).toBe(
    `enum(${members}) character set utf8mb4 collate utf8mb4_bin`,
  );
  expect(variableType("varchar(9) compressed=zlib collate x", "latin1_bin", false)).toBe("varchar(9) character set latin1 collate latin1_bin");
});

test("long types have no sentinel where they cannot have a literal default", () => {
  expect([sentinel("text", true), sentinel("text", false), sentinel("int(11) unsigned", true), sentinel("decimal(5,2)", true)]).toEqual([
    "'hotstick: not given'",
    null,
    "4294967295",
    "-999.99",
  ]);
});
