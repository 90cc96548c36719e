import { expect, test } from "vitest";
import { canonical, columnOrder } from "./canonical.ts";
import { differences, explainDifference, fingerprint, tableFingerprints } from "./fingerprint.ts";
import type { Column, Constraint, Index, Schema, Table } from "./model.ts";

const column = (name: string, position: number, more: Partial<Column> = {}): Column => ({
  name,
  position,
  type: "text",
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
  toastable: true,
  ...more,
});
const check = (name: string, columns: string[]): Constraint => ({
  name,
  kind: "check",
  columns,
  definition: "CHECK (true)",
  validated: true,
  enforced: true,
  deferrable: false,
  index: null,
  references: null,
  inherited: false,
  local: true,
  comment: null,
});
const index = (name: string, keys: string[]): Index => ({
  name,
  definition: `CREATE INDEX ${name}`,
  method: "btree",
  unique: false,
  primary: false,
  valid: true,
  keys,
  includes: [],
  mentions: keys,
  predicate: null,
  constraint: null,
  parent: null,
  clustered: false,
  replicaIdentity: false,
  statistics: [],
  comment: null,
});
const table = (name: string, columns: Column[], more: Partial<Table> = {}): Table => ({
  name: { schema: "app", name },
  kind: "table",
  persistence: "permanent",
  columns,
  constraints: [],
  indexes: [],
  triggers: [],
  policies: [],
  rules: [],
  rowSecurity: { enabled: false, forced: false },
  owner: "me",
  grants: [],
  comment: null,
  replicaIdentity: "default",
  inherits: [],
  partitionKey: null,
  partitionOf: null,
  options: {},
  ...more,
});
const schema = (tables: Table[], more: Partial<Schema> = {}): Schema => ({
  engine: "postgres",
  version: 180004,
  namespaces: {},
  tables: Object.fromEntries(tables.map((each) => [`app.${each.name.name}`, each])),
  views: {},
  sequences: {},
  types: {},
  routines: {},
  publications: {},
  statistics: {},
  extensions: {},
  unmodelled: [],
  ...more,
});

test("the order of columns, of keys and of lists does not count", () => {
  const one = schema([
    table("t", [column("a", 1), column("b", 2)], { constraints: [check("x", ["a", "b"]), check("y", ["a"])], indexes: [index("i", ["a"]), index("j", ["b"])] }),
  ]);
  const other = schema([
    table("t", [column("b", 1), column("a", 2)], { indexes: [index("j", ["b"]), index("i", ["a"])], constraints: [check("y", ["a"]), check("x", ["b", "a"])] }),
  ]);
  expect(fingerprint(one)).toBe(fingerprint(other));
  expect(columnOrder(one)).toEqual({ "app.t": ["a", "b"] });
  expect(columnOrder(other)).toEqual({ "app.t": ["b", "a"] });
});

test("the order of an index's keys counts", () => {
  expect(fingerprint(schema([table("t", [], { indexes: [index("i", ["a", "b"])] })]))).not.toBe(
    fingerprint(schema([table("t", [], { indexes: [index("i", ["b", "a"])] })])),
  );
});

test("the server's version counts only where it is asked for", () => {
  const [old, young] = [schema([], { version: 140000 }), schema([], { version: 180000 })];
  expect(fingerprint(old)).toBe(fingerprint(young));
  expect(fingerprint(old, { server: true })).not.toBe(fingerprint(young, { server: true }));
});

test("a field that the model gains later changes nothing where it is empty", () => {
  const before = table("t", [column("a", 1)]);
  const after = { ...before, later: null, laterStill: [], evenLater: {} };
  expect(fingerprint(schema([before]))).toBe(fingerprint(schema([after])));
});

test("columns may be called like what objects inherit", () => {
  const odd = schema([table("t", [column("__proto__", 1, { comment: "odd" }), column("constructor", 2)])]);
  expect(JSON.stringify(canonical(odd))).toContain("odd");
  expect(fingerprint(odd)).not.toBe(fingerprint(schema([table("t", [column("constructor", 1)])])));
});

test("one table alone has the fingerprint of the list", () => {
  const all = schema([table("t", [column("a", 1)]), table("u", [column("b", 1)])], {
    statistics: {
      "app.s": {
        name: { schema: "app", name: "s" },
        table: { schema: "app", name: "u" },
        definition: "x",
        mentions: [],
        target: null,
        owner: "me",
        comment: null,
      },
    },
  });
  const prints = tableFingerprints(all);
  expect(prints["app.u"]).toBe(fingerprint(all, { tables: [{ schema: "app", name: "u" }] }));
  expect(prints["app.t"]).not.toBe(prints["app.u"]);
  expect(JSON.stringify(canonical(all, { tables: [{ schema: "app", name: "u" }] }))).toContain('"app.s"');
});

test("a difference is told as a sentence", () => {
  const before = schema([table("t", [column("a", 1), column("gone", 2)])]);
  const after = schema([table("t", [column("a", 1, { type: "integer", comment: "new" })], { options: { fillfactor: "70" } }), table("u", [])]);
  expect(explainDifference(before, after)).toEqual([
    "table app.t, column a, comment: nothing → new",
    "table app.t, column a, type: text → integer",
    "table app.t, column gone: is gone",
    "table app.t, options: is new",
    "table app.u: is new",
  ]);
  expect(explainDifference(before, before)).toEqual([]);
});

test("differences go as deep as both sides are objects", () => {
  expect(differences({ a: { b: 1, c: [1] } }, { a: { b: 2, c: [1] } })).toEqual([{ path: ["a", "b"], before: 1, after: 2 }]);
});
