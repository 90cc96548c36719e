// Whether the server can read statements: an error is told for its own, and none is carried out.
import { describe, expect, test } from "vitest";
import { misspelt } from "../../../src/app/mysql/spelling.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { hasMariadb, mariadbDatabaseFor } from "../../harness/mariadb.ts";

describe.runIf(hasMariadb)("statements that the server is asked to read", () => {
  test("each has its own answer, whatever stands before and behind it, and long ones go in several messages", async (t) => {
    const { url } = await mariadbDatabaseFor(t);
    const session = await mysqlDriver({ url }).connect({ purpose: "test" });
    const long = `insert into nowhere values ('${"ü😀".repeat(60_000)}')`;
    const wrong = ["selec 2", "creat table c (n int)", `${long} x`];
    const right = ["select 1", "create table a (n int)", "insert into nowhere values (1)", "select ';\n;\n'", long, "create table b (n int)"];
    const found = await misspelt(session, [right[0], wrong[0], ...right.slice(1, 4), wrong[1], long, wrong[2], right[5], wrong[0]].map(String));
    expect(new Set(Object.keys(found))).toEqual(new Set(wrong));
    expect(found["selec 2"]).toContain("'selec 2'");
    expect(found["creat table c (n int)"]).toContain("'creat table c");
    expect(await session.script(["show tables"])).toEqual([[]]);
    await session.close();
  });
});
