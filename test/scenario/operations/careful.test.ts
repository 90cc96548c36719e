// An up that cannot translate some rows: everything else is filled, the rows are named, and mending them lets the run go on.
import { describe, expect, test } from "vitest";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { majors } from "../../harness/majors.ts";
import { databaseFor } from "../../harness/servers.ts";

describe.each(majors)("PostgreSQL %i", (major) => {
  test("rows that up cannot translate are named, and mended rows let the run go on", async (t) => {
    const db = await databaseFor(t, major);
    await db.rows(
      "create table t (id int primary key, code text); insert into t select g, g::text from generate_series(1, 5000) g; update t set code = 'none' where id in (17, 4242)",
    );
    const life = await lifecycleOf(db.url, [
      { kind: "transform", table: "t", from: ["code"], to: [{ name: "number", type: "int", up: "code::int" }], down: { code: "number::text" } },
    ]);
    const stopped = await life.to("backfill").then(
      () => null,
      (error: unknown) => error as { code: string; message: string },
    );
    expect(stopped?.code).toBe("verify-failed");
    expect(stopped?.message).toMatch(/id = 17\b/);
    expect(stopped?.message).toMatch(/id = 4242\b/);
    expect(await db.rows("select count(*)::int as n from t where number is null")).toEqual([{ n: 2 }]);
    // The old writer of such a row never fails either.
    await db.rows("update t set code = 'still none' where id = 17");
    await db.rows("update t set code = '99' where code like '%none'");
    await life.to("backfill");
    await life.to("drop");
    expect(await db.rows("select id, number from t where id in (17, 18, 4242) order by id")).toEqual([
      { id: 17, number: 99 },
      { id: 18, number: 18 },
      { id: 4242, number: 99 },
    ]);
  });
});
