// What the connected account may do and see.
import { isMariadb } from "../../../dialects/mysql/capabilities.ts";
import { quoteName } from "../../../dialects/mysql/quoting.ts";
import type { Session } from "../../../drivers/driver.ts";
import { sources } from "../../../drivers/mysql/metadata-locks.ts";
import { homeNamespace } from "../../../schema/names.ts";
import { raw, sql } from "../../../sql/sql.ts";
import { bad, type Check, good, some, warn } from "../../health.ts";
import { mayCreateTriggers, trust } from "../binary-log.ts";
import { type Held, heldGrants, lacking, onServer, type Scope } from "../grants.ts";
import { digests, whyNoDigests } from "../old-users/digests.ts";
import { ofAShape, ofTheStore } from "../rights.ts";

const list = (privileges: readonly string[]): string => privileges.join(", ");
const grant = (held: Held, privileges: readonly string[], on: string): string => `grant ${list(privileges).toLowerCase()} on ${on} to ${held.account};`;
const wholeDatabase = (held: Held): Scope => ({ schema: held.database, name: "" });
const everythingOf = (database: string): string => `${quoteName([database])}.*`;

const home: Check = {
  title: "database hotstick",
  async ask(session) {
    const held = await heldGrants(session);
    const lacks = lacking(held, ofTheStore, { schema: homeNamespace, name: "" });
    // Shown to whoever may do anything at all in it.
    const there = (await session.query(sql`select 1 as yes from information_schema.schemata where schema_name = ${homeNamespace}`)).length > 0;
    const state = there ? "is there" : "is not there yet";
    return lacks.length === 0
      ? good(there ? "is there, and may be used" : "is not there yet; the first run makes it")
      : bad(`${state}, and this account may not ${list(lacks)} in it`, `Also before it exists: grant all privileges on hotstick.* to ${held.account};`);
  },
};

/** Base tables alone: a sequence and a view have no rows to be carried over. */
const baseTables = async (session: Session): Promise<readonly string[]> =>
  (
    await session.query<{ name: string }>(
      sql`select table_name as name from information_schema.tables where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') order by 1`,
    )
  ).map(({ name }) => name);

const tables: Check = {
  title: "rights on tables",
  async ask(session) {
    const held = await heldGrants(session);
    const here = wholeDatabase(held);
    const born = lacking(held, ["CREATE", "DROP"], here);
    const names = await baseTables(session);
    const poor = names.flatMap((name) => {
      const lacks = lacking(held, ofAShape, { ...here, name });
      return lacks.length === 0 ? [] : [{ name, lacks }];
    });
    const fix = grant(held, [...ofAShape, "INSERT", "CREATE", "DROP", "INDEX", "REFERENCES"], everythingOf(held.database));
    if (poor.length > 0)
      return warn(`${poor.length} of ${names.length} cannot be changed: ${some(poor.map(({ name, lacks }) => `${name} (without ${list(lacks)})`))}`, fix);
    return born.length === 0
      ? good("this account may change every table that it sees, and make new ones")
      : warn(`this account may change every table that it sees, but not ${list(born)} new ones`, fix);
  },
};

const expressions: Check = {
  title: "temporary tables",
  async ask(session) {
    const held = await heldGrants(session);
    return held.may("CREATE TEMPORARY TABLES", wholeDatabase(held))
      ? good("may be made; types and expressions are checked in them")
      : bad(
          "may not be made, so no type and no expression of a migration can be checked",
          grant(held, ["CREATE TEMPORARY TABLES"], everythingOf(held.database)),
        );
  },
};

const triggers: Check = {
  title: "triggers",
  async ask(session) {
    return (await mayCreateTriggers(session, await heldGrants(session)))
      ? good("may be created as far as the binary log is concerned")
      : bad("may not be created: the server writes a binary log, and this account has no SUPER (error 1419)", trust);
  },
};

/** What tells the body of a routine that another account made. */
function bodies(held: Held): { readonly may: boolean; readonly fix: string } {
  if (!isMariadb(held.version))
    return {
      may: held.may("SHOW_ROUTINE", onServer) || held.may("SELECT", onServer),
      fix: `grant show_routine on *.* to ${held.account};`,
    };
  const proc = { schema: "mysql", name: "proc" };
  const shown = held.version >= 110_300 && held.may("SHOW CREATE ROUTINE", wholeDatabase(held));
  return { may: shown || held.may("SELECT", proc), fix: `grant select on mysql.proc to ${held.account};` };
}

const sightOfTexts: Check = {
  title: "sight of views, routines and events",
  async ask(session) {
    const held = await heldGrants(session);
    const here = wholeDatabase(held);
    const routines = bodies(held);
    const hidden = [
      ...(held.may("SHOW VIEW", here) ? [] : ["views (SHOW VIEW)"]),
      ...(held.may("EVENT", here) ? [] : ["events (EVENT)"]),
      ...(routines.may ? [] : ["routines of others"]),
    ];
    if (hidden.length === 0) return good("all texts can be searched for what a change would break");
    const grants = lacking(held, ["SHOW VIEW", "EVENT"], here);
    const fix = [...(grants.length > 0 ? [grant(held, grants, everythingOf(held.database))] : []), ...(routines.may ? [] : [routines.fix])].join(" ");
    return warn(`is missing for ${hidden.join(", ")}: one that names a column which leaves is not found, and fails later`, fix);
  },
};

const sightOfSessions: Check = {
  title: "sight of other sessions",
  async ask(session) {
    const held = await heldGrants(session);
    return held.may("PROCESS", onServer)
      ? good("transactions and connections of all accounts can be seen")
      : warn("neither their transactions nor their connections can be seen, so a step that waits can name nobody", `grant process on *.* to ${held.account};`);
  },
};

const sightOfLocks: Check = {
  title: "holders of table locks",
  async ask(session) {
    const mariadb = isMariadb((await heldGrants(session)).version);
    if ((await sources(session)).length > 0) return good("whoever holds the lock of a table can be named");
    return warn(
      "the server does not tell who holds the lock of a table; all old transactions are named instead, and a session that idles under LOCK TABLES is not found",
      mariadb
        ? "install soname 'metadata_lock_info';"
        : "update performance_schema.setup_instruments set enabled = 'YES' where name = 'wait/lock/metadata/sql/mdl'; and let this account select from performance_schema.",
    );
  },
};

const readers: Check = {
  title: "performance_schema",
  async ask(session) {
    const why = whyNoDigests(await digests(session, raw("false")));
    if (why === null) return good("old code that only reads can be seen before its columns are retired");
    return warn(`${why.message}, so old code that only reads cannot be seen before its columns are retired`, why.fix);
  },
};

export const rights: readonly Check[] = [home, tables, expressions, triggers, sightOfTexts, sightOfSessions, sightOfLocks, readers];
