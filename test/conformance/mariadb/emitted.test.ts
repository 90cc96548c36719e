// Each ALTER that the dialect makes, forward and back: it asks for the mildest way, and does to the table what its step says.
import { describe, expect, test } from "vitest";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import type { StepCore } from "../../../src/step/step.ts";
import type { Case } from "../../harness/cases.ts";
import { mariadbCases } from "../../harness/cases-mariadb.ts";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { hasMariadb, innodbTables, mariadbDatabaseFor, onMysql } from "../../harness/mariadb.ts";

/** Each of a compound statement by itself. */
const alters = ({ act }: StepCore): readonly string[] =>
  act.kind === "statements"
    ? act.statements
        .flatMap((text) => (text.startsWith("begin not atomic") ? text.split(/; (?=alter table|end$)/) : [text]))
        .filter((text) => /\balter table\b/i.test(text))
    : [];

const recode: Operation = { kind: "transform", table: "t", from: ["v"], to: [{ name: "w", type: "bigint", up: "v + 1" }], down: { v: "w - 1" } };
const spare: Operation = {
  kind: "transform",
  table: "t",
  from: ["v"],
  to: [{ name: "w", type: "enum('a','b')", notNull: true, up: "if(v = 1, 'a', 'b')" }],
  down: { v: "if(w = 'a', 1, 2)" },
};
const rename: Operation = { kind: "rename-column", table: "t", from: "v", to: "w" };
const swap: Operation = { kind: "transform", table: "t", from: ["v"], to: [{ name: "v", type: "bigint", up: "v" }], down: { v: "v" } };
const add = (column: object): Operation => ({ kind: "add-column", table: "t", column: { name: "n", type: "int", ...column } }) as Operation;
const rows = "insert into t (id, v) select seq, seq from seq_1_to_30";
const plain = "create table t (id int primary key, v int";
const wide = Array.from({ length: 28 }, (_, i) => `, b${i} binary(255) not null default ''`).join("");

/** What the shared cases have not: tables that are made anew for a column, kinds of columns, what only a copy can do. */
const more: readonly Pick<Case, "title" | "before" | "operations" | "options">[] = [
  { title: "transform in a compressed table", before: `${plain}) row_format = compressed; ${rows}`, operations: [recode] },
  { title: "transform in a table with hardly any room", before: `${plain}${wide}); ${rows}`, operations: [recode] },
  { title: "rename in a table with hardly any room", before: `${plain}${wide}); ${rows}`, operations: [rename] },
  { title: "swap before a virtual column", before: `${plain}, g int as (id + 1) virtual); ${rows}`, operations: [swap], options: { accept: ["swaps-names"] } },
  { title: "a required column without a value to spare", before: `${plain}); ${rows}`, operations: [spare] },
  { title: "add a virtual column", before: `${plain}); ${rows}`, operations: [add({ generated: { kind: "virtual", expression: "v + 1" } })] },
  {
    title: "add a stored column",
    before: `${plain}); ${rows}`,
    operations: [add({ generated: { kind: "stored", expression: "v + 1" } })],
    options: { accept: ["rewrites-table"] },
  },
  { title: "add a column beside a FULLTEXT index", before: `${plain}, x text, fulltext (x)); ${rows}`, operations: [add({})] },
  {
    title: "drop an indexed column that is required",
    before: `${plain}, z int not null default 3, key (z, v), key (z)); insert into t select seq, seq, seq from seq_1_to_30`,
    operations: [{ kind: "drop-column", table: "t", column: "z" }],
  },
  {
    title: "index a partitioned table",
    before: `${plain}) partition by hash (id) partitions 3; ${rows}`,
    operations: [{ kind: "add-index", table: "t", name: "i", keys: [{ column: "v" }] }],
  },
];

/** What a person wrote is not ours to judge; `conformance/mysql/native` does. */
const all = mariadbCases.filter(({ operations }) => operations.every(({ kind }) => kind !== "sql"));
/** What MySQL cannot carry, and what it lets nobody make: a column that is renamed under a check. */
const unlike: ReadonlySet<string> = new Set(["rename a column with everything on it", "retype under the same name"]);
const cases = [...(onMysql ? all.filter(({ title }) => !unlike.has(title) && !title.startsWith("the check of")) : all), ...more];

describe.runIf(onMysql)("what MySQL cannot carry", () => {
  test.for(all.filter(({ title }) => unlike.has(title)))("$title", async ({ before, operations, options }, t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(before);
    await expect(lifecycleOf(db.url, operations, { ...options })).rejects.toThrow(/dependant-cannot-follow/);
  });
});

describe.runIf(hasMariadb)("ALTERs of the plan", () => {
  test.for(cases)("$title", { timeout: 120_000 }, async ({ before, operations, options }, t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(before);
    const watching = await mysqlDriver({ url: db.url }).connect({ purpose: "watch" });
    /** Another number after the table was made anew; by its name, which goes through no rename here. */
    const numbers = async (): Promise<ReadonlyMap<string, string>> => {
      const [rows = []] = await watching.script([
        `select name as name, cast(table_id as char) as id from ${innodbTables} where name like concat(database(), '/%')`,
      ]);
      return new Map(rows.map(({ name, id }) => [String(name), String(id)]));
    };
    const seen: { readonly step: string; readonly rebuilt: boolean }[] = [];
    let step = "";
    let then: ReadonlyMap<string, string> = new Map();
    const life = await lifecycleOf(db.url, operations, {
      ...options,
      report: (news) => {
        if (news.kind === "event" && "step" in news.event && typeof news.event.step === "string") step = news.event.step;
      },
      checkpoint: async (name) => {
        if (name === "statement:intended") then = await numbers();
        if (name !== "statement:returned") return;
        const now = await numbers();
        seen.push({ step, rebuilt: [...now].some(([table, id]) => then.has(table) && then.get(table) !== id) });
      },
    });
    await life.to("drop");
    await life.undo("start");
    await watching.close();
    const cores = new Map(life.plan.steps.flatMap((each) => [each, ...each.undo].map((core) => [core.id, core] as const)));
    const wrong = seen.flatMap(({ step: id, rebuilt }) => {
      const core = cores.get(id);
      if (!core) return [`${id} is none of the plan's`];
      const says = core.work === "rewrite";
      return rebuilt === says ? [] : [`${id} (${core.title}): ${core.work}, and the table was ${rebuilt ? "" : "not "}made anew`];
    });
    const careless = [...cores.values()].flatMap((core) =>
      alters(core).filter((text) => !/algorithm=(instant|(instant|nocopy|inplace), lock=none)(?:'\))?$/.test(text)),
    );
    expect(wrong).toEqual([]);
    expect(careless).toEqual([]);
    const expected = [...cores.values()].filter((core) => alters(core).length > 0);
    expect(seen.length).toBeGreaterThanOrEqual(expected.length === 0 ? 0 : 1);
  });
});

test.skipIf(hasMariadb)("MariaDB is not installed", () => expect(hasMariadb).toBe(false));
