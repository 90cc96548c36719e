// What our account was granted, itself and by its roles.

import type { Session } from "../../drivers/driver.ts";
import { covers, parseGrant } from "../../drivers/mysql/facts/rights.ts";
import { account as quoteAccount } from "../../drivers/mysql/read/text.ts";
import { versionOf } from "../../drivers/mysql/server.ts";

/** A table; a whole database where the name is empty; the whole server where both are. */
export interface Scope {
  readonly schema: string;
  readonly name: string;
}

export interface Held {
  /** As GRANT and REVOKE take it. */
  readonly account: string;
  /** The database of the session. */
  readonly database: string;
  /** As `Schema.version`. */
  readonly version: number;
  /** Privileges on single columns do not count: they say nothing of columns that are still to come. */
  may(privilege: string, scope: Scope): boolean;
}

export const onServer: Scope = { schema: "", name: "" };

/** The right to hand on what one has at the same place. */
export const grantOption = "GRANT OPTION";

/** What the server says of our own account needs no right. */
export async function heldGrants(session: Session): Promise<Held> {
  const [[me] = [], rows = []] = await session.script(["select current_user() as account, database() as name, version() as version", "show grants"]);
  const grants = rows.flatMap((row) => {
    const text = String(Object.values(row)[0]);
    const grant = parseGrant(text);
    if (grant === null) return [];
    return [/ WITH GRANT OPTION$/.test(text) ? { ...grant, privileges: new Set([...grant.privileges, grantOption]) } : grant];
  });
  return {
    account: quoteAccount(String(me?.["account"])),
    database: String(me?.["name"]),
    version: versionOf(String(me?.["version"])).version,
    may: (privilege, scope) =>
      grants.some((grant) => {
        const about = scope.schema === "" ? grant.database === "*" && grant.table === "*" : covers(grant, scope);
        // ALL is all but this.
        return about && [privilege, ...(privilege === grantOption ? [] : ["ALL PRIVILEGES", "ALL"])].some((each) => grant.privileges.has(each));
      }),
  };
}

/** Those of these that are missing. */
export const lacking = (held: Held, privileges: readonly string[], scope: Scope): readonly string[] =>
  privileges.filter((privilege) => !held.may(privilege, scope));
