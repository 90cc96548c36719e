// What stands in the database and would be in the way of a run, or of writers during one.
import { quoteName } from "../../../dialects/mysql/quoting.ts";
import type { Session } from "../../../drivers/driver.ts";
import { join, type Sql, sql } from "../../../sql/sql.ts";
import { type Check, good, some, warn } from "../../health.ts";
import { accountOf, accounts } from "../accounts.ts";
import { heldGrants } from "../grants.ts";
import { globalVariables, isOn } from "../variables.ts";

const engines: Check = {
  title: "storage engines",
  async ask(session) {
    const rows = await session.query<{ name: string; engine: string }>(sql`
      select table_name as name, engine as engine from information_schema.tables
      where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and engine <> 'InnoDB' order by 1`);
    return rows.length === 0
      ? good("all tables are InnoDB's")
      : warn(
          `${some(rows.map(({ name, engine }) => `${name} (${engine})`))} cannot be migrated in phases: no transactions, no instant changes`,
          "alter table … engine = InnoDB;",
        );
  },
};

/** What runs with somebody's rights; its columns are `kind`, `name` and `definer`. */
const defined: Sql = sql`
  select 'view' as kind, table_name as name, definer as definer from information_schema.views where table_schema = database() and security_type = 'DEFINER'
  union all select 'trigger', trigger_name, definer from information_schema.triggers where trigger_schema = database() and definer is not null
  union all select lower(routine_type), routine_name, definer from information_schema.routines where routine_schema = database() and security_type = 'DEFINER'
  union all select 'event', event_name, definer from information_schema.events where event_schema = database()`;

const definers: Check = {
  title: "definers",
  async ask(session) {
    const held = await heldGrants(session);
    const known = await accounts(session);
    const rows = await session.query<{ kind: string; name: string; definer: string }>(defined);
    // A view or trigger whose text may not be read tells no definer.
    const others = rows.filter(({ definer }) => definer !== "" && accountOf(definer) !== held.account);
    if (known === null)
      return others.length === 0
        ? good("all that runs with an account's rights runs with those of this one, as far as it sees")
        : warn(
            `whether they exist cannot be asked: ${some([...new Set(others.map(({ definer }) => accountOf(definer)))])}; a trigger or view of an account that is gone fails with error 1449`,
            `grant select on mysql.user to ${held.account};`,
          );
    const orphans = others.filter(({ definer }) => !known.has(definer));
    return orphans.length === 0
      ? good("every view, trigger, routine and event belongs to an account that exists")
      : warn(
          `${some(orphans.map(({ kind, name, definer }) => `${kind} ${name} (${accountOf(definer)})`))} belong to accounts that do not exist: whoever uses them, or writes a table with such a trigger, gets error 1449`,
          "Make them anew with an account that lasts: create or replace … definer = …; or drop them.",
        );
  },
};

const events: Check = {
  title: "events",
  async ask(session) {
    const runs = isOn((await globalVariables(session, ["event_scheduler"]))("event_scheduler"));
    const rows = await session.query<{ name: string }>(
      sql`select event_name as name from information_schema.events where event_schema = database() and status = 'ENABLED' order by 1`,
    );
    const names = rows.map(({ name }) => name);
    if (names.length === 0) return good("none that this account sees is enabled");
    return good(`enabled: ${some(names)}; ${runs ? "plans refuse to change columns that one of them names" : "event_scheduler is off, so none of them runs"}`);
  },
};

/** Objects of other databases that name this one. A plan looks at those that its account sees, and only at what names its tables. */
async function strangers(session: Session): Promise<readonly string[]> {
  const [row] = await session.query<{ name: string }>(sql`select database() as name`);
  const name = row?.name ?? "";
  // As the server prints it in views, and as people write it elsewhere.
  const patterns = [`%${quoteName([name])}.%`, `%${name}.%`].map((pattern) => pattern.replaceAll("\\", "\\\\").replaceAll("_", "\\_"));
  const names = (column: Sql): Sql =>
    sql`(${join(
      patterns.map((pattern) => sql`${column} like ${pattern}`),
      " or ",
    )})`;
  const home = sql`(database(), 'hotstick', 'mysql', 'sys', 'information_schema', 'performance_schema')`;
  const rows = await session.query<{ kind: string; name: string }>(sql`
    select 'view' as kind, concat(table_schema, '.', table_name) as name from information_schema.views where table_schema not in ${home} and ${names(sql`view_definition`)}
    union all select 'trigger', concat(trigger_schema, '.', trigger_name) from information_schema.triggers where trigger_schema not in ${home} and ${names(sql`action_statement`)}
    union all select lower(routine_type), concat(routine_schema, '.', routine_name) from information_schema.routines where routine_schema not in ${home} and ${names(sql`routine_definition`)}
    union all select 'event', concat(event_schema, '.', event_name) from information_schema.events where event_schema not in ${home} and ${names(sql`event_definition`)}
    union all select distinct 'foreign key', concat(table_schema, '.', constraint_name) from information_schema.key_column_usage
      where table_schema not in ${home} and referenced_table_schema = database()
    order by 1, 2`);
  return rows.map((each) => `${each.kind} ${each.name}`);
}

const neighbours: Check = {
  title: "other databases",
  async ask(session) {
    const found = await strangers(session);
    return found.length === 0
      ? good("nothing in them names this one, as far as this account sees")
      : warn(
          `${some(found)} name this database: a plan refuses to let a column go that one of them names, as far as the run's account sees them; one that it does not see fails afterwards`,
          "Look at them before a column is renamed, changed or dropped.",
        );
  },
};

export const objects: readonly Check[] = [engines, definers, events, neighbours];
