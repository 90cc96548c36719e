// Connections of old code, by what the configuration says only old code bears.
import type { Session } from "../../../drivers/driver.ts";
import { sql } from "../../../sql/sql.ts";
import type { Evidence } from "../../contract.ts";
import type { OldUsersRequest } from "../../engine.ts";

type Row = { readonly application: string; readonly user: string; readonly count: number };

/** @param readersSeen otherwise it is said that there is a way to see them. */
export async function connections(
  session: Session,
  { applications, roles }: Pick<OldUsersRequest, "applications" | "roles">,
  readersSeen: boolean,
): Promise<readonly Evidence[]> {
  if (applications.length === 0 && roles.length === 0) {
    if (readersSeen) return [];
    return [
      { source: "connections", seen: null, message: "neither oldApplications nor oldRoles is configured, so connections of old code cannot be told apart" },
    ];
  }
  const rows = await session.query<Row>(sql`
    select coalesce(application_name, '') as application, coalesce(usename, '')::text as user, count(*)::int as count from pg_catalog.pg_stat_activity
    where datname = pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid() and (application_name = any (${applications}::text[]) or usename = any (${roles}::text[]))
    group by 1, 2 order by 3 desc`);
  const text = rows.map(({ application, user, count }) => `${count} of ${application === "" ? user : `${application} (${user})`}`).join(", ");
  return [
    {
      source: "connections",
      seen: rows.length > 0,
      message: rows.length > 0 ? `connected now: ${text}` : `nobody of ${[...applications, ...roles].join(", ")} is connected`,
    },
  ];
}
