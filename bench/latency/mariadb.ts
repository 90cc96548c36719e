// An application on MariaDB with an account of its own, and how long it waits: for tables behind us, for rows behind anybody.
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { measured } from "../engines/mariadb.ts";
import { type Application, watchBy } from "./application.ts";

/** Nobody but a run asks for a table here so that others must wait. The number of the query tells one wait from the next. */
const behindUs = `select id as id, query_id as query, time_ms as ms from information_schema.processlist
  where user = 'application' and state like 'Waiting for % lock'`;

/** Of the whole server since its start, ms; two clients that meet in one row count too. */
const longestRow = "show global status like 'innodb_row_lock_time_max'";

export async function application(): Promise<Application> {
  const { url, run, stop } = await measured();
  const clientUrl = new URL(url);
  clientUrl.username = "application";
  return {
    url,
    clientUrl: clientUrl.href,
    text: "varchar(200)",
    async seed(rows) {
      await run(
        "create table people (id bigint primary key, name varchar(200) not null, email varchar(200) not null)",
        `insert into people select seq, concat('Ada ', seq), concat('ADA', seq, '@example.org') from seq_1_to_${rows}`,
        "create user application@'%'",
        "grant select, insert, update, delete on people to application@'%'",
      );
    },
    async settle() {
      // What columns that come and go in an instant leave in the rows.
      await run("alter table people force", "analyze table people");
      const until = Date.now() + 30_000;
      while (Date.now() < until) {
        const [row] = await run("show global status where variable_name = 'Innodb_history_list_length'");
        if (Number(row?.["Value"]) < 1_000) return;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
    async watch() {
      const watcher = await createConnection({ uri: url });
      const watch = watchBy(async () => {
        const [rows] = await watcher.query<RowDataPacket[]>(behindUs);
        return rows.map((row) => ({ key: `${row["id"]} ${row["query"]}`, isTable: true, sinceMs: Number(row["ms"]) }));
      });
      return {
        async stop() {
          const { longestLockMs } = await watch.stop();
          const [rows] = await watcher.query<RowDataPacket[]>(longestRow);
          await watcher.end();
          return { longestLockMs, longestRowMs: Number(rows[0]?.["Value"]) };
        },
      };
    },
    stop,
  };
}
