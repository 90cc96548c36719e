// An application on PostgreSQL, and who of it waits behind a session of ours.
import pg from "pg";
import { measured } from "../engines/postgres.ts";
import { type Application, watchBy } from "./application.ts";

const behindUs = `select w.pid, w.wait_event from pg_stat_activity w where w.wait_event_type = 'Lock' and w.application_name not like 'hotstick%'
  and exists (select 1 from unnest(pg_blocking_pids(w.pid)) b join pg_stat_activity h on h.pid = b where h.application_name like 'hotstick%')`;

export async function application(major: number): Promise<Application> {
  const { url, run, stop } = await measured(major);
  return {
    url,
    clientUrl: url,
    text: "text",
    async seed(rows) {
      await run(
        "create table people (id bigint primary key, name text not null, email text not null)",
        `insert into people select g, 'Ada ' || g, 'ADA' || g || '@example.org' from generate_series(1, ${rows}) g`,
      );
    },
    async settle() {
      await run("vacuum analyze people", "checkpoint");
    },
    async watch() {
      const watcher = new pg.Client({ connectionString: url, application_name: "bench watch" });
      await watcher.connect();
      const watch = watchBy(async () => {
        const { rows } = await watcher.query<{ pid: number; wait_event: string }>(behindUs);
        return rows.map(({ pid, wait_event }) => ({ key: `${pid} ${wait_event}`, isTable: wait_event === "relation" }));
      });
      return {
        async stop() {
          const waits = await watch.stop();
          await watcher.end();
          return waits;
        },
      };
    },
    stop,
  };
}
