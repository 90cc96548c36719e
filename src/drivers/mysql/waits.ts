// Whose rows a connection waits for at this moment.
import { keyOf } from "../../schema/names.ts";
import { raw, type Sql, sql } from "../../sql/sql.ts";
import type { Backend, Blocker, Session } from "../driver.ts";
import { classify } from "./errors.ts";

interface WaitRow extends Record<string, unknown> {
  readonly pid: string;
  readonly user: string | null;
  readonly command: string | null;
  readonly query: string | null;
  readonly age: string;
  /** `` `app`.`users` `` on MariaDB. */
  readonly relation: string | null;
}

/**
 * MariaDB keeps waits among InnoDB's tables, MySQL in performance_schema.
 * https://mariadb.com/kb/en/information-schema-innodb_lock_waits-table/ https://dev.mysql.com/doc/refman/8.4/en/performance-schema-data-lock-waits-table.html
 */
const waits: Sql = raw(`/*M! (select w.requesting_trx_id as waiter, w.blocking_trx_id as holder, l.lock_table as relation
    from information_schema.innodb_lock_waits w join information_schema.innodb_locks l on l.lock_id = w.requested_lock_id) */
  /*!80000 (select w.requesting_engine_transaction_id as waiter, w.blocking_engine_transaction_id as holder, concat(l.object_schema, '.', l.object_name) as relation
    from performance_schema.data_lock_waits w join performance_schema.data_locks l on l.engine_lock_id = w.requesting_engine_lock_id) */`);

/** As MariaDB writes it, or as both parts stand. */
function relationOf(text: string | null): string {
  const [schema = "", name = ""] = (text ?? "").split(".").map((part) => part.replaceAll("`", ""));
  return name === "" ? "" : keyOf({ schema, name });
}

/** Oldest transaction first. Nothing where the right PROCESS is missing: then nobody's rows can be seen. */
export async function waitedFor(session: Session, backend: Backend): Promise<readonly Blocker[]> {
  try {
    const rows = await session.query<WaitRow>(sql`
      select distinct b.trx_mysql_thread_id as pid, p.user as user, p.command as command, p.info as query, w.relation as relation,
        timestampdiff(microsecond, b.trx_started, sysdate(6)) / 1000 as age
      from ${waits} w join information_schema.innodb_trx r on r.trx_id = w.waiter join information_schema.innodb_trx b on b.trx_id = w.holder
      left join information_schema.processlist p on p.id = b.trx_mysql_thread_id
      where r.trx_mysql_thread_id = ${backend.pid} order by age desc`);
    return rows.map(({ pid, user, command, query, age, relation }) => ({
      // A prepared transaction whose connection is gone has none.
      pid: Number(pid) === 0 ? null : Number(pid),
      gid: Number(pid) === 0 ? "see XA RECOVER" : null,
      user: user ?? "",
      application: "",
      state: Number(pid) === 0 ? "prepared" : command === "Sleep" ? "idle in transaction" : "active",
      ageMs: Math.round(Number(age)),
      query: query ?? "",
      relation: relationOf(relation),
      mode: "a row",
      maintenance: false,
    }));
  } catch (error) {
    if (classify(error) === "denied") return [];
    throw error;
  }
}
