// Connections of old code, by what the configuration says only old code bears.
import type { Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { join, type Sql, sql } from "../../../sql/sql.ts";
import type { Evidence } from "../../contract.ts";
import type { OldUsersRequest } from "../../engine.ts";
import { heldGrants, onServer } from "../grants.ts";
import { globalVariables, isOn } from "../variables.ts";

type Row = { readonly application: string | null; readonly user: string; readonly count: string };

const among = (names: readonly string[]): Sql => (names.length === 0 ? sql`(null)` : sql`(${join(names.map((name) => sql`${name}`))})`);

/** What a program calls itself at login is kept by performance_schema only. Null: it may not be asked. */
async function programs(session: Session, applications: readonly string[], roles: readonly string[]): Promise<readonly Row[] | null> {
  if (!isOn((await globalVariables(session, ["performance_schema"]))("performance_schema"))) return null;
  try {
    return await session.query<Row>(sql`
      select a.attr_value as application, p.user as user, count(*) as count from information_schema.processlist p
      left join performance_schema.session_connect_attrs a on a.processlist_id = p.id and a.attr_name = 'program_name'
      where p.db = database() and p.id <> connection_id() and (a.attr_value in ${among(applications)} or p.user in ${among(roles)})
      group by 1, 2 order by 3 desc`);
  } catch (error) {
    if (classify(error) === "denied") return null;
    throw error;
  }
}

const users = (session: Session, roles: readonly string[]): Promise<readonly Row[]> =>
  session.query<Row>(sql`
    select null as application, user as user, count(*) as count from information_schema.processlist
    where db = database() and id <> connection_id() and user in ${among(roles)} group by 2 order by 3 desc`);

/** @param readersSeen otherwise it is said that there is a way to see them. */
export async function connections(
  session: Session,
  { applications, roles }: Pick<OldUsersRequest, "applications" | "roles">,
  readersSeen: boolean,
): Promise<readonly Evidence[]> {
  const source = "connections";
  if (applications.length === 0 && roles.length === 0) {
    if (readersSeen) return [];
    return [{ source, seen: null, message: "neither oldApplications nor oldRoles is configured, so connections of old code cannot be told apart" }];
  }
  const held = await heldGrants(session);
  if (!held.may("PROCESS", onServer))
    return [{ source, seen: null, message: `connections of other accounts cannot be seen (grant process on *.* to ${held.account})` }];
  const named = applications.length === 0 ? null : await programs(session, applications, roles);
  const rows = named ?? (await users(session, roles));
  if (rows.length > 0) {
    const text = rows.map(({ application, user, count }) => `${count} of ${application === null ? user : `${application} (${user})`}`).join(", ");
    return [{ source, seen: true, message: `connected now: ${text}` }];
  }
  if (applications.length > 0 && named === null)
    return [
      {
        source,
        seen: null,
        message: `what programs call themselves (${applications.join(", ")}) cannot be seen: performance_schema is off, or may not be read by this account; oldRoles needs neither`,
      },
    ];
  return [{ source, seen: false, message: `nobody of ${[...applications, ...roles].join(", ")} is connected` }];
}
