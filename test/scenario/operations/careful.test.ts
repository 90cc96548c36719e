// An up that cannot translate some rows: everything else is filled, the rows are named, and mending them lets the run go on.
import { describe, expect, test } from "vitest";
import { lifecycleOf } from "../../harness/lifecycle.ts";
import { operationStands } from "../../harness/operation-stands.ts";

describe.each(operationStands)("%s", (_, stand) => {
  const { text, before, up, down } = stand.words.untranslatable;

  test("rows that up cannot translate are named, and mended rows let the run go on", async (t) => {
    const db = await stand.databaseFor(t);
    await db.rows(before);
    const life = await lifecycleOf(db.url, [
      { kind: "transform", table: "t", from: ["code"], to: [{ name: "number", type: "int", up }], down: { code: down } },
      { kind: "add-column", table: "t", column: { name: "twice", type: text }, fill: stand.words.asText("(number * 2)") },
    ]);
    const stopped = await life.to("backfill").then(
      () => null,
      (error: unknown) => error as { code: string; message: string },
    );
    expect(stopped?.code).toBe("verify-failed");
    expect(stopped?.message).toMatch(/\b17\b/);
    expect(stopped?.message).toMatch(/\b4242\b/);
    expect(Number((await db.rows("select count(*) as n from t where number is null"))[0]?.["n"])).toBe(2);
    // The old writer of such a row never fails either.
    await db.rows("update t set code = 'still none' where id = 17");
    await db.rows("update t set code = '99' where code like '%none'");
    await life.to("backfill");
    await life.to("drop");
    expect(await db.rows("select id, number, twice from t where id in (17, 18, 4242) order by id")).toEqual([
      { id: 17, number: 99, twice: "198" },
      { id: 18, number: 18, twice: "36" },
      { id: 4242, number: 99, twice: "198" },
    ]);
  });
});
