// Whoever changes a column that others may use by a privilege on it has to hand that on, and must be allowed to.
import { describe, expect, test } from "vitest";
import { missingRights } from "../../../src/app/mysql/rights.ts";
import type { Operation } from "../../../src/operations/operation.ts";
import { noFacts } from "../../../src/schema/facts.ts";
import { hasOwnMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { lifecycleOf, planned } from "../mysql-lifecycle/lived.ts";
import { accountFor, sessionAt } from "./doctored.ts";

const rename: Operation = { kind: "rename-column", table: "t", from: "v", to: "w" };

describe.runIf(hasOwnMariadb)("a column with privileges of its own", () => {
  test("needs the right to give them, which is said before the run, and is enough", { timeout: 60_000 }, async (t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings: { "log-bin-trust-function-creators": "ON" } }));
    await db.rows(
      `create table t (id int primary key, v int) engine = InnoDB; create user reader identified by 'x'; grant select (v), references (v) on ${db.name}.t to reader`,
    );
    const few = await accountFor(t, db);
    // Privileges of others are shown to whoever may read mysql.* only; without it nothing is handed on.
    await db.rows(
      `grant select on mysql.* to ${few.name}; grant all privileges on ${db.name}.* to ${few.name}; grant all privileges on hotstick.* to ${few.name}`,
    );
    const { plan } = await planned(db, [rename]);
    if (plan === null) throw new Error("it is planned");
    const asked = async (): Promise<readonly string[]> => missingRights(await sessionAt(t, few.url), plan, noFacts);
    const missing = await asked();
    expect(missing).toEqual([expect.stringMatching(/^GRANT OPTION on .*\.t \(grant grant option on /)]);
    await db.rows(/\((grant [\s\S]*)\)$/.exec(missing[0] ?? "")?.[1] ?? "");
    expect(await asked()).toEqual([]);
    const lived = await lifecycleOf({ name: db.name, url: few.url }, [rename]);
    await lived.to("drop");
    const given = await db.rows<{ name: string }>(
      "select column_name as name from information_schema.column_privileges where grantee like '%reader%' order by 1",
    );
    expect(new Set(given.map(({ name }) => name))).toContain("w");
  });
});
