import { expect, test } from "vitest";
import { Problem } from "../../problem.ts";
import { columnsIn, type Definition, renameColumns, substituteColumns } from "./definition.ts";
import { columnNode, parseExpression } from "./expression.ts";
import { loadPostgresSyntax } from "./parser.ts";
import { renameIndex, renameStatistics, renameTrigger, retarget, unUnique } from "./rename.ts";

const syntax = await loadPostgresSyntax();
const table = { schema: "app", name: "order" };
const define = (kind: Definition["kind"], text: string): Definition => ({ kind, text, table });
const names = new Map([
  ["a", "select"],
  ["b", 'q"q'],
  ["C c", "😀.x"],
  ["d", "x".repeat(63)],
]);
const long = "x".repeat(63);

// Texts as servers 14 and 18 print them with search_path = pg_catalog; the renamed forms were compared with what ALTER TABLE … RENAME makes of them.
test.each<[Definition["kind"], string, string]>([
  ["index", 'CREATE INDEX i ON app."order" USING btree (a)', 'CREATE INDEX i ON app.order ("select")'],
  [
    "index",
    'CREATE UNIQUE INDEX "i 1" ON app."order" USING btree (a DESC NULLS LAST, b COLLATE "C" text_pattern_ops, lower(b), (("C c" + a))) INCLUDE (d) WITH (fillfactor=\'70\') WHERE ((b IS NOT NULL) AND (a > 3))',
    `CREATE UNIQUE INDEX "i 1" ON app.order ("select" DESC NULLS LAST, "q""q" COLLATE "C" text_pattern_ops, (lower("q""q")), (("😀.x" + "select"))) INCLUDE (${long}) WITH ("fillfactor"='70') WHERE (("q""q" IS NOT NULL) AND ("select" > 3))`,
  ],
  [
    "index",
    "CREATE INDEX i ON app.\"order\" USING gist (b public.gist_trgm_ops (siglen='32'))",
    'CREATE INDEX i ON app.order USING gist ("q""q" public.gist_trgm_ops(siglen=\'32\'))',
  ],
  ["index", 'CREATE INDEX i ON app."order" USING btree ((a[1]), ((a IS NULL)))', 'CREATE INDEX i ON app.order ((("select")[1]), (("select" IS NULL)))'],
  ["constraint", "CHECK (((a > 0) OR (b ~~ 'x%'::text))) NO INHERIT", `CHECK ((("select" > 0) OR ("q""q" ~~ 'x%'::text))) NO INHERIT`],
  ["constraint", "CHECK ((a > 0)) NOT VALID", 'CHECK (("select" > 0)) NOT VALID'],
  ["constraint", "CHECK ((a > 0)) NOT ENFORCED", 'CHECK (("select" > 0)) NOT ENFORCED'],
  ["constraint", "PRIMARY KEY (a, d WITHOUT OVERLAPS)", `PRIMARY KEY ("select", ${long} WITHOUT OVERLAPS)`],
  [
    "constraint",
    "UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b, other) DEFERRABLE INITIALLY DEFERRED",
    'UNIQUE NULLS NOT DISTINCT ("select") INCLUDE ("q""q", "other") DEFERRABLE INITIALLY DEFERRED',
  ],
  [
    "constraint",
    'FOREIGN KEY (a, "C c") REFERENCES app.r(a, b) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL (a) DEFERRABLE',
    'FOREIGN KEY ("select", "😀.x") REFERENCES app.r (a, b) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL ("select") DEFERRABLE',
  ],
  ["constraint", "FOREIGN KEY (a, PERIOD d) REFERENCES app.r(a, PERIOD d)", `FOREIGN KEY ("select", PERIOD ${long}) REFERENCES app.r (a, PERIOD d)`],
  [
    "constraint",
    'EXCLUDE USING gist (int4range(a, "C c") WITH &&, b WITH =) WHERE ((a IS NOT NULL))',
    'EXCLUDE USING gist ((int4range("select", "😀.x")) WITH &&, "q""q" WITH =) WHERE (("select" IS NOT NULL))',
  ],
  ["constraint", "NOT NULL a NO INHERIT", 'NOT NULL "select" NO INHERIT'],
  [
    "statistics",
    'CREATE STATISTICS app."s 2" (ndistinct) ON a, "C c", lower(b) FROM app."order"',
    'CREATE STATISTICS app."s 2" (ndistinct) ON "select", "😀.x", (lower("q""q")) FROM app.order',
  ],
  [
    "trigger",
    'CREATE TRIGGER t BEFORE INSERT OR UPDATE OF a, "C c" ON app."order" FOR EACH ROW WHEN ((new.a IS DISTINCT FROM old.b)) EXECUTE FUNCTION app.f(\'a\')',
    'CREATE TRIGGER t BEFORE INSERT OR UPDATE OF "select", "😀.x" ON app.order FOR EACH ROW WHEN ( (new."select" IS DISTINCT FROM old."q""q") ) EXECUTE FUNCTION app.f ( \'a\' )',
  ],
  ["expression", "((a = 1) AND (b = CURRENT_USER))", '(("select" = 1) AND ("q""q" = CURRENT_USER))'],
  [
    "expression",
    '(EXISTS ( SELECT 1 FROM app.r WHERE ((r.a = "order".a) AND (r.b IN ( SELECT o2."C c" FROM app."order" o2 WHERE (o2.a = "order".a))))))',
    'EXISTS (SELECT 1 FROM app.r WHERE ((r.a = "order"."select") AND (r.b IN (SELECT o2."😀.x" FROM app.order AS o2 WHERE (o2."select" = "order"."select")))))',
  ],
  ["expression", '("order".* IS NOT NULL)', '("order".* IS NOT NULL)'],
])("renames columns in the %s %s", (kind, text, expected) => {
  const renamed = renameColumns(syntax, define(kind, text), names);
  expect(renamed).toBe(expected);
  const back = new Map([...names].map(([from, to]) => [to, from]));
  expect(renameColumns(syntax, define(kind, renameColumns(syntax, define(kind, renamed), back)), names)).toBe(renamed);
});

test("a foreign key's far columns are renamed by a map of their own", () => {
  const key = define("constraint", "FOREIGN KEY (a) REFERENCES app.r(b)");
  expect(renameColumns(syntax, key, new Map(), new Map([["b", "B"]]))).toBe('FOREIGN KEY (a) REFERENCES app.r ("B")');
});

test("two columns can swap their names", () => {
  expect(
    renameColumns(
      syntax,
      define("constraint", "CHECK ((a > b))"),
      new Map([
        ["a", "b"],
        ["b", "a"],
      ]),
    ),
  ).toBe("CHECK ((b > a))");
});

test("lists the columns of its own table", () => {
  expect(columnsIn(syntax, define("index", 'CREATE INDEX i ON app."order" USING btree (a, lower(b)) INCLUDE (d) WHERE ("C c" > 1)'))).toEqual([
    "a",
    "b",
    "d",
    "C c",
  ]);
  expect(columnsIn(syntax, define("expression", '(EXISTS ( SELECT 1 FROM app.r WHERE (r.x = "order".a)))'))).toEqual(["a"]);
  expect(columnsIn(syntax, define("constraint", "FOREIGN KEY (a) REFERENCES app.r(b)"))).toEqual(["a"]);
});

const replace = (kind: Definition["kind"], text: string, expression: string): string =>
  substituteColumns(syntax, define(kind, text), { own: (column) => (column === "a" ? parseExpression(syntax, expression, null).tree : null) });

test("a column can become an expression where one may stand", () => {
  expect(replace("index", 'CREATE INDEX i ON app."order" USING btree (a DESC, b)', "x || y")).toBe("CREATE INDEX i ON app.order (((x || y)) DESC, b)");
  expect(replace("constraint", "CHECK ((a > 0))", "x + 1")).toBe("CHECK (((x + 1) > 0))");
  expect(replace("constraint", "EXCLUDE USING gist (a WITH =)", "x + 1")).toBe("EXCLUDE USING gist (((x + 1)) WITH =)");
  expect(replace("statistics", 'CREATE STATISTICS app.s ON a, b FROM app."order"', "x + 1")).toBe("CREATE STATISTICS app.s ON ((x + 1)), b FROM app.order");
  expect(replace("trigger", 'CREATE TRIGGER t AFTER UPDATE ON app."order" FOR EACH ROW WHEN ((old.a <> new.a)) EXECUTE FUNCTION f()', "x || y")).toContain(
    "((old.x || old.y) <> (new.x || new.y))",
  );
  expect(replace("expression", '(EXISTS ( SELECT 1 FROM app.r WHERE (r.x = "order".a)))', "x + y")).toContain('(r.x = ("order".x + "order".y))');
});

test.each<[Definition["kind"], string]>([
  ["constraint", "UNIQUE (a)"],
  ["constraint", "FOREIGN KEY (a) REFERENCES app.r(b)"],
  ["index", 'CREATE INDEX i ON app."order" USING btree (b) INCLUDE (a)'],
  ["trigger", 'CREATE TRIGGER t AFTER UPDATE OF a ON app."order" FOR EACH ROW EXECUTE FUNCTION f()'],
  ["expression", "(EXISTS ( SELECT 1 FROM app.r WHERE (x = a)))"],
])("an expression for a column is refused in the %s %s", (kind, text) => {
  expect(() => replace(kind, text, "x + 1")).toThrow(Problem);
});

test("indexes, triggers and statistics can be built again under another name", () => {
  const index = 'CREATE UNIQUE INDEX i ON app."order" USING btree (a) NULLS NOT DISTINCT WHERE (b > 1)';
  expect(renameIndex(syntax, index, 'new "i"')).toBe('CREATE UNIQUE INDEX "new ""i""" ON app.order (a) NULLS NOT DISTINCT WHERE (b > 1)');
  expect(renameIndex(syntax, index, "j", { concurrently: true, ifNotExists: true })).toMatch(/^CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS j ON/);
  expect(unUnique(syntax, index)).toBe("CREATE INDEX i ON app.order (a) WHERE (b > 1)");
  expect(renameTrigger(syntax, 'CREATE TRIGGER t AFTER UPDATE ON app."order" FOR EACH ROW EXECUTE FUNCTION f()', "u")).toMatch(
    /^CREATE TRIGGER u AFTER UPDATE ON app/,
  );
  expect(renameStatistics(syntax, 'CREATE STATISTICS app.s ON a, b FROM app."order"', { schema: "x", name: "t" })).toBe(
    "CREATE STATISTICS x.t ON a, b FROM app.order",
  );
  expect(() => renameIndex(syntax, "select 1", "i")).toThrow(Problem);
});

test("definitions can be put on another table", () => {
  const other = { schema: "o", name: "t.x" };
  expect(retarget(syntax, define("index", 'CREATE INDEX i ON app."order" USING btree (a)'), other)).toBe('CREATE INDEX i ON o."t.x" (a)');
  expect(retarget(syntax, define("statistics", 'CREATE STATISTICS app.s ON a, b FROM app."order"'), other)).toBe(
    'CREATE STATISTICS app.s ON a, b FROM o."t.x"',
  );
  expect(retarget(syntax, define("trigger", 'CREATE TRIGGER t AFTER UPDATE ON app."order" FOR EACH ROW EXECUTE FUNCTION f()'), other)).toContain(
    'ON o."t.x" FOR',
  );
  expect(retarget(syntax, define("constraint", 'FOREIGN KEY (a) REFERENCES app."order"(id)'), other)).toBe('FOREIGN KEY (a) REFERENCES o."t.x" (id)');
  expect(retarget(syntax, define("constraint", "FOREIGN KEY (a) REFERENCES app.r(id)"), other)).toBe("FOREIGN KEY (a) REFERENCES app.r (id)");
  expect(
    retarget(syntax, define("expression", '(("order".* IS NOT NULL) AND (( SELECT count(*) AS count FROM app."order" x WHERE (x.a = "order".a)) > 0))'), other),
  ).toBe('(("t.x".* IS NOT NULL) AND ((SELECT count(*) AS count FROM o."t.x" AS x WHERE (x.a = "t.x".a)) > 0))');
});

test("a qualified reference stays what it was when a column becomes one", () => {
  expect(substituteColumns(syntax, define("constraint", "CHECK ((a > 0))"), { own: () => columnNode("new", "a") })).toBe("CHECK ((new.a > 0))");
});
