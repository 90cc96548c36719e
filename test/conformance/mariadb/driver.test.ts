import { describe, expect, onTestFinished, test } from "vitest";
import type { Driver, Session } from "../../../src/drivers/driver.ts";
import { mysqlDriver } from "../../../src/drivers/mysql/index.ts";
import { sql } from "../../../src/sql/sql.ts";
import { hasMariadb, type MariadbDatabase, mariadbDatabaseFor } from "../../harness/mariadb.ts";

const opened = async (driver: Driver, purpose = "test"): Promise<Session> => {
  const session = await driver.connect({ purpose });
  onTestFinished(() => session.close());
  return session;
};
const driverOf = (db: MariadbDatabase): Driver => mysqlDriver({ url: db.url });

describe.runIf(hasMariadb)("a session on MariaDB", () => {
  test("runs one statement by query and several by script", async (t) => {
    const db = await mariadbDatabaseFor(t);
    const session = await opened(driverOf(db));
    expect(
      await session.script([
        "select 1 as a -- a comment",
        "create table t (a int)",
        "insert into t values (1), (2) returning a",
        "select 3 as a from dual where false",
      ]),
    ).toEqual([[{ a: 1 }], [], [{ a: 1 }, { a: 2 }], []]);
    expect(await session.script(["select 1 as a"])).toEqual([[{ a: 1 }]]);
    expect(await session.query(sql`select ${"x'\\"} as a, ${1.5} as b, ${null} as c`)).toEqual([{ a: "x'\\", b: 1.5, c: null }]);
    expect(await db.rows("insert into t values (7); select * from t where a = 7")).toEqual([{ a: 7 }]);
  });
});
