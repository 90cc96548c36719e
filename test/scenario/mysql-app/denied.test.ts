// What a server does not allow any more in the middle of a command: said as what it is, and gone on with when it is allowed again.
import { describe, expect, test } from "vitest";
import { complete } from "../../../src/app/complete.ts";
import { start } from "../../../src/app/start.ts";
import { hasOwnMariadb, mariadbDatabaseFor, ownMariadbFor } from "../../harness/mariadb.ts";
import { caught, projectFor, script } from "../app/project.ts";
import { accountFor } from "./doctored.ts";

/** What is taken and given back while somebody is asked whether to go on. What is met first is the journal, or a step that writes it. */
const denials = [
  {
    what: "the server is closed for writes",
    codes: ["read-only-server", "step-denied"],
    take: () => "set global read_only = 1",
    give: () => "set global read_only = 0",
  },
  {
    what: "a right is taken back",
    codes: ["missing-privilege", "step-denied"],
    take: (account: string) => `revoke all privileges on hotstick.* from ${account}`,
    give: (account: string) => `grant all privileges on hotstick.* to ${account}`,
  },
] as const;

describe.runIf(hasOwnMariadb)("in the middle of a command", () => {
  test.for(denials)("$what", async ({ codes, take, give }, t) => {
    const db = await mariadbDatabaseFor(t, await ownMariadbFor(t, { settings: { "log-bin-trust-function-creators": "ON" } }));
    await db.rows("create table users (id int primary key, name varchar(20)); insert into users values (1, 'Ada')");
    const account = await accountFor(t, db);
    await db.rows(`grant all privileges on ${db.name}.* to ${account.name}; grant all privileges on hotstick.* to ${account.name}`);
    const project = projectFor(t, account.url, { "1_rename.mjs": script([{ kind: "rename-column", table: "users", from: "name", to: "full_name" }]) });
    await start(await project.context(), {});
    const confirm = async (): Promise<boolean> => {
      await db.rows(take(account.name));
      return true;
    };
    expect(codes).toContain((await caught(complete(await project.context({ confirm }), {}))).code);
    await db.rows(give(account.name));
    const context = await project.context();
    // Where the lease could not be given back it ends by itself.
    await expect.poll(() => complete(context, {}).catch((error: Error) => error), { timeout: 50_000 }).toMatchObject({ run: { state: "complete" } });
    expect(await db.rows("select * from users")).toEqual([{ id: 1, full_name: "Ada" }]);
  });
});
