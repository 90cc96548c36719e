// A hot standby of a sandbox server. The packages ship no pg_basebackup, so the same is done by hand:
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
import { appendFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { Problem } from "../../problem.ts";
import { give, run, serverAccount } from "../account.ts";
import { withClient } from "./admin.ts";
import { type PostgresServer, startIn } from "./server.ts";

/** A read-only server that follows another. Stop it before its primary. */
export interface Replica extends PostgresServer {
  /** Waits until everything that is written on the primary now can be read here. */
  catchUp(timeoutMs?: number): Promise<void>;
  /** Stops applying changes; they are still received. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
}

const defaultCatchUpMs = 30_000;

/**
 * Copies a running primary and starts the copy as its streaming standby. Tablespaces are not copied.
 * @param name Its application_name on the primary, as in `synchronous_standby_names`.
 * @throws Problem `sandbox-start` when the copy fails or does not start.
 */
export async function startReplica(primary: PostgresServer, name = "replica"): Promise<Replica> {
  const server = await startIn(dirname(dirname(primary.dataDirectory)), primary.binaries, (target) => copyRunning(primary, target, name));
  const ask = <T>(of: PostgresServer, statement: string): Promise<T> =>
    withClient(of.url(), async (client) => (await client.query<{ value: T }>(`select ${statement} as value`)).rows[0]?.value as T);
  const until = async (what: string, timeoutMs: number, condition: string): Promise<void> => {
    const deadline = Date.now() + timeoutMs;
    while (!(await ask<boolean>(server, condition))) {
      if (Date.now() > deadline)
        throw new Problem({
          code: "sandbox-replica",
          message: `The replica ${name} has not ${what} after ${timeoutMs} ms.`,
          hint: `Read its log: ${server.logFile}`,
        });
      await sleep(5);
    }
  };
  const follow = {
    async catchUp(timeoutMs = defaultCatchUpMs) {
      const written = await ask<string>(primary, "pg_current_wal_lsn()::text");
      await until(`reached ${written}`, timeoutMs, `pg_last_wal_replay_lsn() >= '${written}'::pg_lsn`);
    },
    async pauseReplay() {
      await ask(server, "pg_wal_replay_pause()");
      await until("paused", defaultCatchUpMs, "pg_get_wal_replay_pause_state() = 'paused'");
    },
    async resumeReplay() {
      await ask(server, "pg_wal_replay_resume()");
    },
  };
  // Not a spread: the server's pid is read anew each time.
  return Object.assign(server, follow);
}

/** A copy of files under change is mended by the log from the backup's start on, which the standby streams from the primary. */
async function copyRunning(primary: PostgresServer, target: string, name: string): Promise<void> {
  const label = await withClient(primary.url(), async (client) => {
    const [start, stop] = backupFunctions(primary.major);
    await client.query(`select ${start}`);
    await copyFiles(primary.dataDirectory, target);
    return await oneValue(client, `select labelfile as value from ${stop}`);
  });
  const own = async (file: string, text: string): Promise<void> => {
    await writeFile(join(target, file), text);
    await give(join(target, file), serverAccount());
  };
  await own("backup_label", label);
  await own("standby.signal", "");
  await appendFile(join(target, "postgresql.conf"), `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres application_name=${name}'\n`);
}

/** Renamed in 15, when the exclusive mode (the third argument before) went away. */
const backupFunctions = (major: number): readonly [start: string, stop: string] =>
  major < 15 ? ["pg_start_backup('replica', true, false)", "pg_stop_backup(false)"] : ["pg_backup_start('replica', true)", "pg_backup_stop()"];

const oneValue = async (client: Client, text: string): Promise<string> => (await client.query<{ value: string }>(text)).rows[0]?.value ?? "";

/** What belongs to the running primary alone; the folders must stay, empty. */
const notCopied = ["pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"];

async function copyFiles(from: string, to: string): Promise<void> {
  const { stderr } = await run("cp", ["-R", "-p", from, to], serverAccount());
  // Files come and go while the primary works; the log brings back those that matter.
  const failed = stderr.split("\n").filter((line) => line !== "" && !line.includes("No such file or directory"));
  if (failed.length > 0)
    throw new Problem({
      code: "sandbox-start",
      message: `The primary could not be copied: ${failed.join("\n")}`,
      hint: "Free some space in the temporary folder.",
    });
  for (const folder of notCopied) {
    for (const entry of await readdir(join(to, folder))) await rm(join(to, folder, entry), { recursive: true });
  }
  for (const file of ["postmaster.pid", "postmaster.opts"]) await rm(join(to, file), { force: true });
}
