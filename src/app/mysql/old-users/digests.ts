// Statements as performance_schema tells of them: how often each form ran, and which are held prepared.
import type { Session } from "../../../drivers/driver.ts";
import { classify } from "../../../drivers/mysql/errors.ts";
import { type Sql, sql } from "../../../sql/sql.ts";
import { heldGrants } from "../grants.ts";
import { globalVariables, isOn } from "../variables.ts";

/** Why nothing can be told, and how to change that. */
export interface Blind {
  readonly message: string;
  readonly fix: string;
}

export interface Digests {
  /** How often statements of one form ended, by the form: names in backticks, values as `?`, cut after max_digest_length. */
  readonly ran: ReadonlyMap<string, number>;
  /**
   * By text, how many connections hold it prepared. MariaDB counts no executions of such statements, neither here nor among the forms
   * (10.11.19); so one that is held counts as one that is used.
   */
  readonly prepared: ReadonlyMap<string, number>;
  /** How often statements ended whose form had no place in the table. */
  readonly lost: number;
}

export const isBlind = (digests: Digests | Blind): digests is Blind => "fix" in digests;
export const whyNoDigests = (digests: Digests | Blind): Blind | null => (isBlind(digests) ? digests : null);

interface Row extends Record<string, unknown> {
  readonly text: string;
  readonly calls: string | number;
}

const counted = (rows: readonly Row[]): ReadonlyMap<string, number> => new Map(rows.map(({ text, calls }) => [text, Number(calls)]));

/**
 * Of this database, or naming it.
 * @param wanted a condition on the column `lowered`, which is the text in lower case.
 * @see https://mariadb.com/kb/en/performance-schema-events_statements_summary_by_digest-table/
 */
export async function digests(session: Session, wanted: Sql): Promise<Digests | Blind> {
  if (!isOn((await globalVariables(session, ["performance_schema"]))("performance_schema")))
    return { message: "performance_schema is off", fix: "performance_schema = ON in the server's option file, and a restart." };
  try {
    const off = await session.query(sql`select 1 as yes from performance_schema.setup_consumers where name = 'statements_digest' and enabled <> 'YES'`);
    if (off.length > 0)
      return {
        message: "performance_schema does not count statements",
        fix: "update performance_schema.setup_consumers set enabled = 'YES' where name = 'statements_digest';",
      };
    const ran = await session.query<Row>(sql`
      select text, sum(calls) as calls from (
        select digest_text as text, count_star as calls, lower(digest_text) as lowered, schema_name as home from performance_schema.events_statements_summary_by_digest
        where digest_text is not null) as forms
      where (home = database() or instr(lowered, lower(database())) > 0) and ${wanted} group by text`);
    const prepared = await session.query<Row>(sql`
      select text, count(*) as calls from (
        select s.sql_text as text, lower(s.sql_text) as lowered, t.processlist_db as home from performance_schema.prepared_statements_instances s
        join performance_schema.threads t on t.thread_id = s.owner_thread_id where t.processlist_id <> connection_id()) as texts
      where (home = database() or instr(lowered, lower(database())) > 0) and ${wanted} group by text`);
    const [lost] = await session.query<{ calls: string | null }>(
      sql`select sum(count_star) as calls from performance_schema.events_statements_summary_by_digest where digest is null`,
    );
    return { ran: counted(ran), prepared: counted(prepared), lost: Number(lost?.calls ?? 0) };
  } catch (error) {
    if (classify(error) !== "denied") throw error;
    const { account } = await heldGrants(session);
    return { message: "performance_schema may not be read by this account", fix: `grant select on performance_schema.* to ${account};` };
  }
}
