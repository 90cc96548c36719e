// What the plan says of long work: by the server's own settings and counters, by who replays it, and by what the server then does.
import { describe, expect, test } from "vitest";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import type { Finding } from "../../../src/finding.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { startReplica } from "../../../src/sandbox/mariadb/replica.ts";
import { type Question, questionKey } from "../../../src/schema/facts.ts";
import { planOf as planOperations } from "../../harness/lifecycle.ts";
import { hasMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { large, planOf } from "../../scenario/mysql-sql/planned.ts";

const setting = (name: string): Question => ({ kind: "setting", name });
const replicas: Question = { kind: "replicas" };
const said = (findings: readonly Finding[], rule: string): string => findings.find((finding) => finding.rule === rule)?.message ?? "";
const rules = (findings: readonly Finding[]): readonly string[] => findings.map(({ rule, severity }) => `${rule} ${severity}`);

const create = "create table t (id int primary key auto_increment, a int not null, s varchar(200)) engine = InnoDB";
const force = "alter table t force";

describe.runIf(hasMariadb)("what a server says of itself", () => {
  test("is read by name, settings and counters; an unknown name is nothing", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows("create table w (a int primary key); insert into w values (1)");
    const driver = mysqlDriver({ url: db.url });
    const session = await driver.connect({ purpose: "facts" });
    t.onTestFinished(() => session.close());
    const names = ["innodb_online_alter_log_max_size", "Uptime", "Handler_write", "no_such_name"];
    const facts = await driver.answer(session, [...names.map(setting), replicas], await driver.introspect(session));
    const [log = null, uptime = null, writes = null, none] = names.map((name) => facts.setting[questionKey(setting(name))]);
    expect(log).toMatch(/^\d+$/);
    expect(Number(uptime)).toBeGreaterThanOrEqual(0);
    expect(Number(writes)).toBeGreaterThan(0);
    expect(none).toBeNull();
    expect(facts.replicas[questionKey(replicas)]).toEqual([]);
  });
});

describe.runIf(hasMariadb)("a table that is made anew while others write", () => {
  test("fails where they write more than the server keeps, whose size the plan has read; nothing has changed", { timeout: 120_000 }, async (t) => {
    const server = await ownMariadbFor(t, { settings: { innodb_online_alter_log_max_size: "1M" } });
    const db = await mariadbDatabaseFor(t, server);
    const [owner, writer] = [await db.connect(), await db.connect()];
    await owner.query(create);
    await owner.query("insert into t (a, s) select seq, repeat('x', 150) from seq_1_to_400000");
    await owner.query("analyze table t");
    const { plan, findings } = await planOf(db, [force]);
    expect(rules(findings)).toEqual(["rebuilds-table warn"]);
    const message = said(findings, "rebuilds-table");
    expect(message).toContain("a log of 1 MB (about");
    expect(message).toContain("error 1799");
    const rows = Number(/\(about ([\d,]+) rows\)/.exec(message)?.[1]?.replaceAll(",", ""));
    let busy = true;
    let written = 0;
    const text = plan?.steps[0]?.act.kind === "statements" ? (plan.steps[0].act.statements[0] ?? "") : "";
    const work = owner.query(text).then(
      () => "done",
      (error: { errno: number }) => error.errno,
    );
    void work.finally(() => {
      busy = false;
    });
    // From the end, where it comes last.
    const many = 4_000;
    for (let at = 400_000; busy && at > many; at -= many) {
      await writer.query("update t set a = a + 1 where id between ? and ?", [at - many + 1, at]);
      written += many;
    }
    expect(await work).toBe(1799);
    // What it takes to fill the log is what the plan said, within a factor of two.
    expect(written).toBeGreaterThan(rows / 2);
    expect((await db.rows("select count(*) as n from t"))[0]).toEqual({ n: "400000" });
  });
});

/** A server that was started long ago, and wrote so many rows a second since. */
const busy = (rowsPerSecond: number) => ({
  setting: Object.fromEntries(
    [
      ["Uptime", "100000"],
      ["Handler_write", String(rowsPerSecond * 100_000)],
      ["Handler_update", "0"],
      ["Handler_delete", "0"],
      ["Innodb_rows_inserted", null],
    ].map(([name, value]) => [questionKey(setting(name as string)), value as string | null]),
  ),
});

describe.runIf(hasMariadb)("the plan of a rebuild", () => {
  test("is refused where by the server's average the log would not do, and says which one would", async (t) => {
    const db = await mariadbDatabaseFor(t);
    await db.rows(create);
    // 5,000,000 rows of 160 bytes in 6 s: 128 MB are about 840,000 rows, 147,000 a second.
    const quiet = await planOf(db, [force], { size: large, facts: busy(1_000) });
    expect(rules(quiet.findings)).toEqual(["rebuilds-table warn"]);
    expect(said(quiet.findings, "rebuilds-table")).toMatch(
      /128 MB \(about 838,860 rows\).* about 1,000 written rows a second on average, so about 5,715 meanwhile/,
    );
    const loud = await planOf(db, [force], { size: large, facts: busy(200_000) });
    expect(loud.plan).toBeNull();
    expect(rules(loud.findings)).toEqual(["rebuilds-table refuse"]);
    const wanted = Number(/innodb_online_alter_log_max_size = (\d+);/.exec(loud.findings[0]?.fix ?? "")?.[1]);
    expect(wanted).toBeGreaterThan(2 * 1_142_000 * 160);
    const raised = { setting: { ...busy(200_000).setting, [questionKey(setting("innodb_online_alter_log_max_size"))]: String(wanted) } };
    expect(rules((await planOf(db, [force], { size: large, facts: raised })).findings)).toEqual(["rebuilds-table warn"]);
    expect(rules((await planOf(db, [force], { size: large, facts: busy(200_000), accept: ["rebuilds-table"] })).findings)).toEqual(["rebuilds-table warn"]);
    // What a young server has done says nothing.
    const young = { setting: { ...busy(200_000).setting, [questionKey(setting("Uptime"))]: "600" } };
    expect(rules((await planOf(db, [force], { size: large, facts: young })).findings)).toEqual(["rebuilds-table warn"]);
  });
});

describe.runIf(hasMariadb)("replicas", () => {
  test("are named where a long statement would delay them, which it does; not where they begin it with their primary", { timeout: 180_000 }, async (t) => {
    const primary = await ownMariadbFor(t);
    const db = await mariadbDatabaseFor(t, primary);
    const replica = await startReplica(primary);
    t.onTestFinished(() => replica.stop("immediate"));
    const [owner, writer] = [await db.connect(), await db.connect()];
    await owner.query(create);
    await owner.query("insert into t (a, s) select seq, repeat('x', 150) from seq_1_to_400000");
    await owner.query("create table beat (n int primary key, at timestamp(6)); insert into beat values (1, now(6)); analyze table t");
    const copy = await mariadbDatabaseFor(t, replica);
    const behind = async (n: number): Promise<void> => {
      while (Number((await copy.rows<{ n: number }>(`select coalesce(max(n), 0) as n from ${db.name}.beat`))[0]?.n) < n)
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await replica.catchUp();
    const { plan, findings } = await planOf(db, [force]);
    expect(rules(findings)).toEqual(["rebuilds-table warn", "delays-replicas warn"]);
    expect(said(findings, "delays-replicas")).toMatch(/^Replicas \(root from (127\.0\.0\.1|localhost)\) get /);
    expect(said(findings, "delays-replicas")).toContain("(ROW)");
    const session = await mysqlDriver({ url: db.url }).connect({ purpose: "plan" });
    t.onTestFinished(() => session.close());
    const index: Operation = { kind: "add-index", table: "t", name: "by_a", keys: [{ column: "a" }] };
    expect(rules((await planOperations(session, db.url, [index])).findings)).toEqual(["delays-replicas warn"]);
    const retype: Operation = { kind: "transform", table: "t", from: ["a"], to: [{ name: "b", type: "bigint", up: "a" }], down: { a: "b" } };
    expect(rules((await planOperations(session, db.url, [retype])).findings)).toContain("delays-replicas warn");

    const text = plan?.steps[0]?.act.kind === "statements" ? (plan.steps[0].act.statements[0] ?? "") : "";
    const since = performance.now();
    await owner.query(text);
    const took = performance.now() - since;
    await writer.query("insert into beat values (2, now(6))");
    const ended = performance.now();
    await behind(2);
    // What is written behind it comes there only when it has been done once more.
    expect(performance.now() - ended).toBeGreaterThan(took / 4);

    await owner.query("set global binlog_alter_two_phase = 1");
    expect(rules((await planOf(db, [force])).findings)).toEqual(["rebuilds-table warn"]);
  });
});
