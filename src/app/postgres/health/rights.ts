// What the connected role may do and see.

import { plural } from "../../../plural.ts";
import { sql } from "../../../sql/sql.ts";
import { bad, type Check, good, some, warn } from "../../health.ts";

const home: Check = {
  title: "schema hotstick",
  async ask(session) {
    const [row] = await session.query<{ there: boolean; usable: boolean; create: boolean; database: string; user: string }>(sql`
      select n.oid is not null as there, coalesce(pg_catalog.has_schema_privilege(n.oid, 'CREATE, USAGE'), false) as usable,
        pg_catalog.has_database_privilege(current_database(), 'CREATE') as create, current_database()::text as database, current_user::text as user
      from (select 1) as one left join pg_catalog.pg_namespace n on n.nspname = 'hotstick'`);
    if (row?.there)
      return row.usable
        ? good("is there, and may be used")
        : bad("is there, but this role may not use it", `grant create, usage on schema hotstick to ${row.user};`);
    return row?.create
      ? good("is not there yet; the first run makes it")
      : bad(
          "is not there, and this role may not make it",
          `As an owner of the database: create schema hotstick authorization ${row?.user}; or: grant create on database ${row?.database} to ${row?.user};`,
        );
  },
};

const tables: Check = {
  title: "ownership of tables",
  async ask(session) {
    const rows = await session.query<{ name: string }>(sql`
      select pg_catalog.format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|hotstick$|information_schema$)' and not pg_catalog.pg_has_role(c.relowner, 'USAGE')
        and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype = 'e') order by 1`);
    const names = rows.map(({ name }) => name);
    return names.length === 0
      ? good("this role may alter every table")
      : warn(
          `${plural(names.length, "belongs to another role", "belong to other roles")} and cannot be altered: ${some(names)}`,
          "Connect as their owner, or grant that role to this one.",
        );
  },
};

const rows: Check = {
  title: "row security",
  async ask(session) {
    const hidden = await session.query<{ name: string }>(sql`
      select pg_catalog.format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles me on me.rolname = current_user
      where c.relrowsecurity and n.nspname !~ '^(pg_|hotstick$|information_schema$)' and not (me.rolsuper or me.rolbypassrls) and (c.relforcerowsecurity or not pg_catalog.pg_has_role(c.relowner, 'USAGE')) order by 1`);
    const names = hidden.map(({ name }) => name);
    return names.length === 0
      ? good("hides nothing from this role")
      : warn(`hides rows of ${some(names)}; a backfill of them is refused`, "alter role … bypassrls; or no force row level security on these tables.");
  },
};

const sight: Check = {
  title: "sight of other sessions",
  async ask(session) {
    const [row] = await session.query<{ may: boolean; user: string }>(
      sql`select pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') as may, current_user::text as user`,
    );
    return row?.may
      ? good("whoever holds a lock can be named with what it does")
      : warn("who holds a lock is named by its pid only", `grant pg_read_all_stats to ${row?.user};`);
  },
};

const readers: Check = {
  title: "pg_stat_statements",
  async ask(session) {
    const [row] = await session.query<{ installed: boolean; available: boolean }>(sql`
      select exists (select from pg_catalog.pg_extension where extname = 'pg_stat_statements') as installed, exists (select from pg_catalog.pg_available_extensions where name = 'pg_stat_statements') as available`);
    if (row?.installed) return good("old code that only reads can be seen before its columns are retired");
    const fix = row?.available
      ? "Add it to shared_preload_libraries, restart, and: create extension pg_stat_statements;"
      : "Install the server's contrib package first.";
    return warn("is not installed, so old code that only reads cannot be seen before its columns are retired", fix);
  },
};

export const rights: readonly Check[] = [home, tables, rows, sight, readers];
