// What only a copy of a table can do: a step that can be read before anybody may start it, and the server's own way where writers may wait.
import { describe, expect, test } from "vitest";
import { plan as planCase } from "../../../src/app/plan.ts";
import { rollback } from "../../../src/app/rollback.ts";
import { start } from "../../../src/app/start.ts";
import { planText } from "../../../src/cli/render/plan.ts";
import { plain } from "../../../src/cli/render/samples.ts";
import { carry } from "../../../src/run/loop.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";
import { backward, forward, open, toolsFor } from "../../harness/runs.ts";
import { caught, projectFor } from "../app/project.ts";
import { large, planOf } from "./planned.ts";

const widen = "alter table t modify a bigint not null";
const narrow = "alter table t modify a int not null";
/** More than is copied without being asked. */
const many = 20_000;

const typeOf = async (db: MariadbDatabase): Promise<unknown> =>
  (await db.rows("select data_type as type from information_schema.columns where table_schema = database() and table_name = 't' and column_name = 'a'"))[0]?.[
    "type"
  ];

async function tableFor(t: Parameters<typeof mariadbDatabaseFor>[0], rows: number): Promise<MariadbDatabase> {
  const db = await mariadbDatabaseFor(t);
  // Without a key: MariaDB 11.2 and newer copy a table that has one while others write.
  await db.rows("create table t (id int not null, a int not null, b varchar(20)) engine = InnoDB");
  await db.rows(
    `insert into t with recursive g(n) as (select 1 union all select n + 1 from g where n < 1000) select (x.n - 1) * 1000 + y.n, y.n, 'b' from g x join g y where x.n <= ${rows / 1000}`,
  );
  await db.rows("analyze table t");
  return db;
}

describe.runIf(hasMariadb)("what only a copy of the table can do", () => {
  test("is a step that can be read and not started, until the migration accepts that writers wait", { timeout: 60_000 }, async (t) => {
    const db = await tableFor(t, many);
    const project = projectFor(t, db.url, {
      "1_widen.sql": `alter table t add column c int;\n${widen};\n-- hotstick: undo\n${narrow};\nalter table t drop column c;\n`,
    });
    const shown = await planCase(await project.context(), { check: false });
    const step = shown.plan?.steps[1];
    expect(step).toMatchObject({
      title: widen,
      act: { kind: "shadow-copy", table: { schema: db.name, name: "t" }, statement: widen, form: "beside" },
      work: "rewrite",
      estimate: { holdMs: null },
      undo: [{ act: { kind: "shadow-copy", statement: narrow, form: "beside" } }],
    });
    const { rows, bytes = 0, ms } = step?.estimate ?? {};
    expect(rows).toBeGreaterThan(many / 2);
    expect(bytes).toBeGreaterThan(500_000);
    expect(ms).toBeGreaterThan(0);
    expect(shown.next).toBeNull();
    const text = planText(shown, plain);
    expect(text).toContain(`shadow-copy, beside the table (not in this version):\n    | ${widen}`);
    expect(text).toMatch(/work {3}rewrite, about [\d,]+ rows, about \d+ MB, about \d+ ms\n/);
    expect(text).toContain("✗ refused needs-shadow-copy");

    const problem = await caught(start(await project.context(), {}));
    expect(problem).toMatchObject({ code: "refused", exit: 3 });
    expect(problem.message).toContain("step shadow-copy");
    expect(problem.hint).toContain('accept: ["needs-shadow-copy"]');
    expect((await db.rows("show columns from t")).map((column) => column["Field"])).toEqual(["id", "a", "b"]);

    project.write("1_widen.sql", `-- hotstick: accept needs-shadow-copy\n${widen};\n-- hotstick: undo\n${narrow};\n`);
    const accepted = await planCase(await project.context(), { check: false });
    expect(accepted.plan?.steps).toMatchObject([{ act: { kind: "shadow-copy", form: "blocking" }, undo: [{ act: { form: "blocking" } }] }]);
    expect(accepted.plan?.steps[0]?.estimate.holdMs).toBe(accepted.plan?.steps[0]?.estimate.ms);
    expect(planText(accepted, plain)).toContain("shadow-copy, by the server itself while writers wait:");
    await start(await project.context(), {});
    expect(await typeOf(db)).toBe("bigint");
    await rollback(await project.context(), {});
    expect(await typeOf(db)).toBe("int");
  });

  test("is done by the server where the table is small, and its undo too", { timeout: 60_000 }, async (t) => {
    const db = await tableFor(t, 1000);
    const { plan, draft, findings } = await planOf(db, [widen], { undo: [narrow] });
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(["needs-shadow-copy warn", "needs-shadow-copy warn"]);
    expect(plan).toBe(draft);
    expect(plan?.steps).toMatchObject([{ act: { kind: "shadow-copy", form: "blocking" }, undo: [{ act: { kind: "shadow-copy", form: "blocking" } }] }]);
    const tools = toolsFor(db.url);
    const held = await open(tools, plan ?? expect.unreachable("refused"));
    await carry(held, { ...forward, goal: "expand" });
    expect(await typeOf(db)).toBe("bigint");
    await carry(held, backward);
    expect(await typeOf(db)).toBe("int");
    await held.release();
  });

  test("is found to be done, or walked back, after a death between the server's answer and the journal", { timeout: 60_000 }, async (t) => {
    for (const request of [forward, backward]) {
      const db = await tableFor(t, 1000);
      const { plan } = await planOf(db, [widen], { undo: [narrow] });
      let died = false;
      const tools = toolsFor(db.url, {
        checkpoint: (point) => {
          if (point !== "statement:returned" || died) return;
          died = true;
          throw new Error("died");
        },
      });
      const held = await open(tools, plan ?? expect.unreachable("refused"));
      await expect(carry(held, forward)).rejects.toThrow("died");
      expect(await typeOf(db)).toBe("bigint");
      await carry(held, request);
      expect(await typeOf(db)).toBe(request === forward ? "bigint" : "int");
      await held.release();
    }
  });

  test("is refused by a run of this version, whoever planned it, and the run goes back", { timeout: 60_000 }, async (t) => {
    const db = await tableFor(t, 1000);
    const { plan, draft } = await planOf(db, ["alter table t add column c int", widen], { undo: [narrow, "alter table t drop column c"], size: large });
    expect(plan).toBeNull();
    const tools = toolsFor(db.url);
    const held = await open(tools, draft ?? expect.unreachable("nothing to read"));
    await expect(carry(held, { ...forward, goal: "expand" })).rejects.toMatchObject({
      code: "shadow-copy",
      exit: 3,
      message: expect.stringContaining(`is to copy ${db.name}.t beside itself`),
      hint: expect.stringContaining(`hotstick rollback ${held.run}`),
    });
    expect((await db.rows("show columns from t")).map((column) => column["Field"])).toEqual(["id", "a", "b", "c"]);
    expect(await typeOf(db)).toBe("int");
    await carry(held, backward);
    expect((await db.rows("show columns from t")).map((column) => column["Field"])).toEqual(["id", "a", "b"]);
    await held.release();
  });

  test("cannot be taken back so either: the run stays where it is, and goes on", { timeout: 60_000 }, async (t) => {
    const db = await tableFor(t, 1000);
    const { draft } = await planOf(db, ["alter table t modify b varchar(60)"], { undo: ["alter table t modify b varchar(20)"], size: large });
    expect(draft?.steps).toMatchObject([{ act: { kind: "statements" }, undo: [{ act: { kind: "shadow-copy", form: "beside" } }] }]);
    const held = await open(toolsFor(db.url), draft ?? expect.unreachable("nothing to read"));
    await carry(held, { ...forward, goal: "expand" });
    await expect(carry(held, backward)).rejects.toMatchObject({ code: "shadow-copy" });
    await carry(held, forward);
    await held.release();
    const [column] = await db.rows("select column_type as type from information_schema.columns where table_schema = database() and column_name = 'b'");
    expect(column).toEqual({ type: "varchar(60)" });
  });
});
